# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import json
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import LeadImportCommon
from .vendor import Answer, meta_error, meta_lead, vendor

FORMS = '/v26.0/123123123/leadgen_forms'
GOOGLE = {'customer_id': '123-456-7890', 'developer_token': 'SECRET-DEV', 'client_id': 'c',
    'client_secret': 'SECRET-CLIENT', 'refresh_token': 'SECRET-REFRESH'}


def submission(id_='abc123', when='2026-11-20 14:05:33+01:00'):
    return {
        'leadFormSubmissionData': {
            'resourceName': f'customers/1234567890/leadFormSubmissionData/{id_}', 'id': id_,
            'asset': 'customers/1234567890/assets/40000000000',
            'campaign': 'customers/1234567890/campaigns/20000000000', 'adGroup': 'customers/1234567890/adGroups/150000000000',
            'adGroupAd': 'customers/1234567890/adGroupAds/150000000000~700000000000', 'gclid': 'Cj0KCQ-example',
            'submissionDateTime': when,
            'leadFormSubmissionFields': [{'fieldType': 'FULL_NAME', 'fieldValue': 'Jan Kowalski'},
                {'fieldType': 'EMAIL', 'fieldValue': f'{id_}@example.com'}],
            'customLeadFormSubmissionFields': [{'questionText': 'Interesuje mnie', 'fieldValue': 'Ubezpieczenie'}]},
        'campaign': {'id': '20000000000', 'name': 'Jesien 2026'}, 'asset': {'name': 'Formularz A'}}


@tagged('post_install', '-at_install')
class TestPolling(LeadImportCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.played = cls.enterClassContext(vendor())
        cls.meta = cls.source('meta', {'api_url': cls.played.url}, poll_enabled=True)
        cls.ads = cls.source('google', {**GOOGLE, 'api_url': cls.played.url, 'token_url': cls.played.url + '/token'},
            poll_enabled=True)

    def setUp(self):
        super().setUp()
        self.played.answers.clear()
        self.played.calls.clear()

    def poll(self, source):
        source.next_poll = False
        with patch.object(type(self.env['ir.cron']), '_commit_progress', lambda *args, **kwargs: float('inf')):
            (self.env['mlm.lead.source'].search([('poll_enabled', '=',
                True)]) - source).next_poll = fields.Datetime.now() + timedelta(1)
            self.env['mlm.lead.source']._cron_poll()
        self.env.invalidate_all()

    def ids(self, source):
        return sorted(self.Event.search([('source_id', '=', source.id)]).mapped('external_id'))

    # --- Meta ---

    def serve(self, form, pages):
        """Play one form: pages of leads, newest first."""
        def leads(query):
            number = int(query.get('after', 'P0')[1:])
            page = pages[number]
            if isinstance(page, Answer):
                return page
            paging = {'cursors': {'after': f'P{number + 1}'}}
            if number + 1 < len(pages):
                paging['next'] = f'{self.played.url}/x?access_token=SECRET-PAGE-TOKEN'
            return Answer({'data': page, 'paging': paging})
        self.played.on(f'/v26.0/{form}/leads', leads)

    def test_all_pages_of_all_forms(self):
        self.played.on(FORMS, {'data': [{'id': '71', 'name': 'A', 'leads_count': 60},
            {'id': '72', 'name': 'B', 'status': 'ARCHIVED'}]})
        self.serve('71', [[meta_lead(str(1000 + 25 * page + row)) for row in range(25)] for page in range(3)])
        self.serve('72', [[meta_lead('9')]])
        self.poll(self.meta)
        self.assertEqual(len(self.ids(self.meta)), 76)
        self.assertEqual(self.meta.form_ids.mapped('watermark'), [datetime(2026, 11, 20, 13, 5, 33)] * 2)
        self.assertEqual((self.meta.form_ids[0].vendor_count, self.meta.form_ids[0].stored_count), (60, 75))
        self.assertTrue(self.meta.last_success)
        self.poll(self.meta)
        self.assertEqual(len(self.ids(self.meta)), 76, 'the overlap is read again and doubles nothing')
        since = json.loads(self.played.asked('/v26.0/71/leads')[-1][2]['filtering'])[0]['value']
        self.assertEqual(since, int(datetime(2026, 11, 19, 13, 5, 33).timestamp()), 'a day before the newest stored one')

    def test_error_on_a_later_page_moves_no_watermark(self):
        self.played.on(FORMS, {'data': [{'id': '71'}]})
        for broken in (meta_error(2), Answer(b'', 502), Answer({'data': []}, cut=3), meta_error(100)):
            self.serve('71', [[meta_lead('5')], broken])
            self.poll(self.meta)
            self.assertEqual(self.ids(self.meta), ['5'], 'what was read is kept')
            self.assertFalse(self.meta.form_ids.watermark, 'the older ones are not read yet')
            self.assertTrue(self.meta.last_error or self.meta.form_ids.last_error)
        self.serve('71', [[meta_lead('5')], [meta_lead('4', created_time='2026-11-18T10:00:00+0000')]])
        self.poll(self.meta)
        self.assertEqual(self.ids(self.meta), ['4', '5'])
        self.assertEqual(self.meta.form_ids.watermark, datetime(2026, 11, 20, 13, 5, 33))

    def test_missing_ones_are_read_in_full_once_a_day(self):
        """A lead that shows up later than the overlap goes back is found by comparing with the vendor's count."""
        def polled():
            self.poll(self.meta)
            return 'filtering' not in self.played.asked('/v26.0/71/leads')[-1][2]

        def counts(count):
            self.played.on(FORMS, {'data': [{'id': '71', 'leads_count': count}]})

        counts(1)
        self.serve('71', [[meta_lead('5')]])
        self.assertTrue(polled(), 'the first time')
        self.assertFalse(polled(), 'all are stored')
        form = self.meta.form_ids
        counts(2)
        self.assertFalse(polled(), 'it is told only now')
        form.full_read_at = fields.Datetime.now() - timedelta(hours=23)
        self.assertFalse(polled(), 'once a day')
        form.full_read_at = fields.Datetime.now() - timedelta(hours=25)
        late = meta_lead('4', created_time='2026-10-01T10:00:00+0000')
        self.serve('71', [[meta_lead('5')], [late]])
        self.assertTrue(polled())
        self.assertEqual(self.ids(self.meta), ['4', '5'])
        self.assertEqual(form.watermark, datetime(2026, 11, 20, 13, 5, 33), 'an older one does not set it back')
        form.full_read_at = fields.Datetime.now() - timedelta(hours=25)
        self.assertFalse(polled(), 'nothing is missing any more')

    def test_version_is_a_setting(self):
        self.meta.setting_ids.filtered(lambda s: s.name == 'api_version').value = 'v99.0'
        self.played.on('/v99.0/123123123/leadgen_forms', {'data': []})
        self.poll(self.meta)
        self.assertEqual([call[1] for call in self.played.calls], ['/v99.0/123123123/leadgen_forms'])
        self.assertFalse(self.meta.last_error)

    def test_no_credential_in_logs(self):
        """Whatever the vendor answers, at the finest level of logging; of people neither."""
        self.played.on('/token', {'access_token': 'SECRET-ACCESS'})
        self.played.on(self.search_path(), Answer([{'error': {'message': 'The token SECRET-DEV is not approved'}}], 403))
        answers = (meta_error(190), meta_error(4), meta_error(100), Answer(b'SECRET-PAGE-TOKEN', 500), Answer(b'', cut=0),
                   {'data': [{'id': '71'}], 'paging': {'next': 'https://x/?access_token=SECRET-PAGE-TOKEN'}})
        self.serve('71', [[meta_lead('5')], meta_error(2)])
        with self.assertLogs(level='DEBUG') as logs:
            for answer in answers:
                self.meta.state = self.ads.state = 'running'
                self.played.on(FORMS, answer)
                self.poll(self.meta)
                self.poll(self.ads)
                self.meta.action_check()
            self.work()
        # the database's own log of statements is off outside of development, and shows values by its nature
        text = '\n'.join(record.getMessage() for record in logs.records if not record.name.startswith('odoo.sql_db'))
        self.assertIn('leadgen_forms', text, 'the calls are logged')
        for word in ('SECRET', 'anna.nowak', '48601202303'):
            self.assertNotIn(word, text)

    def test_one_form_does_not_end_the_others(self):
        self.played.on(FORMS, {'data': [{'id': '71'}, {'id': '72'}]})
        self.played.on('/v26.0/71/leads', meta_error(100))
        self.serve('72', [[meta_lead('9')]])
        self.poll(self.meta)
        self.assertEqual(self.ids(self.meta), ['9'])
        self.assertTrue(self.meta.form_ids.filtered(lambda f: f.external_id == '71').last_error)

    def test_rate_limit(self):
        self.played.on(FORMS, meta_error(80005, headers={'X-Business-Use-Case-Usage': json.dumps(
            {'1': [{'estimated_time_to_regain_access': 120}]})}))
        self.poll(self.meta)
        self.assertGreater(self.meta.next_poll, fields.Datetime.now() + timedelta(minutes=119))
        self.assertEqual(self.meta.state, 'running')

    def test_dead_token(self):
        self.played.on(FORMS, meta_error(190, 463))
        self.poll(self.meta)
        self.assertEqual(self.meta.state, 'stopped')
        self.assertEqual(self.meta.activity_ids.user_id, self.meta.user_id)
        self.assertNotIn('SECRET', self.meta.last_error)
        calls = len(self.played.calls)
        self.poll(self.meta)
        self.assertEqual(len(self.played.calls), calls, 'a stopped source asks nothing')

    @mute_logger('odoo.addons.mlm_lead_import.models.mlm_lead_poller')
    def test_strange_answers(self):
        for body in ({'data': None}, {'data': [None, 7, {'id': None}, {'id': 'x'}]}, {'paging': 7}, {'data': {'x': 1}}, [], 'x'):
            self.played.on(FORMS, {'data': [{'id': '71'}, 'nonsense', {'id': None}]})
            self.played.on('/v26.0/71/leads', body)
            self.poll(self.meta)
            self.assertEqual((self.meta.state, self.ids(self.meta)), ('running', []))

    def test_endless_cursor_ends(self):
        self.played.on(FORMS, {'data': [{'id': '71'}]})
        self.played.on('/v26.0/71/leads', {'data': [meta_lead('1')], 'paging': {'cursors': {'after': 'same'}, 'next': 'x'}})
        self.poll(self.meta)
        self.assertLess(len(self.played.calls), 6)

    def test_pushed_and_polled_is_one(self):
        self.put(self.meta, {'notification': {'leadgen_id': '9'}}, '9')
        self.played.on(FORMS, {'data': [{'id': '72'}]})
        self.serve('72', [[meta_lead('9')]])
        self.poll(self.meta)
        self.assertEqual(self.ids(self.meta), ['9'])

    def test_erased_does_not_come_back(self):
        """Polled, erased through Odoo's privacy look-up, then polled in full, pushed and read from a file again."""
        self.played.on(FORMS, {'data': [{'id': '71', 'leads_count': 2}]})
        self.serve('71', [[meta_lead('5')]])
        self.poll(self.meta)
        self.work()
        event = self.Event.search([('source_id', '=', self.meta.id)])
        self.assertEqual(event.lead_id.contact_name, 'Anna Nowak')
        self.env.flush_all()
        wizard = self.env['privacy.lookup.wizard'].create({'name': 'Anna Nowak', 'email': 'anna.nowak@example.com'})
        wizard.action_lookup()
        wizard.line_ids.filtered('res_id').action_unlink_all()
        self.env.invalidate_all()
        self.assertEqual((event.state, event.payload, event.lead_id.id), ('erased', False, False))
        self.meta.form_ids.watermark = False
        calls = len(self.played.asked('/v26.0/71/leads'))
        self.poll(self.meta)
        self.assertGreater(len(self.played.asked('/v26.0/71/leads')), calls, 'the vendor told of the person again')
        self.put(self.meta, {'notification': {'leadgen_id': '5'}}, '5')
        self.work()
        self.env.invalidate_all()
        self.assertEqual((event.state, event.payload), ('erased', False))
        self.assertEqual(self.Event.search_count([('source_id', '=', self.meta.id)]), 1)
        self.assertFalse(self.Lead.with_context(active_test=False).search([('email_normalized', '=', 'anna.nowak@example.com')]))

    # --- Google ---

    def search_path(self):
        return '/v26/customers/1234567890/googleAds:searchStream'

    def test_google(self):
        self.played.on('/token', {'access_token': 'SECRET-ACCESS', 'expires_in': 3599})
        self.played.on(self.search_path(), [{'results': [submission()]}, {'results': [submission('def456')]}])
        self.poll(self.ads)
        self.assertEqual(self.ids(self.ads), ['abc123', 'def456'])
        headers = self.played.asked(self.search_path())[0][3]
        self.assertEqual((headers['Authorization'], headers['developer-token']), ('Bearer SECRET-ACCESS', 'SECRET-DEV'))
        self.work()
        lead = self.Event.search([('external_id', '=', 'abc123')]).lead_id
        self.assertRecordValues(lead, [{'contact_name': 'Jan Kowalski', 'email_from': 'abc123@example.com'}])
        self.assertEqual(lead.campaign_id.title, 'Jesien 2026')
        self.assertIn('Ubezpieczenie', lead.description)
        self.assertEqual(self.ads.form_ids.watermark, datetime(2026, 11, 20, 13, 5, 33))
        late = submission('late', '2026-11-01 10:00:00+01:00')
        self.played.on(self.search_path(), [{'results': [submission(), submission('def456'), late]}])
        self.poll(self.ads)
        self.assertEqual(self.ids(self.ads), ['abc123', 'def456', 'late'], 'older than the newest, but new')

    def test_google_errors(self):
        refused = {'error': {'code': 403, 'message': 'The developer token SECRET-DEV is not approved.',
            'status': 'PERMISSION_DENIED'}}
        for token, search, state in (
            (Answer({'error': 'invalid_grant', 'error_description': 'Token SECRET-REFRESH expired'}, 400), None, 'stopped'),
            (Answer(b'', 503), None, 'running'), (Answer({'access_token': 'a'}), Answer([refused], 403), 'stopped'),
            (Answer({'access_token': 'a'}), Answer([{'error': {'message': 'quota'}}], 429), 'running'),
            (Answer({'access_token': 'a'}), Answer({'error': {'message': 'UNSUPPORTED_VERSION'}}, 400), 'stopped'),
            (Answer({'access_token': 'a'}), Answer(b'half', cut=2), 'running'),
        ):
            self.ads.write({'state': 'running', 'last_error': False})
            self.played.on('/token', token)
            self.played.on(self.search_path(), search or Answer(b''))
            self.poll(self.ads)
            self.assertEqual(self.ads.state, state, self.ads.last_error)
            self.assertTrue(self.ads.last_error)
            self.assertNotIn('SECRET', self.ads.last_error)

    # --- LinkedIn ---

    def linkedin_row(self, number, **changes):
        return {
            'id': f'7c1a-{number}', 'submittedAt': 1763643933000 + 1000 * number, 'testLead': False, 'leadType': 'SPONSORED',
            'owner': {'sponsoredAccount': 'urn:li:sponsoredAccount:522529623'},
            'versionedLeadGenFormUrn': 'urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)',
            'leadMetadata': {'sponsoredLeadMetadata': {'campaign': 'urn:li:sponsoredCampaign:123'}},
            'form': {'id': 3162, 'name': 'Form L', 'hiddenFields': [{'name': 'agent_code', 'value': 'B2'},
                {'name': 'landing', 'value': 'autumn'}], 'content': {'questions': [
                    {'questionId': 1, 'predefinedField': 'EMAIL', 'name': 'E-mail'},
                    {'questionId': 2, 'question': {'localized': {'pl_PL': 'Interesuje mnie'}}}]}},
            'formResponse': {'answers': [
                {'questionId': 1, 'answerDetails': {'textQuestionAnswer': {'answer': f'l{number}@example.com'}}},
                {'questionId': 2, 'answerDetails': {'textQuestionAnswer': {'answer': 'Emerytura'}}}]}, **changes}

    def linkedin(self, rows, page=2, **config):
        """A source, and LinkedIn with these rows in pages."""
        def answer(query):
            start = int(query['start'])
            return Answer({'paging': {'start': start, 'count': page, 'total': len(rows)}, 'elements': rows[start:start + page]})
        self.played.on('/rest/leadFormResponses', answer)
        return self.source('linkedin', {'owner': 'urn:li:sponsoredAccount:522529623', 'api_url': self.played.url, **config},
            poll_enabled=True)

    def test_linkedin(self):
        rows = [self.linkedin_row(number) for number in range(5)]
        source = self.linkedin(rows)
        self.put(source, {'notification': {}}, '7c1a-4')
        self.poll(source)
        self.assertEqual(self.ids(source), [f'7c1a-{number}' for number in range(5)], 'pushed and polled is one')
        calls = self.played.asked('/rest/leadFormResponses')
        self.assertEqual([call[2]['start'] for call in calls], ['0', '2', '4'])
        self.assertEqual(len({call[2]['submittedAtTimeRange'] for call in calls}), 1, 'no page is shifted by what arrives')
        query, headers = calls[0][2:4]
        self.assertEqual((query['q'], query['owner'], query['leadType'], query['limitedToTestLeads']), (
            'owner', '(sponsoredAccount:urn:li:sponsoredAccount:522529623)', '(leadType:SPONSORED)', 'false'))
        self.assertEqual((headers['Authorization'], headers['X-Restli-Protocol-Version']), ('Bearer SECRET-LINKEDIN', '2.0.0'))
        newest = datetime(2025, 11, 20, 13, 5, 37)
        self.assertEqual(source.form_ids.watermark, newest)
        self.work()
        lead = self.Event.search([('source_id', '=', source.id), ('external_id', '=', '7c1a-0')]).lead_id
        self.assertEqual((lead.email_from, lead.campaign_id.title), ('l0@example.com', '123'))
        for text in ('Interesuje mnie', 'Emerytura', 'landing', 'autumn', 'B2'):
            self.assertIn(text, lead.description)
        source.form_ids.watermark = fields.Datetime.now()
        self.poll(source)
        start = self.played.asked('/rest/leadFormResponses')[-1][2]['submittedAtTimeRange']
        ago = datetime.now().timestamp() - int(start.partition('start:')[2].partition(',')[0]) / 1000
        self.assertAlmostEqual(ago, 24 * 3600, delta=120, msg='a day before the newest stored one')

    def test_linkedin_errors(self):
        source = self.linkedin([])
        for answer, state in (
            (Answer({'message': 'The token SECRET-LINKEDIN has expired'}, 401), 'stopped'),
            (Answer({'message': 'Not enough permissions'}, 403), 'stopped'), (Answer({'message': 'quota'}, 429), 'running'),
            (Answer(b'', 502), 'running'), (Answer(b'half', cut=2), 'running'), (Answer({'message': 'bad'}, 400), 'running'),
        ):
            source.write({'state': 'running', 'last_error': False})
            self.played.on('/rest/leadFormResponses', answer)
            self.poll(source)
            self.assertEqual(source.state, state)
            self.assertTrue(source.last_error)
            self.assertNotIn('SECRET', source.last_error)
            self.assertFalse(source.form_ids.watermark)

    def test_linkedin_error_on_a_later_page_moves_no_watermark(self):
        rows = [self.linkedin_row(number) for number in range(4)]
        source = self.linkedin(rows)
        self.played.on('/rest/leadFormResponses', {'paging': {'total': 4}, 'elements': rows[:2]}, Answer(b'', 500))
        self.poll(source)
        self.assertEqual((self.ids(source), source.form_ids.watermark), (['7c1a-0', '7c1a-1'], False))

    @mute_logger('odoo.addons.mlm_lead_import.models.mlm_lead_poller')
    def test_linkedin_strange_answers(self):
        source = self.linkedin([])
        for body in ({'elements': None}, {'elements': [None, 7, {'id': None}]}, {'paging': 7}, [], 'x',
                {'elements': [self.linkedin_row(1)]}):  # the last one forever, without a total
            self.played.on('/rest/leadFormResponses', body)
            self.poll(source)
            self.assertEqual(source.state, 'running')
        self.assertEqual(self.ids(source), ['7c1a-1'])
        self.assertLess(len(self.played.calls), 12)

    def test_linkedin_self_test(self):
        source = self.linkedin([self.linkedin_row(1), self.linkedin_row(2)])
        source.action_check()
        self.assertIn('it holds 2 leads', source.check_result)
        source.setting_ids.filtered(lambda s: s.name == 'owner').value = 'urn:li:person:7'
        source.action_check()
        self.assertIn('urn:li:organization:', source.check_result)

    # --- the self-test ---

    def test_self_test(self):
        self.played.on('/v26.0/me', {'id': '1', 'name': 'Our Page'})
        self.played.on('/v26.0/123123123/subscribed_apps', {'data': [{'id': '1', 'subscribed_fields': ['feed']}]})
        self.played.on(FORMS, {'data': [{'id': '71'}]})
        self.env['ir.config_parameter'].set_param('web.base.url', 'http://odoo.example.com')
        self.meta.action_check()
        for text in ('Our Page', 'does not push leads yet', '1 lead forms', 'does not begin with https'):
            self.assertIn(text, self.meta.check_result)
        self.env['ir.config_parameter'].set_param('web.base.url', 'https://odoo.example.com')
        self.played.on('/v26.0/123123123/subscribed_apps', {'data': [{'id': '1', 'subscribed_fields': ['leadgen']}]})
        self.meta.setting_ids.filtered(lambda s: s.name == 'verify_token').value = False
        self.meta.action_check()
        for text in ('The page pushes leads', 'begins with https', 'Still missing', 'Verify token'):
            self.assertIn(text, self.meta.check_result)
        self.assertNotIn('SECRET', self.meta.check_result)

    def test_self_test_with_a_dead_token(self):
        self.played.on('/v26.0/me', meta_error(190))
        self.meta.action_check()
        self.assertIn('refuses access', self.meta.check_result)
        self.assertEqual(self.meta.state, 'running', 'a test changes nothing')

    def test_self_test_says_which_database(self):
        with patch('odoo.addons.mlm_lead_import.models.mlm_lead_source_check.db_list', lambda force, host: ['one', 'two']):
            self.meta.action_check()
        self.assertIn('2 databases', self.meta.check_result)

    def test_expiry_is_announced(self):
        self.meta.token_expires = fields.Datetime.now() + timedelta(days=20)
        for _day in range(2):
            self.env['mlm.lead.source']._cron_warn_expiry()
        self.assertEqual(len(self.meta.activity_ids), 1)
        self.meta.token_expires = fields.Datetime.now() + timedelta(days=60)
        self.ads.token_expires = fields.Datetime.now() + timedelta(days=3)
        self.env['mlm.lead.source']._cron_warn_expiry()
        self.assertEqual(self.ads.activity_ids.date_deadline, fields.Date.today())
