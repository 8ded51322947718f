# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Seats of a placement tree with two legs, and where something stands among all that sit below."""

from functools import cached_property

import numpy as np

from .tree import depths, path_totals, subtotals


class Seats:
    """A placement tree of two legs.

    :param parent: int32 array (n), index of the agent above, -1 for none
    :param slot: int32 array (n), 0 left, 1 right
    """

    def __init__(self, parent, slot):
        self.parent, self.slot, self.depth = parent, slot, depths(parent)
        self.sides = [np.flatnonzero((parent >= 0) & (slot == side)) for side in (0, 1)]

    def __len__(self):
        return len(self.parent)

    def legs(self, values):
        """Add up values by leg: int64 (2, n)."""
        total = subtotals(self.parent, self.depth, values)
        result = np.zeros((2, len(self)), dtype=np.int64)
        for side, who in enumerate(self.sides):
            result[side][self.parent[who]] = total[who]
        return result

    @cached_property
    def span(self):
        """Numbers in an order in which everybody below a node follows it: (first, behind)."""
        size = subtotals(self.parent, self.depth, np.ones(len(self), np.int64))
        beside = np.zeros(len(self), dtype=np.int64)
        beside[self.parent[self.sides[0]]] = size[self.sides[0]]
        step = np.ones(len(self), dtype=np.int64)
        step[self.sides[1]] += beside[self.parent[self.sides[1]]]
        roots = np.flatnonzero(self.parent < 0)
        step[roots] = np.cumsum(size[roots]) - size[roots]
        first = path_totals(self.parent, step)
        return first, first + size

    def above(self, nodes):
        """Return all (row, node, agent above) from some nodes up to the top.

        :param nodes: int array (k)
        :return: (int array (p): position in nodes, int array (p): who sits below the agent on this
            way, int array (p): the agent)
        """
        parts, row, node = [], np.arange(len(nodes)), np.asarray(nodes)
        while len(row):
            agent = self.parent[node]
            keep = agent >= 0
            row, node, agent = row[keep], node[keep], agent[keep]
            parts.append((row, node, agent))
            node = agent
        return tuple(np.concatenate(column) for column in zip(*parts))


def sum_below(rank, values, start, end, limit):
    """Sum the values at positions start ... end-1 whose rank is below limit, for many queries.

    A wavelet matrix, made and used bit by bit, so memory does not grow with the number of bits.

    :param rank: int array (m), 0 ... m-1
    :param values: int64 array (m)
    :param start: int array (k); :param end: int array (k); :param limit: int array (k), 0 ... m
    :return: int64 array (k)
    """
    result = np.zeros(len(start), dtype=np.int64)
    for bit in range(max(len(rank), 1).bit_length() - 1, -1, -1):
        one = (rank >> bit) & 1
        zeros = np.concatenate([[0], np.cumsum(1 - one)])
        sums = np.concatenate([[0], np.cumsum(np.where(one == 0, values, 0))])
        upper = ((limit >> bit) & 1).astype(bool)
        result += np.where(upper, sums[end] - sums[start], 0)
        start, end = (np.where(upper, zeros[-1] + place - zeros[place], zeros[place])
                      for place in (start, end))
        order = np.argsort(one, kind='stable')
        rank, values = rank[order], values[order]
    return result


class Line:
    """Lots of one tree in the order of its seats, to look up where they stand in the lines.

    :param Seats seats: the tree
    :param order: int array (m), positions of the lots (numbered in the order of the lines)
    :param volume: int64 array (m), in that order
    :param number: int64 array (m), the sellers' numbers in the tree, ascending
    :param behind: int64 array (n), see `Seats.span`
    :param before: int64 (2, n), volume of the lots of earlier trees
    :param stopped: int64 (2, k + 1), sums of the volume that does not count, see `Legs.skip`
    """

    def __init__(self, seats, order, volume, number, behind, before, stopped):
        self.seats, self.order, self.volume, self.number = seats, order, volume, number
        self.behind, self.before, self.stopped = behind, before, stopped

    def until(self, node, lot):
        """Return the volume of the lots up to a lot, it included, among those at and below nodes.

        :param node: int array (k)
        :param lot: int array (k), number of a lot
        """
        first = self.seats.span[0]
        return sum_below(self.order, self.volume, np.searchsorted(self.number, first[node]),
                         np.searchsorted(self.number, self.behind[node]), lot + 1)
