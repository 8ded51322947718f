# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import models

from odoo.addons.base_import.models.base_import import ImportValidationError

from ..models.res_partner_import import NETWORK_COLUMNS
from ..tools.network_file import NetworkFile


class BaseImport(models.TransientModel):
    """Odoo stores a file batch by batch; a network is checked as a whole and put in order before the first."""
    _inherit = 'base_import.import'

    def execute_import(self, fields, columns, options, dryrun=False):
        if self.res_model != 'res.partner' or not NETWORK_COLUMNS & set(fields):
            return super().execute_import(fields, columns, options, dryrun=dryrun)
        try:
            data, names = super()._convert_import_data(fields, {**options, 'skip': 0})
            file = self.env['res.partner']._mlm_read_file(names, self._mlm_read_dates(data, names, options), dryrun)
        except ImportValidationError:
            file = None  # told by Odoo's own method
        if file is None:
            return super().execute_import(fields, columns, options, dryrun=dryrun)
        labels = [row[names.index('name')] for row in data] if 'name' in names else []
        messages = self.env['res.partner']._mlm_describe_problems(file)
        if messages:
            for message in messages:
                message['record'] += 1  # the client shows it as it is
            return {'ids': False, 'messages': messages, 'nextrow': 0, 'name': labels}
        file.table = data, names
        start = options.get('skip', 0)
        result = super(BaseImport, self.with_context(mlm_network_file=file)).execute_import(
            fields, columns, options, dryrun=dryrun)
        self.env['res.partner']._mlm_renumber(result['messages'], file.order, start)
        return {**result, 'name': labels}

    def _convert_import_data(self, fields, options):
        file = self.env.context.get('mlm_network_file')
        if not isinstance(file, NetworkFile):
            return super()._convert_import_data(fields, options)
        data, names = file.table
        return [list(data[index]) for index in file.order[options.get('skip', 0):]], names

    def _mlm_read_dates(self, data, names, options):
        """The rows with their dates as Odoo will read them."""
        if 'mlm_place_date' not in names:
            return data
        position = names.index('mlm_place_date')
        dates = [[row[position]] for row in data]
        self._parse_date_from_data(dates, 0, 'mlm_place_date', 'date', options)
        return [[*row[:position], date, *row[position + 1:]] for row, [date] in zip(data, dates)]
