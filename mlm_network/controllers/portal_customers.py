# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import html2plaintext, plaintext2html

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..const import OPEN_STATES

HISTORY_LIMIT = 30
ORDER_LIMIT = 50


class AgentCustomerPortal(CustomerPortal):
    """The agent's own customers and inquiries: whom the agent brought, and nobody else.

    An agent has no rights on contacts, leads and orders: every method begins with who asks, and reaches from there.
    Odoo makes one class of all portal controllers, so helpers carry a name of their own.
    """

    def _mlm_customers_get_agent(self, states=OPEN_STATES):
        """The agent who is logged in, with sudo, or an empty record."""
        # sudo: an agent may know the own state; what is reached from here is filtered by it
        agent = request.env.user.partner_id.commercial_partner_id.sudo()
        return agent if agent.mlm_agent_state in states else agent.browse()

    def _mlm_customers_company(self, agent):
        return agent.company_id or request.env.user.sudo().company_id  # sudo: the company's limits

    def _mlm_customers_domain(self, agent, search=''):
        domain = Domain([('mlm_sponsor_id', '=', agent.id), ('mlm_agent_state', '=', 'none')])
        if search:
            domain &= Domain('name', 'ilike', search) | Domain('email', 'ilike', search) | Domain('phone', 'ilike', search)
        return domain

    def _mlm_inquiries_domain(self, agent, search='', filterby='all'):
        domain = Domain('mlm_agent_id', '=', agent.id)
        if filterby == 'open':
            domain &= Domain('stage_id.is_won', '=', False)
        if search:
            domain &= Domain.OR(Domain(name, 'ilike', search) for name in (
                'name', 'contact_name', 'partner_name', 'email_from', 'phone'))
        return domain

    def _mlm_customers_get_own(self, partner_id):
        """The agent who is logged in and one of its customers, with sudo; both empty if there is no such one."""
        agent = self._mlm_customers_get_agent()
        domain = self._mlm_customers_domain(agent) & Domain('id', '=', partner_id)
        return agent, agent.search(domain, limit=1) if agent else agent

    def _mlm_inquiries_get_own(self, lead_id):
        """As above, with one of the agent's inquiries."""
        agent = self._mlm_customers_get_agent()
        domain = self._mlm_inquiries_domain(agent) & Domain('id', '=', lead_id)
        return agent, agent.env['crm.lead'].search(domain, limit=1) if agent else agent.env['crm.lead']

    # === LISTS === #

    @http.route(['/my/customers', '/my/customers/page/<int:page>'], type='http', auth='user', website=True, readonly=True)
    def mlm_my_customers(self, page=1, search='', **kwargs):
        agent = self._mlm_customers_get_agent()
        if not agent:
            return request.redirect('/my')
        domain, search = self._mlm_customers_domain(agent, search.strip()[:100]), search.strip()[:100]
        pages = pager('/my/customers', total=agent.search_count(domain), page=page, step=self._items_per_page,
                      url_args={'search': search})
        customers = agent.search(domain, order='name, id', limit=self._items_per_page, offset=pages['offset'])
        return request.render('mlm_network.portal_my_customers', {
            **self._prepare_portal_layout_values(),
            **self._mlm_customers_prepare_list_values(agent, customers),
            'page_name': 'mlm_customer', 'default_url': '/my/customers', 'pager': pages, 'search': search,
            'customers': customers, 'agent_state': agent.mlm_agent_state, 'tab': 'customers'})

    def _mlm_customers_prepare_list_values(self, agent, customers):
        """What the list tells of these customers, by customer: ``turnover`` (texts) and ``tasks``."""
        return {'turnover': self._mlm_customers_turnover(agent, customers), 'tasks': self._mlm_customers_tasks(agent, customers)}

    @http.route(['/my/inquiries', '/my/inquiries/page/<int:page>'], type='http', auth='user', website=True, readonly=True)
    def mlm_my_inquiries(self, page=1, search='', filterby='open', **kwargs):
        agent = self._mlm_customers_get_agent()
        if not agent:
            return request.redirect('/my')
        filterby, search = filterby if filterby in ('open', 'all') else 'open', search.strip()[:100]
        leads, domain = agent.env['crm.lead'], self._mlm_inquiries_domain(agent, search, filterby)
        pages = pager('/my/inquiries', total=leads.search_count(domain), page=page, step=self._items_per_page,
                      url_args={'search': search, 'filterby': filterby})
        leads = leads.search(domain, order='id DESC', limit=self._items_per_page, offset=pages['offset'])
        return request.render('mlm_network.portal_my_inquiries', {
            **self._prepare_portal_layout_values(),
            'page_name': 'mlm_inquiry', 'default_url': '/my/inquiries', 'pager': pages, 'search': search, 'filterby': filterby,
            'leads': leads, 'tasks': self._mlm_customers_tasks(agent, leads), 'agent_state': agent.mlm_agent_state,
            'tab': 'inquiries', 'lead_urls': {lead: self._mlm_inquiries_url(lead) for lead in leads}})

    def _mlm_inquiries_url(self, lead):
        """Where the agent works on an own inquiry. A hook: who receives inquiries has a page of its own for them."""
        return f'/my/inquiries/{lead.id}'

    # === ONE OF THEM === #

    @http.route('/my/customers/<int:partner_id>', type='http', auth='user', website=True, readonly=True)
    def mlm_my_customer(self, partner_id, message=None, **kwargs):
        agent, customer = self._mlm_customers_get_own(partner_id)
        if not customer:
            return request.redirect('/my/customers')
        return request.render('mlm_network.portal_my_customer', self._mlm_customers_prepare_values(agent, customer, message))

    def _mlm_customers_prepare_values(self, agent, customer, message=None):
        """What the page of a customer shows. A hook: others add to it.

        :rtype: dict
        """
        orders = agent.env['sale.order'].search(
            self._mlm_customers_orders_domain(agent, customer), order='id DESC', limit=ORDER_LIMIT)
        leads = agent.env['crm.lead'].search(
            self._mlm_inquiries_domain(agent) & Domain('partner_id', 'child_of', customer.id), order='id DESC', limit=ORDER_LIMIT)
        return {
            **self._prepare_portal_layout_values(),
            'page_name': 'mlm_customer', 'customer': customer, 'message': message, 'base_url': f'/my/customers/{customer.id}',
            'agent_state': agent.mlm_agent_state,
            'error': request.session.pop('mlm_customer_error', ''), 'orders': orders,
            'order_urls': {order: self._mlm_customers_order_url(order) for order in orders},
            'leads': leads, 'lead_urls': {lead: self._mlm_inquiries_url(lead) for lead in leads},
            'turnover': self._mlm_customers_turnover(agent, customer).get(customer, ''),
            'task': self._mlm_customers_tasks(agent, customer).get(customer),
            'history': self._mlm_customers_history(agent, customer, orders, leads)}

    @http.route('/my/inquiries/<int:lead_id>', type='http', auth='user', website=True, readonly=True)
    def mlm_my_inquiry(self, lead_id, message=None, **kwargs):
        agent, lead = self._mlm_inquiries_get_own(lead_id)
        if not lead:
            return request.redirect('/my/inquiries')
        customer = lead.partner_id.commercial_partner_id
        return request.render('mlm_network.portal_my_inquiry', {
            **self._prepare_portal_layout_values(),
            'page_name': 'mlm_inquiry', 'lead': lead, 'message': message, 'base_url': f'/my/inquiries/{lead.id}',
            'agent_state': agent.mlm_agent_state,
            'error': request.session.pop('mlm_customer_error', ''),
            'customer': customer if customer.mlm_sponsor_id == agent else None,
            'task': self._mlm_customers_tasks(agent, lead).get(lead),
            'history': self._mlm_customers_history(agent, lead.partner_id.browse(), lead.order_ids.browse(), lead)})

    # === WHAT THE AGENT DOES === #

    @http.route('/my/customers/new', type='http', auth='user', methods=['GET', 'POST'], website=True)
    def mlm_new_customer(self, **post):
        agent = self._mlm_customers_get_agent(states=('active',))
        if not agent:
            return request.redirect('/my')
        entries, error, own = agent.env['mlm.agent.entry'], '', (agent.browse(), agent.env['crm.lead'])
        if request.httprequest.method == 'POST':
            if not post.get('again'):
                own = entries._find_own(agent, post)
            if not any(own):
                kind, url = ('inquiry', '/my/inquiries') if post.get('kind') == 'inquiry' else ('customer', '/my/customers')
                try:
                    with request.env.cr.savepoint():
                        record = entries._enter(agent, kind, post, self._mlm_customers_company(agent))
                    return request.redirect(f'{url}/{record.id}?message=entered')
                except UserError as problem:
                    error = str(problem)
        return request.render('mlm_network.portal_new_customer', {
            **self._prepare_portal_layout_values(),
            'page_name': 'mlm_customer', 'new': True, 'post': post, 'error': error, 'own_customers': own[0],
            'own_leads': own[1], 'lead_urls': {lead: self._mlm_inquiries_url(lead) for lead in own[1]}})

    @http.route('/my/customers/<int:partner_id>/<any(note, task, done):action>', type='http', auth='user', methods=['POST'],
                website=True)
    def mlm_act_on_customer(self, partner_id, action, **post):
        agent, customer = self._mlm_customers_get_own(partner_id)
        if not customer:
            return request.redirect('/my/customers')
        return self._mlm_customers_act(agent, customer, action, post, f'/my/customers/{partner_id}')

    @http.route('/my/inquiries/<int:lead_id>/<any(note, task, done, customer):action>', type='http', auth='user',
                methods=['POST'], website=True)
    def mlm_act_on_inquiry(self, lead_id, action, **post):
        agent, lead = self._mlm_inquiries_get_own(lead_id)
        if not lead:
            return request.redirect('/my/inquiries')
        if action == 'customer' and not lead.partner_id:
            lead._handle_partner_assignment(create_missing=True)
            customer = lead.partner_id.commercial_partner_id
            agent.env['mlm.agent.task']._open(agent, lead).write({'lead_id': False, 'partner_id': customer.id})
            return request.redirect(f'/my/customers/{customer.id}?message=entered')
        return self._mlm_customers_act(agent, lead, action, post, f'/my/inquiries/{lead_id}')

    def _mlm_customers_act(self, agent, record, action, post, url):
        """A note, a next step, or a step done, on an own customer or inquiry; then its page again."""
        tasks, message = agent.env['mlm.agent.task'], action
        try:
            if action == 'note':
                self._mlm_customers_note(agent, record, post.get('note'))
            elif action == 'task':
                tasks._plan(agent, record, post.get('date'), post.get('note'))
            elif action == 'done':
                tasks._open(agent, record)._finish()
        except UserError as problem:
            request.session['mlm_customer_error'], message = str(problem), ''
        return request.redirect(f'{url}?message={message}')

    def _mlm_customers_note(self, agent, record, note):
        text = (note or '').strip()[:5000]
        if not text:
            raise UserError(request.env._('Write a note first.'))
        record.message_post(
            body=plaintext2html(text), author_id=request.env.user.partner_id.id, message_type='comment',
            subtype_xmlid='mail.mt_note')

    # === TOOLING === #

    def _mlm_customers_orders_domain(self, agent, customers):
        return Domain('mlm_agent_id', '=', agent.id) & Domain('partner_id', 'child_of', customers.ids)

    def _mlm_customers_order_url(self, order):
        """The page on which the agent sees an own customer's order, if there is one. A hook."""
        return ''

    def _mlm_customers_turnover(self, agent, customers):
        """What the agent's customers ordered from the agent, without taxes: ``{customer: text}``, one amount a currency."""
        groups = agent.env['sale.order']._read_group(
            self._mlm_customers_orders_domain(agent, customers) & Domain('state', '=', 'sale'),
            ['partner_id', 'currency_id'], ['amount_untaxed:sum'])
        sums = {}
        for partner, currency, amount in groups:
            key = (partner.commercial_partner_id, currency)
            sums[key] = sums.get(key, 0.0) + amount
        texts = {}
        for (customer, currency), amount in sums.items():
            texts.setdefault(customer, []).append(currency.format(amount))
        return {customer: ' + '.join(amounts) for customer, amounts in texts.items()}

    def _mlm_customers_tasks(self, agent, records):
        """The next open task about each: ``{record: task}``."""
        name, tasks = 'lead_id' if records._name == 'crm.lead' else 'partner_id', {}
        for task in agent.env['mlm.agent.task']._open(agent, records):
            tasks.setdefault(task[name], task)
        return tasks

    def _mlm_customers_history(self, agent, customer, orders, leads):
        """What was written, the newest first: by the agent anywhere here; by the customer on the agent's offers and
        inquiries, but for internal notes. What the staff or other agents write is not the agent's business.

        :rtype: list[dict]
        """
        own = Domain('author_id', 'child_of', agent.ids)
        theirs = own | (Domain('author_id', 'child_of', (customer | leads.partner_id).ids or [0])
                        & Domain('subtype_id.internal', '=', False) & Domain('is_internal', '=', False))
        where = Domain.OR([
            Domain('model', '=', 'res.partner') & Domain('res_id', 'in', customer.ids) & own,
            Domain('model', '=', 'sale.order') & Domain('res_id', 'in', orders.ids) & theirs,
            Domain('model', '=', 'crm.lead') & Domain('res_id', 'in', leads.ids) & theirs])
        messages = agent.env['mail.message'].search(
            where & Domain('message_type', 'in', ('comment', 'email', 'sms')), order='date DESC, id DESC', limit=HISTORY_LIMIT)
        return [
            {'date': message.date, 'author': message.author_id.name, 'text': html2plaintext(message.body or '').strip(),
             'note': message.subtype_id.internal}
            for message in messages if message.body]
