# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import random
from datetime import date, timedelta
from unittest.mock import patch

from psycopg2.errors import ExclusionViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import NetworkCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-06-15 12:00:00')
class TestHistory(NetworkCommon):

    def test_written_whoever_creates(self):
        self.assertEqual(self.history(self.anna), [(None, 'active', '2026-06-15', None)])
        self.assertEqual(self.history(self.cleo), [('Bert', 'candidate', '2026-06-15', None)])
        self.assertEqual(self.history(self.kim), [('Anna', 'none', '2026-06-15', None)])
        self.assertEqual(self.history(self.customer('Stranger')), [])
        result = self.Partner.load(
            ['name', 'mlm_agent_state', 'mlm_sponsor_id'],
            [['Imported', 'Active', self.dora.mlm_agent_code], ['Imported customer', '', 'Dora']])
        self.assertFalse(result['messages'])
        self.assertEqual(
            [self.history(partner) for partner in self.Partner.browse(result['ids'])],
            [[('Dora', 'active', '2026-06-15', None)], [('Dora', 'none', '2026-06-15', None)]])
        by_command = self.agent('Boss', mlm_sponsored_ids=[(0, 0, {'name': 'Helper', 'mlm_agent_state': 'active'})])
        self.assertEqual(self.history(by_command.mlm_sponsored_ids), [('Boss', 'active', '2026-06-15', None)])

    def test_written_by_a_form(self):
        with Form(self.Partner, 'base.view_partner_form') as form:
            form.name = 'Formed'
        self.assertEqual(self.history(form.save()), [])

    def test_move_and_turn(self):
        with freeze_time('2026-07-01'):
            self.carl.with_context(mlm_reason='Closer by').mlm_sponsor_id = self.otto
        with freeze_time('2026-07-20'):
            self.carl.mlm_agent_state = 'suspended'
        with freeze_time('2026-08-02'):
            self.carl.write({'mlm_sponsor_id': False, 'mlm_agent_state': 'active'})
        with freeze_time('2026-08-09'):
            self.carl.write({'mlm_sponsor_id': False, 'mlm_agent_state': 'active', 'name': 'Carlo'})
        self.assertEqual(self.history(self.carl), [
            ('Bert', 'active', '2026-06-15', '2026-07-01'),
            ('Otto', 'active', '2026-07-01', '2026-07-20'),
            ('Otto', 'suspended', '2026-07-20', '2026-08-02'),
            (None, 'active', '2026-08-02', None),
        ])
        self.assertEqual(self.carl.mlm_sponsorship_ids.sorted('date_from').mapped('reason'), [False, 'Closer by', False, False])

    def test_leave_and_come_back(self):
        with freeze_time('2026-07-01'):
            self.kim.mlm_sponsor_id = False
        self.assertEqual(self.history(self.kim), [('Anna', 'none', '2026-06-15', '2026-07-01')])
        with freeze_time('2026-07-01'):
            self.kim.mlm_sponsor_id = self.anna
        self.assertEqual(self.history(self.kim), [('Anna', 'none', '2026-06-15', None)], 'undone on the same day')
        with freeze_time('2026-07-05'):
            self.kim.mlm_sponsor_id = False
        with freeze_time('2026-08-01'):
            self.kim.mlm_sponsor_id = self.bert
        self.assertEqual(self.history(self.kim), [
            ('Anna', 'none', '2026-06-15', '2026-07-05'), ('Bert', 'none', '2026-08-01', None)])

    def test_two_changes_of_a_day_are_one(self):
        self.kim.mlm_agent_state = 'active'
        self.kim.with_context(mlm_reason='Asked for').mlm_sponsor_id = self.otto
        self.assertEqual(self.history(self.kim), [('Otto', 'active', '2026-06-15', None)])
        self.assertEqual(self.kim.mlm_sponsorship_ids.reason, 'Asked for')
        self.kim.write({'mlm_agent_state': 'none', 'mlm_sponsor_id': False})
        self.assertEqual(self.history(self.kim), [])
        with freeze_time('2026-07-01'):
            self.carl.mlm_sponsor_id = self.otto
            self.carl.mlm_sponsor_id = self.bert
            self.assertEqual(self.history(self.carl), [('Bert', 'active', '2026-06-15', None)], 'undone')

    def test_given_date(self):
        kurt = self.since('2026-02-01', 'Kurt', self.anna)
        self.place(kurt, '2026-03-01', 'Agreed', mlm_sponsor_id=self.otto.id)
        self.place(kurt, 'today -1m', mlm_agent_state='suspended')
        self.assertEqual(self.history(kurt), [
            ('Anna', 'active', '2026-02-01', '2026-03-01'),
            ('Otto', 'active', '2026-03-01', '2026-05-15'),
            ('Otto', 'suspended', '2026-05-15', None),
        ])
        for day, message in [
            ('2026-05-14', 'Kurt holds the present place in the network since 05/15/2026; .* Choose 05/15/2026 or a later day'),
            ('2026-06-16', 'cannot be dated in the future'),
            ('someday', 'is no day'),
            (7, 'is no day'),
        ]:
            with self.subTest(day=day), self.refused(message):
                self.place(kurt, day, mlm_sponsor_id=self.bert.id)

    def test_a_users_day_that_began_earlier(self):
        """A change from Auckland, where it is tomorrow, does not stop one from Berlin."""
        with freeze_time('2026-06-15 22:00:00'):
            self.kim.with_context(tz='Pacific/Auckland').mlm_sponsor_id = self.otto
            self.kim.with_context(tz='Europe/Berlin').mlm_sponsor_id = self.bert
        self.assertEqual(self.history(self.kim), [
            ('Anna', 'none', '2026-06-15', '2026-06-16'), ('Bert', 'none', '2026-06-16', None)])

    @mute_logger('odoo.sql_db')
    def test_no_overlap_in_the_database(self):
        values = {'partner_id': self.anna.id, 'agent_state': 'active', 'date_from': '2026-01-01'}
        with self.assertRaises(ExclusionViolation), self.cr.savepoint():
            self.env['mlm.sponsorship'].create({**values, 'date_to': '2026-06-16'})
        self.env['mlm.sponsorship'].create({**values, 'date_to': '2026-06-15'})

    @mute_logger('odoo.sql_db')
    def test_missing_extension(self):
        History = type(self.env['mlm.sponsorship'])

        def _create_extension(history):
            history.env.cr.execute('CREATE EXTENSION no_such_extension')

        with patch.object(History, '_create_extension', _create_extension), \
                self.refused('could not be created: .*no_such_extension(.|\n)*contrib package', UserError):
            self.env['mlm.sponsorship']._auto_init()

    # --- the tree as of a day ---

    def test_tree_as_of(self):
        """By hand::

            from        1 Jan   10 Feb  1 Mar       20 Mar      1 May
            Ada         top     top     top         top         top
            Ben                 Ada     Ada         Cora        Cora
            Cora                        top         top         Ada, terminated
            Dan (none to 20 Mar)  Ben   Ben         Ben, agent  Ben
        """
        ada = self.since('2026-01-01', 'Ada')
        ben = self.since('2026-02-10', 'Ben', ada)
        dan = self.since('2026-02-10', 'Dan', ben, 'none')
        cora = self.since('2026-03-01', 'Cora')
        self.place(ben, '2026-03-20', mlm_sponsor_id=cora.id)
        self.place(dan, '2026-03-20', mlm_agent_state='active')
        self.place(cora, '2026-05-01', mlm_sponsor_id=ada.id, mlm_agent_state='terminated')
        names = {'Ada', 'Ben', 'Cora', 'Dan'}
        late = {'Dan': 'Ben'}  # Dan entered later: where he entered
        for day, expected in [
            ('2025-12-31', {'Ada': None, 'Ben': 'Ada', 'Cora': None, **late}),
            ('2026-02-09', {'Ada': None, 'Ben': 'Ada', 'Cora': None, **late}),
            ('2026-03-19', {'Ada': None, 'Ben': 'Ada', 'Cora': None, **late}),
            ('2026-03-20', {'Ada': None, 'Ben': 'Cora', 'Cora': None, 'Dan': 'Ben'}),
            ('2026-04-30', {'Ada': None, 'Ben': 'Cora', 'Cora': None, 'Dan': 'Ben'}),
            ('2026-05-01', {'Ada': None, 'Ben': 'Cora', 'Cora': 'Ada', 'Dan': 'Ben'}),
            ('2026-06-15', {'Ada': None, 'Ben': 'Cora', 'Cora': 'Ada', 'Dan': 'Ben'}),
        ]:
            with self.subTest(day=day):
                tree = self.tree(day)
                self.assertEqual({name: tree[name] for name in names & tree.keys()}, expected)
        states = {row[0]: row[2] for row in self.env.execute_query(self.env['mlm.sponsorship']._tree_sql(date(2026, 4, 30)))}
        self.assertEqual(states[cora.id], 'active')
        states = {row[0]: row[2] for row in self.env.execute_query(self.env['mlm.sponsorship']._tree_sql(date(2026, 5, 1)))}
        self.assertEqual(states[cora.id], 'terminated')
        self.assertEqual(self.tree('2026-03-19', ben.ids), {'Ben': 'Ada', 'Ada': None})
        self.assertEqual(self.tree('2026-03-20', (ben + ada).ids), {'Ben': 'Cora', 'Cora': None, 'Ada': None})
        self.assertEqual(self.tree('2026-05-01', dan.ids), {'Dan': 'Ben', 'Ben': 'Cora', 'Cora': 'Ada', 'Ada': None})
        self.assertEqual(self.tree('2026-05-01', []), {})
        self.assertEqual(self.tree('2026-05-01', self.kim.ids), {}, 'a customer is not in the tree')

    def test_who_left_is_not_in_the_tree(self):
        eve = self.since('2026-01-01', 'Eve', self.anna)
        self.place(eve, '2026-02-01', mlm_agent_state='none')
        self.assertIn('Eve', self.tree('2026-01-31'))
        self.assertNotIn('Eve', self.tree('2026-02-01'))
        self.place(eve, '2026-04-01', mlm_agent_state='active', mlm_sponsor_id=self.otto.id)
        self.assertEqual(self.tree('2026-02-01')['Eve'], 'Otto', 'between: where the agent entered again')

    def test_dated_loop(self):
        """Today there is no loop, but from the given day to yesterday there would be one."""
        ada = self.since('2026-01-01', 'Ada')
        ben = self.since('2026-01-01', 'Ben', ada)
        self.place(ben, '2026-05-01', mlm_sponsor_id=False)
        for day in ('2026-01-01', '2026-04-30'):
            with self.subTest(day=day), self.refused('Ada cannot stand under Ben from that day on'):
                self.place(ada, day, mlm_sponsor_id=ben.id)
        self.place(ada, '2026-05-01', mlm_sponsor_id=ben.id)
        self.assertEqual(self.tree('2026-04-30', ben.ids), {'Ben': 'Ada', 'Ada': None})
        self.assertEqual(self.tree('2026-05-01', ada.ids), {'Ada': 'Ben', 'Ben': None})

    def test_dated_loop_before_the_entry(self):
        """Before an agent's first day its first place counts: a loop there is a loop, too."""
        late = self.since('2026-03-10', 'Late')
        early = self.since('2026-03-05', 'Early', late)
        self.place(early, '2026-03-08', mlm_sponsor_id=False)
        with self.refused('Late cannot stand under Early from that day on'):
            self.place(late, '2026-03-10', mlm_sponsor_id=early.id)
        self.place(late, '2026-03-11', mlm_sponsor_id=early.id)
        self.assertEqual(self.tree('2026-03-07', early.ids), {'Early': 'Late', 'Late': None})

    def test_dated_sponsor(self):
        ada = self.since('2026-01-01', 'Ada', state='candidate')
        self.place(ada, '2026-03-01', mlm_agent_state='active')
        with self.refused('Ada is an agent without interruption only since 03/01/2026'):
            self.since('2026-02-28', 'New', ada)
        self.since('2026-03-01', 'New', ada)
        self.since('2026-01-01', 'Earlier than the sponsor', self.anna)

    def test_dated_end_of_a_sponsor(self):
        ada = self.since('2026-01-01', 'Ada')
        ben = self.since('2026-01-01', 'Ben', ada)
        self.place(ben, '2026-05-01', mlm_sponsor_id=False)
        with self.refused('Ben stands under Ada'):
            self.place(ada, '2026-04-30', mlm_agent_state='none')
        self.place(ada, '2026-05-01', mlm_agent_state='none')

    def test_any_day_of_any_history_is_a_tree(self):
        """Random changes on random days: those accepted leave a tree without loops or strangers on every day."""
        for seed in range(8):
            rng = random.Random(seed)
            people = self.Partner.create([{'name': 'P%d' % i} for i in range(4)])
            days = [date(2026, 1, 1) + timedelta(days) for days in range(40)]
            accepted = refused = 0
            reached = dict.fromkeys(people, 0)  # nobody's own history runs backwards, but everybody's at its own pace
            for _step in range(90):
                partner = rng.choice(people)
                vals = {'mlm_sponsor_id': rng.choice([*people.ids, False])}
                if rng.random() < 0.4 or partner.mlm_agent_state == 'none':
                    vals['mlm_agent_state'] = rng.choice(['none', 'candidate', 'active', 'active', 'active', 'terminated'])
                day = min(reached[partner] + rng.randrange(4), len(days) - 1)
                try:
                    with self.cr.savepoint():
                        partner.with_context(mlm_date=days[day]).write(vals)
                    reached[partner] = day
                    accepted += 1
                except ValidationError:
                    refused += 1
            self.assertGreater(min(accepted, refused), 15)
            for day in [date(2025, 12, 31), *days, date(2026, 6, 15)]:
                rows = self.env.execute_query(self.env['mlm.sponsorship']._tree_sql(day, people.ids))
                sponsors = {row[0]: row[1] for row in rows}
                self.assertEqual(len(sponsors), len(rows))
                candidates = {row[0] for row in rows if row[2] == 'candidate'}
                self.assertFalse(
                    candidates.intersection(sponsors.values()), 'seed %s: a candidate has people on %s' % (seed, day))
                for agent in sponsors:
                    for _level in range(8):
                        agent = sponsors[agent]  # a KeyError: the sponsor is no agent on that day
                        if not agent:
                            break
                    self.assertFalse(agent, 'seed %s: a loop on %s' % (seed, day))
            self.assertEqual(
                {p.id: p.mlm_sponsor_id.id or None for p in people if p.mlm_agent_state != 'none'}, sponsors, 'today')
