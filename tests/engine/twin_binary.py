# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The slow twin of the binary rule: every leg of every agent is a list of lots, walked one by one.

From the definition: lots stand in a line, earlier turns first, then by sale. A turn takes volume
from the front in pieces: eaten by credits without a sale, paired, lost. A return shortens its lot
from the end; a pair's piece shrinks on both legs in the same proportion and its payment with it.
"""

from fractions import Fraction

from twin import rounded, upline
from twin_period import cycles, hare


class Seat:
    """One agent: two lines of lots [sale, turn, volume], the pieces taken from them, and debts."""

    def __init__(self):
        self.lines, self.pieces, self.owed, self.used = ([], []), [], [0, 0], {}

    def carry(self, side):
        return (sum(lot[2] for lot in self.lines[side])
                - sum(piece['legs'][side] for piece in self.pieces))

    def stretches(self, side):
        """Which lot belongs to which piece: (lot, piece or None, volume) along the line."""
        waiting = [[piece, piece['legs'][side]] for piece in self.pieces]
        for lot in self.lines[side]:
            left = lot[2]
            while left:
                while waiting and not waiting[0][1]:
                    waiting.pop(0)
                if not waiting:
                    yield lot, None, left
                    break
                part = min(left, waiting[0][1])
                waiting[0][1] -= part
                left -= part
                yield lot, waiting[0][0], part

    def shorten(self, cuts):
        """Take returns off: cuts is {(sale, turn): volume}. Returns what goes back."""
        loss = {}
        for side in (0, 1):
            left = dict(cuts)
            for lot, piece, part in reversed(list(self.stretches(side))):
                key = lot[0], lot[1]
                cut = min(part, left.get(key, 0))
                if cut:
                    left[key] -= cut
                    lost = loss.setdefault(id(piece), (piece, [0, 0]))[1]
                    lost[side] += cut
            for lot in self.lines[side]:
                lot[2] -= cuts.get((lot[0], lot[1]), 0)
        return sum(self.shrink(piece, lost) for piece, lost in loss.values() if piece)

    def shrink(self, piece, lost):
        before = piece['legs']
        kept = [before[side] - lost[side] for side in (0, 1)]
        if piece['kind'] != 'pairs':
            piece['legs'] = kept
            if piece['kind'] == 'eaten':
                self.owed = [debt + cut for debt, cut in zip(self.owed, lost)]
            return 0
        part = min([Fraction(kept[side], before[side]) for side in (0, 1) if before[side]])
        piece['legs'] = [min(kept[side], int(before[side] * part)) for side in (0, 1)]

        def remaining(legs):
            gone = piece['volume'] - sum(legs)
            return piece['paid'] - rounded(Fraction(piece['paid'] * gone, piece['volume']))
        return remaining(piece['legs']) - remaining(before)


class Book:
    """All agents. The parameters are those of the rule, in internal units."""

    def __init__(self, **params):
        self.params = {'mode': 'weak_leg', 'fixed': False, 'excess': 'keep', 'carry_limit': 0,
                       'inactive': 'keep', 'total_cap': 0, 'returns': 0, 'per': 'run', **params}
        self.seats, self.lots, self.turn, self.run, self.last = {}, [], 0, 0, None

    def settle(self, world, sales, changes=()):
        """One run. Rows are (id, seller, volume, origin, day); returns ({agent: paid}, {agent:
        taken back})."""
        self.run += 1
        for agent in world.sponsor:
            self.seats.setdefault(agent, Seat())
        new, returns = self.sort(sales, changes)
        back = self.take_back(returns)
        fresh = [(sale, seller, volume, max(day, self.last if self.last is not None else day))
                 for sale, seller, volume, day in new]
        if self.params['per'] == 'run':
            fresh = [(*row[:3], 0) for row in fresh]
        total = sum(row[2] for row in (*sales, *changes))
        paid = self.cap(world, [self.take_turn(world, day, [row for row in fresh if row[3] == day])
                                for day in sorted({row[3] for row in fresh} or {self.last or 0})],
                        total)
        return paid, back

    def sort(self, sales, changes):
        rows, returns = {sale: [sale, seller, volume, day]
                         for sale, seller, volume, _origin, day in sales}, {}
        later = {}
        for _number, seller, volume, origin, day in sorted(changes):
            if origin in rows:
                rows[origin][2] += volume
            else:
                later.setdefault(origin, [origin, seller, 0, day])[2] += volume
        for origin, row in later.items():
            if row[2] < 0:
                returns[origin] = -row[2]
            elif row[2] > 0:
                rows[origin] = row
        return [tuple(rows[sale]) for sale in sorted(rows)], returns

    def take_back(self, returns):
        cuts = {}
        for lot in reversed(self.lots):
            sale, turn, volume, run = lot
            if self.params['returns'] and self.run - run > self.params['returns']:
                continue
            cut = min(volume, returns.get(sale, 0))
            if cut:
                returns[sale] -= cut
                lot[2] -= cut
                cuts[sale, turn] = cut
        back = {agent: seat.shorten(cuts) for agent, seat in self.seats.items()}
        return {agent: amount for agent, amount in back.items() if amount}

    def take_turn(self, world, day, rows):
        self.turn += 1
        for sale, _seller, volume, _day in rows:
            if volume > 0:
                self.lots.append([sale, self.turn, volume, self.run])
        done = {}
        for agent in world.sponsor:
            seat, member = self.seats[agent], world.member(agent)
            for sale, seller, volume, _day in rows:
                line = upline(world.placement, seller)
                if agent in line[1:] and not (self.params['inactive'] == 'stop' and not member):
                    side = world.slot[line[line.index(agent) - 1]]
                    if volume > 0:
                        seat.lines[side].append([sale, self.turn, volume])
                    else:
                        seat.owed[side] -= volume
            self.take(seat, 'eaten', [min(seat.owed[side], seat.carry(side)) for side in (0, 1)])
            seat.owed = [debt - cut for debt, cut in zip(seat.owed, seat.pieces[-1]['legs'])]
            taken, amount = self.pay(world, agent, seat, day) if member else ([0, 0], 0)
            self.take(seat, 'pairs', taken)
            piece = seat.pieces[-1]
            carry = [seat.carry(side) for side in (0, 1)]
            self.take(seat, 'lost', [have - kept for have, kept in zip(
                carry, self.kept(carry, member))])
            done[agent] = piece, amount
        self.last = day
        return done

    @staticmethod
    def take(seat, kind, legs):
        seat.pieces.append({'kind': kind, 'legs': list(legs), 'volume': sum(legs), 'paid': 0})

    def pay(self, world, agent, seat, day):
        params, (left, right) = self.params, (seat.carry(0), seat.carry(1))
        row = {'rate': 0, 'amount': 0, 'max_amount': 0}
        for one in params['ranks']:
            row = one if one['rank'] <= world.rank[agent] else row
        if params['mode'] == 'weak_leg':
            taken = [min(left, right)] * 2
            amount = world.share(taken[0], row['rate'])
        else:
            count, *after = cycles(left, right, params['strong'], params['weak'], params['fixed'])
            taken, amount = [left - after[0], right - after[1]], count * row['amount']
        if row['max_amount']:
            key = day if params['per'] != 'run' else self.run
            amount = min(amount, max(row['max_amount'] - seat.used.get(key, 0), 0))
        key = day if params['per'] != 'run' else self.run
        seat.used[key] = seat.used.get(key, 0) + amount
        return taken, amount

    def kept(self, carry, member):
        kept = list(carry)
        if self.params['excess'] == 'flush' and member:
            kept = [min(kept)] * 2
        if self.params['inactive'] == 'flush' and not member:
            kept = [0, 0]
        limit = self.params['carry_limit']
        return [min(one, limit) for one in kept] if limit else kept

    def cap(self, world, turns, total):
        """Cut all payments of the run to a rate of its volume; pieces get their part of it."""
        paid = {agent: sum(turn[agent][1] for turn in turns) for agent in sorted(world.sponsor)}
        limit = world.share(max(total, 0), self.params['total_cap'])
        if self.params['total_cap'] and sum(paid.values()) > limit:
            who = [agent for agent in paid if paid[agent]]
            parts = hare(limit // world.unit, [paid[agent] for agent in who])
            cut = {agent: part * world.unit for agent, part in zip(who, parts)}
        else:
            cut = dict(paid)
        for agent in paid:
            so_far = given = 0
            for turn in turns:
                piece, amount = turn[agent]
                so_far += amount
                if paid[agent]:
                    now = rounded(Fraction(so_far * cut.get(agent, 0), paid[agent]))
                    piece['paid'], given = now - given, now
        return {agent: amount for agent, amount in cut.items() if amount}
