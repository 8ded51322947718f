# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What crosses the door and the commissions: an inquiry's campaign up to what agents earned, and who gets it by rank."""
import json

from odoo import Command
from odoo.tests import TransactionCase, tagged

from odoo.addons.mlm_lead_import.adapters.base import Inbound

from .test_records import month


@tagged('post_install', '-at_install')
class TestLeads(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(user=cls.env.ref('base.user_admin'))
        cls.env['mlm.lead.rule'].search([]).active = False
        cls.source = cls.env['mlm.lead.source'].create({'name': 'Month', 'kind': 'json', 'state': 'running'})

    def ask(self, number, **lead):
        data = {'external_id': str(number), 'contact': {'full_name': f'Asker {number}'}, **lead}
        Event = self.env['mlm.lead.event'].with_user(self.env.ref('base.user_root'))  # as the job
        Event._insert(self.env.cr, self.source, [Inbound(str(number), json.loads(json.dumps({'lead': data})))], 'push')
        event = Event.search([('source_id', '=', self.source.id), ('external_id', '=', str(number))])
        event._process()
        return event.lead_id.with_env(self.env)

    def report(self):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env['mlm.lead.report'].search([('source_id', '=', self.source.id)])
        return [(row.lead_count, row.order_count, round(row.order_amount, 2), round(row.cost, 2), round(row.commission, 2),
                 round(row.commission_estimate, 2)) for row in rows]

    def test_from_the_campaign_to_the_commission(self):
        """D1's sale of the month, 5300 + 390 + 250. Differential 954 + 212 + 318 and 31.20 + 54.60 + 23.40, sponsor's bonus
        53 + 3.90: 1650.10 in all. Afterwards a quarter of the fee is credited: 238.50 + 66.25 + 79.50 are taken back."""
        month.sell(self.env)
        month.settle(self.env)
        lead = self.ask(1, campaign={'id': '7', 'name': 'Autumn'})
        self.source.campaign_ids.cost = 300
        self.assertEqual(self.report(), [(1, 0, 0, 300, 0, 0)])
        self.env.ref('mlm_commission.demo_order_d1').opportunity_id = lead
        month.afterwards(self.env)
        self.assertEqual(self.report(), [(1, 1, 5940, 300, 1650.10, -384.25)])
        self.assertLessEqual({'commission', 'commission_estimate'}, set(self.env['mlm.lead.report'].fields_get()))

    def test_by_rank(self):
        """The rank of the agreement that holds today decides; whoever has none gets none."""
        plan = self.env.ref('mlm_commission.demo_plan').root_id
        low, high = self.env['mlm.rank'].create([{'name': 'Low', 'level': 901}, {'name': 'High', 'level': 902}])
        agents = self.env['res.partner'].create([
            {'name': f'Ranked {number}', 'mlm_agent_state': 'active'} for number in range(3)])
        self.env['mlm.agreement'].create([
            {'agent_id': agent.id, 'plan_id': plan.id, 'rank_id': rank.id, 'state': 'active'}
            for agent, rank in zip(agents[1:], (low, high), strict=True)])
        rule = self.env['mlm.lead.rule'].create({
            'name': 'Ranks', 'rank_min': 902, 'member_ids': [Command.create({'agent_id': agent.id}) for agent in agents]})
        self.assertTrue(rule.has_ranks)
        self.assertEqual([self.ask(number).mlm_agent_id for number in (1, 2)], [agents[2]] * 2)
        rule.write({'rank_min': 1, 'rank_max': 901})
        self.assertEqual(self.ask(3).mlm_agent_id, agents[1])
