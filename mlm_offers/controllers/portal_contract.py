# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import _, fields, http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

from odoo.addons.portal.controllers.portal import CustomerPortal


class ContractPortal(CustomerPortal):
    def _mlm_offers_get_party(self, party_id, token):
        # sudo: the token of the link is what opens the contract
        party = request.env['mlm.contract.party'].sudo().browse(party_id)
        return party if party._check_token(token) else None

    def _mlm_offers_not_found(self):
        return request.render(
            'mlm_offers.portal_message',
            {
                'title': _('This link does not work'),
                'text': _('It may have expired, or the contract was cancelled. Ask your agent for a new one.'),
                'url': '/my',
            },
            status=404,
        )

    def _mlm_offers_pdf(self, pdf, name):
        return request.make_response(
            pdf,
            headers=[
                ('Content-Type', 'application/pdf'),
                ('Content-Length', len(pdf)),
                ('Content-Disposition', content_disposition(name)),
                ('X-Content-Type-Options', 'nosniff'),
            ],
        )

    @http.route('/mlm/contract/<int:party_id>/<string:token>', type='http', auth='public', website=True, sitemap=False)
    def mlm_contract_page(self, party_id, token, message=None, **kwargs):
        party = self._mlm_offers_get_party(party_id, token)
        if not party:
            return self._mlm_offers_not_found()
        contract = party.contract_id
        problem = ''
        if contract.state == 'sent' and not contract.account_id:
            try:
                contract._check_signable()
            except UserError as error:
                problem = str(error)
        response = request.render(
            'mlm_offers.portal_contract',
            {
                'party': party,
                'contract': contract,
                'token': token,
                'problem': problem,
                'message': message,
                'code_problem': request.session.pop('mlm_contract_problem', ''),
                'my_turn': contract.state == 'sent'
                and not contract.account_id
                and contract._get_next_party() == party
                and not problem,
                'may_withdraw': contract.state == 'signed'
                and contract.withdraw_until
                and party.partner_id == contract.partner_id
                and contract.withdraw_until >= fields.Date.today(),
                'res_company': contract.company_id,
            },
        )
        response.headers['Referrer-Policy'] = 'no-referrer'  # the address holds the key
        return response

    @http.route('/mlm/contract/<int:party_id>/<string:token>/pdf', type='http', auth='public', website=True)
    def mlm_contract_pdf(self, party_id, token, **kwargs):
        party = self._mlm_offers_get_party(party_id, token)
        if not party:
            return self._mlm_offers_not_found()
        contract = party.contract_id
        signed = bool(contract.signed_document)
        return self._mlm_offers_pdf(
            contract._read_document(signed), contract.signed_name if signed else contract.document_name
        )

    @http.route('/mlm/contract/<int:party_id>/<string:token>/sign', type='jsonrpc', auth='public', website=True)
    def mlm_contract_sign(self, party_id, token, name=None, signature=None):
        party = self._mlm_offers_get_party(party_id, token)
        if not party:
            return {'error': _('This link does not work any more.')}
        request_ = request.httprequest
        try:
            with request.env.cr.savepoint():  # nothing of a refused signature stays
                party._sign(name, signature, request_.remote_addr, request_.user_agent.string)
        except UserError as error:
            return {'error': str(error)}
        return {'force_refresh': True, 'redirect_url': f'/mlm/contract/{party_id}/{token}?message=signed'}

    @http.route(
        '/mlm/contract/<int:party_id>/<string:token>/code', type='http', auth='public', methods=['POST'], website=True
    )
    def mlm_contract_code(self, party_id, token, code=None, **kwargs):
        """Send a code by SMS, or compare the one that was entered."""
        party = self._mlm_offers_get_party(party_id, token)
        if not party:
            return self._mlm_offers_not_found()
        if code is None:
            try:
                with request.env.cr.savepoint():  # a code that could not be sent does not count
                    party._send_code()
                problem = ''
            except UserError as error:
                problem = str(error)
        else:
            problem = party._enter_code(code)
        request.session['mlm_contract_problem'] = problem
        return request.redirect(f'/mlm/contract/{party_id}/{token}#mlm_sign')

    @http.route(
        '/mlm/contract/<int:party_id>/<string:token>/decline',
        type='http',
        auth='public',
        methods=['POST'],
        website=True,
    )
    def mlm_contract_decline(self, party_id, token, reason='', **kwargs):
        party = self._mlm_offers_get_party(party_id, token)
        if party:
            party._refuse(reason)
        return request.render(
            'mlm_offers.portal_message',
            {'title': _('Thank you'), 'text': _('We have noted that you do not sign.'), 'url': '/my'},
        )

    @http.route(
        '/mlm/contract/<int:party_id>/<string:token>/withdraw',
        type='http',
        auth='public',
        methods=['POST'],
        website=True,
    )
    def mlm_contract_withdraw(self, party_id, token, reason='', **kwargs):
        party = self._mlm_offers_get_party(party_id, token)
        if not party or party.partner_id != party.contract_id.partner_id:
            return self._mlm_offers_not_found()
        try:
            party.contract_id._withdraw((reason or '')[:500] or _('Declared on the contract\'s page.'))
        except UserError as error:
            return request.render(
                'mlm_offers.portal_message',
                {'title': party.contract_id.name, 'text': str(error), 'url': f'/mlm/contract/{party_id}/{token}'},
            )
        return request.redirect(f'/mlm/contract/{party_id}/{token}?message=withdrawn')

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'mlm_contract_count' in counters:
            values['mlm_contract_count'] = len(self._mlm_offers_get_my_parties())
        return values

    def _mlm_offers_get_my_parties(self):
        # sudo: only what names the user's own contact is searched
        return (
            request.env['mlm.contract.party']
            .sudo()
            .search(
                [
                    ('partner_id', '=', request.env.user.partner_id.id),
                    ('contract_id.state', 'in', ('sent', 'signed', 'withdrawn')),
                ],
                order='id desc',
                limit=80,
            )
        )

    @http.route('/my/contracts', type='http', auth='user', website=True)
    def mlm_my_contracts(self, **kwargs):
        return request.render(
            'mlm_offers.portal_my_contracts',
            {
                **self._prepare_portal_layout_values(),
                'parties': self._mlm_offers_get_my_parties(),
                'page_name': 'mlm_contract',
            },
        )
