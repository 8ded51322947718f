# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import logging

from odoo import http
from odoo.http import request

_logger = logging.getLogger(__name__)


class SignCallback(http.Controller):
    @http.route(
        '/mlm/sign/callback/<int:account_id>',
        type='http',
        auth='public',
        methods=['POST'],
        csrf=False,
        save_session=False,
        max_content_length=1024 * 1024,
    )
    def sign_callback(self, account_id, **kwargs):
        """A provider says that something happened. What it was is read from the provider, later."""
        # sudo: a provider has no user here; it is proven by its signature and causes nothing but a look at the provider
        account = request.env['mlm.sign.account'].sudo().browse(account_id).exists()
        if not account or not account.active:
            return request.make_json_response({'error': 'unknown account'}, status=404)
        raw = request.httprequest.get_data()
        provider = account._get_provider()
        if not provider.verify_callback(raw, request.httprequest.headers):
            _logger.warning('A callback for the signature account %s was not genuine', account_id)
            return request.make_json_response({'error': 'bad signature'}, status=403)
        refs = provider.parse_callback(raw)
        account.env['mlm.contract'].search(
            [('account_id', '=', account.id), ('provider_ref', 'in', refs)]
        )._request_poll()
        return request.make_json_response({})
