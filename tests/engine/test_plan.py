# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Plans: every problem found at once, with its place; canonical; described by a schema."""

import json

import jsonschema
import pytest
from engine import EngineError, Plan, PlanErrors, compare, plan_schema, prepare
from engine import rules as catalogue
from engine.params import Invalid, Param, decimal_text, parse_decimal
from engine.rule import REGISTRY
from hypothesis import given
from hypothesis import strategies as st
from twin import World
from worlds import network_of, run_of, sales_of, terms_of

GOOD = {
    'schema': 1, 'name': 'Plan', 'currency_digits': 2, 'point_value': '0.5',
    'rounding': {'mode': 'half_even', 'unit': 5},
    'rules': [
        {'kind': 'level', 'name': 'Levels', 'base': 'net',
         'params': {'rates': ['10', 5.5, {'rate': '0.0001', 'min_rank': 2}]},
         'scope': {'only': {'product': [3, 1], 'date': {'min': 20260101}},
                   'except': {'category': [9]}}},
        {'kind': 'differential', 'base': 'points', 'params': {
            'source': 'rank', 'rates': [{'rank': 1, 'rate': 10}, {'rank': 3, 'rate': 12}]}},
    ],
}


def test_round_trip():
    plan = Plan.parse(GOOD)
    again = Plan.parse(json.loads(plan.to_json()))
    assert again.to_json() == plan.to_json()
    assert again.digest() == plan.digest()
    assert [(row['rate'], row['min_rank']) for row in plan.rules[0].values['rates']] == [
        (100_000, -1), (55_000, -1), (1, 2)]
    assert plan.to_dict()['rules'][0]['scope']['only'] == {
        'date': {'min': 20260101}, 'product': [1, 3]}
    jsonschema.validate(GOOD, plan_schema())
    jsonschema.validate(plan.to_dict(), plan_schema())
    jsonschema.Draft202012Validator.check_schema(plan_schema())


def problems(data):
    with pytest.raises(PlanErrors) as error:
        Plan.parse(data)
    for problem in error.value.problems:
        assert problem.message % problem.values
        assert str(problem)
    return [(problem.rule, problem.path) for problem in error.value.problems]


def test_all_problems_at_once():
    assert problems({
        'schema': 2, 'name': ' ', 'colour': 1, 'rounding': {'mode': 'up', 'unit': 0},
        'rules': [
            {'kind': 'level', 'name': 'A', 'base': 'gross', 'price': 1,
             'params': {'rates': [{'rate': '1.00001'}], 'own_rate': '101', 'depth': 3},
             'scope': {'only': {'product': 'x'}, 'overlap': 'maybe', 'for': 1}},
            {'kind': 'level', 'name': 'A', 'params': {}},
            {'kind': 'lottery', 'name': 'B'},
            'nonsense',
        ]}) == [
            ('', 'colour'), ('', 'schema'), ('', 'name'), ('', 'rounding.mode'),
            ('', 'rounding.unit'), ('A', 'price'), ('A', 'base'), ('A', 'params.depth'),
            ('A', 'params.own_rate'), ('A', 'params.rates[0].rate'), ('A', 'scope.for'),
            ('A', 'scope.overlap'), ('A', 'scope.only.product'), ('A', 'params.rates'),
            ('B', 'kind'), ('', 'rules[3]'), ('A', 'name')]


def level(name, **changes):
    return {'kind': 'level', 'name': name, 'params': {'rates': ['10']}, **changes}


@pytest.mark.parametrize('rules, wanted', [
    ([], [('', 'rules')]),
    ([level('A', params={'rates': []})], [('A', 'params.rates')]),
    ([level('A', params={'rates': ['60', '41']})], [('A', 'params.rates')]),
    ([level('A', params={'rates': 'x'})], [('A', 'params.rates')]),
    ([level('A', params={'rates': [{'rate': '1', 'x': 1}]})], [('A', 'params.rates[0]')]),
    ([level('A', params={'rates': [{'min_rank': 1}]})], [('A', 'params.rates[0].rate')]),
    ([level('A'), level('B')], [('B', 'scope')]),
    ([level('A', scope={'only': {'product': [1]}}), level('B', scope={'only': {'region': [1]}})],
     [('B', 'scope')]),
    ([level('A', scope={'replaces': ['C']}), level('B', scope={'only': {'x': [1]}})],
     [('A', 'scope.replaces[0]')]),
    ([level('A', scope={'replaces': ['B']}), level('B', scope={'replaces': ['A']})],
     [('A', 'scope.replaces'), ('B', 'scope.replaces')]),
    ([{'kind': 'differential', 'name': 'D', 'params': {'source': 'rank'}}],
     [('D', 'params.rates')]),
    ([{'kind': 'differential', 'name': 'D', 'params': {'direct_rate': '5'}}],
     [('D', 'params.direct_rate')]),
    ([{'kind': 'differential', 'name': 'D', 'params': {'source': 'rank', 'rates': [
        {'rank': 2, 'rate': 5}, {'rank': 2, 'rate': 6}]}}], [('D', 'params.rates[1].rank')]),
])
def test_problems(rules, wanted):
    assert problems({'name': 'P', 'rules': rules}) == wanted


def rate(name, percents, **changes):
    return {'kind': 'retail', 'name': name, 'base': 'net', 'params': {'rate': percents}, **changes}


@pytest.mark.parametrize('rules, wanted', [
    # 70 + 40 on the same net amount.
    ([level('A', params={'rates': ['70']}), rate('B', '40')], [('B', 'params')]),
    ([level('A', params={'rates': ['70']}), rate('B', '40', base='margin')], []),
    ([level('A', params={'rates': ['70']}, scope={'only': {'x': [1]}}),
      rate('B', '40', scope={'only': {'x': [2]}})], []),
    ([level('A', params={'rates': ['70']}), rate('B', '40', scope={'replaces': ['A']})], []),
    ([level('A', params={'rates': ['70']}), rate('B', '40'),
      {'kind': 'cap', 'name': 'C', 'params': {'rate': '60'}}], []),
    # General 50 with either of two products at 40 is fine; with both at once it would not be.
    ([level('A', params={'rates': ['50']}),
      rate('B', '40', scope={'only': {'x': [1]}, 'overlap': 'add'}),
      rate('C', '40', scope={'only': {'x': [2]}, 'overlap': 'add'})], []),
    ([level('A', params={'rates': ['50']}),
      rate('B', '40', scope={'only': {'x': [1]}, 'overlap': 'add'}),
      rate('C', '40', scope={'only': {'y': [2]}, 'overlap': 'add'})], [('C', 'params')]),
    # One rule alone: 60 + 50, or a rate for every rank and one for each equal.
    ([{'kind': 'infinity', 'name': 'I', 'params': {'layers': [
        {'rank': 1, 'rate': '60'}, {'rank': 2, 'rate': '50'}]}}], [('I', 'params.layers')]),
    ([{'kind': 'fast_start', 'name': 'F', 'params': {'days': 9, 'rates': ['60', '50']}}],
     [('F', 'params.rates')]),
    ([{'kind': 'differential', 'name': 'D', 'params': {
        'source': 'rank', 'equal_rate': '10', 'rates': [{'rank': 0, 'rate': '95'}]}}],
     [('D', 'params.rates')]),
    ([{'kind': 'breakaway', 'name': 'B', 'params': {
        'rates': [{'points': '1', 'rate': '97'}], 'leadership_rate': '4'}}],
     [('B', 'params.rates')]),
    # A match of 50 % of the 70 that others pay is 35 more; a cap of the binary plan counts.
    ([level('A', params={'rates': ['70']}), {'kind': 'matching', 'name': 'M', 'params': {
        'reads': ['A'], 'rates': ['30', '20']}}], [('M', 'params')]),
    ([level('A', params={'rates': ['70']}), {'kind': 'matching', 'name': 'M', 'params': {
        'reads': ['A'], 'rates': ['30']}}], []),
    ([level('A', base='points', params={'rates': ['70']}), {'kind': 'binary', 'name': 'B', 'params': {
        'ranks': [{'rank': -1, 'rate': '10'}], 'total_cap': '40'}}], [('B', 'params')]),
    # References that lead nowhere, too late, or in a circle.
    ([level('A'), {'kind': 'matching', 'name': 'M', 'params': {'reads': ['X'], 'rates': ['5']}}],
     [('M', 'params.reads[0]')]),
    ([{'kind': 'pool', 'name': 'P', 'params': {'rate': '1'}},
      {'kind': 'distribution', 'name': 'D', 'params': {'reads': ['P']}}],
     [('D', 'params.reads[0]')]),
    ([{'kind': 'matching', 'name': 'M', 'params': {'reads': ['N'], 'rates': ['5']}},
      {'kind': 'matching', 'name': 'N', 'params': {'reads': ['M'], 'rates': ['5']},
       'scope': {'overlap': 'add'}}], [('M', 'params.reads'), ('N', 'params.reads')]),
])
def test_plan_as_a_whole(rules, wanted):
    data = {'name': 'P', 'rules': rules}
    if wanted:
        assert problems(data) == wanted
    else:
        Plan.parse(data)


@pytest.mark.parametrize('rows, refused', [
    ([{'name': 'Two recruits', 'legs': 2}], True),
    ([{'name': 'Two recruits', 'legs': 2, 'personal_points': '1'}], False),
    ([{'name': 'Two recruits who sold', 'legs': 2, 'leg_points': '1'}], False),
    ([{'name': 'Seller', 'customers': 1}, {'name': 'Two sellers below', 'ranked_legs': 2}], False),
    ([{'name': 'Anybody'}, {'name': 'Two recruits', 'ranked_legs': 2}], True),
])
def test_no_amount_for_recruiting(rows, refused):
    data = {'name': 'P', 'ranks': {'ranks': rows}, 'rules': [{
        'kind': 'rank_advance', 'name': 'R', 'params': {
            'limit': '5', 'amounts': [{'rank': len(rows) - 1, 'amount': '100'}]}}]}
    if refused:
        assert problems(data) == [('R', 'params.amounts[0].rank')]
    else:
        Plan.parse(data)


@pytest.mark.parametrize('rules', [
    [level('A'), level('B', scope={'only': {'product': [1]}})],
    [level('A', scope={'only': {'product': [1]}}), level('B', scope={'only': {'product': [2]}})],
    [level('A', scope={'only': {'product': [1]}}),
     level('B', scope={'only': {'x': [1]}, 'except': {'product': [1, 2]}})],
    [level('A', scope={'only': {'date': {'max': 5}}}),
     level('B', scope={'only': {'date': {'min': 6}}})],
    [level('A'), level('B', scope={'overlap': 'add'})],
    [level('A'), level('B', scope={'replaces': ['A']})],
    [level('A'), {'kind': 'differential'}],
])
def test_no_problem(rules):
    Plan.parse({'name': 'P', 'rules': rules})


def test_not_even_an_object():
    assert problems([]) == [('', ''), ('', 'name'), ('', 'rules')]


@given(st.integers(-10**9, 10**9), st.integers(0, 4))
def test_decimals(value, places):
    text = decimal_text(value, places)
    assert parse_decimal(text, places) == value
    assert '.' not in text or not text.endswith(('0', '.'))


@pytest.mark.parametrize('value', [
    '1.00001', 'x', '', None, True, float('nan'), 'inf', '1e400', []])
def test_bad_decimals(value):
    with pytest.raises(Invalid):
        parse_decimal(value, 4)


def test_floats_are_read_as_written():
    assert parse_decimal(12.3456, 4) == 123_456
    assert parse_decimal(0.1, 4) == 1_000


@pytest.mark.parametrize('kind', sorted(REGISTRY))
def test_declarations(kind):
    """Every rule can be described, offered in a form and explained."""
    cls = catalogue.get(kind)
    described = cls.describe()
    assert json.loads(json.dumps(described)) == described
    assert cls.label and cls.help and cls.__doc__
    for param in cls.params:
        assert isinstance(param, Param) and param.label
        if param.default is not None:
            assert param.dump(param.initial(2), 2) is not None


def test_sentences_of_a_rule():
    cls = catalogue.get('level')
    lines = [template % values for template, values in cls.explain_rule(
        {'own_rate': '20', 'rates': ['10', '2.5'], 'compression': 'standard'})]
    assert lines[0] == 'The seller earns 20 %.'
    assert '10 / 2.5 %' in lines[1]
    with pytest.raises(PlanErrors) as error:
        cls.explain_rule({'rates': ['x']})
    assert error.value.problems[0].path == 'params.rates[0].rate'


def test_missing_attribute():
    run = run_of(World({1: 0}, {1: True}, {1: 0}), level('A', scope={'only': {'product': [1]}}))
    with pytest.raises(EngineError) as error:
        run.pay(sales_of(run, [(1, 1, 100)]))
    assert error.value.field == 'attributes.product'


def test_points_and_margin():
    world = World({1: 0, 2: 1}, {1: True, 2: True}, {1: 0, 2: 0})
    for base, wanted in (('points', 600), ('margin', 50), ('net', 1_000)):
        plan = Plan.parse({'name': 'P', 'point_value': '1.5', 'rules': [level('A', base=base)]})
        network = network_of(world)
        run = prepare(plan, network, terms_of(world, network))
        entries = run.pay(sales_of(run, [(1, 2, 10_000)], margin=[500], points=[4_000]))
        assert entries.amount.tolist() == [wanted]


def test_compare():
    """Rules are matched by name; what was added, changed, moved or left out is listed."""
    one = Plan.parse({'name': 'P', 'rules': [level('A'), {'kind': 'differential', 'name': 'D'}]})
    two = Plan.parse({'name': 'P', 'rounding': {'unit': 5}, 'rules': [
        {'kind': 'differential', 'name': 'D', 'params': {'equal_rate': '1'}},
        level('A', params={'rates': ['10', '5']}, scope={'only': {'product': [1]}})]})
    assert compare(one, one) == []
    changes = compare(one, two)
    assert ('', 'rounding.unit', 1, 5) in changes
    assert ('A', 'params.rates[1].rate', None, '5') in changes
    assert ('A', 'scope.only.product', None, [1]) in changes
    assert ('D', 'params.equal_rate', '0', '1') in changes
    assert ('D', 'place', 2, 1) in changes
    assert len(changes) == 8


def test_fast_start_replaces_the_ordinary_rule():
    """Orders of the first days pay fast start only, later ones the levels only."""
    world = World({1: 0, 2: 1}, {1: True, 2: True}, {1: 0, 2: 0})
    run = run_of(world, level('Levels'), {
        'kind': 'fast_start', 'name': 'Fast', 'params': {'days': 60, 'rates': ['20']},
        'scope': {'replaces': ['Levels']}})
    entries = run.pay(sales_of(run, [(1, 2, 100), (2, 2, 100)],
                               attributes={'seller_days': [59, 60]}))
    assert list(zip(entries.sale.tolist(), entries.rule.tolist(), entries.amount.tolist())) == [
        (1, 1, 20), (2, 0, 10)]
