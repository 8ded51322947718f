# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from contextlib import ExitStack
from threading import Thread

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ValidationError
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger


@tagged('post_install', '-at_install')
class TestConcurrency(BaseCase):
    """Two real transactions at a time. What they commit is deleted afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            agents = self.make_env(cr)['res.partner'].create([
                {'name': 'Race %s' % name, 'mlm_agent_state': 'active'} for name in 'ABC'])
            self.ids = agents.ids
        self.addCleanup(self.clean)

    def clean(self):
        with self.registry.cursor() as cr:
            partners = self.make_env(cr)['res.partner'].search([('name', '=like', 'Race %')])
            partners.with_context(tracking_disable=True).mlm_sponsor_id = False
            cr.execute('DELETE FROM mlm_placement WHERE partner_id = ANY(%s)', [partners.ids])
            cr.execute(
                'UPDATE res_partner SET mlm_placement_id = NULL, mlm_placed = FALSE WHERE id = ANY(%s)', [partners.ids])
            partners.invalidate_recordset()
            cr.execute('DELETE FROM mlm_sponsorship WHERE partner_id = ANY(%s)', [partners.ids])
            partners.unlink()

    def make_env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True})

    def race(self, first, second):
        """Run two actions, each in its own transaction begun before either wrote; the first commits
        while the second is at work. The second's error is raised, once all is over.

        :param first: function of the three agents A, B, C
        :param second: the same
        """
        errors = []
        with ExitStack() as stack, mute_logger('odoo.sql_db'):
            one, two = (stack.enter_context(self.registry.cursor()) for _cursor in range(2))
            agents = [self.make_env(cr)['res.partner'].browse(self.ids) for cr in (one, two)]
            for records in agents:
                records.mapped('mlm_sponsor_id')  # takes the snapshot

            def run_second():
                try:
                    second(*agents[1])
                    two.flush()
                    two.commit()
                except Exception as error:  # noqa: BLE001
                    two.rollback()
                    errors.append(error)

            first(*agents[0])
            one.flush()
            thread = Thread(target=run_second)
            thread.start()
            thread.join(0.3)  # either it waits for the first, or it has run through
            one.commit()
            thread.join(20)
            self.assertFalse(thread.is_alive(), 'the second transaction still waits')
        if errors:
            raise errors[0]

    def sponsors(self):
        with self.registry.cursor() as cr:
            return [agent.mlm_sponsor_id.name for agent in self.make_env(cr)['res.partner'].browse(self.ids)]

    def test_two_moves_that_close_a_loop(self):
        def first(a, b, c):
            a.mlm_sponsor_id = b

        def second(a, b, c):
            b.mlm_sponsor_id = a

        with self.assertRaises(SerializationFailure):
            self.race(first, second)
        self.assertEqual(self.sponsors(), ['Race B', False, False])
        # Odoo runs the second again: now it sees the first.
        with self.registry.cursor() as cr, self.assertRaisesRegex(ValidationError, 'Race B cannot stand under Race A'):
            second(*self.make_env(cr)['res.partner'].browse(self.ids))

    def test_two_moves_that_close_a_longer_loop(self):
        with self.registry.cursor() as cr:
            _a, b, c = self.make_env(cr)['res.partner'].browse(self.ids)
            c.mlm_sponsor_id = b

        def first(a, b, c):
            b.mlm_sponsor_id = a

        def second(a, b, c):
            a.mlm_sponsor_id = c

        with self.assertRaises(SerializationFailure):
            self.race(first, second)
        self.assertEqual(self.sponsors(), [False, 'Race A', 'Race B'])

    def test_two_recruits_seated_at_once(self):
        """The second does not take the seat that the first has got, but runs again and finds the next."""
        with self.registry.cursor() as cr:
            env = self.make_env(cr)
            env.company.mlm_placement_strategy = 'spill'
            env['res.partner'].browse(self.ids[0]).mlm_placed = True
        self.addCleanup(self.switch_off)

        def recruit(name):
            return lambda a, b, c: a.create({'name': f'Race {name}', 'mlm_agent_state': 'active', 'mlm_sponsor_id': a.id})

        with self.assertRaises(SerializationFailure):
            self.race(recruit('One'), recruit('Two'))
        with self.registry.cursor() as cr:
            agents = self.make_env(cr)['res.partner'].browse(self.ids)
            recruit('Two')(*agents)
            self.assertEqual(
                [(agent.name, agent.mlm_placement_slot) for agent in agents[0].mlm_placed_ids.sorted('id')],
                [('Race One', 1), ('Race Two', 2)])

    def switch_off(self):
        with self.registry.cursor() as cr:
            self.make_env(cr).company.mlm_placement_strategy = 'off'

    def test_sponsor_terminated_meanwhile(self):
        def first(a, b, c):
            a.mlm_agent_state = 'terminated'

        def create(a, b, c):
            a.create({'name': 'Race New', 'mlm_sponsor_id': a.id})

        def move(a, b, c):
            b.mlm_sponsor_id = a

        for second in (create, move):
            with self.subTest(second.__name__):
                with self.assertRaises(SerializationFailure):
                    self.race(first, second)
                with self.registry.cursor() as cr:
                    self.make_env(cr)['res.partner'].browse(self.ids[0]).mlm_agent_state = 'active'
        self.assertEqual(self.sponsors(), [False, False, False])

    def test_sponsor_demoted_meanwhile(self):
        def create(a, b, c):
            a.create({'name': 'Race New', 'mlm_sponsor_id': a.id})

        def demote(a, b, c):
            a.mlm_agent_state = 'none'

        with self.assertRaisesRegex(ValidationError, 'Somebody was just placed under Race A'):
            self.race(create, demote)
        with self.assertRaises(SerializationFailure):
            self.race(lambda a, b, c: setattr(b, 'mlm_agent_state', 'none'),
                      lambda a, b, c: b.create({'name': 'Race New', 'mlm_sponsor_id': b.id}))

    def test_moved_away_and_demoted_in_one_transaction(self):
        with self.registry.cursor() as cr:
            a, b, c = self.make_env(cr)['res.partner'].browse(self.ids)
            b.mlm_sponsor_id = a
        with self.registry.cursor() as cr:
            a, b, c = self.make_env(cr)['res.partner'].browse(self.ids)
            b.mlm_sponsor_id = c
            a.mlm_agent_state = 'none'
        self.assertEqual(self.sponsors(), [False, 'Race C', False])

    def test_newcomers_do_not_wait_for_each_other(self):
        def create(a, b, c):
            a.create({'name': 'Race New', 'mlm_sponsor_id': a.id})
            a.create({'name': 'Race Agent', 'mlm_sponsor_id': a.id, 'mlm_agent_state': 'active'})

        self.race(create, create)
        with self.registry.cursor() as cr:
            self.assertEqual(self.make_env(cr)['res.partner'].browse(self.ids[0]).mlm_frontline_count, 2)

    def test_same_code_meanwhile(self):
        from psycopg2.errors import UniqueViolation
        with self.assertRaises((UniqueViolation, SerializationFailure)):
            self.race(lambda a, b, c: setattr(a, 'mlm_agent_code', 'RACE'), lambda a, b, c: setattr(b, 'mlm_agent_code', 'RACE'))

    def test_two_exits_of_an_agent(self):
        """The second would credit the same goods: it has to begin anew, and then sees the first one's credit notes."""
        def leave(_a, b, _c):
            b.env['mlm.exit.wizard'].new({'partner_id': b.id})._claim()

        with self.assertRaises(SerializationFailure):
            self.race(leave, leave)
