# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import io

from lxml import html

from odoo.tests import HttpCase, tagged
from odoo.tools.pdf import PdfReader

from .common import CommissionCommon

REPORT = 'mlm_commission.mlm_statement_report'


@tagged('post_install', '-at_install')
class TestReport(CommissionCommon, HttpCase):
    """The printed statement."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sales = cls._invoice(cls.dan, 1000) + cls._invoice(cls.cleo, 200, day='2024-03-21')
        cls.march = cls._period(3)
        cls.march.action_calculate()
        cls.march.action_close()
        cls.statement = cls.march.statement_ids.filtered(lambda statement: statement.agent_id == cls.cleo)

    def _html(self, statements):
        return self.env['ir.actions.report']._render_qweb_html(REPORT, statements.ids)[0].decode()

    def _text(self, statements):
        """What is printed, without marks and with plain spaces and hyphens."""
        text = html.fromstring(self._html(statements)).text_content().replace('\N{WORD JOINER}', '').replace('\ufeff', '')
        return ' '.join(text.replace('\N{NON-BREAKING HYPHEN}', '-').split())

    def test_shows_totals_and_every_commission(self):
        page = self._text(self.statement)
        # 7 % of 1,000 and 12 % of 200.
        for text in (self.statement.name, 'Cleo', self.cleo.mlm_agent_code, '70.00', '24.00', '94.00', '7 %', '12 %',
                     *self.sales.mapped('name')):
            self.assertIn(text, page)

    def test_one_page_per_statement(self):
        page = self._html(self.march.statement_ids)
        self.assertEqual(page.count('class="article"'), len(self.march.statement_ids))

    def test_clawbacks_are_named(self):
        self._credit(self.sales[0])
        april = self._period(4)
        april.action_calculate()
        april.action_close()
        page = self._text(april.statement_ids.filtered(lambda statement: statement.agent_id == self.cleo))
        self.assertIn('clawed back', page)
        self.assertIn('-70.00', page)

    def test_speaks_the_language_of_the_agent(self):
        self.env['res.lang']._activate_lang('de_DE')
        self.cleo.lang = 'de_DE'
        page = self._text(self.statement)
        self.assertIn('31.03.2024', page)
        self.assertIn('94,00', page)

    def test_pdf_is_kept_as_it_was_printed(self):
        if self.env['ir.actions.report'].get_wkhtmltopdf_state() not in ('ok', 'upgrade', 'workers'):
            self.skipTest('wkhtmltopdf is not installed')
        report = self.env['ir.actions.report'].with_context(force_report_rendering=True)
        printed = report._render_qweb_pdf(REPORT, self.statement.ids)[0]
        self.assertTrue(printed.startswith(b'%PDF'))
        attachment = self.env['ir.attachment'].search(
            [('res_model', '=', 'mlm.statement'), ('res_id', '=', self.statement.id)])
        self.assertEqual(attachment.name, f'{self.statement.name}.pdf')
        # Text, not drawn shapes: it can be searched and copied.
        text = ''.join(page.extract_text() for page in PdfReader(io.BytesIO(printed)).pages)
        self.assertIn(self.statement.name, text)
        self.assertIn(f'{self.statement.payable:,.2f}', text)
        self.cleo.name = 'Cleopatra'
        self.assertEqual(report._render_qweb_pdf(REPORT, self.statement.ids)[0], printed)

    def test_a_month_is_printed_at_once(self):
        if self.env['ir.actions.report'].get_wkhtmltopdf_state() not in ('ok', 'upgrade', 'workers'):
            self.skipTest('wkhtmltopdf is not installed')
        statements = self.march.statement_ids[:2]
        printed = self.env['ir.actions.report'].with_context(force_report_rendering=True)._render_qweb_pdf(
            REPORT, statements.ids)[0]
        self.assertEqual(len(PdfReader(io.BytesIO(printed)).pages), 2)
        self.assertEqual(self.env['ir.attachment'].search_count(
            [('res_model', '=', 'mlm.statement'), ('res_id', 'in', statements.ids)]), 2)
