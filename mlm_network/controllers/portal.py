# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager


class NetworkPortal(CustomerPortal):

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'mlm_network_count' in counters:
            values['mlm_network_count'] = int(self._mlm_get_agent().mlm_agent_state != 'none')
        return values

    @http.route(['/my/network', '/my/network/page/<int:page>'], type='http', auth='user', website=True, readonly=True)
    def portal_my_network(self, page=1, **kwargs):
        values = self._prepare_portal_layout_values()
        values.update(self._mlm_prepare_network_values(page))
        return request.render('mlm_network.portal_my_network', values)

    def _mlm_prepare_network_values(self, page):
        """What an agent sees of the network: the own place, and of others their names, states and dates.

        :param int page: page of the frontline, from 1
        :rtype: dict
        """
        agent = self._mlm_get_agent()
        values = {'page_name': 'mlm_network', 'agent': agent, 'default_url': '/my/network'}
        if agent.mlm_agent_state == 'none':
            return values
        domain = [('mlm_sponsor_id', '=', agent.id), ('mlm_agent_state', '!=', 'none')]
        pages = pager('/my/network', total=agent.search_count(domain), page=page, step=self._items_per_page)
        # Only what the page may show leaves this method; the records themselves do not.
        states = dict(agent._fields['mlm_agent_state']._description_selection(request.env))
        values.update({
            'pager': pages,
            'agent_state': states[agent.mlm_agent_state],
            'sponsor_name': agent.mlm_sponsor_id.name,
            'frontline': [
                {'name': recruit.name, 'code': recruit.mlm_agent_code, 'since': recruit.mlm_since,
                 'state': recruit.mlm_agent_state, 'state_name': states[recruit.mlm_agent_state]}
                for recruit in agent.search(domain, order='name, id', limit=self._items_per_page, offset=pages['offset'])
            ],
        })
        return values

    def _mlm_get_agent(self):
        # sudo: portal users may not read the contacts of their sponsor and frontline. Everything is
        # read from the place of the user's own contact, never from an id in the request.
        return request.env.user.partner_id.commercial_partner_id.sudo().with_context(active_test=False)
