# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import _, http
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager as portal_pager

from .book import BookExtract


def _only_looks(controller, rule, args):
    """Tell whether a request for a statement only reads: a statement that is printed for the first time is kept."""
    return not request.httprequest.args.get('report_type')


class CommissionPortal(BookExtract):
    """The statements of an agent, down to the answer to "why this amount?"."""

    # A statement shows this many commissions of a line; the rest stand on pages of their own.
    _mlm_commissions_shown = 20
    _mlm_commissions_per_page = 80

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'mlm_statement_count' in counters:
            statements = request.env['mlm.statement']
            values['mlm_statement_count'] = statements.search_count(self._mlm_statement_domain()) \
                if statements.has_access('read') else 0
        return values

    def _mlm_statement_domain(self):
        """The user's own statements: staff who look at the portal see theirs too, not everybody's."""
        return Domain('agent_id', '=', request.env.user.commercial_partner_id.id)

    def _mlm_statement_sortings(self):
        return {
            'date': {'label': _('Newest'), 'order': 'date_to desc, id desc'},
            'oldest': {'label': _('Oldest'), 'order': 'date_to, id'},
            'amount': {'label': _('Amount'), 'order': 'payable desc, date_to desc'},
        }

    def _mlm_prepare_statements_values(self):
        """What stands above the list of the statements. A hook.

        :rtype: dict
        """
        return {}

    # === ROUTES === #

    @http.route(['/my/statements', '/my/statements/page/<int:page>'], type='http', auth='user', website=True, readonly=True)
    def portal_my_statements(self, page=1, sortby=None, **kwargs):
        statements = request.env['mlm.statement']
        if not statements.has_access('read'):
            return request.redirect('/my')
        sortings = self._mlm_statement_sortings()
        sortby = sortby if sortby in sortings else 'date'
        domain = self._mlm_statement_domain()
        pager = portal_pager(
            url='/my/statements', total=statements.search_count(domain), page=page, step=self._items_per_page,
            url_args={'sortby': sortby})
        return request.render('mlm_commission.portal_my_statements', {
            **self._prepare_portal_layout_values(),
            **self._mlm_prepare_statements_values(),
            'page_name': 'mlm_statement',
            'statements': statements.search(
                domain, order=sortings[sortby]['order'], limit=self._items_per_page, offset=pager['offset']),
            'pager': pager,
            'book_companies': self._mlm_book_companies(request.env.user.commercial_partner_id),
            'default_url': '/my/statements',
            'searchbar_sortings': sortings,
            'sortby': sortby,
        })

    @http.route(['/my/statements/<int:statement_id>'], type='http', auth='public', website=True, readonly=_only_looks)
    def portal_my_statement(self, statement_id, access_token=None, report_type=None, download=False, **kwargs):
        try:
            statement = self._document_check_access('mlm.statement', statement_id, access_token)
        except (AccessError, MissingError):
            return request.redirect('/my')
        if report_type in ('html', 'pdf', 'text'):
            return self._show_report(
                statement, report_type, 'mlm_commission.mlm_statement_report', download=download)
        # Access to the statement was just checked, and it is made of the agent's own commissions only.
        commissions = request.env['mlm.commission'].sudo()
        shown = {line: commissions.search(line._commission_domain(), order='date, id', limit=self._mlm_commissions_shown)
                 for line in statement.line_ids}
        # As above; a statement shows what was held back of the agent's own commissions.
        moves = {line: line.sudo()._get_reserve_moves(self._mlm_commissions_shown) for line in statement.line_ids}
        values = self._mlm_page_values(statement, access_token, **kwargs)
        return request.render('mlm_commission.portal_my_statement', {
            **values, 'shown': shown, 'moves': moves,
            'seller_names': commissions.union(*shown.values()).seller_id._mlm_names_for(statement.sudo().agent_id)})

    @http.route(['/my/statements/<int:statement_id>/lines/<int:line_id>',
                 '/my/statements/<int:statement_id>/lines/<int:line_id>/page/<int:page>'],
                type='http', auth='public', website=True, readonly=True)
    def portal_my_statement_line(self, statement_id, line_id, page=1, access_token=None, **kwargs):
        try:
            statement = self._document_check_access('mlm.statement', statement_id, access_token)
        except (AccessError, MissingError):
            return request.redirect('/my')
        line = statement.line_ids.filtered(lambda line: line.id == line_id)
        if not line or not line._has_commissions():
            return request.redirect(statement.access_url)
        # Access to the statement was just checked, and it is made of the agent's own commissions only.
        commissions = request.env['mlm.commission'].sudo()
        pager = portal_pager(
            url=f'{statement.access_url}/lines/{line_id}', total=line.count, page=page,
            step=self._mlm_commissions_per_page, url_args={'access_token': access_token} if access_token else None)
        found = commissions.search(
            line._commission_domain(), order='date, id', limit=self._mlm_commissions_per_page, offset=pager['offset'])
        return request.render('mlm_commission.portal_my_statement_line', {
            **self._mlm_page_values(statement, access_token, **kwargs),
            'line': line,
            'pager': pager,
            'commissions': found,
            'seller_names': found.seller_id._mlm_names_for(statement.sudo().agent_id),
        })

    @http.route(['/my/statements/<int:statement_id>/commissions/<int:commission_id>'], type='http', auth='public',
                website=True, readonly=True)
    def portal_my_commission(self, statement_id, commission_id, access_token=None, **kwargs):
        try:
            statement = self._document_check_access('mlm.statement', statement_id, access_token)
        except (AccessError, MissingError):
            return request.redirect('/my')
        # Access to the statement was just checked; a commission that is not part of it is not found.
        commission = request.env['mlm.commission'].sudo().search(
            statement._commission_domain() & Domain('id', '=', commission_id), limit=1)
        if not commission:
            return request.redirect(statement.access_url)
        return request.render('mlm_commission.portal_my_commission', {
            **self._mlm_page_values(statement, access_token, **kwargs),
            'commission': commission,
            # Whoever looks, staff or a stranger with the link, sees what the agent may see.
            'explanation': commission._explain_to(commission.beneficiary_id),
        })

    def _mlm_page_values(self, statement, access_token, **kwargs):
        # The statement's link is only passed on where it was used: making one would write.
        suffix = f'?access_token={access_token}' if access_token else ''
        values = self._get_page_view_values(
            statement, access_token, {
                'page_name': 'mlm_statement',
                'statement': statement,
                'suffix': suffix,
                'res_company': statement.company_id,
                'shown_limit': self._mlm_commissions_shown,
            }, 'my_statements_history', False, **kwargs)
        return values
