# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import fields, models


class ResCompany(models.Model):
    """Agents may be placed where volume is missing."""
    _inherit = 'res.company'

    mlm_placement_strategy = fields.Selection(
        selection_add=[('weak_volume', 'Outer end of the leg with less volume')], ondelete={'weak_volume': 'set default'})

    def _mlm_has_two_legs(self):
        return super()._mlm_has_two_legs() or self.mlm_placement_strategy == 'weak_volume'
