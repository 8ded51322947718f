# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Pays a scenario file from the command line: who gets what, and why.

Usage: ``python -m engine.scenario FILE [--json] [--why]``
"""

import argparse
import json
import sys
from pathlib import Path

from .errors import EngineError, PlanErrors
from .explain import explain, explain_period, sentence
from .i18n import _
from .params import decimal_text, fixed_text
from .scenario_file import Scenario, refusal
from .scenario_schema import scenario_schema

__all__ = ['Scenario', 'main', 'scenario_schema', 'tell']


def tell(scenario, outcome):
    """Return the explanation of a period as lines of text."""
    lines = []
    for sale in outcome.sales.ids.tolist():
        lines.append(f'Sale {sale}')
        lines += [f'  {_words(scenario, step)}'
                  for step in explain(outcome.run, sale, outcome.sales)]
    steps = explain_period(outcome.run, outcome.sales, outcome.before, changes=outcome.changes,
                           taken=outcome.taken)
    if steps:
        lines.append('Period')
        lines += [f'  {_words(scenario, step)}' for step in steps]
    return lines


def _words(scenario, step):
    template, values = sentence(step)
    return template % {**values, 'agent': scenario.name(step.agent) or 'company'}


def _report(scenario, outcomes, why):
    """Return the outcome as plain data."""
    return [{
        'agents': scenario.amounts(outcome.entries),
        'total': decimal_text(outcome.entries.total(), scenario.digits),
        'entries': [{**row, 'beneficiary': scenario.name(row['beneficiary']),
                     'rule': scenario.plan.rules[row['rule']].name,
                     'amount': decimal_text(row['amount'], scenario.digits)}
                    for row in outcome.entries.rows()],
        'ranks': {row['name']: rank for row, rank in zip(scenario.agents, outcome.ranks)},
        'state': outcome.state.to_dict(), 'digest': outcome.entries.digest(),
        **({'why': tell(scenario, outcome)} if why else {}),
    } for outcome in outcomes]


def _table(scenario, outcomes):
    """Return the outcome as lines of a table."""
    lines = []
    for number, outcome in enumerate(outcomes, 1):
        if len(outcomes) > 1:
            lines.append(f'Period {number}')
        cells = [('Sale', 'Rule', 'Level', 'Agent', 'Amount', 'Reason')]
        for row in outcome.entries.rows():
            cells.append((str(row['sale'] or '-'), scenario.plan.rules[row['rule']].name,
                          str(row['level']), scenario.name(row['beneficiary']) or 'company',
                          fixed_text(row['amount'], scenario.digits), row['reason']))
        total = fixed_text(outcome.entries.total(), scenario.digits)
        cells.append(('', '', '', 'Total', total, ''))
        widths = [max(len(row[column]) for row in cells) for column in range(6)]
        lines += ['  '.join(cell.rjust(width) if column == 4 else cell.ljust(width)
                            for column, (cell, width) in enumerate(zip(row, widths))).rstrip()
                  for row in cells]
    return lines


def main(arguments=None):
    """Pay a scenario file and print who gets what; the exit code tells whether it fits.

    :return: 0, 1 if the outcome is not as expected, 2 if the file is not valid
    """
    parser = argparse.ArgumentParser(prog='python -m engine.scenario', description=main.__doc__)
    parser.add_argument('file', type=Path, nargs='?', help='scenario file (JSON)')
    parser.add_argument('--schema', action='store_true', help='print the schema of scenario files')
    parser.add_argument('--json', action='store_true', help='print JSON instead of a table')
    parser.add_argument('--why', action='store_true', help='explain every sale')
    options = parser.parse_args(arguments)
    if options.schema:
        print(json.dumps(scenario_schema(), indent=2, ensure_ascii=False))
        return 0
    if not options.file:
        parser.error('name a scenario file')
    try:
        data = json.loads(options.file.read_text(encoding='utf-8'))
    except (OSError, ValueError) as error:
        print(f'{options.file} is not a scenario file that can be read: {error}', file=sys.stderr)
        return 2
    try:
        return _pay(data, options)
    except ValueError as error:
        problems = error.problems if isinstance(error, PlanErrors) else [error]
        wanted = refusal(data) if isinstance(error, PlanErrors) else None
        if wanted and wanted in [problem.path for problem in problems]:
            print(f'Refused as expected: {error}')
            return 0
        for problem in problems:
            print(problem, file=sys.stderr)
        return 2


def _pay(data, options):
    scenario = Scenario(data)
    outcomes = scenario.run()
    if refusal(data):
        raise EngineError(_('The plan was accepted, but %(path)s should have been refused.'),
                          {'path': refusal(data)})
    differences = scenario.differences(outcomes)
    if options.json:
        report = {'periods': _report(scenario, outcomes, options.why), 'differences': differences}
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        lines = _table(scenario, outcomes)
        for outcome in outcomes if options.why else ():
            lines += tell(scenario, outcome)
        print('\n'.join(lines))
    for path, expected, got in differences:
        print(f'{path}: expected {expected}, got {got}', file=sys.stderr)
    return 1 if differences else 0


if __name__ == '__main__':
    sys.exit(main())
