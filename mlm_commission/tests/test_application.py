# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import re

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged

from .common import CommissionCommon


class ApplicationCommon(CommissionCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls.agreements[cls.cleo]
        cls.agreement.rate = 10
        cls.officer = new_test_user(
            cls.env, 'app_officer', 'mlm_network.group_officer', company_id=cls.env.company.id,
            company_ids=[(6, 0, cls.env.company.ids)])

    def application(self, **values):
        return self.env['mlm.application'].with_user(self.officer).create({
            'name': 'Nora', 'email': 'nora@applicants.example.com', 'sponsor_id': self.cleo.id, **values})

    def approve(self, application):
        application.sudo().confirmed_on = fields.Datetime.now()
        application.action_approve()
        return application.partner_id


@tagged('post_install', '-at_install')
class TestApplication(ApplicationCommon):

    def test_at_most_the_sponsors_own_rate(self):
        application = self.application(rate=10)
        self.assertEqual((application.plan_id, application.rate_max), (self.agreement.plan_id, 10))
        for rate in (10.01, 50):
            with self.assertRaisesRegex(ValidationError, 'allows at most 10 %'), self.env.cr.savepoint():
                application.rate = rate
        with self.assertRaisesRegex(ValidationError, 'allows at most 10 %'), self.env.cr.savepoint():
            self.application(rate=11)
        # Above the sponsor nobody asks the sponsor.
        application.sponsor_id = False
        application.rate = 50

    def test_an_agreement_that_ended_gives_nothing(self):
        self.agreement.date_to = fields.Date.subtract(fields.Date.today(), days=1)
        self.assertFalse(self.application().has_rate_max)
        self.assertFalse(self.application().plan_id)

    def test_approval_puts_the_terms_into_effect(self):
        agent = self.approve(self.application(rate=4.5))
        agreement = self.env['mlm.agreement'].search([('agent_id', '=', agent.id)])
        self.assertRecordValues(agreement, [{
            'plan_id': self.agreement.plan_id.id, 'rate': 4.5, 'state': 'active', 'date_from': fields.Date.today(),
            'self_billing': False}])

    def test_a_rate_too_high_by_then_stops_the_approval(self):
        application = self.application(rate=9)
        self.agreement.rate = 8
        application.sudo().confirmed_on = fields.Datetime.now()
        with self.assertRaisesRegex(ValidationError, 'allows at most 8 %'), self.env.cr.savepoint():
            application.action_approve()
        self.assertFalse(application.partner_id)

    def test_plan_of_another_company(self):
        other = self.env['res.company'].create({'name': 'Other'})
        plan = self.env['mlm.plan'].create({'name': 'Theirs', 'company_id': other.id, 'date_from': '2024-01-01'})
        with self.assertRaisesRegex(ValidationError, 'belongs to another company'), self.env.cr.savepoint():
            self.application().sudo().plan_id = plan


@tagged('post_install', '-at_install')
class TestRecruit(ApplicationCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env, 'app_cleo', 'base.group_portal', partner_id=cls.cleo.id, name='Cleo', company_id=cls.env.company.id,
            company_ids=[(6, 0, cls.env.company.ids)])

    def recruit(self, **values):
        self.authenticate('app_cleo', 'app_cleo')
        page = self.url_open('/my/recruit', data={
            'csrf_token': Request.csrf_token(self), 'name': 'Nora', 'email': 'nora@applicants.example.com', 'agreed': '1',
            **values})
        self.env.invalidate_all()
        return re.sub(r'\s+', ' ', page.text)

    def test_the_sponsor_gives_a_rate(self):
        self.authenticate('app_cleo', 'app_cleo')
        self.assertIn('At most 10 %', self.url_open('/my/recruit').text)
        for rate, message in (('10,5', 'at most 10 %'), ('-1', 'a number from 0 to 10'), ('nan', 'a number from 0'),
                              ('much', 'a number from 0'), ('1e3', 'a number from 0')):
            self.assertIn(message, self.recruit(rate=rate), rate)
        self.assertFalse(self.env['mlm.application'].search([]))
        self.assertIn('Saved', self.recruit(rate='7,5'))
        application = self.env['mlm.application'].search([])
        self.assertRecordValues(application, [{
            'rate': 7.5, 'plan_id': self.agreement.plan_id.id, 'sponsor_id': self.cleo.id}])
        self.assertIn('7.5', self.url_open(application._get_confirm_url().replace(application.get_base_url(), '')).text)

    def test_who_has_no_rate_gives_none(self):
        self.agreement.date_to = fields.Date.subtract(fields.Date.today(), days=1)
        self.assertIn('Saved', self.recruit(rate='7'))
        self.assertEqual(self.env['mlm.application'].search([]).rate, 0)
        self.assertNotIn('At most', self.url_open('/my/recruit').text)

    def test_a_visitor_promises_nothing(self):
        self.authenticate(None, None)
        page = self.url_open(f'/join/{self.cleo.mlm_agent_code}/apply').text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        self.url_open(f'/join/{self.cleo.mlm_agent_code}/apply', data={
            'csrf_token': token, 'name': 'Nora', 'email': 'nora@applicants.example.com', 'agreed': '1', 'rate': '99',
            'plan_id': '1', 'state': 'approved'})
        self.env.invalidate_all()
        # It falls to the company of the website, which need not be that of the test.
        application = self.env['mlm.application'].sudo().search([('email', '=', 'nora@applicants.example.com')])
        self.assertRecordValues(application, [{'rate': 0, 'state': 'new'}])

    def test_recruiting_pays_nobody(self):
        """What a recruit costs and brings is nothing until something is sold."""
        period = self._period(3)
        self.approve(self.application(rate=5))
        period.action_calculate()
        self.assertFalse(self.env['mlm.commission'].search([('period_id', '=', period.id)]))
        with self.assertRaises(UserError):
            self.env['mlm.application'].search([]).action_approve()
