# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import pager as portal_pager

from .portal_offers import AgentOfferPortal


class AgentCustomerPortal(AgentOfferPortal):
    """The agent's own customers: whom the agent brought, and nobody else."""

    def _mlm_offers_customer_domain(self, agent, search=''):
        domain = Domain([('mlm_sponsor_id', '=', agent.id), ('mlm_agent_state', '=', 'none')])
        if search:
            domain &= Domain('name', 'ilike', search) | Domain('email', 'ilike', search) | Domain('phone', 'ilike', search)
        return domain

    def _mlm_offers_get_own_customer(self, partner_id):
        """The agent who is logged in and one of its customers, with sudo; both empty if there is no such one."""
        agent = self._mlm_offers_get_agent()
        domain = self._mlm_offers_customer_domain(agent) & Domain('id', '=', partner_id)
        return agent, agent.env['res.partner'].search(domain, limit=1) if agent else agent

    @route(['/my/customers', '/my/customers/page/<int:page>'], type='http', auth='user', website=True)
    def mlm_my_customers(self, page=1, search='', **kwargs):
        agent = self._mlm_offers_get_agent()
        if not agent:
            return request.redirect('/my')
        partners, domain = agent.env['res.partner'], self._mlm_offers_customer_domain(agent, search.strip()[:100])
        pager = portal_pager(
            url='/my/customers',
            url_args={'search': search},
            total=partners.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        customers = partners.search(domain, order='name, id', limit=self._items_per_page, offset=pager['offset'])
        counts = dict(
            agent.env['sale.order']._read_group(
                self._mlm_offers_domain(agent) & Domain('partner_id', 'in', customers.ids), ['partner_id'], ['__count']
            )
        )
        return request.render(
            'mlm_offers.portal_my_customers',
            {
                **self._prepare_portal_layout_values(),
                'page_name': 'mlm_customer',
                'default_url': '/my/customers',
                'pager': pager,
                'search': search,
                'customers': customers,
                'counts': counts,
            },
        )

    @route('/my/customers/<int:partner_id>', type='http', auth='user', website=True)
    def mlm_my_customer(self, partner_id, message=None, **kwargs):
        agent, customer = self._mlm_offers_get_own_customer(partner_id)
        if not customer:
            return request.redirect('/my/customers')
        domain = self._mlm_offers_domain(agent) & Domain('partner_id', '=', customer.id)
        return request.render(
            'mlm_offers.portal_my_customer',
            {
                **self._prepare_portal_layout_values(),
                'page_name': 'mlm_customer',
                'customer': customer,
                'offers': agent.env['sale.order'].search(domain, order='id desc', limit=20),
                'message': message,
                'error': request.session.pop('mlm_offer_error', ''),
            },
        )

    @route('/my/customers/<int:partner_id>/message', type='http', auth='user', methods=['POST'], website=True)
    def mlm_write_to_customer(self, partner_id, channel='email', text='', **post):
        agent, customer = self._mlm_offers_get_own_customer(partner_id)
        if not customer:
            return request.redirect('/my/customers')
        company, message = customer.company_id or request.env.user.company_id.sudo(), 'written'  # sudo: the company's limits
        try:
            with request.env.cr.savepoint():
                agent.env['mlm.agent.message']._mlm_write(agent, customer, customer, channel, text, company)
        except UserError as problem:
            request.session['mlm_offer_error'], message = str(problem), ''
        return request.redirect(f'/my/customers/{partner_id}?message={message}')
