# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import re
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged

from .common import NetworkCommon

EMAIL = 'nora@applicants.example.com'


class ApplicationCommon(NetworkCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.mlm_application_terms = '<p>Be honest.</p>'
        cls.officer = new_test_user(cls.env, 'mlm_app_officer', 'mlm_network.group_officer', email='officer@example.com')
        cls.Application = cls.env['mlm.application']

    def application(self, **values):
        return self.Application.create({
            'name': 'Nora', 'email': EMAIL, 'sponsor_id': self.bert.id, 'confirmed_on': fields.Datetime.now(), **values})

    def mails(self, email=EMAIL):
        return self.env['mail.mail'].search([('email_to', '=', email)])


@tagged('post_install', '-at_install')
class TestApplication(ApplicationCommon):

    def test_approved_under_the_sponsor(self):
        application = self.application(phone='030 1', street='Way 1', city='Berlin').with_user(self.officer)
        application.action_approve()
        agent = application.partner_id
        self.assertRecordValues(agent, [{
            'name': 'Nora', 'email': EMAIL, 'street': 'Way 1', 'city': 'Berlin', 'mlm_agent_state': 'active',
            'mlm_sponsor_id': self.bert.id}])
        self.assertTrue(agent.mlm_agent_code)
        self.assertIn('Application of', agent.mlm_sponsorship_ids.reason)
        self.assertRecordValues(application, [{'state': 'approved', 'decided_by_id': self.officer.id}])
        self.assertTrue(agent.user_ids._is_portal())
        welcome = self.mails().filtered(lambda mail: mail.subject.startswith('Welcome'))
        self.assertIn(agent.mlm_agent_code, welcome.body_html)
        with self.refused('is "Approved" already', UserError):
            application.action_approve()
        with self.refused('stays on file', UserError):
            application.sudo().unlink()

    def test_not_before_it_is_confirmed(self):
        application = self.application(confirmed_on=False).with_user(self.officer)
        with self.refused('has not confirmed', UserError):
            application.action_approve()
        application.action_confirm_by_hand()
        application.action_review()
        application.action_approve()
        self.assertEqual(application.partner_id.mlm_agent_state, 'active')

    def test_a_customer_becomes_an_agent(self):
        ken = self.customer('Ken', self.bert, email=EMAIL)
        application = self.application(partner_id=ken.id).with_user(self.officer)
        application.action_approve()
        self.assertEqual((ken.mlm_agent_state, ken.mlm_sponsor_id, ken.name), ('active', self.bert, 'Ken'))

    def test_not_somebody_elses_customer_nor_an_agent(self):
        for partner, message in ((self.kim, 'Kim is a customer of Anna, not of Bert'), (self.carl, 'Carl is, or was, an agent')):
            application = self.application(partner_id=partner.id).with_user(self.officer)
            with self.refused(message, UserError):
                application.action_approve()
            self.assertEqual(application.state, 'new')

    def test_sponsor_who_left_meanwhile(self):
        application = self.application().with_user(self.officer)
        self.bert.mlm_agent_state = 'terminated'
        with self.refused('who is terminated', UserError):
            application.action_approve()
        self.assertEqual((application.state, application.partner_id.id), ('new', False), 'nothing half-done')

    def test_refused_with_a_reason(self):
        application = self.application().with_user(self.officer)
        with self.refused('Enter the reason', UserError):
            application.action_refuse()
        application.refusal = 'the region is taken'
        application.action_refuse()
        self.assertEqual(application.state, 'refused')
        self.assertIn('the region is taken', self.mails().body_html)
        self.assertFalse(self.Partner.search([('email', '=', EMAIL)]))

    def test_officers_see_who_is_known(self):
        self.kim.write({'email': EMAIL})
        self.bert.country_id = self.env.ref('base.de')
        self.otto.write({'phone': '+49 30 7654321'})
        first = self.application()
        second = self.application(phone='030 7654321', country_id=self.bert.country_id.id)
        self.assertEqual(second.with_user(self.officer).known_ids, self.kim + self.otto)
        self.assertEqual((first.same_count, first.known_ids), (1, self.kim))

    def test_without_portal_access_somebody_is_told(self):
        new_test_user(self.env, EMAIL, 'base.group_portal')
        application = self.application().with_user(self.officer)
        application.action_approve()
        self.assertEqual(application.state, 'approved')
        self.assertIn('no access to the portal', application.activity_ids.summary)

    def test_decisions_are_made_by_buttons_only(self):
        application = self.application(confirmed_on=False).with_user(self.officer)
        for values in ({'state': 'approved'}, {'confirmed_on': '2026-01-01'}, {'terms': 'x'}, {'code': 'A1'}):
            with self.refused('follows from its buttons', UserError):
                application.write(values)
        with self.refused('follows from its buttons', UserError):
            application.create({'name': 'x', 'email': 'x@example.com', 'state': 'approved'})

    def test_unconfirmed_ones_are_forgotten(self):
        old = fields.Datetime.now() - timedelta(days=31)
        values = {'confirmed_on': False, 'confirm_sent_on': old, 'origin': 'link'}
        gone, confirmed, young, office = (
            self.application(**values), self.application(**{**values, 'confirmed_on': old}),
            self.application(**{**values, 'confirm_sent_on': fields.Datetime.now()}),
            self.application(**{**values, 'origin': 'office'}))
        self.Application._gc_unconfirmed()
        self.assertFalse(gone.exists())
        self.assertEqual(confirmed + young + office, (confirmed + young + office).exists())

    def test_other_company(self):
        other = self.env['res.company'].create({'name': 'Other'})
        application = self.application()
        foreign = new_test_user(
            self.env, 'mlm_app_other', 'mlm_network.group_manager', company_id=other.id, company_ids=[(6, 0, other.ids)])
        with self.assertRaises(AccessError):
            application.with_user(foreign).with_context(allowed_company_ids=other.ids).action_approve()


@tagged('post_install', '-at_install')
class TestApply(ApplicationCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['ir.config_parameter'].set_param('web.base.url', cls.base_url())
        new_test_user(cls.env, 'mlm_app_bert', 'base.group_portal', partner_id=cls.bert.id, name='Bert')
        new_test_user(cls.env, 'mlm_app_kim', 'base.group_portal', partner_id=cls.kim.id, name='Kim')
        cls.url = f'/join/{cls.bert.mlm_agent_code}/apply'

    def send(self, url, **values):
        """Post the form of a page, as a visitor."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.url_open(url).text)[1]
        response = self.url_open(url, data={'csrf_token': token, **values})
        self.env.invalidate_all()
        return response.text

    def apply(self, **values):
        self.authenticate(None, None)
        return self.send(self.url, **{'name': 'Nora', 'email': EMAIL, 'agreed': '1', **values})

    def recruit(self, login='mlm_app_bert', **values):
        self.authenticate(login, login)
        response = self.url_open('/my/recruit', data={
            'csrf_token': Request.csrf_token(self), 'name': 'Nora', 'email': EMAIL, 'agreed': '1', **values})
        self.env.invalidate_all()
        return response.text

    def found(self):
        return self.Application.search([('email', '=', EMAIL)])

    def test_from_the_link_to_the_confirmation(self):
        page = self.url_open(self.url).text
        self.assertIn('costs nothing', page)
        self.assertIn('Be honest.', page)
        self.assertIn('Look into your mailbox', self.apply(city='Berlin'))
        application = self.found()
        self.assertRecordValues(application, [{
            'sponsor_id': self.bert.id, 'code': self.bert.mlm_agent_code, 'origin': 'link', 'state': 'new', 'city': 'Berlin',
            'confirmed_on': False, 'partner_id': False}])
        link = re.search(r'/join/confirm/\d+/[0-9a-f]+', self.mails().body_html)[0]
        self.bert.name = 'Bert Secretname'
        page = self.url_open(link).text
        self.assertIn('Be honest.', page)
        self.assertNotIn('Secretname', page + self.mails().body_html)
        self.bert.mlm_public_name = 'Bert S.'
        self.assertIn('Bert S.', self.url_open(link).text)
        self.assertFalse(application.confirmed_on, 'opening the link is not enough')
        self.send(link)
        self.assertFalse(application.confirmed_on, 'nor a click without the tick')
        self.assertIn('Your application is confirmed', self.send(link, agreed='1'))
        self.assertTrue(application.confirmed_on)
        self.assertIn('Be honest.', application.terms)
        self.assertIn('Nora', application.activity_ids.summary)
        confirmed = application.confirmed_on
        self.env.company.mlm_application_terms = '<p>Be rich.</p>'
        self.assertIn('Your application is confirmed', self.url_open(link).text)
        self.assertEqual((application.confirmed_on, 'honest' in application.terms), (confirmed, True))

    def test_guessed_links(self):
        self.apply()
        application = self.found()
        other = self.application(email='other@applicants.example.com', confirmed_on=False)
        for link in (f'/join/confirm/{application.id}/{other._get_token()}', f'/join/confirm/{application.id}/x',
                     '/join/confirm/999999999/x'):
            self.assertEqual(self.url_open(link).status_code, 404, link)
        application.email = 'changed@applicants.example.com'
        old = re.search(r'/join/confirm/\d+/[0-9a-f]+', self.mails().body_html)[0]
        self.assertEqual(self.url_open(old).status_code, 404, 'the link proves the address it was sent to')

    def test_unknown_codes(self):
        self.url = '/join/NOBODY/apply'
        self.assertIn('Look into your mailbox', self.apply())
        self.assertRecordValues(self.found(), [{'sponsor_id': False, 'code': 'NOBODY'}])

    def test_what_is_wrong_and_machines(self):
        for values, message in (({'name': ''}, 'Enter the name'), ({'email': 'x'}, 'is no e-mail address'),
                                ({'agreed': ''}, 'Please agree')):
            self.assertIn(message, self.apply(**values))
        self.assertIn('Look into your mailbox', self.apply(website_url='x'))
        self.assertFalse(self.Application.search([]))
        self.env.company.mlm_link_entries = 1
        self.apply()
        self.assertIn('Too many applications', self.apply(email='two@applicants.example.com'))

    def test_the_same_twice_is_one(self):
        self.apply()
        answer = self.apply()
        self.assertIn('Look into your mailbox', answer)
        self.assertEqual((len(self.found()), len(self.mails())), (1, 1))
        self.found().confirm_sent_on = fields.Datetime.now() - timedelta(hours=2)
        self.apply()
        self.assertEqual((len(self.found()), len(self.mails())), (1, 2), 'asked again, but not too often')

    def test_entered_by_the_sponsor(self):
        self.assertIn('Saved. We have sent an e-mail', self.recruit())
        application = self.found()
        self.assertRecordValues(application, [{'sponsor_id': self.bert.id, 'origin': 'agent', 'code': False}])
        self.assertIn('Bert', self.mails().body_html)
        self.assertIn('Confirm that this person knows', self.recruit(agreed='', email='b@applicants.example.com'))
        self.env.company.mlm_agent_entries = 1
        self.assertIn('Too many applications', self.recruit(email='c@applicants.example.com'))
        self.assertEqual(len(self.Application.search([])), 1)

    def test_sponsors_see_their_own_and_what_became_of_it(self):
        mine, foreign = self.application(name='Mine'), self.application(name='Foreign', sponsor_id=self.anna.id)
        foreign.flush_recordset()
        mine.refusal = 'secret reason'
        mine.action_refuse()
        self.authenticate('mlm_app_bert', 'mlm_app_bert')
        page = self.url_open('/my/recruit').text
        self.assertIn('Mine', page)
        self.assertIn('Refused', page)
        for text in ('Foreign', 'secret reason'):
            self.assertNotIn(text, page)

    def test_who_recruits_nobody(self):
        self.recruit('mlm_app_kim')
        self.bert.mlm_agent_state = 'suspended'
        self.recruit()
        self.assertFalse(self.Application.search([]))
        self.authenticate(None, None)
        self.assertIn('/web/login', self.url_open('/my/recruit').url)

    def test_rpc(self):
        application = self.application()
        for login in ('mlm_app_bert', 'mlm_app_kim', 'public'):
            user = self.env['res.users'].with_context(active_test=False).search([('login', '=', login)])
            for attempt in (lambda a: a.read(['email']), lambda a: a.action_approve(), lambda a: a.search([]),
                            lambda a: a.create({'name': 'x', 'email': 'x@example.com'})):
                with self.assertRaises(AccessError):
                    attempt(application.with_user(user))


@tagged('post_install', '-at_install')
class TestApplicationTour(ApplicationCommon, HttpCase):

    def test_from_the_link_to_the_agent(self):
        self.env['ir.config_parameter'].set_param('web.base.url', self.base_url())
        self.start_tour(f'/join/{self.bert.mlm_agent_code}', 'mlm_network_apply')
        application = self.Application.search([('email', '=', EMAIL)])
        self.start_tour(application._get_confirm_url().replace(self.base_url(), ''), 'mlm_network_confirm')
        self.assertTrue(application.confirmed_on)


@tagged('post_install', '-at_install')
class TestApplicationTourPhone(TestApplicationTour):
    browser_size = '390x844'
    touch_enabled = True


@tagged('post_install', '-at_install')
class TestApplicationTourOfficer(ApplicationCommon, HttpCase):

    def test_officer_approves(self):
        application = self.application()
        self.start_tour('/odoo/agent-applications', 'mlm_network_approve', login='mlm_app_officer')
        self.assertEqual(application.partner_id.mlm_sponsor_id, self.bert)
