# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import threading

from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger


@tagged('post_install', '-at_install')
class TestConcurrency(BaseCase):
    """Two real transactions at once, on data that is really committed and taken away again."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.period_id = env['mlm.period'].create({'date_from': '1990-01-01', 'date_to': '1990-01-31'}).id
        self.addCleanup(self._clean)

    def _clean(self):
        with self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})['mlm.period'].browse(self.period_id).unlink()
            cr.execute('DELETE FROM mlm_claim WHERE run_id < 0')

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    @mute_logger('odoo.sql_db')
    def test_two_calculate_at_once(self):
        """The second waits for the first, then cannot be serialised: Odoo repeats it, and it sees what was done."""
        outcome = []

        def second():
            with self.registry.cursor() as cr:
                cr.execute('SELECT 1')  # its snapshot is older than what the first commits
                ready.set()
                go.wait(10)
                try:
                    self._env(cr)['mlm.period'].browse(self.period_id).action_calculate()
                    outcome.append('committed')
                except SerializationFailure:
                    outcome.append('repeat')
                    cr.rollback()

        ready, go = threading.Event(), threading.Event()
        thread = threading.Thread(target=second)
        thread.start()
        ready.wait(10)
        with self.registry.cursor() as cr:
            self._env(cr)['mlm.period'].browse(self.period_id).action_calculate()
            go.set()
            thread.join(1)
            self.assertTrue(thread.is_alive(), 'the second waits while the first is at work')
            cr.commit()
        thread.join(10)
        self.assertEqual(outcome, ['repeat'])

    @mute_logger('odoo.sql_db')
    def test_a_fact_is_claimed_once_for_a_plan(self):
        with self.registry.cursor() as cr:
            cr.execute('INSERT INTO mlm_claim (volume_id, plan_id, run_id) VALUES (-1, -1, -1)')
            with self.assertRaises(UniqueViolation), cr.savepoint():
                cr.execute('INSERT INTO mlm_claim (volume_id, plan_id, run_id) VALUES (-1, -1, -2)')
            cr.rollback()
