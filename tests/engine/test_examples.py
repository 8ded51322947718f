# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Published examples of level and differential plans: what goes in, who gets what."""

import pytest
from engine import Entries
from twin import World
from worlds import run_of, sales_of


def pay(tree, rates, rule, seller, base=10_000, ranks=None):
    """Pay one sale of 100.00; agents are letters, tree maps each to its sponsor."""
    number = {name: place for place, name in enumerate(tree, 1)}
    world = World({number[name]: number.get(above, 0) for name, above in tree.items()},
                  dict.fromkeys(number.values(), True),
                  {number[name]: max(rates.get(name, 0) * 10_000, -1) for name in tree},
                  {number[name]: rank for name, rank in (ranks or {}).items()})
    run = run_of(world, rule)
    entries = run.pay(sales_of(run, [(1, number[seller], base)]))
    assert isinstance(entries, Entries)
    names = {place: name for name, place in number.items()}
    return {names[who]: amount / 100 for who, amount in zip(*(
        column.tolist() for column in entries.by_beneficiary()))}


DIFFERENTIAL = {'kind': 'differential'}


@pytest.mark.parametrize('source, tree, rates, seller, wanted', [
    ('W08', {'A': '', 'B': 'A', 'C': 'B'}, {'A': 20, 'B': 12, 'C': 10}, 'C',
     {'C': 10, 'B': 2, 'A': 8}),
    # A customer without agreement of its own buys under B.
    ('W09', {'A': '', 'B': 'A', 'C': 'B'}, {'A': 50, 'B': 30, 'C': -1}, 'C', {'B': 30, 'A': 20}),
    ('W10 a', {'Joan': '', 'Mary': 'Joan', 'Anne': 'Mary'}, {'Joan': 45, 'Mary': 35, 'Anne': 25},
     'Anne', {'Anne': 25, 'Mary': 10, 'Joan': 10}),
    ('W10 b', {'Joan': '', 'Mary': 'Joan', 'Anne': 'Mary'}, {'Joan': 45, 'Mary': 35, 'Anne': 25},
     'Mary', {'Mary': 35, 'Joan': 10}),
    ('W10 c', {'Joan': '', 'Agent': 'Joan'}, {'Joan': 45, 'Agent': 25}, 'Agent',
     {'Agent': 25, 'Joan': 20}),
    ('W10 d', {'Joan': ''}, {'Joan': 45}, 'Joan', {'Joan': 45}),
    ('same rate above', {'A': '', 'B': 'A'}, {'A': 10, 'B': 10}, 'B', {'B': 10}),
    ('lower rate above', {'A': '', 'B': 'A'}, {'A': 5, 'B': 10}, 'B', {'B': 10}),
])
def test_differential(source, tree, rates, seller, wanted):
    assert pay(tree, rates, DIFFERENTIAL, seller) == wanted


def test_w11():
    """Supervisor 50 % discount, consultant 35 %: wholesale profit 15 % of what the latter buys."""
    rule = {'kind': 'differential', 'params': {'seller': 'counts'}}
    assert pay({'S': '', 'C': 'S'}, {'S': 50, 'C': 35}, rule, 'C') == {'S': 15}


@pytest.mark.parametrize('rank, wanted', [(1, {'You': 10}), (2, {'You': 5}), (3, {})])
def test_w12(rank, wanted):
    """5 % a rank, you on rank 3; what you earn on the sale of a recruit by the recruit's rank."""
    rule = {'kind': 'differential', 'params': {
        'source': 'rank', 'seller': 'counts',
        'rates': [{'rank': one, 'rate': 5 * one} for one in (1, 2, 3)]}}
    assert pay({'You': '', 'R': 'You'}, {}, rule, 'R', ranks={'You': 3, 'R': rank}) == wanted


@pytest.mark.parametrize('seller, wanted', [('B', {'A': 8}), ('E', {'B': 8, 'A': 6.4})])
def test_w14(seller, wanted):
    tree = {'A': '', 'B': 'A', 'C': 'A', 'D': 'A', 'E': 'B', 'F': 'B', 'K': 'E'}
    rule = {'kind': 'level', 'params': {'rates': ['10', '8', '6']}}
    assert pay(tree, {}, rule, seller, 8_000) == wanted


def test_w15():
    rule = {'kind': 'level', 'params': {'own_rate': 30, 'rates': [6, 4]}}
    assert pay({'John': '', 'Mike': 'John', 'Jessica': 'Mike'}, {}, rule, 'Jessica') == {
        'Jessica': 30, 'Mike': 6, 'John': 4}


def test_w16():
    rule = {'kind': 'level', 'params': {'rates': ['10', '10', '10']}}
    assert pay({'Mary': '', 'Joan': 'Mary', 'Adam': 'Joan'}, {}, rule, 'Adam') == {
        'Joan': 10, 'Mary': 10}


@pytest.mark.parametrize('params, wanted', [
    # A 20, B 20, C 15, D 10 in one line; D sells 100.
    ({}, {'D': 10, 'C': 5, 'B': 5}),
    ({'equal_rate': '1'}, {'D': 10, 'C': 5, 'B': 5, 'A': 1}),
    ({'seller': 'counts'}, {'C': 5, 'B': 5}),
    ({'seller': 'ignored'}, {'C': 15, 'B': 5}),
    ({'level_one': 'direct', 'direct_rate': '3'}, {'D': 10, 'C': 3, 'B': 5}),
])
def test_corners(params, wanted):
    tree = {'A': '', 'B': 'A', 'C': 'B', 'D': 'C'}
    rule = {'kind': 'differential', 'params': params}
    assert pay(tree, {'A': 20, 'B': 20, 'C': 15, 'D': 10}, rule, 'D') == wanted


@pytest.mark.parametrize('unqualified, wanted', [
    ('pass_up', [(2, 10_000), (1, 10_000)]), ('company_keeps', [(2, 10_000), (1, 5_000)])])
def test_unqualified(unqualified, wanted):
    """A 20 % over inactive B 15 % over C 10 %: B's 5 % go to A, or stay with the company."""
    world = World({1: 0, 3: 1, 2: 3}, {1: True, 2: True, 3: False},
                  {1: 200_000, 3: 150_000, 2: 100_000})
    run = run_of(world, {'kind': 'differential', 'params': {'unqualified': unqualified}})
    entries = run.pay(sales_of(run, [(1, 2, 100_000)]))
    assert list(zip(entries.beneficiary.tolist(), entries.amount.tolist())) == wanted


def test_w38():
    """10 % on everything, 50 % on B; the specific rule wins: 2 + 15 = 17, not 20."""
    world = World({1: 0}, {1: True}, {1: 0})
    general = {'kind': 'level', 'name': 'all', 'params': {'own_rate': '10', 'rates': ['0']}}
    special = {'kind': 'level', 'name': 'B', 'params': {'own_rate': '50', 'rates': ['0']},
               'scope': {'only': {'product': [2]}}}
    sales = [(1, 1, 2_000), (2, 1, 3_000)]
    run = run_of(world, general, special)
    paid = run.pay(sales_of(run, sales, attributes={'product': [1, 2]}))
    assert paid.amount.tolist() == [200, 1_500]
    special['scope']['overlap'] = 'add'
    run = run_of(world, general, special)
    assert run.pay(sales_of(run, sales, attributes={'product': [1, 2]})).total() == 2_000
