# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import hashlib
import hmac
import json
import logging
import string

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import HttpCase, tagged

from ..controllers.webhook import LIMIT
from .common import SECRETS, LeadImportCommon
from .vendor import google_lead, meta_call

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4), max_leaves=15)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@tagged('post_install', '-at_install')
class TestWebhook(LeadImportCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meta = cls.source('meta')
        cls.json = cls.source('json')

    def call(self, source, body=None, headers=None, method='POST', **params):
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        return self.opener.request(
            method, f'{self.base_url()}/mlm/lead/{source.token}', data=data, headers=headers, params=params, timeout=60,
            allow_redirects=False)

    def signed(self, source, body):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        names = {'meta': ('app_secret', 'X-Hub-Signature-256'), 'json': ('secret', 'X-Lead-Signature')}
        name, header = names[source.kind]
        signature = hmac.new(SECRETS[source.kind][name].encode(), data, hashlib.sha256).hexdigest()
        return self.call(source, data, {header: f'sha256={signature}', 'Content-Type': 'application/json'})

    def events(self, source):
        self.env.invalidate_all()
        return self.Event.search([('source_id', '=', source.id)], order='id')

    # --- who may call ---

    def test_google(self):
        reply = self.call(self.google, google_lead())
        self.assertEqual((reply.status_code, reply.json(), reply.headers['Content-Type']),
            (200, {}, 'application/json; charset=utf-8'))
        event = self.events(self.google)
        self.assertEqual((event.state, event.external_id, event.channel), ('pending', 'TeSt-opaque-lead-id-0001', 'push'))
        self.assertFalse(event.lead_id, 'the answer does not wait for the lead')
        self.assertNotIn('a-long-key-of-google', event.payload)

    def test_wrong_key_stores_nothing(self):
        for body in (google_lead(google_key='wrong'), google_lead(google_key=''), {'lead_id': 'x'}):
            self.assertEqual(self.call(self.google, body).status_code, 403)
        self.assertFalse(self.events(self.google))

    def test_empty_key_lets_nobody_in(self):
        self.google.setting_ids.filtered(lambda s: s.name == 'google_key').value = False
        for key in ('', None):
            self.assertEqual(self.call(self.google, google_lead(google_key=key)).status_code, 403)

    def test_wrong_signatures(self):
        self.assertEqual(self.signed(self.meta, meta_call('7')).status_code, 200)
        for headers in ({}, {'X-Hub-Signature-256': 'sha256=' + '0' * 64}, {'X-Hub-Signature-256': 'x'}):
            self.assertEqual(self.call(self.meta, meta_call('8'), headers).status_code, 403)
            self.assertEqual(self.call(self.json, {'external_id': '8'}, headers).status_code, 403)
        self.assertEqual(self.events(self.meta).mapped('external_id'), ['7'])
        self.assertFalse(self.events(self.json))

    def test_bearer(self):
        bearer = {'Authorization': 'Bearer a-long-secret-of-make'}
        self.assertEqual(self.call(self.json, {'external_id': 'b'}, bearer).status_code, 200)
        self.assertEqual(self.call(self.json, {'external_id': 'c'}, {'Authorization': 'Bearer wrong'}).status_code, 403)
        self.json.setting_ids.filtered(lambda s: s.name == 'bearer').value = '0'
        self.assertEqual(self.call(self.json, {'external_id': 'd'}, bearer).status_code, 403)
        self.assertEqual(self.events(self.json).mapped('external_id'), ['b'])

    def test_unknown_and_switched_off(self):
        self.google.state = 'draft'
        self.assertEqual(self.call(self.google, google_lead()).status_code, 404)
        self.google.write({'state': 'running', 'active': False})
        self.assertEqual(self.call(self.google, google_lead()).status_code, 404)
        self.assertEqual(self.url_open('/mlm/lead/nobody', data=b'{}').status_code, 404)

    def test_stopped_still_takes(self):
        """A dead token is no reason to lose what is pushed."""
        self.google.state = 'stopped'
        self.assertEqual(self.call(self.google, google_lead()).status_code, 200)
        self.assertEqual(len(self.events(self.google)), 1)

    def test_handshake(self):
        query = {'hub.mode': 'subscribe', 'hub.challenge': '<b>42', 'hub.verify_token': 'meatyhamhock'}
        reply = self.call(self.meta, method='GET', **query)
        self.assertEqual((reply.status_code, reply.text), (200, '<b>42'))
        self.assertTrue(reply.headers['Content-Type'].startswith('text/plain'))
        self.assertEqual(self.call(self.meta, method='GET', **{**query, 'hub.verify_token': 'x'}).status_code, 403)
        self.assertEqual(self.call(self.google, method='GET').status_code, 405)

    # --- once, and only once ---

    def test_replay(self):
        for _again in range(3):
            self.assertEqual(self.call(self.google, google_lead()).status_code, 200)
            self.assertEqual(self.signed(self.meta, meta_call('1', '2', '1')).status_code, 200)
        self.assertEqual(len(self.events(self.google)), 1)
        self.assertEqual(set(self.events(self.meta).mapped('external_id')), {'1', '2'})
        self.assertEqual(len(self.events(self.meta)), 2)

    def test_same_id_of_two_sources(self):
        other = self.source('google')
        for source in (self.google, other):
            self.assertEqual(self.call(source, google_lead()).status_code, 200)
        self.assertEqual(len(self.events(self.google) | self.events(other)), 2)

    def test_long_id(self):
        """Ids are opaque; longer than any index row may be."""
        id_ = 'x' * 9000
        for _again in range(2):
            self.assertEqual(self.call(self.google, google_lead(lead_id=id_)).status_code, 200)
        self.assertEqual(self.call(self.google, google_lead(lead_id=id_ + 'y')).status_code, 200)
        self.assertEqual(len(self.events(self.google)), 2)

    # --- strange bodies ---

    def test_malformed(self):
        for body in (b'', b'{', b'null', b'[1]', b'\xff\xfe\x00', b'[' * 60000, b'{"lead_id": NaN}', b'a=b&c=d'):
            for source in (self.google, self.meta, self.json):
                reply = self.signed(source, body) if source != self.google else self.call(source, body)
                self.assertIn(reply.status_code, (200, 400, 403), (body[:20], source.kind))
        self.assertFalse(self.events(self.google) | self.events(self.meta) | self.events(self.json))

    def test_form_encoded(self):
        """No vendor sends this; whoever does must not be told that it was stored."""
        reply = self.call(self.google, json.dumps(google_lead()).encode(), {'Content-Type': 'application/x-www-form-urlencoded'})
        self.assertEqual(reply.status_code, 400)

    def test_too_large(self):
        body = google_lead(user_column_data=[{'column_id': 'X', 'string_value': 'y' * LIMIT}])
        self.assertEqual(self.call(self.google, body).status_code, 413)

        def stream():
            for _part in range(20):
                yield b'x' * (LIMIT // 10)

        reply = self.opener.post(f'{self.base_url()}/mlm/lead/{self.google.token}', data=stream(), timeout=60)
        self.assertIn(reply.status_code, (400, 403, 411, 413), 'without a length, too')
        self.assertFalse(self.events(self.google))

    def test_nul_and_surrogates(self):
        body = json.dumps(google_lead(lead_id='a\u0000b\ud800', user_column_data=[
            {'column_id': 'FULL_NAME', 'string_value': 'Jan\u0000 \ud800Kowalski'}])).encode()
        self.assertEqual(self.call(self.google, body).status_code, 200)
        self.assertEqual(self.call(self.google, body).status_code, 200)
        event = self.events(self.google)
        self.assertEqual(len(event), 1)
        self.work()
        self.assertEqual((event.state, event.lead_id.contact_name), ('done', 'Jan Kowalski'))

    def test_fuzz_google(self):
        self._fuzz(self.google, {
            'is_test': JSON,
            'user_column_data': JSON | st.lists(st.fixed_dictionaries({}, optional={
                'column_id': st.sampled_from(['EMAIL', 'FULL_NAME', 'PHONE_NUMBER', 'COUNTRY', 'REGION', 'POSTAL_CODE']) | JSON,
                'column_name': JSON, 'string_value': JSON})),
            'campaign_id': JSON, 'form_id': JSON, 'lead_submit_time': JSON, 'gcl_id': JSON,
        }, {'google_key': st.just('a-long-key-of-google'), 'lead_id': st.text(max_size=50) | JSON})

    def test_fuzz_json(self):
        contact = st.dictionaries(st.sampled_from(
            ['full_name', 'first_name', 'email', 'phone', 'country', 'state', 'lang', 'zip', 'agent_code', 'interest']),
                JSON, max_size=6)
        self._fuzz(self.json, {
            'contact': contact | JSON, 'utm': JSON, 'campaign': JSON,
            'submitted_at': JSON, 'answers': JSON | st.lists(st.fixed_dictionaries({'key': JSON, 'label': JSON,
                'values': JSON}), max_size=3),
            'consents': JSON | st.lists(st.fixed_dictionaries({'key': JSON, 'accepted': JSON, 'given_at': JSON}), max_size=3),
        }, {'external_id': st.text(string.ascii_letters, min_size=1) | JSON})

    def _fuzz(self, source, fields, required):
        """Whatever comes: never 500; what was answered with 200 is one event; every event has one outcome."""
        accepted = set()

        @QUICK
        @given(st.fixed_dictionaries(required, optional=fields))
        def run(data):
            body = json.dumps(data).encode()
            reply = self.call(source, body) if source.kind == 'google' else self.signed(source, body)
            self.assertIn(reply.status_code, (200, 400, 403), data)
            if reply.status_code == 200:
                accepted.add(repr(data.get('lead_id', data.get('external_id'))))

        run()
        events = self.events(source)
        self.assertGreater(len(accepted), 10)
        self.assertGreater(len(events), 5)
        self.assertLessEqual(len(events), len(accepted))
        self.work()
        self.env.invalidate_all()
        self.assertFalse(events.filtered(lambda e: e.error_trace), events.mapped('error_trace'))
        self.assertLessEqual(set(events.mapped('state')), {'done', 'failed', 'test', 'erased'})

    def test_nothing_of_a_person_in_logs(self):
        with self.assertLogs(level=logging.DEBUG) as logs:
            self.call(self.google, google_lead())
            self.work()
        text = '\n'.join(record.getMessage() for record in logs.records if not record.name.startswith('odoo.sql_db'))
        for word in ('a-long-key-of-google', 'jan.kowalski', '600100200'):
            self.assertNotIn(word, text)
