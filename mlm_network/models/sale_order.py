# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models

from ..const import OPEN_STATES


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    mlm_agent_id = fields.Many2one(
        'res.partner', string='Agent', compute='_compute_mlm_agent_id', store=True, precompute=True, readonly=False,
        index='btree_not_null', tracking=True, domain=[('mlm_agent_state', 'in', OPEN_STATES)],
        help='Who brought this sale: the agent of the opportunity, else the customer if it is an agent, else the nearest '
             'agent above the customer.')

    # Only the customer: a sale stays with who brought it, however the network changes later.
    @api.depends('partner_id')
    def _compute_mlm_agent_id(self):
        for company, orders in self.grouped('company_id').items():
            agents = orders.partner_id._mlm_get_selling_agents(company)
            for order in orders:
                lead = order.opportunity_id
                lead_customer = lead.partner_id.commercial_partner_id
                if lead.mlm_agent_id and lead_customer in (order.partner_id.commercial_partner_id, lead_customer.browse()):
                    order.mlm_agent_id = lead.mlm_agent_id
                else:
                    order.mlm_agent_id = agents.get(order.partner_id)

    # === BUSINESS METHODS === #

    @api.model
    @api.private
    def _mlm_sql_commission(self):
        """A query of what agents earn for orders, for reports that know nothing of plans and periods.

        :return: `SQL` of the columns order_id, final, estimate (both in the currency of the order's company; an
            estimate may still change), one row an order; None where nothing pays commission
        """
        return None
