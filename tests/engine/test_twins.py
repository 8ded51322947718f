# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Every rule has a slow twin; here are those of pools, caps, advancement, keys, units and scopes."""

import test_binary
import test_differential
import test_level
import test_period_rules
import test_sale_rules
import twin
import twin_period
from engine import Plan, PlanErrors
from engine import rules as catalogue
from hypothesis import assume, given
from hypothesis import strategies as st
from worlds import percent, run_of, sales_of, sold, tuples, worlds

POINTS = st.sampled_from((0, 1, 10_000, -300, 77_777))


def money(amount):
    return f'{amount / 100:.2f}'


def amounts(entries):
    """Sums by agent, without zeros."""
    return {agent: amount for agent, amount in zip(*(
        column.tolist() for column in entries.by_beneficiary())) if amount}


def nonzero(values):
    return {key: value for key, value in values.items() if value}


@given(st.data())
def test_pool(data):
    world = data.draw(worlds())
    rows, points = data.draw(sold(world)), []
    split = data.draw(st.sampled_from(('equal', 'shares', 'rank', 'points')))
    shares = [(0, 1), (2, 5), (4, 10)] if split == 'rank' else []
    rate, most = data.draw(st.sampled_from((10_000, 333_333))), data.draw(
        st.sampled_from((0, 0, 5, 100_000)))
    min_rank = data.draw(st.integers(-1, 3))
    points = [data.draw(POINTS) for _row in rows]
    run = run_of(world, {'kind': 'pool', 'params': {
        'rate': percent(rate), 'split': split, 'min_rank': min_rank, 'max_amount': money(most),
        'shares': [{'rank': rank, 'shares': part} for rank, part in shares]}})
    got = amounts(run.pay(sales_of(run, rows, points=points)))
    assert got == nonzero(twin_period.pool(
        world, [(seller, net, one) for (_sale, seller, net), one in zip(rows, points)], rate, split,
        min_rank, shares, most))


EARNING = ({'kind': 'level', 'name': 'L', 'params': {'own_rate': '10', 'rates': ['5', '3']}},
           {'kind': 'differential', 'name': 'D'})


@given(st.data())
def test_cap(data):
    """Over some rules or over all of them: each sum times cap / total."""
    world = data.draw(worlds())
    rows, reads = data.draw(sold(world)), data.draw(st.sampled_from(([], ['L'], ['L', 'D'])))
    rate = data.draw(st.sampled_from((10_000, 133_333, 200_000)))
    run = run_of(world, *EARNING, {'kind': 'cap', 'params': {'rate': percent(rate),
                                                             'reads': reads}})
    entries = run.pay(sales_of(run, rows))
    earned = amounts(entries.take(entries.rule == 0 if reads == ['L'] else entries.rule < 2))
    limit = max(world.share(sum(net for _sale, _seller, net in rows), rate), 0)
    cut = entries.take(entries.rule == 2)
    assert amounts(cut) == nonzero(twin_period.cap(world, earned, limit))
    assert {agent: base for agent, base in zip(cut.beneficiary.tolist(), cut.base.tolist())} == {
        agent: earned[agent] for agent in cut.beneficiary.tolist()}, 'the sum before the cut'


@given(st.data())
def test_cap_by_person(data):
    world = data.draw(worlds())
    rows = data.draw(sold(world))
    limits = [(-1, data.draw(st.sampled_from((0, 1_000)))), (2, data.draw(
        st.sampled_from((0, 50, 100_000))))]
    run = run_of(world, *EARNING, {'kind': 'cap', 'params': {'of': 'person', 'limits': [
        {'rank': rank, 'amount': money(amount)} for rank, amount in limits]}})
    entries = run.pay(sales_of(run, rows))
    earned = amounts(entries.take(entries.rule < 2))
    assert amounts(entries.take(entries.rule == 2)) == twin_period.cap_person(world, earned, limits)


@given(st.data())
def test_rank_advance(data):
    world = data.draw(worlds(most=15))
    world.highest = {agent: data.draw(st.integers(-1, 4)) for agent in world.sponsor}
    rows, table = data.draw(sold(world)), [(0, 10_000), (2, 33_333), (3, 50_000)]
    limit, skipped = data.draw(st.sampled_from((1, 10_000, 1_000_000))), data.draw(st.booleans())
    run = run_of(world, {'kind': 'rank_advance', 'params': {
        'limit': percent(limit), 'skipped': skipped,
        'amounts': [{'rank': rank, 'amount': money(amount)} for rank, amount in table]}})
    volume = {}
    for _sale, seller, net in rows:
        volume[seller] = volume.get(seller, 0) + net
    entries = run.pay(sales_of(run, rows))
    got = {(agent, level): amount for agent, level, amount in zip(
        entries.beneficiary.tolist(), entries.level.tolist(), entries.amount.tolist())}
    assert got == nonzero(twin_period.rank_advance(world, volume, table, limit, skipped))


@given(st.data())
def test_unit_differential(data):
    world = data.draw(worlds())
    table = [(rank, data.draw(st.sampled_from((0, 33, 1_000, 2_050)))) for rank in (0, 1, 3, 4)]
    measure, divisor = data.draw(st.sampled_from((('quantity', 1_000), ('total', 100_000))))
    kept = {'unqualified': data.draw(st.sampled_from(('pass_up', 'company_keeps'))),
            'seller': data.draw(st.sampled_from(('paid', 'counts', 'ignored')))}
    rows = data.draw(sold(world))
    run = run_of(world, {'kind': 'unit_differential', 'params': {
        'measure': measure, **kept,
        'rates': [{'rank': rank, 'amount': money(amount)} for rank, amount in table]}})
    entries = run.pay(sales_of(run, rows, **{measure: [count for _sale, _who, count in rows]}))
    assert tuples(entries) == sorted(
        (sale, *row) for sale, seller, count in rows for row in twin.unit_differential(
            world, seller, count, table, divisor, kept['unqualified'], kept['seller']) if row[-1])


@given(st.data())
def test_distribution(data):
    world = data.draw(worlds())
    rows, accounts = data.draw(sold(world)), st.sampled_from((0, *sorted(world.sponsor)))
    shares = [(data.draw(accounts), data.draw(st.sampled_from((33_333, 200_000))))
              for _share in range(data.draw(st.integers(0, 3)))]
    account = data.draw(accounts)
    run = run_of(world, {'kind': 'level', 'name': 'L', 'params': {'own_rate': 7, 'rates': [3, 2]}}, {
        'kind': 'distribution', 'params': {
            'reads': ['L'], 'remainder': account,
            'shares': [{'account': who, 'rate': percent(rate)} for who, rate in shares]}})
    entries = run.pay(sales_of(run, rows))
    paid = {sale: sum(row[-1] for row in twin.level(world, seller, net, [30_000, 20_000], 70_000))
            for sale, seller, net in rows}
    assert tuples(entries.take(entries.rule == 1)) == sorted(
        (sale, *row) for sale, _seller, net in rows
        for row in twin.distribution(world, net, shares, paid[sale], account) if row[-1])


CODES = st.sampled_from(([1], [2], [1, 2], [2, 3]))


@st.composite
def scopes(draw, names):
    """A scope over two attributes, as a plan file writes it."""
    scope = {'overlap': draw(st.sampled_from(('replace', 'replace', 'add')))}
    for key in ('only', 'except'):
        chosen = draw(st.sampled_from(((), ('product',), ('region',), ('product', 'region'))))
        if key == 'only' or draw(st.integers(0, 3)) == 0:
            scope[key] = {name: draw(CODES) for name in chosen}
    if draw(st.integers(0, 4)) == 0:
        scope['replaces'] = [draw(st.sampled_from(names))]
    return scope


def covers(scope, codes):
    return (all(codes[name] in listed for name, listed in scope.get('only', {}).items())
            and not any(codes[name] in listed for name, listed in scope.get('except', {}).items()))


def pays(rules, place, codes):
    """Whether a rule pays a sale: it covers it, and nothing more specific does instead."""
    rule = rules[place]
    if not covers(rule['scope'], codes):
        return False
    for other in rules:
        if other is rule or not covers(other['scope'], codes):
            continue
        narrower = len(other['scope'].get('only', {})) > len(rule['scope'].get('only', {}))
        one_of_them = rule['scope']['overlap'] == other['scope']['overlap'] == 'replace'
        if rule['name'] in other['scope'].get('replaces', ()) or (
                narrower and one_of_them and other['kind'] == rule['kind']):
            return False
    return True


@given(st.data())
def test_scope(data):
    """The specific replaces the general, or both pay where the plan says so; never by accident."""
    names = ['A', 'B', 'C']
    rules = [{'kind': data.draw(st.sampled_from(('level', 'level', 'cascade'))), 'name': name,
              'params': {'own_rate': number, 'rates': ['0']},
              'scope': data.draw(scopes([one for one in names if one != name]))}
             for number, name in enumerate(names, 1)]
    try:
        Plan.parse({'name': 'P', 'rules': rules})
    except PlanErrors:
        assume(False)
    world = twin.World({1: 0}, {1: True}, {1: 0})
    codes = [{'product': product, 'region': region} for product in (1, 2, 3) for region in (1, 2, 3)]
    run = run_of(world, *rules)
    entries = run.pay(sales_of(run, [(number, 1, 10_000) for number in range(1, 10)], attributes={
        name: [one[name] for one in codes] for name in ('product', 'region')}))
    assert list(zip(entries.sale.tolist(), entries.rule.tolist(), entries.amount.tolist())) == [
        (number, place, 100 * (place + 1)) for number, one in enumerate(codes, 1)
        for place in range(3) if pays(rules, place, one)]


TWINS = {
    'binary': test_binary.test_like_the_twin,
    'breakaway': test_period_rules.test_breakaway,
    'cap': (test_cap, test_cap_by_person),
    'cascade': test_sale_rules.test_cascade,
    'differential': test_differential.test_like_the_twin,
    'distribution': test_distribution,
    'fast_start': test_sale_rules.test_fast_start,
    'generation': test_sale_rules.test_generation,
    'group_differential': test_period_rules.test_group_differential,
    'infinity': test_sale_rules.test_infinity,
    'level': test_level.test_like_the_twin,
    'matching': test_period_rules.test_matching,
    'matrix': test_sale_rules.test_matrix,
    'pool': test_pool,
    'rank_advance': test_rank_advance,
    'retail': test_sale_rules.test_retail,
    'unit': test_sale_rules.test_units_like_the_twin,
    'unit_differential': test_unit_differential,
}


def test_every_rule_has_a_twin():
    """A new rule belongs into the table above, with a generated test against its slow twin."""
    assert sorted(TWINS) == catalogue.kinds()
    for tests in TWINS.values():
        for test in tests if isinstance(tests, tuple) else (tests,):
            assert hasattr(test, 'hypothesis')
