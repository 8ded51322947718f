# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
# ruff: noqa: E501  exports of the vendors have long lines

import base64
import io

import xlsxwriter

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import LeadImportCommon

META = '''id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,form_name,is_organic,platform,czy_masz_prawnika?,full_name,phone_number,lead_status
l:1062269359945847,2026-09-23T17:04:53+05:30,ag:52524681724174,New Ad,as:52524681723774,New Ad Set,c:52524681723974,New Campaign,f:1010420755350301,Form A,false,fb,"nie, jeszcze",Jan Kowalski,p:+48600100200,CREATED
l:1062269359945848,2026-09-23T17:05:53+05:30,ag:c:You don't have enough permission. Please refer to this help: https://x,,,,,,f:1010420755350301,Form A,true,ig,tak,Żaneta Łoś,p:+48600100201,CREATED
'''
GOOGLE = '''Lead ID,GCLID,Campaign Name,Ad Group Name,Lead Form Name,Date Submitted,User Phone,User Email,User Name,Interest?
TeSt-1,gclid-1,Autumn,Group,Form,2026-11-20 14:05:33+01:00,600100200,jan@example.com,Jan Kowalski,Pension
'''


@tagged('post_install', '-at_install')
class TestFiles(LeadImportCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meta = cls.source('meta')
        cls.file = cls.source('file')

    def load(self, source, data, name='leads.csv', **meanings):
        """:return: the wizard at its end"""
        wizard = self.env['mlm.lead.file'].create({
            'source_id': source.id, 'filename': name, 'file': base64.b64encode(data if isinstance(data, bytes)
                else data.encode())})
        wizard.action_read()
        for header, meaning in meanings.items():
            wizard.column_ids.filtered(lambda c, h=header: c.name == h).meaning = meaning
        wizard.action_import()
        return wizard

    def leads(self, source):
        self.work()
        return self.Event.search([('source_id', '=', source.id)], order='id').lead_id.sorted('phone')

    def test_meta(self):
        wizard = self.load(self.meta, META)
        self.assertEqual((wizard.new_count, wizard.known_count), (2, 0))
        events = self.Event.search([('source_id', '=', self.meta.id)])
        self.assertEqual(set(events.mapped('external_id')), {'1062269359945847', '1062269359945848'}, 'ids of the Graph API')
        jan, zaneta = self.leads(self.meta)
        self.assertRecordValues(jan | zaneta, [
            {'contact_name': 'Jan Kowalski', 'phone': '+48600100200'}, {'contact_name': 'Żaneta Łoś', 'phone': '+48600100201'}])
        self.assertEqual(jan.campaign_id.title, 'New Campaign')
        self.assertIn('nie, jeszcze', jan.description)
        self.assertNotIn('CREATED', jan.description)
        self.assertFalse(zaneta.campaign_id)
        self.assertNotIn('permission', zaneta.description, 'a sentence is no id')
        self.assertEqual(str(jan.mlm_event_ids.submitted_at), '2026-09-23 11:34:53', 'the file has a local time')

    def test_again_is_known(self):
        self.load(self.meta, META)
        self.assertEqual(self.load(self.meta, META).known_count, 2)

    def test_pushed_before_is_known(self):
        self.put(self.meta, {'notification': {}}, '1062269359945847')
        self.assertEqual(self.load(self.meta, META).new_count, 1)

    def test_encodings_and_separators(self):
        for number, (encoding, separator) in enumerate((
            ('utf-16', '\t'), ('utf-8-sig', ','), ('utf-8', ';'), ('utf-16', ','))):
            text = META.replace(',', separator) if separator != ',' else META
            text = text.replace('"nie; jeszcze"', 'nie').replace('"nie\t jeszcze"', 'nie').replace('l:10622693599458',
                f'l:{number + 1}0622693599458')
            with self.subTest(encoding=encoding, separator=separator):
                self.assertEqual(self.load(self.meta, text.encode(encoding), 'leads.tsv' if separator == '\t'
                    else 'leads.csv').new_count, 2)
        self.assertEqual(set(self.leads(self.meta).mapped('contact_name')), {'Jan Kowalski', 'Żaneta Łoś'})

    def test_google(self):
        self.load(self.google, GOOGLE)
        lead = self.leads(self.google)
        self.assertRecordValues(lead, [{'contact_name': 'Jan Kowalski', 'email_from': 'jan@example.com',
            'phone': '+48600100200'}])
        self.assertEqual((lead.mlm_event_ids.external_id, lead.mlm_event_ids.click_id), ('TeSt-1', 'gclid-1'))
        self.assertIn('Pension', lead.description)

    def xlsx(self, *rows):
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream)
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        book.close()
        return stream.getvalue()

    def test_xlsx(self):
        data = self.xlsx(('id', 'full_name', 'phone_number', 'PLZ'), ('l:7', 'Jan', 'p:+48600100200', 50667),
            ('l:8', 'Ewa', 48600100201, 1067))
        self.load(self.meta, data, 'leads.xlsx')
        self.assertRecordValues(self.leads(self.meta), [
            {'contact_name': 'Jan', 'phone': '+48600100200', 'zip': '50667'},
            {'contact_name': 'Ewa', 'phone': '+48600100201', 'zip': '1067'}])

    def test_excel_ate_digits(self):
        """1234567890123456789 and ...788 become the same number in a spreadsheet: two people must stay two."""
        rows = [('Lead ID', 'Date Submitted', 'User Email'),
                (1234567890123456789, '2026-11-20 14:05:33', 'a@example.com'),
                (1234567890123456788, '2026-11-20 14:05:33', 'b@example.com')]
        self.assertEqual(self.load(self.google, self.xlsx(*rows), 'leads.xlsx').new_count, 2)
        text = 'Lead ID,User Email\n1.23457E+18,c@example.com\n1.23457E+18,d@example.com\n'
        self.assertEqual(self.load(self.google, text).new_count, 2)

    def test_rows_without_an_id(self):
        text = 'Name;E-Mail;Submitted at;Frage\nAnna;a@example.com;2026-11-20 14:05:10;ja\nAnna;A@example.com;2026-11-20 14:05:50;ja\nBert;;;nein\nCarl;;;nein\n;;;\n'
        wizard = self.load(self.file, text)
        self.assertEqual((wizard.new_count, len(self.leads(self.file))), (3, 3))
        self.assertEqual(self.load(self.file, text).new_count, 0)

    def test_meanings_by_hand_are_remembered(self):
        self.load(self.file, 'Jak się nazywasz?,Zgoda na telefon,Trash\nJan,tak,x\n', **{
            'Jak się nazywasz?': 'full_name', 'Zgoda na telefon': 'consent', 'Trash': 'skip'})
        lead = self.leads(self.file)
        self.assertEqual((lead.contact_name, lead.mlm_consent_ids.accepted, lead.mlm_consent_ids.wording),
            ('Jan', 'yes', 'Zgoda na telefon'))
        wizard = self.env['mlm.lead.file'].create({
            'source_id': self.file.id, 'filename': 'x.csv', 'file': base64.b64encode('Jak się nazywasz?,B\nEwa,y\n'.encode())})
        wizard.action_read()
        self.assertEqual(wizard.column_ids.mapped('meaning'), ['full_name', False])

    def test_test_rows(self):
        self.load(self.meta, 'id,email,full_name\nl:5,test@meta.com,<test lead: dummy data for full_name>\n')
        self.work()
        self.assertEqual(self.Event.search([('source_id', '=', self.meta.id)]).state, 'test')

    def test_bad_files(self):
        for data, message in (
            (b'', 'empty'), ('Name,E-Mail\n', 'no rows'), ('Name,Name\nA,B\n', 'Two columns'),
            (b'PK\x03\x04broken', 'could not be read')):
            with self.subTest(message), self.assertRaisesRegex(UserError, message), self.cr.savepoint():
                self.load(self.file, data, 'leads.xlsx' if data[:2] == b'PK' else 'leads.csv')
        self.assertFalse(self.Event.search([('source_id', '=', self.file.id)]))

    def test_only_managers(self):
        officer = self.user('lead_officer', 'mlm_network.group_officer')
        with self.assertRaises(AccessError):
            self.env['mlm.lead.file'].with_user(officer).create({'source_id': self.file.id,
                'file': base64.b64encode(b'a,b\n1,2\n')})
        manager = self.user('lead_manager', 'mlm_network.group_manager')
        wizard = self.env['mlm.lead.file'].with_user(manager).create({
            'source_id': self.file.id, 'filename': 'a.csv', 'file': base64.b64encode(b'name,email\nJan,j@example.com\n')})
        wizard.action_read()
        wizard.action_import()
        self.assertEqual(wizard.new_count, 1)
