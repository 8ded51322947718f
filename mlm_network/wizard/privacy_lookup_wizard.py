# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import models
from odoo.tools import SQL


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


class PrivacyLookupWizardLine(models.TransientModel):
    _inherit = 'privacy.lookup.wizard.line'

    def action_unlink(self):
        """What tree and sums need stays, and becomes nameless with its contact."""
        self.ensure_one()
        # sudo, as in Odoo's own method: only administrators open this wizard
        partners = self.env['res.partner'].sudo()
        if self.res_model in partners._mlm_kept_models():
            self.execution_details = self.env._(
                'Kept %(model)s #%(id)s, nameless with its contact', model=self.res_model_id.name, id=self.res_id)
            return None
        application = self.env['mlm.application'].sudo()  # as above
        application = application.browse(self.res_id).exists() if self.res_model == application._name else application
        if application.state == 'approved':
            application._forget()
            self.execution_details = self.env._('Anonymized %(model)s #%(id)s', model=self.res_model_id.name, id=self.res_id)
            self.is_unlinked = True
            return None
        partner = partners.browse(self.res_id) if self.res_model == 'res.partner' and not self.is_unlinked else partners
        if not partner or not partner._mlm_is_kept():
            return super().action_unlink()
        partner._mlm_anonymize()
        self.execution_details = self.env._('Anonymized %(model)s #%(id)s', model=self.res_model_id.name, id=self.res_id)
        self.is_unlinked = True
        return None
