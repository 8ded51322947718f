# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.mlm_network.controllers.portal_customers import AgentCustomerPortal

from .portal_offers import AgentOfferPortal


class AgentCustomerOfferPortal(AgentCustomerPortal, AgentOfferPortal):
    """Offers and messages on the pages of the agent's own customers."""

    def _mlm_customers_prepare_list_values(self, agent, customers):
        counts = agent.env['sale.order']._read_group(
            self._mlm_offers_domain(agent) & Domain('partner_id', 'in', customers.ids), ['partner_id'], ['__count']
        )
        return {**super()._mlm_customers_prepare_list_values(agent, customers), 'offer_counts': dict(counts)}

    def _mlm_customers_order_url(self, order):
        return f'/my/offers/{order.id}' if order.mlm_is_offer else super()._mlm_customers_order_url(order)

    @route('/my/customers/<int:partner_id>/message', type='http', auth='user', methods=['POST'], website=True)
    def mlm_write_to_customer(self, partner_id, channel='email', text='', **post):
        agent, customer = self._mlm_customers_get_own(partner_id)
        if not customer or agent != self._mlm_offers_get_agent():  # who is suspended does not write
            return request.redirect('/my/customers')
        company, message = customer.company_id or self._mlm_customers_company(agent), 'written'
        try:
            with request.env.cr.savepoint():
                agent.env['mlm.agent.message']._mlm_write(agent, customer, customer, channel, text, company)
        except UserError as problem:
            request.session['mlm_customer_error'], message = str(problem), ''
        return request.redirect(f'/my/customers/{partner_id}?message={message}')
