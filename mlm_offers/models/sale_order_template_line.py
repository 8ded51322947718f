# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models


class SaleOrderTemplateLine(models.Model):
    _inherit = 'sale.order.template.line'

    mlm_variants = fields.Boolean(
        string='Variants', help='The customer may choose another variant of the product on the page of the offer.'
    )

    def _prepare_order_line_values(self):
        return super()._prepare_order_line_values() | {'mlm_variants': self.mlm_variants}
