# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

from odoo.tests import BaseCase, tagged

from ..adapters import ADAPTERS
from ..adapters.base import AccessLost, Adapter, Form, Refused, Request, Temporary, Unreadable
from ..adapters.http import Http
from .vendor import Answer, google_lead, meta_call, meta_error, meta_lead, vendor

# Vectors that were computed apart from this code.
META_BODY = (
    b'{"object":"page","entry":[{"id":"153125381133","time":1438292065,"changes":[{"field":"leadgen","value":{"leadgen_id":'
    b'"123123123123","page_id":"123123123","form_id":"12312312312","adgroup_id":"12312312312","ad_id":"12312312312",'
    b'"created_time":1440120384}}]}]}')
META_SIGNATURE = '9501bbc162e6f28787de77f0971e29c53f47955058277c68b2b2558715779ea6'
ESCAPED = (
    rb'{"object":"page","entry":[{"id":"1","time":1,"changes":[{"field":"leadgen","value":'
    rb'{"leadgen_id":"1","note":"\u0141\u00f3d\u017a"}}]}]}')
ESCAPED_SIGNATURE = '2b70b5ff1fa73b1a6456779fb16eb50e1f34d18153302297254d33ccd745e0f9'


def post(body, **headers):
    return Request({name.replace('_', '-'): value for name, value in headers.items()}, {}, body
        if isinstance(body, bytes) else json.dumps(body).encode())


def meta(url='https://nowhere.invalid', **config):
    config = {'app_secret': 'test_app_secret', 'verify_token': 'meatyhamhock', 'access_token': 'SECRET-PAGE-TOKEN',
              'page_id': '123123123', 'api_url': url, **config}
    return ADAPTERS['meta'](config, Http(['SECRET-PAGE-TOKEN'], total=1))


@tagged('post_install', '-at_install')
class TestAdapters(BaseCase):
    """Without a database: what the vendors send, and what we ask."""

    def test_found_by_looking(self):
        self.assertLessEqual({'google', 'meta', 'json', 'linkedin', 'file'}, set(ADAPTERS))

        class Another(Adapter):
            code = 'another'

        self.assertEqual(Another({}).config, {})
        with self.assertRaises(Refused):
            Another({}).receive(post({}))

    # --- Google ---

    def test_google_lead(self):
        adapter = ADAPTERS['google']({'google_key': 'a-long-key-of-google'})
        inbound, = adapter.receive(post(google_lead()))
        self.assertEqual(inbound.external_id, 'TeSt-opaque-lead-id-0001')
        self.assertNotIn('a-long-key', json.dumps(inbound.payload), 'the key is a secret and is not stored')
        lead = adapter.parse(inbound.payload)
        self.assertEqual(lead.contact, {
            'full_name': 'Jan Kowalski', 'email': 'jan.kowalski@example.com', 'phone': '+48600100200', 'zip': '00-001'})
        self.assertEqual([(a.label, a.values) for a in lead.answers], [
            ('What is the best time to contact you?', ['Po 17:00']), ('Interesuje mnie', ['Ubezpieczenie'])])
        self.assertEqual(lead.submitted_at, datetime(2026, 11, 20, 13, 5, 33, tzinfo=UTC))
        self.assertEqual((lead.campaign_id, lead.form_id, lead.click_id), ('20000000000', '40000000000', 'Cj0KCQ-example'))

    def test_google_key(self):
        for key, given in (('right-key', 'wrong'), ('right-key', ''), ('right-key', None), ('', ''), ('', None),
                ('right-key', ['right-key'])):
            with self.subTest(key=key, given=given), self.assertRaises(Refused) as caught:
                ADAPTERS['google']({'google_key': key}).receive(post(google_lead(google_key=given)))
            self.assertEqual(caught.exception.status, 403)

    def test_google_degenerate(self):
        """As the test button was seen to send it: no columns."""
        adapter = ADAPTERS['google']({'google_key': 'k' * 20})
        inbound, = adapter.receive(post({
            'lead_id': 'MjpsZWFkX2lkOjE1NzI1ODA5MjQ4NTY', 'api_version': '1.0', 'form_id': 2, 'campaign_id': 1,
            'google_key': 'k' * 20,
            'is_test': True}))
        self.assertTrue(inbound.is_test)
        self.assertEqual((adapter.parse(inbound.payload).contact, adapter.parse(inbound.payload).answers), ({}, []))

    def test_google_unknown_columns_are_answers(self):
        lead = ADAPTERS['google']({}).parse({'lead': google_lead(user_column_data=[
            {'column_id': 'SOMETHING_OF_2031', 'string_value': 'yes'}, {'column_name': 'Only a question?', 'string_value': 'no'},
            {'column_id': 'EMAIL', 'string_value': 'a@example.com'}, {'column_id': 'WORK_EMAIL', 'string_value': 'b@example.com'},
            {'string_value': 'alone'}, 'nonsense', None, {'column_id': 'CITY', 'string_value': None}])})
        self.assertEqual(lead.contact, {'email': 'a@example.com'})
        self.assertEqual([(a.key, a.values) for a in lead.answers], [
            ('SOMETHING_OF_2031', ['yes']), ('Only a question?', ['no']), ('WORK_EMAIL', ['b@example.com']),
            ('answer', ['alone'])])

    def test_malformed_is_400(self):
        deep = b'[' * 100000
        for body in (b'', b'{', b'[]', b'"x"', b'null', b'\xff\xfe', b'{"a": NaN}', deep, b'{"a":' + b'9' * 5000 + b'}',
                b'{"lead_id": ""}'):
            with self.subTest(body=body[:20]), self.assertRaises(Refused) as caught:
                ADAPTERS['google']({'google_key': 'k'}).receive(post(body))
            self.assertIn(caught.exception.status, (400, 403))

    # --- Meta ---

    def test_meta_signature_vectors(self):
        for body, signature in ((META_BODY, META_SIGNATURE), (ESCAPED, ESCAPED_SIGNATURE)):
            self.assertEqual(len(meta().receive(post(body, x_hub_signature_256=f'sha256={signature}'))), 1)
            # the same text written otherwise is another body
            again = json.dumps(json.loads(body)).encode()
            with self.assertRaises(Refused):
                meta().receive(post(again, x_hub_signature_256=f'sha256={signature}'))
        for headers in ({}, {'x_hub_signature_256': ''}, {'x_hub_signature_256': 'sha256='}, {'x_hub_signature_256': 'sha256=ł'},
                        {'x_hub_signature': f'sha1={META_SIGNATURE}'}):
            with self.assertRaises(Refused):
                meta().receive(post(META_BODY, **headers))
        with self.assertRaises(Refused):  # an empty secret signs nothing
            empty = hmac.new(b'', META_BODY, hashlib.sha256).hexdigest()
            meta(app_secret='').receive(post(META_BODY, x_hub_signature_256=f'sha256={empty}'))

    def signed(self, data):
        body = json.dumps(data).encode()
        return post(body, x_hub_signature_256='sha256=' + hmac.new(b'test_app_secret', body, hashlib.sha256).hexdigest())

    def test_meta_several(self):
        call = meta_call('1', '2')
        call['entry'][0]['changes'] += [{'field': 'feed', 'value': {}}, {'field': 'leadgen', 'value': {'leadgen_id': 3}}]
        call['entry'].append('nonsense')
        self.assertEqual([i.external_id for i in meta().receive(self.signed(call))], ['1', '3', '2'])

    def test_meta_signed_but_odd_is_kept(self):
        inbound, = meta().receive(self.signed(meta_call(None)))
        self.assertTrue(inbound.external_id.startswith('unknown-'))
        with self.assertRaises(Unreadable):
            meta().fetch(inbound.payload)

    def test_meta_test_button(self):
        inbound, = meta().receive(self.signed(meta_call('444444444444')))
        self.assertTrue(inbound.is_test)

    def test_meta_handshake(self):
        query = {'hub.mode': 'subscribe', 'hub.challenge': '<script>1158201444', 'hub.verify_token': 'meatyhamhock'}
        reply = meta().handshake(Request({}, query, b''))
        self.assertEqual((reply.status, reply.content_type, reply.body), (200, 'text/plain', '<script>1158201444'))
        for wrong in ({'hub.verify_token': 'other'}, {'hub.verify_token': ''}, {'hub.mode': 'unsubscribe'}):
            with self.assertRaises(Refused) as caught:
                meta().handshake(Request({}, {**query, **wrong}, b''))
            self.assertEqual(caught.exception.status, 403)
        with self.assertRaises(Refused):
            meta(verify_token='').handshake(Request({}, {**query, 'hub.verify_token': ''}, b''))

    def test_meta_fetch(self):
        with vendor() as graph:
            graph.on('/v26.0/123123123123', meta_lead())
            graph.on('/v26.0/12312312312', {'name': 'Formularz A', 'legal_content': {'custom_disclaimer': {'checkboxes': [
                {'key': 'zgoda_telefon', 'text': 'Zgadzam się na telefon'}]}}})
            adapter = meta(graph.url)
            lead = adapter.parse(adapter.fetch({'notification': {'leadgen_id': '123123123123'}}))
            for _method, path, query, headers, _body in graph.calls:
                self.assertNotIn('SECRET', path + str(query), 'a token in an address ends up in logs')
                self.assertEqual(headers['Authorization'], 'Bearer SECRET-PAGE-TOKEN')
        self.assertNotIn('form_name', graph.calls[0][2]['fields'].split(','), 'the API has no such field')
        self.assertEqual(lead.contact, {'full_name': 'Anna Nowak', 'email': 'anna.nowak@example.com', 'phone': '+48601202303'})
        self.assertEqual(lead.answers[0].values, ['ubezpieczenie', 'emerytura'], 'all values, not the first')
        self.assertEqual([(c.key, c.accepted, c.text) for c in lead.consents], [
            ('zgoda_telefon', True, 'Zgadzam się na telefon'), ('zgoda_email', False, '')])
        self.assertEqual((lead.form_name, lead.campaign_id, lead.platform), ('Formularz A', '11911911911', 'ig'))

    def test_meta_silence_is_no_consent(self):
        lead = meta().parse({'lead': meta_lead(custom_disclaimer_responses=[{'checkbox_key': 'a'},
            {'checkbox_key': 'b', 'is_checked': True}])})
        self.assertEqual([c.accepted for c in lead.consents], [None, True])

    def test_meta_errors(self):
        cases = [(code, Temporary) for code in (1, 2, 4, 17, 32, 341, 613, 80001, 80005)]
        cases += [(code, AccessLost) for code in (10, 102, 190, 200, 210, 299, 368)] + [(100, Unreadable), (99999, Unreadable)]
        with vendor() as graph:
            for code, expected in cases:
                graph.on('/v26.0/1', meta_error(code, 463))
                with self.subTest(code=code), self.assertRaises(expected) as caught:
                    meta(graph.url).fetch({'notification': {'leadgen_id': '1'}})
                self.assertNotIn('SECRET', str(caught.exception))
            graph.on('/v26.0/1', meta_error(80005, headers={'X-Business-Use-Case-Usage': json.dumps(
                {'1': [{'type': 'leadgen', 'call_count': 100, 'estimated_time_to_regain_access': 42}]})}))
            with self.assertRaises(Temporary) as caught:
                meta(graph.url).fetch({'notification': {'leadgen_id': '1'}})
            self.assertEqual(caught.exception.retry_after, 42 * 60)

    def test_broken_connections(self):
        answers = {
            'cut': Answer(meta_lead('1'), cut=20), 'no JSON': Answer(b'<html>'), 'half JSON': Answer(b'{"id": '),
            'empty': Answer(b''), 'list': Answer([]), 'slow': Answer(meta_lead('1'), drip=0.3),
            '502': Answer(b'Bad gateway', 502),
            'redirect': Answer(b'', 302, {'Location': 'http://127.0.0.1:1/'}), 'transient': meta_error(7, is_transient=True),
        }
        with vendor() as graph:
            for name, answer in answers.items():
                graph.on('/v26.0/1', answer)
                with self.subTest(name), self.assertRaises(Temporary):
                    meta(graph.url).fetch({'notification': {'leadgen_id': '1'}})
        with self.assertRaises(Temporary) as caught:  # nobody listens any more
            meta(graph.url).fetch({'notification': {'leadgen_id': '1'}})
        self.assertNotIn('127.0.0.1', str(caught.exception))

    def test_meta_poll(self):
        """Cursors to the end, every form, archived ones too; a broken form does not end the others."""
        def leads(query):
            pages = {None: (['5', '4'], 'A1'), 'A1': (['3'], 'A2'), 'A2': (['2', '1'], None)}
            ids, after = pages[query.get('after')]
            paging = {'cursors': {'before': 'x', 'after': after or 'A3'}}
            if after:
                paging['next'] = 'https://graph.facebook.com/x?access_token=SECRET-PAGE-TOKEN'
            return Answer({'data': [meta_lead(id_) for id_ in ids], 'paging': paging})

        with vendor() as graph:
            graph.on('/v26.0/123123123/leadgen_forms', {'data': [
                {'id': '71', 'name': 'Broken'}, {'id': '72', 'name': 'Archived', 'status': 'ARCHIVED', 'leads_count': 5}]})
            graph.on('/v26.0/72/leads', leads)
            watermark = datetime(2026, 11, 19, tzinfo=UTC)
            pages = list(meta(graph.url).poll({'72': Form('72', 'old name', watermark)}, timedelta(hours=24)))
            self.assertIsInstance(pages[0].error, Unreadable)
            self.assertEqual([i.external_id for page in pages for i in page.inbounds], ['5', '4', '3', '2', '1'])
            self.assertEqual([page.last for page in pages], [False, False, False, True])
            self.assertEqual(pages[-1].count, 5)
            query = graph.asked('/v26.0/72/leads')[0][2]
            self.assertEqual(query['limit'], '100')
            self.assertEqual(json.loads(query['filtering']), [{
                'field': 'time_created', 'operator': 'GREATER_THAN',
                'value': int((watermark - timedelta(hours=24)).timestamp())}])
            self.assertNotIn('SECRET', str([call[1:3] for call in graph.calls]))

    # --- LinkedIn ---

    def test_linkedin(self):
        adapter = ADAPTERS['linkedin']({'client_secret': 'test_client_secret', 'access_token': 't'})
        reply = adapter.handshake(Request({}, {'challengeCode': '890e4665-4dfe-4ab1-b689-ed553bceeed0'}, b''))
        self.assertEqual(json.loads(reply.body), {
            'challengeCode': '890e4665-4dfe-4ab1-b689-ed553bceeed0',
            'challengeResponse': '2f02d4233a0396d6b4632fc7be62fd3ab68183421f688efcda0c1fcb2615273e'})
        with self.assertRaises(Refused):
            adapter.handshake(Request({}, {'challengeCode': '"}<script>'}, b''))
        body = json.dumps({
            'type': 'LEAD_ACTION', 'leadGenFormResponse': 'urn:li:leadGenFormResponse:7c1a-2', 'leadAction': 'DELETED',
            'occurredAt': 1763643933000}).encode()
        signature = hmac.new(b'test_client_secret', b'hmacsha256=' + body, hashlib.sha256).hexdigest()
        inbound, = adapter.receive(post(body, x_li_signature=signature))
        self.assertEqual((inbound.external_id, inbound.deleted), ('7c1a-2', True))
        self.assertEqual(inbound.submitted_at, datetime(2025, 11, 20, 13, 5, 33, tzinfo=UTC))
        with self.assertRaises(Refused):
            adapter.receive(post(body))
        unsigned = ADAPTERS['linkedin']({'client_secret': 'test_client_secret', 'signed': '0'})
        self.assertEqual(len(unsigned.receive(post(body))), 1)
        with self.assertRaises(Refused):
            unsigned.receive(post(body, x_li_signature='wrong'))

    def test_linkedin_fetch(self):
        with vendor() as api:
            api.on('/rest/leadFormResponses/7c1a-2', {
                'id': '7c1a-2', 'submittedAt': 1763643933000, 'testLead': False,
                'leadMetadata': {'sponsoredLeadMetadata': {'campaign': 'urn:li:sponsoredCampaign:123'}},
                'versionedLeadGenFormUrn': 'urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)',
                'formResponse': {'consentResponses': [{'consentId': 4486741, 'accepted': True}], 'answers': [
                    {'questionId': 1, 'answerDetails': {'textQuestionAnswer': {'answer': 'anna@example.com'}}},
                    {'questionId': 2, 'answerDetails': {'textQuestionAnswer': {'answer': 'Emerytura'}}}]}})
            api.on('/rest/leadForms/3162', {'name': 'Form L', 'content': {'questions': [
                {'questionId': 2, 'question': {'localized': {'en_US': 'What about?'}}}]}})
            adapter = ADAPTERS['linkedin']({'client_secret': 's', 'access_token': 't', 'api_url': api.url}, Http())
            lead = adapter.parse(adapter.fetch({'notification': {'leadGenFormResponse': 'urn:li:leadGenFormResponse:7c1a-2'}}))
        self.assertEqual((lead.contact, lead.campaign_id, lead.form_name), ({'email': 'anna@example.com'}, '123', 'Form L'))
        self.assertEqual([(a.label, a.values) for a in lead.answers], [('What about?', ['Emerytura'])])
        self.assertEqual(lead.consents[0].accepted, True)
