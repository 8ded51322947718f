# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, models

from .res_partner_consent import NO_AGENT


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    def action_mlm_new_offer(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_offers.action_offer_wizard')
        return action | {'context': {'default_lead_id': self.id}}

    @api.private
    def _mlm_get_unwilling(self, channel, consent_only):
        """Which leads not to write to: by what their customer declared, or the lead itself. See `res.partner`."""
        said = {
            lead: {row['channel']: row['accepted'] for row in rows} for lead, rows in self._mlm_get_consents().items()
        }
        unwilling = set(self.partner_id._mlm_get_unwilling(channel, False))
        declared = self.env['mlm.consent']._mlm_read(self.partner_id, channel, self.env.company)
        ids = []
        for lead in self:
            own = declared.get(lead.partner_id.id) or said[lead].get(channel)
            agent = lead.partner_id and lead.partner_id.commercial_partner_id.mlm_agent_state not in NO_AGENT
            if lead.partner_id.id in unwilling or own == 'no' or (consent_only and not own and not agent):
                ids.append(lead.id)
        return ids
