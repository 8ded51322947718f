# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""From an agent's phone to a customer's phone to a confirmed order, and what it pays: every addon installed."""

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.mlm_offers.tests.common import OffersCommon


@tagged('post_install', '-at_install')
class TestJourney(OffersCommon, HttpCase):
    browser_size = '390x844'
    touch_enabled = True

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
        # Kim is Bert's customer here, so that somebody above earns as well.
        cls.kim.mlm_sponsor_id = cls.bert
        cls.bert.write({'email': 'bert@agents.example.com', 'phone': '+48 600 100 202'})
        for agent, rate in ((cls.anna, 20), (cls.bert, 12.5)):
            cls.env['mlm.agreement'].create(
                {'agent_id': agent.id, 'plan_id': cls.plan.id, 'rate': rate, 'date_from': '2024-01-01', 'state': 'active'}
            )
        cls.new_user('off_bert', 'base.group_portal', partner_id=cls.bert.id, name='Bert')
        cls.bert.email = 'bert@agents.example.com'

    def test_from_phone_to_phone(self):
        self.start_tour('/my/offers', 'mlm_offers_agent', login='off_bert')
        order = self.env['sale.order'].search([('partner_id', '=', self.kim.id)])
        self.assertEqual((order.state, order.amount_total, order.mlm_agent_id), ('sent', 90.0, self.bert))
        self.start_tour(order.get_portal_url(), 'mlm_offers_customer')
        self.assertEqual((order.state, order.amount_total, order.signed_by), ('sale', 162.0, 'Kim'))
        self.assertEqual(set(order.mlm_view_ids.mapped('device')), {'phone'})
        told = ' '.join(self.mails_to('bert@agents.example.com').mapped('subject'))
        self.assertIn('opened your offer', told)
        self.assertIn('accepted', told)
        # By hand: 90.00 and 72.00. Bert 12.5 %: 11.25 + 9.00 = 20.25; Anna the difference of 7.5 %: 6.75 + 5.40 = 12.15.
        [preview] = [preview for preview in order._mlm_preview_plans() if preview['plan'] == self.plan]
        earned = {row['name']: row['amount'] for row in preview['rows']}
        self.assertEqual(earned, {'Bert': 20.25, 'Anna': 12.15})
        self.assertEqual(preview['total'], 32.40)
        self.assertIn('20.25', order.mlm_preview)

    def test_rank_opens_templates(self):
        """Ranks are kept by one addon and asked by another."""
        rank = self.env['mlm.rank'].search([('level', '=', 3), ('company_id', 'in', [False, self.env.company.id])], limit=1)
        rank = rank or self.env['mlm.rank'].create({'name': 'Three', 'level': 3})
        ranked = self.make_template('Ranked', mlm_min_level=3)
        self.assertFalse(ranked._mlm_filter_for_agent(self.bert))
        self.env['mlm.agreement'].search([('agent_id', '=', self.bert.id)]).rank_id = rank
        self.assertTrue(ranked._mlm_filter_for_agent(self.bert))
