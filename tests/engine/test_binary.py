# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Binary: volume by lots, returns that undo the right pairs, ceilings by time; twin and by hand."""

import random

import numpy as np
import pytest
import twin_binary
from engine import EngineError, Entries, Sales, State, pack_state, unpack_state
from engine.seats import Seats, sum_below
from hypothesis import given, settings
from hypothesis import strategies as st
from twin import World, upline
from worlds import percent, run_of


def written(params, unit=100):
    """The parameters of the twin (internal units) as a plan file writes them."""
    data = {name: value for name, value in params.items() if name in (
        'mode', 'fixed', 'excess', 'inactive', 'returns', 'per')}
    for name in ('strong', 'weak', 'carry_limit'):
        if name in params:
            data[name] = f'{params[name] / unit:.2f}'
    data['total_cap'] = percent(params.get('total_cap', 0))
    data['ranks'] = [{'rank': row['rank'], 'rate': percent(row.get('rate', 0)),
                      'amount': f"{row.get('amount', 0) / unit:.2f}",
                      'max_amount': f"{row.get('max_amount', 0) / unit:.2f}"}
                     for row in params['ranks']]
    return {'kind': 'binary', 'name': 'Binary', 'base': 'net', 'params': data}


def rows_to_sales(run, rows):
    ids, sellers, net, origin, day = zip(*rows) if rows else ([],) * 5
    return Sales.build(run.network, ids, sellers, net, origin=np.array(origin, np.int64),
                       attributes={'day': np.array(day, np.int64)})


def pay(world, params, sales, changes=(), state=None, order=False):
    """One run of the engine: ({agent: paid}, {agent: taken back}, state)."""
    run = run_of(world, written(params))
    stream = run.stream(rows_to_sales(run, sales), 3 if order else 100_000, state=state)
    for part in ([changes] if not order else [changes[::2], changes[1::2]]):
        stream.collect(rows_to_sales(run, part))
    entries = Entries.concat(list(stream))
    parts = [entries.take(entries.level == level) for level in (0, 1)]
    return *(dict(zip(part.beneficiary.tolist(), part.amount.tolist())) for part in parts), \
        stream.state


class Play:
    """A world, a rule and what is sold and returned in a few runs, made up as it goes."""

    def __init__(self, seed, **params):
        self.dice = random.Random(seed)
        self.world, self.params = self._world(), {**self._params(), **params}
        self.number, self.day, self.left = 0, 0, {}

    def _world(self):
        dice, size = self.dice, self.dice.choice((3, 6, 10, 16))
        agents = dice.sample(range(1, 100), size)
        placement, slot, free = {}, {}, []
        for agent in agents:
            placement[agent], slot[agent] = 0, 0
            if free and dice.random() < 0.95:
                seat = free.pop(dice.choice((0, -1)))
                placement[agent], slot[agent] = seat
            free += [(agent, 0), (agent, 1)]
        return World(dict.fromkeys(agents, 0), {one: dice.random() < 0.8 for one in agents},
                     dict.fromkeys(agents, 0), {one: dice.randint(-1, 3) for one in agents},
                     dice.choice(('half_up', 'half_even', 'toward_zero', 'away_from_zero')),
                     dice.choice((1, 1, 5)), placement=placement, slot=slot)

    def _params(self):
        dice = self.dice
        weak, strong = sorted((dice.randint(1, 30), dice.randint(1, 30)))
        return {
            'mode': dice.choice(('weak_leg', 'cycles')), 'fixed': dice.random() < 0.5,
            'weak': weak, 'strong': strong, 'excess': dice.choice(('keep', 'keep', 'flush')),
            'inactive': dice.choice(('keep', 'stop', 'stop', 'flush')),
            'carry_limit': dice.choice((0, 0, 60)), 'total_cap': dice.choice((0, 0, 20_000)),
            'returns': dice.choice((0, 0, 1, 2)), 'per': dice.choice(('run', 'day')),
            'ranks': [{'rank': -1, 'rate': 100_000, 'amount': 3,
                       'max_amount': dice.choice((0, 7))},
                      {'rank': 2, 'rate': 333_333, 'amount': 5,
                       'max_amount': dice.choice((0, 15))}]}

    def sales(self):
        rows, dice = [], self.dice
        for _sale in range(dice.choice((0, 2, 4, 8, 12))):
            self.number += 1
            volume = dice.choice((dice.randint(1, 40), dice.randint(1, 40), 100, 250, -30, 0, 1,
                                  90 if self.params['mode'] == 'cycles' else 10**12))
            seller = dice.choice(sorted(self.world.sponsor))
            self.left[self.number] = seller, max(volume, 0), max(volume, 0)
            rows.append((self.number, seller, volume, 0, self.day + dice.randint(0, 2)))
        self.day += dice.randint(0, 2)
        return rows

    def changes(self):
        """Parts of sales that come back, and sometimes parts of returns that are undone."""
        rows, dice = [], self.dice
        for _change in range(dice.choice((0, 1, 3, 6)) if self.left else 0):
            sale = dice.choice(sorted(self.left))
            seller, left, whole = self.left[sale]
            part = dice.choice((left, left, left // 2, left // 3, min(left, 1), left - whole))
            if part:
                self.number += 1
                self.left[sale] = seller, left - part, whole
                rows.append((self.number, seller, -part, sale, self.day))
        return rows

    def rest(self):
        """What is left of every sale comes back."""
        rows = [(10**6 + sale, seller, -left, sale, self.day)
                for sale, (seller, left, _whole) in self.left.items() if left]
        self.left = {}
        return rows

    def change_world(self):
        for agent in sorted(self.world.sponsor):
            if self.dice.random() < 0.15:
                self.world.active[agent] = not self.world.active[agent]
            if self.dice.random() < 0.05:
                self.move(agent)

    def move(self, agent):
        """Seat somebody, with everybody below, elsewhere."""
        world = self.world
        taken = {(world.placement[one], world.slot[one]) for one in world.sponsor}
        free = [(one, side) for one in sorted(world.sponsor) for side in (0, 1)
                if (one, side) not in taken and agent not in upline(world.placement, one)]
        if free:
            world.placement[agent], world.slot[agent] = self.dice.choice(free)

    def mixed(self, rows):
        return self.dice.sample(rows, len(rows))


def same(state, book):
    """The engine's carry and debts are the twin's."""
    known = state.to_dict()['Binary']
    for side, name in enumerate(('left', 'right')):
        assert known[name] == {str(agent): seat.carry(side) for agent, seat in book.seats.items()
                               if seat.carry(side)}
        assert known[f'owed_{name}'] == {str(agent): seat.owed[side] for agent, seat
                                         in book.seats.items() if seat.owed[side]}


@settings(max_examples=250)
@given(st.integers(0, 2**32))
def test_like_the_twin(seed):
    """Any number of runs with returns, people who leave and move, limits and flushes."""
    play = Play(seed)
    book, state = twin_binary.Book(**play.params), None
    for _run in range(play.dice.choice((1, 3, 5))):
        sales, changes = play.sales(), play.changes()
        wanted = book.settle(play.world, sales, changes)
        paid, back, after = pay(play.world, play.params, sales, changes, state)
        assert (paid, back) == wanted
        *_paid, again = pay(play.world, play.params, play.mixed(sales), play.mixed(changes), state,
                            order=True)
        assert again.to_dict() == after.to_dict(), 'neither order nor slices matter'
        state = unpack_state(pack_state(after))
        assert state.to_dict() == after.to_dict() == State.from_dict(after.to_dict()).to_dict()
        same(state, book)
        play.change_world()


@settings(max_examples=100)
@given(st.integers(0, 2**32))
def test_all_returned_is_nothing_paid(seed):
    """However many partial returns there are, in whatever runs: in the end exactly zero."""
    play, total, state = Play(seed, returns=0), {}, None
    for number in range(5):
        sales = [row for row in play.sales() if row[2] > 0] if number < 4 else []
        changes = play.changes() if number < 4 else play.rest()
        paid, back, state = pay(play.world, play.params, sales, changes, state)
        for agent, amount in (*paid.items(), *back.items()):
            total[agent] = total.get(agent, 0) + amount
        play.change_world()
    assert not any(total.values())
    handed = state.to_dict()['Binary']
    assert not any(handed[name] for name in ('left', 'right', 'owed_left', 'owed_right'))
    assert not handed['lots']['sale'] and not any(handed['pieces']['volume'])


# === BY HAND === #

TEN = [{'rank': -1, 'rate': 100_000}]


def tree(*rows, inactive=()):
    """A world from rows (agent, above, seat)."""
    agents = [row[0] for row in rows]
    return World(dict.fromkeys(agents, 0), {one: one not in inactive for one in agents},
                 dict.fromkeys(agents, 0), dict.fromkeys(agents, -1),
                 placement={row[0]: row[1] for row in rows}, slot={row[0]: row[2] for row in rows})


THREE = ((1, 0, 0), (2, 1, 0), (3, 1, 1))


def month(world, params, state, *rows):
    """One run of rows (id, seller, volume) or (id, seller, volume, origin); amounts of agent 1."""
    rows = [(*row, 0, 0)[:5] if len(row) < 5 else row for row in rows]
    paid, back, state = pay(world, params, [row for row in rows if not row[3]],
                            [row for row in rows if row[3]], state)
    return paid.get(1, 0), back.get(1, 0), state


def carried(state):
    known = state.to_dict()['Binary']
    return known['left'].get('1', 0), known['right'].get('1', 0)


def test_which_sale_comes_back_matters():
    """Left 100 and 50, right 100, 10 %: the first sale is paid, the second is carried.

    The return of the second takes 50 off the carry and nothing back; the return of the first takes
    10 back, and the 100 on the right are carried.
    """
    params = {'ranks': TEN}
    paid, back, state = month(tree(*THREE), params, None, (1, 2, 100), (2, 2, 50), (3, 3, 100))
    assert (paid, back, carried(state)) == (10, 0, (50, 0))
    paid, back, after = month(tree(*THREE), params, state, (4, 2, -50, 2))
    assert (paid, back, carried(after)) == (0, 0, (0, 0))
    paid, back, after = month(tree(*THREE), params, after, (5, 2, -100, 1))
    assert (paid, back, carried(after)) == (0, -10, (0, 100))
    # The other way round the 50 that are carried balance with what the return set free.
    paid, back, after = month(tree(*THREE), params, state, (4, 2, -100, 1))
    assert (paid, back, carried(after)) == (5, -10, (0, 50))


def test_what_was_paid_comes_back_at_its_own_rate():
    """100 pairs at 10 %, a month later 100 pairs at 20 %: each return takes its own rate back."""
    low, high = {'ranks': TEN}, {'ranks': [{'rank': -1, 'rate': 200_000}]}
    _paid, _back, first = month(tree(*THREE), low, None, (1, 2, 100), (2, 3, 100))
    paid, _back, both = month(tree(*THREE), high, first, (3, 2, 100), (4, 3, 100))
    assert paid == 20
    assert month(tree(*THREE), high, both, (5, 2, -100, 1))[:2] == (0, -10)
    assert month(tree(*THREE), high, both, (5, 2, -100, 3))[:2] == (0, -20)
    assert month(tree(*THREE), high, both, (5, 2, -50, 3), (6, 3, -50, 4))[:2] == (0, -10)
    assert month(tree(*THREE), high, both, (5, 2, -100, 1), (6, 3, -100, 2))[:2] == (0, -10)


def test_three_thirds():
    """A payment of 100.00 for 30 pairs comes back in thirds: 33.33, 33.34, 33.33."""
    params = {'ranks': [{'rank': -1, 'rate': 0, 'amount': 10_000}], 'mode': 'cycles', 'strong': 30,
              'weak': 30}
    paid, _back, state = month(tree(*THREE), params, None, (1, 2, 30), (2, 3, 30))
    got = [paid]
    for number in range(3):
        _paid, back, state = month(tree(*THREE), params, state, (3 + number, 2, -10, 1))
        got.append(back)
    assert got == [10_000, -3_333, -3_334, -3_333]
    assert carried(state) == (0, 30)


def test_a_return_that_is_undone():
    """What comes back and is sold again after all is volume of the same sale again."""
    params = {'ranks': TEN}
    _paid, _back, state = month(tree(*THREE), params, None, (1, 2, 100), (2, 3, 100))
    paid, back, state = month(tree(*THREE), params, state, (3, 2, -60, 1))
    assert (paid, back, carried(state)) == (0, -6, (0, 60))
    paid, back, state = month(tree(*THREE), params, state, (4, 2, 60, 1))
    assert (paid, back, carried(state)) == (6, 0, (0, 0))
    paid, back, state = month(tree(*THREE), params, state, (5, 2, -100, 1))
    assert (paid, back, carried(state)) == (0, -10, (0, 100))


def test_lost_volume_does_not_come_back():
    """Flushed volume is gone: its return changes nothing, that of the paid volume does."""
    params = {'ranks': TEN, 'excess': 'flush'}
    paid, _back, state = month(tree(*THREE), params, None, (1, 2, 100), (2, 2, 100), (3, 3, 100))
    assert (paid, carried(state)) == (10, (0, 0))
    assert month(tree(*THREE), params, state, (4, 2, -100, 2))[:2] == (0, 0)
    assert month(tree(*THREE), params, state, (4, 2, -100, 1))[:2] == (0, -10)


def test_volume_that_never_counted():
    """An agent who is not active and whose new volume does not count: neither do its returns."""
    params = {'ranks': TEN, 'inactive': 'stop'}
    _paid, _back, state = month(tree(*THREE), params, None, (1, 2, 40))
    _paid, _back, state = month(tree(*THREE, inactive=[1]), params, state, (2, 2, 500))
    assert carried(state) == (40, 0)
    _paid, _back, state = month(tree(*THREE), params, state, (3, 2, 60), (4, 2, -300, 2))
    assert carried(state) == (100, 0)
    paid, _back, state = month(tree(*THREE), params, state, (5, 3, 100))
    assert (paid, carried(state)) == (10, (0, 0))
    assert month(tree(*THREE), params, state, (6, 2, -200, 2))[:2] == (0, 0)
    assert month(tree(*THREE), params, state, (6, 2, -60, 3))[:2] == (0, -6)


def test_who_moves_takes_no_volume_along():
    """Agent 4 sold in the left leg and sits in the right one now: the return is one of the left."""
    before = tree(*THREE, (4, 2, 0))
    after = tree(*THREE, (4, 3, 0))
    params = {'ranks': TEN}
    paid, _back, state = month(before, params, None, (1, 4, 100), (2, 3, 70))
    assert (paid, carried(state)) == (7, (30, 0))
    paid, _back, state = month(after, params, state, (3, 4, 30))
    assert (paid, carried(state)) == (3, (0, 0))
    paid, back, state = month(after, params, state, (4, 4, -100, 1))
    assert (paid, back, carried(state)) == (0, -10, (0, 100))


def test_credit_without_a_sale_waits():
    """30 that belong to no sale eat the next 30 of the leg, before they can balance."""
    params = {'ranks': TEN}
    paid, _back, state = month(tree(*THREE), params, None, (1, 2, -30), (2, 3, 100))
    assert (paid, carried(state)) == (0, (0, 100))
    paid, _back, state = month(tree(*THREE), params, state, (3, 2, 80))
    assert (paid, carried(state)) == (5, (0, 50))
    # The 80 come back: the credit waits again.
    paid, back, state = month(tree(*THREE), params, state, (4, 2, -80, 3))
    assert (paid, back, carried(state)) == (0, -5, (0, 100))
    assert state.to_dict()['Binary']['owed_left'] == {'1': 30}


@pytest.mark.parametrize('per, wanted', [
    # Pairs of 100 a day on 2024-01-01 (Monday), 02, 03, on the 8th and on February 1st, at 10 %,
    # at most 15 each day, week, month or run.
    ('day', 10 + 10 + 10 + 10 + 10), ('week', 15 + 10 + 10), ('month', 15 + 10), ('run', 15)])
def test_ceilings_by_time(per, wanted):
    first = 8_766  # 2024-01-01
    assert np.datetime64('2000-01-01') + first == np.datetime64('2024-01-01')
    params = {'ranks': [{'rank': -1, 'rate': 100_000, 'max_amount': 15}], 'per': per}
    rows = [(2 * place + side, side + 1, 100, 0, first + day)
            for place, day in enumerate((0, 1, 2, 7, 31)) for side in (1, 2)]
    rows = [(row[0] + 1, *row[1:]) for row in rows]
    paid, _back, _state = pay(tree(*THREE), params, rows)
    assert paid == {1: wanted}
    # Cut in two runs within the first week, it is the same, but for the limit of a run.
    paid, _back, state = pay(tree(*THREE), params, rows[:4])
    again, _back, _state = pay(tree(*THREE), params, rows[4:], state=state)
    assert paid[1] + again[1] == (wanted if per != 'run' else 30)


def test_a_day_that_is_over():
    """What arrives late for a day that was settled counts on the last day of the run before."""
    params = {'ranks': [{'rank': -1, 'rate': 100_000, 'max_amount': 15}], 'per': 'day'}
    paid, _back, state = pay(tree(*THREE), params, [(1, 2, 100, 0, 8), (2, 3, 100, 0, 8)])
    assert paid == {1: 10}
    late = [(3, 2, 100, 0, 5), (4, 3, 100, 0, 5)]
    assert pay(tree(*THREE), params, late, state=state)[0] == {1: 5}


def test_days_are_needed():
    world, params = tree(*THREE), {'ranks': TEN, 'per': 'week'}
    run = run_of(world, written(params))
    with pytest.raises(EngineError) as error:
        run.pay(Sales.build(run.network, [1], [2], [100]))
    assert error.value.field == 'attributes.day'


@pytest.mark.parametrize('returns, wanted', [(0, -10), (1, 0), (2, -10)])
def test_how_long_a_sale_can_come_back(returns, wanted):
    """A sale of the first run comes back in the third: two runs later."""
    params = {'ranks': TEN, 'returns': returns}
    state = None
    for rows in (((1, 2, 100), (2, 3, 100)), ((3, 2, 10), (4, 3, 30))):
        _paid, _back, state = month(tree(*THREE), params, state, *rows)
    handed = state.to_dict()['Binary']
    assert handed['lots']['sale'] == ([3, 4] if returns == 1 else [1, 2, 3, 4])
    assert len(handed['pieces']['agent']) == (1 if returns == 1 else 2)
    assert month(tree(*THREE), params, state, (5, 2, -100, 1))[1] == wanted
    assert month(tree(*THREE), params, state, (5, 2, -10, 3))[1] == -1


@given(st.integers(0, 2**32))
def test_sum_below(seed):
    dice = random.Random(seed)
    size, many = dice.randint(0, 20), dice.randint(1, 6)
    rank = dice.sample(range(size), size)
    values = [dice.randint(-5, 2**40) for _one in rank]
    start = [dice.randint(0, size) for _one in range(many)]
    end = [dice.randint(one, size) for one in start]
    limit = [dice.randint(0, size) for _one in start]
    assert sum_below(*(np.array(part, np.int64) for part in (
        rank, values, start, end, limit))).tolist() == [
        sum(value for value, one in list(zip(values, rank))[low:high] if one < most)
        for low, high, most in zip(start, end, limit)]


def test_deep_lines():
    """Two lines of 2,500, every seat sold 10 and all of it comes back in one run."""
    size = 5_001
    rows = [(1, 0, 0), (2, 1, 0), (3, 1, 1)] + [(one, one - 2, 0) for one in range(4, size + 1)]
    world, params = tree(*rows), {'ranks': TEN}
    sales = [(one, one, 10, 0, 0) for one in range(2, size + 1)]
    paid, _back, state = pay(world, params, sales)
    assert paid == {1: 2_500}
    assert len(state.to_dict()['Binary']['lots']['sale']) == size - 1
    back = [(10_000 + one, one, -10, one, 0) for one in range(2, size + 1)]
    paid, gone, state = pay(world, params, (), back[::-1], state)
    assert (paid, gone) == ({}, {1: -2_500})
    assert not state.to_dict()['Binary']['lots']['sale'] and carried(state) == (0, 0)


def test_seats_in_line():
    """Everybody below a node has a number between the node's and the one behind the last below."""
    seats = Seats(np.array([-1, 0, 0, 2, -1, 4], np.int32), np.array([0, 0, 1, 0, 0, 1], np.int32))
    first, behind = seats.span
    assert sorted(first.tolist()) == list(range(6))
    for node, above in enumerate(seats.parent.tolist()):
        if above >= 0:
            assert first[above] < first[node] and behind[node] <= behind[above]


def test_the_latest_volume_of_a_sale_comes_back_first():
    """100 paid at 10 %, 60 come back, are sold again and paid at 20 %: then 50 come back at 20 %."""
    low, high = {'ranks': TEN}, {'ranks': [{'rank': -1, 'rate': 200_000}]}
    _paid, _back, state = month(tree(*THREE), low, None, (1, 2, 100), (2, 3, 100))
    paid, back, state = month(tree(*THREE), low, state, (3, 2, -60, 1))
    assert (paid, back) == (0, -6)
    paid, back, state = month(tree(*THREE), high, state, (4, 2, 60, 1))
    assert (paid, back) == (12, 0)
    assert month(tree(*THREE), high, state, (5, 2, -50, 1))[:2] == (0, -10)
