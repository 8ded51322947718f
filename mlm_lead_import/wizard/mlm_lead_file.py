# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..adapters.base import Inbound
from ..adapters.rows import take_row
from ..adapters.text import as_text, as_time


class MlmLeadFile(models.TransientModel):
    """Import an export of Google or Meta, or any list, into the inbox. Odoo's own importer reads the file: CSV, TSV, XLSX,
    ODS, in any encoding. A lead that was pushed or polled before is recognised by the vendor's id."""
    _name = 'mlm.lead.file'
    _description = 'Import of a Lead File'

    source_id = fields.Many2one('mlm.lead.source', required=True, ondelete='cascade')
    file = fields.Binary(attachment=False)
    filename = fields.Char()
    column_ids = fields.One2many('mlm.lead.file.column', 'file_id', string='Columns')
    row_count = fields.Integer(string='Rows', readonly=True)
    state = fields.Selection([('file', 'File'), ('columns', 'Columns'), ('done', 'Done')], default='file', readonly=True)
    new_count = fields.Integer(string='New', readonly=True)
    known_count = fields.Integer(string='Known Already', readonly=True)

    def action_read(self):
        """Show the columns with the meanings that are known."""
        self.ensure_one()
        header, *rows = self._read_rows()
        meanings = self.env['mlm.lead.column']._get_meanings()
        first = rows[0] if rows else []
        self.column_ids.unlink()
        self.write({'state': 'columns', 'row_count': len(rows), 'column_ids': [
            fields.Command.create({
                'name': name, 'meaning': self._known(meanings.get(name.casefold())),
                'sample': as_text(first[number], 80) if number < len(first) else ''})
            for number, name in enumerate(header) if name]})
        return self._reopen()

    def action_import(self):
        """Store all rows, or none; repeating it stores nothing twice."""
        self.ensure_one()
        if not self.env.user.has_group('mlm_network.group_manager'):
            raise AccessError(self.env._('Only managers of the network may import leads: ask one of them.'))
        header, *rows = self._read_rows()
        meanings = {column.name.casefold(): column.meaning or '' for column in self.column_ids}
        is_spreadsheet = not self._is_text()
        inbounds = []
        for row in rows:
            external_id, payload = take_row(list(zip(header, row, strict=False)), meanings, is_spreadsheet)
            if payload:
                known = {meaning: text for _header, meaning, text in payload['row']}
                inbounds.append(Inbound(
                    external_id, payload, form_id=known.get('form_id', ''), submitted_at=as_time(known.get('submitted_at'))))
        if not inbounds:
            raise UserError(self.env._('%s has no rows below the header.', self.filename or self.env._('The file')))
        Event = self.env['mlm.lead.event'].sudo()  # sudo: the inbox is written by imports only; the group is checked above
        self.new_count = Event._insert(self.env.cr, self.source_id, inbounds, 'file')
        self.known_count = len(inbounds) - self.new_count
        self.state = 'done'
        self._remember(meanings)
        Event._wake_up()
        return self._reopen()

    def _remember(self, meanings):
        """What a person said about a header holds for the next file, too."""
        Column = self.env['mlm.lead.column']
        known = Column._get_meanings()
        Column.create([{'name': name, 'meaning': meaning} for name, meaning in meanings.items() if meaning and name not in known])

    def _read_rows(self):
        """:return: lists of cells, the header first
        :raises UserError: if the file cannot be read"""
        data = base64.b64decode(self.file or b'')
        if not data:
            raise UserError(self.env._('The file is empty. Choose the file that you downloaded from the vendor.'))
        reader = self.env['base_import.import'].create({
            'res_model': 'mlm.lead.event', 'file': data, 'file_name': self.filename,
            'file_type': 'text/csv' if self._is_text() else False})
        try:
            _count, rows = reader._read_file({'quoting': '"', 'separator': self._separator(data), 'has_headers': True})
        except (UserError, ValueError, LookupError, AttributeError) as error:
            raise UserError(self.env._(
                '%(file)s could not be read (%(reason)s). Save it as CSV in UTF-8, or as XLSX, and try again.',
                file=self.filename or self.env._('The file'), reason=as_text(error, 300))) from error
        if len(rows) < 2:
            raise UserError(self.env._('%s has no rows below the header.', self.filename or self.env._('The file')))
        header = [as_text(cell, 300) for cell in rows[0]]
        double = next((name for number, name in enumerate(header) if name and name in header[:number]), None)
        if double:
            raise UserError(self.env._('Two columns of %(file)s are called "%(column)s". Rename one of them.',
                                       file=self.filename or self.env._('The file'), column=double))
        return [header, *rows[1:]]

    def _is_text(self):
        return base64.b64decode(self.file or b'')[:2] != b'PK'

    @api.model
    def _separator(self, data):
        """That of the header. Odoo's guess needs rows of equal width, which exports with free texts are not."""
        if data[:2] == b'PK':
            return ''
        encoding = 'utf-16' if data[:2] in (b'\xff\xfe', b'\xfe\xff') else 'utf-16-le' if data[1:2] == b'\0' else 'latin-1'
        line = data[:100000].decode(encoding, 'ignore').partition('\n')[0]
        return max('\t;,', key=line.count)

    def _known(self, meaning):
        return meaning if meaning in dict(self.env['mlm.lead.column']._selection_meaning()) else False

    def _reopen(self):
        return {'type': 'ir.actions.act_window', 'res_model': self._name, 'res_id': self.id, 'view_mode': 'form', 'target': 'new'}
