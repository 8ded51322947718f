# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What must hold for every plan, network and sale."""

import numpy as np
from engine import Entries, Sales, prepare
from hypothesis import given
from hypothesis import strategies as st
from test_differential import SETTINGS
from test_differential import rule as differential_rule
from twin import World, upline
from worlds import network_of, run_of, sales_of, sold, terms_of, tuples, worlds


def rules(data):
    settings = data.draw(SETTINGS)
    split = data.draw(st.sampled_from(('each', 'whole')))
    compression = data.draw(st.sampled_from(('none', 'standard')))
    return ({'kind': 'level', 'name': 'Level', 'params': {
        'own_rate': '7', 'rates': ['5', '3.3333', '1'], 'split': split,
        'compression': compression}}, {**differential_rule(settings), 'name': 'Differential'})


@given(st.data())
def test_order_of_the_input_does_not_matter(data):
    world = data.draw(worlds())
    rows, both = data.draw(sold(world)), rules(data)
    run = run_of(world, *both)
    entries = run.pay(sales_of(run, rows))
    network = network_of(world, data.draw(st.permutations(sorted(world.sponsor))))
    again = prepare(run.plan, network, terms_of(world, network))
    shuffled = again.pay(sales_of(again, data.draw(st.permutations(rows))))
    assert entries.digest() == shuffled.digest()
    keys = list(zip(*(getattr(entries, name).tolist() for name in (
        'sale', 'rule', 'level', 'beneficiary'))))
    assert keys == sorted(set(keys)), 'in order, and no two rows for one place'


@given(st.data())
def test_slices_do_not_matter(data):
    world = data.draw(worlds())
    rows = data.draw(sold(world))
    run = run_of(world, *rules(data))
    sales = sales_of(run, rows)
    parts = list(run.stream(sales, data.draw(st.integers(1, 4))))
    assert Entries.concat(parts).digest() == run.pay(sales).digest()


@given(st.data())
def test_refund_is_the_exact_mirror(data):
    world = data.draw(worlds())
    rows = data.draw(sold(world))
    run = run_of(world, *rules(data))
    paid = tuples(run.pay(sales_of(run, rows)))
    back = tuples(run.pay(sales_of(run, [(sale, who, -net) for sale, who, net in rows])))
    assert back == sorted((*row[:-1], -row[-1]) for row in paid)


@given(st.data())
def test_parts_add_up(data):
    """The differential pays the rounded product of the base and the best rate, to the cent."""
    world = data.draw(worlds())
    rows = data.draw(sold(world))
    run = run_of(world, {'kind': 'differential'})
    entries = run.pay(sales_of(run, rows))
    for sale, seller, net in rows:
        best = max([world.rate[agent] for agent in upline(world.sponsor, seller)
                    if world.active[agent]] + [0])
        assert int(entries.amount[entries.sale == sale].sum()) == world.share(net, best)


@given(st.data())
def test_columns(data):
    """Each sale is paid by its own column of the terms, alone or among others."""
    world = data.draw(worlds())
    other = {agent: data.draw(st.sampled_from((-1, 0, 150_000))) for agent in world.sponsor}
    rows = data.draw(sold(world))
    both = rules(data)
    run = run_of(world, *both)
    rates = np.array([other[agent] for agent in run.network.ids.tolist()], np.int32)
    run = prepare(run.plan, run.network, type(run.terms)((*run.terms.rates, rates),
                                                         run.terms.ranks))
    column = [data.draw(st.integers(0, 1)) for _row in rows]
    together = run.pay(sales_of(run, rows, column=column))
    alone = []
    for number, rate in enumerate((world.rate, other)):
        world.rate = rate
        mine = [row for row, one in zip(rows, column) if one == number]
        if mine:
            single = run_of(world, *both)
            alone.append(single.pay(sales_of(single, mine)))
    assert together.digest() == Entries.concat(alone).digest()


def test_no_sales():
    run = run_of(World({1: 0}, {1: True}, {1: 0}), {'kind': 'differential'})
    entries = run.pay(Sales.build(run.network, [], [], []))
    assert (len(entries), entries.total()) == (0, 0)
    assert entries.digest() == Entries.empty().digest()


def test_total_beyond_64_bits():
    entries = Entries([1, 2], [0, 0], [0, 0], [1, 1], [1, 1], [0, 0], [2**62, 2**62 + 2**61],
                      [1, 1])
    assert entries.total() == 2**63 + 2**61


def test_digest_is_stable():
    """The same bytes on every machine and in every release."""
    entries = Entries([1], [0], [2], [3], [50_000], [10_000], [500], [2])
    assert entries.digest() == (
        '9ea203b3345d391a76ad03afea5ce4dee35d5dcf50eba6bc8bf305f4a68a8050')
