# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import _, fields, http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.sale_management.controllers.portal import CustomerPortal


class OfferPortal(CustomerPortal):
    """What the customer does on the page of an offer, beside what Odoo's page can do."""

    def _mlm_offers_get_offer(self, order_id, access_token):
        try:
            order = self._document_check_access('sale.order', order_id, access_token=access_token)
        except (AccessError, MissingError):
            return None
        return order if order.mlm_is_offer else None

    def _document_check_access(self, model_name, document_id, access_token=None):
        document = super()._document_check_access(model_name, document_id, access_token=access_token)
        # The link of an offer that ended long ago opens nothing any more; who logs in still sees the own orders.
        if access_token and model_name == 'sale.order' and document._mlm_is_link_over():
            return super()._document_check_access(model_name, document_id)
        return document

    def _mlm_offers_get_author(self, order):
        return order.partner_id if request.env.user._is_public() else request.env.user.partner_id

    @http.route('/my/orders/<int:order_id>/mlm_seen', type='jsonrpc', auth='public', website=True)
    def mlm_offer_seen(self, order_id, access_token=None, key=None, device=None):
        """The page is open and visible; it says so every few seconds.

        :return: the key of the visit, to be sent along the next time; empty if the visit does not count
        """
        order = self._mlm_offers_get_offer(order_id, access_token)
        user = request.env.user
        # Not the company's own people, and not the agent.
        if not order or user._is_internal() or user.partner_id.commercial_partner_id == order.mlm_agent_id:
            return ''
        partner = None if user._is_public() else user.partner_id
        return (
            request.env['mlm.offer.view']
            .sudo()
            ._mlm_ping(  # sudo: the token was checked; only a visit is counted
                order, key, partner, 'phone' if device == 'phone' else 'desktop'
            )
        )

    @http.route('/my/orders/<int:order_id>/mlm_ask', type='http', auth='public', methods=['POST'], website=True)
    def mlm_offer_ask(self, order_id, access_token=None, question='', **kwargs):
        order = self._mlm_offers_get_offer(order_id, access_token)
        if not order:
            return request.redirect('/my')
        try:
            order._mlm_ask(question, self._mlm_offers_get_author(order))
        except UserError:
            return request.redirect(order.get_portal_url(query_string='&message=not_asked', anchor='mlm_question'))
        return request.redirect(order.get_portal_url(query_string='&message=asked', anchor='mlm_question'))

    @http.route('/my/orders/<int:order_id>/mlm_variant', type='http', auth='public', methods=['POST'], website=True)
    def mlm_offer_variant(self, order_id, access_token=None, line_id='', product_id='', **kwargs):
        """Choose another variant of a product. Which ones there are and what they cost is found here."""
        order = self._mlm_offers_get_offer(order_id, access_token)
        if not order:
            return request.redirect('/my')
        line = order.order_line.filtered(lambda line: str(line.id) == line_id)
        # sudo: the token was checked, and the variants are those the page shows
        variant = line.sudo()._mlm_get_variants().filtered(lambda variant: str(variant.id) == product_id) if line else None
        if variant:
            line.sudo()._mlm_choose_variant(variant)
        return request.redirect(order.get_portal_url(anchor='portal_sale_content'))

    @http.route('/my/orders/<int:order_id>/mlm_contract', type='http', auth='public', methods=['POST'], website=True)
    def mlm_offer_contract(self, order_id, access_token=None, **kwargs):
        """Accept the offer: make its contract and go on to sign it."""
        order = self._mlm_offers_get_offer(order_id, access_token)
        if not order or not order._mlm_needs_contract():
            return request.redirect('/my')
        try:
            contract = order._mlm_get_or_make_contract()
        except UserError as error:
            return request.render(
                'mlm_offers.portal_message', {'title': order.name, 'text': str(error), 'url': order.get_portal_url()}
            )
        party = contract._get_next_party()
        if contract.account_id or contract.state != 'sent' or party.partner_id != order.partner_id:
            return request.redirect(order.get_portal_url(query_string='&message=contract_sent'))
        return request.redirect(party._get_url())

    @http.route('/my/orders/<int:order_id>/mlm_stop', type='http', auth='public', methods=['GET', 'POST'], website=True)
    def mlm_offer_stop(self, order_id, access_token=None, **kwargs):
        """No more reminders. A link in an e-mail is opened by scanners, too, so it only asks."""
        order = self._mlm_offers_get_offer(order_id, access_token)
        if not order:
            return request.redirect('/my')
        if request.httprequest.method == 'POST':
            order.mlm_follow_up = False
            text = _('You will get no more reminders of this offer.')
            return request.render(
                'mlm_offers.portal_message', {'title': order.name, 'text': text, 'url': order.get_portal_url()}
            )
        return request.render('mlm_offers.portal_stop', {'order': order})

    @http.route('/my/orders/<int:order_id>/mlm_document/<int:attachment_id>', type='http', auth='public', readonly=True)
    def mlm_offer_document(self, order_id, attachment_id, access_token=None):
        order = self._mlm_offers_get_offer(order_id, access_token)
        if not order:
            return request.redirect('/my')
        attachment = order.sale_order_template_id.mlm_document_ids.filtered(
            lambda document: document.id == attachment_id
        )
        if not attachment:
            return request.redirect('/my')
        return request.env['ir.binary']._get_stream_from(attachment).get_response(as_attachment=True)

    @http.route()
    def portal_quote_accept(self, order_id, access_token=None, name=None, signature=None):
        result = super().portal_quote_accept(order_id, access_token=access_token, name=name, signature=signature)
        order = self._mlm_offers_get_offer(order_id, access_token or request.httprequest.args.get('access_token'))
        if order and isinstance(result, dict) and not result.get('error'):
            order._mlm_tell_agent(
                _('%(customer)s accepted: %(offer)s', customer=order.partner_id.name, offer=order.name),
                _('%(name)s signed the offer %(offer)s.', name=name, offer=order.name),
            )
        return result

    @http.route()
    def portal_quote_decline(
        self, order_id, access_token=None, decline_message=None, mlm_lost_reason_id=None, **kwargs
    ):
        response = super().portal_quote_decline(
            order_id, access_token=access_token, decline_message=decline_message, **kwargs
        )
        order = self._mlm_offers_get_offer(order_id, access_token)
        if order and order.state == 'cancel' and not order.mlm_lost_reason_id:
            reason_id = int(mlm_lost_reason_id) if (mlm_lost_reason_id or '').isdigit() else 0
            order.mlm_lost_reason_id = (
                request.env['crm.lost.reason'].sudo().browse(reason_id).exists()
            )  # sudo: a name in a list
            order._mlm_tell_agent(
                _('%(customer)s declined: %(offer)s', customer=order.partner_id.name, offer=order.name),
                order.mlm_lost_reason_id.name or _('No reason was given.'),
                decline_message,
            )
        return response

    def _get_page_view_values(self, document, access_token, values, session_history, no_breadcrumbs, **kwargs):
        values = super()._get_page_view_values(
            document, access_token, values, session_history, no_breadcrumbs, **kwargs
        )
        if document._name == 'sale.order' and document.mlm_is_offer:
            reasons = request.env['crm.lost.reason'].sudo().search([])  # sudo: names to choose from
            values.update(
                mlm_card=document._mlm_get_agent_card(),
                mlm_template=document.sale_order_template_id,
                mlm_open=document.state in ('draft', 'sent') and not document.is_expired,
                mlm_contract=document._mlm_get_open_contract(),
                mlm_lost_reasons=reasons,
                mlm_today=fields.Date.today(),
            )
        return values
