# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

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

    def test_no_rule_for_what_is_bought_to_join(self):
        kits = self.env['product.category'].create({'name': 'Starter kits', 'mlm_commissionable': False})
        fee = self.env['product.product'].create({'name': 'Joining fee', 'mlm_commissionable': False})
        for scope, name in (({'product_ids': fee.ids}, 'Joining fee'), ({'categ_ids': kits.ids}, 'Starter kits')):
            plan = self._plan('Recruiting', 'level', {'rates': [{'rate': '5'}]})
            plan.rule_ids.write(scope)
            with self.assertRaisesRegex(ValidationError, f'rule "Recruiting: level" of plan "Recruiting".*{name}'):
                plan.action_activate()
            self.assertEqual(plan.state, 'draft')
        fee.mlm_commissionable = True
        plan.rule_ids.write({'product_ids': fee.ids, 'categ_ids': [Command.clear()]})
        plan.action_activate()

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
        self.assertEqual(self.env['mlm.plan']._triggers(self.company.id), ('invoiced', 'paid'),
                         'a payment of before its end may still come in, or be undone')

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

    def test_new_version_takes_over_on_its_first_day(self):
        """Version 1 until March, version 2 from April: rates of the agreements, but the sponsor's level pays as well."""
        march_invoice = self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        march.action_close()
        second = self.env['mlm.plan'].browse(self.plan.action_new_version()['res_id'])
        self.assertEqual((second.version, second.root_id, second.state), (2, self.plan, 'draft'))
        self.assertEqual(second.display_name, 'Test plan (version 2)')
        second.rule_ids = [Command.create({'name': 'Sponsor', 'kind': 'level', 'params': {'rates': [{'rate': '1'}]}})]
        second.date_from = '2024-03-15'
        with self.assertRaisesRegex(UserError, 'closed period 2024-03'):
            second.action_activate()
        second.date_from = '2024-04-01'
        second.action_activate()
        self.assertEqual(str(self.plan.date_to), '2024-03-31')
        self.assertEqual(second.agreement_count, 4, 'agreements hold for all versions')
        with self.assertRaisesRegex(UserError, 'already has a next version'):
            self.plan.action_new_version()
        self._invoice(self.dan, 100, day='2024-03-20')  # late: paid by the version of its day
        self._invoice(self.dan, 100, day='2024-04-02')
        self._credit(march_invoice, 500, day='2024-04-03')  # taken back by the version that paid it
        april = self._period(4)
        april.action_calculate()
        self.assertEqual(april.run_ids.plan_id, self.plan + second)
        # late 5 / 7 / 8 / 10, new 5 / 7 / 8 / 10 and 1 for the sponsor, taken back 25 / 35 / 40 / 50
        self.assertEqual(self._earned(april), {self.dan: -15, self.cleo: -20, self.ben: -24, self.anna: -30})
        self.env.cr.execute('SELECT count(*), count(DISTINCT volume_id) FROM mlm_claim WHERE plan_id = %s', [self.plan.id])
        self.assertEqual(self.env.cr.fetchone(), (4, 4), 'every sale is settled once for all versions')

    def test_versions_do_not_overlap(self):
        second = self.plan.copy({'previous_id': self.plan.id, 'date_from': '2024-06-01'})
        second.previous_id = self.plan
        second.state = 'active'
        with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            self.env.flush_all()
            self.env.cr.execute('SET CONSTRAINTS ALL IMMEDIATE')

    def test_agreements_are_about_all_versions(self):
        second = self.env['mlm.plan'].browse(self.plan.action_new_version()['res_id'])
        with self.assertRaisesRegex(ValidationError, 'all versions'):
            self._agree(self._agent('Eve'), 5, second)

    def test_rule_for_some_products(self):
        """The sponsor's 1 percent is for the category, 3 percent for what lies below it: the specific pays alone."""
        parts = self.env['product.category'].create({'name': 'Parts'})
        screws = self.env['product.category'].create({'name': 'Screws', 'parent_id': parts.id})
        self.product_a.categ_id, self.product_b.categ_id = parts, screws
        plan = self._plan('Scope', 'level', {'rates': [{'rate': '1'}]})
        plan.rule_ids.categ_ids = parts
        plan.rule_ids = [Command.create({
            'name': 'Screws', 'kind': 'level', 'params': {'rates': [{'rate': '3'}]}, 'categ_ids': screws.ids,
            'product_ids': self.product_b.ids})]
        self._agree(self.cleo, 0, plan)
        plan.action_activate()
        self.plan.action_end()
        self.plan.date_to = '2024-01-01'
        self._invoice(self.dan, 100, product=self.product_a)
        self._invoice(self.dan, 100, product=self.product_b)
        category = self.env['product.category'].create({'name': 'Other'})
        other = self.env['product.product'].create({'name': 'Other', 'categ_id': category.id})
        self._invoice(self.dan, 100, product=other)
        march = self._period(3)
        march.action_calculate()
        self.assertEqual(self._earned(march), {self.cleo: 1 + 3})
