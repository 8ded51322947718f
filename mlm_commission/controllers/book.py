# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import fields, http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request
from odoo.tools import date_utils

from odoo.addons.portal.controllers.portal import CustomerPortal

from .. import book
from ..tools import tables

REPORT = 'mlm_commission.mlm_book_extract_report'


class BookExtract(CustomerPortal):
    """The book extract: for staff from the wizard, for agents in the portal where the company allows it."""

    @http.route('/commission/book/<model("mlm.book.extract"):extract>/<any(csv,xlsx):kind>', type='http', auth='user',
                readonly=True)
    def book_table(self, extract, kind, **kwargs):
        extract.check_access('read')
        return self._mlm_book_table(extract, kind)

    @http.route('/my/book', type='http', auth='user', website=True)
    def portal_my_book(self, date_from=None, date_to=None, company=None, kind=None, **kwargs):
        agent = request.env.user.commercial_partner_id
        companies = self._mlm_book_companies(agent)
        if not companies:
            return request.redirect('/my')
        chosen = companies.filtered(lambda one: str(one.id) == company) or companies[:1]
        today = fields.Date.context_today(agent)
        first = self._mlm_day(date_from) or date_utils.start_of(date_utils.subtract(today, months=12), 'month')
        last = self._mlm_day(date_to) or today
        values = {
            **self._prepare_portal_layout_values(), 'page_name': 'mlm_book', 'agent': agent, 'companies': companies,
            'chosen': chosen, 'date_from': first, 'date_to': last, 'error': False,
        }
        if first > last:
            return request.render('mlm_commission.portal_my_book', {
                **values, 'error': request.env._('The extract cannot end before it begins.')})
        # Agents have no right to the wizard; the extract that is made of it is always the user's own, in the agent's version.
        extract = request.env['mlm.book.extract'].sudo().create({
            'agent_id': agent.id, 'company_id': chosen.id, 'date_from': first, 'date_to': last, 'full': False})
        if kind in tables.WRITERS:
            return self._mlm_book_table(extract, kind)
        if kind == 'pdf':
            try:
                return self._mlm_book_pdf(extract)
            except UserError as error:
                values['error'] = str(error)
        return request.render('mlm_commission.portal_my_book', values)

    def _mlm_book_companies(self, agent):
        """The companies that the agent has agreements with and that hand out extracts in the portal."""
        # The user may not read companies; which of them the own agreements are with is no secret.
        agreements = request.env['mlm.agreement'].sudo().search([('agent_id', '=', agent.id), ('state', '=', 'active')])
        return agreements.company_id.filtered('mlm_book_in_portal').sorted('id')

    def _mlm_day(self, value):
        try:
            return fields.Date.to_date(value) or None
        except ValueError:
            return None

    def _mlm_book_table(self, extract, kind):
        name = extract._get_report_base_filename()
        return tables.response(name, kind, book.header(request.env), book.rows(extract._entries()))

    def _mlm_book_pdf(self, extract):
        extract._check_printable()
        pdf, _kind = request.env['ir.actions.report'].sudo()._render_qweb_pdf(REPORT, extract.ids)
        return request.make_response(pdf, [
            ('Content-Type', 'application/pdf'), ('Content-Length', str(len(pdf))),
            ('Content-Disposition', content_disposition(f'{extract._get_report_base_filename()}.pdf'))])
