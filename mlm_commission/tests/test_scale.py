# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.tests import tagged

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestScale(CommissionCommon):
    """The database is asked the same number of times whether ten agents are settled or a thousand."""

    def _sell(self, agents):
        """Let each agent sell one thing in March, as the ledger has it."""
        self.env['mlm.volume'].sudo().create([{
            'company_id': self.company.id, 'currency_id': self.company.currency_id.id, 'trigger': 'invoiced',
            'event': 'posted', 'date': '2024-03-10', 'source': agent.name, 'line_ref': agent.id, 'agent_id': agent.id,
            'partner_id': agent.id, 'quantity': 1, 'net': 100, 'margin': 0, 'points': 0,
        } for agent in agents])

    def _recruit(self, count):
        agents = self.env['res.partner'].with_context(mlm_date='2023-01-01', tracking_disable=True).create([
            {'name': f'Recruit {number}', 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.dan.id}
            for number in range(count)])
        self.env['mlm.agreement'].with_context(tracking_disable=True).create([{
            'agent_id': agent.id, 'plan_id': self.plan.id, 'rate': 1, 'date_from': '2024-01-01', 'state': 'active'}
            for agent in agents])
        return agents

    def _statements(self, action):
        """How many SQL statements an action takes."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        action()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _close_empty(self, month):
        """Close a period without sales, so that what closing reads once, such as access rights, is read."""
        period = self._period(month)
        period._calculate()
        period._close()

    def test_ten_or_a_thousand(self):
        self._close_empty(2)
        self._sell(self._recruit(10))
        march = self._period(3)
        for _warm in range(2):  # whatever is read once, and what replacing a draft takes
            march._calculate()
        self._statements(march._calculate)
        few = self._statements(march._calculate)
        self._sell(self._recruit(990))
        many = self._statements(march._calculate)
        self.assertEqual(march.volume_count, 1000)
        # 1 % for the seller, and what is more for Dan, Cleo, Ben and Anna
        self.assertEqual((march.commission_count, march.commission_total), (5000, 30_000))
        # What the snapshot's file and the caches take, now and then; a query for every agent would be hundreds.
        self.assertAlmostEqual(many, few, delta=2)
        # A settlement as such: no earlier draft is thrown away.
        march.action_discard()
        settling = self._statements(march._calculate) + self._statements(march._close)
        self.assertEqual(march.statement_count, 1004)
        self.assertLess(settling, 100)
