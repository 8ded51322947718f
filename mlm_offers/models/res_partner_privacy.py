# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    @api.model
    @api.private
    def _mlm_kept_models(self):
        """A contract is evidence, with the name that signed it, as long as the law wants it kept."""
        return super()._mlm_kept_models() | {'mlm.contract', 'mlm.contract.party'}

    @api.private
    def _mlm_is_kept(self):
        return super()._mlm_is_kept() or bool(
            self.env['mlm.contract.party'].search_count([('partner_id', '=', self.id)], limit=1)
            or self.env['mlm.contract'].search_count([('partner_id', '=', self.id)], limit=1)
        )
