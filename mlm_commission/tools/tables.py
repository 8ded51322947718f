# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Tables as files, row by row: what is written does not grow in memory with the number of rows."""
import csv
import io
import tempfile
from datetime import date

from odoo.http import Response, content_disposition

# Kept in memory up to this size, on disk beyond.
SPOOLED = 4 << 20


def write_csv(file, header, rows):
    """Write a table as CSV: UTF-8 with a mark for spreadsheets, numbers with a point, days as 2026-10-31.

    :param file: binary file
    :param header: list of str
    :param rows: iterable of lists of str, int, float, date or None
    """
    text = io.TextIOWrapper(file, encoding='utf-8-sig', newline='')
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    text.flush()
    text.detach()


def _harmless(value):
    """A name that a spreadsheet would take for a formula stays a name."""
    if isinstance(value, str) and value.startswith(('=', '+', '-', '@', '\t', '\r')):
        return "'" + value
    return '' if value is None or value is False else value


def write_xlsx(file, header, rows):
    """Write a table as XLSX, see :func:`write_csv`; rows go to disk as they come."""
    import xlsxwriter  # noqa: PLC0415 takes long to load, and is needed by few

    book = xlsxwriter.Workbook(file, {
        'constant_memory': True, 'in_memory': False, 'strings_to_formulas': False, 'strings_to_urls': False,
        'strings_to_numbers': False})
    bold, day = book.add_format({'bold': True}), book.add_format({'num_format': 'yyyy-mm-dd'})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(header) - 1, 16)
    for column, label in enumerate(header):
        sheet.write_string(0, column, label, bold)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, column, value, day)
            elif isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None and value is not False:
                sheet.write_number(number, column, value)
    book.close()


WRITERS = {
    'csv': (write_csv, 'text/csv; charset=utf-8'),
    'xlsx': (write_xlsx, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'),
}


def response(name, kind, header, rows):
    """Answer a request with a table as a file.

    :param str name: of the file, without ending
    :param str kind: a key of ``WRITERS``
    """
    write, mimetype = WRITERS[kind]
    file = tempfile.SpooledTemporaryFile(max_size=SPOOLED)
    write(file, header, rows)
    size = file.tell()
    file.seek(0)
    return Response(iter(lambda: file.read(1 << 16), b''), headers=[
        ('Content-Type', mimetype), ('Content-Length', str(size)),
        ('Content-Disposition', content_disposition(f'{name}.{kind}'))])
