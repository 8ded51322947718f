# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import random
from contextlib import suppress
from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NetworkCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-06-15 12:00:00')
class TestMerge(NetworkCommon):

    def merge(self, dst, *src):
        partners = dst.union(*src)
        self.env['base.partner.merge.automatic.wizard'].create({})._merge(partners.ids, dst)
        self.env.invalidate_all()
        self.assertEqual(partners.exists(), dst)
        self.assertFalse(self.env['mlm.sponsorship']._has_loop(dst))

    def test_two_agents(self):
        kim_history = self.history(self.kim)
        code = self.otto.mlm_agent_code
        order = self.env['sale.order'].create({'partner_id': self.dora.id})
        self.merge(self.otto, self.carl)
        self.assertRecordValues(self.otto, [{'mlm_sponsor_id': False, 'mlm_agent_state': 'active', 'mlm_agent_code': code}])
        self.assertEqual(self.dora.mlm_upline_ids, self.otto)
        self.assertEqual(self.history(self.dora), [('Otto', 'active', '2026-06-15', None)])
        self.assertEqual(self.history(self.otto), [(None, 'active', '2026-06-15', None)])
        self.assertEqual(self.history(self.kim), kim_history)
        self.assertEqual(order.mlm_agent_id, self.dora)

    def test_orders_of_the_merged(self):
        order = self.env['sale.order'].create({'partner_id': self.carl.id})
        self.assertEqual(order.mlm_agent_id, self.carl)
        self.merge(self.otto, self.carl)
        self.assertEqual(order.mlm_agent_id, self.otto)

    def test_stranger_takes_the_place_of_an_agent(self):
        stranger = self.customer('Carl again')
        code = self.carl.mlm_agent_code
        self.merge(stranger, self.carl)
        self.assertRecordValues(stranger, [{'mlm_sponsor_id': self.bert.id, 'mlm_agent_state': 'active', 'mlm_agent_code': code}])
        self.assertEqual(self.history(stranger), [('Bert', 'active', '2026-06-15', None)])
        self.assertEqual(self.dora.mlm_sponsor_id, stranger)

    def test_customers(self):
        other = self.customer('Kim 2', self.otto)
        stranger = self.customer('Kim 3')
        self.merge(self.kim, other, stranger)
        self.assertEqual(self.history(self.kim), [('Anna', 'none', '2026-06-15', None)])
        late = self.customer('Kim 4')
        self.merge(late, self.kim)
        self.assertEqual(late.mlm_sponsor_id, self.anna)
        self.assertFalse(late.mlm_agent_code)

    def test_outside_the_network(self):
        one, two = self.customer('One'), self.customer('Two')
        self.merge(one, two)
        self.assertFalse(self.history(one))

    def test_with_the_own_sponsor(self):
        code = self.carl.mlm_agent_code
        self.merge(self.carl, self.bert)
        self.assertEqual(self.carl.mlm_sponsor_id, self.anna)
        self.assertEqual(self.carl.mlm_agent_code, code)
        self.assertEqual(self.carl.mlm_sponsored_ids, self.dora + self.cleo)
        self.assertEqual(self.history(self.carl), [('Anna', 'active', '2026-06-15', None)])

    def test_with_the_own_recruit(self):
        self.merge(self.bert, self.carl)
        self.assertEqual(self.bert.mlm_sponsor_id, self.anna)
        self.assertEqual(self.bert.mlm_sponsored_ids.sorted('id'), (self.dora + self.cleo).sorted('id'))

    def test_with_somebody_far_above(self):
        self.merge(self.dora, self.anna)
        self.assertFalse(self.dora.mlm_sponsor_id)
        self.assertEqual(self.carl.mlm_upline_ids, self.bert + self.dora)
        self.assertEqual(self.kim.mlm_sponsor_id, self.dora)

    def test_with_somebody_far_below(self):
        self.merge(self.anna, self.dora)
        self.assertFalse(self.anna.mlm_sponsor_id)
        self.assertEqual(self.carl.mlm_upline_ids, self.bert + self.anna)

    def test_three_in_a_line(self):
        self.merge(self.carl, self.dora, self.anna)
        self.assertFalse(self.carl.mlm_sponsor_id)
        self.assertEqual(self.bert.mlm_sponsor_id, self.carl)
        self.assertEqual(self.carl.mlm_depth, 1)

    def test_agent_with_own_customer(self):
        self.merge(self.kim, self.anna)
        self.assertRecordValues(self.kim, [{'mlm_sponsor_id': False, 'mlm_agent_state': 'active'}])
        self.assertEqual(self.bert.mlm_sponsor_id, self.kim)

    def test_candidate_takes_over_people(self):
        self.merge(self.cleo, self.carl)
        self.assertEqual(self.cleo.mlm_agent_state, 'active')
        self.assertEqual(self.dora.mlm_sponsor_id, self.cleo)

    def test_histories(self):
        """By hand: one is Ada's until April, two Ben's since March, below both stood somebody."""
        ada = self.since('2026-01-01', 'Ada')
        ben = self.since('2026-01-01', 'Ben')
        one = self.since('2026-01-10', 'One', ada)
        two = self.since('2026-03-01', 'Two', ben)
        low = self.since('2026-01-20', 'Low', one)
        self.place(low, '2026-04-01', mlm_sponsor_id=two.id)
        self.place(one, '2026-04-01', 'Gone', mlm_agent_state='none', mlm_sponsor_id=False)
        self.merge(two, one)
        self.assertEqual(self.history(two), [
            ('Ada', 'active', '2026-01-10', '2026-03-01'),  # only one was there
            ('Ben', 'active', '2026-03-01', None),
        ])
        self.assertEqual({name for name, _s, _f, _t in self.history(low)}, {'Two'})
        self.assertEqual(self.tree('2026-02-01', low.ids), {'Low': 'Two', 'Two': 'Ada', 'Ada': None})
        self.assertEqual(self.tree('2026-05-01', low.ids), {'Low': 'Two', 'Two': 'Ben', 'Ben': None})

    def test_past_line(self):
        """In spring one stood two levels below two; today they are apart."""
        two = self.since('2026-01-01', 'Two', self.otto)
        mid = self.since('2026-01-01', 'Mid', two)
        one = self.since('2026-01-01', 'One', mid)
        self.place(one, '2026-05-01', mlm_sponsor_id=self.anna.id)
        self.merge(one, two)
        self.assertEqual(one.mlm_sponsor_id, self.anna, 'the place of today stays')
        self.assertEqual(self.tree('2026-02-01', mid.ids), {'Mid': 'One', 'One': 'Otto', 'Otto': None})
        self.assertEqual(self.tree('2026-05-01', mid.ids), {'Mid': 'One', 'One': 'Anna', 'Anna': None})

    def test_past_line_both_ways(self):
        """First one stood below two, then two below one, with somebody between."""
        two = self.since('2026-01-01', 'Two')
        mid = self.since('2026-01-01', 'Mid', two)
        one = self.since('2026-01-01', 'One', mid)
        self.place(one, '2026-02-01', mlm_sponsor_id=False)
        self.place(mid, '2026-02-01', mlm_sponsor_id=one.id)
        self.place(two, '2026-02-01', mlm_sponsor_id=mid.id)
        self.place(two, '2026-03-01', mlm_sponsor_id=self.otto.id)
        self.merge(two, one)
        self.assertEqual(self.history(two), [
            (None, 'active', '2026-01-01', '2026-03-01'), ('Otto', 'active', '2026-03-01', None)])
        for day in ('2026-01-15', '2026-02-15'):
            self.assertEqual(self.tree(day, mid.ids), {'Mid': 'Two', 'Two': None})
        self.assertEqual(self.tree('2026-04-01', mid.ids), {'Mid': 'Two', 'Two': 'Otto', 'Otto': None})

    def test_any_merge_leaves_a_tree(self):
        """Refused is only what would loop before the first day on which anybody of the merged is known."""
        merged = refused = 0
        for seed in range(8):
            rng = random.Random(seed)
            people = self.Partner.create([{'name': 'P%d' % i} for i in range(8)])
            days = [date(2026, 1, 1) + timedelta(days) for days in range(12)]
            for _step in range(100):
                vals = {'mlm_agent_state': rng.choice(['none', 'candidate', 'active', 'active', 'active', 'terminated'])}
                if rng.random() < 0.7:
                    vals['mlm_sponsor_id'] = rng.choice([*people.ids, False])
                with suppress(ValidationError), self.cr.savepoint():
                    rng.choice(people).with_context(mlm_date=rng.choice(days)).write(vals)
            while len(people) > 2:
                chosen = rng.sample(people.ids, rng.choice([2, 3]) if len(people) > 3 else 2)
                dst, *src = map(self.Partner.browse, chosen)
                try:
                    with self.cr.savepoint():
                        self.merge(dst, *src)
                    merged += 1
                except UserError as error:
                    self.assertIn('on a past day %s would have stood below itself' % dst.name, str(error))
                    refused += 1
                    break
                people = people.exists()
                for day in [date(2025, 12, 31), *days, date(2026, 6, 15)]:
                    rows = self.env.execute_query(self.env['mlm.sponsorship']._tree_sql(day, people.ids))
                    sponsors = {row[0]: row[1] for row in rows}
                    for agent in sponsors:
                        for _level in range(9):
                            agent = agent and sponsors[agent]
                        self.assertFalse(agent, 'seed %s: a loop on %s' % (seed, day))
                self.assertEqual(
                    {p.id: p.mlm_sponsor_id.id or None for p in people if p.mlm_agent_state != 'none'}, sponsors, 'today')
                self.assertFalse([p for p in people if p.mlm_agent_state != 'none' and not p.mlm_agent_code])
        self.assertGreater(merged, 5 * refused)

    def test_officers_only(self):
        clerk = new_test_user(self.env, 'clerk', 'base.group_user,base.group_partner_manager')
        wizard = self.env['base.partner.merge.automatic.wizard'].with_user(clerk)
        for partner in self.everybody:
            partner.email = 'same@example.com'
        with self.refused('Only officers of the network', AccessError):
            wizard._merge((self.otto + self.kim).ids, self.kim.with_user(clerk))
        other = self.customer('Kim 2', email='same@example.com')
        wizard._merge((other + self.kim).ids, self.kim.with_user(clerk))
        self.assertFalse(other.exists())
