# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import models


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    def action_mlm_new_offer(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_offers.action_offer_wizard')
        return action | {'context': {'default_lead_id': self.id}}
