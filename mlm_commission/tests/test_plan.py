# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .. import engine
from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestPlan(CommissionCommon):

    def test_a_plan_is_checked_as_a_whole(self):
        plan = self._plan('Bad', 'level', {'rates': [{'rate': '60'}, {'rate': '50'}], 'colour': 'red'})
        plan.rule_ids = [Command.create({'name': 'Second', 'kind': 'level', 'params': {'rates': []}})]
        with self.assertRaises(ValidationError) as raised:
            plan.action_activate()
        message = str(raised.exception)
        self.assertIn('Plan "Bad"', message)
        self.assertIn('Bad: level', message)
        self.assertIn('params.colour', message)
        self.assertIn('Second', message)
        self.assertEqual(plan.state, 'draft')
        with self.assertRaisesRegex(ValidationError, 'has no rule'):
            self.env['mlm.plan'].create({'name': 'Empty', 'company_id': self.company.id}).action_activate()

    def test_frozen_once_it_has_paid(self):
        self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        self.plan.rounding_unit = 5
        self.plan.rounding_unit = 1
        march.action_calculate()
        march.action_close()
        for change in (
            lambda: self.plan.write({'rounding_unit': 5}),
            lambda: self.plan.write({'rule_ids': [Command.create({'name': 'x', 'kind': 'level'})]}),
            lambda: self.plan.rule_ids.write({'params': {'source': 'rank'}}),
            lambda: self.plan.rule_ids.create({'name': 'x', 'plan_id': self.plan.id}),
            lambda: self.plan.write({'excluded_product_ids': [Command.link(self.product_a.id)]}),
            self.plan.action_draft,
        ):
            with self.assertRaisesRegex(UserError, 'has paid in a closed period'):
                change()
        with self.assertRaisesRegex(UserError, 'cannot be deleted'):
            self.plan.rule_ids.unlink()
        self.plan.name = 'A better name'
        self.plan.rule_ids.name = 'A better name for the statement'

    def test_rule_says_what_it_does_with_its_numbers(self):
        rule = self._plan('Levels', 'level', {'rates': [{'rate': '7.5'}, {'rate': '2'}]}).rule_ids
        self.assertIn('7.5 / 2 %', rule.explanation)
        rule.params = {'rates': [{'rate': '200'}]}
        self.assertIn('200', rule.explanation)
        self.assertIn('highest value', rule.explanation, 'what is wrong is said where the numbers are')

    def test_every_way_of_paying_declares_its_form(self):
        for kind, label in self.env['mlm.plan.rule']._selection_kind():
            rule = self.env['mlm.plan.rule'].new({'kind': kind, 'name': label, 'plan_id': self.plan.id})
            declaration = rule.params_declaration
            self.assertEqual(declaration['kind'], kind)
            self.assertEqual({param['name'] for param in declaration['params']},
                             {param.name for param in engine.rules.get(kind).params})
            self.assertTrue(all(param['label'] for param in declaration['params']))

    def test_plan_as_data_reads_back_the_same(self):
        data = self.plan._parse().to_dict()
        self.assertEqual(engine.Plan.parse(data).digest(), self.plan._parse().digest())

    def test_triggers_follow_the_plans(self):
        self.assertEqual(self.env['mlm.plan']._triggers(self.company.id), ('invoiced',))
        paid = self._plan('Paid', 'differential', {}, trigger='paid')
        self.assertEqual(self.env['mlm.plan']._triggers(self.company.id), ('invoiced',))
        paid.action_activate()
        self.assertEqual(self.env['mlm.plan']._triggers(self.company.id), ('invoiced', 'paid'))
        paid.action_end()
        self.assertEqual(self.env['mlm.plan']._triggers(self.company.id), ('invoiced',))

    def test_two_plans_settle_the_same_sale_each_once(self):
        second = self._plan('Sponsor', 'level', {'rates': [{'rate': '1'}]})
        self._agree(self.cleo, 0, second)
        second.action_activate()
        self._invoice(self.dan, 1000)
        period = self._period(3)
        period.action_calculate()
        self.assertEqual(self._earned(period)[self.cleo], 70 + 10)
        self.assertEqual(period.run_ids.plan_id, self.plan + second)

    def test_ended_plan_still_takes_back(self):
        invoice = self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        march.action_close()
        self.plan.date_to = '2024-03-31'
        self.plan.action_end()
        self._invoice(self.dan, 1000, day='2024-04-01')
        self._credit(invoice, 500)
        april = self._period(4)
        april.action_calculate()
        self.assertEqual(self._earned(april), {self.dan: -25, self.cleo: -35, self.ben: -40, self.anna: -50})
