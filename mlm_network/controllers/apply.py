# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

from .join import HONEYPOT, JoinController

SHOWN = 50


class ApplyController(JoinController):
    """Becoming an agent: applied for by an agent's link, confirmed by the link in an e-mail."""

    @http.route('/join/<string:ref>/apply', type='http', auth='public', website=True, sitemap=False, methods=['GET', 'POST'],
                captcha='mlm_join')
    def mlm_join_apply(self, ref, **post):
        values = self._mlm_join_values(ref, post=post)
        values['wording'] = self._mlm_join_wording(values['company'])
        if request.httprequest.method == 'POST':
            if post.get(HONEYPOT):
                return request.render('mlm_network.join_applied', values)
            try:
                with request.env.cr.savepoint():
                    self._mlm_apply(values, post)
                return request.render('mlm_network.join_applied', values)
            except UserError as problem:
                values['error'] = str(problem)
        return request.render('mlm_network.join_apply', values)

    def _mlm_apply(self, values, post):
        if not post.get('agreed'):
            raise UserError(request.env._('Please agree that we process your data, or we cannot answer you.'))
        # sudo: visitors have no rights on applications; only what the form holds is written
        sponsors = request.env['res.partner'].sudo()
        sponsor = sponsors._mlm_find_by_code([values['ref']]).get(values['ref'], sponsors)
        applications = request.env['mlm.application'].sudo()
        applications._apply({**post, 'wording': values['wording']}, values['company'], sponsor, values['ref'])

    @http.route('/join/confirm/<int:application_id>/<string:token>', type='http', auth='public', website=True, sitemap=False,
                methods=['GET', 'POST'])
    def mlm_join_confirm(self, application_id, token, **post):
        """Only a click confirms: programs that look at e-mails open every link."""
        application = request.env['mlm.application']._find_by_token(application_id, token)
        if not application:
            raise request.not_found()
        if request.httprequest.method == 'POST' and post.get('agreed'):
            application._confirm()
        company, sponsor = application.company_id, application.sponsor_id
        return request.render('mlm_network.join_confirm', {
            'application': application, 'company': company, 'privacy_url': company.mlm_privacy_url,
            # Who followed a link learns no more of its agent than the agent chose to show.
            'sponsor_name': sponsor.mlm_public_name if application.origin == 'link' else sponsor.name,
            'details': application._get_details(),
            'open': application.state in ('new', 'review'), 'page_name': 'mlm_join'})


class RecruitPortal(CustomerPortal):

    @http.route('/my/recruit', type='http', auth='user', website=True, methods=['GET', 'POST'])
    def mlm_my_recruit(self, **post):
        """The agent enters somebody who wants to become an agent below, and sees what became of the others."""
        agent, error = self._mlm_customers_get_agent(states=('active',)), ''
        if not agent:
            return request.redirect('/my')
        applications = agent.env['mlm.application']
        company = self._mlm_customers_company(agent)
        if request.httprequest.method == 'POST':
            try:
                with request.env.cr.savepoint():
                    if not post.get('agreed'):
                        raise UserError(request.env._('Confirm that this person knows that you enter these data here.'))
                    applications.with_company(company)._apply(post, company, agent)
                return request.redirect('/my/recruit?message=saved')
            except UserError as problem:
                error = str(problem)
        states = dict(applications._fields['state']._description_selection(request.env))
        mine = applications.search([('sponsor_id', '=', agent.id)], limit=SHOWN)
        return request.render('mlm_network.portal_my_recruit', {
            **self._prepare_portal_layout_values(),
            **applications.with_company(company)._prepare_recruit_page(agent),
            'page_name': 'mlm_recruit', 'post': post, 'error': error, 'message': post.get('message'),
            'company': company,  # with sudo: its terms
            # Only what the page shows leaves this method.
            'applications': [
                {'name': one.name, 'date': one.create_date, 'state': one.state, 'state_name': states[one.state],
                 'confirmed': bool(one.confirmed_on)} for one in mine]})
