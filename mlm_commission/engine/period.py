# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What rules that look at a whole period have in common.

Such a rule collects what it needs slice by slice into a book (plain arrays by agent, so memory does
not grow with the number of sales) and settles at the end.
"""

import numpy as np

from .entries import Entries
from .rule import Rule
from .state import State
from .tree import depths, nearest, subtotals


class PeriodRule(Rule):
    """A rule that pays once for all sales of the period; its entries have sale 0."""

    scope_of_run = 'period'
    # Lower stages settle first: 1 volumes, 2 shares of others' commissions, 3 pools, 9 caps.
    stage = 1

    def open(self, state, carried):
        """Return an empty book.

        :param state: what `prepare` returned
        :param State carried: what the period before handed over
        """
        return {}

    def collect(self, state, book, sales):
        """Take the sales of one slice into the book."""

    def read(self, state, book, entries):
        """Take commissions of the rules this one refers to into the book."""

    def settle(self, state, book, note=None):
        """Return the entries of the period.

        :param note: a `PeriodRecorder` that wants to know why each agent gets what
        """
        raise NotImplementedError

    def carry(self, state, book):
        """Return what is handed to the next period: dict name -> int64 (n)."""
        return {}

    def prepare(self, run):
        return run

    def pay(self, state, sales, note=None):
        book = self.open(state, State())
        self.collect(state, book, sales)
        return self.settle(state, book, note)

    def rows(self, network, level, who, rate, base, amount, reason, note=None):
        """Return entries of the period, without those of no amount.

        :param level: int array (k) or integer
        :param who: int array (k) into the network, -1 for the company
        :param rate: int array (k) or integer, ppm
        :param base: int64 array (k) or integer
        :param amount: int64 array (k)
        """
        who = np.asarray(who, dtype=np.int64)
        shape = np.broadcast_to
        size = len(who)
        level, rate, base, amount = (shape(np.asarray(part), size)
                                     for part in (level, rate, base, amount))
        ids = np.where(who >= 0, network.ids[who], 0) if size else who
        if note:
            for place in range(size):
                note.add(int(ids[place]), int(level[place]), reason, int(rate[place]),
                         int(base[place]), int(amount[place]))
        keep = np.flatnonzero(amount)
        return Entries(np.zeros(len(keep)), np.full(len(keep), self.ordinal), level[keep],
                       ids[keep], rate[keep], base[keep], amount[keep],
                       np.full(len(keep), reason)).sorted()


def add_up(values, places, size):
    """Sum values by place.

    :param values: int64 array (k)
    :param places: int array (k), 0 ... size-1
    :return: int64 array (size)
    """
    result = np.zeros(size, dtype=np.int64)
    np.add.at(result, places, values)
    return result


def earned_by(network, entries):
    """Sum commissions by agent, int64 (n); the company, and who left the network, is left out."""
    place, known = network.find(entries.beneficiary)
    return add_up(entries.amount[known], place[known], len(network))


def by_threshold(rows, key, value, amounts):
    """Look up a table of thresholds.

    :param rows: tuple of dicts, ascending by key
    :param amounts: int array (k)
    :return: int64 array (k): the value of the last row whose key is not above, 0 below the first
    """
    limits = np.array([row[key] for row in rows], dtype=np.int64)
    values = np.array([0, *(row[value] for row in rows)], dtype=np.int64)
    return values[np.searchsorted(limits, amounts, side='right')]


class Groups:
    """The tree whose groups are added up, agents who cannot be paid left out or kept.

    :param Run run: gives the network
    :param bool pass_up: whether agents who cannot be paid are left out; what they sold then belongs
        to the nearest agent above who can
    """

    def __init__(self, run, pass_up):
        self.network, self.members, self.pass_up = run.network, run.members, pass_up
        parent = run.network.sponsor
        self.nearest = nearest(parent, self.members) if pass_up else parent
        self.parent = np.where(self.members, self.nearest, np.int32(-1)) if pass_up else parent
        self.depth = depths(self.parent) if pass_up else run.network.depth

    def owned(self, values):
        """Return what counts as each agent's own, int64 (n)."""
        if not self.pass_up:
            return values
        moved = np.flatnonzero(~self.members & (self.nearest >= 0))
        result = np.where(self.members, values, np.int64(0))
        np.add.at(result, self.nearest[moved], values[moved])
        return result

    def totals(self, values):
        """Return the sum of each agent's own and everybody's below, int64 (n)."""
        return subtotals(self.parent, self.depth, values)


class GroupRule(PeriodRule):
    """A rule of the period that is settled by what each agent's group sold: points and value.

    Its parameters include ``unqualified``: 'pass_up' leaves agents who cannot be paid out of the groups.
    """

    def prepare(self, run):
        return run, Groups(run, self.values['unqualified'] == 'pass_up')

    def open(self, state, carried):
        size = len(state[0].network)
        return {'points': np.zeros(size, np.int64), 'value': np.zeros(size, np.int64)}

    def collect(self, state, book, sales):
        size = len(book['points'])
        book['points'] += add_up(sales.points, sales.seller, size)
        book['value'] += add_up(self.worth(sales), sales.seller, size)
