# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""From records to the engine's arrays: who stands where, what is agreed, what was sold.

Used by the run of a period, by the preview on a quotation and by nothing else. Every function does a fixed number of
queries, whatever the number of agents or sales.
"""
from typing import NamedTuple

import numpy as np

from odoo.tools import SQL

from . import engine
from .tools import copy

SALE_COLUMNS = [('id', 4), ('agent', 4), ('net', 8), ('points', 8), ('day', 4), ('product', 4), ('category', 4), ('origin', 4)]
# What is read only for plans whose rules ask for it: bytes and column of the ledger, see `circumstances`.
EXTRAS = {
    'margin': (8, SQL('(v.margin * c.minor)::int8')),
    'quantity': (8, SQL('(v.quantity * 1000)::int8')),
    'total': (8, SQL('round(v.total * c.minor)::int8')),
    'pricelist': (4, SQL('COALESCE(v.pricelist_id, 0)::int4')),
    'country': (4, SQL('COALESCE(v.country_id, 0)::int4')),
    'state': (4, SQL('COALESCE(v.state_id, 0)::int4')),
    'first': (2, SQL('COALESCE(v.first_order, FALSE)::int::int2')),
    'own': (2, SQL('COALESCE(v.own_purchase, FALSE)::int::int2')),
    'sold_on': (4, SQL("(v.date - DATE '2000-01-01')::int4")),
    'seller_days': (4, SQL('COALESCE(v.agent_days, -1)::int4')),
}
# Names under which scopes and rules of the engine find what was read.
MEASURES = ('margin', 'quantity', 'total')
ATTRIBUTES = ('product', 'category', 'day', *(name for name in EXTRAS if name not in MEASURES), 'earlier_base')
EPOCH = np.datetime64('2000-01-01')


def day_number(date):
    """Days since 2000-01-01, as PostgreSQL and the arrays count them."""
    return int((np.datetime64(date) - EPOCH).astype(int))


def load_network(env, on_date, upline_of=None, placement=False):
    """Read the network as it stood on a day.

    :param on_date: date
    :param upline_of: partner ids, to read only these and whoever stands above them
    :param bool placement: whether the placement tree is read along with the sponsors; who has no seat is in nobody's leg
    :return: :class:`engine.Network`
    """
    if not placement:
        tree = env['mlm.sponsorship']._tree_sql(on_date, upline_of)
        rows = copy.read(env, SQL(
            "SELECT partner_id::int4, COALESCE(sponsor_id, 0)::int4, (agent_state = 'active')::int::int2 FROM (%s) AS tree",
            tree,
        ), [('id', 4), ('sponsor', 4), ('active', 2)])
        return engine.Network.build(rows['id'].astype(np.int64), rows['sponsor'].astype(np.int64), rows['active'] > 0)
    if upline_of is not None:
        upline_of = env['mlm.placement']._read_uplines(on_date, upline_of)
    rows = copy.read(env, SQL(
        """
        SELECT tree.partner_id::int4, COALESCE(tree.sponsor_id, 0)::int4, (tree.agent_state = 'active')::int::int2,
               COALESCE(seat.placement_id, 0)::int4, GREATEST(COALESCE(seat.slot, 0) - 1, 0)::int4
          FROM (%s) AS tree LEFT JOIN (%s) AS seat ON seat.partner_id = tree.partner_id
        """,
        env['mlm.sponsorship']._tree_sql(on_date, upline_of), env['mlm.placement']._tree_sql(on_date),
    ), [('id', 4), ('sponsor', 4), ('active', 2), ('placement', 4), ('slot', 4)])
    # Seats are numbered from 1 for people, from 0 in the engine.
    return engine.Network.build(
        rows['id'].astype(np.int64), rows['sponsor'].astype(np.int64), rows['active'] > 0,
        rows['placement'].astype(np.int64), rows['slot'])


def read_sales(plan, where):
    """Read facts as narrow rows.

    :param plan: `mlm.plan` record
    :param SQL where: condition on ``mlm_volume v``
    :return: {name: array (m)} of ``SALE_COLUMNS`` and of what the plan's rules ask for beside, ascending by id; amounts
        in minor units
    """
    rows = _read_rows(plan, where)
    rule = plan._limited_fast_start()
    if rule:
        rows['earlier_base'] = earlier_bases(plan, rule, rows)
    return rows


def _read_rows(plan, where):
    minor = 10 ** plan.currency_id.decimal_places
    extras = [name for name in EXTRAS if name in plan._sale_attributes()]
    plan.env['mlm.volume'].flush_model()
    return copy.read(plan.env, SQL(
        """
        SELECT v.id::int4, v.agent_id::int4, (v.net * c.minor)::int8, (v.points * 100)::int8,
               (v.date - DATE '2000-01-01')::int4, COALESCE(v.product_id, 0)::int4, COALESCE(v.categ_id, 0)::int4,
               COALESCE(v.origin_id, 0)::int4 %(extras)s
          FROM mlm_volume v CROSS JOIN (SELECT %(minor)s AS minor) AS c WHERE %(where)s ORDER BY v.id
        """,
        minor=minor, where=where, extras=SQL().join(SQL(', %s', EXTRAS[name][1]) for name in extras),
    ), [*SALE_COLUMNS, *((name, EXTRAS[name][0]) for name in extras)])


def earlier_bases(plan, rule, rows, upcoming=False):
    """Tell what each seller had sold before a sale that counts towards the limits of a fast start.

    :param plan: `mlm.plan` record
    :param rule: the :class:`engine.rule.Rule` with the limits; its scope decides what counts
    :param rows: what `read_sales` returns
    :param bool upcoming: the rows are not in the ledger yet, and come after everything that is
    :return: int64 array (m), in what the rule multiplies
    """
    days = rows['seller_days']
    agents = np.unique(rows['agent'][(days >= 0) & (days < rule.values['days'])])
    if not len(agents):
        return np.zeros(len(days), np.int64)
    known = _read_rows(plan, SQL(
        'v.company_id = %s AND v.trigger = %s AND v.origin_id IS NULL AND v.agent_id = ANY(%s) AND v.agent_days BETWEEN 0 '
        'AND %s AND %s', plan.company_id.id, plan.trigger, agents.tolist(), rule.values['days'] - 1, not_excluded(plan)))
    if upcoming:
        first = int(known['id'].max(initial=0)) + 1
        rows = {**rows, 'id': first + np.arange(len(days)), 'origin': np.zeros(len(days), np.int64)}
        known = {name: np.concatenate([known[name], rows[name]]) for name in known}
    sales = engine.Sales(
        known['id'].astype(np.int64), np.zeros(len(known['id']), np.int32), known['net'], points=known['points'],
        attributes=_attributes(known), **{name: known.get(name) for name in MEASURES})
    counted = np.where(rule.mask(sales), rule.worth(sales), 0)
    order = np.lexsort((known['id'], known['agent']))
    total = np.cumsum(counted[order]) - counted[order]
    new = np.flatnonzero(np.diff(known['agent'][order], prepend=-1))
    before = np.empty(len(order), np.int64)
    before[order] = total - np.repeat(total[new], np.diff(np.append(new, len(order))))
    # What takes a sale back had before it what the sale had.
    wanted = np.where(rows['origin'] > 0, rows['origin'], rows['id'])
    place = np.minimum(np.searchsorted(known['id'], wanted), len(order) - 1)
    return np.where(known['id'][place] == wanted, before[place], 0)


def to_sales(network, rows, columns):
    """Hand the rows of :func:`read_sales` to the engine.

    :return: :class:`engine.Sales`
    """
    return engine.Sales.build(
        network, rows['id'].astype(np.int64), rows['agent'].astype(np.int64), rows['net'],
        points=rows['points'], **{name: rows.get(name) for name in MEASURES},
        column=columns.of(rows['day'], rows['category']), origin=rows.get('origin'), attributes=_attributes(rows))


def _attributes(rows):
    return {name: rows[name] for name in ATTRIBUTES if name in rows}


def not_excluded(plan):
    """Condition on ``mlm_volume v``: the plan pays for what was sold."""
    conditions = [SQL('TRUE')]
    if plan.excluded_product_ids:
        conditions.append(SQL(
            'COALESCE(v.product_id, 0) <> ALL(%s)', list(plan.excluded_product_ids.ids)))
    if plan.excluded_categ_ids:
        below = plan.env['product.category'].search([('id', 'child_of', plan.excluded_categ_ids.ids)])
        conditions.append(SQL('COALESCE(v.categ_id, 0) <> ALL(%s)', list(below.ids)))
    return SQL(' AND ').join(conditions)


class Columns(NamedTuple):
    """Which column of rates holds for a sale: one for each span of days and class of products that occurs.

    Days between two changes of any agreement, and categories that no agreement tells apart, share a column. Kept with
    a run, so that a question years later finds the column that was used.
    """
    starts: list  # first day of each span, ascending, see day_number
    classes: dict  # category id -> id of the category whose rates hold, 0 for the agreement's own rate
    groups: list  # the classes that occur, ascending
    pairs: list  # span x len(groups) + class, of each column, ascending

    def of(self, days, categories):
        """The column of each sale: int32 array (m)."""
        span = np.searchsorted(np.array(self.starts), days, side='right') - 1
        codes, place = np.unique(categories, return_inverse=True)
        group = np.searchsorted(np.array(self.groups), [self.classes.get(int(code), 0) for code in codes])
        return np.searchsorted(np.array(self.pairs), span * len(self.groups) + group[place]).astype(np.int32)

    def to_json(self):
        return {**self._asdict(), 'classes': {str(key): value for key, value in self.classes.items()}}

    @classmethod
    def from_json(cls, data):
        return cls(**{**data, 'classes': {int(key): value for key, value in data['classes'].items()}})


def load_terms(plan, network, days, categories, ranks_within):
    """Read what is agreed with each agent under a plan.

    A sale is paid at the rate agreed for its day and its product's category.

    :param plan: `mlm.plan` record
    :param network: :class:`engine.Network`
    :param days: int array (m), :func:`day_number` of each sale
    :param categories: int array (m), `product.category` id of each sale, 0 for none
    :param ranks_within: (first, last) date between which an agreement must hold for its rank to count; the latest does
    :return: (:class:`engine.Terms` with the levels of the agreed ranks, :class:`Columns`)
    """
    agreements, special = _load_agreements(plan, network)
    starts = _epochs(agreements, days)
    classes = _category_classes(plan.env, special, categories)
    groups = sorted({classes.get(int(code), 0) for code in np.unique(categories)} | {0})
    every = Columns(starts, classes, groups, list(range(len(starts) * len(groups))))
    pairs = np.unique(every.of(days, categories)).tolist() or [0]
    rates = tuple(
        _rates_on(agreements, special, plan.env, len(network), starts[pair // len(groups)], groups[pair % len(groups)])
        for pair in pairs)
    return engine.Terms(rates, _agreed_ranks(agreements, len(network), *ranks_within)), every._replace(pairs=pairs)


def _agreed_ranks(agreements, size, first, last):
    """Everybody's rank by agreement within some days: int16 (n), its level, -1 for none."""
    ranks = np.full(size, -1, np.int16)
    holds = np.flatnonzero((agreements['first'] <= day_number(last)) & (agreements['last'] >= day_number(first)))
    holds = holds[np.argsort(agreements['first'][holds], kind='stable')]
    ranks[agreements['agent'][holds]] = agreements['rank'][holds]
    return ranks


def _load_agreements(plan, network):
    """Read the plan's agreements and their rates by category.

    :return: ({'id', 'agent' (index in the network), 'rate', 'rank', 'first', 'last'} of arrays,
        {(agreement id, category id): rate in ppm})
    """
    for model in ('mlm.agreement', 'mlm.agreement.rate', 'mlm.rank'):
        plan.env[model].flush_model()
    rows = copy.read(plan.env, SQL(
        """
        SELECT a.id::int4, a.agent_id::int4, round(COALESCE(a.rate, 0) * 10000)::int4, COALESCE(r.level, -1)::int4,
               (a.date_from - DATE '2000-01-01')::int4,
               COALESCE(a.date_to - DATE '2000-01-01', 2000000000)::int4
          FROM mlm_agreement a LEFT JOIN mlm_rank r ON r.id = a.rank_id
         WHERE a.plan_id = %s AND a.state = 'active'
        """,
        plan.root_id.id,
    ), [('id', 4), ('partner', 4), ('rate', 4), ('rank', 4), ('first', 4), ('last', 4)])
    if (rows['id'][1:] < rows['id'][:-1]).any():  # mostly they lie in order
        order = np.argsort(rows['id'])
        rows = {name: values[order] for name, values in rows.items()}
    if not len(network):
        known = np.zeros(len(rows['id']), bool)
        position = known.astype(int)
    else:
        position = np.minimum(np.searchsorted(network.ids, rows['partner']), len(network) - 1)
        known = network.ids[position] == rows['partner']
    agreements = {name: values[known] for name, values in rows.items()}
    agreements['agent'] = position[known]
    plan.env.cr.execute(SQL(
        """
        SELECT r.agreement_id, r.categ_id, round(r.rate * 10000)::int
          FROM mlm_agreement_rate r JOIN mlm_agreement a ON a.id = r.agreement_id
         WHERE a.plan_id = %s AND a.state = 'active'
        """,
        plan.root_id.id,
    ))
    return agreements, {(agreement, category): rate for agreement, category, rate in plan.env.cr.fetchall()}


def _epochs(agreements, days):
    """The days on which some agreement begins or has just ended, within the days of the sales; ascending."""
    if not len(days):
        return [0]
    first, last = int(days.min()), int(days.max())
    changes = np.concatenate([agreements['first'], agreements['last'].astype(np.int64) + 1])
    return np.unique(np.append(changes[(changes > first) & (changes <= last)], first)).tolist()


def _category_classes(env, special, categories):
    """Map each category to the nearest category, itself or above, for which some agreement has a rate; 0: none."""
    named = {category for _agreement, category in special}
    if not named:
        return {}
    classes = {}
    for category in env['product.category'].browse([int(code) for code in np.unique(categories) if code]):
        path = [int(part) for part in category.parent_path.split('/') if part]
        classes[category.id] = next((part for part in reversed(path) if part in named), 0)
    return classes


def _valid(agreements, day):
    return (agreements['first'] <= day) & (agreements['last'] >= day)


def _rates_on(agreements, special, env, size, day, category):
    """Everybody's rate on a day for a category: int32 (n) ppm, -1 without an agreement."""
    rates = np.full(size, -1, np.int32)
    valid = _valid(agreements, day)
    rates[agreements['agent'][valid]] = agreements['rate'][valid]
    if category:
        path = [int(part) for part in env['product.category'].browse(int(category)).parent_path.split('/') if part]
        agent_of = dict(zip(agreements['id'][valid].tolist(), agreements['agent'][valid].tolist()))
        for above in path:  # from the widest category to the nearest: the nearest wins
            for (agreement, special_category), rate in special.items():
                if special_category == above and agreement in agent_of:
                    rates[agent_of[agreement]] = rate
    return rates
