# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import re

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.mail.tests.common import MockEmail

from .common import CommissionCommon

EMAIL = 'nora@applicants.example.com'


class RecruitTour(CommissionCommon, HttpCase, MockEmail):
    """An agent recruits another one: from the form to the new agent's first look at the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        home = {'company_id': cls.company.id, 'company_ids': [(6, 0, cls.company.ids)]}
        cls.company.write({'mlm_application_terms': '<p>Be honest.</p>', 'email': 'office@example.com'})
        cls.env['ir.config_parameter'].set_param('web.base.url', cls.base_url())
        new_test_user(cls.env, 'recruit_ben', 'base.group_portal', partner_id=cls.ben.id, name='Ben', **home)
        cls.officer = new_test_user(
            cls.env, 'recruit_officer', 'mlm_network.group_officer', email='officer@example.com', **home)
        # Debian's package of Odoo lacks this file, which its manifest still names; elsewhere this changes nothing.
        cls.env['ir.asset'].create({
            'name': 'Not part of Debian\'s package', 'bundle': 'web.assets_backend', 'directive': 'remove',
            'path': 'mail/static/lib/selfie_segmentation/selfie_segmentation.js',
        })

    def _link(self, pattern):
        """The only link of that kind in the e-mails to the applicant, without the host."""
        bodies = ' '.join(
            mail.body_html or '' for mail in self._new_mails if EMAIL in (mail.email_to or '') or
            EMAIL in mail.recipient_ids.mapped('email'))
        found = set(re.findall(r'href="https?://[^/"]+(%s)"' % pattern, bodies))
        self.assertEqual(len(found), 1, bodies)
        return found.pop().replace('&amp;', '&')

    def _recruit(self, approve):
        with self.mock_mail_gateway():
            self.start_tour('/my', 'mlm_commission_recruit', login='recruit_ben')
            application = self.env['mlm.application'].search([('email', '=', EMAIL)])
            self.assertRecordValues(application, [{
                'sponsor_id': self.ben.id, 'rate': 12.5, 'plan_id': self.plan.id, 'state': 'new', 'confirmed_on': False}])
            self.start_tour(self._link('/join/confirm/[^"]+'), 'mlm_commission_recruit_confirm')
            self.assertIn('Be honest.', application.terms)
        with self.mock_mail_gateway():
            approve(application)
            self.assertIn(application.partner_id.mlm_agent_code, ''.join(self._new_mails.mapped('body_html')), 'a welcome')
            # Nobody is logged in where the e-mail is read.
            self.authenticate(None, None)
            self.start_tour(self._link('/web/(?:signup|reset_password|login)[^"]*token=[^"]*'), 'mlm_commission_recruit_enter')
        agent = application.partner_id
        self.assertRecordValues(agent, [{
            'name': 'Nora New', 'email': EMAIL, 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.ben.id}])
        self.assertRecordValues(self.env['mlm.agreement'].search([('agent_id', '=', agent.id)]), [{
            'plan_id': self.plan.id, 'rate': 12.5, 'state': 'active', 'date_from': fields.Date.today()}])
        self.start_tour('/my/recruit', 'mlm_commission_recruited', login='recruit_ben')


@tagged('post_install', '-at_install')
class TestRecruitDesktop(RecruitTour):

    def test_from_the_form_to_the_portal(self):
        self._recruit(lambda application: self.start_tour(
            '/odoo/agent-applications', 'mlm_network_approve', login='recruit_officer'))


@tagged('post_install', '-at_install')
class TestRecruitPhone(RecruitTour):
    browser_size = '390x844'
    touch_enabled = True

    def test_from_the_form_to_the_portal(self):
        """The company's part is done at a desk."""
        self._recruit(lambda application: application.with_user(self.officer).action_approve())
