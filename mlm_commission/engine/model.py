# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What goes into a run: the network, the terms of its agents, the sales.

Everything is a frozen record of read-only NumPy arrays. Agents and sales come with the ids of the
outside world and are put in ascending order, so the order of the input never matters.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .entries import Entries
from .errors import EngineError
from .i18n import _
from .reasons import Reason
from .tree import depths

__all__ = ['Entries', 'Network', 'Reason', 'Sales', 'Terms', 'frozen']


# The columns of sales beside ids, sellers and attributes.
COLUMNS = {'net': np.int64, 'margin': np.int64, 'points': np.int64, 'quantity': np.int64,
           'column': np.int32}


def frozen(values, dtype, name, size=None):
    """Return values as a read-only one-dimensional array, without touching the caller's flags.

    :param values: array or sequence
    :param dtype: NumPy integer type or bool
    :param str name: field name for the error
    :param int size: expected length
    :raise EngineError: wrong shape, wrong kind of number, or out of the type's range
    """
    array = np.asarray(values)
    if array.ndim != 1 or (size is not None and len(array) != size):
        raise EngineError(_('%(field)s must be a list of %(size)s values.'),
                          {'field': name, 'size': 'n' if size is None else size}, field=name)
    dtype = np.dtype(dtype)
    if array.dtype != dtype:
        if len(array) and array.dtype.kind not in ('b' if dtype.kind == 'b' else 'iu'):
            raise EngineError(_('%(field)s must hold %(kind)s.'), {
                'field': name, 'kind': 'bool' if dtype.kind == 'b' else 'int'}, field=name)
        if len(array) and dtype.kind == 'i' and (int(array.max()) > np.iinfo(dtype).max
                                                 or int(array.min()) < np.iinfo(dtype).min):
            raise EngineError(_('%(field)s holds a number that is too large.'), {'field': name},
                              field=name)
        array = array.astype(dtype)
    array = np.ascontiguousarray(array).view()
    array.setflags(write=False)
    return array


def _locate(ids, wanted):
    """Return the position of each wanted id in ascending ids, and whether it was found."""
    position = np.searchsorted(ids, wanted)
    position[position == len(ids)] = 0
    found = ids[position] == wanted if len(ids) else np.zeros(len(wanted), dtype=bool)
    return position.astype(np.int32), found


def _check_ids(ids, name):
    if len(ids) and int(ids[0]) < 1:
        raise EngineError(_('The id %(id)s is not positive.'), {'id': int(ids[0])},
                          record=int(ids[0]), field=name)
    twice = np.flatnonzero(ids[1:] == ids[:-1])
    if len(twice):
        record = int(ids[twice[0]])
        raise EngineError(_('The id %(id)s occurs more than once.'), {'id': record},
                          record=record, field=name)


@dataclass(frozen=True, eq=False)
class Network:
    """Who stands under whom, and who is active.

    :param ids: int64 (n), agents' ids, ascending, unique, positive
    :param sponsor: int32 (n), index of the sponsor, -1 for none
    :param active: bool (n)
    """

    ids: np.ndarray
    sponsor: np.ndarray
    active: np.ndarray

    def __post_init__(self):
        ids = frozen(self.ids, np.int64, 'ids')
        size = len(ids)
        if (ids[1:] < ids[:-1]).any():
            raise EngineError(_('The ids of the agents are not in ascending order.'), field='ids')
        _check_ids(ids, 'ids')
        sponsor = frozen(self.sponsor, np.int32, 'sponsor', size)
        bad = np.flatnonzero((sponsor < -1) | (sponsor >= size))
        if len(bad):
            raise EngineError(_('Agent %(agent)s has no valid sponsor.'),
                              {'agent': int(ids[bad[0]])}, record=int(ids[bad[0]]), field='sponsor')
        object.__setattr__(self, 'ids', ids)
        object.__setattr__(self, 'sponsor', sponsor)
        object.__setattr__(self, 'active', frozen(self.active, bool, 'active', size))
        self.depth  # noqa: B018  finds loops

    @classmethod
    def build(cls, ids, sponsor_ids, active):
        """Make a network from rows in any order.

        :param ids: int64 (n), agents' ids
        :param sponsor_ids: int64 (n), sponsors' ids, 0 for none
        :param active: bool (n)
        :raise EngineError: unknown sponsor, duplicate agent, loop; names the ids
        """
        ids = frozen(ids, np.int64, 'ids')
        order = np.argsort(ids, kind='stable')
        sponsor_ids = frozen(sponsor_ids, np.int64, 'sponsor', len(ids))[order]
        active = frozen(active, bool, 'active', len(ids))[order]
        ids = ids[order]
        _check_ids(ids, 'ids')
        sponsor, found = _locate(ids, sponsor_ids)
        bad = np.flatnonzero(~found & (sponsor_ids != 0))
        if len(bad):
            raise EngineError(
                _('Agent %(agent)s has the unknown sponsor %(sponsor)s.'),
                {'agent': int(ids[bad[0]]), 'sponsor': int(sponsor_ids[bad[0]])},
                record=int(ids[bad[0]]), field='sponsor')
        sponsor[sponsor_ids == 0] = -1
        return cls(ids, sponsor, active)

    def __len__(self):
        return len(self.ids)

    @cached_property
    def depth(self):
        """int32 (n): how many agents stand above each agent."""
        return depths(self.sponsor, self.ids)

    def index(self, ids, field='agent'):
        """Return int32 positions of external ids.

        :raise EngineError: names the first unknown id
        """
        ids = frozen(ids, np.int64, field)
        position, found = _locate(self.ids, ids)
        if not found.all():
            record = int(ids[np.flatnonzero(~found)[0]])
            raise EngineError(_('There is no agent %(agent)s in the network.'), {'agent': record},
                              record=record, field=field)
        return position


@dataclass(frozen=True, eq=False)
class Terms:
    """What was agreed with each agent.

    A column is one combination of date and product class under which all agents' rates are fixed;
    each sale names its column.

    :param rates: tuple of int32 (n), ppm, -1 for no agreement
    :param ranks: int16 (n), -1 for no rank; left out: nobody has a rank
    """

    rates: tuple
    ranks: np.ndarray = None

    def __post_init__(self):
        rates = tuple(frozen(column, np.int32, f'rates[{position}]')
                      for position, column in enumerate(self.rates))
        if not rates:
            raise EngineError(_('The terms need at least one column of rates.'), field='rates')
        size = len(rates[0])
        for position, column in enumerate(rates):
            frozen(column, np.int32, f'rates[{position}]', size)
            if size and (int(column.min()) < -1 or int(column.max()) > 10**9):
                raise EngineError(_('%(field)s holds a rate out of range.'),
                                  {'field': f'rates[{position}]'}, field='rates')
        ranks = np.full(size, -1, dtype=np.int16) if self.ranks is None else self.ranks
        object.__setattr__(self, 'rates', rates)
        object.__setattr__(self, 'ranks', frozen(ranks, np.int16, 'ranks', size))

    def __len__(self):
        return len(self.ranks)


@dataclass(frozen=True, eq=False)
class Sales:
    """What was sold, by whom, for how much that counts.

    :param ids: int64 (m), external ids, ascending, unique, positive
    :param seller: int32 (m), index of the agent in the network
    :param net: int64 (m), net amount in minor units, any sign
    :param margin: int64 (m), margin in minor units
    :param points: int64 (m), hundredths of a point
    :param quantity: int64 (m), thousandths of a unit
    :param column: int32 (m), column of the terms that holds for the sale
    :param attributes: dict name -> int64 (m) codes that scopes look at
    """

    ids: np.ndarray
    seller: np.ndarray
    net: np.ndarray
    margin: np.ndarray = None
    points: np.ndarray = None
    quantity: np.ndarray = None
    column: np.ndarray = None
    attributes: dict = field(default_factory=dict)

    def __post_init__(self):
        ids = frozen(self.ids, np.int64, 'ids')
        size = len(ids)
        if (ids[1:] < ids[:-1]).any():
            raise EngineError(_('The ids of the sales are not in ascending order.'), field='ids')
        _check_ids(ids, 'ids')
        object.__setattr__(self, 'ids', ids)
        object.__setattr__(self, 'seller', frozen(self.seller, np.int32, 'seller', size))
        for name, dtype in COLUMNS.items():
            values = getattr(self, name)
            values = np.zeros(size, dtype=dtype) if values is None else values
            object.__setattr__(self, name, frozen(values, dtype, name, size))
        object.__setattr__(self, 'attributes', {
            name: frozen(codes, np.int64, f'attributes.{name}', size)
            for name, codes in sorted(self.attributes.items())})

    @classmethod
    def build(cls, network, ids, sellers, net, **columns):
        """Make sales from rows in any order.

        :param Network network: where the sellers stand
        :param ids: int64 (m), sales' ids
        :param sellers: int64 (m), sellers' ids
        :param net: int64 (m), minor units
        :param columns: margin, points, quantity, column, attributes as in the class
        :raise EngineError: duplicate sale, unknown seller; names the ids
        """
        ids = frozen(ids, np.int64, 'ids')
        size, order = len(ids), np.argsort(ids, kind='stable')
        seller = network.index(frozen(sellers, np.int64, 'seller', size), 'seller')[order]
        attributes = {name: frozen(codes, np.int64, f'attributes.{name}', size)[order]
                      for name, codes in (columns.pop('attributes', None) or {}).items()}
        columns = {name: frozen(values, COLUMNS[name], name, size)[order]
                   for name, values in {'net': net, **columns}.items() if values is not None}
        return cls(ids[order], seller, attributes=attributes, **columns)

    def __len__(self):
        return len(self.ids)

    def take(self, index):
        """Return some of the sales.

        :param index: slice, or ascending positions, or bool array (m)
        """
        return Sales(self.ids[index], self.seller[index], self.net[index], self.margin[index],
                     self.points[index], self.quantity[index], self.column[index],
                     {name: codes[index] for name, codes in self.attributes.items()})

    def find(self, sale_id):
        """Return the one sale with this id as sales of length 1.

        :raise EngineError: when there is none
        """
        position, found = _locate(self.ids, np.array([sale_id], dtype=np.int64))
        if not found[0]:
            raise EngineError(_('There is no sale %(sale)s.'), {'sale': sale_id}, record=sale_id,
                              field='sale')
        return self.take(slice(int(position[0]), int(position[0]) + 1))
