# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What rules that look at a whole period have in common.

Such a rule collects what it needs slice by slice into a book (plain arrays by agent, so memory does
not grow with the number of sales) and settles at the end.
"""

import numpy as np

from .entries import Entries
from .rule import Rule


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
        from .state import State  # noqa: PLC0415
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
        who = np.asarray(who)
        shape = np.broadcast_to
        size = len(who)
        level, rate, base, amount = (shape(np.asarray(part), size)
                                     for part in (level, rate, base, amount))
        ids = np.where(who >= 0, network.ids[who], 0) if len(network) else who + 1
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
