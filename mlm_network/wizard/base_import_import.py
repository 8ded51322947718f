# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import hashlib

from odoo import fields, models

from odoo.addons.base_import.models.base_import import ImportValidationError

from ..models.res_partner_import import NETWORK_COLUMNS
from ..tools.network_file import NetworkFile


class BaseImport(models.TransientModel):
    """Odoo stores a file batch by batch; a network is checked as a whole and put in order before the first."""
    _inherit = 'base_import.import'

    mlm_checked = fields.Char(readonly=True, help='Digest of the file as it was found in order.')

    def execute_import(self, fields, columns, options, dryrun=False):
        if self.res_model != 'res.partner' or not NETWORK_COLUMNS & set(fields):
            return super().execute_import(fields, columns, options, dryrun=dryrun)
        checked = self.mlm_checked == (key := self._mlm_key(fields, options))
        try:
            data, names = super()._convert_import_data(fields, {**options, 'skip': 0})
            file = self.env['res.partner']._mlm_read_file(names, self._mlm_read_dates(data, names, options), dryrun, checked)
        except ImportValidationError:
            file = None  # told by Odoo's own method
        if file is None:
            return super().execute_import(fields, columns, options, dryrun=dryrun)
        labels = [row[names.index('name')] for row in data] if 'name' in names else []
        messages = [] if checked else self.env['res.partner']._mlm_describe_problems(file)
        if not checked:
            self.mlm_checked = False if messages else key
        if messages:
            return {'ids': False, 'messages': self._mlm_count_rows(messages), 'nextrow': 0, 'name': labels}
        file.table = data, names
        start = options.get('skip', 0)
        result = super(BaseImport, self.with_context(mlm_network_file=file)).execute_import(
            fields, columns, options, dryrun=dryrun)
        self.env['res.partner']._mlm_renumber(result['messages'], file.order, start)
        return {**result, 'messages': self._mlm_count_rows(result['messages']), 'name': labels}

    def _convert_import_data(self, fields, options):
        file = self.env.context.get('mlm_network_file')
        if not isinstance(file, NetworkFile):
            return super()._convert_import_data(fields, options)
        # Only what this batch stores, so that Odoo does not read the dates of the whole rest of the file for each.
        (data, names), start = file.table, options.get('skip', 0)
        limit = options.get('limit')
        return [list(data[index]) for index in file.order[start:start + int(limit) if limit else None]], names

    def _mlm_key(self, columns, options):
        """Names the file and how it is read, whichever batch of it comes."""
        reading = {name: value for name, value in options.items() if name not in ('skip', 'limit')}
        return hashlib.sha256(repr((columns, sorted(reading.items(), key=str))).encode() + (self.file or b'')).hexdigest()

    def _mlm_count_rows(self, messages):
        """Messages as the client needs them: it shows the number of a row as it is, and people count from one."""
        return [{**message, 'record': message['rows']['from'] + 1} if 'rows' in message else message for message in messages]

    def _mlm_read_dates(self, data, names, options):
        """The rows with their dates as Odoo will read them."""
        if 'mlm_place_date' not in names:
            return data
        position = names.index('mlm_place_date')
        cells = list({row[position] for row in data})  # a network comes with many rows, but few days
        dates = [[cell] for cell in cells]
        self._parse_date_from_data(dates, 0, 'mlm_place_date', 'date', options)
        read = dict(zip(cells, (date for [date] in dates)))
        return [[*row[:position], read[row[position]], *row[position + 1:]] for row in data]
