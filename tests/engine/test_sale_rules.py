# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The other rules that pay sale by sale: twins and published examples."""

from fractions import Fraction

import numpy as np
import pytest
import twin
from engine import EngineError, Network, Plan, Reason, Sales, Terms, explain, prepare
from engine.placement import balance, spill
from hypothesis import given
from hypothesis import strategies as st
from test_examples import pay
from twin import World
from worlds import expected, percent, run_of, sales_of, sold, tuples, worlds

COMPRESSION = st.sampled_from(('none', 'standard', 'dynamic'))
RATES = st.lists(st.sampled_from((0, 1, 10_000, 50_000, 33_333)), min_size=1, max_size=5)


def told_is_paid(run, sales, rows):
    """The explanation of every sale lists the payments, and nobody above twice."""
    entries = run.pay(sales)
    for sale, seller, _net in rows:
        steps = explain(run, sale, sales)
        assert sorted((step.agent, step.amount) for step in steps
                      if step.paid and step.amount) == sorted(
            (who, amount) for one, who, amount in zip(
                entries.sale.tolist(), entries.beneficiary.tolist(), entries.amount.tolist())
            if one == sale)
        agents = [step.agent for step in steps if step.agent]
        assert len(set(agents)) == len(agents)
        assert seller in agents or not agents
    return tuples(entries)


@given(st.data())
def test_cascade(data):
    world = data.draw(worlds())
    rows, rates = data.draw(sold(world)), data.draw(RATES)
    own, compression = data.draw(st.sampled_from((0, 100_000))), data.draw(COMPRESSION)
    run = run_of(world, {'kind': 'cascade', 'params': {
        'own_rate': percent(own), 'rates': [percent(rate) for rate in rates],
        'compression': compression}})
    assert told_is_paid(run, sales_of(run, rows), rows) == expected(
        rows, lambda seller, net: twin.cascade(world, seller, net, rates, own, compression))


def test_cascade_by_hand():
    """10 % of 100, 10 % of 90, 10 % of 81."""
    rule = {'kind': 'cascade', 'params': {'own_rate': '10', 'rates': ['10', '10']}}
    assert pay({'A': '', 'B': 'A', 'C': 'B'}, {}, rule, 'C') == {'C': 10, 'B': 9, 'A': 8.1}


@given(st.data())
def test_generation(data):
    world = data.draw(worlds())
    rows, rates = data.draw(sold(world)), data.draw(RATES)
    params = {'opening_rank': data.draw(st.integers(0, 3)), 'compression': data.draw(
        st.sampled_from(('none', 'standard'))),
        'boundary': data.draw(st.sampled_from(('before', 'including'))),
        'first': data.draw(st.sampled_from(('own_group', 'first_leader'))),
        'title': data.draw(st.sampled_from(('paid', 'highest')))}
    run = run_of(world, {'kind': 'generation', 'params': {
        'rates': [percent(rate) for rate in rates], **params}})
    opening = params.pop('opening_rank')
    assert told_is_paid(run, sales_of(run, rows), rows) == expected(
        rows, lambda seller, net: twin.generation(world, seller, net, rates, opening, **params))


@pytest.mark.parametrize('boundary, seller, wanted', [
    # U and L are leaders: U > a > L > b. Before: L's own purchases are in U's second generation.
    ('before', 'b', {'L': 6, 'U': 4}), ('before', 'L', {'U': 4}), ('before', 'a', {'U': 6}),
    ('including', 'b', {'L': 6, 'U': 4}), ('including', 'L', {'U': 6})])
def test_generation_boundaries(boundary, seller, wanted):
    rule = {'kind': 'generation', 'params': {'opening_rank': 1, 'rates': ['6', '4'],
                                             'boundary': boundary}}
    assert pay({'U': '', 'a': 'U', 'L': 'a', 'b': 'L'}, {}, rule, seller,
               ranks={'U': 2, 'L': 1}) == wanted


@given(st.data())
def test_infinity(data):
    world = data.draw(worlds())
    rows = data.draw(sold(world))
    layers = data.draw(st.lists(st.tuples(st.integers(0, 4), st.sampled_from((20_000, 5)),
                                          st.integers(1, 4)), min_size=1, max_size=3))
    run = run_of(world, {'kind': 'infinity', 'params': {'layers': [
        {'rank': rank, 'rate': percent(rate), 'from_level': start}
        for rank, rate, start in layers]}})
    assert told_is_paid(run, sales_of(run, rows), rows) == expected(
        rows, lambda seller, net: twin.infinity(world, seller, net, layers))


def test_infinity_layers():
    """Green 2 % and blue 2 % more from level 9; a green below takes the first layer only."""
    people = 'T' + 'abcdefghijklmnopqrstuvwxy'
    tree = {name: people[place - 1] if place else '' for place, name in enumerate(people)}
    rule = {'kind': 'infinity', 'params': {'layers': [
        {'rank': 1, 'rate': 2, 'from_level': 9}, {'rank': 2, 'rate': 2, 'from_level': 9}]}}
    assert pay(tree, {}, rule, 'i', ranks={'T': 2}) == {'T': 4}
    assert pay(tree, {}, rule, 'h', ranks={'T': 2}) == {}
    assert pay(tree, {}, rule, 'm', ranks={'T': 2, 'e': 1}) == {'T': 4}
    assert pay(tree, {}, rule, 'n', ranks={'T': 2, 'e': 1}) == {'T': 2, 'e': 2}
    assert pay(tree, {}, rule, 'n', ranks={'T': 2, 'e': 2}) == {'e': 4}


@given(st.data())
def test_matrix(data):
    world = data.draw(worlds(width=3))
    rows, rates, compression = data.draw(sold(world)), data.draw(RATES), data.draw(COMPRESSION)
    run = run_of(world, {'kind': 'matrix', 'params': {
        'width': 3, 'rates': [percent(rate) for rate in rates], 'compression': compression}})
    sales = sales_of(run, rows)
    assert tuples(run.pay(sales)) == expected(rows, lambda seller, net: twin.level(
        world, seller, net, rates, 0, compression, tree=world.placement))
    for sale, seller, _net in rows:
        told = [step.agent for step in explain(run, sale, sales)]
        assert told == twin.upline(world.placement, seller)


def test_matrix_errors():
    plan = Plan.parse({'name': 'P', 'rules': [{'kind': 'matrix', 'params': {
        'width': 2, 'rates': ['1']}}]})
    terms = Terms((np.zeros(4, np.int32),))
    with pytest.raises(EngineError) as error:
        prepare(plan, Network.build([1, 2, 3, 4], [0, 1, 1, 1], [True] * 4), terms)
    assert error.value.field == 'placement'
    wide = Network.build([1, 2, 3, 4], [0, 1, 1, 1], [True] * 4, [0, 1, 1, 1], [0, 0, 1, 2])
    with pytest.raises(EngineError) as error:
        prepare(plan, wide, terms)
    assert (error.value.record, error.value.field) == (4, 'slot')
    with pytest.raises(EngineError) as error:
        Network.build([1, 2, 3], [0, 1, 1], [True] * 3, [0, 1, 1], [0, 1, 1])
    assert (error.value.record, error.value.field) == (3, 'slot')
    with pytest.raises(EngineError) as error:
        Network.build([1, 2], [0, 1], [True] * 2, [2, 1])
    assert error.value.values['ids'] == [1, 2]


def test_spill():
    """A 3 x 5 matrix has 3 + 9 + 27 + 81 + 243 = 363 seats, filled level by level."""
    size = 364
    placement, slot = spill(np.full(size, -1), np.zeros(size, np.int32), 3, 0, range(1, size))
    network = Network(np.arange(1, size + 1), np.full(size, -1, np.int32),
                      np.ones(size, bool), placement, slot)
    assert np.bincount(network.placement_depth).tolist() == [1, 3, 9, 27, 81, 243]
    assert placement[:5].tolist() == [-1, 0, 0, 0, 1]
    again, _slot = spill(placement[:200], slot[:200], 3, 0, [])
    assert (again == placement[:200]).all()


def test_balance():
    placement, slot = np.array([-1, 0, 0, 1]), np.array([0, 0, 1, 0])
    assert balance(placement, slot, np.array([9, 5, 4, 1]), 0) == (2, 1)
    assert balance(placement, slot, np.array([9, 3, 4, 1]), 0) == (3, 0)
    assert balance(placement, slot, np.array([9, 3, 4, 1]), 3) == (3, 0)


@given(st.data())
def test_fast_start(data):
    world = data.draw(worlds())
    rows, rates = data.draw(sold(world)), data.draw(RATES)
    caps = [data.draw(st.sampled_from((0, 100, 20_000))) for _rate in rates]
    days = [data.draw(st.sampled_from((-1, 0, 59, 60))) for _row in rows]
    earlier = [data.draw(st.integers(-10**6, 10**6)) for _row in rows]
    compression = data.draw(COMPRESSION)
    run = run_of(world, {'kind': 'fast_start', 'params': {
        'days': 60, 'compression': compression, 'rates': [
            {'rate': percent(rate), 'max_amount': f'{cap / 100:.2f}'}
            for rate, cap in zip(rates, caps)]}})
    sales = sales_of(run, rows, attributes={'seller_days': days, 'earlier_base': earlier})
    before = {row[0]: part for row, part in zip(rows, earlier)}
    inside = [row for row, day in zip(rows, days) if 0 <= day < 60]
    wanted = sorted((sale, *row) for sale, seller, net in inside for row in twin.fast_start(
        world, seller, net, rates, caps, before[sale], compression) if row[-1])
    assert tuples(run.pay(sales)) == wanted


@pytest.mark.parametrize('order, wanted', [
    (400, {'B': 100, 'A': 40}), (800, {'B': 200, 'A': 80}), (1_000, {'B': 200, 'A': 80})])
def test_w24(order, wanted):
    """25 % at most 200 and 10 % at most 80: both caps bind at the same 800."""
    world = World({1: 0, 2: 1, 3: 2}, dict.fromkeys((1, 2, 3), True), dict.fromkeys((1, 2, 3), 0))
    run = run_of(world, {'kind': 'fast_start', 'params': {'days': 90, 'rates': [
        {'rate': 25, 'max_amount': 200}, {'rate': 10, 'max_amount': 80}]}})
    entries = run.pay(sales_of(run, [(1, 3, order * 100)], attributes={'seller_days': [0]}))
    assert dict(zip('BA', (entries.amount / 100).tolist())) == wanted


@given(st.data())
def test_retail(data):
    world = data.draw(worlds())
    rows, pass_up = data.draw(sold(world)), data.draw(st.booleans())
    run = run_of(world, {'kind': 'retail', 'base': 'net', 'params': {
        'rate': '30', 'pass_up': pass_up}})
    assert tuples(run.pay(sales_of(run, rows))) == expected(
        rows, lambda seller, net: twin.retail(world, seller, net, 300_000, pass_up))
    for sale, _seller, _net in rows:
        steps = explain(run, sale, sales_of(run, rows))
        assert sum(step.paid for step in steps) == 1 or steps[-1].reason == Reason.NOT_FOUND


def one_sale(rule, ranks=(), **columns):
    """Chain 1 > 2 > 3, agent 3 sells; returns [(agent, amount)]."""
    world = World({1: 0, 2: 1, 3: 2}, dict.fromkeys((1, 2, 3), True), dict.fromkeys((1, 2, 3), 0),
                  dict(ranks))
    run = run_of(world, rule)
    entries = run.pay(sales_of(run, [(1, 3, 0)], **columns))
    return list(zip(entries.beneficiary.tolist(), entries.amount.tolist()))


def test_units():
    """2.5 units at 10.00 for the seller, 3.00 and 0.33 above; 0.825 is rounded."""
    rule = {'kind': 'unit', 'params': {'own_amount': '10', 'rates': ['3', '0.33']}}
    assert one_sale(rule, quantity=[2_500]) == [(3, 2_500), (2, 750), (1, 83)]
    assert one_sale(rule, quantity=[-2_500]) == [(3, -2_500), (2, -750), (1, -83)]


@given(st.data())
def test_units_like_the_twin(data):
    """Amounts by level; the quantity in thousandths, the sum in hundredths, per thousand of it."""
    world = data.draw(worlds())
    own = data.draw(st.sampled_from((0, 1, 1_050)))
    amounts = data.draw(st.lists(st.sampled_from((0, 33, 2_000)), max_size=4))
    measure, divisor = data.draw(st.sampled_from((('quantity', 1_000), ('total', 100_000))))
    compression = data.draw(COMPRESSION)
    rows = data.draw(sold(world))
    run = run_of(world, {'kind': 'unit', 'params': {
        'measure': measure, 'own_amount': f'{own / 100:.2f}', 'compression': compression,
        'rates': [f'{amount / 100:.2f}' for amount in amounts]}})
    values = [value for _sale, _seller, value in rows]
    entries = run.pay(sales_of(run, rows, **{measure: values}))
    wanted = []
    for sale, seller, value in rows:
        paid = [(0, seller, own)] if own and world.member(seller) else []
        paid += [(number, agent, amounts[number - 1]) for number, agent, good in twin.stops(
            world, seller, len(amounts), lambda *_stop: True, compression) if good]
        wanted += [(sale, number, agent, 0, amount) for number, agent, each in paid if (
            amount := twin.rounded(Fraction(value * each, divisor), world.mode, world.unit))]
    assert tuples(entries) == sorted(wanted)


DEEP = 5_000


@pytest.mark.parametrize('rule, pay_one', [
    ({'kind': 'level', 'params': {'rates': ['2'] * 40, 'compression': 'standard'}},
     lambda world, seller, net: twin.level(world, seller, net, [20_000] * 40,
                                           compression='standard')),
    ({'kind': 'differential', 'params': {'equal_rate': '1'}},
     lambda world, seller, net: twin.differential(world, seller, net, equal_rate=10_000)),
    ({'kind': 'differential', 'params': {'unqualified': 'company_keeps', 'seller': 'ignored'}},
     lambda world, seller, net: twin.differential(world, seller, net, seller_mode='ignored',
                                                  unqualified='company_keeps')),
    ({'kind': 'generation', 'params': {'opening_rank': 3, 'rates': ['2', '1'],
                                       'compression': 'standard'}},
     lambda world, seller, net: twin.generation(world, seller, net, [20_000, 10_000], 3,
                                                'standard')),
    ({'kind': 'infinity', 'params': {'layers': [{'rank': 4, 'rate': '2', 'from_level': 900}]}},
     lambda world, seller, net: twin.infinity(world, seller, net, [(4, 20_000, 900)])),
    ({'kind': 'cascade', 'params': {'rates': ['2'] * 40, 'compression': 'dynamic'}},
     lambda world, seller, net: twin.cascade(world, seller, net, [20_000] * 40,
                                             compression='dynamic')),
    ({'kind': 'retail', 'base': 'net', 'params': {'rate': '30'}},
     lambda world, seller, net: twin.retail(world, seller, net, 300_000, True)),
], ids=lambda rule: rule['kind'] if isinstance(rule, dict) else '')
def test_chain_of_5000(rule, pay_one):
    """One line of 5,000 with few active agents, rising rates, ids in random order."""
    rng = np.random.default_rng(11)
    ids = (rng.permutation(DEEP) + 1).tolist()
    world = World(dict(zip(ids, [0, *ids])), {agent: bool(rng.random() < 0.05) for agent in ids},
                  {agent: int(rng.integers(-1, 40 + (DEEP - place) // 20) * 1_000) if place % 7
                   else -1 for place, agent in enumerate(ids)},
                  {agent: int(rng.integers(-1, 5)) for agent in ids})
    world.rate = {agent: max(rate, -1) for agent, rate in world.rate.items()}
    run = run_of(world, rule)
    rows = [(place, ids[-place], 123_457 * place) for place in range(1, 20)]
    assert tuples(run.pay(sales_of(run, rows))) == expected(
        rows, lambda seller, net: pay_one(world, seller, net))


def test_w32():
    """30 years x 12 x 100 = 36,000; 40 per mille are 1,440."""
    rule = {'kind': 'unit', 'params': {'measure': 'total', 'own_amount': '40'}}
    assert one_sale(rule, total=[3_600_000]) == [(3, 144_000)]
    by_rate = {'kind': 'level', 'base': 'total', 'params': {'own_rate': '4', 'rates': ['0']}}
    assert one_sale(by_rate, total=[3_600_000]) == [(3, 144_000)]


def test_unit_differential():
    """8, 10 and 14 a unit: 8, the difference of 2, the difference of 4."""
    rule = {'kind': 'unit_differential', 'params': {'rates': [
        {'rank': 0, 'amount': '8'}, {'rank': 1, 'amount': '10'}, {'rank': 2, 'amount': '14'}]}}
    assert one_sale(rule, {3: 0, 2: 1, 1: 2}, quantity=[1_500]) == [(3, 1_200), (2, 300), (1, 600)]
    assert one_sale(rule, {3: 2, 2: 1, 1: 2}, quantity=[1_000]) == [(3, 1_400)]


@given(st.data())
def test_distribution_adds_up(data):
    world = data.draw(worlds(rates=(0, 50_000, 100_000, 200_000)))
    rows = data.draw(sold(world))
    account = data.draw(st.sampled_from((0, *world.sponsor)))
    run = run_of(world, {'kind': 'differential', 'name': 'Career'}, {
        'kind': 'distribution', 'params': {
            'shares': [{'account': 0, 'rate': '20'}, {'account': account, 'rate': '3.3333'}],
            'reads': ['Career'], 'remainder': account}})
    sales = sales_of(run, rows)
    entries = run.pay(sales)
    for sale, _seller, net in rows:
        mine = entries.take(entries.sale == sale)
        assert mine.total() == net
        steps = [step for step in explain(run, sale, sales) if step.paid and step.amount]
        assert sum(step.amount for step in steps) == net


def test_distribution_by_hand():
    """100: office 20, career 10 + 2 + 8, the rest of 60 to account 9."""
    world = World({1: 0, 2: 1, 3: 2, 9: 0}, dict.fromkeys((1, 2, 3, 9), True),
                  {1: 200_000, 2: 120_000, 3: 100_000, 9: -1})
    run = run_of(world, {'kind': 'distribution', 'name': 'Key', 'params': {
        'shares': [{'account': 0, 'rate': '20'}], 'reads': ['Career'], 'remainder': 9}},
        {'kind': 'differential', 'name': 'Career'})
    entries = run.pay(Sales.build(run.network, [5], [3], [10_000]))
    assert list(zip(entries.beneficiary.tolist(), entries.amount.tolist())) == [
        (0, 2_000), (9, 6_000), (3, 1_000), (2, 200), (1, 800)]


def test_enrolment_is_never_paid():
    """W14, the joining fee: nobody is paid for it, and a plan that wants to is refused."""
    world = World({1: 0, 2: 1}, {1: True, 2: True}, {1: 0, 2: 0})
    run = run_of(world, {'kind': 'level', 'params': {'rates': ['20', '5', '4']}})
    sales = sales_of(run, [(1, 2, 10_000), (2, 2, 10_000)], attributes={'enrolment': [1, 0]})
    assert run.pay(sales).sale.tolist() == [2]
    with pytest.raises(EngineError) as error:
        run_of(world, {'kind': 'level', 'name': 'L', 'params': {'rates': ['20', '5', '4']},
                       'scope': {'only': {'enrolment': [1]}}})
    assert error.value.problems[0].path == 'scope.only.enrolment'
