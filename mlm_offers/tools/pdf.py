# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import io

from odoo.tools.pdf import PdfFileReader, PdfFileWriter

# The page holds everything itself: a print server without patched Qt has no headers, and needs no way back to Odoo for styles.
PAPER = {
    'data-report-margin-top': 15,
    'data-report-margin-bottom': 15,
    'data-report-margin-left': 15,
    'data-report-margin-right': 15,
    'data-report-header-spacing': 0,
}


def html_to_pdf(env, template, values):
    """Print a QWeb template that is a whole page with its own styles.

    :param str template: external id
    :rtype: bytes
    """
    html = str(env['ir.qweb']._render(template, values))
    return (
        env['ir.actions.report']
        .sudo()
        ._run_wkhtmltopdf(  # sudo: prints what the caller has put together
            [html], report_ref='mlm_offers.report_contract', specific_paperformat_args=PAPER
        )
    )


def merge(*documents):
    """Put PDFs one behind the other.

    :param bytes documents: the PDFs
    :rtype: bytes
    """
    writer = PdfFileWriter()
    for document in documents:
        for page in PdfFileReader(io.BytesIO(document), strict=False).pages:
            writer.addPage(page)
    with io.BytesIO() as buffer:
        writer.write(buffer)
        return buffer.getvalue()
