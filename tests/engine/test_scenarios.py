
"""Every scenario file is valid, pays what it says, and can be told; so does the command line."""

import json
from pathlib import Path

import jsonschema
import pytest
from engine import PlanErrors
from engine.scenario import Scenario, main, scenario_schema, tell
from engine.scenario_file import refusal

VALIDATOR = jsonschema.Draft202012Validator(scenario_schema())
FILES = sorted((Path(__file__).resolve().parents[1] / 'scenarios').glob('*.json'))


def read(path):
    return json.loads(path.read_text(encoding='utf-8'))


def test_there_are_files():
    assert len(FILES) > 50
    jsonschema.Draft202012Validator.check_schema(scenario_schema())


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.stem)
def test_file(path):
    data = read(path)
    assert not list(VALIDATOR.iter_errors(data))
    if refusal(data):
        with pytest.raises(PlanErrors) as error:
            Scenario(data)
        assert refusal(data) in [problem.path for problem in error.value.problems]
        return
    scenario = Scenario(data)
    outcomes = scenario.run()
    assert scenario.differences(outcomes) == []
    expected = [period['expected'] for period in scenario.periods]
    assert all('agents' in one or 'ranks' in one for one in expected)
    for outcome in outcomes:
        assert all(tell(scenario, outcome)) and outcome.entries.digest()


def test_command_line(tmp_path, capsys):
    path = next(path for path in FILES if path.stem.startswith('w08'))
    assert main([str(path), '--why']) == 0
    out = capsys.readouterr().out
    assert 'Total' in out and '20.00' in out and 'difference' in out
    assert main([str(path), '--json']) == 0
    report = json.loads(capsys.readouterr().out)
    assert report['periods'][0]['agents'] == {'A': '8', 'B': '2', 'C': '10'}
    data = read(path)
    data['expected']['agents']['A'] = '9'
    other = tmp_path / 'other.json'
    other.write_text(json.dumps(data), encoding='utf-8')
    assert main([str(other)]) == 1
    assert 'expected 9, got 8' in capsys.readouterr().err
    data['agents'][1]['sponsor'] = 'Nobody'
    data['sales'][0]['seller'] = 'Nobody'
    data['plan']['rules'][0]['base'] = 'gross'
    other.write_text(json.dumps(data), encoding='utf-8')
    assert main([str(other)]) == 2
    err = capsys.readouterr().err
    for field in ('agents[1].sponsor', 'sales[0].seller', 'plan.base'):
        assert field in err
    other.write_text('{', encoding='utf-8')
    assert main([str(other)]) == 2
    assert main([str(tmp_path / 'missing.json')]) == 2


def test_why_tells_what_comes_back(capsys):
    path = next(path for path in FILES if path.stem == 'binary-returns')
    assert main([str(path), '--why']) == 0
    out = capsys.readouterr().out
    assert out.count('Volume that was balanced before was taken back from agent Top: -5.00.') == 2


def test_refused_as_expected(capsys):
    path = next(path for path in FILES if path.stem == 'w14-joining-fee')
    assert main([str(path)]) == 0
    assert 'Refused as expected' in capsys.readouterr().out
