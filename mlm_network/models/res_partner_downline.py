# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..const import AGENT_STATES
from ..tools.downline import SHOWN_NAME, entered_since, with_below
from ..tools.tree import read_edges, walk_up

# So many cards are read at once.
CARDS = 50
# More than this is not counted on a card, so that a page of sponsors with huge frontlines stays quick.
FRONTLINE_COUNTED = 1000
NEW_DAYS = 30
INACTIVE = ('suspended', 'terminated')
STATES = tuple(state for state, _label in AGENT_STATES if state != 'none')


def _clean(text):
    """What somebody typed, without what no name holds and no database takes."""
    return ' '.join((text or '').replace('\x00', ' ').split())


class ResPartner(models.Model):
    """What an agent sees of the own downline in the portal.

    All of it is asked of the agent who looks, and answered with plain values. Names beyond the frontline are shortened,
    in SQL, so that neither a search nor an order tells more than what is shown.
    """
    _inherit = 'res.partner'

    # === BUSINESS METHODS === #

    @api.private
    def _mlm_names_for(self, viewer):
        """The names of these agents as one of them may read them: the own, that of the frontline, others shortened.

        :param viewer: `res.partner` record of the agent who reads; empty for staff, who read names as they are
        :rtype: dict
        :return: {id: name}
        """
        if not self:
            return {}
        self.flush_recordset(['name', 'mlm_agent_code', 'mlm_sponsor_id'])
        return dict(self.env.execute_query(SQL(
            """SELECT id, %s FROM (
                SELECT id, name, mlm_agent_code AS code,
                       CASE WHEN NOT %s OR id = %s OR mlm_sponsor_id = %s THEN 1 ELSE 2 END AS level
                  FROM res_partner WHERE id = ANY(%s)) AS agent""",
            SHOWN_NAME, bool(viewer), viewer.id or 0, viewer.id or 0, self.ids)))

    @api.private
    def _mlm_downline_counts(self):
        """How many agents stand below.

        :return: {'total', 'frontline', 'new': of the last 30 days, 'inactive': suspended or terminated}
        :rtype: dict
        """
        self.ensure_one()
        [counts] = self._mlm_downline_read(SQL(
            """%(below)s
            SELECT count(*) AS total, count(*) FILTER (WHERE level = 1) AS frontline,
                   count(*) FILTER (WHERE state IN %(inactive)s) AS inactive,
                   count(*) FILTER (WHERE id IN (%(new)s)) AS new FROM below""",
            below=with_below(self, self.id), inactive=INACTIVE, new=entered_since(self, self._mlm_new_since())))
        return counts

    @api.private
    def _mlm_downline_path(self, code):
        """Who stands between this agent and one below.

        :param str code: of the one below
        :return: places from the frontline down to that one: {'id', 'code', 'name', 'level', 'state'}; None if nobody
            below has the code
        """
        self.ensure_one()
        agent = self.env['res.partner'].with_context(active_test=False).search(
            [('mlm_agent_code', '=', _clean(code).upper()), ('mlm_agent_state', '!=', 'none')], limit=1)
        edges = read_edges(self, agent.ids)
        above = [agent.id, *walk_up(edges, agent.id)]
        if not agent or self.id not in above[1:]:
            return None
        ids = above[:above.index(self.id)][::-1]
        return self.env.execute_query_dict(SQL(
            """SELECT id, code, level, state, %(name)s AS name FROM (
                SELECT p.id, p.mlm_agent_code AS code, p.mlm_agent_state AS state, p.name, wanted.level::int
                  FROM unnest(%(ids)s::int[]) WITH ORDINALITY AS wanted(id, level) JOIN res_partner p ON p.id = wanted.id
               ) AS place ORDER BY level""",
            name=SHOWN_NAME, ids=ids))

    @api.private
    def _mlm_downline_frontline(self, path=(), offset=0):
        """A page of who stands directly below this agent, or below one of the downline.

        :param path: what `_mlm_downline_path` returned, empty for the own frontline
        :param int offset: how many were read before
        :return: (cards, see `_mlm_downline_cards`; whether there are more)
        """
        self.ensure_one()
        above = path[-1] if path else {'id': self.id, 'level': 0}
        people = with_below(self, above['id'], deepest=1)
        rows = self._mlm_downline_read(SQL(
            """%(below)s
            SELECT id, sponsor_id, code, state, level, %(name)s AS name FROM (
                SELECT id, sponsor_id, code, state, name, level + %(above)s AS level FROM below) AS place
             ORDER BY lower(%(name)s), id LIMIT %(limit)s OFFSET %(offset)s""",
            below=people, name=SHOWN_NAME, above=above['level'], limit=CARDS + 1, offset=max(offset, 0)))
        return self._mlm_downline_cards(rows[:CARDS]), len(rows) > CARDS

    @api.private
    def _mlm_downline_search(self, wanted, offset=0, limit=CARDS):
        """A page of the downline as a list.

        :param dict wanted: ``text`` (part of what is shown as name, or the beginning of a code), ``level``, ``state`` (one
            of the states, or "inactive"), ``new`` (whether only those of the last 30 days), and what
            `_mlm_downline_filters` offers; whatever makes no sense is no condition
        :return: (number found, cards, see `_mlm_downline_cards`)
        """
        self.ensure_one()
        level = int(wanted['level']) if str(wanted.get('level') or '').isdecimal() and len(wanted['level']) < 7 else None
        conditions = self._mlm_downline_conditions(wanted)
        if level:
            conditions.append(SQL('level = %s', level))
        rows = self._mlm_downline_read(SQL(
            """%(below)s, shown AS (SELECT id, sponsor_id, code, state, level, %(name)s AS name FROM below)
            SELECT count(*) OVER () AS found, * FROM shown WHERE %(conditions)s
             ORDER BY level, lower(name), id LIMIT %(limit)s OFFSET %(offset)s""",
            below=with_below(self, self.id, deepest=level), name=SHOWN_NAME, limit=limit, offset=max(offset, 0),
            conditions=SQL(' AND ').join(conditions) if conditions else SQL('TRUE')))
        return (rows[0]['found'] if rows else 0), self._mlm_downline_cards(rows)

    @api.private
    def _mlm_downline_news(self, limit=5):
        """Who came to stand below in the last 30 days, the latest first: cards, see `_mlm_downline_cards`."""
        self.ensure_one()
        rows = self._mlm_downline_read(SQL(
            """%(below)s
            SELECT id, sponsor_id, code, state, level, %(name)s AS name FROM below
             WHERE id IN (%(new)s)
             ORDER BY (SELECT min(date_from) FROM mlm_sponsorship
                        WHERE partner_id = below.id AND agent_state != 'none') DESC, id DESC LIMIT %(limit)s""",
            below=with_below(self, self.id), name=SHOWN_NAME, new=entered_since(self, self._mlm_new_since()), limit=limit))
        return self._mlm_downline_cards(rows)

    # === HOOKS === #

    @api.private
    def _mlm_downline_figures(self, agents):
        """What else this agent may know of some agents below, or of itself. A hook: who keeps ranks and volumes adds them.

        :param agents: `res.partner` records
        :return: {id of an agent: {'rank': text, 'figures': list of (label, text)}}
        :rtype: dict
        """
        return {}

    @api.private
    def _mlm_downline_filters(self):
        """By what else the downline can be filtered. A hook.

        :return: list of {'name', 'label', 'choices': list of (value, label), 'condition': a function that turns a value
            of the choices into `SQL` on ``id``}
        """
        return []

    # === TOOLING === #

    def _mlm_downline_read(self, query):
        """Rows of a query on a downline as dicts."""
        # PostgreSQL cannot guess how many stand below, takes thousands for millions, and compiles for longer than it reads.
        return self.env.execute_query_dict(SQL('SET LOCAL jit = off; %s', query))

    def _mlm_new_since(self):
        return fields.Date.context_today(self) - timedelta(days=NEW_DAYS)

    def _mlm_downline_conditions(self, wanted):
        conditions = []
        text = _clean(wanted.get('text'))
        if text:
            pattern = text.replace('\\', '\\\\').replace('%', '\\%').replace('_', '\\_')
            conditions.append(SQL('(name ILIKE %s OR code ILIKE %s)', f'%{pattern}%', f'{pattern}%'))
        if wanted.get('state') in STATES:
            conditions.append(SQL('state = %s', wanted['state']))
        elif wanted.get('state') == 'inactive':
            conditions.append(SQL('state IN %s', INACTIVE))
        if wanted.get('new'):
            conditions.append(SQL('id IN (%s)', entered_since(self, self._mlm_new_since())))
        for one in self._mlm_downline_filters():
            if wanted.get(one['name']) in dict(one['choices']):
                conditions.append(one['condition'](wanted[one['name']]))
        return conditions

    def _mlm_downline_cards(self, rows):
        """What is shown of some agents: two queries, whatever their number, and those of the hooks.

        :param rows: dicts with id, sponsor_id, code, state, level and the name as it is shown
        :return: the same with 'state_name', 'joined' (a date), 'frontline' (text), 'sponsor' (the name as it is shown,
            empty for the agent itself), 'rank', 'figures'; ids left out
        :rtype: list[dict]
        """
        ids = [row['id'] for row in rows]
        more = {id_: values for id_, *values in self.env.execute_query(SQL(
            """SELECT p.id, (SELECT count(*) FROM (
                          SELECT FROM res_partner c WHERE c.mlm_sponsor_id = p.id AND c.mlm_agent_state != 'none'
                           LIMIT %(most)s) AS counted),
                      (SELECT min(date_from) FROM mlm_sponsorship
                        WHERE partner_id = p.id AND agent_state != 'none'),
                      (SELECT %(name)s FROM (SELECT s.name, s.mlm_agent_code AS code, wanted.level - 1 AS level) AS above)
                 FROM unnest(%(ids)s::int[], %(levels)s::int[]) AS wanted(id, level)
                 JOIN res_partner p ON p.id = wanted.id JOIN res_partner s ON s.id = p.mlm_sponsor_id""",
            most=FRONTLINE_COUNTED + 1, name=SHOWN_NAME, ids=ids, levels=[row['level'] for row in rows]))}
        figures = self._mlm_downline_figures(self.browse(ids))
        states = dict(self._fields['mlm_agent_state']._description_selection(self.env))
        cards = []
        for row in rows:
            count, joined, sponsor = more[row['id']]
            cards.append({
                'code': row['code'], 'name': row['name'], 'level': row['level'], 'state': row['state'],
                'state_name': states[row['state']], 'joined': joined, 'has_frontline': bool(count),
                'frontline': f'{FRONTLINE_COUNTED}+' if count > FRONTLINE_COUNTED else str(count),
                'sponsor': sponsor if row['level'] > 1 else '',
                **{'rank': '', 'figures': [], **figures.get(row['id'], {})},
            })
        return cards
