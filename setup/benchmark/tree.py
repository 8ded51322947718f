# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Questions about the network that people wait for, asked through the ORM as the screens ask them."""
import statistics
import time

from . import odoo

PAGE = 80
# So many rows of the import are wrong, as real files are: fewer than are told at once.
WRONG = 50


def measure(database, ids, imported):
    """
    :param int imported: rows of the file that is imported
    :return: {question: {'seconds': median of three or once, 'note'}}"""
    with odoo.environment(database) as env:
        return dict(_questions(env, ids, imported))


def _questions(env, ids, imported):
    deepest, branch, size, below = _notable(env)
    partners = env['res.partner'].with_context(active_test=False)
    agents = [('mlm_agent_state', '!=', 'none')]
    wide = partners.browse(ids['first'] + 1)
    frontline = [('mlm_sponsor_id', '=', wide.id), *agents]
    yield 'upline of the deepest agent', _median(env, lambda: len(partners.browse(deepest).mlm_upline_ids), '{} above')
    yield 'size of a large downline', _median(env, lambda: partners.browse(branch).mlm_downline_count, '{:,} below')
    yield 'first page of that downline', _median(
        env, lambda: len(partners.search([('mlm_upline_ids', 'in', [branch]), *agents], limit=PAGE)), '{} rows')
    yield 'form of that agent: all figures of the network', _median(env, lambda: len(partners.browse(branch).read([
        'mlm_frontline_count', 'mlm_customer_count', 'mlm_downline_count', 'mlm_depth', 'mlm_since'])), '')
    yield 'list of 80 agents with their frontline and depth', _median(env, lambda: len(partners.search(
        agents, limit=PAGE).read(['name', 'mlm_sponsor_id', 'mlm_frontline_count', 'mlm_depth'])), '{} rows')
    yield 'page of a wide frontline, with its length', _median(
        env, lambda: (partners.search(frontline, order='name, id', limit=PAGE, offset=PAGE).mapped('mlm_since'),
                      partners.search_count(frontline))[1], '{:,} in it')
    yield 'tree view of that agent', _median(env, lambda: len(partners.hierarchy_read(
        [('id', '=', wide.id)], {'name': {}, 'mlm_frontline_count': {}, 'mlm_downline_size': {}}, 'mlm_sponsor_id')), '{} cards')
    yield 'moving a tenth of the network', _once(env, lambda: partners.browse(branch).write(
        {'mlm_sponsor_id': below}), f'{size:,} agents below')
    yield 'importing agents from a file', _once(env, lambda: _import(env, imported), '{:,} rows, errors named by row')


def _notable(env):
    """:return: (deepest agent, agent with about a tenth of the network below, how many those are, an agent outside)"""
    import numpy as np

    from odoo import fields

    from odoo.addons.mlm_commission import engine, loading
    network = loading.load_network(env, fields.Date.today())
    sizes = engine.tree.subtotals(network.sponsor, network.depth, np.ones(len(network), np.int64)) - 1
    branch = int(np.argmin(abs(sizes - len(network) // 10)))
    outside = next(
        int(position) for position in np.flatnonzero(network.active)[::-1]
        if branch not in engine.tree.climb(network.sponsor, position) and position != branch)
    return (int(network.ids[np.argmax(network.depth)]), int(network.ids[branch]), int(sizes[branch]),
            int(network.ids[outside]))


def _median(env, ask, note):
    times = []
    for _time in range(3):
        env.invalidate_all()
        start = time.perf_counter()
        answer = ask()
        times.append(time.perf_counter() - start)
    return {'seconds': statistics.median(times), 'note': note.format(answer)}


def _once(env, act, note):
    env.invalidate_all()
    start = time.perf_counter()
    answer = act()
    env.flush_all()
    return {'seconds': time.perf_counter() - start, 'note': note.format(answer)}


def _import(env, imported):
    """Import as the web client does: wrong rows are told, and once they are mended the file goes in."""
    rows = [[f'Imported {number}', 'Active', 'B1', f'X{number}'] for number in range(imported)]
    places = set(range(0, imported, max(imported // WRONG, 1)))
    wrong = [[*row[:2], 'nobody' if number in places else row[2], row[3]] for number, row in enumerate(rows)]
    columns = ['name', 'mlm_agent_state', 'mlm_sponsor_code', 'mlm_agent_code']
    partners = env['res.partner'].with_context(import_file=True, tracking_disable=True)
    told = {message['record'] for message in partners.load(columns, wrong)['messages']}
    assert told == places, f'the wrong rows were not told by their number: {len(told)}'
    done = partners.load(columns, rows)
    assert not done['messages'], done['messages'][0]
    return len(done['ids'])
