# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Free seats of the placement tree, found in SQL: however many stand below, a few numbers come back.

Seats are numbered from 1, from left to right.
"""

from odoo.tools import SQL


def first_free_seat(partner_model, under, width):
    """Find the first free seat below one agent, level by level, left to right.

    Every level above the one of the free seat is full, so it never lies deep.

    :param int under: id of the partner where the search begins
    :param int width: seats under each agent, at least 2
    :return: (id of the partner above, seat)
    """
    # A level is read after the one above it, and no further level once a row has been found.
    [[level]] = _query(partner_model, under, SQL('TRUE'), SQL('SELECT s.level FROM mlm_seat s WHERE %s LIMIT 1', _free(width)))
    [[above]] = _query(partner_model, under, SQL('s.level < %s', level), SQL(
        'SELECT s.id FROM mlm_seat s WHERE s.level = %s AND %s ORDER BY s.path LIMIT 1', level, _free(width)))
    return above, free_seats(partner_model, above, width)[0]


def _free(width):
    return SQL('(SELECT count(*) FROM res_partner c WHERE c.mlm_placement_id = s.id) < %s', width)


def _query(partner_model, under, deeper, select):
    return partner_model.env.execute_query(SQL(
        '''WITH RECURSIVE mlm_seat(id, level, path) AS (
            SELECT %s::int, 0, '{}'::int[]
            UNION
            SELECT p.id, s.level + 1, s.path || p.mlm_placement_slot
              FROM mlm_seat s JOIN res_partner p ON p.mlm_placement_id = s.id WHERE %s
        ) %s''', under, deeper, select, to_flush=_fields(partner_model)))


def _fields(partner_model):
    return [partner_model._fields[name] for name in ('mlm_placement_id', 'mlm_placement_slot')]


def free_seats(partner_model, above, width):
    """The seats directly under a partner that nobody holds, ascending."""
    taken = {slot for slot, in partner_model.env.execute_query(SQL(
        'SELECT mlm_placement_slot FROM res_partner WHERE mlm_placement_id = %s', above, to_flush=_fields(partner_model)))}
    return [seat for seat in range(1, width + 1) if seat not in taken]


def outer_end(partner_model, under, seat):
    """The id of the last partner on the way from one that keeps to the same seat all the way down."""
    [[end]] = partner_model.env.execute_query(SQL(
        '''WITH RECURSIVE mlm_edge(id) AS (
            SELECT %(under)s::int
            UNION
            SELECT p.id FROM mlm_edge e JOIN res_partner p ON p.mlm_placement_id = e.id AND p.mlm_placement_slot = %(seat)s
        ) SELECT e.id FROM mlm_edge e WHERE NOT EXISTS (
            SELECT FROM res_partner p WHERE p.mlm_placement_id = e.id AND p.mlm_placement_slot = %(seat)s)''',
        under=under, seat=seat, to_flush=_fields(partner_model)))
    return end


def sql_legs(partner_model, under):
    """The columns ``seat`` and ``id``: everybody below one partner, with the seat of the leg.

    :rtype: SQL
    """
    return SQL(
        '''WITH RECURSIVE mlm_leg(seat, id) AS (
            SELECT p.mlm_placement_slot, p.id FROM res_partner p WHERE p.mlm_placement_id = %s
            UNION
            SELECT l.seat, p.id FROM mlm_leg l JOIN res_partner p ON p.mlm_placement_id = l.id
        ) SELECT seat, id FROM mlm_leg''', under, to_flush=_fields(partner_model))
