# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What goes into a run: the network, the terms of its agents, the sales.

Everything is a frozen record of read-only NumPy arrays. Agents and sales come with the ids of the
outside world and are put in ascending order, so the order of the input never matters.
"""

from dataclasses import dataclass, field

import numpy as np

from .arrays import check_ids, frozen, locate
from .entries import Entries
from .errors import EngineError
from .i18n import _
from .network import Network
from .reasons import Reason

__all__ = ['Entries', 'Network', 'Reason', 'Sales', 'Terms']

# The columns of sales beside ids, sellers and attributes.
COLUMNS = {'net': np.int64, 'margin': np.int64, 'points': np.int64, 'quantity': np.int64,
           'total': np.int64, 'column': np.int32, 'origin': np.int64}


@dataclass(frozen=True, eq=False)
class Terms:
    """What was agreed with each agent.

    A column is one combination of date and product class under which all agents' rates are fixed;
    each sale names its column.

    :param rates: tuple of int32 (n), ppm, -1 for no agreement
    :param ranks: int16 (n), the rank each agent is paid as, -1 for none; left out: none for all
    :param highest: int16 (n), highest rank held before this period; left out: the same as ranks
    :param points: int64 (n), personal points of the period in hundredths; left out: 0 for all
    :param shares: int64 (n), shares in pools; left out: 0 for all
    :param value: int64 (n), personal sales of the period in minor units; left out: 0 for all
    :param customers: int64 (n), personal customers who bought; left out: 0 for all
    """

    rates: tuple
    ranks: np.ndarray = None
    highest: np.ndarray = None
    points: np.ndarray = None
    shares: np.ndarray = None
    value: np.ndarray = None
    customers: np.ndarray = None

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
        highest = self.ranks if self.highest is None else self.highest
        object.__setattr__(self, 'highest', frozen(highest, np.int16, 'highest', size))
        for name in ('points', 'shares', 'value', 'customers'):
            values = getattr(self, name)
            values = np.zeros(size, dtype=np.int64) if values is None else values
            object.__setattr__(self, name, frozen(values, np.int64, name, size))

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
    :param total: int64 (m), valuation sum in minor units, e.g. the sum insured
    :param origin: int64 (m), external id of the sale that a credit note or the like belongs to; 0
        for a sale of its own
    """

    ids: np.ndarray
    seller: np.ndarray
    net: np.ndarray
    margin: np.ndarray = None
    points: np.ndarray = None
    quantity: np.ndarray = None
    column: np.ndarray = None
    attributes: dict = field(default_factory=dict)
    total: np.ndarray = None
    origin: np.ndarray = None

    def __post_init__(self):
        ids = frozen(self.ids, np.int64, 'ids')
        size = len(ids)
        if (ids[1:] < ids[:-1]).any():
            raise EngineError(_('The ids of the sales are not in ascending order.'), field='ids')
        check_ids(ids, 'ids')
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
        :param columns: margin, points, quantity, total, column, origin, attributes as in the
            class
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

    @classmethod
    def none(cls):
        """Return no sales."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64))

    def __len__(self):
        return len(self.ids)

    def attribute(self, name):
        """Return the codes of one attribute, int64 (m).

        :raise EngineError: when the sales do not have it
        """
        if name not in self.attributes:
            raise EngineError(_('The sales have no attribute %(name)s, which a rule needs.'),
                              {'name': name}, field=f'attributes.{name}')
        return self.attributes[name]

    def take(self, index):
        """Return some of the sales.

        :param index: slice, or ascending positions, or bool array (m)
        """
        return Sales(self.ids[index], self.seller[index], self.net[index], self.margin[index],
                     self.points[index], self.quantity[index], self.column[index],
                     {name: codes[index] for name, codes in self.attributes.items()},
                     self.total[index], self.origin[index])

    def find(self, sale_id):
        """Return the one sale with this id as sales of length 1.

        :raise EngineError: when there is none
        """
        position, found = locate(self.ids, np.array([sale_id], dtype=np.int64))
        if not found[0]:
            raise EngineError(_('There is no sale %(sale)s.'), {'sale': sale_id}, record=sale_id,
                              field='sale')
        return self.take(slice(int(position[0]), int(position[0]) + 1))
