# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal


class NetworkPortal(CustomerPortal):

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'mlm_network_count' in counters:
            values['mlm_network_count'] = int(self._mlm_get_agent().mlm_agent_state != 'none')
        return values

    @http.route('/my/network', type='http', auth='user', website=True, readonly=True)
    def portal_my_network(self, at=None, **kwargs):
        """The own place and the tree below; ``at`` is the code of somebody below at whom the tree begins."""
        agent = self._mlm_get_agent()
        values = {**self._prepare_portal_layout_values(), 'page_name': 'mlm_network', 'agent': agent}
        if agent.mlm_agent_state != 'none':
            path = agent._mlm_downline_path(at) if at else []
            if path is None:
                return request.redirect('/my/network')
            values.update(self._mlm_prepare_network_values(agent, path))
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

    def _mlm_prepare_network_values(self, agent, path):
        """What an agent sees of the network: the own place, and of others what `res.partner` tells of the downline.

        Only what the page may show leaves this method; the records themselves do not.

        :param list path: from the frontline to the one at whom the tree begins, empty to begin at the agent
        :rtype: dict
        """
        states = dict(agent._fields['mlm_agent_state']._description_selection(request.env))
        cards, has_more = agent._mlm_downline_frontline(path)
        values = {
            'agent_state': states[agent.mlm_agent_state],
            'sponsor_name': agent.mlm_sponsor_id.name,
            'own': agent._mlm_downline_figures(agent).get(agent.id, {}),
            'counts': agent._mlm_downline_counts(),
            'path': path,
            'above': path[-1]['code'] if path else '',
            'cards': cards,
            'next_offset': len(cards) if has_more else 0,
        }
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
