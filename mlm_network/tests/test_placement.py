# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from unittest.mock import patch

from psycopg2.errors import ExclusionViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import NetworkCommon


class PlacementCommon(NetworkCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company

    def strategy(self, strategy, width=2, hold=0):
        self.company.write({
            'mlm_placement_width': width, 'mlm_placement_strategy': strategy, 'mlm_placement_hold_days': hold})

    def put(self, agent, above, seat=0, **context):
        agent.with_context(**context).write({
            'mlm_placed': True, 'mlm_placement_id': above and above.id, 'mlm_placement_slot': seat})

    def seat(self, agent):
        """(name of the one above or None, seat), or None without a seat."""
        agent.invalidate_recordset()
        return (agent.mlm_placement_id.name or None, agent.mlm_placement_slot) if agent.mlm_placed else None

    def seats(self, agent):
        return [(row.placement_id.name or None, row.slot, str(row.date_from), str(row.date_to) if row.date_to else None)
                for row in agent.mlm_placement_ids.sorted('date_from')]

    def on(self, date):
        """{name: (name above, seat)} of everybody who had a seat on a day."""
        rows = self.env.execute_query(self.env['mlm.placement']._tree_sql(date))
        return {self.Partner.browse(one).name: (self.Partner.browse(above or []).name or None, slot)
                for one, above, slot in rows}

    def cron(self):
        with patch.object(type(self.env['ir.cron']), '_commit_progress', return_value=1.0):
            self.env['res.partner']._mlm_cron_place()


@tagged('post_install', '-at_install')
@freeze_time('2026-06-15 12:00:00')
class TestPlacement(PlacementCommon):

    def test_off_by_default(self):
        self.assertIsNone(self.seat(self.agent('New', self.anna)))

    def test_seats_are_given_and_kept_with_dates(self):
        self.strategy('manual', width=3)
        self.put(self.anna, None, mlm_date='2026-01-01')
        self.put(self.bert, self.anna, 2, mlm_date='2026-02-01', mlm_reason='first')
        self.put(self.carl, self.anna, mlm_date='2026-02-01')
        self.assertEqual(self.seat(self.carl), ('Anna', 1), 'the first free one')
        self.put(self.bert, self.carl, 3)
        self.assertEqual(self.seats(self.bert), [('Anna', 2, '2026-02-01', '2026-06-15'), ('Carl', 3, '2026-06-15', None)])
        self.assertEqual(self.on('2026-06-14'), {'Anna': (None, 0), 'Bert': ('Anna', 2), 'Carl': ('Anna', 1)})
        self.assertEqual(self.on('2026-06-15')['Bert'], ('Carl', 3))
        self.assertEqual(self.on('2025-12-31'), {})
        self.assertEqual(self.bert.mlm_placement_upline_ids, self.carl + self.anna)
        self.assertEqual(self.Partner.search([('mlm_placement_upline_ids', 'in', self.anna.ids)]), self.bert + self.carl)
        self.assertEqual((self.anna.mlm_placed_count, self.anna.mlm_placed_total), (1, 2))
        self.assertEqual(self.bert.mlm_sponsor_id, self.anna, 'the sponsor stays')

    def test_what_is_refused(self):
        self.strategy('manual')
        with self.refused('Otto, who has no seat'):
            self.put(self.bert, self.otto)
        self.put(self.anna, None)
        with self.refused('no active agent'):
            self.put(self.cleo, self.anna)
        with self.refused('no active agent'):
            self.put(self.kim, self.anna)
        with self.refused('no seat 3 under Anna, only 2'):
            self.put(self.bert, self.anna, 3)
        self.put(self.bert, self.anna, 1)
        with self.refused('Seat 1 under Anna is taken by Bert'):
            self.put(self.carl, self.anna, 1)
        self.put(self.carl, self.anna, 2)
        with self.refused('All seats under Anna are taken'):
            self.put(self.dora, self.anna)
        with self.refused('only since|since 06/15/2026'):
            self.put(self.dora, self.carl, mlm_date='2026-06-01')

    def test_a_branch_moves_only_as_a_whole_and_never_below_itself(self):
        self.strategy('manual')
        self.put(self.anna, None)
        self.put(self.bert, self.anna, 1)
        self.put(self.carl, self.bert, 1)
        self.put(self.dora, self.carl, 1)
        with self.refused('Bert has people below'):
            self.put(self.bert, self.anna, 2)
        with self.refused('Dora stands below Bert'):
            self.put(self.bert, self.dora, 1, mlm_with_branch=True)
        with self.refused('Carl is placed under Bert, who must therefore keep the seat'):
            self.bert.mlm_placed = False
        self.put(self.bert, self.anna, 2, mlm_with_branch=True)
        self.assertEqual([self.seat(agent) for agent in (self.bert, self.carl)], [('Anna', 2), ('Bert', 1)])
        self.dora.mlm_placed = False
        self.assertIsNone(self.seat(self.dora))
        self.assertEqual(self.seats(self.dora), [], 'gone on the day it came')

    def test_a_loop_on_a_past_day(self):
        self.strategy('manual')
        self.put(self.anna, None, mlm_date='2026-01-01')
        self.put(self.otto, self.anna, 1, mlm_date='2026-01-01')
        self.put(self.bert, self.otto, 1, mlm_date='2026-01-01')
        self.put(self.otto, None, mlm_date='2026-03-01', mlm_with_branch=True)
        with self.refused('Bert still stood below Anna then'):
            self.put(self.anna, self.bert, 1, mlm_date='2026-02-01')
        self.put(self.anna, self.bert, 1, mlm_date='2026-03-01')

    def test_no_seat_twice_on_a_past_day(self):
        self.strategy('manual')
        self.put(self.anna, None, mlm_date='2026-01-01')
        self.put(self.bert, self.anna, 1, mlm_date='2026-01-01')
        self.put(self.bert, self.anna, 2, mlm_date='2026-05-01')
        with self.refused('Seat 1 under Anna was held by somebody else until 05/01/2026'):
            self.put(self.carl, self.anna, 1, mlm_date='2026-04-01')
        with self.assertRaises(ExclusionViolation), self.cr.savepoint(), mute_logger('odoo.sql_db'):
            self.env['mlm.placement'].create({
                'partner_id': self.carl.id, 'placement_id': self.anna.id, 'slot': 1, 'date_from': '2026-04-01'})
        self.put(self.carl, self.anna, 1, mlm_date='2026-05-01')

    def test_leaving_agents_keep_their_seat(self):
        self.strategy('manual')
        self.put(self.anna, None)
        self.put(self.bert, self.anna, 1)
        self.put(self.otto, self.bert, 1)
        self.bert.mlm_agent_state = 'terminated'
        self.assertEqual(self.seat(self.bert), ('Anna', 1))
        self.put(self.carl, self.bert, 2)
        self.carl.mlm_sponsored_ids.mlm_sponsor_id = self.anna
        self.carl.mlm_agent_state = 'none'
        self.assertIsNone(self.seat(self.carl), 'who is no agent any more gives the seat up')

    def test_no_agent_any_more_with_people_below(self):
        self.strategy('manual')
        self.put(self.otto, None)
        self.put(self.bert, self.otto, 1)
        with self.refused('Bert is placed under Otto'):
            self.otto.mlm_agent_state = 'none'
        with self.refused('Bert is placed, or was placed, below'):
            self.otto.unlink()
        self.bert.mlm_placed = False
        self.otto.mlm_agent_state = 'none'
        self.otto.unlink()

    def test_spill_level_by_level_left_to_right(self):
        """Three wide: seats 1 to 3 of Anna, then seat 1 of each of the first level... of the leftmost first."""
        self.strategy('spill', width=3)
        self.put(self.anna, None)
        new = [self.agent(f'N{number}', self.anna) for number in range(1, 8)]
        self.assertEqual([self.seat(agent) for agent in new], [
            ('Anna', 1), ('Anna', 2), ('Anna', 3), ('N1', 1), ('N1', 2), ('N1', 3), ('N2', 1)])
        self.assertEqual(self.seat(self.agent('M1', new[1])), ('N2', 2), 'below the own sponsor')
        new[3].mlm_placed = False
        self.assertEqual(self.seat(self.agent('N8', self.anna)), ('N1', 1), 'the first seat that is free')

    def test_spill_is_as_the_plain_definition_says(self):
        """Against a search of its own, over a tree with holes."""
        self.strategy('manual', width=2)
        self.put(self.anna, None)
        people = [self.anna]
        for number in range(12):
            above = people[number // 2] if number % 5 else people[-1]
            newcomer = self.agent(f'P{number}', self.anna)
            free = [seat for seat in (2, 1) if seat not in above.mlm_placed_ids.mapped('mlm_placement_slot')]
            if free:
                self.put(newcomer, above, free[0])
                people.append(newcomer)
        self.strategy('spill')
        for number in range(20):
            queue = [self.anna]
            while True:
                above = queue.pop(0)
                below = {one.mlm_placement_slot: one for one in self.Partner.search([('mlm_placement_id', '=', above.id)])}
                free = [seat for seat in (1, 2) if seat not in below]
                if free:
                    break
                queue += [below[seat] for seat in sorted(below)]
            self.assertEqual(self.seat(self.agent(f'S{number}', self.anna)), (above.name, free[0]))

    def test_weaker_leg_by_people(self):
        self.strategy('weak_count')
        self.put(self.anna, None)
        names = [self.seat(self.agent(f'N{number}', self.anna)) for number in range(1, 6)]
        self.assertEqual(names, [('Anna', 1), ('Anna', 2), ('N1', 1), ('N2', 2), ('N3', 1)])

    def test_the_leg_that_the_sponsor_prefers(self):
        self.strategy('outer')
        self.put(self.anna, None)
        self.assertEqual(self.seat(self.agent('N1', self.anna)), ('Anna', 1))
        self.assertEqual(self.seat(self.agent('N2', self.anna)), ('N1', 1))
        self.anna.mlm_placement_leg = 'right'
        self.assertEqual(self.seat(self.agent('N3', self.anna)), ('Anna', 2))

    def test_placed_with_the_state_and_not_before(self):
        self.strategy('spill')
        self.put(self.anna, None)
        candidate = self.agent('Candidate', self.anna, 'candidate')
        self.assertIsNone(self.seat(candidate))
        candidate.mlm_agent_state = 'active'
        self.assertEqual(self.seat(candidate), ('Anna', 1))
        self.assertEqual(self.seat(self.agent('Top')), (None, 0))

    def test_many_at_once(self):
        self.strategy('spill')
        self.put(self.anna, None)
        new = self.Partner.create([
            {'name': f'N{number}', 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.anna.id} for number in range(6)])
        self.assertEqual([self.seat(agent) for agent in new], [
            ('Anna', 1), ('Anna', 2), ('N0', 1), ('N0', 2), ('N1', 1), ('N1', 2)])

    def test_holding_list_and_deadline(self):
        self.strategy('spill', hold=3)
        self.put(self.anna, None)
        new, chosen = self.agent('New', self.anna), self.agent('Chosen', self.anna)
        self.assertTrue(new.mlm_placement_waiting)
        self.assertEqual(str(new.mlm_placement_deadline), '2026-06-18')
        waiting = self.Partner.search(self.Partner._mlm_waiting_domain())
        self.assertIn(new, waiting)
        self.assertNotIn(self.cleo, waiting, 'a candidate')
        self.put(chosen, self.anna, 2)
        self.assertFalse(chosen.mlm_placement_deadline)
        with freeze_time('2026-06-18 12:00:00'):
            self.cron()
            self.assertIsNone(self.seat(new), 'the last day to choose')
        with freeze_time('2026-06-19 12:00:00'):
            self.cron()
            self.assertEqual(self.seat(new), ('Anna', 1))
            self.assertEqual(self.seats(new), [('Anna', 1, '2026-06-19', None)])
            self.assertFalse(new.mlm_placement_waiting)

    def test_who_was_there_before_is_placed_sponsors_first(self):
        """A recruit with a lower number than the sponsor still comes after."""
        self.carl.mlm_sponsor_id = self.otto
        self.strategy('spill')
        self.cron()
        self.assertEqual(
            [self.seat(agent) for agent in (self.anna, self.bert, self.otto, self.carl, self.dora)],
            [(None, 0), ('Anna', 1), (None, 0), ('Otto', 1), ('Carl', 1)])
        self.assertIsNone(self.seat(self.cleo))

    def test_a_terminated_sponsor_without_a_seat_is_passed_over(self):
        self.bert.mlm_agent_state = 'terminated'
        self.strategy('spill')
        self.cron()
        self.assertEqual([self.seat(agent) for agent in (self.anna, self.bert, self.carl)], [(None, 0), None, ('Anna', 1)])

    def test_by_hand_nobody_is_placed_by_itself(self):
        self.strategy('manual')
        new = self.agent('New', self.anna)
        self.cron()
        self.assertIsNone(self.seat(new))
        self.assertTrue(new.mlm_placement_waiting)

    def test_the_number_of_seats_is_structure(self):
        self.strategy('manual', width=4)
        self.put(self.anna, None)
        self.put(self.bert, self.anna, 4)
        with self.refused('Bert holds, or held, seat 4 under Anna'):
            self.company.mlm_placement_width = 3
        self.company.mlm_placement_width = 5
        with self.refused('knows a left and a right leg'):
            self.company.mlm_placement_strategy = 'weak_count'
        with self.assertRaises(ValidationError):
            self.company.mlm_placement_width = 1
            self.env.flush_all()

    def test_screens_show_up_with_the_first_tree(self):
        everybody, group = self.env.ref('base.group_user'), self.env.ref('mlm_network.group_placement')
        self.assertNotIn(group, everybody.all_implied_ids)
        self.strategy('manual')
        self.assertIn(group, everybody.all_implied_ids)
        self.strategy('off')
        self.assertNotIn(group, everybody.all_implied_ids)

    def test_wizard(self):
        self.strategy('spill')
        self.strategy('manual')
        self.put(self.anna, None)
        wizards = self.env['mlm.placement.wizard']
        form = Form(wizards.with_context(**self.bert.action_mlm_place()['context']))
        self.assertEqual((form.above_id, form.preview), (self.anna, 'Left under Anna'))
        form.mode = 'seat'
        form.slot = 2
        self.assertEqual(form.preview, 'Right under Anna')
        form.reason = 'wish'
        form.save().action_place()
        self.assertEqual(self.seat(self.bert), ('Anna', 2))
        self.assertEqual(self.bert.mlm_placement_ids.reason, 'wish')
        wizards.create({'partner_ids': (self.dora + self.carl).ids}).action_place()
        self.assertEqual([self.seat(agent) for agent in (self.carl, self.dora)], [('Bert', 1), ('Carl', 1)])
        moved = wizards.create({'partner_ids': self.carl.ids, 'mode': 'seat', 'above_id': self.anna.id})
        with self.refused('Carl has people below'):
            moved.action_place()
        moved.with_branch = True
        moved.action_place()
        self.assertEqual([self.seat(agent) for agent in (self.carl, self.dora)], [('Anna', 1), ('Carl', 1)])
        with self.refused('No sponsor of Otto has a seat', UserError):
            wizards.create({'partner_ids': self.otto.ids}).action_place()
        wizards.create({'partner_ids': self.otto.ids, 'mode': 'top'}).action_place()
        self.assertEqual(self.seat(self.otto), (None, 0))

    def test_tree_view_follows_the_placement(self):
        self.strategy('manual')
        self.put(self.anna, None)
        self.put(self.otto, self.anna, 1)
        self.put(self.bert, self.otto, 1)
        cards = self.Partner.hierarchy_read([('id', '=', self.otto.id)], {'name': {}}, 'mlm_placement_id')
        self.assertEqual([card['name'] for card in cards], ['Anna', 'Otto', 'Bert'])
        self.assertEqual(cards[0]['__child_ids__'], self.otto.ids)
        below = self.Partner.mlm_read_frontline(self.otto.id, {'name': {}}, parent_field='mlm_placement_id')
        self.assertEqual([card['name'] for card in below], ['Bert'])


@tagged('post_install', '-at_install')
@freeze_time('2026-06-15 12:00:00')
class TestPlacementMerge(PlacementCommon):

    def merge(self, dst, *src):
        partners = dst.union(*src)
        self.env['base.partner.merge.automatic.wizard'].create({})._merge(partners.ids, dst)
        self.env.invalidate_all()
        self.assertEqual(partners.exists(), dst)

    def setUp(self):
        super().setUp()
        self.strategy('manual')
        self.put(self.anna, None)
        self.put(self.bert, self.anna, 1)
        self.put(self.carl, self.bert, 1)

    def test_the_seat_of_the_merged_is_taken_over(self):
        self.merge(self.otto, self.bert)
        self.assertEqual(self.seat(self.otto), ('Anna', 1))
        self.assertEqual(self.seat(self.carl), ('Otto', 1))
        self.assertEqual(self.seats(self.otto), [('Anna', 1, '2026-06-15', None)])

    def test_both_have_a_seat(self):
        self.put(self.otto, self.anna, 2)
        self.merge(self.otto, self.bert)
        self.assertEqual(self.seat(self.otto), ('Anna', 2), 'the own one stays')
        self.assertEqual(self.seat(self.carl), ('Otto', 1))

    def test_two_people_in_one_seat(self):
        self.put(self.otto, self.anna, 2)
        self.put(self.dora, self.otto, 1)
        with self.refused('Carl and Dora would share a seat', UserError):
            self.merge(self.otto, self.bert)

    def test_below_itself(self):
        self.put(self.otto, self.carl, 1)
        with self.refused('below itself in the placement tree', UserError):
            self.merge(self.otto, self.bert)


@tagged('post_install', '-at_install')
class TestPlacementAccess(PlacementCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.mlm_placement_strategy = 'manual'
        cls.officer = new_test_user(cls.env, 'seat_officer', 'base.group_user,mlm_network.group_officer')
        cls.salesman = new_test_user(cls.env, 'seat_sales', 'base.group_user,sales_team.group_sale_salesman')
        cls.portal = new_test_user(cls.env, 'seat_portal', 'base.group_portal')

    def test_officers_place_salespersons_read_portal_sees_nothing(self):
        self.put(self.anna, None)
        self.put(self.bert.with_user(self.officer), self.anna.with_user(self.officer), 1)
        self.assertEqual(self.seat(self.bert), ('Anna', 1))
        self.assertEqual(self.bert.with_user(self.salesman).mlm_placement_ids.slot, 1)
        with self.assertRaises(AccessError):
            self.put(self.carl.with_user(self.salesman), self.anna.with_user(self.salesman), 2)
        with self.assertRaises(AccessError):
            self.env['mlm.placement.wizard'].with_user(self.salesman).create({'partner_ids': self.carl.ids})
        for user in (self.officer, self.salesman):
            with self.assertRaises(AccessError):
                self.bert.mlm_placement_ids.with_user(user).write({'slot': 2})
        with self.assertRaises(AccessError):
            self.env['mlm.placement'].with_user(self.portal).search([])
        with self.assertRaises(AccessError):
            self.env['res.partner'].with_user(self.portal).search([('mlm_placement_upline_ids', 'in', self.anna.ids)])

    def test_other_company(self):
        other = self.env['res.company'].create({'name': 'Other', 'mlm_placement_strategy': 'manual'})
        theirs = self.agent('Theirs', company_id=other.id)
        self.put(theirs, None)
        self.put(self.anna, None)
        own = self.env['mlm.placement'].with_user(self.officer).search([])
        self.assertIn(self.anna, own.partner_id)
        self.assertNotIn(theirs, own.partner_id)
        ours = self.agent('Ours', company_id=self.company.id)
        with self.refused('belong to different companies'):
            self.put(ours, theirs, 1)
