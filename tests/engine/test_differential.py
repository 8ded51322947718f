# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The differential rule: twin, published examples, corners."""

from hypothesis import given
from hypothesis import strategies as st
from twin import differential
from worlds import expected, percent, run_of, sales_of, sold, tuples, worlds

SETTINGS = st.fixed_dictionaries({
    'unqualified': st.sampled_from(('pass_up', 'company_keeps')),
    'seller': st.sampled_from(('paid', 'counts', 'ignored')),
    'equal_rate': st.sampled_from((0, 0, 10_000, 33_333)),
    'direct_rate': st.sampled_from((None, None, 0, 70_000)),
})


def rule(settings, **params):
    direct = settings['direct_rate']
    return {'kind': 'differential', 'params': {
        'unqualified': settings['unqualified'], 'seller': settings['seller'],
        'equal_rate': percent(settings['equal_rate']),
        'level_one': 'difference' if direct is None else 'direct',
        'direct_rate': percent(direct or 0), **params}}


def twin(world, settings, rate=None):
    direct = settings['direct_rate']
    return lambda seller, net: differential(
        world, seller, net, rate, settings['unqualified'], settings['equal_rate'],
        settings['seller'], 'difference' if direct is None else 'direct', direct or 0)


@given(st.data())
def test_like_the_twin(data):
    world = data.draw(worlds())
    rows, settings = data.draw(sold(world)), data.draw(SETTINGS)
    run = run_of(world, rule(settings))
    assert tuples(run.pay(sales_of(run, rows))) == expected(rows, twin(world, settings))


@given(st.data())
def test_by_rank_like_the_twin(data):
    world = data.draw(worlds())
    rows, settings = data.draw(sold(world)), data.draw(SETTINGS)
    table = data.draw(st.dictionaries(st.integers(0, 4), st.sampled_from((0, 10_000, 90_000)),
                                      min_size=1))
    # A rank between two rows has the rate of the lower one.
    rate = {agent: max([row for row in table.items() if row[0] <= world.rank[agent]],
                       default=(0, -1))[1] if world.rate[agent] >= 0 else -1
            for agent in world.sponsor}
    run = run_of(world, rule(settings, source='rank', rates=[
        {'rank': rank, 'rate': percent(table[rank])} for rank in sorted(table)]))
    assert tuples(run.pay(sales_of(run, rows))) == expected(rows, twin(world, settings, rate))
