# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import http
from odoo.http import content_disposition, request

from .portal import NetworkPortal

REPORT = 'mlm_network.mlm_performance_report'


class PerformancePortal(NetworkPortal):
    """The monthly report of an agent: leads, offers, orders, turnover."""

    @http.route('/my/performance', type='http', auth='user', website=True)
    def portal_my_performance(self, year=None, report_type=None, **kwargs):
        agent = self._mlm_get_agent()
        if agent.mlm_agent_state == 'none':
            return request.redirect('/my/network')
        year = int(year) if (year or '').isdecimal() and len(year) == 4 else None
        if report_type == 'pdf':
            return self._mlm_performance_pdf(agent, year)
        return request.render('mlm_network.portal_my_performance', {
            **self._prepare_portal_layout_values(), 'page_name': 'mlm_performance', 'agent': agent,
            'performance': agent._mlm_performance(year)})

    def _mlm_performance_pdf(self, agent, year):
        # Reports are printed with the rights of staff; it is always the user's own.
        pdf, _kind = request.env['ir.actions.report'].sudo()._render_qweb_pdf(
            REPORT, agent.ids, data={'year': year, 'report_type': 'pdf'})
        name = request.env._('Performance %(agent)s', agent=agent.mlm_agent_code)
        return request.make_response(pdf, [
            ('Content-Type', 'application/pdf'), ('Content-Length', str(len(pdf))),
            ('Content-Disposition', content_disposition(f'{name}.pdf'))])
