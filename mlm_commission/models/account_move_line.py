# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models

from ..ledger import Measures, round_half_up


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    mlm_commissionable = fields.Selection(
        [('yes', 'Commissionable'), ('no', 'Not Commissionable')], string='Commissionable', readonly=True, copy=False,
        help='Whether the line may earn commission: what its product said when the document was first posted.',
    )
    mlm_pricelist_id = fields.Many2one(
        'product.pricelist', string='Pricelist of the Order', readonly=True, ondelete='restrict', index='btree_not_null')
    mlm_valuation_sum = fields.Monetary(
        string='Valuation Sum', currency_field='company_currency_id',
        help='What plans pay by the thousand, such as the sum insured: of the whole line, in the company\'s currency.')

    # === CRUD METHODS === #

    def write(self, vals):
        """Another product is asked anew whether it is commissionable."""
        if 'product_id' in vals:
            vals = {**vals, 'mlm_commissionable': False}
        return super().write(vals)

    # === BUSINESS METHODS === #

    @api.private
    def _mlm_earns(self):
        """Whether the line may earn commission: as it was decided, else as its product says now.

        A down payment has no product: it may earn if everything in its order may.
        """
        self.ensure_one()
        if self.mlm_commissionable:
            return self.mlm_commissionable == 'yes'
        advance = self.sale_line_ids.filtered('is_downpayment')
        if advance:
            # What was counted in advance is taken off the final invoice, and nothing else.
            decided = (advance.invoice_lines - self).filtered('mlm_commissionable').sorted('id')[:1]
            if decided:
                return decided.mlm_commissionable == 'yes'
            sold = advance.order_id.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)
            return all(product._mlm_earns() for product in sold.product_id)
        return not self.product_id or self.product_id._mlm_earns()

    @api.private
    def _mlm_net(self):
        """The line's net amount in minor units of the company's currency; a sale is positive."""
        self.ensure_one()
        return -round(self.balance * 10 ** self.company_currency_id.decimal_places)

    @api.private
    def _mlm_document_net(self):
        """The line's net amount in minor units of the document's currency; a sale is positive."""
        self.ensure_one()
        return -round(self.amount_currency * 10 ** self.currency_id.decimal_places)

    @api.private
    def _mlm_measures(self, sold=()):
        """Measure the whole line, whatever is credited or unpaid of it.

        Points and cost of a unit are those of the day it was first counted: a later change of the product rewrites
        nothing.

        :param sold: the :class:`ledger.Fact` already recorded of the line as invoiced
        :return: :class:`ledger.Measures`
        """
        self.ensure_one()
        minor = 10 ** self.company_currency_id.decimal_places
        product = self.product_id.with_company(self.company_id)
        quantity = self.quantity if self.move_id.move_type != 'out_refund' else -self.quantity
        if product and self.product_uom_id:
            quantity = self.product_uom_id._compute_quantity(quantity, product.uom_id, round=False)
        quantity = round(quantity * 1000)
        frozen = next((
            fact.measures for fact in sold
            if fact.origin is None and fact.key[2] == product.id and fact.measures.quantity
        ), None)
        if frozen:
            cost = round_half_up((frozen.net - frozen.margin) * quantity, frozen.quantity)
            points = round_half_up(frozen.points * quantity, frozen.quantity)
        else:
            cost = round(product.standard_price * quantity / 1000 * minor)
            points = round(product.mlm_points * quantity / 10)
        net = self._mlm_net()
        return Measures(net=net, margin=net - cost, points=points, quantity=quantity, document=self._mlm_document_net(),
                        total=self._mlm_total())

    def _mlm_total(self):
        """The line's valuation sum in minor units of the company's currency; a sale is positive."""
        total = round(self.mlm_valuation_sum * 10 ** self.company_currency_id.decimal_places)
        return -total if self.move_id.move_type == 'out_refund' else total

    def _mlm_is_origin_of(self, credit_line):
        """Whether a line of a credit note seems to credit this line of the invoice."""
        self.ensure_one()
        if self.sale_line_ids or credit_line.sale_line_ids:
            return bool(self.sale_line_ids & credit_line.sale_line_ids)
        return self.product_id == credit_line.product_id and (
            bool(self.product_id) or self.name == credit_line.name)
