# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Paying level by level up a tree: what levels, matrix, cascade and their relatives share.

A rule says with `price` what a level is worth; who stands on which level, and why somebody is
passed over, is decided here once for all of them.
"""

import numpy as np

from .i18n import _
from .params import Param
from .reasons import Reason
from .rule import Rows, Rule, by_column, percent, sentinel
from .tree import nearest

MIN_RANK = Param('min_rank', 'integer', _('Lowest rank'),
                 _('Number of the rank that opens the level; -1: no rank is needed.'),
                 default=-1, min=-1, max=32767)
MIN_POINTS = Param('min_points', 'points', _('Personal points'),
                   _('Personal points of the period that open the level.'), default='0')
COMPRESSION = Param('compression', 'choice', _('Compression'), default='none', choices=(
    ('none', _('None: every agent takes a level')),
    ('standard', _('Standard: inactive agents are passed over')),
    ('dynamic', _('Dynamic: agents who do not qualify for a level are passed over too'))))


OWN_RATE = Param('own_rate', 'percent', _('Own rate'), _('What the seller earns on own sales.'),
                 default='0')


class UplineRule(Rule):
    """A rule that pays ``rates[k]`` to whoever stands on level k above the seller.

    Levels are counted upward; the parameter ``compression`` decides who is counted:

    - none: everyone. What falls on an agent who cannot be paid is lost to the company.
    - standard: only who is active and has an agreement for the sale. An agent who does not qualify
      for a level (rank, personal points) uses the level up.
    - dynamic: as standard, and whoever does not qualify for a level is passed over for that level;
      the next level is counted from the one who got it.
    """

    def tree(self, run):
        """Return the int32 array (n) of the tree that is climbed."""
        return run.network.sponsor

    def own(self):
        """Return the row that pays the seller as level 0, or None."""
        rate = self.values.get('own_rate')
        return {'rate': rate} if rate else None

    def counted(self, run):
        """Return a bool array (n): who can take a level at all; None for everybody."""
        return None

    def price(self, row, base, carried, position, sales):
        """Return what one level is worth.

        :param dict row: the level's row of the table
        :param base: int64 array (k), minor units
        :param carried: int64 array (k), what this method returned for the level before, first 0
        :param position: int array (k) into the sales
        :return: (base used, amount, carried), int64 arrays (k)
        """
        return base, self.settings.rounding.share(base, row['rate']), carried

    def shift(self, state, column, seller):
        """Return what is added to the number of each level, int array (k) by sale."""
        return np.zeros(len(seller), dtype=np.int32)

    def prepare(self, run):
        return Upline(self, run)

    def pay(self, state, sales, note=None):
        rows = Rows(self, state.run.network, sales, note)
        base = self.worth(sales)
        for column, position in by_column(sales):
            Climb(state, rows, column, note).pay(position, sales.seller[position], base[position])
        return rows.entries()

    @classmethod
    def say(cls, values, digits):
        rates = ' / '.join(percent(row['rate']) for row in values['rates'])
        many = _('The %(count)s levels above earn %(rates)s %%.')
        one = _('The first level above earns %(rates)s %%.')
        lines = [(many if len(values['rates']) > 1 else one,
                  {'count': len(values['rates']), 'rates': rates})]
        if values.get('own_rate'):
            lines.insert(0, (_('The seller earns %(rate)s %%.'),
                             {'rate': percent(values['own_rate'])}))
        return lines + cls.say_compression(values)

    @staticmethod
    def say_compression(values):
        """Return the sentence about who is counted."""
        return [({
            'none': _('Every agent takes a level; what falls on an agent who cannot be paid stays '
                      'with the company.'),
            'standard': _('Agents who are not active or have no agreement are passed over.'),
            'dynamic': _('Agents who are not active, have no agreement or do not qualify for a '
                         'level are passed over.'),
        }[values['compression']], {})]


class Upline:
    """Who may be paid and who comes next, by column and by what a level asks for."""

    def __init__(self, rule, run):
        self.rule, self.run, self._earns, self._above = rule, run, {}, {}
        self.parent, self.counted = rule.tree(run), rule.counted(run)

    def earns(self, column, row=None):
        """Return a bool array (n): active, with an agreement, and qualified for the row."""
        row = row or {}
        column = self.run.alike(column, True)
        key = column, row.get('min_rank', -1), row.get('min_points', 0)
        if key not in self._earns:
            terms = self.run.terms
            self._earns[key] = (self.run.network.active & self.run.agreed(column)
                                & (terms.ranks >= key[1]))
            if key[2]:
                self._earns[key] &= terms.points >= key[2]
        return self._earns[key]

    def above(self, column, row):
        """Return an int32 array (n + 1): who is next to be counted, -1 at the end."""
        compression = self.rule.values['compression']
        column = self.run.alike(column, True)
        key = {'none': None, 'standard': (column, -1, 0), 'dynamic': (
            column, row.get('min_rank', -1), row.get('min_points', 0))}[compression]
        if key not in self._above:
            wanted = self.counted
            if key:
                earns = self.earns(column, row if compression == 'dynamic' else None)
                wanted = earns if wanted is None else earns & wanted
            self._above[key] = sentinel(
                self.parent if wanted is None else nearest(self.parent, wanted))
        return self._above[key]

    def why_not(self, column, who, passed):
        """Return the reason why one agent is not paid."""
        if passed and self.counted is not None and not self.counted[who]:
            return Reason.NOT_COUNTED
        if self.run.terms.rates[column][who] < 0:
            return Reason.NO_AGREEMENT_PASSED if passed else Reason.NO_AGREEMENT
        if not self.run.network.active[who]:
            return Reason.INACTIVE_PASSED if passed else Reason.INACTIVE_LOST
        return Reason.UNQUALIFIED_PASSED if passed else Reason.UNQUALIFIED_LOST


class Climb:
    """Pays the sales of one column, level by level."""

    def __init__(self, state, rows, column, note):
        self.state, self.rule, self.rows, self.column, self.note = (
            state, state.rule, rows, column, note)

    def pay(self, position, seller, base):
        """Pay the seller, then everyone above.

        :param position: int array (k) into the sales
        :param seller: int array (k) into the network
        :param base: int64 array (k), minor units
        """
        carried = np.zeros(len(position), dtype=np.int64)
        own = self.rule.own()
        if own:
            carried = self._level(position, 0, seller, base, carried, own, Reason.OWN)
        elif self.note:
            self.note.add(seller[0], 0, Reason.SELLER_IGNORED)
        shift = self.rule.shift(self.state, self.column, seller)
        for extra in np.unique(shift).tolist():
            here = shift == extra
            self._up(position[here], seller[here], base[here], carried[here], extra)

    def _up(self, position, who, base, carried, shift):
        """Pay the levels above; the first agent counted stands on level 1 + shift."""
        rates = self.rule.values['rates']
        for level in range(1 + shift, len(rates) + 1):
            row = rates[max(level, 1) - 1]
            following = self.state.above(self.column, row)[who]
            if self.note:
                for passed in self.note.walk(who[0], following[0]):
                    self.note.add(passed, level, self.state.why_not(self.column, passed, True))
            keep = following >= 0
            position, who, base, carried = (
                part[keep] for part in (position, following, base, carried))
            if not len(position):
                return
            if level > 0:
                carried = self._level(position, level, who, base, carried, row, Reason.LEVEL)
            elif self.note:
                self.note.add(who[0], level, Reason.NO_LEVEL)
        if self.note:
            for left in self.note.walk(who[0], -1):
                self.note.add(left, len(rates), Reason.LEVELS_USED, levels=len(rates))

    def _level(self, position, level, who, base, carried, row, reason):
        paid = self.state.earns(self.column, row)[who]
        if self.note and not paid[0]:
            self.note.add(who[0], level, self.state.why_not(self.column, who[0], False))
        used, amount, after = self.rule.price(row, base[paid], carried[paid], position[paid],
                                              self.rows.sales)
        carried = carried.copy()
        carried[paid] = after
        self.rows.add(position[paid], level, who[paid], row.get('rate', 0), used, amount, reason)
        return carried
