# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import Command
from odoo.tests import tagged

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestPeriodReturns(CommissionCommon):
    """What rules of the period make of credit notes: a match of what is taken back, pairs that are undone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.action_draft()
        cls.product_a.write({'mlm_points': 1, 'invoice_policy': 'order'})

    def _settle(self, month):
        period = self._period(month)
        period.action_calculate()
        earned = self._earned(period)
        period.action_close()
        return earned, period

    def test_a_match_follows_what_is_taken_back(self):
        """1,000 by Dan: Cleo 10 % = 100, Ben 20 % of that = 20. 400 are credited: Cleo -40, Ben -8."""
        plan = self._plan('Matched', 'level', {}, rule_ids=[
            Command.create({'name': 'Level', 'kind': 'level', 'params': {'rates': [{'rate': '10'}]}}),
            Command.create({'name': 'Match', 'kind': 'matching', 'params': {
                'reads': ['Level'], 'rates': [{'rate': '20'}]}})])
        for agent in (self.anna, self.ben, self.cleo, self.dan):
            self._agree(agent, 0, plan)
        plan.action_activate()
        invoice = self._invoice(self.dan, 1000)
        self.assertEqual(self._settle(3)[0], {self.cleo: 100, self.ben: 20})
        self._credit(invoice, 400)
        earned, april = self._settle(4)
        self.assertEqual(earned, {self.cleo: -40, self.ben: -8})
        told = [step for section in april.run_ids._explain_period(self.ben) for step in section['steps'] if step['paid']]
        self.assertEqual([step['amount'] for step in told], [-8])

    def test_which_sale_comes_back_matters(self):
        """Left 100, later 50, right 100, 10 %: the 50 come back for nothing, the 100 take 10 back.

        Months later, after a period without any sale.
        """
        self.company.write({'mlm_placement_strategy': 'manual', 'mlm_placement_width': 2})
        for agent, above, seat in ((self.anna, None, 0), (self.ben, self.anna, 1), (self.cleo, self.anna, 2)):
            agent.with_company(self.company).with_context(mlm_date='2023-01-01', mlm_with_branch=True).write({
                'mlm_placed': True, 'mlm_placement_id': above and above.id, 'mlm_placement_slot': seat})
        plan = self._plan('Binary', 'binary', {'ranks': [{'rank': -1, 'rate': '10'}]})
        plan.rule_ids.base = 'points'
        for agent in (self.anna, self.ben, self.cleo):
            self._agree(agent, 0, plan)
        plan.action_activate()
        first, second = (self._invoice(self.ben, volume, quantity=1, product=self._worth(volume)) for volume in (100, 50))
        self._invoice(self.cleo, 100, product=self._worth(100))
        self.assertEqual(self._settle(3)[0], {self.anna: 10})
        self.assertEqual(self._settle(4)[0], {})
        self._credit(second, day='2024-05-05')
        self.assertEqual(self._settle(5)[0], {}, 'what was only carried was never paid')
        self._credit(first, 60, day='2024-06-05')
        self.assertEqual(self._settle(6)[0], {self.anna: -6})
        self._credit(first, 40, day='2024-07-05')
        self.assertEqual(self._settle(7)[0], {self.anna: -4})

    def _worth(self, points):
        return self.env['product.product'].create({
            'name': f'{points} points', 'type': 'service', 'mlm_points': points, 'invoice_policy': 'order'})
