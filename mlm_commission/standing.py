# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Ranks of a run: what each agent sold, which rank that makes, and the row that remembers it.

Ranks are judged before anything is paid, from what the run has claimed. The rows lie in a partition of their own, like
commissions, without foreign keys to tables that people edit. A fixed number of statements, whatever the number of agents.
"""
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from odoo.tools import SQL

from . import engine
from .tools import copy

ROW_TABLE = 'mlm_standing_row'
ROW_COLUMNS = [
    ('id', 8), ('run_id', 4), ('agent_id', 4), ('achieved_id', 4), ('highest_id', 4), ('paid_id', 4), ('active', 2),
    ('personal_points', 8), ('personal_value', 8), ('group_points', 8), ('group_value', 8),
]
ROWS_PER_RUN = 2 ** 31  # see storing.ROWS_PER_RUN


@dataclass(frozen=True)
class Judged:
    """What a run knows of ranks.

    :param engine.Plan plan: as the run pays by it
    :param engine.Terms terms: with ranks, highest ranks, shares and personal volumes
    :param group_points: int64 (n), hundredths
    :param group_value: int64 (n), minor units
    :param achieved: int16 (n), -1 where ranks are agreed
    :param Steps steps: what the numbers mean
    :param before: what the period before left, see :func:`read_before`
    """

    plan: engine.Plan
    terms: engine.Terms
    group_points: np.ndarray
    group_value: np.ndarray
    achieved: np.ndarray
    steps: object
    before: dict


class Steps:
    """Between the engine's numbers of ranks and the records they stand for.

    The engine counts the ranks of a ladder from 0; where ranks are agreed their number is their level.

    :param plan: `mlm.plan` record
    """

    def __init__(self, plan):
        # Ranks that were archived since are still what somebody held.
        ranks = plan.env['mlm.rank'].sudo().with_context(active_test=False).search(
            [('company_id', 'in', (False, plan.company_id.id))])
        self.level_of = {rank.id: rank.level for rank in ranks}
        ladder = plan._ladder()
        self.ladder_ids, self.ladder_levels = ladder.rank_id.ids, ladder.mapped('level')
        # Of two ranks with the same level the company's own one counts, and one in use before an archived one.
        self.by_level = {rank.level: rank.id for rank in ranks.sorted(lambda rank: (rank.active, bool(rank.company_id)))}
        self.qualified = plan.rank_source == 'qualified'
        self.shares_of = {row.rank_id.id: row.shares for row in plan.rank_ids if row.shares}

    def numbers(self, levels):
        """Turn levels, 0 or less for no rank, into the engine's numbers: int16 array."""
        levels = np.asarray(levels, np.int64)
        if self.qualified:
            return (np.searchsorted(np.array(self.ladder_levels), levels, side='right') - 1).astype(np.int16)
        return np.where(levels > 0, levels, -1).astype(np.int16)

    def numbers_of_ids(self, rank_ids):
        """Turn ids of ranks, 0 for none, into the engine's numbers: int16 array."""
        known, place = np.unique(rank_ids, return_inverse=True)
        return self.numbers([self.level_of.get(int(rank), 0) for rank in known])[place]

    def ids(self, numbers):
        """Turn the engine's numbers into ids of ranks, 0 for none: int32 array."""
        known, place = np.unique(numbers, return_inverse=True)
        ids = [self.id_of(int(number)) for number in known]
        return np.array(ids, np.int32)[place]

    def id_of(self, number):
        """Turn one of the engine's numbers into the id of a rank, 0 for none."""
        if number < 0:
            return 0
        return self.ladder_ids[number] if self.qualified else self.by_level.get(number, 0)

    def shares(self, numbers):
        """The shares in pools that come with ranks: int64 array."""
        known, place = np.unique(numbers, return_inverse=True)
        return np.array([self.shares_of.get(self.id_of(int(number)), 0) for number in known], np.int64)[place]


def judge(run, plan, network, terms, sold):
    """Find the rank each agent is paid as, before anything is paid.

    What a run pays by is what it has claimed, so what was posted late counts in the period that settles it.

    :param run: `mlm.run` record
    :param engine.Plan plan: the plan as read
    :param engine.Network network: who is active by state
    :param engine.Terms terms: with the levels of agreed ranks as ranks
    :param sold: iterable of what `loading.read_sales` returns
    :return: :class:`Judged`
    """
    steps, before = Steps(run.plan_id), read_before(run)
    terms = replace(terms, **_personal(run, plan, network, sold))
    agreed = steps.numbers(terms.ranks)
    highest, paid_before = (_of_agents(network, before, steps.numbers_of_ids(before[name]))
                            for name in ('highest_id', 'paid_id'))
    achieved, group = np.full(len(network), -1, np.int16), None
    if run._only_corrects():
        # A version that has ended sells nothing any more: who was paid for it loses as who they were.
        plan = replace(plan, ladder=None, activity=engine.Activity())
        ranks = np.maximum(agreed, paid_before)
    elif plan.ladder:
        # A rank by agreement is none that was reached: it earns no bonus for advancing to it.
        highest = np.maximum(highest, agreed)
        qualifier = engine.qualifier_of(plan, network, terms)
        standing = qualifier.judge(highest)
        achieved, ranks, group = standing.achieved, np.maximum(standing.paid, agreed), standing
    else:
        new = np.ones(len(network), bool)
        new[_places(network, before)[0]] = False
        ranks, highest = agreed, np.where(new, agreed, highest)
    group_points, group_value = (group.group_points, group.group_value) if group else (
        engine.tree.subtotals(network.sponsor, network.depth, values) for values in (terms.points, terms.value))
    terms = replace(terms, ranks=ranks, highest=highest, shares=steps.shares(ranks))
    return Judged(plan, terms, group_points, group_value, achieved, steps, before)


def expected(plan_record, plan, network, terms):
    """Find the ranks by which a sale would be paid that is not made yet: those of the last calculation.

    The month is not over, so nobody is taken for inactive who may still sell enough.

    :param plan_record: `mlm.plan` record
    :return: (:class:`engine.Plan`, :class:`engine.Terms`)
    """
    steps = Steps(plan_record)
    # Whoever may see a preview need not be allowed to read runs; nothing but the ranks is taken from it.
    last = plan_record.sudo()._last_standing_run()
    rows = copy.read(plan_record.env, SQL(
        'SELECT agent_id, paid_id, personal_points FROM %s WHERE run_id = %s AND agent_id = ANY(%s)',
        SQL.identifier(ROW_TABLE), last.id or 0, network.ids.tolist(),
    ), [('agent_id', 4), ('paid_id', 4), ('points', 8)])
    place, _known = _places(network, rows)
    ranks, points = steps.numbers(terms.ranks), np.zeros(len(network), np.int64)
    points[place] = rows['points']
    if steps.qualified:
        ranks[place] = np.maximum(ranks[place], steps.numbers_of_ids(rows['paid_id']))
    terms = replace(terms, ranks=ranks, highest=ranks, points=points, shares=steps.shares(ranks))
    return replace(plan, ladder=None, activity=engine.Activity()), terms


def _personal(run, plan, network, sold):
    """What each agent sold in person; joining products are no volume in the first place."""
    points, value = np.zeros(len(network), np.int64), np.zeros(len(network), np.int64)
    for part in sold:
        place = network.index(part['agent'].astype(np.int64))
        np.add.at(points, place, part['points'])
        np.add.at(value, place, part['net'])
    customers = None
    rows = plan.ladder and (*plan.ladder.rows, *plan.ladder.maintenance)
    if rows and any(row['customers'] for row in rows):
        customers = _customers(run, network)
    return {'points': points, 'value': value, 'customers': customers}


def _customers(run, network):
    """How many different customers, themselves left out, bought from each agent and kept something of it."""
    rows = copy.read(run.env, SQL(
        """
        SELECT agent_id::int4, count(*)::int4 AS customers
          FROM (SELECT v.agent_id, v.partner_id FROM mlm_volume v
                  JOIN mlm_claim c ON c.volume_id = v.id AND c.run_id = %s
                 WHERE v.partner_id <> v.agent_id GROUP BY v.agent_id, v.partner_id HAVING sum(v.net) > 0) AS bought
         GROUP BY agent_id
        """, run.id), [('agent', 4), ('customers', 4)])
    customers = np.zeros(len(network), np.int64)
    customers[network.index(rows['agent'].astype(np.int64))] = rows['customers']
    return customers


def read_before(run):
    """Read the ranks that the last closed period left.

    :return: {'agent_id', 'highest_id', 'paid_id'} of int32 arrays
    """
    last = run._last_standing_run(closed=True)
    return copy.read(run.env, SQL(
        'SELECT agent_id, highest_id, paid_id FROM %s WHERE run_id = %s ORDER BY agent_id',
        SQL.identifier(ROW_TABLE), last.id or 0), [('agent_id', 4), ('highest_id', 4), ('paid_id', 4)])


def _places(network, before):
    """(positions of who is in the network, which rows these are)."""
    place, known = network.find(before['agent_id'].astype(np.int64))
    return place[known], known


def _of_agents(network, before, numbers):
    place, known = _places(network, before)
    result = np.full(len(network), -1, np.int16)
    result[place] = numbers[known]
    return result


class Rows:
    """The rows of one run, one for each agent who sold something, stands above who did, or has or had a rank.

    :param run: `mlm.run` record
    """

    def __init__(self, run):
        self.env, self.run_id = run.env, run.id
        self.table = f'{ROW_TABLE}_{run.id}'
        self.partition = SQL.identifier(self.table)

    def drop(self):
        """Throw the rows away when the transaction commits, see `storing.Rows.drop`."""
        self.env.cr.precommit.add(lambda: self.env.cr.execute(SQL('DROP TABLE IF EXISTS %s', self.partition)))

    def create(self, network, judged):
        """Write the ranks into a table of their own, which is seen once it is attached.

        :param engine.Network network: with those active who are paid
        :return: the number of rows
        """
        cr, partition = self.env.cr, self.partition
        cr.execute(SQL('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS, CHECK (run_id = %s))',
                       partition, SQL.identifier(ROW_TABLE), self.run_id))
        parts = [self._numbered(part, first) for part, first in self._parts(network, judged)]
        copy.write(cr, self.table, ROW_COLUMNS, chain.from_iterable(map(copy.pieces, parts)))
        cr.execute(SQL('ALTER TABLE %s ADD PRIMARY KEY (id)', partition))
        cr.execute(SQL('CREATE INDEX ON %s (agent_id)', partition))
        return sum(len(part['id']) for part in parts)

    def attach(self):
        """Make the ranks those of the run."""
        self.env.cr.execute(SQL(
            'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES IN (%s)',
            SQL.identifier(ROW_TABLE), self.partition, self.run_id))

    def _parts(self, network, judged):
        terms, steps = judged.terms, judged.steps
        highest = np.maximum(terms.highest, terms.ranks)
        columns = {
            'personal_points': terms.points, 'personal_value': terms.value,
            'group_points': judged.group_points, 'group_value': judged.group_value}
        keep = np.flatnonzero((highest >= 0) | np.logical_or.reduce([values != 0 for values in columns.values()]))
        yield {
            'agent_id': network.ids[keep],
            'achieved_id': steps.ids(judged.achieved[keep]),
            'highest_id': self._highest_ids(network, judged, highest)[keep],
            'paid_id': steps.ids(terms.ranks[keep]), 'active': network.active[keep].astype(np.int16),
            **{name: values[keep] for name, values in columns.items()}}, 0
        # Whoever left the network keeps the highest rank, and finds it again on coming back.
        gone = {name: values[~network.find(judged.before['agent_id'].astype(np.int64))[1]]
                for name, values in judged.before.items()}
        gone = {name: values[gone['highest_id'] > 0] for name, values in gone.items()}
        nothing = np.zeros(len(gone['agent_id']), np.int64)
        yield {**dict.fromkeys((name for name, _size in ROW_COLUMNS), nothing),
               'agent_id': gone['agent_id'], 'highest_id': gone['highest_id']}, len(keep)

    @staticmethod
    def _highest_ids(network, judged, highest):
        """The highest ranks; one held before stays itself, also where the plan does not know it any more."""
        ids, before = judged.steps.ids(highest), judged.before
        place, known = _places(network, before)
        kept = judged.steps.numbers_of_ids(before['highest_id'])[known] >= highest[place]
        ids[place[kept]] = before['highest_id'][known][kept]
        return ids

    def _numbered(self, part, first):
        size = len(part['agent_id'])
        start = self.run_id * ROWS_PER_RUN + first + 1
        return {**part, 'id': np.arange(start, start + size, dtype=np.int64), 'run_id': np.full(size, self.run_id)}
