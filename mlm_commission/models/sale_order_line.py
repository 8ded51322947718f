# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    mlm_company_currency_id = fields.Many2one(related='company_id.currency_id', string='Company Currency')
    mlm_valuation_sum = fields.Monetary(
        string='Valuation Sum', currency_field='mlm_company_currency_id',
        help='What plans pay by the thousand, such as the sum insured: of the whole line, in the company\'s currency.')

    # === BUSINESS METHODS === #

    def _prepare_invoice_line(self, **optional_values):
        """Hand price list and valuation sum to the invoice; of what is invoiced in part, a part of the sum."""
        values = super()._prepare_invoice_line(**optional_values)
        if values.get('display_type', 'product') == 'product':
            values['mlm_pricelist_id'] = self.order_id.pricelist_id.id
            if self.mlm_valuation_sum:
                values['mlm_valuation_sum'] = self._mlm_sum_of(self.qty_invoiced + values['quantity']) \
                    - self._mlm_sum_of(self.qty_invoiced)
        return values

    def _mlm_sum_of(self, quantity):
        """The part of the valuation sum that belongs to a part of the quantity, rounded as money."""
        self.ensure_one()
        whole = self.product_uom_qty
        return self.mlm_company_currency_id.round(self.mlm_valuation_sum * quantity / whole) if whole else 0.0
