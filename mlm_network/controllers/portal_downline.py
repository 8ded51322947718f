# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager

from ..const import AGENT_STATES
from ..models.res_partner_downline import CARDS
from .portal import NetworkPortal

PAGES = 100_000  # more than anybody pages through, and few enough for a database to count
LEVELS = 10  # that can be chosen; any other can be asked for in the link


class DownlinePortal(NetworkPortal):
    """The downline of an agent: the tree, unfolded piece by piece, and the list."""

    @http.route('/my/network/below', type='jsonrpc', auth='user', website=True, readonly=True)
    def portal_my_network_below(self, code=None, offset=0, **kwargs):
        """The next cards below somebody of the own downline, or below the user.

        :param str code: of the agent above; empty for the user
        :param int offset: how many of that frontline are on the page already
        :return: {'html', 'next': the next offset, 0 if these were the last}, or False if nobody below has that code
        """
        agent = self._mlm_get_agent()
        path = agent._mlm_downline_path(str(code)) if code else []
        if agent.mlm_agent_state == 'none' or path is None or not isinstance(offset, int) or offset > PAGES * CARDS:
            return False
        cards, has_more = agent._mlm_downline_frontline(path, offset)
        next_offset = offset + len(cards) if has_more else 0
        return {
            'html': request.env['ir.qweb']._render('mlm_network.portal_downline_cards', {
                'cards': cards, 'above': code or '', 'next_offset': next_offset}),
            'next': next_offset,
        }

    @http.route(['/my/network/list', '/my/network/list/page/<int:page>'], type='http', auth='user', website=True,
                readonly=True)
    def portal_my_network_list(self, page=1, **kwargs):
        agent = self._mlm_get_agent()
        if agent.mlm_agent_state == 'none':
            return request.redirect('/my/network')
        filters = self._mlm_downline_selects(agent)
        names = ['text', 'new', *(one['name'] for one in filters)]
        wanted = {name: kwargs[name] for name in names if kwargs.get(name)}
        found, cards = agent._mlm_downline_search(wanted, offset=(min(max(page, 1), PAGES) - 1) * CARDS)
        if not found and page > 1:
            found, cards = agent._mlm_downline_search(wanted)
            page = 1
        return request.render('mlm_network.portal_my_network_list', {
            **self._prepare_portal_layout_values(),
            'page_name': 'mlm_network',
            'is_list': True,
            'agent': agent,
            'note': agent._mlm_downline_figures(agent).get(agent.id, {}).get('note', ''),
            'found': found,
            'cards': cards,
            'filters': filters,
            'wanted': wanted,
            'pager': pager('/my/network/list', total=found, page=page, step=CARDS, url_args=wanted),
        })

    def _mlm_downline_selects(self, agent):
        """What the list can be filtered by: dicts with name, label and choices."""
        _ = request.env._
        states = dict(agent._fields['mlm_agent_state']._description_selection(request.env))
        return [
            {'name': 'level', 'label': _('Level'),
             'choices': [('1', _('1 (frontline)')), *((str(level), str(level)) for level in range(2, LEVELS + 1))]},
            {'name': 'state', 'label': _('State'),
             'choices': [*((state, states[state]) for state, _label in AGENT_STATES if state != 'none'),
                         ('inactive', _('Inactive: suspended or terminated'))]},
            *agent._mlm_downline_filters(),
        ]
