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

    @http.route('/my/network/place', type='http', auth='user', methods=['POST'], website=True)
    def portal_my_network_place(self, recruit=None, leg=None, **kwargs):
        """Seat an own recruit who waits: in a leg of the sponsor, or where the company would."""
        agent = self._mlm_get_agent()
        # Only who stands directly below the user and waits; any other number finds nobody.
        waiting = agent.mlm_sponsored_ids.filtered(
            lambda one: str(one.id) == recruit and one.mlm_placement_waiting) if agent.mlm_placed else agent.browse()
        if waiting:
            two_legs = waiting._mlm_placement_company().mlm_placement_width == 2
            above, seat = agent._mlm_outer_seat(int(leg)) if two_legs and leg in ('1', '2') else agent._mlm_find_seat()
            waiting.with_context(mlm_reason=request.env._('Chosen by the sponsor')).write(
                {'mlm_placement_id': above.id, 'mlm_placement_slot': seat})
        return request.redirect('/my/network')

    @http.route('/my/network/leg', type='http', auth='user', methods=['POST'], website=True)
    def portal_my_network_leg(self, leg=None, **kwargs):
        """Choose the leg into which own recruits go by themselves."""
        agent = self._mlm_get_agent()
        if agent.mlm_placed and leg in ('left', 'right'):
            agent.mlm_placement_leg = leg
        return request.redirect('/my/network')

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
        return {**values, **self._mlm_prepare_placement_values(agent)}

    def _mlm_prepare_placement_values(self, agent):
        """The own seat, and the own recruits who wait for one."""
        if not agent.mlm_placed:
            return {}
        company = agent._mlm_placement_company()
        return {
            'above_name': agent.mlm_placement_id.name,
            'seat_name': agent.mlm_placement_seat,
            'two_legs': company.mlm_placement_width == 2,
            'chooses_leg': company.mlm_placement_strategy == 'outer',
            'waiting': [
                {'id': recruit.id, 'name': recruit.name, 'code': recruit.mlm_agent_code,
                 'deadline': recruit.mlm_placement_deadline}
                for recruit in agent.mlm_sponsored_ids.filtered('mlm_placement_waiting').sorted('id')
            ],
        }

    def _mlm_get_agent(self):
        # sudo: portal users may not read the contacts of their sponsor and frontline. Everything is
        # read from the place of the user's own contact, never from an id in the request.
        return request.env.user.partner_id.commercial_partner_id.sudo().with_context(active_test=False)
