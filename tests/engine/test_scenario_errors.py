# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""A scenario file of the wrong shape is told where it is wrong, never with a crash."""
import pytest
from engine.errors import PlanErrors
from engine.scenario import main
from engine.scenario_file import Scenario

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
