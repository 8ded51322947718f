# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Ranks: who meets which conditions in a period, and what is missing for the next rank."""

from dataclasses import dataclass

import numpy as np

from .arrays import frozen
from .errors import EngineError, PlanErrors, Problem
from .i18n import _
from .params import Param, decimal_text, object_schema, parse_all
from .period import add_up
from .scope import ENROLMENT
from .tree import depths, nearest, subtotals

CONDITIONS = (
    Param('name', 'text', _('Rank')),
    Param('personal_points', 'points', _('Personal points'), default='0'),
    Param('personal_value', 'amount', _('Personal sales'), default='0'),
    Param('group_points', 'points', _('Group points'), _('Own and of everybody below.'),
          default='0'),
    Param('group_value', 'amount', _('Group sales'), _('Own and of everybody below.'),
          default='0'),
    Param('leg_cap', 'percent', _('At most from one leg'),
          _('Share of the needed group points that one leg, or the own sales, can contribute.'),
          default='100'),
    Param('legs', 'integer', _('Legs with points'), default=0, min=0),
    Param('leg_points', 'points', _('Points of each such leg'), default='0'),
    Param('ranked_legs', 'integer', _('Legs with a rank'), default=0, min=0),
    Param('leg_rank', 'integer', _('Rank in each such leg'),
          _('Number of a lower rank that somebody in the leg must have.'), default=0, min=0),
    Param('customers', 'integer', _('Personal customers'), default=0, min=0),
    Param('active', 'boolean', _('Must be active'), default=True),
)
COMPRESSION = Param('compression', 'choice', _('Inactive agents'), default='none', choices=(
    ('none', _('Keep their place')), ('standard', _('Are looked through when legs are formed'))))


@dataclass(frozen=True)
class Ladder:
    """The ranks of a plan, from the lowest, number 0, to the highest.

    A rank needs its own conditions and those of all ranks below it.

    :param tuple rows: conditions for reaching a rank, dicts by name of the condition
    :param tuple maintenance: conditions for being paid as a rank that was held before; empty: the
        same as for reaching it
    :param str compression: 'none' or 'standard'
    :param int digits: decimals of the currency
    """

    rows: tuple
    maintenance: tuple = ()
    compression: str = 'none'
    digits: int = 2

    @classmethod
    def parse(cls, data, digits=2):
        """Read the ranks of a plan.

        :param dict data: ``ranks`` (list), ``maintenance`` (list, optional), ``compression``
        :raise PlanErrors: with every problem found
        """
        problems = []

        def problem(path, message, values):
            problems.append(Problem('', f'ranks.{path}', message, values))

        data = data if isinstance(data, dict) else {'ranks': data}
        parts = {name: cls._rows(data.get(name, []), name, digits, problem)
                 for name in ('ranks', 'maintenance')}
        if not parts['ranks']:
            problem('ranks', _('At least one row is needed.'), {})
        if parts['maintenance'] and len(parts['maintenance']) != len(parts['ranks']):
            problem('maintenance', _('Each rank needs its row.'), {})
        more = {name: data[name] for name in data if name not in parts}
        chosen = parse_all((COMPRESSION,), more, digits, problem)
        if problems:
            raise PlanErrors(problems)
        return cls(parts['ranks'], parts['maintenance'], chosen['compression'], digits)

    @staticmethod
    def _rows(rows, name, digits, problem):
        result = []
        for number, row in enumerate(rows if isinstance(rows, list) else [None]):
            if not isinstance(row, dict):
                problem(f'{name}[{number}]', _('An object is needed here.'), {})
                continue
            parsed = parse_all(CONDITIONS, row, digits, lambda path, message, values, at=number:
                               problem(f'{name}[{at}].{path}', message, values))
            result.append(parsed)
            if parsed.get('ranked_legs') and parsed.get('leg_rank', 0) >= number:
                problem(f'{name}[{number}].leg_rank',
                        _('Legs can only need a rank below this one.'), {})
        return tuple(result)

    def to_dict(self):
        """Return the ranks as they are written in a plan file."""
        def plain(rows):
            return [{param.name: param.dump(row[param.name], self.digits) for param in CONDITIONS}
                    for row in rows]
        return {'ranks': plain(self.rows), 'maintenance': plain(self.maintenance),
                'compression': self.compression}


def say(row, digits, names):
    """Say in sentences what a rank needs.

    :param dict row: parsed conditions, with or without the name of the rank
    :param int digits: decimals of the currency
    :param names: function from the number of a lower rank to its name
    :return: list of (template, values)
    """
    text = {param.name: param.dump(row[param.name], digits)
            for param in CONDITIONS if param.name in row}
    lines = [line for name, line in (
        ('personal_points', _('%(personal_points)s personal points')),
        ('personal_value', _('personal sales of %(personal_value)s')),
        ('group_points', _('%(group_points)s group points, at most %(leg_cap)s %% of them from one leg')
         if row['leg_cap'] < 10**6 else _('%(group_points)s group points')),
        ('group_value', _('group sales of %(group_value)s')),
        ('legs', _('%(legs)s legs with %(leg_points)s points each') if row['legs'] > 1
         else _('a leg with %(leg_points)s points')),
        ('ranked_legs', _('%(ranked_legs)s legs with a %(leg_rank)s in each') if row['ranked_legs'] > 1
         else _('a leg with a %(leg_rank)s')),
        ('customers', _('%(customers)s personal customers') if row['customers'] > 1
         else _('a personal customer')),
        ('active', _('being active')),
    ) if row[name]]
    return [(line, {**text, 'leg_rank': names(row['leg_rank'])}) for line in lines]


def ladder_schema():
    """Return the JSON Schema of the ranks of a plan."""
    rows = {'type': 'array', 'items': object_schema(CONDITIONS)}
    return {'type': 'object', 'additionalProperties': False, 'required': ['ranks'], 'properties': {
        'ranks': {**rows, 'minItems': 1}, 'maintenance': rows,
        'compression': COMPRESSION.schema()}}


@dataclass(frozen=True, eq=False)
class Volumes:
    """What each agent sold in person in the period.

    :param points: int64 (n), hundredths
    :param value: int64 (n), minor units
    :param customers: int64 (n), number of personal customers who bought
    """

    points: np.ndarray
    value: np.ndarray = None
    customers: np.ndarray = None

    def __post_init__(self):
        size = len(self.points)
        for name in ('points', 'value', 'customers'):
            array = getattr(self, name)
            array = np.zeros(size, np.int64) if array is None else array
            object.__setattr__(self, name, frozen(array, np.int64, name, size))


@dataclass(frozen=True, eq=False)
class Standing:
    """The ranks of all agents in a period.

    :param achieved: int16 (n), rank whose conditions were met now, -1 for none
    :param highest: int16 (n), highest rank ever, this period included
    :param paid: int16 (n), rank paid as: achieved, or held before and maintained
    :param group_points: int64 (n)
    :param group_value: int64 (n)
    """

    achieved: np.ndarray
    highest: np.ndarray
    paid: np.ndarray
    group_points: np.ndarray
    group_value: np.ndarray


class Qualifier:
    """Judges all agents of a network against a ladder, rank by rank from the lowest.

    :param Ladder ladder: conditions
    :param Network network: n agents
    :param Volumes volumes: what they sold
    :raise EngineError: when the volumes are about another number of agents
    """

    def __init__(self, ladder, network, volumes):
        if len(volumes.points) != len(network):
            raise EngineError(_('The volumes are about %(volumes)s agents, the network about '
                                '%(network)s.'), {'volumes': len(volumes.points),
                                                  'network': len(network)}, field='volumes')
        self.ladder, self.network, self.volumes = ladder, network, volumes
        self.parent, self.depth = network.sponsor, network.depth
        rolled = np.zeros(len(network), dtype=bool)
        if ladder.compression == 'standard':
            self.above = nearest(network.sponsor, network.active)
            rolled = ~network.active
            self.parent = np.where(rolled, np.int32(-1), self.above)
            self.depth = depths(self.parent)
        self.own_points = self._roll(volumes.points, rolled)
        self.group_points = subtotals(self.parent, self.depth, self.own_points)
        self.group_value = subtotals(self.parent, self.depth, self._roll(volumes.value, rolled))
        self.legs = np.flatnonzero(self.parent >= 0)

    def _roll(self, values, rolled):
        """Move what inactive agents sold to the group of the next active agent above."""
        moved = np.flatnonzero(rolled)
        if not len(moved):
            return values
        result = np.where(rolled, np.int64(0), values)
        moved = moved[self.above[moved] >= 0]
        np.add.at(result, self.above[moved], values[moved])
        return result

    def _count_legs(self, good):
        legs = self.legs[good[self.legs]]
        return add_up(np.ones(len(legs), np.int64), self.parent[legs], len(self.network))

    def _capped(self, row):
        """Return the group points with no source above its share of what is needed."""
        most = row['group_points'] * row['leg_cap'] // 10**6
        counted = np.minimum(self.own_points, most)
        legs = np.minimum(self.group_points[self.legs], most)
        return counted + add_up(legs, self.parent[self.legs], len(self.network))

    def conditions(self, row, held):
        """Yield (name, what each agent has int64 (n), what is needed) for one rank.

        :param dict row: conditions
        :param held: int16 (n), ranks known so far, all those below this one
        """
        yield 'personal_points', self.volumes.points, row['personal_points']
        yield 'personal_value', self.volumes.value, row['personal_value']
        capped = row['leg_cap'] < 10**6
        yield ('group_points', self._capped(row) if capped else self.group_points,
               row['group_points'])
        yield 'group_value', self.group_value, row['group_value']
        if row['legs']:
            yield 'legs', self._count_legs(self.group_points >= row['leg_points']), row['legs']
        if row['ranked_legs']:
            ranked = subtotals(self.parent, self.depth, (held >= row['leg_rank']).astype(np.int64))
            yield 'ranked_legs', self._count_legs(ranked > 0), row['ranked_legs']
        yield 'customers', self.volumes.customers, row['customers']
        yield 'active', self.network.active.astype(np.int64), int(row['active'])

    def judge(self, before=None):
        """Return the `Standing` of all agents.

        :param before: int16 (n), highest rank held before this period, -1 for none
        """
        size = len(self.network)
        before = np.full(size, -1, np.int16) if before is None else frozen(
            before, np.int16, 'highest', size)
        achieved, paid = np.full(size, -1, np.int16), np.full(size, -1, np.int16)
        kept = self.ladder.maintenance or self.ladder.rows
        for number, row in enumerate(self.ladder.rows):
            reached = (achieved == number - 1) & self._met(row, paid)
            stays = (before >= number) & self._met(kept[number], paid)
            paid[(paid == number - 1) & (reached | stays)] = number
            achieved[reached] = number
        return Standing(achieved, np.maximum(before, achieved), paid, self.group_points,
                        self.group_value)

    def _met(self, row, held):
        met = np.ones(len(self.network), dtype=bool)
        for _name, have, need in self.conditions(row, held):
            met &= have >= need
        return met

    def progress(self, standing, agent):
        """Tell how far one agent has come towards the next rank.

        :param Standing standing: what `judge` returned
        :param int agent: external id
        :return: (number of the next rank, [(`Param`, what the agent has, what is needed)] of the
            conditions that ask for something); (None, []) on the highest rank
        """
        place = int(self.network.index([agent])[0])
        number = int(standing.achieved[place]) + 1
        if number >= len(self.ladder.rows):
            return None, []
        params = {param.name: param for param in CONDITIONS}
        return number, [(params[name], int(have[place]), int(need)) for name, have, need
                        in self.conditions(self.ladder.rows[number], standing.paid) if need > 0]

    def missing(self, standing, agent):
        """Tell what one agent lacks for the next rank.

        :param Standing standing: what `judge` returned
        :param int agent: external id
        :return: list of (template, values), empty on the highest rank
        """
        number, conditions = self.progress(standing, agent)
        return [(_('For %(rank)s: %(condition)s %(have)s of %(need)s.'), {
            'rank': self.ladder.rows[number]['name'], 'condition': param.label,
            'have': decimal_text(have, param.places(self.ladder.digits)),
            'need': decimal_text(need, param.places(self.ladder.digits))})
            for param, have, need in conditions if have < need]


def qualifier_of(plan, network, terms):
    """Return the `Qualifier` of a plan with a ladder.

    :param Plan plan: gives the ladder and says who is active
    :param Network network: who is active by state
    :param Terms terms: gives what was sold in person
    """
    return Qualifier(plan.ladder, plan.activity.for_ranks(network, terms),
                     Volumes(terms.points, terms.value, terms.customers))


def volumes_of(network, sales):
    """Add up what each agent sold in person.

    Joining fees (attribute ``enrolment``) do not count. Each different code other than 0 in the
    attribute ``customer`` is one personal customer of the seller.

    :return: `Volumes`
    """
    if ENROLMENT in sales.attributes:
        sales = sales.take(sales.attributes[ENROLMENT] == 0)
    size = len(network)
    customers = np.zeros(size, dtype=np.int64)
    if 'customer' in sales.attributes:
        codes = sales.attributes['customer']
        pairs = np.unique(np.stack([sales.seller.astype(np.int64), codes])[:, codes != 0], axis=1)
        customers = add_up(np.ones(pairs.shape[1], np.int64), pairs[0], size)
    return Volumes(add_up(sales.points, sales.seller, size), add_up(sales.net, sales.seller, size),
                   customers)
