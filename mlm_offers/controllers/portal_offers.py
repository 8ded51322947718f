# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import _, http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import email_normalize

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager


class AgentOfferPortal(CustomerPortal):
    """What an agent does in the portal. An agent has no rights on orders: every method here begins with who asks, and
    reaches only offers and customers of that agent.

    Odoo makes one class of all portal controllers, so helpers carry the name of this addon."""

    def _mlm_offers_get_agent(self):
        """The agent who is logged in, with sudo, or an empty record."""
        # sudo: an agent may know the own state; what is reached from here is filtered by it
        agent = request.env.user.partner_id.commercial_partner_id.sudo()
        return agent if agent.mlm_agent_state == 'active' else agent.browse()

    def _mlm_offers_domain(self, agent):
        return Domain([('mlm_agent_id', '=', agent.id), ('mlm_is_offer', '=', True)])

    def _mlm_offers_get_own_offer(self, agent, order_id):
        return agent.env['sale.order'].search(self._mlm_offers_domain(agent) & Domain('id', '=', order_id), limit=1)

    def _mlm_offers_get_customers(self, agent):
        return agent.env['res.partner'].search(
            [('mlm_sponsor_id', '=', agent.id), ('mlm_agent_state', '=', 'none')], order='name', limit=500
        )

    def _mlm_offers_get_leads(self, agent):
        return agent.env['crm.lead'].search(
            [('mlm_agent_id', '=', agent.id), ('partner_id', '=', False), ('stage_id.is_won', '=', False)],
            order='id desc',
            limit=200,
        )

    def _mlm_offers_get_templates(self, agent, partner=None):
        company = request.env.user.company_id
        templates = agent.env['sale.order.template'].search(
            [('mlm_is_offer', '=', True), ('mlm_agent_use', '=', True), ('company_id', 'in', [False, company.id])]
        )
        return templates._mlm_filter_for_agent(agent, partner)

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'mlm_offer_count' in counters:
            agent = self._mlm_offers_get_agent()
            values['mlm_offer_count'] = (
                agent and agent.env['sale.order'].search_count(self._mlm_offers_domain(agent)) or 0
            )
        return values

    @http.route(['/my/offers', '/my/offers/page/<int:page>'], type='http', auth='user', website=True)
    def mlm_my_offers(self, page=1, **kwargs):
        agent = self._mlm_offers_get_agent()
        if not agent:
            return request.redirect('/my')
        orders, domain = agent.env['sale.order'], self._mlm_offers_domain(agent)
        pager = portal_pager(url='/my/offers', total=orders.search_count(domain), page=page, step=self._items_per_page)
        return request.render(
            'mlm_offers.portal_my_offers',
            {
                **self._prepare_portal_layout_values(),
                'page_name': 'mlm_offer',
                'pager': pager,
                'default_url': '/my/offers',
                'offers': orders.search(domain, order='id desc', limit=self._items_per_page, offset=pager['offset']),
            },
        )

    @http.route('/my/offers/new', type='http', auth='user', methods=['GET', 'POST'], website=True)
    def mlm_new_offer(self, **post):
        agent = self._mlm_offers_get_agent()
        if not agent:
            return request.redirect('/my')
        error = ''
        if request.httprequest.method == 'POST':
            try:
                with request.env.cr.savepoint():  # a customer entered for an offer that is refused does not stay
                    order = self._mlm_offers_make_offer(agent, post)
                return request.redirect(f'/my/offers/{order.id}')
            except UserError as problem:
                error = str(problem)
        return request.render(
            'mlm_offers.portal_new_offer',
            {
                **self._prepare_portal_layout_values(),
                'page_name': 'mlm_offer',
                'templates': self._mlm_offers_get_templates(agent),
                'customers': self._mlm_offers_get_customers(agent),
                'leads': self._mlm_offers_get_leads(agent),
                'error': error,
                'post': post,
            },
        )

    def _mlm_offers_make_offer(self, agent, post):
        """Make the offer that an agent asks for. Only names of things come from the browser; whether the agent may use them,
        and what they cost, is found here.

        :raise UserError: naming what is wrong
        """
        kind, _colon, number = (post.get('customer') or '').partition(':')
        id_ = int(number) if number.isdigit() else 0
        lead = agent.env['crm.lead']
        if kind == 'partner':
            partner = self._mlm_offers_get_customers(agent).filtered(lambda customer: customer.id == id_)
        elif kind == 'lead':
            lead = self._mlm_offers_get_leads(agent).filtered(lambda inquiry: inquiry.id == id_)
            if lead:
                lead._handle_partner_assignment(create_missing=True)
                if not lead.partner_id.mlm_sponsor_id and lead.partner_id.mlm_agent_state == 'none':
                    lead.partner_id.commercial_partner_id.mlm_sponsor_id = agent
                if lead.type == 'lead':
                    lead.convert_opportunity(lead.partner_id)
            partner = lead.partner_id
        elif kind == 'new':
            partner = self._mlm_offers_make_customer(agent, post)
        else:
            partner = agent.browse()
        if not partner:
            raise UserError(_('Choose one of your customers, or enter a new one.'))
        template_id = int(post['template_id']) if (post.get('template_id') or '').isdigit() else 0
        template = self._mlm_offers_get_templates(agent).filtered(lambda template: template.id == template_id)
        if not template:
            raise UserError(_('Choose one of the offers.'))
        try:
            discount = float((post.get('discount') or '0').replace(',', '.'))
        except ValueError as problem:
            raise UserError(_('The discount must be a number.')) from problem
        template._mlm_check_terms(agent, partner, discount)
        company = template.company_id or request.env.user.company_id
        template = template.with_company(company).with_context(allowed_company_ids=company.ids)
        return template._mlm_create_offer(
            partner, lead=lead, agent=agent, discount=discount, user_id=lead.user_id.id or False
        )

    def _mlm_offers_make_customer(self, agent, post):
        name, email, phone = ((post.get(key) or '').strip()[:100] for key in ('name', 'email', 'phone'))
        if not name:
            raise UserError(_('Enter the name of the customer.'))
        if not email_normalize(email):
            raise UserError(_('"%(email)s" is no e-mail address. Correct it.', email=email))
        return agent.env['res.partner'].create(
            {
                'name': name,
                'email': email,
                'phone': phone,
                'is_company': bool(post.get('is_company')),
                'mlm_sponsor_id': agent.id,
                'lang': agent.lang,
                'country_id': agent.country_id.id,
                'user_id': False,
            }
        )

    @http.route('/my/offers/<int:order_id>', type='http', auth='user', website=True)
    def mlm_my_offer(self, order_id, message=None, **kwargs):
        agent = self._mlm_offers_get_agent()
        order = agent and self._mlm_offers_get_own_offer(agent, order_id)
        if not order:
            return request.redirect('/my/offers')
        return request.render(
            'mlm_offers.portal_my_offer',
            {
                **self._prepare_portal_layout_values(),
                'page_name': 'mlm_offer',
                'offer': order,
                'message': message,
                'error': request.session.pop('mlm_offer_error', ''),
                'share_url': order.get_base_url() + order.get_portal_url(),
            },
        )

    def _mlm_offers_act(self, order_id, message, method):
        """Do something with an own offer and show it again."""
        agent = self._mlm_offers_get_agent()
        order = agent and self._mlm_offers_get_own_offer(agent, order_id)
        if not order:
            return request.redirect('/my/offers')
        try:
            with request.env.cr.savepoint():
                method(agent, order)
        except UserError as problem:
            request.session['mlm_offer_error'] = str(problem)
            message = ''
        return request.redirect(f'/my/offers/{order.id}?message={message}')

    @http.route('/my/offers/<int:order_id>/send', type='http', auth='user', methods=['POST'], website=True)
    def mlm_send_offer(self, order_id, **post):
        def send(agent, order):
            if order.state not in ('draft', 'sent') or order.is_expired:
                raise UserError(_('The offer %(offer)s is no longer open.', offer=order.name))
            agent.env['mlm.agent.message']._mlm_claim(agent, order.partner_id, 'email', order.company_id, order)
            order._mlm_send_offer()

        return self._mlm_offers_act(order_id, 'sent', send)

    @http.route('/my/offers/<int:order_id>/shared', type='http', auth='user', methods=['POST'], website=True)
    def mlm_shared_offer(self, order_id, **post):
        """The agent gave the link to the customer in person."""

        def share(agent, order):
            if order.state == 'draft':
                order.action_quotation_sent()

        return self._mlm_offers_act(order_id, 'shared', share)

    @http.route('/my/offers/<int:order_id>/message', type='http', auth='user', methods=['POST'], website=True)
    def mlm_write_message(self, order_id, channel='email', text='', **post):
        def write(agent, order):
            agent.env['mlm.agent.message']._mlm_write(agent, order, order.partner_id, channel, text, order.company_id)

        return self._mlm_offers_act(order_id, 'written', write)
