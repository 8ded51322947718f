# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import logging

from odoo import http
from odoo.exceptions import UserError
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

    @http.route('/mlm/sign/login', type='http', auth='user', methods=['GET'])
    def sign_login(self, code='', state='', **kwargs):
        """An administrator comes back from logging in at a provider."""
        number, _dash, token = state.partition('-')
        if not request.validate_csrf(token) or not number.isdigit() or not code:
            return request.redirect('/odoo')
        account = request.env['mlm.sign.account'].browse(int(number)).exists()
        account.check_access('write')  # administrators only
        provider = account._get_provider()
        try:
            provider.finish_login(code, account._get_login_redirect())
        except provider.Error as error:
            raise UserError(str(error)) from error
        return request.redirect(f'/odoo/mlm-sign-accounts/{account.id}')
