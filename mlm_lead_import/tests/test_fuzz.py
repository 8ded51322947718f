# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import hashlib
import hmac
import json
from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..adapters import ADAPTERS
from ..adapters.base import AdapterError, Lead, Refused, Request
from ..adapters.rows import take_row
from .vendor import google_lead, meta_call, meta_lead

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3), max_leaves=10)
QUICK = settings(max_examples=150, deadline=None)
CONFIG = {
    'google': {'google_key': 'k' * 20}, 'meta': {'app_secret': 's', 'access_token': 't', 'page_id': '1'},
    'linkedin': {'client_secret': 's', 'access_token': 't', 'owner': 'urn:li:organization:1'}, 'json': {'secret': 's'},
    'file': {},
}
LINKEDIN = {
    'id': '7c1a-2', 'submittedAt': 1763643933000,
    'versionedLeadGenFormUrn': 'urn:li:versionedLeadGenForm:(urn:li:leadGenForm:1,1)',
    'leadMetadata': {'sponsoredLeadMetadata': {'campaign': 'urn:li:sponsoredCampaign:123'}},
    'form': {'name': 'F', 'hiddenFields': [{'name': 'a', 'value': 'b'}], 'content': {'questions': [
        {'questionId': 1, 'question': {'localized': {'en_US': 'Q'}}}]}},
    'formResponse': {'consentResponses': [{'consentId': 1, 'accepted': True}],
        'answers': [{'questionId': 1, 'answerDetails': {'textQuestionAnswer': {'answer': 'x'}}}]}}


def mutated(sound):
    """What a vendor sends, with any value anywhere replaced by any other."""
    @st.composite
    def draw(draw):
        def walk(node):
            if draw(st.integers(0, 9)) == 0:
                return draw(JSON)
            if isinstance(node, dict):
                return {key: walk(value) for key, value in node.items()}
            return [walk(value) for value in node] if isinstance(node, list) else node
        return walk(sound)
    return draw()


class Played:
    """Answers every question with one thing."""
    secrets = []

    def __init__(self, status, data):
        self.status, self.data, self.calls = status, data, 0

    def __call__(self, *args, **kwargs):
        self.calls += 1
        assert self.calls < 50, 'it never ends'
        return self.status, {}, self.data

    def mask(self, text):
        return str(text)


@tagged('post_install', '-at_install')
class TestFuzz(BaseCase):
    """Whatever a vendor sends or answers: understood, or refused in words; never an exception that nobody expects."""

    def understand(self, kind, payload):
        payload = json.loads(json.dumps(payload))  # as the inbox keeps it
        try:
            self.assertIsInstance(ADAPTERS[kind](CONFIG[kind]).parse(payload), Lead)
        except AdapterError as error:
            self.assertTrue(str(error))

    @QUICK
    @given(mutated(google_lead()))
    def test_google(self, data):
        self.understand('google', {'lead': data})

    @QUICK
    @given(mutated({'leadFormSubmissionData': {
        'id': 'x', 'asset': 'customers/1/assets/2', 'submissionDateTime': '2026-11-20 14:05:33+01:00',
        'leadFormSubmissionFields': [{'fieldType': 'EMAIL', 'fieldValue': 'a@example.com'}],
        'customLeadFormSubmissionFields': [{'questionText': 'q', 'fieldValue': 'v'}]}, 'campaign': {'id': '1', 'name': 'c'}}))
    def test_google_submission(self, data):
        self.understand('google', {'submission': data})

    @QUICK
    @given(mutated(meta_lead()), JSON)
    def test_meta(self, data, form):
        self.understand('meta', {'lead': data, 'form': form})

    @QUICK
    @given(mutated(LINKEDIN))
    def test_linkedin(self, data):
        self.understand('linkedin', {'lead': data, 'form': data.get('form') if isinstance(data, dict) else None})

    @QUICK
    @given(mutated({'external_id': 'x', 'contact': {'full_name': 'A', 'email': 'a@example.com'}, 'utm': {'source': 's'},
        'form': {'id': '1'}, 'answers': [{'key': 'k', 'label': 'l', 'values': ['v']}],
        'consents': [{'key': 'k', 'accepted': True, 'given_at': '2026-11-20T13:05:33Z'}]}))
    def test_json(self, data):
        self.understand('json', {'lead': data})

    @QUICK
    @given(st.lists(st.tuples(st.text(max_size=10), JSON | st.dates() | st.datetimes()), max_size=6), st.booleans(), st.randoms())
    def test_rows(self, cells, is_spreadsheet, random):
        kinds = ['', 'external_id', 'submitted_at', 'email', 'phone', 'campaign_id', 'consent', 'is_organic', 'skip']
        external_id, payload = take_row(cells, {str(key).casefold(): random.choice(kinds) for key, _v in cells}, is_spreadsheet)
        self.assertEqual(bool(external_id), payload is not None)
        if payload:
            self.understand('file', payload)

    @QUICK
    @given(mutated(meta_call('1', '2')))
    def test_meta_call_loses_nothing(self, data):
        """Each announcement in a signed call is one event, or the call is refused."""
        body = json.dumps(data).encode()
        request = Request({'x-hub-signature-256': 'sha256=' + hmac.new(b's', body, hashlib.sha256).hexdigest()}, {}, body)
        try:
            inbounds = ADAPTERS['meta'](CONFIG['meta']).receive(request)
        except Refused as refused:
            self.assertEqual((refused.status, isinstance(data, dict)), (400, False))
            return
        entries = data.get('entry') if isinstance(data.get('entry'), list) else [data.get('entry')]
        changes = [change for entry in entries if isinstance(entry, dict)
            for change in (entry.get('changes') if isinstance(entry.get('changes'), list) else [entry.get('changes')])]
        announced = [change for change in changes if isinstance(change, dict) and change.get('field') == 'leadgen']
        self.assertEqual(len(inbounds), len(announced))
        self.assertTrue(all(inbound.external_id for inbound in inbounds))

    @QUICK
    @given(
        st.sampled_from(['google', 'meta', 'linkedin']), st.sampled_from([200, 204, 302, 400, 401, 403, 404, 429, 500, 503]),
        JSON | mutated({'data': [{'id': '71'}], 'paging': {'cursors': {'after': 'x'}, 'next': 'y'}})
        | mutated({'error': {'code': 190, 'message': 'm', 'error_subcode': 463}})
        | mutated({'elements': [LINKEDIN], 'paging': {'total': 3}})
        | mutated([{'results': [{'leadFormSubmissionData': {'id': 'x'}}]}]))
    @example('meta', 200, {'error': {'code': [], 'message': 'm'}})
    @example('meta', 400, {'error': {'code': {}, 'message': 'm'}})
    def test_answers_to_polling(self, kind, status, data):
        """Pages, or an error that says what to do; and an end."""
        adapter = ADAPTERS[kind]({**CONFIG[kind], **({} if kind != 'google' else dict.fromkeys(
            ('customer_id', 'developer_token', 'client_id', 'client_secret', 'refresh_token'), '1'))}, Played(status, data))
        try:
            for page in adapter.poll({}, timedelta(hours=1)):
                self.assertTrue(all(inbound.external_id for inbound in page.inbounds))
        except AdapterError as error:
            self.assertTrue(str(error))
