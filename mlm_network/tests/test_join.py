# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import io
import re
from unittest.mock import patch

from PIL import Image

from odoo.exceptions import AccessError
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.http_routing.tests.common import MockRequest

from ..models.ir_http import REFERRAL_COOKIE
from .common import NetworkCommon

IR_HTTP = 'odoo.addons.mlm_network.models.ir_http.IrHttp'


@tagged('post_install', '-at_install')
class TestReferral(NetworkCommon):
    """Who is credited with what a link brought."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env['product.product'].create({'name': 'Thing', 'list_price': 100})
        cls.guest = cls.customer('Guest')

    def lead(self, **values):
        return self.env['crm.lead'].create({'name': 'Lead', **values})

    def order(self, partner, code, **values):
        return self.env['sale.order'].create({
            'partner_id': partner.id, 'mlm_referral_code': code,
            'order_line': [(0, 0, {'product_id': self.product.id})], **values})

    def test_lead(self):
        code = self.bert.mlm_agent_code
        for values, agent in (
            ({'mlm_referral_code': code}, self.bert),
            ({'mlm_referral_code': f' {code.lower()} '}, self.bert),
            ({'mlm_referral_code': code, 'partner_id': self.guest.id}, self.bert),
            ({'mlm_referral_code': code, 'partner_id': self.kim.id}, self.anna),  # a customer stays with the own agent
            ({'mlm_referral_code': code, 'mlm_agent_id': self.carl.id}, self.carl),
            ({'mlm_referral_code': 'NOBODY'}, self.Partner),
            ({'mlm_referral_code': self.cleo.mlm_agent_code}, self.Partner),  # a candidate sells nothing
        ):
            with self.subTest(values=values):
                lead = self.lead(**values)
                self.assertEqual(lead.mlm_agent_id, agent)
                self.assertEqual(lead.mlm_referral_code, values['mlm_referral_code'])

    def test_who_left_is_not_credited_but_keeps_what_was(self):
        before = self.lead(mlm_referral_code=self.bert.mlm_agent_code)
        self.bert.mlm_agent_state = 'terminated'
        after = self.lead(mlm_referral_code=self.bert.mlm_agent_code)
        self.assertEqual((before.mlm_agent_id, after.mlm_agent_id), (self.bert, self.Partner))
        self.assertEqual(after.mlm_referral_code, self.bert.mlm_agent_code, 'kept as a text')

    def test_agents_of_other_companies(self):
        other = self.env['res.company'].create({'name': 'Other'})
        self.otto.company_id = other
        code = self.otto.mlm_agent_code
        self.assertFalse(self.order(self.guest, code).mlm_agent_id)
        self.assertFalse(self.lead(mlm_referral_code=code, company_id=self.env.company.id).mlm_agent_id)
        self.assertEqual(self.lead(mlm_referral_code=code, company_id=other.id).mlm_agent_id, self.otto)

    def test_the_first_order_makes_a_customer(self):
        order = self.order(self.guest, self.bert.mlm_agent_code)
        self.assertEqual(order.mlm_agent_id, self.bert)
        self.assertFalse(self.guest.mlm_sponsor_id, 'a quotation binds nobody')
        order.action_confirm()
        self.assertEqual(self.guest.mlm_sponsor_id, self.bert)
        self.assertEqual(self.guest.mlm_sponsorship_ids.reason, 'Came by the agent\'s link')
        again = self.order(self.guest, self.carl.mlm_agent_code)
        again.action_confirm()
        self.assertEqual((again.mlm_agent_id, self.guest.mlm_sponsor_id), (self.bert, self.bert), 'no poaching by links')

    def test_whom_a_link_does_not_move(self):
        for partner in (self.kim, self.carl, self.env.user.partner_id):
            sponsor = partner.mlm_sponsor_id
            self.order(partner, self.otto.mlm_agent_code).action_confirm()
            self.assertEqual(partner.mlm_sponsor_id, sponsor, partner.name)
        order = self.order(self.guest, self.otto.mlm_agent_code, mlm_agent_id=self.carl.id)
        order.action_confirm()
        self.assertFalse(self.guest.mlm_sponsor_id, 'staff decided otherwise')

    def test_the_cookie_counts_for_visitors_only(self):
        code, models = self.bert.mlm_agent_code, (self.env['crm.lead'], self.env['sale.order'])
        users = {
            self.env.ref('base.public_user'): code,
            new_test_user(self.env, 'mlm_ref_guest', 'base.group_portal', partner_id=self.guest.id): code,
            new_test_user(self.env, 'mlm_ref_agent', 'base.group_portal', partner_id=self.carl.id): None,
            new_test_user(self.env, 'mlm_ref_staff', 'sales_team.group_sale_salesman'): None,
        }
        for user, expected in users.items():
            with MockRequest(self.env(user=user), cookies={REFERRAL_COOKIE: code}):
                for model in models:
                    values = model.default_get(['mlm_referral_code'])
                    self.assertEqual(values.get('mlm_referral_code'), expected, user.login)
        self.assertFalse(models[0].default_get(['mlm_referral_code']).get('mlm_referral_code'), 'no request')


@tagged('post_install', '-at_install')
class TestJoin(NetworkCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_test_user(cls.env, 'mlm_join_bert', 'base.group_portal', partner_id=cls.bert.id, name='Bert Secretname')
        new_test_user(cls.env, 'mlm_join_kim', 'base.group_portal', partner_id=cls.kim.id, name='Kim')
        cls.bert.write({'email': 'bert@agents.example.com', 'name': 'Bert Secretname'})
        cls.url = f'/join/{cls.bert.mlm_agent_code}'

    def inquire(self, url=None, **values):
        self.authenticate(None, None)
        url = (url or self.url) + '/inquiry'
        page = self.url_open(url).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        response = self.url_open(url, data={
            'csrf_token': token, 'name': 'Vera', 'email': 'vera@visitors.example.com', 'about': 'A <b>roof</b>', 'agreed': '1',
            **values})
        self.env.invalidate_all()
        return response.text

    def leads(self):
        return self.env['crm.lead'].search([('email_from', '=', 'vera@visitors.example.com')])

    def test_names_are_not_told_unless_chosen(self):
        """Whether a code is somebody's cannot be told from the page."""
        def page(code):
            response = self.url_open('/join/' + code)
            self.assertEqual(response.status_code, 200)
            # what differs between any two answers, and the code that was asked for
            different = r'csrf_token: "[^"]*"|\?unique=\w+|NOBODY|%s' % self.bert.mlm_agent_code
            return re.sub(different, '', response.text)
        page('NOBODY')
        self.assertEqual(page('NOBODY'), page(self.bert.mlm_agent_code))
        self.assertNotIn('Secretname', page(self.bert.mlm_agent_code))
        self.bert.mlm_public_name = 'Bert S.'
        self.assertIn('Bert S. invites you', page(self.bert.mlm_agent_code.lower()))
        self.assertEqual(self.url_open('/join/' + 'x' * 41).status_code, 404)
        self.assertEqual(self.url_open('/join/%3Cscript%3E').status_code, 404)

    def test_an_inquiry(self):
        self.assertIn('Thank you', self.inquire())
        lead = self.leads()
        self.assertRecordValues(lead, [{
            'contact_name': 'Vera', 'mlm_agent_id': self.bert.id, 'mlm_referral_code': self.bert.mlm_agent_code,
            'user_id': False, 'company_id': self.env.company.id}])
        self.assertIn('&lt;b&gt;', lead.description)
        self.assertIn('I agree that', ''.join(lead.message_ids.mapped('body')))
        mail = self.env['mail.message'].search(
            [('partner_ids', 'in', self.bert.ids), ('subject', '=', 'A new inquiry by your link')])
        self.assertIn(f'/my/inquiries/{lead.id}', mail.body)
        entry = self.env['mlm.agent.entry'].search([('lead_id', '=', lead.id)])
        self.assertRecordValues(entry, [{'agent_id': self.bert.id, 'by_visitor': True}])
        self.authenticate('mlm_join_bert', 'mlm_join_bert')
        self.assertIn('Vera', self.url_open('/my/inquiries').text)

    def test_without_an_agent_it_falls_to_the_company(self):
        clerk = new_test_user(self.env, 'mlm_join_clerk', 'sales_team.group_sale_salesman_all_leads')
        self.env.company.mlm_intake_user_id = clerk
        self.assertIn('Thank you', self.inquire('/join/NOBODY'))
        lead = self.leads()
        self.assertRecordValues(lead, [{'mlm_agent_id': False, 'mlm_referral_code': 'NOBODY'}])
        self.assertEqual(lead.activity_ids.user_id, clerk)

    def test_what_is_wrong(self):
        for values, message in (
            ({'name': ''}, 'Please enter your name'), ({'email': ''}, 'your e-mail address or your phone'),
            ({'email': 'x'}, 'is no e-mail address'), ({'agreed': ''}, 'Please agree'),
        ):
            page = self.inquire(**values)
            self.assertIn(message, page)
            self.assertIn('A &lt;b&gt;roof', page, 'what was typed stays')
        self.assertFalse(self.leads())

    def test_machines(self):
        self.assertIn('Thank you', self.inquire(website_url='http://spam.example.com'))
        self.assertFalse(self.leads(), 'who fills the hidden field is told nothing')
        self.authenticate(None, None)
        self.assertEqual(self.url_open(self.url + '/inquiry', data={'name': 'x'}).status_code, 400, 'no token')
        self.env.company.mlm_link_entries = 2
        for number in range(3):
            page = self.inquire(email=f'm{number}@visitors.example.com')
        self.assertIn('Too many inquiries', page)
        self.assertEqual(self.env['crm.lead'].search_count([('mlm_referral_code', '=', self.bert.mlm_agent_code)]), 2)

    def test_captcha_is_asked(self):
        """Odoo's own: whichever of its captchas is installed is asked with each form."""
        with patch('odoo.addons.base.models.ir_http.IrHttp._verify_request_recaptcha_token') as verify:
            self.inquire()
            verify.assert_called_with('mlm_join')

    def test_the_same_twice_is_one(self):
        self.inquire()
        self.assertIn('Thank you', self.inquire())
        self.assertEqual(len(self.leads()), 1)

    def test_no_cookie_without_consent(self):
        self.authenticate(None, None)
        self.assertNotIn(REFERRAL_COOKIE, self.url_open(self.url).cookies)
        with patch(IR_HTTP + '._mlm_may_keep_referral', return_value=True):
            self.opener.cookies.clear()
            self.assertNotIn(REFERRAL_COOKIE, self.url_open('/web/login').cookies)
            self.assertEqual(self.url_open(self.url).cookies[REFERRAL_COOKIE], self.bert.mlm_agent_code)
            self.assertEqual(self.url_open('/web/login?ref=A1').cookies[REFERRAL_COOKIE], 'A1', 'the last link counts')
            self.assertNotIn(REFERRAL_COOKIE, self.url_open('/web/login?ref=%22%3Bx').cookies)

    def test_invite(self):
        self.authenticate('mlm_join_bert', 'mlm_join_bert')
        page = self.url_open('/my/invite').text
        self.assertIn(f'{self.bert.get_base_url()}/join/{self.bert.mlm_agent_code}', page)
        self.assertIn('src="/my/invite/qr"', page)
        picture = self.url_open('/my/invite/qr')
        self.assertEqual((picture.status_code, picture.headers['Content-Type']), (200, 'image/png'))
        self.assertGreater(Image.open(io.BytesIO(picture.content)).width, 500)
        self.url_open('/my/invite', data={'csrf_token': Request.csrf_token(self), 'public_name': 'Bert <S>'})
        self.assertEqual(self.bert.mlm_public_name, 'Bert <S>')
        self.assertIn('Bert &lt;S&gt; invites you', self.url_open(self.url).text)
        self.authenticate('mlm_join_kim', 'mlm_join_kim')
        self.assertNotIn('/join/', self.url_open('/my/invite').text, 'no agent')
        self.assertEqual(self.url_open('/my/invite/qr').status_code, 404)
        self.authenticate(None, None)
        self.assertIn('/web/login', self.url_open('/my/invite').url)

    def test_rpc(self):
        for login in ('mlm_join_bert', 'mlm_join_kim'):
            user = self.env['res.users'].search([('login', '=', login)])
            with self.assertRaises(AccessError):
                self.bert.with_user(user).write({'mlm_public_name': 'x'})
        with self.assertRaises(AccessError):
            self.env['crm.lead'].with_user(self.env.ref('base.public_user')).create({'name': 'x'})


@tagged('post_install', '-at_install')
class TestJoinTour(NetworkCommon, HttpCase):

    def test_from_the_link_to_the_agent(self):
        new_test_user(self.env, 'mlm_join_bert', 'base.group_portal', partner_id=self.bert.id, name='Bert')
        self.start_tour('/my', 'mlm_network_invite', login='mlm_join_bert')
        self.assertEqual(self.bert.mlm_public_name, 'Bert B.')
        self.start_tour(f'/join/{self.bert.mlm_agent_code}', 'mlm_network_join')
        self.assertEqual(self.env['crm.lead'].search([('contact_name', '=', 'Vera Visitor')]).mlm_agent_id, self.bert)


@tagged('post_install', '-at_install')
class TestJoinTourPhone(TestJoinTour):
    browser_size = '390x844'
    touch_enabled = True
