# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models
from odoo.tools import SQL


class PrivacyLookupWizard(models.TransientModel):
    _inherit = 'privacy.lookup.wizard'

    mlm_phone = fields.Char(
        string='Phone', help='Also finds who left nothing but a number. With the country\'s code, such as +48 600 100 200.')

    def _get_query(self):
        """Odoo looks for e-mail addresses only; a lead may have none, and its contact's name is not its own."""
        query = super()._get_query()
        phone = self.mlm_phone and self.env['crm.lead']._phone_format(number=self.mlm_phone)
        for model, active in (('crm.lead', True), ('mlm.lead.event', False)):
            found = [SQL('contact_name ILIKE %s', self.name.strip())]
            if phone:
                found.append(SQL('phone_sanitized = %s', phone))
            query = SQL(
                '%s UNION SELECT %s AS res_model_id, id AS res_id, %s AS is_active FROM %s WHERE %s', query,
                self.env['ir.model']._get_id(model), SQL.identifier('active') if active else SQL('true'),
                SQL.identifier(self.env[model]._table), SQL(' OR ').join(found))
        return query


class PrivacyLookupWizardLine(models.TransientModel):
    _inherit = 'privacy.lookup.wizard.line'

    def action_unlink(self):
        """A received lead is erased instead of deleted: its digest keeps the next poll from bringing the person back."""
        self.ensure_one()
        # sudo, as in Odoo's own method: only administrators open this wizard
        if self.res_model == 'crm.lead':
            lead = self.env['crm.lead'].sudo().browse(self.res_id)
            lead._mlm_keep_objections()
            lead.mlm_event_ids._erase()
        if self.res_model != 'mlm.lead.event' or self.is_unlinked:
            return super().action_unlink()
        self.env['mlm.lead.event'].sudo().browse(self.res_id)._erase()
        self.execution_details = self.env._('Erased %(model)s #%(id)s', model=self.res_model_id.name, id=self.res_id)
        self.is_unlinked = True
