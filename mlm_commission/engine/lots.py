# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Volume in the legs of a binary tree, lot by lot, so that a return undoes the right pairs.

The definition. What a sale brings into a leg is a lot. The lots of one leg of one agent stand in a
line: those of an earlier turn first (a turn is one settlement), within a turn by the sale's id.
Volume is taken from the front of the line, in pieces. A turn takes up to three of them, in this
order: what credits that belong to no sale eat (EATEN), what is balanced and paid (PAIRS), what is
lost to a flush or a limit (LOST). What no piece took is the carry, so the carry is always the
youngest volume of a leg.

A return shortens its sale's lot from the end, in every leg the lot stands in. Where that part of
the line is carry, there is less carry and nothing else happens. Where it is lost, nothing happens.
Where it was eaten, the credit waits again. Where it was paid, the pairs it took part in are undone:
both legs of that piece shrink in the same proportion (returns from both legs in one run count
against each other, not twice), the piece's payment goes back in proportion to the volume of both
legs that is still counted in it, and the volume that lost its counterpart steps into the pairs
behind, so that at the end of its line there is as much more carry. The remaining payment of a piece
is ``paid - round_half_up(paid x volume gone / volume)``: however many returns there are, a piece of
which nothing is left has paid exactly nothing.

How it is kept. One lot for each sale, not one for each sale and agent, and one piece for each agent
and turn. Where a lot stands in a line is the sum of the lots before it among those who sit below
that seat, which is looked up when something is returned: O((lots + returns x depth) log lots).
A lot belongs to the seats of its own turn, even if somebody is placed elsewhere later.
"""

import numpy as np

from .money import muldiv, share_down
from .period import add_up
from .seats import Line, Seats
from .tree import subtotals

EATEN, PAIRS, LOST = range(3)
SIDES = ('left', 'right')
LOTS = ('turn', 'sale', 'seller', 'volume', 'tree')
PIECES = ('agent', 'turn', 'kind', 'left', 'right', 'volume', 'paid')
SKIPPED = ('agent', 'turn', 'left', 'right')
TREES = ('tree', 'agent', 'above', 'slot')
# How many pairs of (returned lot, agent above) are looked up at once.
CHUNK = 1_000_000


class Legs:
    """All lots, pieces and carries of one rule: loaded, changed by one run, and handed on.

    :param Network network: n agents with their seats
    :param State state: what the run before handed over
    :param str rule: name of the rule

    :ivar carry: int64 (2, n), what no piece has taken, left and right
    :ivar owed: int64 (2, n), credits without a sale that wait for volume
    :ivar old: int64 (2, n), volume at the front of the lines whose lots are no longer kept
    :ivar int turn: number of the last turn
    """

    def __init__(self, network, state, rule):
        self.network, self.state, self.rule = network, state, rule
        self.carry, self.owed, self.old = (
            np.stack([state.of(rule, prefix + side, network) for side in SIDES])
            for prefix in ('', 'owed_', 'old_'))
        self.lots, self.pieces, self.skipped = (
            self._load(name, columns) for name, columns in (
                ('lots', LOTS), ('pieces', PIECES), ('skipped', SKIPPED)))
        self.last = state.table(rule, 'runs', ('last',))['last'].tolist()
        self.turn = self.last[-1] if self.last else 0
        self.seats, self.tree = self._trees()
        self._lots, self._pieces, self._skips = [self.lots], [self.pieces], [self.skipped]

    def _load(self, name, columns):
        table = self.state.table(self.rule, name, columns)
        for column in ('agent', 'seller'):
            if column in table:
                table[column] = self.network.index(table[column], 'state').astype(np.int64)
        return table

    # === SEATS === #

    def _trees(self):
        """Return ({number: Seats}, number of the tree of this run).

        A new number is given when somebody with lots below sits elsewhere than before.
        """
        now = Seats(self.network.seats(), self.network.slot)
        rows, size = self.state.table(self.rule, 'trees', TREES), len(self.network)
        trees = {}
        for number in np.unique(rows['tree']).tolist():
            mine = rows['tree'] == number
            (agent, known), (above, there) = (self.network.find(rows[name][mine])
                                              for name in ('agent', 'above'))
            known &= there
            parent, slot = np.full(size, -1, np.int32), np.zeros(size, np.int32)
            parent[agent[known]], slot[agent[known]] = above[known], rows['slot'][mine][known]
            trees[number] = Seats(parent, slot)
        number = max(trees, default=0)
        if trees and self._moved(trees[number], now, number):
            number += 1
        trees[number] = now
        return trees, number

    def _moved(self, before, now, number):
        sellers = self.lots['seller'][self.lots['tree'] == number]
        held = subtotals(before.parent, before.depth,
                         add_up(np.ones(len(sellers), np.int64), sellers, len(before)))
        return bool(((held > 0) & ((before.parent != now.parent)
                                   | ((now.parent >= 0) & (before.slot != now.slot)))).any())

    # === RETURNS === #

    def take_back(self, sale, amount):
        """Take volume off the lots of sales, the latest lot of a sale first.

        What is more than the lots of a sale hold is ignored: it never stood in a leg.

        :param sale: int64 array (k), ascending ids, unique
        :param amount: int64 array (k), positive
        :return: (int64 (2, n): volume that is no longer paired, int64 (n): what goes back)
        """
        taken = self._draw(sale, amount)
        self._sort_pieces()
        loss = np.zeros((2, len(self.pieces['agent'])), dtype=np.int64)
        before = self.old.copy()
        # As they are before anything comes off, like the lots themselves.
        stopped = np.stack([np.concatenate([[0], np.cumsum(self.skipped[name])]) for name in SIDES])
        for number in sorted(self.seats):
            seats, mine = self.seats[number], np.flatnonzero(self.lots['tree'] == number)
            volume, seller = self.lots['volume'][mine], self.lots['seller'][mine]
            if taken[mine].any():
                first, behind = seats.span
                order = np.argsort(first[seller], kind='stable')
                line = Line(seats, order, volume[order], first[seller][order], behind, before,
                            stopped)
                for rows in self._chunks(seats, seller, np.flatnonzero(taken[mine])):
                    self._lose(line, mine, rows, seats.above(seller[rows]), taken, loss)
            before += seats.legs(add_up(volume, seller, len(seats)))
        self.lots['volume'] = self.lots['volume'] - taken
        return self._shrink(loss)

    def _draw(self, sale, amount):
        """Return what each lot loses, int64 by lot."""
        lots, volume = self.lots, self.lots['volume']
        order = np.lexsort((-lots['turn'], lots['sale']))
        ids = lots['sale'][order]
        before = np.cumsum(volume[order]) - volume[order]
        head = np.searchsorted(ids, ids)
        before = before - before[head] if len(ids) else before
        place = np.minimum(np.searchsorted(sale, ids), max(len(sale) - 1, 0))
        wanted = np.where(sale[place] == ids, amount[place], 0) if len(sale) else before * 0
        taken = np.zeros_like(volume)
        taken[order] = np.clip(wanted - before, 0, volume[order])
        return taken

    @staticmethod
    def _chunks(seats, seller, rows):
        """Cut rows so that each part has a bounded number of agents above."""
        bounds = np.cumsum(seats.depth[seller[rows]].astype(np.int64)) // CHUNK
        return np.split(rows, np.flatnonzero(np.diff(bounds)) + 1)

    def _lose(self, line, mine, rows, way, taken, loss):
        """Find what the ends of some lots are in every leg they stand in, and note it."""
        row, node, agent = way
        lot = rows[row]
        side = line.seats.slot[node].astype(np.int64)
        turn, cut = self.lots['turn'][mine][lot], taken[mine][lot]
        end = line.before[side, agent] + line.until(node, lot)
        stopped = self._skip(side, agent, turn, cut)
        end -= self._skipped_before(line.stopped, side, agent, turn)
        keep = ~stopped
        self._spread(side[keep], agent[keep], (end - cut)[keep], end[keep], loss)

    def _skip(self, side, agent, turn, cut):
        """Take returns off what never counted; returns a bool array: which did not count."""
        skipped, width = self.skipped, self.turn + 1
        key = skipped['agent'] * width + skipped['turn']
        wanted = agent.astype(np.int64) * width + turn
        place = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
        found = key[place] == wanted if len(key) else np.zeros(len(wanted), dtype=bool)
        for number, name in enumerate(SIDES):
            here = found & (side == number)
            if here.any():
                skipped[name] = skipped[name] - add_up(cut[here], place[here], len(key))
        return found

    def _skipped_before(self, sums, side, agent, turn):
        """Return the volume of the lots before that do not count for the agent."""
        skipped, width = self.skipped, self.turn + 1
        key = skipped['agent'] * width + skipped['turn']
        start = np.searchsorted(key, agent.astype(np.int64) * width)
        stop = np.searchsorted(key, agent.astype(np.int64) * width + turn)
        return sums[side, stop] - sums[side, start]

    def _sort_pieces(self):
        pieces = self.pieces
        order = np.lexsort((pieces['kind'], pieces['turn'], pieces['agent']))
        self.pieces = {name: values[order] for name, values in pieces.items()}
        self._pieces = [self.pieces]

    def _spread(self, side, agent, start, end, loss):
        """Note which pieces the stretches start ... end of some lines belong to.

        :param loss: int64 (2, pieces), what each piece loses; added to
        """
        owner = self.pieces['agent']
        first, behind = (np.searchsorted(owner, agent, side=where) for where in ('left', 'right'))
        ends = np.stack([np.concatenate([[0], np.cumsum(self.pieces[name])]) for name in SIDES])
        base = ends[side, first]
        low, high = first.copy(), behind.copy()
        while (low < high).any():  # the first piece that ends behind the start
            middle = (low + high) // 2
            after = (low < high) & (ends[side, np.minimum(middle, len(owner) - 1) + 1] - base
                                    <= start)
            low, high = (np.where(after, middle + 1, low),
                         np.where((low < high) & ~after, middle, high))
        place, rows = low, np.arange(len(agent))
        while len(rows):
            inside = place[rows] < behind[rows]
            rest = rows[~inside]
            np.subtract.at(self.carry, (side[rest], agent[rest]), end[rest] - start[rest])
            rows = rows[inside]
            here = place[rows]
            part = np.minimum(end[rows], ends[side[rows], here + 1] - base[rows]) - start[rows]
            np.add.at(loss, (side[rows], here), part)
            start[rows] += part
            place[rows] += 1
            rows = rows[start[rows] < end[rows]]

    def _shrink(self, loss):
        """Make the pieces smaller; see the definition at the top."""
        pieces, size = self.pieces, len(self.network)
        kind, agent = pieces['kind'], pieces['agent']
        legs = np.stack([pieces[name] for name in SIDES])
        kept = legs - loss
        pairs = np.flatnonzero((kind == PAIRS) & loss.any(axis=0))
        after = kept.copy()
        for side in (0, 1):
            other = 1 - side
            after[side][pairs] = np.minimum(kept[side][pairs], share_down(
                legs[side][pairs], kept[other][pairs], legs[other][pairs]))
        for side, name in enumerate(SIDES):
            self.carry[side] += add_up(kept[side] - after[side], agent, size)
            eaten = np.flatnonzero(kind == EATEN)
            self.owed[side] += add_up(loss[side][eaten], agent[eaten], size)
            pieces[name] = after[side]
        back = (self._remaining(after, pairs) - self._remaining(legs, pairs))
        undone = np.stack([add_up((legs - after)[side][pairs], agent[pairs], size)
                           for side in (0, 1)])
        return undone, add_up(back, agent[pairs], size)

    def _remaining(self, legs, which):
        """Return what pieces have paid if their legs are as long as said."""
        paid, volume = self.pieces['paid'][which], self.pieces['volume'][which]
        return paid - muldiv(paid, volume - legs[0][which] - legs[1][which],
                             np.maximum(volume, 1))

    # === WHAT COMES IN === #

    def arrive(self, sale, seller, volume):
        """Begin a turn with new lots.

        :param sale: int64 array (k), ids, ascending
        :param seller: int array (k) into the network
        :param volume: int64 array (k), positive
        :return: int64 (2, n), new volume of both legs; not yet part of the carry
        """
        self.turn += 1
        now = self.seats[self.tree]
        held = np.flatnonzero(now.parent[seller] >= 0)
        self._lots.append({
            'turn': np.full(len(held), self.turn), 'sale': sale[held],
            'seller': seller[held].astype(np.int64), 'volume': volume[held],
            'tree': np.full(len(held), self.tree)})
        return now.legs(add_up(volume, seller, len(now)))

    def owe(self, seller, volume):
        """Return what credits without a sale take from both legs, int64 (2, n).

        :param volume: int64 array (k), positive
        """
        now = self.seats[self.tree]
        return now.legs(add_up(volume, seller, len(now)))

    def skip(self, who, new):
        """Note that the lots of this turn do not count for some agents.

        :param who: int array (k) into the network
        """
        who = who[new[:, who].any(axis=0)]
        self._skips.append({'agent': who, 'turn': np.full(len(who), self.turn),
                            'left': new[0][who], 'right': new[1][who]})

    def put(self, turn, kind, legs, paid=None):
        """Note the pieces that a turn takes; the carry is the caller's to change.

        :param legs: int64 (2, n), what is taken from the front of both lines
        :param paid: int64 (n), minor units, for pairs
        """
        who = np.flatnonzero(legs.any(axis=0))
        size = len(who)
        self._pieces.append({
            'agent': who, 'turn': np.full(size, turn), 'kind': np.full(size, kind),
            'left': legs[0][who], 'right': legs[1][who],
            'volume': legs[:, who].sum(axis=0) if kind == PAIRS else np.zeros(size, np.int64),
            'paid': np.zeros(size, np.int64) if paid is None else paid[who]})

    # === WHAT IS HANDED ON === #

    def save(self, keep_runs):
        """Return what the next run needs, see `State`.

        :param int keep_runs: for how many further runs lots are kept; 0 for ever
        """
        self.lots, self.pieces, self.skipped = (
            {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
            for parts in (self._lots, self._pieces, self._skips))
        self.last.append(self.turn)
        self._sort_pieces()
        order = np.lexsort((self.skipped['turn'], self.skipped['agent']))
        order = order[(self.skipped['left'] + self.skipped['right'])[order] > 0]
        self.skipped = {name: values[order] for name, values in self.skipped.items()}
        if keep_runs and len(self.last) > keep_runs:
            self._forget(self.last[-1 - keep_runs])
        ids, pieces, skipped = self.network.ids, self.pieces, self.skipped
        used = pieces['left'] + pieces['right'] > 0
        lots = {name: values[self.lots['volume'] > 0] for name, values in self.lots.items()}
        trees = [number for number in sorted(self.seats)
                 if number == self.tree or (lots['tree'] == number).any()]
        return {
            **{prefix + side: part[number] for prefix, part in (
                ('', self.carry), ('owed_', self.owed), ('old_', self.old))
               for number, side in enumerate(SIDES)},
            'lots': {**lots, 'seller': ids[lots['seller']]},
            'pieces': {**{name: values[used] for name, values in pieces.items()},
                       'agent': ids[pieces['agent'][used]]},
            'skipped': {**skipped, 'agent': ids[skipped['agent']]},
            'runs': {'last': np.array(self.last, np.int64)},
            'trees': self._write(trees),
        }

    def _write(self, trees):
        parts = []
        for number in trees:
            seats = self.seats[number]
            who = np.flatnonzero(seats.parent >= 0)
            parts.append((np.full(len(who), number), self.network.ids[who],
                          self.network.ids[seats.parent[who]], seats.slot[who].astype(np.int64)))
        return dict(zip(TREES, (np.concatenate(column).astype(np.int64)
                                for column in zip(*parts))))

    def _forget(self, until):
        """Give up the lots of old turns: they become nameless volume at the front of the lines."""
        lots, gone = self.lots, self.lots['turn'] <= until
        for number, seats in self.seats.items():
            mine = gone & (lots['tree'] == number)
            self.old += seats.legs(add_up(lots['volume'][mine], lots['seller'][mine], len(seats)))
        self.lots = {name: values[~gone] for name, values in lots.items()}
        stopped = self.skipped['turn'] <= until
        for side, name in enumerate(SIDES):
            self.old[side] -= add_up(self.skipped[name][stopped],
                                     self.skipped['agent'][stopped], len(self.network))
        self.skipped = {name: values[~stopped] for name, values in self.skipped.items()}
        self._drop_pieces()

    def _drop_pieces(self):
        """Give up pieces that hold nameless volume only."""
        pieces = self.pieces
        owner = pieces['agent']
        first = np.searchsorted(owner, owner)
        settled = np.ones(len(owner), dtype=bool)
        for side, name in enumerate(SIDES):
            ends = np.concatenate([[0], np.cumsum(pieces[name])])
            settled &= ends[1:] - ends[first] <= self.old[side][owner]
        for side, name in enumerate(SIDES):
            self.old[side] -= add_up(pieces[name][settled], owner[settled], len(self.network))
        self.pieces = {name: values[~settled] for name, values in pieces.items()}
