# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..adapters import ADAPTERS
from ..models.mlm_lead_event import MAX_TRIES
from .common import LeadImportCommon
from .vendor import google_lead, meta_error, meta_lead, vendor

NOTIFIED = {'notification': {'leadgen_id': '123123123123'}}


@tagged('post_install', '-at_install')
class TestProcess(LeadImportCommon):
    """The job: each event one outcome, and nothing that fails is lost or takes others along."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.played = cls.enterClassContext(vendor())
        cls.meta = cls.source('meta', {'api_url': cls.played.url})

    def setUp(self):
        super().setUp()
        self.played.answers.clear()

    def test_google_becomes_a_lead(self):
        event = self.become(self.google, {'lead': google_lead()})
        lead = event.lead_id
        self.assertRecordValues(event, [{'state': 'done', 'outcome': 'created', 'tries': 1, 'error': False, 'next_try': False}])
        self.assertRecordValues(lead, [{
            'contact_name': 'Jan Kowalski', 'email_from': 'jan.kowalski@example.com', 'phone': '+48600100200', 'zip': '00-001',
            'country_id': self.poland.id, 'type': 'opportunity', 'mlm_lead_source_id': self.google.id}])
        for text in ('Interesuje mnie', 'Ubezpieczenie', 'What is the best time to contact you?', 'Po 17:00'):
            self.assertIn(text, lead.description)

    def test_meta_is_fetched(self):
        self.played.on('/v26.0/123123123123', meta_lead())
        event = self.become(self.meta, NOTIFIED)
        self.assertEqual((event.state, event.lead_id.contact_name), ('done', 'Anna Nowak'))
        self.assertIn('ubezpieczenie, emerytura', event.lead_id.description)
        self.assertIn('field_data', event.payload, 'what was fetched is kept beside what was announced')

    def test_busy_vendor_is_asked_again(self):
        self.played.on('/v26.0/123123123123', meta_error(4), meta_error(2), meta_lead())
        event = self.become(self.meta, NOTIFIED)
        self.assertEqual((event.state, event.tries), ('pending', 1))
        self.assertGreater(event.next_try, fields.Datetime.now() + timedelta(minutes=10), 'throttled: a quarter of an hour')
        self.work()
        self.assertEqual(len(self.played.asked('/v26.0/123123123123')), len(self.played.calls), 'not before its time')
        self.later(event)
        self.work()
        self.assertEqual((event.state, event.tries), ('pending', 2))
        self.assertLess(event.next_try, fields.Datetime.now() + timedelta(minutes=3))
        self.later(event)
        self.work()
        self.assertEqual((event.state, event.error), ('done', False))
        self.assertTrue(event.lead_id)

    def test_gives_up_with_a_reason_and_a_button(self):
        self.played.on('/v26.0/123123123123', meta_error(1))
        event = self.put(self.meta, NOTIFIED)
        for _try in range(MAX_TRIES):
            self.assertEqual(event.state, 'pending')
            self.later(event)
            self.work()
        self.assertEqual(event.state, 'failed')
        self.assertIn('fault', event.error)
        self.assertTrue(self.meta.last_error)
        self.played.on('/v26.0/123123123123', meta_lead())
        event.action_retry()
        self.assertEqual((event.state, event.tries), ('pending', 0))
        self.work()
        self.assertTrue(event.lead_id)

    def test_dead_token_stops_the_source_and_keeps_the_queue(self):
        for code in (190, 10, 200, 102):
            with self.subTest(code=code):
                self.meta.state = 'running'
                self.meta.activity_ids.unlink()
                self.played.on('/v26.0/123123123123', meta_error(code, 463))
                first = self.put(self.meta, NOTIFIED, f'{code}-1')
                second = self.put(self.meta, NOTIFIED, f'{code}-2')
                before = len(self.played.calls)
                self.work()
                self.assertEqual(self.meta.state, 'stopped')
                self.assertEqual(len(self.played.calls), before + 1, 'the second is not even asked for')
                self.assertEqual((first.state, second.state, first.tries), ('pending', 'pending', 0))
                activity = self.meta.activity_ids
                self.assertEqual((len(activity), activity.user_id), (1, self.meta.user_id))
                self.assertIn(self.meta.user_id.partner_id, self.meta.message_ids.partner_ids)
                self.assertNotIn('SECRET', f'{self.meta.last_error}{activity.note}{self.meta.message_ids.mapped("body")}')
                self.played.on('/v26.0/123123123123', meta_lead())
                self.meta.action_start()
                self.work()
                self.assertEqual((first.state, second.state), ('done', 'done'))
                (first | second).lead_id.unlink()

    def test_unreadable_is_held(self):
        """Code 100 can mean a test, a deleted lead, or a missing right: a person must look, the others go on."""
        self.played.on('/v26.0/123123123123', meta_error(100))
        event = self.put(self.meta, NOTIFIED)
        other = self.put(self.google, {'lead': google_lead()})
        self.work()
        self.assertEqual((event.state, other.state, self.meta.state), ('failed', 'done', 'running'))
        self.assertIn('Lead Access Manager', event.error)

    @mute_logger('odoo.addons.mlm_lead_import.models.mlm_lead_event')
    def test_fault_of_ours_is_retried(self):
        """A mapping error delays a lead; it never loses it, and the job goes on."""
        event = self.put(self.google, {'lead': google_lead()}, 'a')
        with patch.object(ADAPTERS['google'], 'parse', side_effect=KeyError('jan.kowalski@example.com')), \
                self.assertLogs('odoo.addons.mlm_lead_import.models.mlm_lead_event', 'WARNING') as logs:
            self.work()
        self.assertEqual((event.state, event.tries), ('pending', 1))
        self.assertIn('KeyError', event.error_trace)
        self.assertNotIn('kowalski', str(logs.output), 'the text of an exception may hold answers')
        self.later(event)
        self.work()
        self.assertEqual(event.state, 'done')

    @mute_logger('odoo.addons.mlm_lead_import.models.mlm_lead_event', 'odoo.sql_db')
    def test_half_a_lead_is_none(self):
        event = self.put(self.google, {'lead': google_lead()})
        distributor = type(self.env['mlm.lead.distributor'])
        before = self.Lead.search_count([])
        with patch.object(distributor, '_distribute', side_effect=ValueError):
            self.work()
        self.assertEqual((event.state, event.lead_id.id, self.Lead.search_count([])), ('pending', False, before))

    def test_test_leads_stand_apart(self):
        before = self.Lead.search_count([])
        button = self.become(self.google, {'lead': google_lead(is_test=True)}, 'a', is_test=True)
        self.played.on('/v26.0/1', meta_lead('1', field_data=[
            {'name': 'email', 'values': ['test@meta.com']}, {'name': 'full_name',
                'values': ['<test lead: dummy data for full_name>']}]))
        tool = self.become(self.meta, {'notification': {'leadgen_id': '1'}}, 'b')
        dashboard = self.become(self.meta, {'notification': {'leadgen_id': '444444444444'}}, '444444444444', is_test=True)
        self.assertEqual((button | tool | dashboard).mapped('state'), ['test'] * 3)
        self.assertEqual(self.Lead.search_count([]), before)
        self.assertFalse(self.played.asked('/v26.0/444444444444'), 'it can never be read')

    def test_job_runs_through_the_scheduler(self):
        with self.enter_registry_test_mode():
            event = self.put(self.google, {'lead': google_lead()})
            self.env.ref('mlm_lead_import.ir_cron_process').method_direct_trigger()
        self.assertEqual(event.state, 'done')

    def test_received_leads_are_not_deleted(self):
        event = self.become(self.google, {'lead': google_lead()})
        with self.assertRaisesRegex(UserError, 'Erase'):
            event.unlink()
        with self.assertRaisesRegex(UserError, 'Archive'):
            self.google.unlink()
        with self.assertRaisesRegex(UserError, 'another source'):
            self.google.kind = 'meta'

    def test_only_managers_retry(self):
        event = self.put(self.google, {'lead': {}})
        event.write({'state': 'failed'})
        for login, groups in (('lead_officer', 'mlm_network.group_officer'), ('lead_sales', 'sales_team.group_sale_manager')):
            with self.assertRaises(AccessError):
                event.with_user(self.user(login, groups)).action_retry()
        manager = self.user('lead_manager', 'mlm_network.group_manager')
        event.with_user(manager).action_retry()
        self.assertEqual(event.state, 'pending')

    def test_start_needs_credentials(self):
        source = self.env['mlm.lead.source'].create({'name': 'New', 'kind': 'meta'})
        with self.assertRaisesRegex(UserError, 'App secret, Verify token, Page access token'):
            source.action_start()
        linkedin = self.source('linkedin', state='draft')
        linkedin.state = 'draft'
        with self.assertRaisesRegex(UserError, 'experimental'):
            linkedin.action_start()
        self.env['ir.config_parameter'].set_param('mlm_lead_import.experimental', 'True')
        linkedin.action_start()
        self.assertEqual(linkedin.state, 'running')
