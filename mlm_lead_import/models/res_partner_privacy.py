# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import models


class ResPartner(models.Model):
    """How an agent was told of a lead names the address."""
    _inherit = 'res.partner'

    def _mlm_forget_traces(self, names):
        super()._mlm_forget_traces(names)
        # Whoever may forget people forgets this, too; the record of handing over stays: hence sudo.
        self.env['mlm.lead.assignment'].sudo().search(
            [('agent_id', 'in', self.ids), ('notice', '!=', False)]).notice = False
