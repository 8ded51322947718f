# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import re

from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .test_statement_bill import StatementBillCommon

PDF = b'%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'


@tagged('post_install', '-at_install')
class TestPortalInvoice(StatementBillCommon, HttpCase):
    """Dan did not agree to self-billing, and sends in invoices: March 50, April 5 % of 600 = 30."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreements[cls.dan].self_billing = False
        cls._invoice(cls.dan, 600, day='2024-04-10')
        april = cls._period(4)
        april.action_calculate()
        april.action_close()
        cls.first = cls.statements[cls.dan]
        cls.second = april.statement_ids.filtered(lambda statement: statement.agent_id == cls.dan)
        companies = {'company_id': cls.company.id, 'company_ids': [(6, 0, cls.company.ids)]}
        for agent, login in ((cls.dan, 'dan_x'), (cls.cleo, 'cleo_x')):
            new_test_user(cls.env, login=login, groups='base.group_portal', partner_id=agent.id, name=agent.name, **companies)
        cls.boss = new_test_user(cls.env, 'boss_x', groups='mlm_network.group_manager', **companies)
        cls.company.mlm_responsible_id = cls.boss

    def _send(self, statement, content=PDF, name='my.pdf', **values):
        url = f'/my/statements/{statement.id}/invoice'
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.url_open(url).text)
        answer = self.url_open(url, data={
            'csrf_token': token[1] if token else '', 'number': 'D-17', 'day': '2024-05-02', 'amount': '50.00', **values},
            files={'document': (name, content, 'application/pdf')})
        self.env.invalidate_all()
        return answer

    def test_sent_in_and_matched(self):
        self.authenticate('dan_x', 'dan_x')
        self.assertIn(f'/my/statements/{self.first.id}/invoice', self.url_open(self.first.access_url).text)
        page = self._send(self.first)
        self.assertURLEqual(page.url, self.first.access_url)
        self.assertIn('D-17', page.text)
        self.assertNotIn('/invoice"', page.text, 'nothing more is awaited')
        bill = self.first.own_invoice_id
        self.assertRecordValues(bill, [{
            'move_type': 'in_invoice', 'state': 'draft', 'partner_id': self.dan.id, 'ref': 'D-17', 'amount_untaxed': 50,
            'company_id': self.company.id}])
        self.assertEqual(str(bill.invoice_date), '2024-05-02')
        self.assertEqual(bill.message_main_attachment_id.raw, PDF)
        self.assertEqual(self.first.message_ids.attachment_ids.raw, PDF)
        self.assertEqual(self.first.activity_ids.user_id, self.boss)
        self.assertEqual(self.first.bill_state, 'to_bill', 'accounting has not looked at it yet')
        waiting = self.env['mlm.statement'].search([
            ('bill_state', '=', 'to_bill'), ('own_invoice_id.state', 'in', ('draft', 'posted'))])
        self.assertEqual(waiting, self.first)
        form = Form(self.env['mlm.statement.match'].with_context(**self.first.action_match()['context']))
        self.assertEqual((form.bill_id, form.problem), (bill, False))
        form.save().action_match()
        self.assertEqual(self.first.bill_id, bill)

    def test_one_for_two_statements(self):
        self.authenticate('dan_x', 'dan_x')
        self.assertIn(f'mlm_also_{self.second.id}', self.url_open(f'/my/statements/{self.first.id}/invoice').text)
        self._send(self.first, also=str(self.second.id), amount='80')
        bill = self.first.own_invoice_id
        self.assertEqual((self.second.own_invoice_id, bill.amount_untaxed), (bill, 80))
        form = Form(self.env['mlm.statement.match'].with_context(**self.second.action_match()['context']))
        self.assertEqual((form.also_ids[:], form.bill_id, form.problem), (self.first, bill, False))

    def test_refused_and_sent_again(self):
        self.authenticate('dan_x', 'dan_x')
        self._send(self.first)
        bill = self.first.own_invoice_id
        self._send(self.first, number='D-18')
        self.assertEqual(self.first.own_invoice_id, bill, 'one at a time')
        bill.button_cancel()
        self._send(self.first, number='D-18')
        self.assertEqual(self.first.own_invoice_id.ref, 'D-18')

    def test_what_the_form_refuses(self):
        """Nothing is kept of what is not right, and the form says what it is."""
        self.authenticate('dan_x', 'dan_x')
        before = self.env['account.move'].search_count([])
        for message, content, values in (
                ('PDF', b'<html><script>1</script></html>', {}),
                ('PDF', b'MZ\x90', {}),
                ('PDF', b'', {}),
                ('PDF', b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><svg>&e;</svg>', {}),
                ('number', PDF, {'number': ' '}),
                ('could not be read', PDF, {'amount': 'much'}),
                ('amount without taxes', PDF, {'amount': '-5'}),
                ('amount without taxes', PDF, {'amount': 'nan'}),
                ('10 MB', PDF + b' ' * (10 << 20), {}),
        ):
            with self.subTest(message=message, values=values):
                page = self._send(self.first, content, **values)
                self.assertIn('alert-warning', page.text)
                self.assertIn(message, page.text)
        self.assertFalse(self.first.own_invoice_id)
        self.assertEqual(self.env['account.move'].search_count([]), before)

    def test_nobody_elses(self):
        url = f'/my/statements/{self.first.id}/invoice'
        self.authenticate('cleo_x', 'cleo_x')
        self.assertURLEqual(self.url_open(url).url, '/my')
        token = self.first._portal_ensure_token()
        page = self.url_open(f'{url}?access_token={token}')
        self.assertNotIn('mlm_invoice_number', page.text, 'a link shows the statement, and sends nothing in')
        self.assertNotIn('/invoice"', self.url_open(f'{self.first.access_url}?access_token={token}').text)
        # Cleo agreed to self-billing: the company writes the bill.
        own = self.statements[self.cleo]
        self.assertURLEqual(self.url_open(f'/my/statements/{own.id}/invoice').url, own.access_url)
        self.authenticate(None, None)
        self.assertNotIn('mlm_invoice_number', self.url_open(url).text)
        with mute_logger('odoo.http'):
            self.assertNotEqual(self._send(self.first).status_code, 500)
        self.assertFalse(self.first.own_invoice_id)

    def test_electronic_invoice(self):
        """What the file says of amounts counts; whose invoice it is, and its number, the form says."""
        content = b'''<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
 <cbc:ID>OTHER</cbc:ID><cbc:IssueDate>2024-05-03</cbc:IssueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
 <cbc:DocumentCurrencyCode>%s</cbc:DocumentCurrencyCode>
 <cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Ben</cbc:Name></cac:PartyName></cac:Party></cac:AccountingSupplierParty>
 <cac:LegalMonetaryTotal><cbc:PayableAmount>47.5</cbc:PayableAmount></cac:LegalMonetaryTotal>
 <cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity>1</cbc:InvoicedQuantity><cbc:LineExtensionAmount>47.5</cbc:LineExtensionAmount>
 <cac:Item><cbc:Name>Commission</cbc:Name></cac:Item><cac:Price><cbc:PriceAmount>47.5</cbc:PriceAmount></cac:Price></cac:InvoiceLine>
</Invoice>''' % self.company.currency_id.name.encode()
        self.authenticate('dan_x', 'dan_x')
        self._send(self.first, content, name='x.xml')
        bill = self.first.own_invoice_id
        self.assertRecordValues(bill, [{'partner_id': self.dan.id, 'ref': 'D-17', 'move_type': 'in_invoice', 'state': 'draft'}])
        if 'account.edi.xml.ubl_bis3' in self.env:
            self.assertEqual(bill.amount_untaxed, 47.5)
            form = Form(self.env['mlm.statement.match'].with_context(**self.first.action_match()['context']))
            self.assertIn('47.50', form.problem)
