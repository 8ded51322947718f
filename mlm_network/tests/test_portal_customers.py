# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import re
from datetime import date, timedelta

from odoo import fields, http
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import NetworkCommon


class CustomerPortalCommon(NetworkCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, 'mlm_cust_bert', 'base.group_portal', partner_id=cls.bert.id, name='Bert')
        cls.anna_user = new_test_user(cls.env, 'mlm_cust_anna', 'base.group_portal', partner_id=cls.anna.id, name='Anna')
        cls.stranger = new_test_user(cls.env, 'mlm_cust_stranger', 'base.group_portal', name='Stranger')
        cls.bert.country_id = cls.anna.country_id = cls.env.ref('base.de')
        cls.ken = cls.customer('Ken', cls.bert, email='ken@customers.example.com', phone='+49 30 111111')
        cls.kim.write({'email': 'kim@secret.example.com', 'phone': '+49 30 222222'})

    def text(self, response):
        return re.sub(r'\s+', ' ', re.sub(r'<(script|style).*?</\1>|<[^>]*>', ' ', response.text, flags=re.DOTALL))

    def get(self, url, login='mlm_cust_bert'):
        self.authenticate(login, login)
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        return response

    def post(self, url, login='mlm_cust_bert', **data):
        self.authenticate(login, login)
        response = self.url_open(url, data={'csrf_token': http.Request.csrf_token(self), **data})
        self.env.invalidate_all()
        return response

    def enter(self, login='mlm_cust_bert', **data):
        return self.post('/my/customers/new', login, **{
            'kind': 'customer', 'name': 'Nora', 'email': 'nora@customers.example.com', 'agreed': '1', **data})


@tagged('post_install', '-at_install')
class TestPortalCustomers(CustomerPortalCommon):

    def test_lists_hold_the_own_only(self):
        lead = self.env['crm.lead'].create({'name': 'Roof', 'contact_name': 'Lea', 'mlm_agent_id': self.bert.id})
        foreign = self.env['crm.lead'].create({'name': 'Cellar', 'contact_name': 'Lou', 'mlm_agent_id': self.anna.id})
        page = self.text(self.get('/my/customers'))
        self.assertIn('Ken', page)
        for text in ('Kim', 'Carl', 'secret'):
            self.assertNotIn(text, page)
        page = self.text(self.get('/my/inquiries'))
        self.assertIn('Lea', page)
        self.assertNotIn('Lou', page)
        self.assertNotIn('Ken', self.text(self.get('/my/customers?search=nobody')))
        self.assertIn('Ken', self.text(self.get('/my/customers?search=111111')))
        for url, home in ((f'/my/customers/{self.kim.id}', '/my/customers'), (f'/my/customers/{self.carl.id}', '/my/customers'),
                          ('/my/customers/999999999', '/my/customers'), (f'/my/inquiries/{foreign.id}', '/my/inquiries')):
            self.assertTrue(self.get(url).url.endswith(home), url)
        self.assertIn('Roof', self.text(self.get(f'/my/inquiries/{lead.id}')))

    def test_others_are_sent_away(self):
        for url in ('/my/customers', '/my/customers/new', '/my/inquiries', f'/my/customers/{self.ken.id}'):
            self.assertNotIn('Ken', self.text(self.get(url, 'mlm_cust_stranger')))
        self.authenticate(None, None)
        self.assertIn('/web/login', self.url_open('/my/customers', allow_redirects=False).headers['Location'])
        self.enter('mlm_cust_stranger')
        self.bert.mlm_agent_state = 'suspended'
        self.enter()
        self.assertFalse(self.Partner.search([('email', '=', 'nora@customers.example.com')]), 'suspended, and stranger')
        self.assertIn('Ken', self.text(self.get('/my/customers')), 'who is suspended still sees the own customers')
        self.bert.with_context(mlm_date=fields.Date.today()).mlm_agent_state = 'terminated'
        self.assertNotIn('Ken', self.text(self.get('/my/customers')))

    def test_enter_a_customer(self):
        response = self.enter(phone='030 333333', note='Met <b>at the fair</b>', is_company='1')
        nora = self.Partner.search([('email', '=', 'nora@customers.example.com')])
        self.assertTrue(response.url.endswith(f'/my/customers/{nora.id}?message=entered'), response.url)
        self.assertRecordValues(nora, [{
            'mlm_sponsor_id': self.bert.id, 'mlm_agent_state': 'none', 'phone_sanitized': '+4930333333', 'is_company': True}])
        page = self.text(response)
        self.assertIn('Met &lt;b&gt;at the fair&lt;/b&gt;', page)
        note = nora.message_ids.filtered(lambda message: message.message_type == 'comment')
        self.assertEqual((note.author_id, note.subtype_id), (self.bert, self.env.ref('mail.mt_note')))

    def test_enter_an_inquiry_and_make_a_customer_of_it(self):
        self.enter(kind='inquiry', about='A new roof')
        lead = self.env['crm.lead'].search([('email_from', '=', 'nora@customers.example.com')])
        self.assertRecordValues(lead, [{
            'name': 'A new roof', 'contact_name': 'Nora', 'mlm_agent_id': self.bert.id, 'partner_id': False, 'user_id': False}])
        self.post(f'/my/inquiries/{lead.id}/customer', 'mlm_cust_anna')
        self.assertFalse(lead.partner_id, 'somebody else\'s inquiry')
        task = self.env['mlm.agent.task']._plan(self.bert, lead, '2030-01-01', 'Call')
        self.post(f'/my/inquiries/{lead.id}/customer')
        self.assertEqual((task.lead_id.id, task.partner_id), (False, lead.partner_id))
        self.assertEqual((lead.partner_id.name, lead.partner_id.mlm_sponsor_id), ('Nora', self.bert))
        self.assertIn('A new roof', self.text(self.get(f'/my/customers/{lead.partner_id.id}')))

    def test_what_is_wrong_is_told_and_nothing_stays(self):
        for values, message in (
            ({'name': ' '}, 'Enter the name'), ({'email': 'nothing'}, 'is no e-mail address'),
            ({'email': ''}, 'an e-mail address or a phone number'), ({'agreed': ''}, 'Confirm that Nora knows'),
        ):
            with self.subTest(values=values):
                self.assertIn(message, self.text(self.enter(**values)))
        self.assertFalse(self.env['mlm.agent.entry'].search([]))
        self.assertFalse(self.Partner.search([('name', '=', 'Nora')]))

    def test_own_duplicates_are_shown(self):
        lead = self.env['crm.lead'].create({
            'name': 'Roof', 'email_from': 'nora@customers.example.com', 'mlm_agent_id': self.bert.id})
        for values, link in (({'email': 'KEN@customers.example.com'}, f'/my/customers/{self.ken.id}'),
                             ({'email': '', 'phone': '030/111111'}, f'/my/customers/{self.ken.id}'),
                             ({}, f'/my/inquiries/{lead.id}')):
            response = self.enter(**values)
            self.assertIn('You know this person already', response.text)
            self.assertIn(link, response.text)
        self.assertFalse(self.env['mlm.agent.entry'].search([]))
        self.enter(again='1')
        self.assertEqual(len(self.env['mlm.agent.entry'].search([])), 1)

    def test_who_is_known_elsewhere_is_not_told(self):
        """The answer is the same to the letter, but for numbers, and so are the statements it takes."""
        def answer(email):
            self.authenticate('mlm_cust_bert', 'mlm_cust_bert')
            response = self.enter(email=email)
            record = self.Partner.search([('email', '=', email), ('mlm_sponsor_id', '=', self.bert.id)])
            self.assertEqual(len(record), 1)
            text = re.sub(r'\?unique=\w+|csrf_token: "[^"]*"|value="[0-9a-f]{30,}[^"]*"', '', response.text)
            return text.replace(str(record.id), 'ID').replace(email, 'EMAIL')
        answer('first@secret.example.com')  # warms the caches of the pages
        self.assertEqual(answer('kim@secret.example.com'), answer('new@secret.example.com'))
        self.otto.email = 'otto@secret.example.com'
        values = {'name': 'N', 'agreed': '1'}
        entries = self.env['mlm.agent.entry']
        counts = []
        for email in ('one@secret.example.com', 'otto@secret.example.com', 'two@secret.example.com'):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            entries._find_own(self.bert, {**values, 'email': email})
            entries._enter(self.bert, 'customer', {**values, 'email': email}, self.env.company)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_the_company_sorts_out_whom_others_know(self):
        clerk = new_test_user(self.env, 'mlm_cust_clerk', 'base.group_user,base.group_partner_manager')
        self.env.company.mlm_intake_user_id = clerk
        self.enter(email='kim@secret.example.com')
        self.enter(email='unknown@customers.example.com')
        known, unknown = (self.Partner.search([('email', '=', email), ('mlm_sponsor_id', '=', self.bert.id)]) for email in (
            'kim@secret.example.com', 'unknown@customers.example.com'))
        self.assertFalse(known.activity_ids, 'not before the job')
        with mute_logger('odoo.addons.base.models.ir_cron'):
            self.env.ref('mlm_network.ir_cron_check_entries').method_direct_trigger()
        self.assertEqual(known.activity_ids.user_id, clerk)
        self.assertIn('Kim', known.activity_ids.note)
        self.assertFalse(unknown.activity_ids)
        entries = self.env['mlm.agent.entry'].search([])
        self.assertEqual({entry.partner_id: entry.state for entry in entries}, {known: 'known', unknown: 'unique'})
        self.assertNotIn('Kim', self.text(self.get(f'/my/customers/{known.id}')), 'the agent sees nothing of it')

    def test_own_contacts_are_no_strangers(self):
        """A colleague at the agent's own corporate customer is the agent's; a recruit of the same address is not a customer."""
        firm = self.customer('Firm', self.bert, is_company=True)
        self.Partner.create({'name': 'Clerk', 'parent_id': firm.id, 'email': 'clerk@customers.example.com'})
        self.carl.email = 'carl@agents.example.com'
        self.assertIn(f'/my/customers/{firm.id}', self.enter(email='clerk@customers.example.com').text)
        self.enter(email='clerk@customers.example.com', again='1')
        self.enter(email='carl@agents.example.com')
        self.Partner.create([{'name': 'Again', 'mlm_sponsor_id': self.bert.id, 'email': 'kim@secret.example.com'}] * 6)
        self.enter(email='kim@secret.example.com', again='1')
        for entry in self.env['mlm.agent.entry'].search([]):
            entry._check_known()
        self.assertEqual({entry.partner_id.email: entry.state for entry in self.env['mlm.agent.entry'].search([])}, {
            'clerk@customers.example.com': 'unique', 'carl@agents.example.com': 'known',
            'kim@secret.example.com': 'known'})

    def test_merged_inquiries_keep_what_was_planned(self):
        first, second = self.env['crm.lead'].create([
            {'name': name, 'type': 'opportunity', 'mlm_agent_id': self.bert.id} for name in ('Roof', 'Same roof')])
        tasks = [self.env['mlm.agent.task']._plan(self.bert, lead, '2030-01-01', 'Call') for lead in (first, second)]
        left = (first + second).merge_opportunity()
        self.assertEqual([task.exists().lead_id for task in tasks], [left, left])

    def test_limit(self):
        self.env.company.mlm_agent_entries = 2
        for number in range(3):
            page = self.text(self.enter(email=f'n{number}@customers.example.com'))
        self.assertIn('2 entries in 24 hours, which is the limit', page)
        self.assertEqual(len(self.env['mlm.agent.entry'].search([])), 2)
        self.env.cr.execute("UPDATE mlm_agent_entry SET create_date = create_date - interval '25 hours'")
        self.enter(email='n9@customers.example.com')
        self.assertEqual(len(self.env['mlm.agent.entry'].search([])), 3)

    def test_next_step_and_note(self):
        url, tomorrow = f'/my/customers/{self.ken.id}', (date.today() + timedelta(days=1)).isoformat()
        self.assertIn('Enter a day', self.text(self.post(url + '/task', date='soon', note='Call')))
        self.assertIn('Call back', self.text(self.post(url + '/task', date=tomorrow, note='Call back')))
        task = self.env['mlm.agent.task'].search([])
        self.assertRecordValues(task, [{'agent_id': self.bert.id, 'partner_id': self.ken.id, 'done_on': False}])
        self.assertIn('Call back', self.text(self.get('/my/customers')))
        self.post(url + '/done', 'mlm_cust_anna')
        self.post(url + '/note', 'mlm_cust_anna', note='Mine!')
        self.assertFalse(task.done_on, 'somebody else\'s customer')
        self.assertNotIn('Mine!', ''.join(self.ken.message_ids.mapped('body')))
        self.post(url + '/done')
        self.assertTrue(task.done_on)
        self.assertIn('Hello', self.text(self.post(url + '/note', note='Hello')))
        self.assertIn('Write a note first', self.text(self.post(url + '/note', note=' ')))

    def test_history_is_the_agents_own(self):
        lead = self.env['crm.lead'].create({'name': 'Roof', 'mlm_agent_id': self.bert.id, 'partner_id': self.ken.id})
        foreign = self.env['crm.lead'].create({'name': 'Cellar', 'mlm_agent_id': self.anna.id, 'partner_id': self.ken.id})
        post = {'message_type': 'comment', 'subtype_xmlid': 'mail.mt_comment'}
        self.ken.message_post(body='agent wrote', author_id=self.bert.id, **post)
        self.ken.message_post(body='staff wrote', author_id=self.env.user.partner_id.id, **post)
        self.ken.message_post(body='customer to staff', author_id=self.ken.id, **post)
        lead.message_post(body='customer on inquiry', author_id=self.ken.id, **post)
        lead.message_post(body='staff on inquiry', author_id=self.env.user.partner_id.id, **post)
        lead.message_post(body='internal', author_id=self.ken.id, subtype_xmlid='mail.mt_note', message_type='comment')
        foreign.message_post(body='customer to Anna', author_id=self.ken.id, **post)
        page = self.text(self.get(f'/my/customers/{self.ken.id}'))
        for text in ('agent wrote', 'customer on inquiry'):
            self.assertIn(text, page)
        for text in ('staff wrote', 'customer to staff', 'staff on inquiry', 'internal', 'customer to Anna', 'Cellar'):
            self.assertNotIn(text, page)

    def test_orders_and_turnover(self):
        product = self.env['product.product'].create({'name': 'Thing', 'list_price': 100, 'taxes_id': False})

        def order(agent, quantity, confirm=True):
            order = self.env['sale.order'].create({
                'partner_id': self.ken.id, 'mlm_agent_id': agent.id,
                'order_line': [(0, 0, {'product_id': product.id, 'product_uom_qty': quantity})]})
            if confirm:
                order.action_confirm()
            return order
        orders = order(self.bert, 2) + order(self.bert, 3) + order(self.bert, 7, confirm=False)
        foreign = order(self.anna, 50)
        currency = orders.currency_id
        for url in ('/my/customers', f'/my/customers/{self.ken.id}'):
            page = self.text(self.get(url)).replace('\xa0', ' ')
            self.assertIn(currency.format(500).replace('\xa0', ' '), page, '2 and 3 of 100 are confirmed')
        for name in orders.mapped('name'):
            self.assertIn(name, page)
        self.assertNotIn(foreign.name, page)

    def test_rpc(self):
        """What the pages show is out of reach but through them."""
        task = self.env['mlm.agent.task']._plan(self.bert, self.ken, '2030-01-01', 'Call')
        other = self.env['mlm.agent.task']._plan(self.anna, self.kim, '2030-01-01', 'Call')
        entry = self.env['mlm.agent.entry']._enter(
            self.bert, 'customer', {'name': 'N', 'phone': '1', 'agreed': '1'}, self.env.company)
        mine = self.env['mlm.agent.task'].with_user(self.user)
        self.assertEqual(mine.search([]), task)
        self.assertFalse(mine.search([('partner_id.email', 'ilike', 'secret')]))
        for record in (other.with_user(self.user), entry.with_user(self.user), self.ken.with_user(self.user)):
            with self.assertRaises(AccessError):
                record.read(['display_name'])
        with self.assertRaises(AccessError):
            mine.browse(task.id).write({'note': 'x'})
        with self.assertRaises(AccessError):
            self.env['mlm.agent.entry'].with_user(self.user).search([])

    def test_pages_take_no_statement_for_each_customer(self):
        def statements():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.get('/my/customers')
            return self.cr.sql_log_count - before
        statements()
        few = statements()
        self.Partner.create([
            {'name': 'More %02d' % i, 'mlm_sponsor_id': self.bert.id, 'email': 'm%d@example.com' % i} for i in range(30)])
        self.assertLessEqual(statements(), few + 3)


@tagged('post_install', '-at_install')
class TestCustomerTour(CustomerPortalCommon):

    def test_a_day_of_an_agent(self):
        self.start_tour('/my', 'mlm_network_customers', login='mlm_cust_bert')
        nora = self.Partner.search([('email', '=', 'nora@customers.example.com')])
        self.assertEqual(nora.mlm_sponsor_id, self.bert)
        self.assertTrue(self.env['mlm.agent.task'].search([('partner_id', '=', nora.id)]).done_on)


@tagged('post_install', '-at_install')
class TestCustomerTourPhone(TestCustomerTour):
    browser_size = '390x844'
    touch_enabled = True
