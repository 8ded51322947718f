# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models

from ..const import OPEN_STATES


class SaleOrder(models.Model):
    _name = 'sale.order'
    _inherit = ['sale.order', 'mlm.referral.mixin']

    mlm_agent_id = fields.Many2one(
        'res.partner', string='Agent', compute='_compute_mlm_agent_id', store=True, precompute=True, readonly=False,
        index='btree_not_null', tracking=True, domain=[('mlm_agent_state', 'in', OPEN_STATES)],
        help='Who brought this sale: the agent of the opportunity, else the customer if it is an agent, else the nearest '
             'agent above the customer, else who is named by the code of the link.')

    mlm_sent_on = fields.Datetime(
        string='Offered On', compute='_compute_mlm_sent_on', store=True, copy=False,
        help='When the quotation was first sent, or ordered without having been sent. It stays when the order is cancelled.')

    # Only the customer and the link: a sale stays with who brought it, however the network changes later.
    @api.depends('partner_id', 'mlm_referral_code')
    def _compute_mlm_agent_id(self):
        named = self._mlm_agents_of_codes()
        for company, orders in self.grouped('company_id').items():
            agents = orders.partner_id._mlm_get_selling_agents(company)
            for order in orders:
                lead = order.opportunity_id
                lead_customer = lead.partner_id.commercial_partner_id
                if lead.mlm_agent_id and lead_customer in (order.partner_id.commercial_partner_id, lead_customer.browse()):
                    order.mlm_agent_id = lead.mlm_agent_id
                else:
                    order.mlm_agent_id = agents.get(order.partner_id) or named[order]

    @api.depends('state')
    def _compute_mlm_sent_on(self):
        for order in self:
            if order.state in ('sent', 'sale') and not order.mlm_sent_on:
                # Of what was there before this addon, the day of the order is as near as one can get.
                order.mlm_sent_on = fields.Datetime.now() if self.pool.ready else order.date_order
            else:
                order.mlm_sent_on = order.mlm_sent_on

    # === BUSINESS METHODS === #

    def _action_confirm(self):
        result = super()._action_confirm()
        self._mlm_take_on_customers()
        return result

    def _mlm_take_on_customers(self):
        """Who came by an agent's link and has no agent yet becomes that agent's customer with the first order."""
        named = self._mlm_agents_of_codes()
        for order in self.filtered(lambda order: named[order]):
            # sudo: whoever may confirm the order need not be allowed to write the customer
            customer, agent = order.partner_id.commercial_partner_id.sudo(), named[order].sudo()
            free = customer.mlm_agent_state == 'none' and not customer.mlm_sponsor_id and customer.partner_share
            # of several companies: those that may stand in one tree
            fits = not agent.company_id or not customer.company_id or agent.company_id == customer.company_id
            if agent == order.mlm_agent_id and free and fits:
                customer.with_context(mlm_reason=self.env._('Came by the agent\'s link')).mlm_sponsor_id = agent

    @api.model
    @api.private
    def _mlm_sql_commission(self):
        """A query of what agents earn for orders, for reports that know nothing of plans and periods.

        :return: `SQL` of the columns order_id, final, estimate (both in the currency of the order's company; an
            estimate may still change), one row an order; None where nothing pays commission
        """
        return None
