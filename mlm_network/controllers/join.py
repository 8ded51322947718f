# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import io
from urllib.parse import quote

import qrcode

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.ir_http import CODE

# Filled by machines only: people do not see this field.
HONEYPOT = 'website_url'


class JoinController(http.Controller):
    """What visitors see who follow an agent's link. Whether a code is somebody's is not told."""

    def _mlm_join_values(self, ref, **more):
        """What every page of a link shows.

        :raise NotFound: if this can be no code
        """
        if not CODE.fullmatch(ref):
            raise request.not_found()
        # sudo: of the agent only the name that it chose for this page, and the company, leave this method
        agent = request.env['res.partner'].sudo()._mlm_find_by_code([ref]).get(ref.upper(), request.env['res.partner'].sudo())
        company = agent.company_id or request.env.company.sudo()
        return {
            'ref': ref.upper(), 'inviter': agent.mlm_public_name or '', 'company': company, 'page_name': 'mlm_join',
            'privacy_url': company.mlm_privacy_url, 'has_shop': 'product.public.category' in request.env, 'post': {}, **more}

    @http.route('/join/<string:ref>', type='http', auth='public', website=True, sitemap=False)
    def mlm_join(self, ref, **kwargs):
        return request.render('mlm_network.join', self._mlm_join_values(ref))

    @http.route('/join/<string:ref>/inquiry', type='http', auth='public', website=True, sitemap=False, methods=['GET', 'POST'],
                captcha='mlm_join')
    def mlm_join_inquiry(self, ref, **post):
        values = self._mlm_join_values(ref, post=post)
        if request.httprequest.method == 'POST':
            if post.get(HONEYPOT):
                return request.render('mlm_network.join_thanks', values)
            try:
                with request.env.cr.savepoint():
                    # sudo: visitors have no rights on leads; only what the form holds is written
                    request.env['crm.lead'].sudo()._mlm_inquire(
                        values['ref'], {**post, 'wording': self._mlm_join_wording(values['company'])}, values['company'])
                return request.render('mlm_network.join_thanks', values)
            except UserError as problem:
                values['error'] = str(problem)
        return request.render('mlm_network.join_inquiry', {**values, 'wording': self._mlm_join_wording(values['company'])})

    def _mlm_join_wording(self, company):
        """What a visitor agrees to; kept with the inquiry."""
        return request.env._(
            'I agree that %(company)s and its agent process what I enter here to answer me. I may withdraw that at any time.',
            company=company.name)


class InvitePortal(CustomerPortal):

    @http.route('/my/invite', type='http', auth='user', website=True, methods=['GET', 'POST'])
    def mlm_my_invite(self, **post):
        """The agent's link, with its QR code, and the name that visitors see."""
        agent = self._mlm_customers_get_agent(states=('active',))
        if not agent:
            return request.redirect('/my')
        if request.httprequest.method == 'POST':
            agent.mlm_public_name = (post.get('public_name') or '').strip()[:60]
            return request.redirect('/my/invite?message=saved')
        return request.render('mlm_network.portal_my_invite', {
            **self._prepare_portal_layout_values(),
            'page_name': 'mlm_invite', 'agent': agent, 'link': agent._mlm_link(),
            'quoted_link': quote(agent._mlm_link(), safe=''), 'message': post.get('message'),
            **self._mlm_invite_counts(agent)})

    @http.route('/my/invite/qr', type='http', auth='user', readonly=True)
    def mlm_my_invite_qr(self, **kwargs):
        """The agent's link as a picture, large enough to print."""
        agent = self._mlm_customers_get_agent(states=('active',))
        if not agent:
            raise request.not_found()
        data = io.BytesIO()
        qrcode.make(agent._mlm_link(), box_size=20, error_correction=qrcode.constants.ERROR_CORRECT_M).save(data, format='PNG')
        return request.make_response(data.getvalue(), [('Content-Type', 'image/png'), ('Cache-Control', 'no-store')])

    def _mlm_invite_counts(self, agent):
        """What came of the link, as the page shows it."""
        return {
            'inquiry_count': agent.env['crm.lead'].search_count(
                [('mlm_agent_id', '=', agent.id), ('mlm_referral_code', '=', agent.mlm_agent_code)]),
            'application_count': agent.env['mlm.application'].search_count(
                [('sponsor_id', '=', agent.id), ('code', '=', agent.mlm_agent_code)])}
