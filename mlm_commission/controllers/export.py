# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

from .. import exporting
from ..tools import tables


class CommissionExport(CustomerPortal):
    """Every commission of statements as a file."""

    @http.route('/my/statements/<int:statement_id>/commissions.<any(csv,xlsx):kind>', type='http', auth='public',
                website=True, readonly=True)
    def portal_my_statement_export(self, statement_id, kind, access_token=None, **kwargs):
        try:
            statement = self._document_check_access('mlm.statement', statement_id, access_token)
        except (AccessError, MissingError):
            return request.redirect('/my')
        # As on the page: staff, too, see here what the agent sees.
        return self._mlm_table(statement, statement.name, kind, staff=False)

    @http.route('/commission/statements/<model("mlm.period"):period>/<any(csv,xlsx):kind>', type='http', auth='user',
                readonly=True)
    def period_export(self, period, kind, **kwargs):
        period.check_access('read')
        statements = request.env['mlm.statement'].search([('period_id', '=', period.id)], order='id')
        return self._mlm_table(statements, f'statements-{period.code}', kind, staff=True)

    @http.route('/commission/statement/<model("mlm.statement"):statement>/<any(csv,xlsx):kind>', type='http', auth='user',
                readonly=True)
    def statement_export(self, statement, kind, **kwargs):
        statement.check_access('read')
        return self._mlm_table(statement, statement.name, kind, staff=request.env.user._is_internal())

    def _mlm_table(self, statements, name, kind, staff):
        return tables.response(name, kind, exporting.header(request.env), exporting.rows(statements, staff))
