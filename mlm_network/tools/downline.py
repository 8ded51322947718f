# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The downline of one agent in SQL, as that agent may see it: agents only, with their level, names shortened.

A contact has one sponsor, so on the way down from an agent a contact can be met twice only on a loop through that very
agent. Leaving the agent out ends every walk, also on data that holds a loop; that is why these queries, which carry the
level along, may do with UNION ALL.
"""

from odoo.tools import SQL

# The first word of a name and the initial of the last one: "Anna Maria Berg" is "Anna B.", "Anna" is "A.".
SHORT_NAME = SQL(
    r"""COALESCE(substring(name FROM '\S+') || ' ' || substring(name FROM '\S\s+(?:.*\s)?(\S)\S*\s*$') || '.',
                 substring(name FROM '\S') || '.')""")
# The frontline is known by name, whoever stands further below is not.
SHOWN_NAME = SQL("COALESCE(CASE WHEN level = 1 THEN name ELSE %s END, code)", SHORT_NAME)
PLACE_COLUMNS = SQL('p.id, p.mlm_sponsor_id, p.mlm_agent_code, p.mlm_agent_state, p.name')


def entered_since(partner_model, day):
    """Ids of those who became agents on a day or later, for the first time.

    :rtype: SQL
    """
    rows = partner_model.env['mlm.sponsorship']._fields
    return SQL(
        """SELECT s.partner_id FROM mlm_sponsorship s
            WHERE s.agent_state != 'none' AND s.date_from >= %s AND NOT EXISTS (
                SELECT FROM mlm_sponsorship e
                 WHERE e.partner_id = s.partner_id AND e.agent_state != 'none' AND e.date_from < s.date_from)""",
        day, to_flush=[rows[name] for name in ('partner_id', 'agent_state', 'date_from')])


def with_below(partner_model, root_id, deepest=None):
    """``WITH RECURSIVE below AS (...)``: the agents below one, with the columns id, sponsor_id, code, state, name, level.

    Somebody's people are looked up by index, one agent after the other, whatever the planner expects: the cost follows
    the downline, not the number of contacts.

    :param int root_id: the agent
    :param int deepest: the last level that is of interest, default all
    :rtype: SQL
    """
    fields = partner_model._fields
    people = SQL(
        "p.mlm_agent_state != 'none' AND p.id != %s", root_id,
        to_flush=[fields[name] for name in ('mlm_sponsor_id', 'mlm_agent_state', 'mlm_agent_code', 'name')])
    return SQL(
        """WITH RECURSIVE below(id, sponsor_id, code, state, name, level) AS (
            SELECT %(columns)s, 1 FROM res_partner p WHERE p.mlm_sponsor_id = %(root)s AND %(people)s
            UNION ALL
            SELECT found.*, b.level + 1 FROM below b CROSS JOIN LATERAL (
                SELECT %(columns)s FROM res_partner p WHERE p.mlm_sponsor_id = b.id AND %(people)s OFFSET 0) found
             WHERE %(deeper)s
        )""",
        columns=PLACE_COLUMNS, root=root_id, people=people,
        deeper=SQL('b.level < %s', deepest) if deepest else SQL('TRUE'))
