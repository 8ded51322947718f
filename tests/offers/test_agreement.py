# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""A cooperation agreement is signed in mlm_offers and takes effect in mlm_commission, which do not know each other."""

from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.mlm_offers.tests.common import OffersCommon, decode


@tagged('post_install', '-at_install')
class TestSignedAgreement(OffersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.env['mlm.plan'].create(
            {
                'name': 'Careers',
                'company_id': cls.env.company.id,
                'date_from': '2024-01-01',
                'rule_ids': [Command.create({'name': 'Own rate', 'kind': 'differential', 'params': {'source': 'agreement'}})],
            }
        )
        cls.plan.action_activate()
        cls.cleo.email = 'cleo@agents.example.com'
        cls.contract_template = cls.make_contract_template(
            kind='agent', plan_ref=f'mlm.plan,{cls.plan.id}', own_rate=12.5, months=12, withdrawal_days=14,
            body='<p>Welcome <t t-out="object.partner_id.name"/></p>',
        )
        cls.officer = cls.new_user('off_officer', 'base.group_user,mlm_network.group_officer')

    def sign(self, **values):
        contract = self.env['mlm.contract'].with_user(self.officer).create(
            {'template_id': self.contract_template.id, 'partner_id': self.cleo.id, **values})
        contract.action_send()
        self.sign_all(contract)
        return contract.sudo()

    def agreements(self):
        return self.env['mlm.agreement'].search([('agent_id', '=', self.cleo.id)])

    def test_the_signature_makes_the_agreement(self):
        contract = self.sign(date_from='2026-02-01')
        agreement = self.agreements()
        self.assertEqual(self.cleo.mlm_agent_state, 'active')
        self.assertEqual((agreement.state, agreement.plan_id, agreement.rate), ('active', self.plan, 12.5))
        self.assertEqual((agreement.date_from, agreement.date_to), (date(2026, 2, 1), date(2027, 1, 31)))
        self.assertTrue(agreement.self_billing)
        self.assertEqual(agreement.self_billing_date, contract.signed_on.date())
        self.assertEqual(decode(agreement.document), decode(contract.signed_document))
        self.assertEqual(contract.with_user(self.officer).action_open_agreement()['res_id'], agreement.id)

    def test_the_draft_that_waits_is_activated(self):
        draft = self.env['mlm.agreement'].create(
            {'agent_id': self.cleo.id, 'plan_id': self.plan.id, 'rate': 3, 'date_from': '2026-01-01'})
        self.sign(self_billing=False)
        self.assertEqual(self.agreements(), draft)
        self.assertEqual((draft.state, draft.rate, draft.self_billing), ('active', 12.5, False))

    def test_new_terms_end_the_old_ones(self):
        first = self.sign(date_from='2026-02-01')
        self.sign(date_from='2026-06-01', own_rate=15)
        new, old = self.agreements()
        self.assertEqual((old.rate, old.date_to, old.id), (12.5, date(2026, 5, 31), first.agreement_id))
        self.assertEqual((new.rate, new.date_from, new.state), (15, date(2026, 6, 1), 'active'))

    def test_withdrawal_ends_it(self):
        contract = self.sign()
        contract._withdraw('Letter')
        self.assertEqual((self.agreements().state, self.cleo.mlm_agent_state), ('cancelled', 'terminated'))

    def test_terms_that_cannot_hold_are_left_to_a_person(self):
        self.sign(date_from='2026-02-01')
        second = self.sign(date_from='2026-02-01')
        self.assertEqual((second.state, len(self.agreements())), ('signed', 1))
        self.assertIn('terms could not take effect', second.activity_ids.summary)

    def test_terms_are_closed_once_the_contract_is_out(self):
        contract = self.env['mlm.contract'].with_user(self.officer).create(
            {'template_id': self.contract_template.id, 'partner_id': self.cleo.id})
        contract.own_rate = 20
        contract.action_send()
        with self.refused('is out', UserError):
            contract.own_rate = 30

    def test_a_plan_of_another_company(self):
        other = self.env['res.company'].create({'name': 'Other'})
        contract = self.env['mlm.contract'].create(
            {'template_id': self.contract_template.id, 'partner_id': self.cleo.id, 'company_id': other.id})
        with self.refused('Choose a plan of that company', UserError):
            contract.action_send()

    def test_an_application_becomes_an_agreement_by_signing(self):
        """From the promise of a rate to the terms in effect: the rate, not that of the template."""
        sponsor = self.env['mlm.agreement'].create({
            'agent_id': self.bert.id, 'plan_id': self.plan.id, 'rate': 10, 'date_from': '2024-01-01'})
        sponsor.action_activate()
        self.env.company.mlm_agreement_template_id = self.contract_template
        application = self.env['mlm.application'].create({
            'name': 'Nora', 'email': 'nora@applicants.example.com', 'sponsor_id': self.bert.id, 'rate': 7.5,
            'confirmed_on': '2026-01-01 12:00:00'})
        application.with_user(self.officer).action_approve()
        agent = application.partner_id
        agreements = self.env['mlm.agreement'].search([('agent_id', '=', agent.id)])
        self.assertEqual((agent.mlm_agent_state, len(agreements)), ('candidate', 0), 'nothing holds before the signature')
        self.sign_all(application.contract_id)
        agreement = self.env['mlm.agreement'].search([('agent_id', '=', agent.id)])
        self.assertEqual((agent.mlm_agent_state, agreement.rate, agreement.plan_id, agreement.state), (
            'active', 7.5, self.plan, 'active'))
