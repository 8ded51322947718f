# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import re
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import PNG, OffersCommon


class PortalCommon(OffersCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent_user = cls.new_user('off_anna', 'base.group_portal', partner_id=cls.anna.id, name='Anna')
        cls.kim_user = cls.new_user('off_kim', 'base.group_portal', partner_id=cls.kim.id, name='Kim')
        # the users' creation puts the login's address on the contact
        cls.anna.email, cls.kim.email = 'anna@agents.example.com', 'kim@customers.example.com'

    def get(self, url):
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200, url)
        return response

    def post(self, url, page=None, **data):
        """Post a form; the token against forgery comes from the page that holds it."""
        token = re.search(r'csrf_token(?:"|&#34;)?(?:: "| value="|" value=")([^"]+)"', self.get(page or url).text)[1]
        return self.url_open(url, data=data | {'csrf_token': token})

    def rpc(self, url, **params):
        response = self.url_open(url, json={'jsonrpc': '2.0', 'method': 'call', 'params': params})
        return response.json().get('result')


@tagged('post_install', '-at_install')
class TestAgentPortal(PortalCommon):
    def new_offer(self, **values):
        before = self.env['sale.order'].search([])
        response = self.post(
            '/my/offers/new', **{'customer': f'partner:{self.kim.id}', 'template_id': self.template.id} | values
        )
        return self.env['sale.order'].search([]) - before, response

    def test_an_agent_makes_and_sends_an_offer(self):
        self.authenticate('off_anna', 'off_anna')
        page = self.get('/my/offers/new').text
        self.assertIn('Test Package', page)
        self.assertIn('Kim', page)
        self.assertNotIn('Karl', page)
        order, response = self.new_offer(discount='5')
        self.assertTrue(response.url.endswith(f'/my/offers/{order.id}'), response.url)
        self.assertEqual((order.partner_id, order.mlm_agent_id, order.amount_total), (self.kim, self.anna, 95.0))
        self.assertEqual(order.order_line.mapped('discount'), [5.0, 0.0, 5.0])
        self.post(f'/my/offers/{order.id}/send', f'/my/offers/{order.id}')
        self.assertEqual(order.state, 'sent')
        mail = self.env['mail.message'].search(
            [('model', '=', 'sale.order'), ('res_id', '=', order.id), ('partner_ids', 'in', self.kim.ids)]
        )
        self.assertEqual(len(mail), 1)
        self.assertIn(order.name, self.get('/my/offers').text)

    def test_a_price_from_outside_is_ignored(self):
        self.authenticate('off_anna', 'off_anna')
        order, _response = self.new_offer(price_unit='1', amount_total='1', order_line='[]')
        self.assertEqual(order.amount_total, 100.0)

    def test_what_an_agent_may_not_offer(self):
        ranked = self.make_template('Ranked', mlm_min_level=5)
        staff = self.make_template('Staff', mlm_agent_use=False)
        companies = self.make_template('Companies', mlm_audience='company')
        lead = self.env['crm.lead'].create({'name': 'Of Otto', 'mlm_agent_id': self.otto.id, 'type': 'lead'})
        self.authenticate('off_anna', 'off_anna')
        page = self.get('/my/offers/new').text
        self.assertNotIn('Ranked', page)
        self.assertNotIn('Staff', page)
        for values in (
            {'template_id': ranked.id},
            {'template_id': staff.id},
            {'template_id': companies.id},
            {'template_id': 'x'},
            {'customer': f'partner:{self.karl.id}'},
            {'customer': f'partner:{self.otto.id}'},
            {'customer': f'lead:{lead.id}'},
            {'customer': f'partner:{self.bert.id}'},
            {'customer': ''},
            {'customer': 'partner:-1'},
            {'discount': '10.5'},
            {'discount': '-5'},
            {'discount': 'nan'},
            {'discount': 'free'},
            {'customer': 'new', 'name': '', 'email': 'a@b.example'},
            {'customer': 'new', 'name': 'A', 'email': 'nothing'},
        ):
            with self.subTest(values=values):
                order, response = self.new_offer(**values)
                self.assertFalse(order)
                self.assertIn('alert-danger', response.text)

    def test_nothing_stays_of_a_refused_offer(self):
        self.authenticate('off_anna', 'off_anna')
        order, _response = self.new_offer(customer='new', name='Zoe', email='zoe@customers.example.com', discount='50')
        self.assertFalse(order)
        self.assertFalse(self.Partner.search([('email', '=', 'zoe@customers.example.com')]))
        order, _response = self.new_offer(customer='new', name='Zoe', email='zoe@customers.example.com')
        self.assertEqual(order.partner_id.mlm_sponsor_id, self.anna)

    def test_an_offer_for_an_inquiry(self):
        lead = self.env['crm.lead'].create(
            {
                'name': 'Inquiry',
                'contact_name': 'Ida',
                'email_from': 'ida@customers.example.com',
                'mlm_agent_id': self.anna.id,
                'type': 'lead',
                'user_id': self.clerk.id,
            }
        )
        self.authenticate('off_anna', 'off_anna')
        order, _response = self.new_offer(customer=f'lead:{lead.id}')
        self.assertEqual((order.opportunity_id, order.partner_id.name, order.user_id), (lead, 'Ida', self.clerk))
        self.assertEqual((order.partner_id.mlm_sponsor_id, order.mlm_agent_id), (self.anna, self.anna))

    def test_offers_of_others_are_out_of_reach(self):
        order = self.make_offer(self.karl)
        self.authenticate('off_anna', 'off_anna')
        own = self.make_offer()
        self.assertTrue(self.get(f'/my/offers/{order.id}').url.endswith('/my/offers'))
        self.assertNotIn(order.name, self.get('/my/offers').text)
        messages = order.message_ids
        for action in ('send', 'shared', 'message'):
            self.post(f'/my/offers/{order.id}/{action}', f'/my/offers/{own.id}', text='Hi', channel='email')
        self.assertEqual(order.message_ids, messages)

    def test_who_is_no_agent(self):
        order = self.make_offer()
        for login in ('off_kim', 'off_clerk'):
            self.authenticate(login, login)
            for url in ('/my/offers', '/my/offers/new', f'/my/offers/{order.id}'):
                self.assertNotIn('/my/offers', self.get(url).url.replace(self.base_url(), ''), (login, url))
        self.anna.mlm_agent_state = 'suspended'
        self.authenticate('off_anna', 'off_anna')
        self.assertTrue(self.get('/my/offers/new').url.rstrip('/').endswith('/my'))
        self.authenticate(None, None)
        self.assertIn('/web/login', self.get('/my/offers/new').url)

    def test_messages_have_limits(self):
        self.env.company.mlm_agent_mails = 2
        order = self.make_offer()
        self.authenticate('off_anna', 'off_anna')

        def write(**values):
            return self.post(
                f'/my/offers/{order.id}/message',
                f'/my/offers/{order.id}',
                **{'channel': 'email', 'text': 'Hello <b>'} | values,
            )

        self.assertIn('on its way', write().text)
        self.assertIn('&lt;b&gt;', order.message_ids[0].body)
        self.assertEqual(order.message_ids[0].author_id, self.anna)
        self.assertFalse(order.mlm_answered_on, 'the agent is not the customer')
        write()
        count = len(order.message_ids)
        self.assertIn('the limit of', write().text)
        self.assertEqual(len(order.message_ids), count)
        sms = write(channel='sms', text='Short')
        self.assertIn('on its way', sms.text)
        self.assertEqual(self.env['sms.sms'].search([('partner_id', '=', self.kim.id)]).body, 'Short')
        self.assertIn('too long', write(channel='sms', text='x' * 460).text)
        self.assertIn('Write a message', write(channel='fax').text)
        self.env['mlm.agent.message'].search([]).write({'create_date': fields.Datetime.now() - timedelta(days=2)})
        self.env['mail.blacklist']._add('kim@customers.example.com')
        self.assertIn('does not want e-mails', write().text)


    def test_own_customers(self):
        self.make_offer()
        self.authenticate('off_anna', 'off_anna')
        page = self.get('/my/customers').text
        self.assertIn('Kim', page)
        self.assertNotIn('Karl', page)
        self.assertIn(f'/my/offers/new?customer=partner:{self.kim.id}', page)
        self.assertNotIn('>Kim<', self.get('/my/customers?search=nobody').text)
        page = self.get(f'/my/offers/new?customer=partner:{self.kim.id}').text
        self.assertIn(f'value="partner:{self.kim.id}" selected="', page)
        self.assertTrue(self.get(f'/my/customers/{self.karl.id}').url.endswith('/my/customers'))
        url = f'/my/customers/{self.kim.id}'
        self.assertIn('on its way', self.post(f'{url}/message', url, channel='email', text='Hello <b>').text)
        message = self.kim.message_ids[0]
        self.assertEqual((message.author_id, message.partner_ids), (self.anna, self.kim))
        self.assertIn('&lt;b&gt;', message.body)
        self.assertIn('on its way', self.post(f'{url}/message', url, channel='sms', text='Short').text)
        self.assertEqual(self.env['sms.sms'].search([('partner_id', '=', self.kim.id)]).body, 'Short')
        self.assertEqual(
            self.env['mlm.agent.message'].search([('agent_id', '=', self.anna.id)]).mapped('channel'), ['sms', 'email']
        )
        self.env.company.mlm_agent_sms = 1
        self.assertIn('the limit of', self.post(f'{url}/message', url, channel='sms', text='Short').text)
        before = self.karl.message_ids
        self.post(f'/my/customers/{self.karl.id}/message', url, channel='email', text='Hi')
        self.assertEqual(self.karl.message_ids, before, 'not somebody else\'s customer')
        self.anna.mlm_agent_state = 'suspended'
        page = self.get(url).text
        self.assertNotIn('/my/offers/new', page)
        self.assertNotIn('/message', page)
        self.authenticate('off_kim', 'off_kim')
        self.assertNotIn('/my/customers', self.get('/my/customers').url)

    def test_offers_by_rank(self):
        ranked = self.make_template('Ranked', mlm_min_level=5)
        with patch.object(type(self.anna), '_mlm_rank_level', lambda agent: 5 if agent == self.anna else 0):
            self.assertTrue(ranked._mlm_filter_for_agent(self.anna))
            self.assertFalse(ranked._mlm_filter_for_agent(self.otto))
            self.otto.mlm_offer_level = 6
            self.assertTrue(ranked._mlm_filter_for_agent(self.otto), 'opened by hand')
        self.assertFalse(ranked._mlm_filter_for_agent(self.anna))


@tagged('post_install', '-at_install')
class TestOrderPage(PortalCommon):
    def setUp(self):
        super().setUp()
        self.template.write({'mlm_intro': '<p>Dear guest</p>', 'mlm_closing': '<p>Yours</p>'})
        self.order = self.make_offer()
        self.url = self.order.get_portal_url()
        self.token = self.order.access_token

    def path(self, suffix):
        return self.order.get_portal_url(suffix=suffix)

    def test_the_page(self):
        page = self.get(self.url).text
        for text in (
            'Anna',
            '+48 600 100 201',
            'anna@agents.example.com',
            'Dear guest',
            'Yours',
            'data-mlm-until',
            'Do you have a question?',
        ):
            self.assertIn(text, page)
        self.anna.write({'mlm_show_email': False, 'mlm_show_phone': False})
        page = self.get(self.url).text
        self.assertNotIn('anna@agents.example.com', page)
        self.assertNotIn('600 100 201', page)

    def test_other_quotations_look_as_ever(self):
        order = self.env['sale.order'].create({'partner_id': self.kim.id})
        page = self.get(order.get_portal_url()).text
        self.assertNotIn('mlm_question', page)
        self.assertNotIn('data-mlm-seen', page)

    def test_without_the_token(self):
        for url in (f'/my/orders/{self.order.id}', f'/my/orders/{self.order.id}?access_token=guess'):
            self.assertNotIn('Dear guest', self.url_open(url).text)
        self.assertEqual(self.rpc(f'/my/orders/{self.order.id}/mlm_seen', access_token='guess'), '')
        self.assertFalse(self.order.mlm_view_ids)

    def test_visits(self):
        seen = f'/my/orders/{self.order.id}/mlm_seen'
        key = self.rpc(seen, access_token=self.token, device='phone')
        self.assertEqual(self.rpc(seen, access_token=self.token, key=key), key)
        self.assertEqual((len(self.order.mlm_view_ids), self.order.mlm_view_ids.device), (1, 'phone'))
        self.assertEqual(len(self.mails_to('anna@agents.example.com')), 1)
        for login in ('off_anna', 'off_clerk'):
            self.authenticate(login, login)
            self.assertEqual(self.rpc(seen, access_token=self.token), '', f'{login} is no customer')
        self.authenticate('off_kim', 'off_kim')
        self.rpc(seen)
        self.assertEqual(self.order.mlm_view_ids[0].partner_id, self.kim)

    def test_question(self):
        response = self.post(self.path('/mlm_ask'), self.url, question='How long?')
        self.assertIn('on its way', response.text)
        self.assertEqual(self.order.message_ids[0].author_id, self.kim)
        self.assertTrue(self.order.mlm_answered_on)

    def test_options_and_signature(self):
        line = self.order.order_line[-1]
        prices = re.findall('o_mlm_unit_price">(.*?)</small>', self.get(self.url).text, re.DOTALL)
        self.assertEqual(len(prices), 1, 'of the option, not of what is ordered anyway')
        self.assertIn('40.00', prices[0])
        self.rpc(
            f'/my/orders/{self.order.id}/update_line_dict', line_id=line.id, access_token=self.token, input_quantity=2
        )
        self.assertEqual(self.order.amount_total, 180.0)
        first = self.order.order_line[0]
        self.rpc(
            f'/my/orders/{self.order.id}/update_line_dict', line_id=first.id, access_token=self.token, input_quantity=0
        )
        self.assertEqual(self.order.amount_total, 180.0, 'what is no option stays')
        result = self.rpc(f'/my/orders/{self.order.id}/accept', access_token=self.token, name='Kim', signature=PNG)
        self.assertTrue(result['force_refresh'])
        self.assertEqual((self.order.state, self.order.signed_by), ('sale', 'Kim'))
        self.assertTrue(self.mails_to('anna@agents.example.com'))

    def test_variants(self):
        color = self.env['product.attribute'].create(
            {'name': 'Size', 'value_ids': [Command.create({'name': 'Small'}), Command.create({'name': 'Large'})]}
        )
        product = self.env['product.template'].create(
            {
                'name': 'Plan',
                'type': 'service',
                'list_price': 50.0,
                'taxes_id': [Command.clear()],
                'attribute_line_ids': [
                    Command.create({'attribute_id': color.id, 'value_ids': [Command.set(color.value_ids.ids)]})
                ],
            }
        )
        small, large = product.product_variant_ids
        large.product_template_attribute_value_ids.price_extra = 30.0
        template = self.make_template(
            'Plans', sale_order_template_line_ids=[Command.create({'product_id': small.id, 'mlm_variants': True})]
        )
        order = self.make_offer(template=template, discount=10)
        line = order.order_line
        url, token = order.get_portal_url(), order.access_token
        page = self.get(url).text
        for text in ('Small', 'Large', '45.00', '72.00'):  # 50 and 80 less 10 %
            self.assertIn(text, page)

        def choose(variant, line=line, price='1'):
            self.post(
                f'/my/orders/{order.id}/mlm_variant?access_token={token}',
                url,
                line_id=line.id,
                product_id=variant.id,
                price_unit=price,
            )
            return order.order_line.product_id, order.amount_total

        self.assertEqual(choose(large), (large, 72.0))
        self.assertEqual(choose(self.option), (large, 72.0), 'no variant of this product')
        other = self.make_offer(self.karl, template)
        choose(large, other.order_line)
        self.assertEqual(other.order_line.product_id, small, 'a line of another offer')
        large.sale_ok = False
        self.assertEqual(choose(small), (large, 72.0), 'a choice of one is none')
        large.sale_ok = True
        line.mlm_variants = False
        self.assertEqual(choose(small), (large, 72.0), 'where the company leaves the choice')
        line.mlm_variants = True
        self.assertEqual(choose(small), (small, 45.0))
        order.validity_date = fields.Date.subtract(fields.Date.today(), days=1)
        self.assertEqual(choose(large), (small, 45.0), 'the offer has expired')
        order.validity_date = False
        order.action_confirm()
        self.assertEqual(choose(large), (small, 45.0), 'what is ordered stays')
        self.url_open(f'/my/orders/{order.id}/mlm_variant', data={'line_id': line.id, 'product_id': large.id})
        self.assertEqual(order.order_line.product_id, small)

    def test_the_discount_stays_with_the_quantity(self):
        """Odoo computes discounts anew with every quantity where they are switched on."""
        self.env['res.config.settings'].create({'group_discount_per_so_line': True}).execute()
        order = self.make_offer(discount=10)
        order.pricelist_id = self.env['product.pricelist'].create({'name': 'All', 'currency_id': order.currency_id.id})
        line = order.order_line[-1]
        order._portal_ensure_token()
        self.rpc(f'/my/orders/{order.id}/update_line_dict', line_id=line.id, access_token=order.access_token, input_quantity=3)
        self.assertEqual((line.product_uom_qty, line.discount), (3, 10))
        self.assertEqual(order.amount_total, 90 + 3 * 36)

    def test_an_old_link_opens_nothing(self):
        self.order.validity_date = fields.Date.subtract(fields.Date.today(), days=91)
        self.assertNotIn(self.order.name, self.get(self.url).text)
        self.assertFalse(self.rpc(f'/my/orders/{self.order.id}/mlm_seen', access_token=self.token))
        self.authenticate('off_kim', 'off_kim')
        self.assertIn(self.order.name, self.get(f'/my/orders/{self.order.id}').text, 'who logs in still sees it')

    def test_decline_with_a_reason(self):
        reason = self.env['crm.lost.reason'].create({'name': 'Too dear'})
        self.post(
            f'/my/orders/{self.order.id}/decline?access_token={self.token}',
            self.url,
            decline_message='Sorry',
            mlm_lost_reason_id=reason.id,
        )
        self.assertEqual((self.order.state, self.order.mlm_lost_reason_id), ('cancel', reason))

    def test_stop(self):
        self.get(self.path('/mlm_stop'))
        self.assertTrue(self.order.mlm_follow_up, 'opening the link does nothing yet')
        self.post(self.path('/mlm_stop'))
        self.assertFalse(self.order.mlm_follow_up)

    def test_documents(self):
        mine, other = self.env['ir.attachment'].create(
            [{'name': 'a.pdf', 'raw': b'%PDF-a'}, {'name': 'b.pdf', 'raw': b'%PDF-b'}]
        )
        self.template.mlm_document_ids = mine
        self.assertIn('a.pdf', self.get(self.url).text)
        self.assertEqual(self.get(self.path(f'/mlm_document/{mine.id}')).content, b'%PDF-a')
        self.assertNotEqual(self.url_open(self.path(f'/mlm_document/{other.id}')).content, b'%PDF-b')
        self.assertNotEqual(self.url_open(f'/my/orders/{self.order.id}/mlm_document/{mine.id}').content, b'%PDF-a')

    def test_contract(self):
        self.template.mlm_contract_template_id = self.make_contract_template()
        page = self.get(self.url).text
        self.assertIn('Accept and sign the contract', page)
        self.assertEqual(
            self.rpc(f'/my/orders/{self.order.id}/accept', access_token=self.token, name='Kim', signature=PNG).get(
                'force_refresh'
            ),
            None,
        )
        response = self.post(self.path('/mlm_contract'), self.url)
        party = self.order.mlm_contract_ids.party_ids
        link = f'/mlm/contract/{party.id}/{party.access_token}'
        self.assertTrue(response.url.endswith(link))
        self.assertEqual(response.headers['Referrer-Policy'], 'no-referrer')
        self.assertIn('Between us and', response.text)
        self.assertEqual(self.get(f'{link}/pdf').content, self.order.mlm_contract_ids._read_document())
        for wrong in (f'/mlm/contract/{party.id}/guess', f'/mlm/contract/{party.id + 1}/{party.access_token}'):
            for suffix in ('', '/pdf'):
                response = self.url_open(wrong + suffix)
                self.assertEqual(response.status_code, 404)
            self.assertIn('error', self.rpc(wrong + '/sign', name='Kim', signature=PNG))
            self.assertEqual(self.post(wrong + '/withdraw', link).status_code, 404)
        self.assertIn('error', self.rpc(link + '/sign', name='Kim', signature='x'))
        self.assertEqual(party.state, 'pending')
        self.assertTrue(self.rpc(link + '/sign', name='Kim', signature=PNG)['force_refresh'])
        self.assertEqual(self.order.state, 'sale')
        self.assertIn('error', self.rpc(link + '/sign', name='Kim', signature=PNG))
        self.authenticate('off_kim', 'off_kim')
        self.assertIn(self.order.mlm_contract_ids.name, self.get('/my/contracts').text)
        self.authenticate('off_anna', 'off_anna')
        self.assertNotIn(self.order.mlm_contract_ids.name, self.get('/my/contracts').text)
        self.authenticate(None, None)
        self.assertIn('withdrawn from', self.post(link + '/withdraw', link).text)
        self.assertEqual((self.order.state, self.order.mlm_contract_ids.state), ('cancel', 'withdrawn'))

    def test_to_be_paid_after_the_contract(self):
        self.template.write({'mlm_contract_template_id': self.make_contract_template().id, 'require_payment': True,
                             'prepayment_percent': 1.0})
        order = self.make_offer()
        self.assertNotIn('o_sale_portal_paynow', self.get(order.get_portal_url()).text)
        self.sign_all(order._mlm_get_or_make_contract())
        self.assertIn('o_sale_portal_paynow', self.get(order.get_portal_url()).text)

    def test_contract_declined(self):
        self.template.mlm_contract_template_id = self.make_contract_template()
        party = self.order._mlm_get_or_make_contract().party_ids
        link = f'/mlm/contract/{party.id}/{party.access_token}'
        self.post(link + '/decline', link, reason='No')
        self.assertEqual(self.order.mlm_contract_ids.state, 'declined')
        self.assertEqual(self.url_open(link).status_code, 404)


@tagged('post_install', '-at_install')
class TestPortalRights(PortalCommon):
    def test_a_portal_user_reaches_none_of_the_models(self):
        contract = self.make_contract_template()
        self.template.mlm_contract_template_id = contract
        self.make_offer()._mlm_get_or_make_contract()
        self.authenticate('off_kim', 'off_kim')
        for model in (
            'mlm.contract',
            'mlm.contract.party',
            'mlm.contract.template',
            'mlm.offer.view',
            'mlm.offer.reminder',
            'mlm.agent.message',
            'mlm.consent',
            'mlm.sign.account',
            'mlm.sign.setting',
            'mlm.offer.step',
            'mlm.offer.wizard',
            'sale.order.template',
        ):
            response = self.url_open(
                '/web/dataset/call_kw',
                json={
                    'jsonrpc': '2.0',
                    'method': 'call',
                    'params': {'model': model, 'method': 'search_read', 'args': [[], ['id']], 'kwargs': {}},
                },
            ).json()
            self.assertIn('AccessError', response['error']['data']['name'], model)

    def test_private_methods(self):
        order = self.make_offer()
        self.authenticate('off_clerk', 'off_clerk')
        for model, method, ids in (
            ('sale.order', '_mlm_send_sms', order.ids),
            ('sale.order', '_mlm_lose', order.ids),
            ('sale.order.template', '_mlm_create_offer', self.template.ids),
            ('mlm.contract.party', '_sign', [1]),
        ):
            response = self.url_open(
                '/web/dataset/call_kw',
                json={
                    'jsonrpc': '2.0',
                    'method': 'call',
                    'params': {'model': model, 'method': method, 'args': [ids, 1], 'kwargs': {}},
                },
            ).json()
            self.assertIn('error', response, method)
