# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import datetime
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.modules import Manifest
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import LeadImportCommon
from .vendor import google_lead, meta_lead


@tagged('post_install', '-at_install')
class TestBecoming(LeadImportCommon):
    """From an answer to a field, and Odoo's traps on the way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.json = cls.source('json')

    def map(self, question, target='field', field=None, **vals):
        self.json.mapping_ids = [Command.create({
            'question': question, 'target': target, 'field_id': field
            and self.env['ir.model.fields']._get('crm.lead', field).id, **vals})]

    # --- Odoo's traps ---

    def test_nobody_owns_it(self):
        """The default owner would be OdooBot, or the public user."""
        with patch.object(type(self.env['mlm.lead.distributor']), '_distribute'):
            lead = self.become_json(self.json, contact={'full_name': 'A'}).lead_id
        self.assertRecordValues(lead, [{'user_id': False, 'date_open': False, 'company_id': self.env.company.id}])

    def test_type_does_not_depend_on_groups(self):
        self.json.lead_type = 'lead'
        self.assertEqual(self.become_json(self.json, 'a', contact={'full_name': 'A'}).lead_id.type, 'lead')
        self.json.lead_type = 'opportunity'
        self.assertEqual(self.become_json(self.json, 'b', contact={'full_name': 'B'}).lead_id.type, 'opportunity')

    def test_campaigns_by_id(self):
        """Odoo's helper looks by name with wildcards: Promo_1 would find PromoX1, and % anything."""
        Campaign = self.env['utm.campaign']
        wrong = Campaign.create({'title': 'PromoX1'})
        leads = [self.become_json(self.json, f'c{number}', contact={'full_name': str(number)}, campaign=campaign).lead_id
            for number, campaign in
                 enumerate(({'id': '1', 'name': 'Promo_1'}, {'id': '2', 'name': 'Promo_1'}, {'id': '1', 'name': 'Renamed'},
                            {'id': '3', 'name': '%'}, {'id': '4', 'name': ' '}, {'name': 'without an id'}))]
        one, two, again, percent, blank, none = leads
        self.assertNotIn(wrong, self.Lead.union(*leads).campaign_id)
        self.assertEqual(one.campaign_id, again.campaign_id)
        self.assertEqual(len((one | two | percent | blank).campaign_id), 4, 'one for each id')
        self.assertEqual((one.campaign_id.title, two.campaign_id.title, blank.campaign_id.title), ('Promo_1', 'Promo_1', '4'))
        self.assertFalse(none.campaign_id)
        self.assertIn('without an id', none.description)
        self.assertEqual(self.json.campaign_ids.filtered(lambda c: c.external_id == '1').name, 'Renamed')
        with self.assertRaises(UniqueViolation), mute_logger('odoo.sql_db'), self.cr.savepoint():
            self.json.campaign_ids[0].copy()

    def test_utm_of_the_link(self):
        """By exact name in any case; blank is nothing, and _ and % are letters. Else what stands on the source counts."""
        Source, Medium, Campaign = (self.env[f'utm.{name}'] for name in ('source', 'medium', 'campaign'))
        usual, promo = Source.create([{'name': 'Usual'}, {'name': 'PromoX1'}])
        self.json.utm_source_id = usual
        tiktok, paid = Source.create({'name': 'TikTok'}), Medium.create({'name': 'Paid Social'})
        known = {'source': 'tiktok', 'medium': 'PAID SOCIAL', 'campaign': 'Spring'}
        lead = self.become_json(self.json, 'a', contact={'full_name': 'A'}, utm=known).lead_id
        self.assertEqual((lead.source_id, lead.medium_id, lead.campaign_id.title), (tiktok, paid, 'Spring'))
        again = self.become_json(self.json, 'b', contact={'full_name': 'B'}, utm=known, campaign={'id': '7'}).lead_id
        self.assertEqual(again.campaign_id.title, '7', 'the id at the vendor is better than a name')
        for number, (text, name) in enumerate((('Promo_1', 'Promo_1'), ('%', '%'), (' ', 'Usual'), ('', 'Usual'))):
            lead = self.become_json(self.json, f'u{number}', contact={'full_name': 'U'}, utm={'source': text}).lead_id
            self.assertEqual(lead.source_id.name, name)
            self.assertNotEqual(lead.source_id, promo)
        self.assertEqual(Campaign.search_count([('title', '=', 'Spring')]), 1)

    def test_utm_of_the_vendor(self):
        """A source says where its leads come from without being told, unless somebody says otherwise."""
        Source = self.env['utm.source']
        facebook = Source.search([('name', '=', 'Facebook')]) or Source.create({'name': 'Facebook'})
        other = Source.create({'name': 'Other'})
        meta = self.env['mlm.lead.source'].with_user(self.user('lead_manager', 'mlm_network.group_manager')).create(
            {'name': 'M', 'kind': 'meta'})
        self.assertEqual((meta.utm_source_id, meta.utm_medium_id.name), (facebook, 'Facebook'))
        self.assertEqual(self.source('google').utm_source_id.name, 'Google')
        self.assertEqual(self.source('google', utm_source_id=other.id).utm_source_id, other)
        lead = self.become(self.source('meta'), {'lead': meta_lead()}).lead_id
        self.assertEqual((lead.source_id, lead.medium_id.name), (facebook, 'Facebook'))

    def test_campaign_decides(self):
        team, tag = self.env['crm.team'].create({'name': 'Accidents'}), self.env['crm.tag'].create({'name': 'Autumn'})
        self.json.campaign_ids = [Command.create({
            'external_id': '9', 'campaign_id': self.env['utm.campaign'].create({'title': 'Nine'}).id, 'team_id': team.id,
            'tag_ids': tag.ids, 'interest': 'Accident'})]
        lead = self.become_json(self.json, contact={'full_name': 'A'}, campaign={'id': '9'}).lead_id
        self.assertRecordValues(lead, [{'team_id': team.id, 'tag_ids': tag.ids, 'mlm_interest': 'Accident'}])

    def test_phones(self):
        for number, text in enumerate((
            '600100200', '48600100200', '0048600100200', '+48 600 100 200', 'p:+48600100200', '+48-600-100-200',
            ' 600 100 200 ')):
            with self.subTest(text):
                lead = self.become_json(self.json, f'p{number}', contact={'full_name': f'P{number}', 'phone': text}).lead_id
                self.assertEqual((lead.phone, lead.phone_sanitized, lead.phone_state),
                    ('+48600100200', '+48600100200', 'correct'))
                lead.action_archive()

    def test_phone_that_is_none(self):
        lead = self.become_json(self.json, contact={'full_name': 'A', 'phone': '600 100 200 wew. 12'}).lead_id
        self.assertFalse(lead.phone)
        self.assertIn('600 100 200 wew. 12', lead.description)

    def test_foreign_phone_tells_the_country(self):
        lead = self.become_json(self.json, contact={'full_name': 'A', 'phone': '+49 221 1234567'}).lead_id
        self.assertEqual((lead.country_id, lead.phone), (self.germany, '+492211234567'))

    def test_blacklisted_phone_is_recognised(self):
        self.env['phone.blacklist'].add('+48600100200')
        lead = self.become_json(self.json, contact={'full_name': 'A', 'phone': '600100200'}).lead_id
        self.assertTrue(lead.phone_blacklisted)

    def test_odd_emails(self):
        for number, (text, expected) in enumerate((
            ('Jan@Example.COM', 'jan@example.com'), ('Jan <jan2@example.com>', 'jan2@example.com'), ('none', False), ('@', False),
            ('x' * 300 + '@example.com', False))):
            lead = self.become_json(self.json, f'e{number}', contact={'full_name': 'A', 'email': text}).lead_id
            self.assertEqual(lead.email_from, expected)
            if not expected:
                self.assertIn(text[:200], lead.description)

    def test_merging_keeps_what_was_received(self):
        """Odoo deletes the merged lead; its event must not seem to have become none, or the next poll would bring it back."""
        self.json.duplicate_mode = 'new'
        events = self.Event.union(*(
            self.become_json(self.json, id_, contact={'full_name': id_, 'email': 'same@example.com'},
                             consents=[{'key': 'phone', 'accepted': True}]) for id_ in 'ab'))
        self.assertEqual(len(events.lead_id), 2)
        kept = events.lead_id.merge_opportunity()
        self.assertEqual([event.lead_id for event in events], [kept, kept])
        self.assertEqual(len(kept.mlm_consent_ids), 2)

    def test_allocation_to_teams_keeps_what_was_received(self):
        """Odoo's own allocation merges, and deletes, leads of one e-mail address."""
        self.json.duplicate_mode = 'new'
        events = self.Event.union(*(
            self.become_json(self.json, id_, contact={'full_name': id_, 'email': 'same@example.com'}) for id_ in 'ab'))
        team = self.env['crm.team'].create({'name': 'Team'})
        left = team._allocate_leads_deduplicate(events.lead_id, duplicates_cache={})
        self.env.invalidate_all()
        self.assertTrue(left)
        self.assertEqual(len(events.lead_id.exists()), 1)
        self.assertEqual([bool(event.lead_id) for event in events], [True, True])

    def test_fields_that_leads_lost(self):
        """Neither mobile nor title is a field of a lead any more; what comes under these names is not lost."""
        lead = self.become_json(self.json, contact={'full_name': 'A', 'mobile': '600100200', 'title': 'Dr. Dr.'}).lead_id
        for text in ('mobile', '600100200', 'Dr. Dr.'):
            self.assertIn(text, lead.description)

    def test_without_phonenumbers_it_does_not_install(self):
        """Odoo would compare numbers as they were typed, without a word."""
        self.assertIn('phonenumbers', Manifest.for_addon('mlm_lead_import')['external_dependencies']['python'])

    def test_many_open_leads_of_one_number(self):
        """Odoo's own search for duplicates gives up at 21."""
        self.Lead.create([{'name': f'L {number}', 'phone': '+48600100200', 'country_id': self.poland.id,
            'company_id': self.env.company.id} for number in range(25)])
        self.assertEqual(self.become_json(self.json, contact={'phone': '600100200'}).outcome, 'merged')

    # --- where answers go ---

    def test_everything_unmapped_is_in_the_description(self):
        lead = self.become_json(
            self.json, contact={'full_name': 'A', 'shoe_size': '43'}, utm={'source': 'tiktok', 'medium': 'paid_social'},
            form={'id': 'f1', 'name': 'Formularz A'}, ad={'id': '7', 'name': 'Wideo 2'}, campaign={'id': '11', 'name': 'Jesień'},
            answers=[{'key': 'q1', 'label': 'Interesuje mnie', 'values': ['Ubezpieczenie', '<b>Emerytura</b>']},
                     {'key': 'q2', 'values': []}, {'values': ['no key']}]).lead_id
        for text in ('shoe_size', '43', 'utm_source', 'tiktok', 'paid_social', 'Formularz A (f1)', 'Wideo 2 (7)', 'Jesień (11)',
                     'Interesuje mnie', 'Ubezpieczenie, &lt;b&gt;Emerytura', 'no key'):
            self.assertIn(text, lead.description)
        self.assertNotIn('<b>Emerytura', lead.description, 'a stranger writes no HTML here')

    def test_mapping(self):
        self.map('What is your job?', field='function')
        self.map('budget', field='expected_revenue')
        self.map('Street', field='street')
        self.map('number', field='street')
        self.map('About', 'interest')
        self.map('kind', 'tag')
        self.map('secret', 'ignore')
        lead = self.become_json(self.json, contact={'full_name': 'A'}, answers=[
            {'key': 'q1', 'label': 'WHAT is your JOB? ', 'values': ['Nurse']}, {'key': 'budget', 'values': ['1.500,50 zł']},
            {'key': 'street', 'values': ['Długa']}, {'key': 'number', 'values': ['7']},
            {'key': 'x', 'label': 'about', 'values': ['Accident']},
            {'key': 'kind', 'values': ['urgent', 'new']}, {'key': 'secret', 'values': ['hidden']}]).lead_id
        self.assertRecordValues(lead, [{'function': 'Nurse', 'street': 'Długa 7', 'mlm_interest': 'Accident'}])
        self.assertEqual(set(lead.tag_ids.mapped('name')), {'urgent', 'new'})
        self.assertNotIn('hidden', lead.description)

    def test_numbers(self):
        self.map('budget', field='expected_revenue')
        for number, (text, expected) in enumerate((
            ('1500', 1500), ('1500,50', 1500.5), ('1 500.50 zł', 1500.5), ('1.500,50 zł', 1500.5), ('1,500.50', 1500.5),
            ('much', 0))):
            lead = self.become_json(self.json, f'n{number}', contact={'full_name': 'A'},
                answers=[{'key': 'budget', 'values': [text]}]).lead_id
            self.assertEqual(lead.expected_revenue, expected, text)
            if not expected:
                self.assertIn('much', lead.description)

    def test_tolerant_lookup(self):
        self.map('land', field='country_id')
        self.map('wichtig', field='priority')
        self.env['res.lang']._activate_lang('de_DE')
        self.germany.with_context(lang='de_DE').name = 'Deutschland'
        for number, (text, expected) in enumerate((
                ('Germany', self.germany), ('Deutschland', self.germany), ('Deutschlandd', self.poland))):
            lead = self.become_json(self.json, f't{number}', contact={'full_name': 'A'}, answers=[
                {'key': 'land', 'values': [text]}, {'key': 'wichtig', 'values': ['high']}]).lead_id
            self.assertEqual((lead.country_id, lead.priority), (expected, '2'), text)
        self.assertIn('Deutschlandd', lead.description)

    def test_mapping_of_one_form(self):
        self.map('q', field='city', form_id='f1')
        self.map('q', field='function')
        for form, name in (('f1', 'city'), ('f2', 'function')):
            lead = self.become_json(self.json, form, contact={'full_name': 'A'}, form={'id': form},
                answers=[{'key': 'q', 'values': ['Z']}]).lead_id
            self.assertEqual(lead[name], 'Z')

    def test_mapping_cannot_reach_everything(self):
        for name in ('user_id', 'mlm_agent_id', 'active', 'company_id', 'stage_id', 'probability'):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.map('q', field=name)

    def test_language_of_the_responsible(self):
        self.env['res.lang']._activate_lang('de_DE')
        self.json.user_id = self.user('lead_german', 'sales_team.group_sale_manager', lang='de_DE')
        lead = self.become_json(self.json, contact={'full_name': 'A'}, campaign={'id': '1'}).lead_id
        self.assertIn('Kampagne', lead.description)

    def test_names(self):
        lead = self.become_json(self.json, 'a', contact={'first_name': 'Anna', 'last_name': 'Nowak'},
            form={'name': 'Form A'}).lead_id
        self.assertEqual((lead.contact_name, lead.name), ('Anna Nowak', 'Anna Nowak: Form A'))
        lead = self.become_json(self.json, 'b', contact={'email': 'only@example.com'}).lead_id
        self.assertEqual(lead.name, 'only@example.com: A source of json')

    def test_language(self):
        self.env['res.lang']._activate_lang('de_DE')
        german = self.env['res.lang'].search([('code', '=', 'de_DE')])
        lead = self.become_json(self.json, contact={'full_name': 'A', 'lang': 'de'}).lead_id
        self.assertEqual(lead.lang_id, german)

    # --- consents ---

    def test_consents(self):
        self.map('Darf ich anrufen?', 'consent', channel='phone', wording='Call me')
        lead = self.become_json(
            self.json, contact={'full_name': 'A'}, submitted_at='2026-11-20T13:05:33Z', form={'name': 'F'},
            answers=[{'key': 'q', 'label': 'Darf ich anrufen?', 'values': ['Ja']}],
            consents=[{'key': 'zgoda_sms', 'text': 'Zgadzam się na SMS', 'accepted': False,
                'given_at': '2026-11-20T14:05:30+01:00'},
                      {'key': 'mail', 'text': 'E-Mail?'}]).lead_id
        self.assertEqual(
            [(c.channel, c.accepted, c.wording, c.given_at, c.form) for c in lead.mlm_consent_ids.sorted('key')], [
                ('email', 'unknown', 'E-Mail?', datetime(2026, 11, 20, 13, 5, 33), 'F'),
                ('phone', 'yes', 'Call me', datetime(2026, 11, 20, 13, 5, 33), 'F'),
                ('sms', 'no', 'Zgadzam się na SMS', datetime(2026, 11, 20, 13, 5, 30), 'F')])

    def test_consents_of_meta(self):
        meta = self.source('meta')
        lead = self.become(meta, {'lead': meta_lead(), 'form': {'name': 'Formularz'}}).lead_id
        self.assertEqual([(c.key, c.accepted, c.channel) for c in lead.mlm_consent_ids.sorted('id')], [
            ('zgoda_telefon', 'yes', 'phone'), ('zgoda_email', 'no', 'email')])

    # --- who was here before ---

    def test_asks_again(self):
        first = self.become_json(self.json, 'a', contact={'full_name': 'A', 'phone': '600100200'})
        for number, contact in enumerate(({'phone': '+48 600 100 200', 'email': 'a@example.com'},
                {'email': 'A@example.com', 'city': 'Poznań'})):
            event = self.become_json(self.json, f'b{number}', contact=contact,
                answers=[{'key': 'q', 'values': [f'more {number}']}])
            self.assertEqual((event.outcome, event.lead_id), ('merged', first.lead_id))
            self.assertIn(f'more {number}', ' '.join(first.lead_id.message_ids.mapped('body')))
        self.assertRecordValues(first.lead_id, [{'email_from': 'a@example.com', 'city': 'Poznań', 'contact_name': 'A'}])

    def test_agent_is_told_who_asks_again(self):
        agent = self.agent('Anna')
        self.rule(agent)
        lead = self.become_json(self.json, 'a', contact={'full_name': 'Ida', 'phone': '600100200'}).lead_id
        self.become_json(self.json, 'b', contact={'phone': '600100200'}, answers=[{'key': 'q', 'values': ['again!']}])
        told = self.env['mail.message'].search(
            [('model', '=', 'crm.lead'), ('res_id', '=', lead.id), ('partner_ids', 'in', agent.ids)])
        self.assertIn('asked again', ' '.join(filter(None, told.mapped('subject'))))
        self.assertNotIn('600100200', ' '.join(told.mapped('body')))
        self.assertIn('again!', lead.description, 'where the agent reads it in the portal')

    def test_asks_again_after_the_end(self):
        first = self.become_json(self.json, 'a', contact={'email': 'a@example.com'})
        first.lead_id.action_set_lost()
        second = self.become_json(self.json, 'b', contact={'email': 'a@example.com'})
        self.assertEqual(second.outcome, 'created')
        second.lead_id.action_set_won()
        self.assertEqual(self.become_json(self.json, 'c', contact={'email': 'a@example.com'}).outcome, 'created')

    def test_two_strangers_without_contact(self):
        events = self.become_json(self.json, 'a', contact={'full_name': 'A'}) | self.become_json(self.json, 'b',
            contact={'full_name': 'A'})
        self.assertEqual(len(events.lead_id), 2, 'the same name is not the same person')

    def test_sent_twice_under_two_ids(self):
        """Pushed and polled, whose ids may differ."""
        self.json.duplicate_mode = 'new'
        said = {'contact': {'email': 'a@example.com'}, 'submitted_at': '2026-11-20T13:05:33Z', 'click_id': 'gclid'}
        first, second = self.become_json(self.json, 'a', **said), self.become_json(self.json, 'b', **said)
        self.assertEqual((second.outcome, second.lead_id), ('repeated', first.lead_id))
        other = self.become_json(self.json, 'c', **{**said, 'submitted_at': '2026-11-21T13:05:33Z'})
        self.assertEqual(other.outcome, 'created')

    def test_customer(self):
        agent = self.agent('Anna')
        customer = self.env['res.partner'].create({'name': 'Kim', 'email': 'kim@example.com', 'mlm_sponsor_id': agent.id,
            'country_id': self.poland.id})
        event = self.become_json(self.json, 'a', contact={'full_name': 'Kim K', 'email': 'KIM@example.com', 'phone': '600100200'})
        self.assertRecordValues(event.lead_id, [{
            'partner_id': customer.id, 'mlm_agent_id': agent.id, 'contact_name': 'Kim K', 'phone': '+48600100200'}])
        self.assertEqual(event.lead_id.mlm_assignment_ids.reason, 'customer')
        event.lead_id.action_set_lost()
        self.json.customer_mode = 'note'
        event = self.become_json(self.json, 'b', contact={'email': 'kim@example.com'},
            answers=[{'key': 'q', 'values': ['a new question']}])
        self.assertEqual((event.outcome, event.partner_id, event.lead_id.id), ('noted', customer, False))
        self.assertIn('a new question', customer.message_ids[0].body)

    def test_other_company(self):
        other = self.env['res.company'].create({'name': 'Other'})
        self.become_json(self.json, 'a', contact={'email': 'a@example.com'})
        source = self.source('json', company_id=other.id)
        event = self.become_json(source, 'b', contact={'email': 'a@example.com'})
        self.assertEqual((event.outcome, event.lead_id.company_id), ('created', other))

    # --- preview ---

    def test_preview_makes_nothing(self):
        event = self.put(self.google, {'lead': google_lead()})
        before = [self.env[model].search_count([]) for model in ('crm.lead', 'utm.campaign', 'mlm.lead.campaign', 'crm.tag')]
        self.google.preview_event_id = event
        for text in ('Jan Kowalski', '+48600100200', 'Interesuje mnie'):
            self.assertIn(text, self.google.preview)
        self.assertEqual([self.env[model].search_count([]) for model in ('crm.lead', 'utm.campaign', 'mlm.lead.campaign',
            'crm.tag')], before)

    def test_preview_in_the_form(self):
        event = self.put(self.google, {'lead': google_lead()})
        manager = self.user('lead_manager', 'mlm_network.group_manager')
        with Form(self.google.with_user(manager)) as form:
            form.preview_event_id = event
            self.assertIn('Jan Kowalski', form.preview)
            with form.mapping_ids.new() as line:
                line.question, line.target = 'Interesuje mnie', 'interest'
        self.assertEqual(self.become(self.google, {'lead': google_lead()}, 'y').lead_id.mlm_interest, 'Ubezpieczenie')

    def test_enrichment_is_off(self):
        """Odoo would send the mail domain of each lead to its own service."""
        cron = self.env.ref('crm_iap_enrich.ir_cron_lead_enrichment', raise_if_not_found=False)
        if cron:
            self.assertFalse(cron.active)
            self.assertEqual(self.env['ir.config_parameter'].get_param('crm.iap.lead.enrich.setting'), 'manual')
