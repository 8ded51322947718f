# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import json
import logging

from werkzeug.exceptions import HTTPException

from odoo.http import Controller, request, route

from ..adapters.base import AdapterError, Refused, Request

_logger = logging.getLogger(__name__)

LIMIT = 1024 * 1024  # bytes; the largest call of any vendor has some ten thousand


class LeadWebhook(Controller):

    @route('/mlm/lead/<string:token>', type='http', auth='public', methods=['GET', 'POST'], csrf=False, save_session=False,
           max_content_length=LIMIT)
    def receive(self, token, **query):
        """Take a vendor's call: check it, store it, commit, and only then answer. Understanding it comes later.

        Answers 200 if it is stored, or was before; 4xx if nothing of it is stored for the caller's fault; 503 for ours.
        """
        try:
            return self._receive(token, query)
        except Refused as error:
            return self._reply(error.status, {'message': error.template})
        except AdapterError:
            return self._reply(503, {'message': 'Try again.'})
        except HTTPException as error:
            return self._reply(error.code or 400, {'message': error.name})
        except Exception as error:  # noqa: BLE001  a vendor that gets 500 may switch the address off; 503 asks to repeat
            _logger.error('a lead could not be stored: %s', type(error).__name__)
            return self._reply(503, {'message': 'Try again.'})

    def _receive(self, token, query):
        # sudo: whoever calls is nobody here; the adapter decides by the vendor's proof whether it is listened to
        source = request.env['mlm.lead.source'].sudo().search([('token', '=', token)], limit=1)
        if not source or source.state == 'draft' or not source.active:
            raise Refused(404, 'There is no lead source at this address, or it is switched off.')
        adapter = source._get_adapter(http=False)
        http = request.httprequest
        call = Request(
            headers={name.lower(): value for name, value in http.headers.items()}, query=dict(query), body=b'')
        if http.method != 'POST':
            reply = adapter.handshake(call)
        else:
            if (http.content_length or 0) > LIMIT:
                raise Refused(413, 'The call is too large.')
            inbounds = adapter.receive(Request(call.headers, call.query, http.get_data()))
            Event = request.env['mlm.lead.event'].sudo()
            if Event._store(source, inbounds, 'push'):
                Event._wake_up()
            reply = adapter.acknowledge()
        return request.make_response(reply.body, status=reply.status, headers=[
            ('Content-Type', f'{reply.content_type}; charset=utf-8'), ('X-Content-Type-Options', 'nosniff')])

    def _reply(self, status, data):
        return request.make_response(
            json.dumps(data), status=status, headers=[('Content-Type', 'application/json'),
                ('X-Content-Type-Options', 'nosniff')])
