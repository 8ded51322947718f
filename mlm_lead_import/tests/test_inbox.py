# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import threading

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger

from ..adapters.base import Inbound


@tagged('post_install', '-at_install')
class TestInbox(BaseCase):
    """Real transactions at the same time. What they commit is deleted afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            self.source_id = self.env(cr)['mlm.lead.source'].create({'name': 'Race', 'kind': 'json'}).id
        self.addCleanup(self.clean)

    def clean(self):
        with self.registry.cursor() as cr:
            cr.execute('DELETE FROM mlm_lead_event WHERE source_id = %s', [self.source_id])
            self.env(cr)['mlm.lead.source'].browse(self.source_id).unlink()

    def env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True})

    def store(self, ids, results):
        with self.registry.cursor() as cr:
            env = self.env(cr)
            source = env['mlm.lead.source'].browse(self.source_id)
            source.name  # noqa: B018  takes the snapshot
            results.append(env['mlm.lead.event']._store(source, [Inbound(id_, {'lead': {}}) for id_ in ids], 'push'))
            cr.rollback()  # what is stored does not depend on what becomes of the caller

    @mute_logger('odoo.sql_db')
    def test_duplicates_in_parallel(self):
        """Each lead once, in whatever order the calls name them: no error, no deadlock."""
        ids, results = [str(number) for number in range(25)], []
        threads = [
            threading.Thread(target=self.store, args=(ids if number % 2 else ids[::-1], results)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(results), 8, 'no call failed')
        self.assertEqual(sum(results), 25)
        with self.registry.cursor() as cr:
            cr.execute('SELECT count(*), count(DISTINCT digest) FROM mlm_lead_event WHERE source_id = %s', [self.source_id])
            self.assertEqual(cr.fetchone(), (25, 25))

    def test_job_and_a_second_worker(self):
        """Two workers at one event: one outcome."""
        self.store(['1'], [])
        with self.registry.cursor() as one, self.registry.cursor() as two:
            events = [self.env(cr)['mlm.lead.event'].search([('source_id', '=', self.source_id)]) for cr in (one, two)]
            self.assertTrue(events[0].try_lock_for_update())
            self.assertFalse(events[1]._process())
            self.assertEqual(events[1].state, 'pending', 'it is somebody else\'s at the moment')
            one.rollback()
            two.rollback()

    @mute_logger('odoo.sql_db')
    def test_somebody_edits_the_source_meanwhile(self):
        """A conflict ends neither the job nor the lead: a new transaction tries again."""
        for payload, state in (({'external_id': '1', 'contact': {'full_name': 'Race'}}, 'done'), ({}, 'failed')):
            with self.subTest(state), self.registry.cursor() as one:
                env = self.env(one)
                source = env['mlm.lead.source'].browse(self.source_id)
                env['mlm.lead.event']._store(source, [Inbound(state, {'lead': payload})], 'push')
                one.commit()
                event = env['mlm.lead.event'].search([('source_id', '=', self.source_id), ('external_id', '=', state)])
                with self.registry.cursor() as two:
                    two.execute('UPDATE mlm_lead_source SET sequence = sequence + 1, last_success = NULL WHERE id = %s',
                        [self.source_id])
                self.assertTrue(event._process())
                one.commit()
                self.assertEqual(event.state, 'pending')
                self.assertTrue(event._process())
                one.commit()
                self.assertEqual(event.state, state)
                self.addCleanup(self.forget, event.lead_id.ids)

    def forget(self, lead_ids):
        with self.registry.cursor() as cr:
            self.env(cr)['crm.lead'].browse(lead_ids).unlink()
