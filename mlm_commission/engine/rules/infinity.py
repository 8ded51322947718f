# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Infinity bonus: a rate without end of depth, until the next agent of the same rank."""

import numpy as np

from ..i18n import _
from ..params import Param
from ..reasons import Reason
from ..rule import Rows, Rule, by_column, percent, register, sentinel
from ..tree import nearest


@register
class Infinity(Rule):
    """Pay ``base x rate`` to the nearest agent who has the rank and stands high enough.

    For each layer: of all agents at least ``from_level`` sponsors above the seller who are active,
    have an agreement and at least the layer's rank, the nearest one is paid. So the bonus reaches
    down without limit until it meets the next agent of that rank at that agent's own first paid
    level. An agent who is paid by several layers gets one entry with the sum of the rates. The
    entry's level is the number of sponsors between, plus one.

    Source of the formula: published infinity bonuses with a blocker for each layer.
    """

    kind = 'infinity'
    label = _('Infinity')
    help = _('A rate at any depth, until the next agent of the same rank.')
    params = (
        Param('layers', 'table', _('Layers'), min=1, max=50, columns=(
            Param('rank', 'integer', _('Lowest rank'), min=0, max=32767),
            Param('rate', 'percent', _('Rate')),
            Param('from_level', 'integer', _('From level'),
                  _('The first level above the seller that is paid.'), default=1, min=1,
                  max=1000))),
    )

    def ceiling(self):
        return sum(row['rate'] for row in self.values['layers'])

    @classmethod
    def say(cls, values, digits):
        return [(_('Agents of rank %(rank)s or higher earn %(rate)s %% from level %(level)s down, '
                   'until the next agent of that rank.'),
                 {'rank': row['rank'], 'rate': percent(row['rate']), 'level': row['from_level']})
                for row in values['layers']]

    def prepare(self, run):
        return _State(run)

    def pay(self, state, sales, note=None):
        rows = Rows(self, state.run.network, sales, note)
        base = self.worth(sales)
        for column, position in by_column(sales):
            self._pay(state, rows, column, position, sales.seller[position], base[position])
            if note:
                self._tell(state, column, note, sales.seller[0])
        return rows.entries()

    def _pay(self, state, rows, column, position, seller, base):
        size = len(state.run.network)
        keys, rates = [], []
        for layer in self.values['layers']:
            who = state.above(column, layer['rank'])[state.start(seller, layer['from_level'])]
            found = np.flatnonzero(who >= 0)
            keys.append(found * (size + 1) + who[found])
            rates.append(np.full(len(found), layer['rate'], dtype=np.int64))
        keys, place = np.unique(np.concatenate(keys), return_inverse=True)
        rate = np.zeros(len(keys), dtype=np.int64)
        np.add.at(rate, place, np.concatenate(rates))
        sale, who = keys // (size + 1), keys % (size + 1)
        depth = state.run.network.depth
        rows.add(position[sale], depth[seller[sale]] - depth[who], who, rate, base[sale],
                 self.settings.rounding.share(base[sale], rate), Reason.INFINITY)

    def _tell(self, state, column, note, seller):
        """Say why the others above one seller get nothing."""
        note.add(seller, 0, Reason.SELLER_IGNORED)
        terms, active = state.run.terms, state.run.network.active
        for who in note.walk(seller, -1):
            if note.has(who):
                continue
            high = [layer for layer in self.values['layers'] if terms.ranks[who] >= layer['rank']]
            distance = note.distance(who)
            if terms.rates[column][who] < 0:
                reason = Reason.NO_AGREEMENT_PASSED
            elif not active[who]:
                reason = Reason.INACTIVE_PASSED
            elif not high:
                reason = Reason.UNQUALIFIED_PASSED
            elif all(distance < layer['from_level'] for layer in high):
                reason = Reason.NO_LEVEL
            else:
                reason = Reason.BLOCKED
            note.add(who, distance, reason)


class _State:
    """Pointers to the nearest agent of a rank, by column."""

    def __init__(self, run):
        self.run, self._above = run, {}
        self._sponsor = sentinel(run.network.sponsor)

    def above(self, column, rank):
        """Return an int32 array (n + 1): nearest agent above who can be paid and has the rank."""
        column = self.run.alike(column, True)
        if (column, rank) not in self._above:
            terms, network = self.run.terms, self.run.network
            earns = network.active & (terms.rates[column] >= 0) & (terms.ranks >= rank)
            self._above[column, rank] = sentinel(nearest(network.sponsor, earns))
        return self._above[column, rank]

    def start(self, seller, level):
        """Return who stands one below the first level that is paid, -1 if nobody."""
        for _step in range(level - 1):
            seller = self._sponsor[seller]
        return seller
