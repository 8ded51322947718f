# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The trees of the network, by sponsor and by placement, in SQL. An adjacency list and recursive queries: a move is
one cell, and neither depth nor size has a limit that a path column or a closure table would set.

Every recursion uses UNION, never UNION ALL, so that it ends even on data that holds a loop. ``above`` names the
field of res.partner that holds who stands directly above.
"""

from collections import defaultdict

from odoo.tools import SQL

# Joined to an agent's row "s" of the history: the day from which it counts in the tree, see
# mlm.sponsorship's _tree_sql.
BEGAN = SQL(
    '''CROSS JOIN LATERAL (
        SELECT COALESCE(max(e.date_to), '-infinity'::date) AS since FROM mlm_sponsorship e
         WHERE e.partner_id = s.partner_id AND e.agent_state != 'none' AND e.date_from < s.date_from) AS began''')
# The fields of res.partner that say who stands directly above.
SPONSOR = 'mlm_sponsor_id'
PLACEMENT = 'mlm_placement_id'


def _above(partner_model, alias, above):
    return SQL.identifier(alias, above, to_flush=partner_model._fields[above])


def sql_downline(partner_model, roots, above=SPONSOR):
    """Ids of everybody who stands below one of ``roots``.

    :param SQL roots: something that may stand behind ``IN``, in parentheses
    """
    return SQL(
        '''(WITH RECURSIVE mlm_down(id) AS (
            SELECT p.id FROM res_partner p WHERE %(above)s IN %(roots)s
            UNION
            SELECT p.id FROM res_partner p JOIN mlm_down d ON %(above)s = d.id
        ) SELECT id FROM mlm_down)''',
        above=_above(partner_model, 'p', above), roots=roots,
    )


def sql_upline(partner_model, leaves, above=SPONSOR):
    """Ids of everybody who stands above one of ``leaves``.

    :param SQL leaves: something that may stand behind ``IN``, in parentheses
    """
    return SQL(
        '''(WITH RECURSIVE mlm_up(id) AS (
            SELECT %(above)s FROM res_partner p WHERE p.id IN %(leaves)s AND %(above)s IS NOT NULL
            UNION
            SELECT %(above)s FROM res_partner p JOIN mlm_up u ON p.id = u.id WHERE %(above)s IS NOT NULL
        ) SELECT id FROM mlm_up)''',
        above=_above(partner_model, 'p', above), leaves=leaves,
    )


def read_edges(partner_model, ids, above=SPONSOR):
    """The partners ``ids`` and everybody above them, by one query.

    :return: ``{partner_id: (above_id or None, agent_state, company_id or None)}``, each edge once
    """
    if not ids:
        return {}
    fields = partner_model._fields
    rows = partner_model.env.execute_query(SQL(
        '''WITH RECURSIVE mlm_edge(id, above_id, agent_state, company_id) AS (
            SELECT p.id, %(above)s, %(state)s, %(company)s FROM res_partner p WHERE p.id = ANY(%(ids)s)
            UNION
            SELECT p.id, %(above)s, %(state)s, %(company)s
              FROM res_partner p JOIN mlm_edge e ON p.id = e.above_id
        ) SELECT id, above_id, agent_state, company_id FROM mlm_edge''',
        ids=list(ids),
        above=_above(partner_model, 'p', above),
        state=SQL.identifier('p', 'mlm_agent_state', to_flush=fields['mlm_agent_state']),
        company=SQL.identifier('p', 'company_id', to_flush=fields['company_id']),
    ))
    return {row[0]: row[1:] for row in rows}


def read_downline(partner_model, ids):
    """Everybody below each of ``ids``, by one query.

    :return: ``{partner_id: [ids]}``, a defaultdict
    """
    below = defaultdict(list)
    if ids:
        rows = partner_model.env.execute_query(SQL(
            '''WITH RECURSIVE mlm_down(root_id, id) AS (
                SELECT %(above)s, p.id FROM res_partner p WHERE %(above)s = ANY(%(ids)s)
                UNION
                SELECT d.root_id, p.id FROM res_partner p JOIN mlm_down d ON %(above)s = d.id
            ) SELECT root_id, array_agg(id) FROM mlm_down WHERE id != root_id GROUP BY root_id''',
            ids=list(ids), above=_above(partner_model, 'p', SPONSOR),
        ))
        below.update(rows)
    return below


def count_downline(partner_model, ids, limit=None, above=SPONSOR):
    """How many agents stand below each of ``ids``, by one query.

    :param int limit: stop counting there; a query for each of a screenful of agents is then cheap, however many are below
    :return: ``{partner_id: number}``
    """
    if not ids:
        return {}
    # Customers have nobody below, so the recursion goes through agents only. PostgreSQL fetches no more rows of it than
    # the limit asks for.
    return dict(partner_model.env.execute_query(SQL(
        '''SELECT root.id, (SELECT count(*) FROM (
            WITH RECURSIVE mlm_down(id) AS (
                SELECT p.id FROM res_partner p WHERE %(above)s = root.id AND %(state)s != 'none'
                UNION
                SELECT p.id FROM res_partner p JOIN mlm_down d ON %(above)s = d.id WHERE %(state)s != 'none'
            ) SELECT id FROM mlm_down WHERE id != root.id LIMIT %(limit)s) AS below)
             FROM unnest(%(ids)s::int[]) AS root(id)''',
        ids=list(ids), limit=limit, above=_above(partner_model, 'p', above),
        state=SQL.identifier('p', 'mlm_agent_state', to_flush=partner_model._fields['mlm_agent_state']),
    )))


def walk_up(edges, partner_id):
    """Yield who stands above ``partner_id``, nearest first; ends on a loop too."""
    seen = {partner_id}
    above_id = edges.get(partner_id, (None,))[0]
    while above_id and above_id not in seen:
        yield above_id
        seen.add(above_id)
        above_id = edges[above_id][0]


def find_loop(edges, ids):
    """One of ``ids`` whose upline leads into a loop, if possible one on the loop, or None; linear in the edges."""
    wanted = set(ids)
    safe = set()
    for start in ids:
        path = []
        on_path = set()
        node = start
        while node and node not in safe:
            if node in on_path:
                return next((id_ for id_ in path[path.index(node):] if id_ in wanted), start)
            path.append(node)
            on_path.add(node)
            node = edges[node][0] if node in edges else None
        safe.update(path)
    return None
