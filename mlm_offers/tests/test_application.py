# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields
from odoo.tests import tagged

from .common import OffersCommon


@tagged('post_install', '-at_install')
class TestApplication(OffersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = cls.new_user('off_app_officer', 'base.group_user,mlm_network.group_officer')
        cls.contract_template = cls.make_contract_template(
            kind='agent', own_rate=3, body='<p>Welcome <t t-out="object.partner_id.name"/></p>'
        )
        cls.env.company.mlm_agreement_template_id = cls.contract_template
        cls.application = cls.env['mlm.application'].create(
            {
                'name': 'Nora',
                'email': 'nora@applicants.example.com',
                'sponsor_id': cls.bert.id,
                'confirmed_on': fields.Datetime.now(),
            }
        )

    def approve(self):
        self.application.with_user(self.officer).action_approve()
        return self.application.partner_id

    def test_the_agent_begins_by_signing(self):
        agent, contract = self.approve(), self.application.contract_id
        self.assertEqual((agent.mlm_agent_state, agent.mlm_sponsor_id), ('candidate', self.bert))
        self.assertRecordValues(
            contract,
            [{'state': 'sent', 'partner_id': agent.id, 'own_rate': 3.0, 'company_id': self.env.company.id}],
        )
        welcome = self.mails_to('nora@applicants.example.com').filtered(lambda mail: 'Welcome' in mail.subject)
        self.assertIn('cooperation agreement', welcome.body_html)
        self.sign_all(contract)
        self.assertEqual(agent.mlm_agent_state, 'active')

    def test_a_contract_that_cannot_go_out_stops_nothing(self):
        self.contract_template.write({'level': 'qualified'})
        agent = self.approve()
        self.assertEqual((agent.mlm_agent_state, self.application.state), ('candidate', 'approved'))
        self.assertFalse(self.application.contract_id)
        self.assertIn('could not be sent', self.application.activity_ids.filtered('note')[:1].summary)

    def test_without_a_template_at_once(self):
        self.env.company.mlm_agreement_template_id = False
        self.assertEqual(self.approve().mlm_agent_state, 'active')
        self.assertFalse(self.application.contract_id)
