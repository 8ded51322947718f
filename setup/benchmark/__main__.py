# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import argparse
import json
import subprocess
import sys
from datetime import date

import numpy as np

from . import floor, measure, odoo, orders, ours, peer, report, tree, world

DATABASE, WORLD, BASE, STOCK = 'mlm_bench', 'mlm_bench_world', 'mlm_bench_base', 'mlm_bench_stock'


def arguments():
    parser = argparse.ArgumentParser(prog='setup/bench', description='Measures a settlement beside its floor.')
    parser.add_argument('--agents', type=int, default=20_000, help='size of the network (%(default)s)')
    parser.add_argument('--sales', type=int, help='sales in the month (as many as agents)')
    parser.add_argument('--levels', type=int, default=10, help='levels that the plan pays (%(default)s)')
    parser.add_argument('--imported', type=int, help='rows of the file that is imported (a hundredth of the agents)')
    parser.add_argument('--json', metavar='FILE', help='write the figures as JSON; - for standard output instead of tables')
    parser.add_argument('--doc', metavar='FILE', help='write the figures as a page of the documentation')
    parser.add_argument('--only', nargs='+', default=STAGES, choices=STAGES, help='measure only this')
    parser.add_argument('--keep', action='store_true', help='keep the databases, and use those that were kept')
    parser.add_argument('--peer', metavar='FOLDER', help='folder with the addons of OCA/commission for Odoo 19')
    parser.add_argument('--stage', choices=[*STAGES, 'world'], help=argparse.SUPPRESS)
    parser.add_argument('--ids', type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.sales = options.sales or options.agents
    options.imported = options.imported or max(200, options.agents // 100)
    return options


def stage_world(options):
    return world.build(WORLD, options.agents, options.sales, options.levels)


def stage_floor(options):
    rates = [world.RATES[level] if level < len(world.RATES) else 0.5 for level in range(options.levels)]
    return floor.measure(DATABASE, options.ids, np.array([round(rate * 10_000) for rate in rates], np.int64))


def stage_ours(options):
    return ours.measure(DATABASE, options.ids)


def stage_tree(options):
    return tree.measure(DATABASE, options.ids, options.imported)


def stage_orders(options):
    return orders.measure(BASE)


def stage_stock(options):
    return orders.measure(STOCK)


def stage_peer(options):
    return peer.measure(options.peer)


STAGES = ['floor', 'ours', 'tree', 'stock', 'orders', 'peer']


def run_stage(name, options, ids=None):
    """Run a stage in a process of its own and return what it measured."""
    command = [sys.executable, '-m', 'benchmark', *sys.argv[1:], '--stage', name, '--ids', json.dumps(ids)]
    print(f'==> {name}', file=sys.stderr)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True)
    if done.returncode:
        sys.exit(f'error: the stage "{name}" failed; its reason is above.')
    return json.loads(done.stdout.splitlines()[-1])


def prepare(options):
    """Make the databases; a month that was kept is taken if it is of the same size.

    :return: what :func:`world.build` returned
    """
    if not options.keep or not odoo.exists(BASE):
        odoo.drop(BASE, STOCK)
        odoo.install(STOCK, 'account,sale_management,crm,sale_crm')
        odoo.copy(BASE, STOCK)
        odoo.install(BASE, 'mlm_commission')
    size = [options.agents, options.sales, options.levels]
    kept = json.loads(odoo.comment(WORLD) or 'null') if options.keep else None
    if not kept or kept['size'] != size:
        odoo.drop(WORLD)
        odoo.copy(WORLD, BASE)
        kept = {'size': size, 'ids': run_stage('world', options)}
        odoo.comment(WORLD, json.dumps(kept))
    odoo.drop(DATABASE)
    odoo.copy(DATABASE, WORLD)
    return kept['ids']


def main():
    options = arguments()
    if options.stage:
        print(json.dumps(globals()[f'stage_{options.stage}'](options)))
        return
    result = {
        'command': ' '.join(['setup/bench', f'--agents {options.agents}', *(
            [f'--sales {options.sales}'] if options.sales != options.agents else [])]),
        'date': date.today().isoformat(), 'machine': measure.machine(),
        'size': {'agents': options.agents, 'sales': options.sales, 'levels': options.levels},
    }
    ids = prepare(options)
    for stage in options.only:
        result[stage] = run_stage(stage, options, ids)
    if not options.keep:
        odoo.drop(DATABASE, WORLD, BASE, STOCK)
    report.finish(result, options)


main()
