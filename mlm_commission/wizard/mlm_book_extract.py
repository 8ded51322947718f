# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import date_utils

from .. import book

# A printed extract has this many rows at most; beyond, nobody reads it and wkhtmltopdf fails.
PRINTED = 4000


class MlmBookExtract(models.TransientModel):
    """Take the book extract of an agent for any days."""
    _name = 'mlm.book.extract'
    _description = 'Book Extract'
    _check_company_auto = True

    agent_id = fields.Many2one('res.partner', string='Agent', required=True, domain=[('mlm_agent_state', '!=', 'none')])
    company_id = fields.Many2one('res.company', string='Company', required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id')
    date_from = fields.Date(
        string='From', required=True,
        default=lambda self: date_utils.start_of(date_utils.subtract(fields.Date.context_today(self), months=12), 'month'))
    date_to = fields.Date(string='To', required=True, default=fields.Date.context_today)
    full = fields.Boolean(
        string='Name Everybody', default=False,
        help='Also the customers of others, and what others earned by the same sales. Not for the agent: for your own use.')

    # === CONSTRAINT METHODS === #

    @api.constrains('date_from', 'date_to')
    def _check_dates(self):
        for extract in self:
            if extract.date_from > extract.date_to:
                raise ValidationError(self.env._('The extract cannot end before it begins.'))

    # === ACTION METHODS === #

    def action_print(self):
        self.ensure_one()
        self._check_printable()
        return self.env.ref('mlm_commission.mlm_book_extract_report').report_action(self)

    def action_csv(self):
        return self._download('csv')

    def action_xlsx(self):
        return self._download('xlsx')

    # === BUSINESS METHODS === #

    def _download(self, kind):
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'target': 'download', 'url': f'/commission/book/{self.id}/{kind}'}

    @api.private
    def _entries(self):
        """The extract, entry by entry, see :func:`book.entries`."""
        self.ensure_one()
        return book.entries(self.agent_id, self.company_id, self.date_from, self.date_to, self.full)

    def _check_printable(self):
        count = sum(max(1, len(entry['commissions'])) for entry in self._entries())
        if count > PRINTED:
            raise UserError(self.env._(
                'This extract has %(count)s rows, and %(limit)s can be printed. Take it as a table, or choose fewer days.',
                count=count, limit=PRINTED))

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.env._(
            'Book extract %(code)s %(first)s %(last)s', code=self.agent_id.mlm_agent_code or self.agent_id.id,
            first=self.date_from, last=self.date_to)
