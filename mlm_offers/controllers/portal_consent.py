# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import _, http
from odoo.http import request
from odoo.tools import consteq


class ConsentPortal(http.Controller):
    """Where a person says by which channel offers may come. The link comes with messages, so nobody needs to log in."""

    def _get_partner(self, partner_id, token):
        # sudo: the token is what opens the page; only the contact's own declarations are shown
        partner = request.env['res.partner'].sudo().browse(partner_id).exists()
        return partner if partner and consteq(token, partner._mlm_get_consent_token()) else None

    @http.route(
        '/mlm/consent/<int:partner_id>/<string:token>',
        type='http',
        auth='public',
        methods=['GET', 'POST'],
        website=True,
        sitemap=False,
    )
    def mlm_consent_page(self, partner_id, token, **post):
        partner = self._get_partner(partner_id, token)
        if not partner:
            return request.render(
                'mlm_offers.portal_message',
                {'title': _('This link does not work'), 'text': _('Please write to us instead.'), 'url': '/'},
                status=404,
            )
        company = partner.company_id or request.env.company
        saved = request.httprequest.method == 'POST'
        if saved:
            partner._mlm_declare({channel: bool(post.get(channel)) for channel in ('email', 'sms', 'phone')}, company)
        response = request.render(
            'mlm_offers.portal_consent',
            {
                'channels': partner._mlm_get_consent_form(company),
                'saved': saved,
                'action': f'/mlm/consent/{partner_id}/{token}',
                'res_company': company,
            },
        )
        response.headers['Referrer-Policy'] = 'no-referrer'  # the address holds the key
        return response

    @http.route('/my/consents', type='http', auth='user', website=True)
    def mlm_my_consents(self, **kwargs):
        partner = request.env.user.partner_id
        return request.redirect(f'/mlm/consent/{partner.id}/{partner.sudo()._mlm_get_consent_token()}')  # sudo: the own contact
