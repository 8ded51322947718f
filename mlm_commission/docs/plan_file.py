# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Writes the parts of the documents about files that follow from what the engine declares.

Run it in Odoo's environment after a change: ``setup/odoo shell -d DATABASE < mlm_commission/docs/write.py``.
"""
from pathlib import Path

from .. import engine
from ..engine.activity import ACTIVITY
from ..engine.ranks import COMPRESSION, CONDITIONS
from ..engine.scenario_file import AGENT, REVERSAL, SALE
from ..engine.settings import ROUNDING, SETTINGS

DOCUMENT = Path(__file__).with_name('plan-file.md')
SCENARIOS = Path(__file__).with_name('scenario-file.md')
MARK = '<!-- Everything below is generated. -->\n'


def generated():
    """Return the text below the mark."""
    lines = ['', '## Settings', '', *_table([param.describe() for param in SETTINGS]), '', '### `rounding`', '',
             *_table([param.describe() for param in ROUNDING]), '', '### `ranks`', '',
             'Conditions for reaching each rank (`ranks`) and, if they differ, for keeping it (`maintenance`), from the lowest',
             'rank, number 0, to the highest; how inactive agents are treated when legs are formed (`compression`).', '',
             *_table([param.describe() for param in (*CONDITIONS, COMPRESSION)]), '', '### `activity`', '',
             'What makes an agent active in a period, beside being active by state.', '',
             *_table([param.describe() for param in ACTIVITY]), '', '## Ways of paying', '']
    for kind in engine.rules.kinds():
        rule = engine.rules.get(kind).describe()
        when = 'for every sale' if rule['scope_of_run'] == 'sale' else 'once for a period'
        bases = ', '.join('`%s`' % base for base in rule['bases'])
        lines += [f'### `{kind}`: {rule["label"]}', '', f'{rule["help"]} Paid {when}. Base: {bases}.', '',
                  *_table(rule['params']), '']
    return '\n'.join(lines)


def generated_scenario():
    """Return the text below the mark of the document about scenario files."""
    lines = []
    for name, params in (('agents', AGENT), ('sales', SALE), ('reversals', REVERSAL)):
        lines += ['', f'## `{name}`', '', *_table([param.describe() for param in params])]
    return '\n'.join([*lines, ''])


def write():
    """Bring the documents up to date."""
    for path, text in ((DOCUMENT, generated()), (SCENARIOS, generated_scenario())):
        head = path.read_text(encoding='utf-8').partition(MARK)[0]
        path.write_text(head + MARK + text, encoding='utf-8')


def _table(params):
    rows = ['| parameter | type | default | limits | meaning |', '| --- | --- | --- | --- | --- |']
    for param in params:
        rows.append(_row(param, param['name']))
        rows += [_row(column, f'{param["name"]}[].{column["name"]}') for column in param['columns']]
    return rows


def _row(param, name):
    limits = ' … '.join(str(param[side]) if param[side] is not None else '' for side in ('min', 'max'))
    kind = ' '.join(filter(None, [param['type'], param['unit']]))
    if param['choices']:
        limits = ', '.join(f'`{value}` {label}' for value, label in param['choices'])
    default = 'needed' if param['required'] else f'`{param["default"]}`'
    meaning = '. '.join(filter(None, [param['label'], param['help']]))
    cells = [f'`{name}`', kind, default, '' if limits == ' … ' else limits, meaning]
    return '| ' + ' | '.join(str(cell).replace('|', '\\|') for cell in cells) + ' |'
