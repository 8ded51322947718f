# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from lxml import etree

from odoo import fields, http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

# Of a file that is sent in, in bytes.
MAX_SIZE = 10 << 20


class InvoicePortal(CustomerPortal):
    """Agents who do not agree to self-billing send in their own invoice."""

    @http.route('/my/statements/<int:statement_id>/invoice', type='http', auth='user', website=True, methods=['GET', 'POST'])
    def portal_my_invoice(self, statement_id, number='', day='', amount='', document=None, **kwargs):
        try:
            # Without a link's token: an invoice is sent by the agent, not by whoever was sent the link.
            statement = self._document_check_access('mlm.statement', statement_id)
        except (AccessError, MissingError):
            return request.redirect('/my')
        if statement.agent_id != request.env.user.commercial_partner_id or not statement._awaits_invoice():
            return request.redirect(statement.access_url)
        others = self._mlm_others(statement)
        chosen = statement | others.filtered(lambda other: str(other.id) in request.httprequest.form.getlist('also'))
        values = {
            **self._prepare_portal_layout_values(), 'page_name': 'mlm_statement', 'statement': statement, 'suffix': '',
            'others': others, 'chosen': chosen, 'number': number.strip(), 'day': day or fields.Date.context_today(statement),
            'amount': amount or f'{statement.payout:.2f}', 'error': False,
        }
        if request.httprequest.method == 'POST':
            try:
                self._mlm_send_in(chosen, values, document)
            except UserError as error:
                # Nothing of what was begun may stay.
                request.env.cr.rollback()
                return request.render('mlm_commission.portal_my_invoice', {**values, 'error': str(error)})
            return request.redirect(statement.access_url)
        return request.render('mlm_commission.portal_my_invoice', values)

    def _mlm_others(self, statement):
        """The agent's other statements that the same invoice could be for."""
        return request.env['mlm.statement'].search([
            ('agent_id', '=', statement.agent_id.id), ('company_id', '=', statement.company_id.id),
            ('payout_currency_id', '=', statement.payout_currency_id.id), ('bill_state', '=', 'to_bill'),
            ('id', '!=', statement.id)], order='date_to').sudo().filtered(lambda other: other._awaits_invoice())

    def _mlm_send_in(self, statements, values, document):
        """:raise UserError: saying what of the form is not right yet"""
        _ = request.env._
        if not values['number']:
            raise UserError(_('Enter the number of your invoice.'))
        try:
            day, amount = fields.Date.to_date(values['day']), round(float(str(values['amount']).replace(',', '.')), 2)
        except ValueError:
            raise UserError(_('Date and amount could not be read.')) from None
        if not day or not 0 < amount < 10 ** 12:
            raise UserError(_('Enter the date of your invoice, and its amount without taxes.'))
        content = document.read(MAX_SIZE + 1) if document else b''
        if len(content) > MAX_SIZE:
            raise UserError(_('The file is larger than 10 MB.'))
        kind = self._mlm_kind(content)
        if not kind:
            raise UserError(_('Choose your invoice as a PDF, or as an electronic invoice in XML.'))
        # The statements are the agent's own, as was checked; bills are accounting's, so the agent has no right to them.
        statements.sudo()._receive_invoice(
            values['number'][:64], day, amount, f'{statements[:1].name}-invoice.{kind}', content)

    def _mlm_kind(self, content):
        """What a file is by what it holds, whatever it is called."""
        if content[:1024].lstrip().startswith(b'%PDF-'):
            return 'pdf'
        try:
            root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
        except (etree.XMLSyntaxError, ValueError):
            return None
        name = etree.QName(root).localname
        return 'xml' if name in ('Invoice', 'CrossIndustryInvoice') else None
