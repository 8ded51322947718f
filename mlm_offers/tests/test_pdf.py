# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import base64
import io
import re

from PIL import Image

from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools.pdf import PdfFileReader, PdfFileWriter

from .common import OffersCommon


@tagged('post_install', '-at_install')
class TestOfferPdf(OffersCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tax = cls.env['account.tax'].create({'name': 'VAT 23%', 'amount': 23.0, 'type_tax_use': 'sale'})
        cls.product.taxes_id = [Command.set(tax.ids)]
        cls.template.write({'mlm_intro': '<p>Dear guest</p>', 'mlm_closing': '<p>Yours sincerely</p>'})
        cls.order = cls.make_offer(discount=10)
        cls.order.order_line[-1].product_uom_qty = 3
        # by hand: 100 - 10 % = 90, VAT 20.70; 3 x 40 - 10 % = 108 without tax
        cls.figures = ('90.00', '108.00', '198.00', '20.70', '218.70')

    def render(self):
        report = self.env['ir.actions.report'].with_context(force_report_rendering=True)
        return report._render_qweb_pdf('sale.action_report_saleorder', self.order.ids)[0]

    def text(self, pdf):
        return re.sub(r'\s+', ' ', ' '.join(page.extract_text() for page in PdfFileReader(io.BytesIO(pdf)).pages))

    def test_same_figures_as_the_page(self):
        page = re.sub(r'<[^>]+>', ' ', self.url_open(self.order.get_portal_url()).text)

        pdf = self.text(self.render())
        for figure in self.figures:
            self.assertIn(figure, page)
            self.assertIn(figure, pdf)
        for text in (
            self.order.name,
            'Anna',
            'Kim',
            'Case File',
            'Second Opinion',
            'Dear guest',
            'Yours sincerely',
            self.env.company.name,
        ):
            self.assertIn(text, pdf)

    def test_pictures_and_terms(self):
        def pictures(pdf):
            pages = PdfFileReader(io.BytesIO(pdf)).pages
            return sum(len(page.images) for page in pages)

        before = pictures(self.render())
        self.product.image_1920 = base64.b64encode(self.picture())
        self.order.note = '<p>Payable within 14 days</p>'
        pdf = self.render()
        self.assertEqual(pictures(pdf), before + 1)
        self.assertIn('Payable within 14 days', self.text(pdf))

    @staticmethod
    def picture():
        with io.BytesIO() as buffer:
            Image.new('RGB', (64, 64), 'teal').save(buffer, 'PNG')
            return buffer.getvalue()

    def test_the_cover(self):
        pages = [re.sub(r'\s+', ' ', page.extract_text()) for page in PdfFileReader(io.BytesIO(self.render())).pages]
        cover = pages[0]
        for text in (self.template.name, 'Kim', 'Anna', self.order.name):
            self.assertIn(text, cover)
        self.assertNotIn('Case File', cover)
        self.assertIn('Case File', pages[1])
        self.template.mlm_cover = False
        self.assertEqual(len(PdfFileReader(io.BytesIO(self.render())).pages), len(pages) - 1)

    def test_the_companys_pages_are_merged(self):
        writer = PdfFileWriter()
        writer.addBlankPage(width=595, height=842)
        with io.BytesIO() as buffer:
            writer.write(buffer)
            cover = buffer.getvalue()
        alone = len(PdfFileReader(io.BytesIO(self.render())).pages)
        document = self.env['quotation.document'].create(
            {
                'name': 'cover.pdf',
                'datas': base64.b64encode(cover),
                'document_type': 'header',
                'mimetype': 'application/pdf',
            }
        )
        self.order.quotation_document_ids = document
        reader = PdfFileReader(io.BytesIO(self.render()))
        self.assertEqual(len(reader.pages), alone + 1)
        self.assertFalse(reader.pages[0].extract_text().strip(), 'the cover comes first')

    def test_other_quotations_keep_odoos_layout(self):
        plain = self.env['sale.order'].create({'partner_id': self.kim.id})
        report = self.env['ir.actions.report']
        html = report._render_qweb_html('sale.report_saleorder', plain.ids)[0].decode()
        self.assertNotIn('o_mlm_lines', html)
        html = report._render_qweb_html('sale.report_saleorder', self.order.ids)[0].decode()
        self.assertIn('o_mlm_lines', html)
