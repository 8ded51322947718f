# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, http
from odoo.http import request

from .portal import NetworkPortal

NEWS = 8
STEPS = 8


class BusinessPortal(NetworkPortal):
    """Where an agent begins the day: what is new, what comes next, and what other addons add."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'mlm_business_count' in counters:
            values['mlm_business_count'] = int(self._mlm_get_agent().mlm_agent_state != 'none')
        return values

    @http.route('/my/business', type='http', auth='user', website=True, readonly=True)
    def portal_my_business(self, **kwargs):
        agent = self._mlm_get_agent()
        if agent.mlm_agent_state == 'none':
            return request.redirect('/my/network')
        values = self._mlm_prepare_business_values(agent)
        values['news'] = sorted(values['news'], key=lambda item: item['date'], reverse=True)[:NEWS]
        return request.render('mlm_network.portal_my_business', {
            **self._prepare_portal_layout_values(), 'page_name': 'mlm_business', 'agent': agent, **values})

    def _mlm_prepare_business_values(self, agent):
        """What the page shows. A hook: who knows of ranks and money adds them.

        :param agent: the agent who is logged in, with sudo
        :return: {'news': list of {'date', 'text', 'icon'}, 'steps': see `_mlm_business_steps`}
        :rtype: dict
        """
        return {
            'today': fields.Date.context_today(agent),
            'news': [{
                'date': card['joined'], 'icon': 'fa-user-plus',
                'text': request.env._('%(name)s joined under %(sponsor)s', name=card['name'], sponsor=card['sponsor'])
                if card['sponsor'] else request.env._('%s joined directly below you', card['name']),
            } for card in agent._mlm_downline_news(NEWS)],
            'steps': self._mlm_business_steps(agent),
        }

    def _mlm_business_steps(self, agent):
        """The next steps: the agent's own tasks about customers and inquiries, the most urgent first.

        :return: list of {'date', 'text', 'about', 'url'}
        :rtype: list[dict]
        """
        tasks = agent.env['mlm.agent.task'].search([('agent_id', '=', agent.id), ('done_on', '=', False)], limit=STEPS)
        # A customer or an inquiry may have gone to somebody else since.
        return [{
            'date': task.date, 'text': task.note,
            'about': task.lead_id.partner_name or task.lead_id.contact_name or task.lead_id.name or task.partner_id.name,
            'url': self._mlm_inquiries_url(task.lead_id) if task.lead_id else f'/my/customers/{task.partner_id.id}',
        } for task in tasks if agent == (task.lead_id.mlm_agent_id if task.lead_id else task.partner_id.mlm_sponsor_id)]
