# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The level rule: twin, published examples, corners."""

from hypothesis import given
from hypothesis import strategies as st
from twin import level
from worlds import expected, percent, run_of, sales_of, sold, tuples, worlds


def rule(rates, **params):
    return {'kind': 'level', 'params': {'rates': rates, **params}}


@given(st.data())
def test_like_the_twin(data):
    world = data.draw(worlds())
    rows = data.draw(sold(world))
    rates = data.draw(st.lists(st.sampled_from((0, 1, 10_000, 50_000, 33_333)), min_size=1,
                               max_size=6))
    ranks = {number: data.draw(st.integers(-1, 3)) for number in range(1, len(rates) + 1)}
    points = {number: data.draw(st.sampled_from((0, 0, 1, 5_000))) for number in ranks}
    own = data.draw(st.sampled_from((0, 100_000)))
    compression = data.draw(st.sampled_from(('none', 'standard', 'dynamic')))
    split = data.draw(st.sampled_from(('each', 'whole')))
    run = run_of(world, rule(
        [{'rate': percent(rate), 'min_rank': ranks[number],
          'min_points': f'{points[number] / 100:.2f}'} for number, rate in enumerate(rates, 1)],
        own_rate=percent(own), compression=compression, split=split))
    assert tuples(run.pay(sales_of(run, rows))) == expected(
        rows, lambda seller, net: level(world, seller, net, rates, own, compression, ranks, split,
                                        points))
