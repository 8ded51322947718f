# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.tools import SQL

from .. import engine
from ..storing import ROW_TABLE


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    mlm_preview = fields.Html(string='Commission', compute='_compute_mlm_preview', sanitize=False)

    # === COMPUTE METHODS === #

    @api.depends('mlm_agent_id', 'order_line.price_subtotal', 'order_line.product_id', 'company_id', 'partner_id', 'pricelist_id',
                 'order_line.mlm_valuation_sum')
    @api.depends_context('lang')
    def _compute_mlm_preview(self):
        for order in self:
            order.mlm_preview = self.env['ir.qweb']._render('mlm_commission.preview', {
                'order': order,
                'plans': order._mlm_preview_plans(),
                'currency': order.company_id.currency_id,
            })

    # === BUSINESS METHODS === #

    def _prepare_invoice(self):
        """Hand the agent of the order to its invoice."""
        return {**super()._prepare_invoice(), 'mlm_agent_id': self.mlm_agent_id.id}

    def _get_invoice_grouping_keys(self):
        """Keep the orders of different agents on different invoices."""
        return [*super()._get_invoice_grouping_keys(), 'mlm_agent_id']

    @api.private
    def _mlm_preview_plans(self):
        """Tell who would earn what if the order were invoiced today, by the engine that will settle it.

        :return: list of {'plan': `mlm.plan` record, 'total', 'rows': [{'partner', 'rule', 'level', 'rate', 'base',
            'amount'}], 'error': sentence or None}; only for agents and lines that count
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        lines = self._mlm_preview_lines()
        if not self.mlm_agent_id or not lines:
            return []
        # A salesperson sees what an order pays without a right to read plans and agreements.
        plans = self.env['mlm.plan'].sudo().search([
            ('company_id', '=', self.company_id.id), ('state', '=', 'active'), ('date_from', '<=', today),
            '|', ('date_to', '=', False), ('date_to', '>=', today)])
        previews = []
        for plan in plans:
            try:
                previews.append(plan._preview(self.mlm_agent_id, today, lines))
            except engine.EngineError as error:
                previews.append({'plan': plan, 'rows': [], 'total': 0, 'error': str(error)})
        return previews

    def _mlm_preview_buyer(self):
        """What `circumstances` would tell of the order if it were invoiced today, as numbers."""
        partner = self.partner_id.commercial_partner_id
        region = self.partner_id if self.partner_id.country_id else partner
        # A salesperson need not be allowed to read the ledger or the history of the network.
        bought = self.env['mlm.volume'].sudo().search_count([
            ('partner_id', '=', partner.id), ('company_id', '=', self.company_id.id), ('origin_id', '=', False),
            ('net', '>', 0), ('move_id.state', '=', 'posted'),
            ('move_id', 'not in', self.invoice_ids.ids)], limit=1)
        joined = min(self.env['mlm.sponsorship'].sudo().search([
            ('partner_id', '=', self.mlm_agent_id.id), ('agent_state', 'in', ('active', 'suspended', 'terminated')),
        ]).mapped('date_from'), default=None)
        return {
            'pricelist': self.pricelist_id.id or 0,
            'country': region.country_id.id or 0,
            'state': region.state_id.id or 0,
            'first': int(not bought),
            'own': int(partner.mlm_agent_state != 'none'),
            'seller_days': (fields.Date.context_today(self) - joined).days if joined else -1,
        }

    def _mlm_preview_lines(self):
        """What the order's lines would count for.

        :return: list of {'net', 'margin', 'points', 'quantity', 'total' as in :class:`ledger.Measures`, 'product',
            'category', and what :meth:`_mlm_preview_buyer` tells}
        """
        minor = 10 ** self.company_id.currency_id.decimal_places
        buyer = self._mlm_preview_buyer()
        lines = []
        for line in self.order_line:
            product = line.product_id.with_company(self.company_id)
            if line.display_type or line.is_downpayment or (product and not product._mlm_earns()):
                continue
            quantity = line.product_uom_id._compute_quantity(line.product_uom_qty, product.uom_id, round=False) \
                if product else line.product_uom_qty
            net = line.currency_id._convert(
                line.price_subtotal, self.company_id.currency_id, self.company_id, fields.Date.context_today(self))
            lines.append({
                **buyer,
                'net': round(net * minor),
                'margin': round(net * minor) - round(product.standard_price * quantity * minor),
                'points': round(product.mlm_points * quantity * 100),
                'quantity': round(quantity * 1000),
                'product': product.id or 0,
                'category': product.categ_id.id or 0,
                'total': round(line.mlm_valuation_sum * minor),
            })
        return lines

    @api.model
    @api.private
    def _mlm_sql_commission(self):
        """By the invoice lines; commission that is for no single sale, such as a pool's, belongs to no order."""
        return SQL(
            """
            SELECT l.order_id,
                   COALESCE(SUM(c.amount / r.minor_units) FILTER (WHERE p.state = 'closed'), 0) AS final,
                   COALESCE(SUM(c.amount / r.minor_units) FILTER (WHERE p.state != 'closed'), 0) AS estimate
              FROM (SELECT DISTINCT s.order_id, i.invoice_line_id
                      FROM sale_order_line_invoice_rel i JOIN sale_order_line s ON s.id = i.order_line_id) l
              JOIN mlm_volume v ON v.line_ref = l.invoice_line_id
              JOIN %s c ON c.volume_id = v.id
              JOIN mlm_run r ON r.id = c.run_id
              JOIN mlm_period p ON p.id = r.period_id
             GROUP BY l.order_id
            """,
            SQL.identifier(ROW_TABLE),
        )
