# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import re

from lxml import html

from odoo import Command
from odoo.tests import Form, tagged

from .. import engine
from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestPlanExample(CommissionCommon):

    def _amounts(self, plan):
        """{name: amount} of the example as a person reads it."""
        rows = html.fromstring(plan.example).xpath('//tbody/tr')
        return {row.xpath('string(.//strong)'): row.xpath('string(./td[3])').strip() for row in rows}

    def test_differential_by_agreement(self):
        """Rates 5 / 12 / 20 / 30: Dan 5, Cleo 7, Ben 8, Anna 10, and the branch nothing."""
        self.assertEqual(self._amounts(self.plan), {
            'Anna': '10.00', 'Ben': '8.00', 'Cleo': '7.00', 'Eva': '–', 'Dan': '5.00'})
        self.assertIn('<svg', self.plan.example)
        self.assertIn('12 %; 5 % were already reached', self.plan.example)

    def test_it_follows_the_numbers_while_they_are_edited(self):
        plan = self._plan('Levels', 'level', {'rates': ['10', '4']})
        self.assertEqual(self._amounts(plan), {'Anna': '–', 'Ben': '4.00', 'Cleo': '10.00', 'Eva': '–', 'Dan': '–'})
        with Form(plan) as form:
            with form.rule_ids.edit(0) as rule:
                rule.params = {'rates': ['25'], 'own_rate': '1'}
            self.assertEqual(self._amounts(form), {
                'Anna': '–', 'Ben': '–', 'Cleo': '25.00', 'Eva': '–', 'Dan': '1.00'})
            with form.rule_ids.edit(0) as rule:
                rule.params = {'rates': ['101']}
            self.assertIn('row 1', form.example)
            self.assertNotIn('<svg', form.example)
            with form.rule_ids.edit(0) as rule:
                rule.params = {'rates': ['9']}

    def test_ranks_by_name_and_their_rates(self):
        """Amounts per unit 20 / 30 / 45 on the ranks 1, 2, 3: Dan and Cleo lower, Anna the highest."""
        plan = self._plan('Units', 'unit_differential', {'rates': [
            {'rank': 1, 'amount': '20'}, {'rank': 2, 'amount': '30'}, {'rank': 3, 'amount': '45'}]})
        # four agents on three ranks: 1, 2, 2, 3
        self.assertEqual(self._amounts(plan), {
            'Anna': '15.00', 'Ben': '–', 'Cleo': '10.00', 'Eva': '–', 'Dan': '20.00'})

    def test_groups_reach_their_steps(self):
        """Steps 100 / 400 / 700 / 1000 points at 3 / 6 / 9 / 12 percent: each one above has 3 percent more."""
        plan = self._plan('Groups', 'group_differential', {'rates': [
            {'points': points, 'rate': rate} for points, rate in ((100, 3), (400, 6), (700, 9), (1000, 12))]})
        self.assertEqual(self._amounts(plan), {
            'Anna': '3.00', 'Ben': '3.00', 'Cleo': '3.00', 'Eva': '–', 'Dan': '3.00'})

    def test_a_sale_of_each_kind_of_product(self):
        plan = self._plan('Two', 'level', {'rates': ['1']})
        plan.rule_ids = [Command.create({
            'name': 'For A', 'kind': 'level', 'params': {'rates': ['3']}, 'product_ids': self.product_a.ids})]
        self.assertEqual(self._amounts(plan)['Cleo'], '4.00', 'one sale at 1 percent, one of A at 3 percent')

    def test_every_way_of_paying_has_an_example_or_says_why_not(self):
        for kind in engine.rules.kinds():
            rule = engine.rules.get(kind)
            plan = self._plan(kind, kind, {
                param.name: self._some(param) for param in rule.params if param.default is None or param.columns})
            values = plan._example_values()
            self.assertTrue(values['periods'] or values['problems'], kind)
            self.assertFalse(re.search(r'%\(\w+\)s', plan.example), kind)

    def _some(self, param):
        if param.type == 'table':
            return [{column.name: self._some(column) for column in param.columns if column.default is None}]
        if param.type == 'choice':
            return param.choices[0][0]
        return {'percent': '5', 'integer': 1, 'boolean': True, 'rules': [], 'text': 'x'}.get(param.type, '5')
