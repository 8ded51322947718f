# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What must hold for every way of paying; a new rule needs one row in the table below."""

import json

import jsonschema
import numpy as np
import pytest
from engine import (
    Entries,
    Plan,
    Sales,
    Terms,
    explain,
    explain_period,
    pack,
    plan_schema,
    prepare,
    sentence,
    unpack,
)
from engine import rules as catalogue
from hypothesis import given, settings
from hypothesis import strategies as st
from twin import World
from worlds import BASES, network_of, terms_of, worlds

VALIDATOR = jsonschema.Draft202012Validator(plan_schema())
STEPS = [{'points': '1', 'rate': '3'}, {'points': '100', 'rate': '6'}]
RULES = {
    'binary': {'ranks': [{'rank': -1, 'rate': '5', 'amount': '1'}], 'total_cap': '10', 'per': 'week'},
    'breakaway': {'rates': STEPS, 'leadership_rate': '1'},
    'cap': {'rate': '90'},
    'cascade': {'own_rate': '2', 'rates': ['2', '1']},
    'differential': {'equal_rate': '0.5'},
    'distribution': {'shares': [{'account': 0, 'rate': '1'}], 'reads': ['level']},
    'fast_start': {'days': 30, 'rates': [{'rate': '3', 'max_amount': '5'}]},
    'generation': {'opening_rank': 1, 'rates': ['2', '1'], 'compression': 'standard'},
    'group_differential': {'rates': STEPS},
    'infinity': {'layers': [{'rank': 2, 'rate': '1', 'from_level': 2}]},
    'level': {'own_rate': '3', 'rates': ['2', '1'], 'compression': 'dynamic'},
    'matching': {'reads': ['level', 'differential'], 'rates': ['10', '5']},
    'matrix': {'width': 2, 'rates': ['2', '1']},
    'pool': {'rate': '1', 'split': 'shares'},
    'rank_advance': {'limit': '1', 'amounts': [{'rank': 1, 'amount': '3'}]},
    'retail': {'rate': '20'},
    'unit': {'own_amount': '1.5', 'rates': ['0.5']},
    'unit_differential': {'rates': [{'rank': 0, 'amount': '1'}, {'rank': 3, 'amount': '2'}]},
}
PLAN = {'name': 'Everything', 'rules': [
    {'kind': kind, 'name': kind, 'params': params} for kind, params in RULES.items()]}


def test_no_rule_is_forgotten():
    assert sorted(RULES) == catalogue.kinds()


@pytest.mark.parametrize('kind', sorted(RULES))
def test_description(kind):
    """A rule can be written down, read back, checked by the schema, described and explained."""
    rule = {'kind': kind, 'name': kind, 'params': RULES[kind]}
    others = [{'kind': other, 'name': other, 'params': RULES[other]}
              for other in RULES[kind].get('reads', ())]
    plan = Plan.parse({'name': kind, 'rules': [rule, *others]})
    assert Plan.parse(plan.to_dict()).to_json() == plan.to_json()
    for data in ({'name': kind, 'rules': [rule]}, plan.to_dict()):
        assert not list(VALIDATOR.iter_errors(data))
    lines = catalogue.get(kind).explain_rule(RULES[kind])
    assert lines
    for template, values in lines:
        assert template % values
    assert json.loads(json.dumps(catalogue.get(kind).describe()))['kind'] == kind


def rows_of(data, world):
    """Rows of sales with all their columns: (id, seller, net, margin, points, quantity, days)."""
    count = data.draw(st.integers(1, 8))
    ids = data.draw(st.lists(st.integers(1, 10**6), min_size=count, max_size=count, unique=True))
    agents = st.sampled_from(sorted(world.sponsor))
    return [(sale, data.draw(agents), *(data.draw(BASES) for _column in range(4)),
             data.draw(st.sampled_from((0, 29, 30))), data.draw(st.integers(0, 1)))
            for sale in ids]


def sales_of(network, rows):
    ids, sellers, net, margin, points, quantity, days, column = zip(*rows)
    return Sales.build(network, ids, sellers, net, margin=margin, points=points, quantity=quantity,
                       column=column, attributes={'seller_days': days, 'day': days})


def run_of(world, order=None):
    network = network_of(world, order)
    terms = terms_of(world, network)
    second = np.where(terms.rates[0] >= 0, terms.rates[0] // 2, np.int32(70_000)).astype(np.int32)
    terms = Terms((terms.rates[0], second), terms.ranks, terms.highest, terms.points, terms.shares)
    return prepare(Plan.parse(PLAN), network, terms)


@settings(max_examples=40)
@given(st.data())
def test_same_input_same_bytes(data):
    """Neither the order of agents and sales, nor slices, nor a snapshot change a single byte."""
    world = data.draw(worlds(most=20, width=2))
    rows = rows_of(data, world)
    run = run_of(world)
    sales = sales_of(run.network, rows)
    entries = run.pay(sales)
    digest = entries.digest()
    shuffled = run_of(world, data.draw(st.permutations(sorted(world.sponsor))))
    mixed = sales_of(shuffled.network, data.draw(st.permutations(rows)))
    assert shuffled.pay(mixed).digest() == digest
    assert Entries.concat(list(run.stream(sales, data.draw(st.integers(1, 3))))).digest() == digest
    again = prepare(*unpack(pack(run.plan, run.network, run.terms)))
    assert again.pay(sales_of(again.network, rows)).digest() == digest
    places = list(zip(*(getattr(entries, name).tolist() for name in (
        'sale', 'rule', 'level', 'beneficiary'))))
    assert places == sorted(set(places)), 'in order, and no two rows for one place'


@settings(max_examples=40)
@given(st.data())
def test_told_is_paid(data):
    """Explanations list every payment with its amount, of sales and of the period."""
    world = data.draw(worlds(most=20, width=2))
    rows = rows_of(data, world)
    run = run_of(world)
    sales = sales_of(run.network, rows)
    entries = run.pay(sales)
    told = [step for sale in sales.ids.tolist() for step in explain(run, sale, sales)]
    told += explain_period(run, sales)
    for step in told:
        template, values = sentence(step)
        assert template % values
    assert sorted((step.rule, step.level, step.agent, step.amount) for step in told
                  if step.paid and step.amount) == sorted(zip(*(
                      getattr(entries, name).tolist() for name in (
                          'rule', 'level', 'beneficiary', 'amount'))))


@settings(max_examples=40)
@given(st.data())
def test_refund_is_the_exact_mirror(data):
    """Every rule that pays sale by sale takes back exactly what it paid."""
    world = data.draw(worlds(most=20, width=2))
    rows = rows_of(data, world)
    run = run_of(world)
    back = [(sale, who, *(-value for value in columns), days, column)
            for sale, who, *columns, days, column in rows]
    one, two = (run.pay(sales_of(run.network, part)) for part in (rows, back))
    one, two = (part.take(part.sale > 0) for part in (one, two))
    assert (one.amount == -two.amount).all() and (one.beneficiary == two.beneficiary).all()


def test_nobody_and_nothing():
    """An empty network, and a network without sales, are settled by every rule."""
    for sponsor in ({}, {5: 0}):
        none = dict.fromkeys(sponsor, 0)
        run = run_of(World(sponsor, dict.fromkeys(sponsor, True), none, placement=none, slot=none))
        sales = Sales.build(run.network, [], [], [], attributes={'seller_days': [], 'day': []})
        assert len(run.pay(sales)) == 0
        assert explain_period(run, sales) == []
        assert [len(part) for part in run.stream(sales)] == [0]
