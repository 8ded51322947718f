# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import psycopg2

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

# Bookkeeping stays with a contact that stays, drafts too: some are what the company owes.
BOOKS = {'account.move', 'account.move.line', 'account.payment'}


class PrivacyLookupWizard(models.TransientModel):
    _inherit = 'privacy.lookup.wizard'

    def _get_query(self):
        """Odoo leaves out what would be deleted along with a contact; a place in the network never is."""
        query = super()._get_query()
        for model in ('mlm.sponsorship', 'mlm.placement'):
            query = SQL(
                '''%s UNION SELECT %s AS res_model_id, id AS res_id, TRUE AS is_active FROM %s WHERE partner_id IN (
                    SELECT id FROM res_partner WHERE email ILIKE %s OR name ILIKE %s)''',
                query, self.env['ir.model']._get_id(model), SQL.identifier(self.env[model]._table),
                f'%{self.email.strip()}%', self.name.strip())
        return query

    def action_lookup(self):
        """Leave out what names the person only as the agent who is credited: it is about somebody else."""
        result = super().action_lookup()
        # sudo, as in Odoo's own query: only administrators open this wizard
        people = self.env['res.partner'].sudo().browse(
            self.line_ids.filtered(lambda line: line.res_model == 'res.partner').mapped('res_id'))
        credited = people._mlm_credit_fields()
        # sudo: no group may delete the lines of this look-up, not even the administrator whom they are shown to
        self.line_ids.filtered(lambda line: line.res_model in credited and not self._mlm_concerns(
            self.env[line.res_model].sudo().browse(line.res_id), credited[line.res_model], people)).sudo().unlink()
        return result

    def _mlm_concerns(self, record, credited, people):
        """Whether a record is about the person, and not only credited to it."""
        if record[credited] not in people:
            return True
        if any(record[name] in people for name, field in record._fields.items()
               if name != credited and field.type == 'many2one' and field.store and field.comodel_name == 'res.partner'
               and record[name]):
            return True
        return any(
            wanted.strip().lower() in (record[name] or '').lower()
            for wanted, names in ((self.email, ('email', 'email_from', 'email_normalized')),
                                  (self.name, ('contact_name', 'partner_name', record._rec_name)))
            for name in names if name in record._fields and record._fields[name].type == 'char')


class PrivacyLookupWizardLine(models.TransientModel):
    _inherit = 'privacy.lookup.wizard.line'

    def action_unlink(self):
        """What tree and sums need stays, and becomes nameless with its contact."""
        self.ensure_one()
        # sudo, as in Odoo's own method: only administrators open this wizard
        partners = self.env['res.partner'].sudo()
        if self.res_model in partners._mlm_kept_models() or (self.res_model in BOOKS and self._mlm_contact_stays()):
            return self._mlm_keep()
        application = self.env['mlm.application'].sudo()  # as above
        application = application.browse(self.res_id).exists() if self.res_model == application._name else application
        if application.state == 'approved':
            application._forget()
            self.execution_details = self.env._('Anonymized %(model)s #%(id)s', model=self.res_model_id.name, id=self.res_id)
            self.is_unlinked = True
            return None
        partner = partners.browse(self.res_id) if self.res_model == 'res.partner' and not self.is_unlinked else partners
        if not partner or not partner._mlm_is_kept():
            return self._mlm_unlink(super().action_unlink)
        partner._mlm_anonymize()
        self.execution_details = self.env._('Anonymized %(model)s #%(id)s', model=self.res_model_id.name, id=self.res_id)
        self.is_unlinked = True
        return None

    def _mlm_keep(self):
        self.execution_details = self.env._(
            'Kept %(model)s #%(id)s, nameless with its contact', model=self.res_model_id.name, id=self.res_id)

    def _mlm_unlink(self, unlink):
        """Delete what is not ours. What must not be deleted, as confirmed orders, stays if its contact does."""
        if self.is_unlinked:
            return unlink()  # Odoo says so
        try:
            with self.env.cr.savepoint():
                return unlink()
        except (UserError, psycopg2.IntegrityError):
            if self.res_model == 'res.partner' or not self._mlm_contact_stays():
                raise
        return self._mlm_keep()

    def _mlm_contact_stays(self):
        """Whether one of the contacts that were found can only become nameless."""
        # sudo, as in Odoo's own method: only administrators open this wizard
        contacts = self.env['res.partner'].sudo().browse(
            self.wizard_id.line_ids.filtered(lambda line: line.res_model == 'res.partner').mapped('res_id')).exists()
        return any(contact._mlm_is_kept() for contact in contacts)
