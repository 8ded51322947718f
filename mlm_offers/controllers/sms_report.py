# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import logging
import re

from odoo import http
from odoo.http import request
from odoo.tools import consteq

from ..tools.smsapi import read_report, sign_report

_logger = logging.getLogger(__name__)


class SmsReport(http.Controller):
    @http.route(
        '/mlm/sms/smsapi/<string:uuid>/<string:signature>',
        type='http',
        auth='public',
        methods=['GET', 'POST'],
        csrf=False,
        save_session=False,
        max_content_length=64 * 1024,
    )
    def smsapi_report(self, uuid, signature, status_name='', status='', **kwargs):
        """SMSAPI says what became of an SMS. It is proven by the address itself, which only SMSAPI was told."""
        if not re.fullmatch('[0-9a-f]{32}', uuid) or not consteq(signature, sign_report(request.env, uuid)):
            _logger.warning('A delivery report of SMSAPI was not genuine')
            return request.make_response('not genuine', status=403)
        # sudo: SMSAPI has no user here; the signature names the one SMS that is touched
        state, failure = read_report(status_name.split(',')[0], status.split(',')[0])
        if state:
            self._note(uuid, state, failure)
        return request.make_response('OK', headers=[('Content-Type', 'text/plain')])

    def _note(self, uuid, state, failure):
        trackers = request.env['sms.tracker'].sudo().search([('sms_uuid', '=', uuid)])
        messages = request.env['sms.sms'].sudo().search([('uuid', '=', uuid)])
        if failure:
            # What was delivered stays delivered, whichever order the reports come in.
            trackers.filtered(
                lambda tracker: tracker.mail_notification_id.notification_status != 'sent'
            )._action_update_from_provider_error(failure)
            messages.filtered(lambda sms: sms.state != 'sent').write({'state': 'error', 'failure_type': 'unknown'})
        else:
            trackers._action_update_from_sms_state(state)
            if state == 'sent':
                messages.write({'state': 'sent', 'failure_type': False})
