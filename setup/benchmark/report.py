# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The figures as tables, as JSON, as a page."""
import json
import sys

ORDER = ['claim', 'load', 'compute, write', 'index', 'check', 'attach', 'record', 'statements', 'commit', 'total']


def finish(result, options):
    if 'floor' in result and 'ours' in result:
        same = all(result['floor'][name] == result['ours'][name] for name in ('rows', 'total'))
        result['ratio'] = round(result['ours']['seconds']['total'] / result['floor']['seconds']['total'], 2)
        result['same result'] = same
        if not same:
            print('error: floor and addon did not settle the same rows and sum.', file=sys.stderr)
    if options.json == '-':
        print(json.dumps(result, indent=2))
    else:
        print('\n\n'.join(tables(result)))
        if options.json:
            with open(options.json, 'w') as file:
                json.dump(result, file, indent=2)
    if options.doc:
        with open(options.doc, 'w') as file:
            file.write(page(result))
    sys.exit(result.get('same result', True) is False)


def table(head, rows):
    """A table in Markdown that can be read as it is."""
    rows = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    lines = ['| ' + ' | '.join(
        cell.ljust(width) if not place else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(row, widths))) + ' |' for row in rows]
    lines.insert(1, '| ' + ' | '.join('-' * width if not place else '-' * (width - 1) + ':'
                                      for place, width in enumerate(widths)) + ' |')
    return '\n'.join(lines)


def tables(result):
    """:return: list of texts"""
    size = result['size']
    texts = ['{agents:,} agents, {sales:,} sales, {levels} levels'.format(**size)]
    texts.append(table(['machine', ''], result['machine'].items()))
    if 'floor' in result and 'ours' in result:
        texts.append(settlement(result))
    if 'tree' in result:
        texts.append(table(['questions about the network', 'seconds', ''], [
            [name, '%.3f' % answer['seconds'], answer['note']] for name, answer in result['tree'].items()]))
    if 'orders' in result and 'stock' in result:
        texts.append(overhead(result))
    if 'peer' in result:
        texts.append(peer(result['peer']))
    return texts


def overhead(result):
    stock, ours = result['stock'], result['orders']
    return table(['order to posted invoice, 5 lines', 'stock Odoo', 'with the addons', 'more'], [
        [name, form % stock[key], form % ours[key], form % (ours[key] - stock[key])]
        for name, key, form in (('queries', 'queries', '%d'), ('seconds', 'seconds', '%.3f'))])


def peer(measured):
    if not measured:
        return 'The peer (OCA/commission) was not measured: its addons were not given (--peer).'
    return table(['peer: OCA/commission', 'agents', 'seconds', 'SQL statements'], [
        ['settling one invoice each', f'{int(size):,}', '%.1f' % one['seconds'], f'{one["queries"]:,}']
        for size, one in measured.items()])


def settlement(result):
    floor, ours = result['floor'], result['ours']
    show = lambda measured, name: '%.2f' % measured[name] if name in measured else ''
    rows = [[name, show(floor['seconds'], name), show(ours['seconds'], name), show(ours['again'], name)]
            for name in ['discard draft', *ORDER]]
    rows += [
        ['processor seconds', '%.2f' % floor['processor'], '%.2f' % ours['processor'], ''],
        ['ratio to the floor', '1.00', '%.2f' % result['ratio'], ''],
        ['commissions', f'{floor["rows"]:,}', f'{ours["rows"]:,}', ''],
        ['SQL statements', '', ours['queries'], ours['queries again']],
        ['peak memory, client', f'{floor["client"]} MB', f'{ours["client"]} MB', ''],
        ['peak memory, backend', f'{floor["backend"]} MB', f'{ours["backend"]} MB', ''],
    ]
    return table(['settlement, seconds', 'floor', 'ours', 'calculated again'], rows)


def page(result):
    return '\n\n'.join(['# Benchmark', INTRODUCTION.format(command=result['command']), *tables(result), CLOSING]) + '\n'


INTRODUCTION = """Written by `{command}`. The floor is the same steps on the same data in plain SQL and NumPy, without Odoo:
every commission and every chained statement under a key, as narrow as PostgreSQL can hold them, one step after the other. Ours
computes while PostgreSQL writes. Times depend on the machine and on what else runs on it ("load before"), their ratio hardly;
measure yours the same way."""

CLOSING = """\
Where the time above the floor goes: *load* reads terms of liability, ranks and categories beside place and rate, judges
ranks and keeps a row of them for each agent concerned; *index* builds a third key, by which Odoo finds a record; *statements*
first looks for what was posted since the calculation, sorts commissions by rule and kind, decides what is paid or carried
forward, and writes statements with all their columns and keys. Posting costs two queries an invoice: what was so when the sale
was first counted, and the facts themselves."""
