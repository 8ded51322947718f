# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The rules that look at a whole period: twins, published examples, invariants."""

import numpy as np
import pytest
import twin_period as twin
from engine import Entries, State, adjust, explain_period, sentence
from engine.rules.binary import cycles
from hypothesis import given
from hypothesis import strategies as st
from twin import World
from worlds import BASES, percent, run_of, sales_of, sold, worlds

TABLE = [(20_000, 30_000), (60_000, 60_000), (120_000, 90_000), (1_000_000, 210_000)]
UNQUALIFIED = st.sampled_from(('pass_up', 'company_keeps'))
POINTS = st.sampled_from((0, 1, 10_000, 20_000, 60_000, 1_000_000, -30_000))


def rows_of(table):
    return [{'points': f'{points / 100:.2f}', 'rate': percent(rate)} for points, rate in table]


def paid(entries, level=None):
    """Payments by agent."""
    if level is not None:
        entries = entries.take(entries.level == level)
    return dict(zip(*(column.tolist() for column in entries.by_beneficiary())))


def nonzero(amounts):
    return {key: value for key, value in amounts.items() if value}


def line(*agents, **more):
    """A chain, the first on top."""
    return World(dict(zip(agents, (0, *agents))), dict.fromkeys(agents, True),
                 dict.fromkeys(agents, 0), **more)


@given(st.data())
def test_group_differential(data):
    world = data.draw(worlds(most=15))
    rows = data.draw(sold(world))
    points = [data.draw(POINTS) for _row in rows]
    volume, unqualified = data.draw(st.sampled_from(('group', 'personal'))), data.draw(UNQUALIFIED)
    run = run_of(world, {'kind': 'group_differential', 'params': {
        'rates': rows_of(TABLE), 'volume': volume, 'unqualified': unqualified}})
    own = {}
    for (_sale, seller, net), one in zip(rows, points):
        old = own.get(seller, (0, 0))
        own[seller] = old[0] + one, old[1] + net
    sales = sales_of(run, rows, points=points)
    entries = run.pay(sales)
    assert nonzero(paid(entries)) == nonzero(
        twin.group_differential(world, own, TABLE, volume, unqualified))
    sliced = Entries.concat(list(run.stream(sales, data.draw(st.integers(1, 3)))))
    assert sliced.digest() == entries.digest()
    for step in explain_period(run, sales):
        assert str(step.agent) in sentence(step)[0] % sentence(step)[1]


def test_group_differential_in_a_chain_of_5000():
    """Everybody sold; from the bottom up each total, its rate, and what the one below has already."""
    size = 5_000
    agents = list(range(size, 0, -1))
    world = line(*agents)
    run = run_of(world, {'kind': 'group_differential', 'params': {'rates': rows_of(TABLE)}})
    rows = [(agent, agent, 1_000 + 7 * agent) for agent in agents]
    wanted, total, points, below = {}, 0, 0, 0
    for _sale, agent, net in reversed(rows):  # the last of the line first
        total, points = total + net, points + 300
        earned = world.share(total, twin.looked_up(TABLE, points))
        wanted[agent], below = earned - below, earned
    assert nonzero(paid(run.pay(sales_of(run, rows, points=[300] * size)))) == nonzero(wanted)


AMWAY = [(20_000, 30_000), (60_000, 60_000), (120_000, 90_000)]


def test_w02():
    """You and four recruits, 300 points and 18,000 each: 8,100 less 4,320 is 3,780."""
    world = World({1: 0, 2: 1, 3: 1, 4: 1, 5: 1}, dict.fromkeys(range(1, 6), True),
                  dict.fromkeys(range(1, 6), 0))
    table = [(20_000, 60_000), (150_000, 90_000)]
    run = run_of(world, {'kind': 'group_differential', 'params': {'rates': rows_of(table)}})
    for value, wanted in ((1_800_000, 378_000), (1_650_000, 346_500)):
        entries = run.pay(sales_of(run, [(agent, agent, value) for agent in range(1, 6)],
                                   points=[30_000] * 5))
        assert paid(entries)[1] == wanted
        assert entries.total() == value * 5 * 9 // 100


def test_w06():
    """1,500 points 15 %, the only leg 1,000 points 12 %: 3 % of the leg are 30."""
    run = run_of(line(1, 2), {'kind': 'group_differential', 'params': {
        'rates': rows_of([(100_000, 120_000), (150_000, 150_000)])}})
    entries = run.pay(sales_of(run, [(1, 1, 0), (2, 2, 100_000)], points=[50_000, 100_000]))
    assert paid(entries) == {1: 3_000, 2: 12_000}


def test_w17():
    """10 % of 250 on customers, and 2 % of the whole volume of 350 in the tier 301-500."""
    run = run_of(line(1), {'kind': 'retail', 'base': 'net', 'params': {'rate': '10'}}, {
        'kind': 'group_differential', 'params': {'volume': 'personal', 'rates': rows_of(
            [(20_000, 10_000), (30_100, 20_000), (50_100, 30_000), (100_100, 50_000)])},
        'scope': {'overlap': 'add'}})
    entries = run.pay(sales_of(run, [(1, 1, 25_000), (2, 1, 10_000)], points=[25_000, 10_000]))
    assert paid(entries.take(entries.rule == 1)) == {1: 700}
    assert entries.amount[entries.sale == 1].tolist() == [2_500]


@given(st.data())
def test_breakaway(data):
    world = data.draw(worlds(most=15))
    rows = data.draw(sold(world, 15))
    points = [data.draw(POINTS) for _row in rows]
    own_points, guaranteed = data.draw(st.sampled_from((0, 20_000))), data.draw(
        st.sampled_from((0, 5_000_000)))
    unqualified = data.draw(UNQUALIFIED)
    run = run_of(world, {'kind': 'breakaway', 'params': {
        'rates': rows_of(TABLE), 'leadership_rate': '4', 'own_points': f'{own_points / 100:.2f}',
        'guaranteed_value': f'{guaranteed / 100:.2f}', 'unqualified': unqualified}})
    own = {}
    for (_sale, seller, net), one in zip(rows, points):
        old = own.get(seller, (0, 0))
        own[seller] = old[0] + one, old[1] + net
    inside, kept = twin.breakaway(world, own, TABLE, 40_000, own_points, guaranteed, unqualified)
    entries = run.pay(sales_of(run, rows, points=points))
    assert nonzero(paid(entries, 0)) == nonzero(inside)
    assert nonzero(paid(entries, 1)) == nonzero(kept)


def test_w35():
    """C generates 480 for B, B 200 for A, A is owed 400: A 400 and B 280, together 480 + 200."""
    run = run_of(line(1, 2, 3), {'kind': 'breakaway', 'params': {
        'rates': rows_of([(400_000, 150_000), (1_000_000, 210_000)]), 'leadership_rate': '4',
        'own_points': '4000', 'guaranteed_value': '10000'}})
    volumes = [(1, 1, 400_000), (2, 2, 500_000), (3, 3, 1_200_000)]
    entries = run.pay(sales_of(run, volumes, points=[400_000, 500_000, 1_200_000]))
    assert paid(entries, 1) == {1: 40_000, 2: 28_000}


@given(st.data())
def test_matching(data):
    world = data.draw(worlds())
    rows = data.draw(sold(world))
    rates = data.draw(st.lists(st.sampled_from((100_000, 50_000, 33_333)), min_size=1, max_size=4))
    compression = data.draw(st.sampled_from(('none', 'standard')))
    run = run_of(world, {'kind': 'level', 'name': 'L', 'params': {
        'own_rate': '10', 'rates': ['5', '3']}}, {'kind': 'matching', 'params': {
            'reads': ['L'], 'rates': [percent(rate) for rate in rates],
            'compression': compression}})
    entries = run.pay(sales_of(run, rows))
    earned = paid(entries.take(entries.rule == 0))
    mine = entries.take(entries.rule == 1)
    got = {(who, level): amount for who, level, amount in zip(
        mine.beneficiary.tolist(), mine.level.tolist(), mine.amount.tolist())}
    assert got == nonzero(twin.matching(world, earned, rates, compression))


def binary(**params):
    return {'kind': 'binary', 'name': 'Binary', 'params': {
        'ranks': [{'rank': -1, 'rate': '10'}], **params}}


def seats(*rows, **more):
    """A binary tree from rows (agent, above, seat)."""
    agents = [row[0] for row in rows]
    return World(dict.fromkeys(agents, 0), dict.fromkeys(agents, True), dict.fromkeys(agents, 0),
                 placement={row[0]: row[1] for row in rows}, slot={row[0]: row[2] for row in rows},
                 **more)


def settle(run, rows, state=None):
    """Pay one period; returns (payments by agent, state)."""
    stream = run.stream(sales_of(run, rows, points=[row[2] for row in rows]), state=state)
    entries = Entries.concat(list(stream))
    return paid(entries), stream.state


def test_w19():
    """10 % of the weak leg: B 10 with 100 carried on the right, C 10 with no carry, A 30."""
    tree = seats((1, 0, 0), (2, 1, 0), (3, 1, 1), (4, 2, 0), (5, 2, 1), (6, 3, 0), (7, 3, 1))
    run = run_of(tree, binary())
    got, state = settle(run, [(agent, agent, 20_000 if agent == 5 else 10_000)
                              for agent in range(2, 8)])
    assert got == {1: 3_000, 2: 1_000, 3: 1_000}
    assert state.to_dict()['Binary']['right'] == {'2': 10_000}
    assert state.to_dict()['Binary']['left'] == {'1': 10_000}
    assert State.from_dict(state.to_dict()).to_dict() == state.to_dict()


def test_weak_leg_and_carry():
    """500 and 1,000: 50, and 500 carried; the next period's 200 on the left are worth 20."""
    run = run_of(seats((1, 0, 0), (2, 1, 0), (3, 1, 1)), binary())
    got, state = settle(run, [(1, 2, 50_000), (2, 3, 100_000)])
    assert got == {1: 5_000}
    got, state = settle(run, [(3, 2, 20_000)], state)
    assert got == {1: 2_000}
    # Everything comes back: the payments of both periods are undone to zero.
    stream = run.stream(sales_of(run, []), state=state)
    stream.collect(sales_of(run, [(4, 2, -50_000), (5, 3, -100_000), (6, 2, -20_000)],
                            points=[-50_000, -100_000, -20_000], origin=[1, 2, 3]))
    assert paid(Entries.concat(list(stream))) == {1: -7_000}
    assert not stream.state.to_dict()['Binary']['left']


@pytest.mark.parametrize('rank, wanted', [(0, 200_000), (1, 400_000), (2, 600_000)])
def test_w20(rank, wanted):
    """Legs of 100,000 and 200,000: bronze 2 %, silver 4 %, gold 6 %; 100,000 banked."""
    world = seats((1, 0, 0), (2, 1, 0), (3, 1, 1), rank={1: rank})
    run = run_of(world, binary(ranks=[{'rank': one, 'rate': 2 * one + 2} for one in range(3)]))
    got, state = settle(run, [(1, 2, 10_000_000), (2, 3, 20_000_000)])
    assert got == {1: wanted}
    assert state.to_dict()['Binary']['right'] == {'1': 10_000_000}


LEG = st.one_of(st.integers(-500, 3_000), st.integers(0, 60))


@given(st.data())
def test_cycles_like_the_twin(data):
    left, right, fixed = data.draw(LEG), data.draw(LEG), data.draw(st.booleans())
    weak, strong = sorted((data.draw(st.integers(1, 60)), data.draw(st.integers(1, 60))))
    got = cycles(np.array([left]), np.array([right]), strong, weak, fixed)
    assert tuple(int(part[0]) for part in got) == twin.cycles(left, right, strong, weak, fixed)


def test_huge_cycles():
    """10^12 of volume takes no longer than 10^3."""
    count, *_after = cycles(np.array([10**14]), np.array([10**14 + 7]), 200, 100, False)
    assert int(count[0]) == 2 * (10**14 // 300)


def test_cycle_limits():
    """Seven cycles at 15, at most 60; inactive agents keep, stop or lose their volume."""
    world = seats((1, 0, 0), (2, 1, 0), (3, 1, 1))
    params = {'mode': 'cycles', 'strong': '2', 'weak': '1',
              'ranks': [{'rank': -1, 'amount': '15', 'max_amount': '60'}]}
    rows = [(1, 2, 1_100), (2, 3, 1_000)]
    got, state = settle(run_of(world, binary(**params)), rows)
    assert got == {1: 6_000}
    assert state.to_dict()['Binary']['left'] == {}
    world.active[1] = False
    for inactive, wanted in (('keep', {'1': 2_200}), ('stop', {'1': 1_100}), ('flush', {})):
        run = run_of(world, binary(**params, inactive=inactive))
        start = State(np.array([1]), {'Binary': {'left': [1_100], 'right': [5]}})
        got, state = settle(run, rows, start)
        assert (got, state.to_dict()['Binary']['left']) == ({}, wanted)


def test_binary_caps():
    world = seats((1, 0, 0), (2, 1, 0), (3, 1, 1), (4, 2, 0), (5, 2, 1))
    rows = [(agent, agent, 10_000) for agent in (2, 3, 4, 5)]
    free, _state = settle(run_of(world, binary()), rows)
    assert free == {1: 1_000, 2: 1_000}
    capped, _state = settle(run_of(world, binary(total_cap='4')), rows)
    assert capped == {1: 800, 2: 800}
    _got, state = settle(run_of(world, binary(excess='flush')), rows)
    assert state.to_dict()['Binary']['left'] == {}
    _got, state = settle(run_of(world, binary(carry_limit='150')), rows)
    assert state.to_dict()['Binary']['left'] == {'1': 15_000}


def pool(**params):
    return {'kind': 'pool', 'name': 'Pool', 'params': params}


@pytest.mark.parametrize('volume, count, params, wanted', [
    # W25: 1 % of 1,000,000 over 50 equal shares.
    (100_000_000, 50, {'rate': '1'}, 20_000),
    (100_000_000, 50, {'rate': '1', 'max_amount': '150'}, 15_000)])
def test_w25_equal(volume, count, params, wanted):
    agents = range(1, count + 1)
    world = World(dict.fromkeys(agents, 0), dict.fromkeys(agents, True), dict.fromkeys(agents, 0))
    run = run_of(world, pool(**params))
    assert set(paid(run.pay(sales_of(run, [(1, 1, volume)]))).values()) == {wanted}


@pytest.mark.parametrize('shares, wanted', [(5, 1_000), (500, 100_000)])
def test_w25_w26_shares(shares, wanted):
    """A pool of 10,000 and 5,000 shares: 5 shares are worth 10, 500 shares 1,000."""
    world = World({1: 0, 2: 0}, {1: True, 2: True}, {1: 0, 2: 0},
                  shares={1: shares, 2: 5_000 - shares})
    run = run_of(world, pool(rate='10', split='shares'))
    assert paid(run.pay(sales_of(run, [(1, 1, 10_000_000)])))[1] == wanted


def test_rank_pool():
    """2 % of 8,000: silver 1, gold 5, platinum 10 shares."""
    world = World(dict.fromkeys(range(1, 5), 0), dict.fromkeys(range(1, 5), True),
                  dict.fromkeys(range(1, 5), 0), {1: 1, 2: 2, 3: 3, 4: 0})
    run = run_of(world, pool(rate='2', split='rank', shares=[
        {'rank': 1, 'shares': 1}, {'rank': 2, 'shares': 5}, {'rank': 3, 'shares': 10}]))
    assert paid(run.pay(sales_of(run, [(1, 4, 800_000)]))) == {1: 1_000, 2: 5_000, 3: 10_000}


@given(st.data())
def test_never_above_the_pool(data):
    """W27 the other way round: weights never pay out more than there is."""
    world = data.draw(worlds())
    rows = data.draw(sold(world))
    split = data.draw(st.sampled_from(('equal', 'shares', 'points')))
    run = run_of(world, pool(rate='10', split=split))
    entries = run.pay(sales_of(run, rows, points=[data.draw(POINTS) for _row in rows]))
    whole = world.share(sum(net for _sale, _seller, net in rows), 100_000)
    assert entries.total() in (0, max(whole, 0))
    assert (entries.amount >= 0).all()


def test_w36():
    """Volume 10,000, cap 60 %, bonuses 3,000 and 4,500: 2,400 and 3,600."""
    world = World({1: 0, 2: 1}, {1: True, 2: True}, {1: 0, 2: 0})
    run = run_of(world, {'kind': 'level', 'params': {'own_rate': '45', 'rates': ['30']}},
                 {'kind': 'cap', 'params': {'rate': '60'}})
    entries = run.pay(sales_of(run, [(1, 2, 1_000_000)]))
    assert paid(entries) == {1: 240_000, 2: 360_000}
    assert entries.amount[entries.rule == 1].tolist() == [-60_000, -90_000]


def test_cap_by_person():
    run = run_of(line(1, 2), {'kind': 'level', 'params': {'own_rate': '45', 'rates': ['30']}},
                 {'kind': 'cap', 'params': {'of': 'person', 'limits': [
                     {'rank': -1, 'amount': '20'}, {'rank': 3, 'amount': '0'}]}})
    assert paid(run.pay(sales_of(run, [(1, 2, 10_000)]))) == {1: 2_000, 2: 2_000}


@given(st.data())
def test_never_above_the_cap(data):
    world = data.draw(worlds())
    rows = data.draw(sold(world))
    run = run_of(world, {'kind': 'level', 'name': 'L', 'params': {
        'own_rate': '10', 'rates': ['5', '3']}}, {'kind': 'differential', 'name': 'D'},
        {'kind': 'matching', 'name': 'M', 'params': {'reads': ['L'], 'rates': ['50']}},
        {'kind': 'cap', 'name': 'C', 'params': {'rate': '20'}})
    entries = run.pay(sales_of(run, rows))
    before = entries.take(entries.rule < 3)
    limit = max(world.share(sum(net for _sale, _seller, net in rows), 200_000), 0)
    assert entries.total() == min(before.total(), limit)
    earned, left = paid(before), paid(entries)
    for agent, amount in left.items():
        assert min(earned[agent], 0) <= amount <= max(earned[agent], 0)


def test_rank_advance():
    """Two new ranks at 100 and 300; limited to 5 % of 6,000; who was there before gets nothing."""
    world = line(1, 2, 3, rank={1: 2, 2: 2, 3: 1}, highest={1: 0, 2: 2, 3: 0})
    rule = {'kind': 'rank_advance', 'params': {'limit': '50', 'amounts': [
        {'rank': 1, 'amount': '100'}, {'rank': 2, 'amount': '300'}]}}
    run = run_of(world, rule)
    assert paid(run.pay(sales_of(run, [(1, 3, 600_000)]))) == {1: 40_000, 3: 10_000}
    assert paid(run.pay(sales_of(run, [(1, 1, 600_000)]))) == {1: 40_000}, 'no sales, no bonus'
    rule['params']['limit'] = '5'
    entries = run_of(world, rule).pay(sales_of(run, [(1, 3, 600_000)]))
    assert paid(entries) == {1: 24_000, 3: 6_000}


def test_w23():
    """Fast start of 20 %: 132, 78 and 147 points give 26.40, 15.60 and 29.40."""
    run = run_of(line(1, 2), {'kind': 'fast_start', 'base': 'points', 'params': {
        'days': 60, 'rates': ['20', '10', '5']}})
    entries = run.pay(sales_of(run, [(1, 2, 0), (2, 2, 0), (3, 2, 0)],
                               points=[13_200, 7_800, 14_700],
                               attributes={'seller_days': [0, 10, 59]}))
    assert entries.amount.tolist() == [2_640, 1_560, 2_940]
    assert entries.total() == 7_140


def test_w37():
    """50 to the enroller; the return takes 50 back; 30 earned then leave minus 20."""
    run = run_of(line(1, 2), {'kind': 'level', 'params': {'rates': ['50']}})
    first = run.pay(sales_of(run, [(1, 2, 10_000)]))
    back = adjust(first, [0], [2], [10_000], [0], [10_000])
    later = run.pay(sales_of(run, [(3, 2, 6_000)]))
    assert (first.total(), back.total()) == (5_000, -5_000)
    assert Entries.concat([back, later]).total() == -2_000


def test_matching_sees_what_is_taken_back():
    """A credit note takes 5.00 from the sponsor; the match of that sponsor's sponsor follows."""
    run = run_of(line(1, 2, 3), {'kind': 'level', 'name': 'L', 'params': {'rates': ['10']}},
                 {'kind': 'matching', 'name': 'M', 'params': {'reads': ['L'], 'rates': ['20']}})
    first = run.pay(sales_of(run, [(1, 3, 10_000)]))
    assert paid(first) == {2: 1_000, 1: 200}
    back = adjust(first.take(first.sale == 1), [0], [2], [10_000], [0], [5_000])
    stream = run.stream(sales_of(run, [(3, 1, 100)]))
    stream.collect(sales_of(run, [(2, 3, -5_000)]), back)
    assert paid(Entries.concat(list(stream))) == {1: -100}
    gone = Entries([9], [0], [1], [77], [0], [0], [500], [2])
    stream = run.stream(sales_of(run, [(3, 1, 100)]))
    stream.collect(sales_of(run, [(9, 3, -5_000)]), gone)
    assert paid(Entries.concat(list(stream))) == {}, 'who left the network is no obstacle'


def test_why_nothing():
    world = line(1, 2, 3)
    world.active[2], world.rate[3] = False, -1
    run = run_of(world, {'kind': 'pool', 'params': {'rate': '1', 'min_rank': 2}})
    sales = sales_of(run, [(1, 3, 10_000)])
    for agent, reason in ((1, 'NOTHING_DUE'), (2, 'INACTIVE'), (3, 'NO_AGREEMENT_AT_ALL')):
        [step] = explain_period(run, sales, agent=agent)
        assert step.reason.name == reason and not step.paid
        assert str(agent) in sentence(step)[0] % sentence(step)[1]


@given(st.data())
def test_bases_survive(data):
    """A period of refunds only, or of nothing, is settled without an error by every rule."""
    world = data.draw(worlds(most=10, width=2))
    net = data.draw(BASES)
    rules = [{'kind': 'level', 'name': 'L', 'params': {'rates': ['5']}},
             {'kind': 'group_differential', 'params': {'rates': rows_of(TABLE)}},
             {'kind': 'breakaway', 'params': {'rates': rows_of(TABLE), 'leadership_rate': '4'}},
             {'kind': 'matching', 'params': {'reads': ['L'], 'rates': ['10']}},
             pool(rate='1'), binary(), {'kind': 'cap', 'params': {'rate': '60'}},
             {'kind': 'rank_advance', 'params': {'limit': '1', 'amounts': [
                 {'rank': 1, 'amount': '1'}]}}]
    run = run_of(world, *rules)
    seller = sorted(world.sponsor)[0]
    sales = sales_of(run, [(1, seller, net)], points=[net])
    assert run.pay(sales).digest() == run.pay(sales).digest()
    assert len(run.pay(sales.take(slice(0, 0)))) == 0
