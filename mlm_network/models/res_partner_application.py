# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import models


class ResPartner(models.Model):
    """Who is forgotten is forgotten in the own application, too."""
    _inherit = 'res.partner'

    def _mlm_forget_traces(self, names):
        super()._mlm_forget_traces(names)
        self.env['mlm.application'].search([('partner_id', 'in', self.ids)])._forget()
