# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""A scenario file of the wrong shape is told where it is wrong, never with a crash."""

import json
import random
from pathlib import Path

import pytest
from engine.errors import EngineError, PlanErrors
from engine.scenario import main
from engine.scenario_file import Scenario
from hypothesis import given
from hypothesis import strategies as st

PLAN = {'schema': 1, 'name': 'p', 'rules': [{'kind': 'level', 'name': 'l', 'params': {'rates': ['5']}}]}
AGENTS = [{'name': 'Ann'}, {'name': 'Bob', 'sponsor': 'Ann'}]
SALE = {'id': 1, 'seller': 'Bob', 'net': '100'}


def scenario(**changes):
    return {'plan': PLAN, 'agents': AGENTS, 'sales': [SALE], **changes}


def test_the_file_itself_is_right():
    assert Scenario(scenario()).run()[0].entries.amount.tolist() == [500]


@pytest.mark.parametrize(('changes', 'path'), [
    ({'expected': 'x'}, 'expected'),
    ({'expected': {'agents': ['Ann']}}, 'expected.agents'),
    ({'expected': {'ranks': 5}}, 'expected.ranks'),
    ({'periods': 'x'}, 'periods'),
    ({'periods': ['x']}, 'periods[0]'),
    ({'sales': [{**SALE, 'attributes': ['a']}]}, 'sales[0].attributes'),
    ({'sales': [{**SALE, 'attributes': {'product': [1]}}]}, 'sales[0].attributes'),
    ({'sales': 'x'}, 'sales[0]'),
    ({'agents': [{'name': 'Ann', 'sponsor': 'Nobody'}], 'sales': []}, 'agents[0].sponsor'),
])
def test_wrong_shapes_name_the_field(changes, path):
    with pytest.raises(PlanErrors) as raised:
        Scenario(scenario(**changes))
    assert path in [problem.path for problem in raised.value.problems]


def test_what_is_no_json_is_named(tmp_path, capsys):
    path = tmp_path / 'notes.md'
    path.write_text('# Notes')
    assert main([str(path)]) == 2
    assert main([str(tmp_path / 'gone.json')]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert 'notes.md is not a scenario file' in first
    assert 'gone.json is not a scenario file' in second


FILES = sorted((Path(__file__).resolve().parents[1] / 'scenarios').glob('*.json'))
ODD = (None, True, -1, 0, 10**30, 1.5, '', 'x', [], ['x'], {}, {'x': 1}, '-1', '1e5')


def places(node, path=()):
    """Every place in a JSON document."""
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(
        node, list) else ()
    for key, value in inside:
        yield (*path, key)
        yield from places(value, (*path, key))


@given(st.integers(0, 2**32))
def test_whatever_is_broken_is_told_not_crashed(seed):
    """One value of a file is replaced by nonsense, or left out: it pays, or an error says why not."""
    dice = random.Random(seed)
    data = json.loads(dice.choice(FILES).read_text(encoding='utf-8'))
    *way, last = dice.choice(list(places(data)))
    node = data
    for key in way:
        node = node[key]
    if dice.random() < 0.15:
        del node[last]
    else:
        node[last] = dice.choice(ODD)
    try:
        Scenario(data).run()
    except PlanErrors as error:
        assert all(problem.path or problem.rule or str(problem) for problem in error.problems)
    except EngineError as error:
        assert str(error)
