# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import re
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.sql_db import Cursor
from odoo.tests import tagged

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestSettlement(CommissionCommon):
    """From invoices to commissions, through the records. Rates: Anna 30, Ben 20, Cleo 12, Dan 5 percent."""

    def _settle(self, period, close=False):
        period.action_calculate()
        if close:
            period.action_close()
        return period

    def test_differential_up_the_chain(self):
        """1000: Dan 50, Cleo 12 - 5 = 7 % = 70, Ben 8 % = 80, Anna 10 % = 100; together 30 %."""
        self._invoice(self.dan, 1000)
        period = self._settle(self._period(3))
        self.assertEqual(self._earned(period), {self.dan: 50, self.cleo: 70, self.ben: 80, self.anna: 100})
        self.assertRecordValues(
            self.env['mlm.commission'].search([('period_id', '=', period.id)], order='level'),
            [{'beneficiary_id': agent.id, 'level': level, 'rate': rate, 'amount': rate * 10, 'base': 1000.0,
              'seller_id': self.dan.id, 'partner_id': self.customer.id, 'is_clawback': False}
             for level, (agent, rate) in enumerate(
                 ((self.dan, 5.0), (self.cleo, 7.0), (self.ben, 8.0), (self.anna, 10.0)))])

    def test_parts_add_up_to_the_rounded_whole(self):
        """33.33: running totals 1.67 (1.6665), 4.00 (3.9996), 6.67 (6.666), 10.00 (9.999)."""
        self._invoice(self.dan, 33.33)
        self.assertEqual(self._earned(self._settle(self._period(3))),
                         {self.dan: 1.67, self.cleo: 2.33, self.ben: 2.67, self.anna: 3.33})

    def test_suspended_and_without_agreement_are_passed_over(self):
        """Cleo is suspended, Ben's agreement ended: Dan 5 %, Anna 25 % of 1000."""
        self.cleo.with_context(mlm_date='2024-03-01').mlm_agent_state = 'suspended'
        self.agreements[self.ben].date_to = '2024-02-29'
        self._invoice(self.dan, 1000)
        self.assertEqual(self._earned(self._settle(self._period(3))), {self.dan: 50, self.anna: 250})

    def test_rate_of_the_day_of_sale(self):
        """Dan has 5 % until the 15th, then 10 %; Cleo's difference shrinks from 7 % to 2 %."""
        self.agreements[self.dan].date_to = '2024-03-15'
        self._agree(self.dan, 10, date_from='2024-03-16')
        self._invoice(self.dan, 1000, day='2024-03-15')
        self._invoice(self.dan, 1000, day='2024-03-16')
        self.assertEqual(self._earned(self._settle(self._period(3))),
                         {self.dan: 50 + 100, self.cleo: 70 + 20, self.ben: 160, self.anna: 200})

    def test_other_rate_for_a_category(self):
        """In the category Dan has 2 %: Cleo gets 10 %. In the category below Cleo has 1 %: Ben 18 %, and nothing hers."""
        category = self.env['product.category'].create({'name': 'Spare parts'})
        below = self.env['product.category'].create({'name': 'Screws', 'parent_id': category.id})
        self.agreements[self.dan].rate_ids = [Command.create({'categ_id': category.id, 'rate': 2})]
        self.agreements[self.cleo].rate_ids = [Command.create({'categ_id': below.id, 'rate': 1})]
        self.product_b.categ_id = category
        self._invoice(self.dan, 1000, product=self.product_b)
        march = self._settle(self._period(3), close=True)
        self.assertEqual(self._earned(march), {self.dan: 20, self.cleo: 100, self.ben: 80, self.anna: 100})
        self.product_b.categ_id = below
        self._invoice(self.dan, 1000, product=self.product_b, day='2024-04-01')
        self.assertEqual(self._earned(self._settle(self._period(4))), {self.dan: 20, self.ben: 180, self.anna: 100})

    def test_excluded_products_and_categories(self):
        self.plan.action_draft()
        self.plan.excluded_product_ids = self.product_b
        self.plan.action_activate()
        self._invoice(self.dan, 1000, product=self.product_b)
        self._invoice(self.dan, 100)
        march = self._period(3)
        self.assertEqual(self._earned(self._settle(march)), {self.dan: 5, self.cleo: 7, self.ben: 8, self.anna: 10})
        self.plan.excluded_categ_ids = self.product_a.categ_id
        self.assertEqual(self._earned(self._settle(march)), {})

    def test_margin_and_points_as_base(self):
        """Margin of 2 x (500 - 300) = 400 at 10 percent; 3 points a piece at 1 percent of the value of a point (1.00)."""
        self.plan.action_end()
        self.product_a.write({'standard_price': 300, 'mlm_points': 3})
        plan = self._plan('Margin and points', 'level', {'rates': [{'rate': '10'}]})
        plan.rule_ids.base = 'margin'
        plan.rule_ids = [Command.create({
            'name': 'Points', 'kind': 'level', 'base': 'points', 'overlap': 'add', 'params': {'rates': [{'rate': '50'}]}})]
        self._agree(self.cleo, 0, plan)
        plan.action_activate()
        self.plan.active = False
        self._invoice(self.dan, 500, quantity=2)
        period = self._settle(self._period(3))
        rows = self.env['mlm.commission'].search([('period_id', '=', period.id), ('plan_id', '=', plan.id)])
        self.assertEqual({row.rule_id.base: (row.base, row.amount) for row in rows},
                         {'margin': (400.0, 40.0), 'points': (6.0, 3.0)})

    def test_refund_after_closing_takes_back_from_the_same_people_at_the_same_rates(self):
        """A quarter of 1000 is credited in April, when Dan and Cleo have other rates and Dan stands elsewhere."""
        invoice = self._invoice(self.dan, 1000)
        march = self._settle(self._period(3), close=True)
        self.agreements[self.cleo].date_to = '2024-03-31'
        self._agree(self.cleo, 18, date_from='2024-04-01')
        self.dan.with_context(mlm_date='2024-04-01').mlm_sponsor_id = self.ben
        self._credit(invoice, 250, day='2024-04-05')
        april = self._settle(self._period(4), close=True)
        self.assertEqual(
            self._earned(april), {self.dan: -12.5, self.cleo: -17.5, self.ben: -20, self.anna: -25})
        self.assertTrue(all(self.env['mlm.commission'].search([('period_id', '=', april.id)]).mapped('is_clawback')))
        self.assertEqual(self._earned(march)[self.dan], 50, 'the closed period stays')

    def test_any_chain_of_partial_refunds_ends_at_exactly_zero(self):
        """33.33 credited in three uneven parts over two periods, one of them with the sale itself."""
        invoice = self._invoice(self.dan, 33.33)
        self._credit(invoice, 7.77, day='2024-03-30')
        march = self._settle(self._period(3), close=True)
        # 25.56 of 33.33 are left; Dan's 1.67 x 7.77/33.33 = 0.389 -> 0.39 taken back
        self.assertEqual(self._earned(march)[self.dan], 1.28)
        self._credit(invoice, 11.11, day='2024-04-03')
        self._credit(invoice, 14.45, day='2024-04-04')
        april = self._settle(self._period(4), close=True)
        self.assertEqual(
            self._earned(march, april), dict.fromkeys((self.dan, self.cleo, self.ben, self.anna), 0))

    def test_reset_and_repost_in_another_month_changes_nothing(self):
        invoice = self._invoice(self.dan, 1000)
        march = self._settle(self._period(3), close=True)
        self.agreements[self.dan].date_to = '2024-03-31'
        self._agree(self.dan, 9, date_from='2024-04-01')
        invoice.button_draft()
        invoice.action_post()
        later = self._period(4)
        later.date_to = '2099-12-31'
        self._settle(later)
        self.assertEqual(self._earned(march, later), {self.dan: 50, self.cleo: 70, self.ben: 80, self.anna: 100})

    def test_late_invoice_is_settled_in_the_next_period(self):
        self._invoice(self.dan, 1000)
        march = self._settle(self._period(3), close=True)
        self._invoice(self.dan, 200, day='2024-03-31')
        april = self._settle(self._period(4))
        self.assertEqual(self._earned(april), {self.dan: 10, self.cleo: 14, self.ben: 16, self.anna: 20})
        self.assertEqual(self._earned(march)[self.dan], 50)

    def test_calculating_again_replaces_the_draft_and_gives_the_same_bytes(self):
        self._invoice(self.dan, 1000)
        period = self._settle(self._period(3))
        run = period.run_ids
        digests = (run.input_digest, run.output_digest)
        self._settle(period)
        self.assertFalse(run.exists())
        self.assertEqual((period.run_ids.input_digest, period.run_ids.output_digest), digests)
        self.assertEqual(self._earned(period)[self.dan], 50)
        self.env.cr.execute('SELECT count(*) FROM mlm_claim WHERE run_id = %s', [run.id])
        self.assertEqual(self.env.cr.fetchone()[0], 0)
        self._invoice(self.dan, 1000)
        self._settle(period)
        self.assertEqual(self._earned(period)[self.dan], 100)

    def test_statements_do_not_depend_on_the_number_of_agents(self):
        """A fixed number of statements, whatever the size."""
        self._invoice(self.dan, 1000)
        period = self._period(3)
        self._settle(period)

        def settled():
            with freeze_time('2024-05-01'):
                self._settle(period)
                self.env.flush_all()

        def statements():
            """What is asked of the database once Odoo remembers all it can: it forgets at moments of its own, such as when
            partners are created, so it is made to forget and to read everything again before each measurement."""
            self.env.registry.clear_all_caches()
            settled()
            self.env.flush_all()
            self.env.invalidate_all()
            asked = []

            def execute(cursor, query, *args, **kwargs):
                asked.append(re.sub(r'row_\d+', 'row', str(getattr(query, 'code', query)))[:100])
                return real(cursor, query, *args, **kwargs)

            real = Cursor.execute
            with patch.object(Cursor, 'execute', execute):
                settled()
            return asked

        few = statements()
        self.assertGreater(len(few), 30)
        above = self.dan
        for number in range(40):
            above = self._agent(f'Agent {number}', above)
            self._agree(above, 1)
            self._invoice(above, 10 + number)
        self.assertEqual(statements(), few)

    def test_why_a_commission_and_why_not(self):
        self.cleo.with_context(mlm_date='2024-03-01').mlm_agent_state = 'suspended'
        volume = self._invoice(self.dan, 1000).mlm_volume_ids
        period = self._settle(self._period(3), close=True)
        [section] = period.run_ids._explain(volume)
        self.assertEqual(
            [(step['name'], step['paid'], step['amount'], step['rate']) for step in section['steps']],
            [('Dan', True, 50, '5 %'), ('Cleo', False, 0, ''), ('Ben', True, 150, '15 %'), ('Anna', True, 100, '10 %')])
        self.assertIn('not active', section['steps'][1]['sentence'])
        # Later changes do not change the answer: it is given on what the run had read.
        today = {'mlm_date': 'today'}
        self.cleo.with_context(today).mlm_agent_state = 'active'
        self.dan.with_context(today).mlm_sponsor_id = self.anna
        self.assertEqual(period.run_ids._explain(volume), [section])
        commission = self.env['mlm.commission'].search([
            ('period_id', '=', period.id), ('beneficiary_id', '=', self.ben.id)])
        self.assertIn('Cleo', commission.explanation)
        self.assertIn('150', commission.explanation)

    def test_why_a_clawback_explains_the_sale(self):
        invoice = self._invoice(self.dan, 1000)
        self._settle(self._period(3), close=True)
        self._credit(invoice, 250, day='2024-04-05')
        april = self._settle(self._period(4))
        clawback = self.env['mlm.commission'].search([
            ('period_id', '=', april.id), ('beneficiary_id', '=', self.dan.id)])
        self.assertRegex(clawback.explanation, r'25 %</strong> of what was paid')
        self.assertIn(invoice.name, clawback.explanation)

    def test_group_volume_rule_and_its_refund(self):
        """Rates by group points, 100 points a piece: 3 % from 100, 6 % from 300; the refund leaves its month's group.

        March: Dan sells 2 (200 points, 2000), Cleo 1 (100, 1000). Dan's group 200 points: 3 % of 2000 = 60. Cleo's 300:
        6 % of 3000 = 180 less Dan's 60 = 120. Ben and Anna have the same group at the same rate: nothing.
        April: Dan sells 3 (300 points, 3000) and one of March is returned (-100, -1000): 200 points, 3 % of 2000 = 60.
        """
        self.plan.action_end()
        self.plan.date_to = '2024-01-01'
        plan = self._plan('Groups', 'group_differential', {'rates': [
            {'points': '100', 'rate': '3'}, {'points': '300', 'rate': '6'}]})
        for agent in (self.anna, self.ben, self.cleo, self.dan):
            self._agree(agent, 0, plan)
        plan.action_activate()
        self.product_a.mlm_points = 100
        sold = self._invoice(self.dan, 1000, quantity=2)
        self._invoice(self.cleo, 1000)
        march = self._settle(self._period(3), close=True)
        self.assertEqual(self._earned(march), {self.dan: 60, self.cleo: 120})
        self._invoice(self.dan, 1000, quantity=3, day='2024-04-01')
        self._credit(sold, 1000)
        april = self._settle(self._period(4), close=True)
        self.assertEqual(self._earned(april), {self.dan: 60})
        row = self.env['mlm.commission'].search([('period_id', '=', april.id)])
        self.assertFalse(row.volume_id)
        self.assertEqual(str(row.date), '2024-04-30')
        self.assertIn('60', row.explanation)

    def test_a_matching_bonus_follows_what_is_taken_back(self):
        """Cleo earns 10 % of Dan's 100, Ben 20 % of that; in April half is credited: -5.00, and -1.00 of the match.

        What is sold and credited in the same month counts once: 50 in April pay 5.00 and 1.00, all taken back again.
        """
        plan = self._plan('Matching', 'level', {'rates': [{'rate': '10'}]})
        plan.rule_ids = [Command.create({
            'name': 'Match', 'kind': 'matching', 'params': {'reads': ['Matching: level'], 'rates': [{'rate': '20'}]}})]
        for agent in (self.ben, self.cleo, self.dan):
            self._agree(agent, 0, plan)
        plan.action_activate()

        def paid(month):
            sums = self.env['mlm.commission']._read_group(
                [('period_id', '=', month.id), ('plan_id', '=', plan.id)], ['beneficiary_id'], ['amount:sum'])
            return {agent: round(amount, 2) for agent, amount in sums}

        sold = self._invoice(self.dan, 100)
        march = self._settle(self._period(3), close=True)
        self.assertEqual(paid(march), {self.cleo: 10, self.ben: 2})
        self._credit(sold, 50)
        self._credit(self._invoice(self.dan, 50, day='2024-04-03'))
        april = self._settle(self._period(4), close=True)
        self.assertEqual(paid(april), {self.cleo: -5, self.ben: -1})
        row = self.env['mlm.commission'].search([('period_id', '=', april.id), ('beneficiary_id', '=', self.ben.id),
                                                 ('plan_id', '=', plan.id)])
        self.assertIn('-1', row.explanation)

    def test_level_that_opens_with_personal_points(self):
        """Level 1 needs 50 points of one's own: Cleo has 50 and earns 4 percent of Dan's 100, Ben has 49 and does not."""
        self.plan.action_end()
        self.plan.date_to = '2024-01-01'
        plan = self._plan('Points', 'level', {'rates': [{'rate': '4', 'min_points': '50'}]})
        for agent in (self.anna, self.ben, self.cleo, self.dan):
            self._agree(agent, 0, plan)
        plan.action_activate()
        self.product_a.mlm_points = 50
        self.product_b.mlm_points = 49
        self._invoice(self.cleo, 10)
        self._invoice(self.ben, 10, product=self.product_b)
        self.product_a.mlm_points = 0
        self._invoice(self.dan, 100)
        self.assertEqual(self._earned(self._settle(self._period(3))), {self.cleo: 4})

    def test_a_rate_says_what_it_is(self):
        """Percent of money, and an amount for each of three units."""
        self.plan.action_end()
        plan = self._plan('Units', 'unit', {'own_amount': '5', 'rates': ['1.25']})
        plan.rule_ids = [Command.create({'name': 'Upline', 'kind': 'level', 'params': {'rates': ['12']}})]
        for agent in (self.dan, self.cleo):
            self._agree(agent, 0, plan)
        plan.action_activate()
        volume = self._invoice(self.dan, 100, quantity=3).mlm_volume_ids
        period = self._settle(self._period(3))
        rows = self.env['mlm.commission'].search([('volume_id', '=', volume.id), ('plan_id', '=', plan.id)])
        self.assertEqual(
            {(row.beneficiary_id.name, row.rate_text, row.base_text, row.amount) for row in rows},
            {('Dan', '5.00 per unit', '3 units', 15), ('Cleo', '1.25 per unit', '3 units', 3.75),
             ('Cleo', '12 %', '$\xa0300.00', 36)})
        run = period.run_ids.filtered(lambda run: run.plan_id == plan)
        self.assertEqual([step['rate'] for section in run._explain(volume) for step in section['steps'] if step['paid']],
                         ['5.00 per unit', '1.25 per unit', '12 %'])
