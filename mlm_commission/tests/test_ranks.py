# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Ranks that are earned: judged before paying, remembered, explained; activity; every figure worked out by hand.

March: Dan sells 300, Cleo 400, Ben 500, Anna 100, one point for each unit of money. Groups: Dan 300, Cleo 700, Ben 1,200,
Anna 1,300. Bronze takes 100 personal points: all four. Silver 1,000 group points and a leg with 300: Ben, Anna. Gold
1,250 group points and a leg with a Silver: Anna.
"""
from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import CommissionCommon

LADDER = {
    'Bronze': {'personal_points': '100'},
    'Silver': {'group_points': '1000', 'legs': 1, 'leg_points': '300'},
    'Gold': {'group_points': '1250', 'ranked_legs': 1, 'leg_rank': 2},
}
RATES = [{'rank': 1, 'rate': '5'}, {'rank': 2, 'rate': '10'}, {'rank': 3, 'rate': '15'}]
MARCH = {'dan': 300, 'cleo': 400, 'ben': 500, 'anna': 100}


class RanksCommon(CommissionCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.action_draft()
        cls.plan.active = False
        cls.product_a.write({'mlm_points': 1, 'taxes_id': False})
        cls.env['mlm.rank'].search([]).active = False
        cls.bronze, cls.silver, cls.gold = cls.ranks = cls.env['mlm.rank'].create([
            {'name': name, 'level': level, 'company_id': cls.company.id}
            for level, name in enumerate(LADDER, 1)])
        cls.plan = cls._ladder_plan('Ladder')
        for agent in (cls.anna, cls.ben, cls.cleo, cls.dan):
            cls._agree(agent, 0)
        cls.plan.action_activate()

    @classmethod
    def _ladder_plan(cls, name, kind='differential', params=None, conditions=LADDER, **values):
        return cls._plan(name, kind, params or {'source': 'rank', 'rates': RATES}, rank_source='qualified', rank_ids=[
            Command.create({'rank_id': rank.id, 'conditions': conditions[rank.name]}) for rank in cls.ranks], **values)

    def _month(self, month, close=True, **sold):
        """Sell, calculate and close a month: what each agent sells, by the name of the test's attribute."""
        for name, amount in sold.items():
            self._invoice(getattr(self, name), 1, quantity=amount, day=f'2024-{month:02}-10')
        period = self._period(month)
        with freeze_time(f'2024-{month + 1:02}-05'):
            period.action_calculate()
            if close:
                period.action_close()
        return period

    def _standing(self, period, agent):
        return self.env['mlm.standing'].search([('period_id', '=', period.id), ('agent_id', '=', agent.id)])


@tagged('post_install', '-at_install')
class TestRanks(RanksCommon):

    def test_ranks_are_found_before_paying(self):
        period = self._month(3, **MARCH)
        # Dan 5 % of 300; Cleo 5 % of 400; Ben 5 % of 300 and 400, 10 % of 500; Anna 5 % of 1,200 and 15 % of 100.
        self.assertEqual(self._earned(period), {self.dan: 15, self.cleo: 20, self.ben: 85, self.anna: 75})
        for agent, rank, personal, group in (
                (self.anna, self.gold, 100, 1300), (self.ben, self.silver, 500, 1200),
                (self.cleo, self.bronze, 400, 700), (self.dan, self.bronze, 300, 300)):
            standing = self._standing(period, agent)
            self.assertEqual(
                (standing.achieved_id, standing.paid_id, standing.highest_id), (rank, rank, rank), agent.name)
            self.assertEqual(
                (standing.personal_points, standing.personal_value, standing.group_points, standing.group_value),
                (personal, personal, group, group))

    def test_the_highest_rank_stays_and_the_pay_does_not(self):
        self._month(3, **MARCH)
        april = self._month(4, dan=300, cleo=400, ben=500)
        anna = self._standing(april, self.anna)
        self.assertFalse(anna.paid_id, 'without 100 personal points not even Bronze')
        self.assertFalse(anna.achieved_id)
        self.assertEqual(anna.highest_id, self.gold)
        self.assertEqual(self._earned(april).get(self.anna), None)
        # Nobody sells in May: ranks held before are still known in June.
        may, june = self._month(5), self._month(6, **MARCH)
        self.assertEqual(self._standing(may, self.ben).highest_id, self.silver)
        self.assertEqual(self._standing(june, self.anna).paid_id, self.gold)

    def test_keeping_takes_less_than_reaching(self):
        self.plan.action_draft()
        self.plan.rank_ids.filtered(lambda row: row.rank_id == self.bronze).write({
            'is_kept_otherwise': True, 'maintenance': {'personal_points': '50'}})
        self.plan.action_activate()
        self._month(3, dan=100)
        april = self._month(4, dan=60, cleo=60)
        dan, cleo = self._standing(april, self.dan), self._standing(april, self.cleo)
        self.assertEqual((dan.paid_id, dan.achieved_id), (self.bronze, self.env['mlm.rank']))
        self.assertFalse(cleo.paid_id, 'Cleo never was Bronze')
        self.assertIn('held before, and kept', dan.explanation)
        self.assertEqual(self._earned(april), {self.dan: 3})

    def test_a_rank_by_agreement_is_the_lowest(self):
        agreement = self.env['mlm.agreement'].search([('agent_id', '=', self.cleo.id), ('plan_id', '=', self.plan.id)])
        agreement.rank_id = self.silver
        period = self._month(3, **MARCH)
        cleo = self._standing(period, self.cleo)
        self.assertEqual((cleo.paid_id, cleo.achieved_id, cleo.highest_id), (self.silver, self.bronze, self.silver))
        # Cleo takes 10 % of 400 and 5 % of Dan's 300, which Ben, Silver too, does not get.
        self.assertEqual(self._earned(period), {self.dan: 15, self.cleo: 55, self.ben: 50, self.anna: 75})
        self.assertIn('the lowest rank by agreement', cleo.explanation)
        self.assertEqual(self._standing(period, self.ben).paid_id, self.silver)

    def test_a_draft_goes_and_what_is_closed_stays(self):
        period = self._month(3, close=False, **MARCH)
        self.assertEqual(len(self.env['mlm.standing'].search([('period_id', '=', period.id)])), 4)
        digest = period.run_ids.output_digest
        period.action_discard()
        self.assertFalse(self.env['mlm.standing'].search([('period_id', '=', period.id)]))
        period.action_calculate()
        self.assertEqual(period.run_ids.output_digest, digest)
        period.action_close()
        standing = self._standing(period, self.dan)
        for change in (lambda: standing.write({'paid_id': self.gold.id}), standing.unlink):
            with self.assertRaises(AccessError):
                change()

    def test_what_is_missing(self):
        period = self._month(3, **MARCH)
        explanation = self._standing(period, self.ben).explanation
        self.assertIn('Paid as <strong>Silver</strong>', explanation)
        self.assertIn('Next rank: Gold', explanation)
        self.assertIn('1200 / 1250', explanation)
        self.assertIn('0 / 1', explanation, 'no leg with a Silver')
        [outlook] = self.ben._mlm_rank_outlook()
        self.assertEqual((outlook['paid'], outlook['next']), (self.silver, self.gold))
        self.assertEqual(
            [(row['name'], row['have'], row['need'], row['met']) for row in outlook['conditions']],
            [('group_points', '1200', '1250', False), ('ranked_legs', '0', '1', False), ('active', 'yes', 'yes', True)])
        [outlook] = self.anna._mlm_rank_outlook()
        self.assertFalse(outlook['next'])
        self.assertIn('the highest rank of the ladder', self._standing(period, self.anna).explanation)

    def test_the_answer_for_one_is_that_of_the_whole(self):
        """Only the agent's own branch is judged again; it must say what the run found."""
        period = self._month(3, **MARCH)
        for agent in (self.anna, self.ben, self.cleo, self.dan):
            found = period.run_ids._explain_rank(agent)
            self.assertEqual(found['achieved'], self._standing(period, agent).achieved_id, agent.name)

    def test_a_refund_takes_its_points_with_it(self):
        march = self._month(3, **MARCH)
        invoice = march.run_ids and self.env['account.move'].search([('mlm_agent_id', '=', self.dan.id)])
        self._credit(invoice, day='2024-04-05')
        april = self._month(4, dan=350, cleo=400, ben=500, anna=100)
        dan = self._standing(april, self.dan)
        self.assertEqual((dan.personal_points, dan.personal_value), (50, 50))
        self.assertFalse(dan.paid_id)

    def test_a_joining_product_is_no_volume(self):
        kit = self.env['product.product'].create({
            'name': 'Starter kit', 'mlm_points': 500, 'mlm_commissionable': False, 'taxes_id': False})
        self._invoice(self.dan, 500, product=kit)
        period = self._month(3, dan=50)
        self.assertEqual(self._standing(period, self.dan).personal_points, 50)
        self.assertFalse(self._standing(period, self.dan).paid_id)

    def test_personal_customers(self):
        self.plan.action_draft()
        self.plan.rank_ids.filtered(lambda row: row.rank_id == self.bronze).conditions = {'customers': 2}
        self.plan.action_activate()
        other, third = self.env['res.partner'].create([
            {'name': name, 'mlm_sponsor_id': self.dan.id} for name in ('Other', 'Third')])
        self._invoice(self.dan, 10)
        self._invoice(self.dan, 10, day='2024-03-11')
        self._invoice(self.cleo, 10)
        self._invoice(self.cleo, 10, partner=other)
        self._credit(self._invoice(self.dan, 10, partner=third), day='2024-03-20')
        self._invoice(self.dan, 10, partner=self.dan, day='2024-03-12')
        period = self._month(3)
        self.assertFalse(self._standing(period, self.dan).paid_id, 'one customer twice, one undone, and Dan himself')
        self.assertEqual(self._standing(period, self.cleo).paid_id, self.bronze)

    def test_active_by_personal_points(self):
        """Levels of 10, 5 and 5 %; who has no 100 personal points is passed over, in this month alone."""
        self.plan.action_end()
        plan = self._plan('Active', 'level', {'rates': ['10', '5', '5'], 'compression': 'standard'},
                          activity_pay_points=100)
        for agent in (self.anna, self.ben, self.cleo, self.dan):
            self._agree(agent, 0, plan)
        plan.action_activate()
        march = self._month(3, dan=300, cleo=50, ben=100, anna=100)
        runs = march.run_ids.filtered(lambda run: run.plan_id == plan)
        earned = dict(self.env['mlm.commission']._read_group(
            [('run_id', '=', runs.id)], ['beneficiary_id'], ['amount:sum']))
        # Dan's 300: Ben 30, Anna 15; Cleo's 50: Ben 5, Anna 2.50; Ben's 100: Anna 10.
        self.assertEqual(earned, {self.ben: 35, self.anna: 27.5})
        standings = self.env['mlm.standing'].search([('run_id', '=', runs.id)])
        self.assertEqual(
            {standing.agent_id: standing.is_active for standing in standings},
            {self.dan: True, self.cleo: False, self.ben: True, self.anna: True})
        cleo = standings.filtered(lambda standing: standing.agent_id == self.cleo)
        self.assertIn('Not active for pay in this period', cleo.explanation)
        self.assertIn('50 / 100', cleo.explanation)
        april = self._month(4, cleo=100, dan=100)
        runs = april.run_ids.filtered(lambda run: run.plan_id == plan)
        earned = dict(self.env['mlm.commission']._read_group(
            [('run_id', '=', runs.id)], ['beneficiary_id'], ['amount:sum']))
        self.assertEqual(earned, {self.cleo: 10}, 'Cleo is active again; Ben and Anna sold nothing')

    def test_a_full_refund_undoes_a_matching_bonus(self):
        """Cleo gets 10 % of Dan's 300, Ben half of what Cleo got; credited in the next month all of it comes back."""
        self.plan.action_end()
        plan = self._plan('Matching', 'level', {'rates': ['10']})
        plan.rule_ids = [Command.create({'name': 'Match', 'kind': 'matching', 'params': {
            'reads': [plan.rule_ids.name], 'rates': ['50']}})]
        for agent in (self.anna, self.ben, self.cleo, self.dan):
            self._agree(agent, 0, plan)
        plan.action_activate()
        invoice = self._invoice(self.dan, 1, quantity=300)

        def earned(period):
            run = period.run_ids.filtered(lambda run: run.plan_id == plan)
            return dict(self.env['mlm.commission']._read_group(
                [('run_id', '=', run.id)], ['beneficiary_id'], ['amount:sum']))

        march = self._month(3)
        self.assertEqual(earned(march), {self.cleo: 30, self.ben: 15})
        self._credit(invoice, 100)
        april = self._month(4)
        self.assertEqual(earned(april), {self.cleo: -10, self.ben: -5})
        self._credit(invoice, 200, day='2024-05-05')
        may = self._month(5)
        self.assertEqual(earned(may), {self.cleo: -20, self.ben: -10})
        run = may.run_ids.filtered(lambda run: run.plan_id == plan)
        [section] = run._explain_period(self.ben)
        self.assertEqual([step['amount'] for step in section['steps']], [-10])

    def test_shares_come_with_the_rank(self):
        """A pool of 10 % of 1,300: Anna, Gold, has 5 shares, Ben, Silver, 1."""
        self.plan.action_end()
        plan = self._ladder_plan('Pool', 'pool', {'rate': '10', 'split': 'shares'})
        for row, shares in zip(plan.rank_ids.sorted('level'), (0, 1, 5)):
            row.shares = shares
        for agent in (self.anna, self.ben, self.cleo, self.dan):
            self._agree(agent, 0, plan)
        plan.action_activate()
        period = self._month(3, **MARCH)
        run = period.run_ids.filtered(lambda run: run.plan_id == plan)
        earned = dict(self.env['mlm.commission']._read_group(
            [('run_id', '=', run.id)], ['beneficiary_id'], ['amount:sum']))
        # 130 in six shares: 21.67 and 108.33, the odd cent to the larger remainder.
        self.assertEqual(earned, {self.ben: 21.67, self.anna: 108.33})

    def test_a_new_version_keeps_the_ladder_and_the_highest_ranks(self):
        self._month(3, **MARCH)
        self.plan.action_new_version()
        version = self.plan.next_ids
        version.date_from = '2024-04-01'
        self.assertEqual(version.rank_ids.rank_id, self.ranks)
        version.rank_ids.filtered(lambda row: row.rank_id == self.bronze).conditions = {'personal_points': '400'}
        version.action_activate()
        april = self._month(4, dan=300, cleo=400)
        self.assertFalse(self._standing(april, self.dan).paid_id)
        self.assertEqual(self._standing(april, self.dan).highest_id, self.bronze)
        self.assertEqual(self._standing(april, self.cleo).paid_id, self.bronze)
        self.assertEqual(self._standing(april, self.anna).highest_id, self.gold)

    def test_what_paid_is_frozen(self):
        self._month(3, **MARCH)
        extra = self.env['mlm.rank'].create({'name': 'Extra', 'level': 9, 'company_id': self.company.id})
        for change in (
            lambda: self.plan.rank_ids[0].write({'conditions': {}}),
            lambda: self.plan.write({'activity_pay_points': 5}),
            lambda: self.plan.rank_ids[0].unlink(),
            lambda: self.env['mlm.plan.rank'].create({'plan_id': self.plan.id, 'rank_id': extra.id}),
            lambda: self.gold.write({'level': 8}),
            lambda: self.gold.unlink(),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                change()
        self.gold.name = 'Gold plus'

    def test_a_rank_somebody_held_is_not_deleted(self):
        self._month(3, **MARCH)
        other = self.env['mlm.rank'].create({'name': 'Other', 'level': 50, 'company_id': self.company.id})
        other.unlink()
        agreed = self._plan('Agreed', 'level', {'rates': ['1']})
        agreement = self._agree(self.dan, 0, agreed)
        extra = agreement.rank_id = self.env['mlm.rank'].create(
            {'name': 'Extra', 'level': 60, 'company_id': self.company.id})
        agreed.action_activate()
        self._month(4, dan=10)
        agreement.write({'state': 'active', 'note': 'x'})
        with self.assertRaisesRegex(UserError, 'Extra'):
            extra._unlink_if_nobody_held_it()

    def test_problems_name_rank_and_field(self):
        plan = self._ladder_plan('Wrong', conditions={
            'Bronze': {'personal_points': '-1'}, 'Silver': {'ranked_legs': 1, 'leg_rank': 3}, 'Gold': {}})
        with self.assertRaisesRegex(ValidationError, 'Bronze · Personal points · -1 is below'):
            plan.action_activate()
        with self.assertRaisesRegex(ValidationError, 'Silver · Rank in each such leg · Legs can only need'):
            plan.action_activate()
        plan.rank_ids.unlink()
        with self.assertRaisesRegex(ValidationError, 'The ladder has no rank'):
            plan.action_activate()

    def test_a_rule_cannot_refer_to_a_rank_without_conditions(self):
        plan = self._ladder_plan('Without gold')
        plan.rank_ids.filtered(lambda row: row.rank_id == self.gold).unlink()
        with self.assertRaisesRegex(ValidationError, 'refers to the rank Gold'):
            plan.action_activate()

    def test_ranks_in_words(self):
        self.assertEqual(self.plan.rank_ids.sorted('level').mapped('explanation'), [
            'Needs 100 personal points, being active.',
            'Needs 1000 group points, a leg with 300 points, being active.',
            'Needs 1250 group points, a leg with a Silver, being active.'])

    def test_gaps_between_levels(self):
        """Ranks may leave room between their levels; rules mean them by level all the same."""
        self.gold.level = 30
        self.silver.level = 20
        self.plan.action_draft()
        self.plan.rule_ids.params = {'source': 'rank', 'rates': [
            {'rank': 1, 'rate': '5'}, {'rank': 20, 'rate': '10'}, {'rank': 30, 'rate': '15'}]}
        self.plan.rank_ids.filtered(lambda row: row.rank_id == self.gold).conditions = {
            **LADDER['Gold'], 'leg_rank': 20}
        self.plan.action_activate()
        self.assertEqual(self._earned(self._month(3, **MARCH)),
                         {self.dan: 15, self.cleo: 20, self.ben: 85, self.anna: 75})

    def test_a_company_builds_it_on_the_screen(self):
        with Form(self.env['mlm.plan'].with_company(self.company)) as form:
            form.name = 'By hand'
            form.date_from = '2024-01-01'
            form.rank_source = 'qualified'
            with form.rank_ids.new() as row:
                row.rank_id = self.bronze
                row.conditions = {'personal_points': '10'}
                self.assertEqual(row.explanation, 'Needs 10 personal points, being active.')
            with form.rank_ids.new() as row:
                row.rank_id = self.silver
                row.conditions = {'personal_points': '10', 'ranked_legs': 1, 'leg_rank': 1}
            with form.rule_ids.new() as rule:
                rule.name = 'Upline'
                rule.kind = 'level'
                rule.params = {'rates': [{'rate': '5', 'min_rank': 2}]}
            self.assertIn('Dan', form.example)
        plan = form.record
        for agent in (self.cleo, self.dan):
            self._agree(agent, 0, plan)
        self.plan.action_end()
        plan.action_activate()
        period = self._month(3, dan=20, cleo=10)
        standing = self.env['mlm.standing'].search([('plan_id', '=', plan.id), ('agent_id', '=', self.cleo.id)])
        self.assertEqual(standing.paid_id, self.silver)
        with Form(standing) as seen:
            self.assertIn('Paid as <strong>Silver</strong>, reached with the volumes', seen.explanation)
        with Form(standing.search([('plan_id', '=', plan.id), ('agent_id', '=', self.dan.id)])) as seen:
            self.assertIn('Next rank: Silver', seen.explanation)
            self.assertIn('0 / 1', seen.explanation)
        self.assertEqual(self._earned(period), {self.cleo: 1})

    def test_the_preview_knows_the_last_ranks(self):
        self._month(3, **MARCH)
        order = self.env['sale.order'].create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'mlm_agent_id': self.ben.id,
            'order_line': [Command.create({
                'product_id': self.product_a.id, 'product_uom_qty': 100, 'price_unit': 1, 'tax_ids': [Command.clear()]})]})
        with freeze_time('2024-04-10'):
            preview = self.plan._preview(self.ben, self.plan.date_from.replace(month=4), order._mlm_preview_lines())
        self.assertEqual({row['name']: row['amount'] for row in preview['rows']}, {'Ben': 10, 'Anna': 5})


@tagged('post_install', '-at_install')
class TestRankAccess(RanksCommon):

    def test_an_agent_sees_the_own_rank_only(self):
        """Of the downline the pages tell more, with names that are shortened."""
        march = self._month(3, **MARCH)
        april = self._month(4, close=False, dan=10)
        ben = new_test_user(self.env, 'ranks_ben', groups='base.group_portal', partner_id=self.ben.id)
        stranger = new_test_user(self.env, 'ranks_stranger', groups='base.group_portal')
        row = self.env['mlm.standing'].with_user(ben).search([])
        self.assertEqual(row.agent_id, self.ben)
        self.assertEqual(row.sudo().period_id, march, 'nothing of a draft')
        self.assertEqual((row.paid_id.name, row.group_points), ('Silver', self._standing(march, self.ben).group_points))
        for other in (self.anna, self.cleo, self.dan):
            with self.assertRaises(AccessError):
                self._standing(march, other).with_user(ben).read(['paid_id'])
        with self.assertRaises(AccessError):
            self._standing(april, self.ben).with_user(ben).read(['paid_id'])
        for name in ('explanation', 'run_id'):
            with self.assertRaises(AccessError):
                row.read([name])
        self.assertFalse(self.env['mlm.standing'].with_user(stranger).search([]))

    def test_another_company_sees_nothing(self):
        self._month(3, **MARCH)
        other = self.env['res.company'].create({'name': 'Ranks abroad'})
        user = new_test_user(self.env, 'ranks_abroad', groups='mlm_network.group_manager', company_id=other.id,
                             company_ids=[Command.set(other.ids)])
        for model in ('mlm.standing', 'mlm.plan.rank'):
            self.assertFalse(self.env[model].with_user(user).search([]))

    def test_the_rank_on_the_contact(self):
        self._month(3, **MARCH)
        self._month(4, dan=100)
        user = new_test_user(self.env, 'ranks_sales', groups='sales_team.group_sale_salesman_all_leads',
                             company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        anna, dan = (partner.with_user(user).with_company(self.company) for partner in (self.anna, self.dan))
        self.assertFalse(anna.mlm_rank_id)
        self.assertEqual((anna.mlm_highest_rank_id, dan.mlm_rank_id), (self.gold, self.bronze))
        self.assertEqual(dan._mlm_rank_level(), 1)


@tagged('post_install', '-at_install')
class TestRankPricelist(RanksCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cheap, cls.cheaper, cls.own = cls.env['product.pricelist'].create([
            {'name': name, 'company_id': cls.company.id} for name in ('Silver prices', 'Gold prices', 'Agreed prices')])
        cls.silver.pricelist_id, cls.gold.pricelist_id = cls.cheap, cls.cheaper

    def _list(self, agent):
        return agent.with_company(self.company).specific_property_product_pricelist

    def test_given_at_closing_and_taken_back(self):
        self.ben.with_company(self.company).specific_property_product_pricelist = self.own
        march = self._month(3, close=False, **MARCH)
        self.assertFalse(self._list(self.anna), 'a draft changes no prices')
        with freeze_time('2024-04-05'):
            march.action_close()
        self.env.invalidate_all()
        self.assertEqual(self._list(self.anna), self.cheaper)
        self.assertEqual(self._list(self.ben), self.own, 'what was agreed stays')
        self.assertFalse(self._list(self.dan))
        self.assertIn('Gold prices', self.anna.message_ids[0].body)
        # In April Anna is Silver: 1,000 in the group of a leg, but none with a Silver in it.
        self._month(4, anna=100, ben=100, cleo=1000)
        self.env.invalidate_all()
        self.assertEqual(self._list(self.anna), self.cheap)
        self._month(5, dan=1)
        self.env.invalidate_all()
        self.assertFalse(self._list(self.anna))
        self.assertEqual(self._list(self.ben), self.own)
        self.assertIn('usual price list again', self.anna.message_ids[0].body)
