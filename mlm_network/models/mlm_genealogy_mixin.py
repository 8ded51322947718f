# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.tree import PLACEMENT, SPONSOR

FRONTLINE_LIMIT = 24
UPLINE_LIMIT = 12
SEARCH_LIMIT = 80

AGENT_VIEWS = ('mlm_network.res_partner_view_list_agent', 'mlm_network.res_partner_view_kanban_agent')
AGENTS = Domain('mlm_agent_state', '!=', 'none')
# The trees that can be drawn: who stands directly above, and everybody above.
UPLINES = {SPONSOR: 'mlm_upline_ids', PLACEMENT: 'mlm_placement_upline_ids'}


class MlmGenealogyMixin(models.AbstractModel):
    """What the views of the network need: the tree reads never more than a screen can show.

    Part of ``res.partner``. The stock view reads every sibling and every child.
    """
    _name = 'mlm.genealogy.mixin'
    _description = 'Tree of the Network'

    @api.model
    @api.readonly
    def hierarchy_read(self, domain, specification, parent_field, child_field=None, order=None):
        if parent_field not in UPLINES:
            return super().hierarchy_read(domain, specification, parent_field, child_field, order)
        # Archived agents keep their place, and the tree would fall apart without them.
        agents = self.with_context(active_test=False)
        domain = Domain(domain)
        by_ids = [condition.field_expr for condition in domain.iter_conditions()] == ['id']
        records = agents.search(domain, order=order, limit=None if by_ids else SEARCH_LIMIT)
        if len(records) == 1:
            upline = records[UPLINES[parent_field]][:UPLINE_LIMIT]
            frontline = agents.search(AGENTS & Domain(parent_field, '=', records.id), order=order, limit=FRONTLINE_LIMIT)
            records = upline + records + frontline
        return records._mlm_read_cards(specification, parent_field)

    @api.model
    @api.readonly
    def mlm_read_frontline(self, sponsor_id, specification, order=None, except_ids=(), parent_field=SPONSOR):
        """The first agents directly below one, as cards of the tree view.

        :param int sponsor_id: the one above
        :param dict specification: the fields to read, as for ``web_read``
        :param str order: which ones come first
        :param list except_ids: agents that are on the screen already
        :param str parent_field: of the tree that is drawn
        :rtype: list[dict]
        """
        parent_field = parent_field if parent_field in UPLINES else SPONSOR
        domain = AGENTS & Domain(parent_field, '=', sponsor_id) & Domain('id', 'not in', except_ids)
        agents = self.with_context(active_test=False).search(domain, order=order or None, limit=FRONTLINE_LIMIT)
        return agents._mlm_read_cards(specification, parent_field)

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type='form', **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self.env.user.has_group('mlm_network.group_officer'))

    @api.model
    def _get_view(self, view_id=None, view_type='form', **options):
        """Offer new agents only to those who may create them."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view.xml_id in AGENT_VIEWS and not self.env.user.has_group('mlm_network.group_officer'):
            arch.set('create', '0')
        return arch, view

    def _mlm_read_cards(self, specification, parent_field):
        """``web_read`` plus ``__child_ids__``: some ids of the frontline of each, so that it can unfold."""
        specification = {**specification, parent_field: {'fields': {'display_name': {}}}}
        query = self._search(AGENTS & Domain(parent_field, 'in', self.ids), bypass_access=False)
        sponsor = SQL.identifier('res_partner', parent_field)
        children = dict(self.env.execute_query(SQL(
            'SELECT sponsor_id, array_agg(id) FROM (%s) AS child WHERE place <= %s GROUP BY sponsor_id',
            query.select(
                SQL('res_partner.id AS id'), SQL('%s AS sponsor_id', sponsor),
                # those on the screen first: the view joins them to their sponsor when it unfolds
                SQL('row_number() OVER (PARTITION BY %s ORDER BY res_partner.id = ANY(%s) DESC, res_partner.id) AS place',
                    sponsor, self.ids)),
            FRONTLINE_LIMIT,
        )))
        cards = self.web_read(specification)
        for card in cards:
            if card['id'] in children:
                card['__child_ids__'] = children[card['id']]
        return cards
