# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    mlm_variants = fields.Boolean(string='Customer Chooses Variant')

    def _compute_discount(self):
        super()._compute_discount()
        # Odoo computes it anew with every quantity, and the customer chooses quantities: what was promised stays.
        for line in self:
            if line.order_id.mlm_discount and line.product_id and not line.display_type:
                line.discount = line.order_id.mlm_discount

    @api.private
    def _mlm_get_variants(self):
        """The variants a customer can choose from now, the present one among them; none where there is no choice.

        :rtype: product.product
        """
        self.ensure_one()
        order = self.order_id
        if not (self.mlm_variants and order.mlm_is_offer and order._can_be_edited_on_portal()) or order.is_expired:
            return self.env['product.product']
        company = order.company_id
        variants = self.product_template_id.product_variant_ids.filtered(
            lambda variant: variant.sale_ok and (not variant.company_id or variant.company_id == company)
        )
        return variants if len(variants) > 1 and self.product_id in variants else variants.browse()

    @api.private
    def _mlm_get_variant_price(self, variant):
        """What a unit of a variant would cost on this line, with its discount: what the page shows before it is chosen.

        :rtype: float
        """
        self.ensure_one()
        if variant == self.product_id:
            price = self.price_unit
        else:
            other = self.new(origin=self)
            other.product_id = variant
            other.discount = self.discount
            price = other.price_unit
        return self.currency_id.round(price * (1 - self.discount / 100))

    @api.private
    def _mlm_choose_variant(self, variant):
        """Put another variant on the line, at its own price; the discount given stays.

        :raise UserError: if it is no variant of this product
        """
        self.ensure_one()
        if variant.product_tmpl_id != self.product_template_id:
            raise UserError(
                self.env._('"%(variant)s" is no variant of "%(product)s".', variant=variant.name, product=self.name)
            )
        discount = self.discount
        self.product_id = variant
        self.discount = discount
