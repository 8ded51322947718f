# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import jsonschema

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .. import plan_file
from .common import CommissionCommon


class ScopeCommon(CommissionCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.action_draft()
        cls.germany, cls.poland = cls.env.ref('base.de'), cls.env.ref('base.pl')
        cls.bavaria = cls.env.ref('base.state_de_by')
        cls.product_a.write({'invoice_policy': 'order', 'taxes_id': False})

    def _customer(self, name='Buyer', **values):
        return self.env['res.partner'].create({'name': name, 'mlm_sponsor_id': self.dan.id, **values})

    def _order(self, customer, price=100, pricelist=None, quantity=1, **line):
        order = self.env['sale.order'].create({
            'partner_id': customer.id, 'company_id': self.company.id, 'mlm_agent_id': self.dan.id,
            **({'pricelist_id': pricelist.id} if pricelist else {}),
            'order_line': [Command.create({
                'product_id': self.product_a.id, 'price_unit': price, 'product_uom_qty': quantity,
                'tax_ids': [Command.clear()], **line})]})
        order.action_confirm()
        return order

    def _bill(self, order, day='2024-03-10'):
        invoice = order._create_invoices()
        invoice.write({'invoice_date': day, 'date': day})
        invoice.action_post()
        return invoice


@tagged('post_install', '-at_install')
class TestCircumstances(ScopeCommon):
    """What was so when a sale was first counted stays with it."""

    def _told(self, invoice):
        fact = invoice.mlm_volume_ids.filtered(lambda fact: not fact.origin_id)
        return [(one.country_id.code, one.state_id.code, one.first_order, one.own_purchase, one.agent_days) for one in fact]

    def test_region_order_buyer_and_days(self):
        """Dan joined on 2023-01-01: 2024-01-01 is day 365, 2024-03-10 is day 365 + 31 + 29 + 9."""
        customer = self._customer(country_id=self.germany.id, state_id=self.bavaria.id)
        first = self._invoice(self.dan, 10, partner=customer)
        self.assertEqual(self._told(first), [('DE', self.bavaria.code, True, False, 434)])
        customer.write({'country_id': self.poland.id, 'state_id': False})
        second = self._invoice(self.dan, 10, partner=customer)
        self.assertEqual(self._told(second), [('PL', False, False, False, 434)])
        own = self._invoice(self.cleo, 10, partner=self.cleo)
        self.assertEqual(self._told(own)[0][3], True)

    def test_what_changes_later_rewrites_nothing(self):
        customer = self._customer(country_id=self.germany.id)
        invoice = self._invoice(self.dan, 100, partner=customer)
        customer.country_id = self.poland
        self._credit(invoice, 40)
        taken = invoice.mlm_volume_ids.filtered('origin_id')
        self.assertEqual((taken.country_id, taken.first_order), (self.germany, True))
        invoice.button_draft()
        invoice.invoice_line_ids.price_unit = 130
        invoice.action_post()
        self.assertEqual(invoice.mlm_volume_ids.country_id, self.germany)

    def test_parts_of_one_order_are_one_order(self):
        customer = self._customer()
        order = self._order(customer, quantity=2)
        order.order_line.qty_delivered_method = 'manual'
        self.product_a.invoice_policy = 'delivery'
        order.order_line.qty_delivered = 1
        one = self._bill(order)
        order.order_line.qty_delivered = 2
        two = self._bill(order)
        self.assertTrue(one.mlm_volume_ids.first_order)
        self.assertTrue(two.mlm_volume_ids.first_order)
        self.product_a.invoice_policy = 'order'
        self.assertFalse(self._bill(self._order(customer)).mlm_volume_ids.first_order)

    def test_a_batch_has_one_first_order(self):
        customer = self._customer()
        invoices = self.env['account.move'].union(
            *(self._invoice(self.dan, 10, day=day, partner=customer, post=False) for day in ('2024-03-12', '2024-03-11')))
        invoices.action_post()
        self.assertEqual([one.mlm_volume_ids.first_order for one in invoices], [False, True], 'the earlier day is first')

    def test_cancelled_is_no_order(self):
        customer = self._customer()
        invoice = self._invoice(self.dan, 10, partner=customer)
        invoice.button_draft()
        invoice.button_cancel()
        self.assertTrue(self._invoice(self.dan, 10, partner=customer).mlm_volume_ids.first_order)

    def test_pricelist_and_valuation_sum_come_from_the_order(self):
        """1,000.00 for three: 333.33, 333.34 and 333.33 as they are invoiced one by one; half a credit note takes half."""
        pricelist = self.env['product.pricelist'].create({'name': 'Members', 'company_id': self.company.id})
        self.product_a.invoice_policy = 'delivery'
        order = self._order(self._customer(), pricelist=pricelist, quantity=3, mlm_valuation_sum=1000)
        sums = []
        for delivered in (1, 2, 3):
            order.order_line.qty_delivered = delivered
            fact = self._bill(order).mlm_volume_ids
            self.assertEqual(fact.pricelist_id, pricelist)
            sums.append(fact.total)
        self.assertEqual([round(total, 2) for total in sums], [333.33, 333.34, 333.33])
        invoice = order.invoice_ids[-1]
        self._credit(invoice, 50)
        self.assertEqual(round(sum(invoice.mlm_volume_ids.mapped('total')), 2), 166.67)


@tagged('post_install', '-at_install')
class TestScope(ScopeCommon):
    """A rule of 10 % to the sponsor of the seller, Cleo, and what narrows it."""

    def _rules(self, *scopes, **values):
        plan = self._plan('Scope', 'level', {'rates': [{'rate': '10'}]}, **values)
        for number, scope in enumerate(scopes):
            if number:
                plan.rule_ids = [Command.create({
                    'name': f'Special {number}', 'kind': 'level', 'params': {'rates': [{'rate': str(10 + 10 * number)}]}})]
            plan.rule_ids[number].write(scope)
        self._agree(self.cleo, 0, plan)
        plan.action_activate()
        return plan

    def _paid(self, month=3):
        period = self._period(month)
        period.action_calculate()
        return self._earned(period).get(self.cleo, 0)

    def test_first_order_only(self):
        self._rules({'order_kind': 'first'})
        customer = self._customer()
        self._invoice(self.dan, 100, partner=customer)
        self._invoice(self.dan, 1000, partner=customer, day='2024-03-11')
        self.assertEqual(self._paid(), 10)

    def test_later_orders_only(self):
        self._rules({'order_kind': 'repeat'})
        customer = self._customer()
        self._invoice(self.dan, 100, partner=customer)
        self._invoice(self.dan, 1000, partner=customer, day='2024-03-11')
        self.assertEqual(self._paid(), 100)

    def test_customers_or_agents(self):
        for buyer, expected in (('customer', 10), ('agent', 100)):
            with self.subTest(buyer), self.env.cr.savepoint() as savepoint:
                self._rules({'buyer': buyer})
                self._invoice(self.dan, 100, partner=self._customer())
                self._invoice(self.dan, 1000, partner=self.dan)
                self.assertEqual(self._paid(), expected)
                savepoint.rollback()

    def test_country_and_state(self):
        self._rules({'country_ids': self.germany.ids}, {'state_ids': self.bavaria.ids})
        self._invoice(self.dan, 100, partner=self._customer(country_id=self.germany.id))
        self._invoice(self.dan, 1000, partner=self._customer(country_id=self.poland.id))
        self._invoice(self.dan, 10000, partner=self._customer(country_id=self.germany.id, state_id=self.bavaria.id))
        self.assertEqual(self._paid(), 10 + 2000, 'a state is more specific than its country')

    def test_the_specific_replaces_the_general_and_nothing_is_paid_twice(self):
        """All pay 10 %, first orders 20 %: 100 of a first order earn 20, 1,000 of a later one 100. Never both."""
        plan = self._rules({}, {'order_kind': 'first'})
        customer = self._customer()
        invoice = self._invoice(self.dan, 100, partner=customer)
        self._invoice(self.dan, 1000, partner=customer, day='2024-03-11')
        self.assertEqual(self._paid(), 120)
        plan.rule_ids.overlap = 'add'
        period = self.env['mlm.period'].search([('company_id', '=', self.company.id)])
        period.action_calculate()
        self.assertEqual(self._earned(period)[self.cleo], 130, 'both pay where both are meant to')
        self.assertEqual(len(period.run_ids._explain(invoice.mlm_volume_ids)), 2)

    def test_two_rules_that_would_pay_twice_are_refused(self):
        with self.assertRaisesRegex(ValidationError, 'Special 1'):
            self._rules({'order_kind': 'first'}, {'country_ids': self.germany.ids})

    def test_dates(self):
        self._rules({'sold_from': '2024-03-10', 'sold_until': '2024-03-11'})
        for day, amount in (('2024-03-09', 1), ('2024-03-10', 100), ('2024-03-11', 1000), ('2024-03-12', 10)):
            self._invoice(self.dan, amount, day=day)
        self.assertEqual(self._paid(), 110)

    def test_pricelist(self):
        members = self.env['product.pricelist'].create({'name': 'Members', 'company_id': self.company.id})
        self._rules({'pricelist_ids': members.ids})
        self._bill(self._order(self._customer(), 100, members))
        self._bill(self._order(self._customer(), 1000))
        self.assertEqual(self._paid(), 10)

    def test_preview_knows_the_same(self):
        self._rules({}, {'order_kind': 'first', 'country_ids': self.germany.ids})
        customer = self._customer(country_id=self.germany.id)
        order = self._order(customer)
        self.assertEqual(order._mlm_preview_plans()[0]['total'], 20)
        self._bill(order)
        self.assertEqual(order._mlm_preview_plans()[0]['total'], 20, 'the order itself is its first')
        self.assertEqual(self._order(customer)._mlm_preview_plans()[0]['total'], 10)

    def test_words_why_and_comparison(self):
        plan = self._rules({'order_kind': 'first', 'country_ids': (self.germany + self.poland).ids, 'sold_from': '2024-01-01'})
        rule = plan.rule_ids
        words = 'Only for: Germany, Poland; First order of a customer; sold from 01/01/2024.'
        self.assertIn(words, rule.explanation)
        invoice = self._invoice(self.dan, 100, partner=self._customer(country_id=self.env.ref('base.fr').id))
        period = self._period(3)
        period.action_calculate()
        [section] = period.run_ids._explain(invoice.mlm_volume_ids)
        self.assertEqual((section['rule'], section['note']), (rule.name, words))
        self.assertEqual([step['sentence'] for step in section['steps']], ['The rule does not hold for this sale.'])
        self.assertIn('Only for: Germany', str(invoice.mlm_volume_ids.explanation))
        version = plan.browse(plan.action_new_version()['res_id'])
        version.rule_ids.buyer = 'customer'
        compare = self.env['mlm.plan.compare'].create({'plan_id': version.id})
        self.assertIn('Bought by: Customers only', str(compare.comparison))

    def test_file(self):
        members = self.env['product.pricelist'].create({'name': 'Members', 'company_id': self.company.id})
        plan = self._rules({
            'order_kind': 'repeat', 'buyer': 'customer', 'country_ids': self.germany.ids, 'state_ids': self.bavaria.ids,
            'pricelist_ids': members.ids, 'sold_from': '2024-03-01', 'sold_until': '2024-03-31'})
        data = plan._to_file()
        self.assertEqual(data['plan']['rules'][0]['scope']['only'], {
            'first': [0], 'own': [0], 'country': ['DE'], 'state': ['DE-BY'], 'pricelist': ['Members'],
            'sold_on': {'min': '2024-03-01', 'max': '2024-03-31'}})
        copy = self.env['mlm.plan'].with_company(self.company)._create_from_file(data)
        self.assertEqual(copy._to_dict()['rules'][0]['scope'], plan._to_dict()['rules'][0]['scope'])
        self.assertEqual(copy._to_file()['plan']['rules'][0]['scope'], data['plan']['rules'][0]['scope'])
        for name, value, problem in (
                ('country', ['XX'], 'There is no country "XX" here'), ('sold_on', {'min': '2024-02-30'}, 'sold_on'),
                ('first', [2], 'first'), ('weekday', [1], 'cannot hold this part of a scope')):
            data['plan']['rules'][0]['scope']['only'] = {name: value}
            with self.assertRaisesRegex(ValidationError, problem):
                self.env['mlm.plan'].with_company(self.company)._create_from_file(data)

    def test_except_products_and_categories(self):
        """10 % of 100; not of 1,000 of an excluded product, nor of 10,000 of a category below an excluded one."""
        above = self.env['product.category'].create({'name': 'Above'})
        below = self.env['product.category'].create({'name': 'Below', 'parent_id': above.id})
        one, two = (self.env['product.product'].create({
            'name': name, 'default_code': name, 'categ_id': category.id, 'taxes_id': False, 'invoice_policy': 'order'})
            for name, category in (('ONE', self.product_a.categ_id), ('TWO', below)))
        plan = self._rules({'except_product_ids': one.ids, 'except_categ_ids': above.ids})
        orders = [self._order(self._customer(), price, product_id=product.id)
                  for price, product in ((100, self.product_a), (1000, one), (10000, two))]
        for order, expected in zip(orders, (10, 0, 0)):
            self.assertEqual(sum(row['total'] for row in order._mlm_preview_plans()), expected)
            self._bill(order)
        self.assertEqual(self._paid(), 10)
        rule = plan.rule_ids
        self.assertIn('Not for: [ONE] ONE; Above.', rule.explanation)
        data = plan._to_file()
        self.assertEqual(data['plan']['rules'][0]['scope'], {
            'overlap': 'replace', 'except': {'product': ['ONE'], 'category': ['Above']}})
        jsonschema.validate(data, plan_file.file_schema())
        copy = self.env['mlm.plan'].with_company(self.company)._create_from_file(data)
        self.assertEqual((copy.rule_ids.except_product_ids, copy.rule_ids.except_categ_ids), (one, above))
        self.assertEqual(
            [rule['scope'] for rule in copy._to_file()['plan']['rules']], [rule['scope'] for rule in data['plan']['rules']])
        self.assertFalse(plan._example_values()['problems'])


@tagged('post_install', '-at_install')
class TestFastStart(ScopeCommon):

    def _instead_of_levels(self):
        """5 / 3 % by levels; 20 % to the sponsor instead for the first 60 days."""
        plan = self._plan('Both', 'level', {'rates': ['5', '3']})
        plan.rule_ids = [Command.create({
            'name': 'Fast', 'kind': 'fast_start', 'params': {'days': 60, 'rates': ['20']},
            'replaces_ids': plan.rule_ids.ids})]
        return plan

    def test_it_pays_instead_of_the_levels(self):
        """Who joins under Cleo on 2024-01-01: 100 of February earn her 20, and nobody else anything. On 2024-03-01, day 60
        (31 + 29), the days are over: 1,000 earn Cleo 50 and Ben 30. What Dan, who joined in 2023, sells, is paid by level:
        another 5 and 3 of 100. The first order taken back takes the 20 back, and nothing of the levels."""
        plan = self._instead_of_levels()
        for agent in (self.ben, self.cleo):
            self._agree(agent, 0, plan)
        plan.action_activate()
        new = self.env['res.partner'].with_context(mlm_date='2024-01-01').create(
            {'name': 'New', 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.cleo.id})
        customer = self.env['res.partner'].create({'name': 'Buyer', 'mlm_sponsor_id': new.id})
        order = self._order(customer)
        order.mlm_agent_id = new
        first = self._bill(order, '2024-02-29')
        earned = []
        self._invoice(new, 1000, day='2024-03-01')
        self._invoice(self.dan, 100, day='2024-03-02')
        for month in (2, 3):
            period = self._period(month)
            period.action_calculate()
            earned.append(self._earned(period))
            if month == 2:
                self.assertEqual(period.run_ids.commission_count, 1)
            period.action_close()
        self.assertEqual(earned, [{self.cleo: 20}, {self.cleo: 55, self.ben: 33}])
        self._credit(first, day='2024-04-05')
        april = self._period(4)
        april.action_calculate()
        self.assertEqual(self._earned(april), {self.cleo: -20})

    def test_a_copy_replaces_its_own_rules(self):
        plan = self._instead_of_levels()
        level, fast = plan.rule_ids
        level.sequence = 99  # the order on the screen is not the order in which they were made
        self.assertIn('Pays instead of: Both', fast.explanation)
        plan.action_activate()
        version = plan.browse(plan.action_new_version()['res_id'])
        by_kind = {rule.kind: rule for rule in version.rule_ids}
        self.assertEqual(by_kind['fast_start'].replaces_ids, by_kind['level'])
        self.assertFalse(by_kind['level'].replaces_ids)
        compare = self.env['mlm.plan.compare'].create({'plan_id': version.id})
        self.assertFalse([row['label'] for row in compare._rows() if row['is_rule'] and row['differs']])
        by_kind['fast_start'].replaces_ids = False
        compare.invalidate_recordset()
        rows = {row['label']: row for row in compare._rows()}
        self.assertTrue(rows['Fast']['differs'])
        self.assertIn('Pays Instead of: Both: level', rows['Fast']['before'])

    def test_only_rules_of_the_same_plan_and_never_in_a_circle(self):
        plan = self._instead_of_levels()
        level, fast = plan.rule_ids
        other = self._plan('Other', 'level', {'rates': ['5']}).rule_ids
        for wrong in (other, fast):
            with self.assertRaisesRegex(ValidationError, 'Rule "Fast" of plan "Both" can pay instead of other rules'):
                fast.replaces_ids = wrong
        level.replaces_ids = fast
        with self.assertRaisesRegex(ValidationError, 'Fast.*circle'):
            plan.action_activate()

    def test_a_plan_that_has_paid_keeps_it(self):
        plan = self._instead_of_levels()
        self._agree(self.cleo, 0, plan)
        plan.action_activate()
        self._invoice(self.dan, 100)
        period = self._period(3)
        period.action_calculate()
        period.action_close()
        plan.invalidate_recordset()
        for values in ({'replaces_ids': False}, {'except_product_ids': self.product_a.ids},
                       {'except_categ_ids': self.product_a.categ_id.ids}):
            with self.assertRaisesRegex(UserError, 'has paid in a closed period'):
                plan.rule_ids[1].write(values)

    def test_file(self):
        plan = self._instead_of_levels()
        data = plan._to_file()
        self.assertEqual(data['plan']['rules'][1]['scope'], {'overlap': 'replace', 'replaces': [plan.rule_ids[0].name]})
        jsonschema.validate(data, plan_file.file_schema())
        shown, problems, _reader = self.env['mlm.plan'].with_company(self.company)._read_file(data)
        self.assertFalse(problems)
        self.assertIn('Pays instead of: Both', shown.rule_ids[1].explanation)
        copy = self.env['mlm.plan'].with_company(self.company)._create_from_file(data)
        self.assertEqual(copy.rule_ids[1].replaces_ids, copy.rule_ids[0])
        self.assertEqual(
            [rule['scope'] for rule in copy._to_file()['plan']['rules']], [rule['scope'] for rule in data['plan']['rules']])
        data['plan']['rules'][1]['scope']['replaces'] = ['Nowhere']
        with self.assertRaisesRegex(ValidationError, 'There is no other rule with the name Nowhere'):
            self.env['mlm.plan'].with_company(self.company)._create_from_file(data)

    def test_limits_go_on_from_month_to_month_and_end_with_the_days(self):
        """25 % to the sponsor in the first 60 days, 200 at most: 600 earn 150, 400 more earn 50, 100 more nothing; who
        joined on 2024-01-01 is past the 60 days on 2024-03-01. A refund of 400 takes the 50 back."""
        plan = self._plan('Fast', 'fast_start', {'days': 60, 'rates': [{'rate': '25', 'max_amount': '200'}]})
        self._agree(self.anna, 0, plan)
        plan.action_activate()
        new = self.env['res.partner'].with_context(mlm_date='2024-01-01').create(
            {'name': 'New', 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.anna.id})
        self._invoice(new, 600, day='2024-01-01')
        second = self._invoice(new, 400, day='2024-02-10')
        self._invoice(new, 100, day='2024-02-29')
        self._invoice(new, 100, day='2024-03-01')
        earned = []
        for month in (1, 2, 3):
            period = self._period(month)
            period.action_calculate()
            earned.append(self._earned(period).get(self.anna, 0))
            period.action_close()
        self.assertEqual(earned, [150, 50, 0])
        self._credit(second, day='2024-04-05')
        april = self._period(4)
        april.action_calculate()
        self.assertEqual(self._earned(april), {self.anna: -50})

    def test_two_with_limits_are_refused(self):
        rates = {'days': 60, 'rates': [{'rate': '5', 'max_amount': '20'}]}
        plan = self._plan('Fast', 'fast_start', rates)
        plan.rule_ids = [Command.create({
            'name': 'Second', 'kind': 'fast_start', 'params': rates, 'overlap': 'add', 'base': 'points'})]
        with self.assertRaisesRegex(ValidationError, 'two fast starts with limits.*Second'):
            plan.action_activate()
