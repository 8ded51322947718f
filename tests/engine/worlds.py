# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Generated networks and sales for property tests."""

import numpy as np
from engine import Network, Plan, Sales, Terms, prepare
from hypothesis import strategies as st
from twin import World

RATES = (0, 50_000, 100_000, 100_000, 125_000, 200_000, 333_333, 500_000)
BASES = st.one_of(st.integers(-10**12, 10**12),
                  st.sampled_from((0, 1, -1, 5, 50, 100, -100, 10**12)))


@st.composite
def forests(draw, most=30):
    """Sponsors by agent id, 0 for none; ids say nothing about the place in the tree."""
    size = draw(st.integers(1, most))
    shape = draw(st.sampled_from(('any', 'chain', 'star', 'forest')))
    ids = draw(st.lists(st.integers(1, 10**6), min_size=size, max_size=size, unique=True))
    sponsor = {ids[0]: 0}
    for place in range(1, size):
        above = {'chain': place - 1, 'star': 0}.get(shape)
        if above is None:
            above = draw(st.integers(-1 if shape == 'forest' else 0, place - 1))
        sponsor[ids[place]] = ids[above] if above >= 0 else 0
    return sponsor


@st.composite
def seats(draw, sponsor, width):
    """A placement tree for the same agents: (agent above, seat) by agent."""
    agents = draw(st.permutations(sorted(sponsor)))
    placement, slot, free = {}, {}, []
    for agent in agents:
        placement[agent], slot[agent] = 0, 0
        if free and draw(st.integers(0, 9)):
            seat = free.pop(draw(st.sampled_from((0, -1))))
            placement[agent], slot[agent] = seat
        free.extend((agent, number) for number in range(width))
    return placement, slot


@st.composite
def worlds(draw, rates=RATES, most=30, width=0):
    """A twin's world with inactive agents, missing agreements and ranks."""
    sponsor = draw(forests(most))
    mostly = st.sampled_from((True, True, True, False))
    some = draw(st.sampled_from((rates, rates[:3], rates[-1:], rates + (-1, -1))))
    rank = {agent: draw(st.integers(-1, 4)) for agent in sponsor}
    placement, slot = draw(seats(sponsor, width)) if width else (None, None)
    return World(
        sponsor, {agent: draw(mostly) for agent in sponsor},
        {agent: draw(st.sampled_from(some)) for agent in sponsor}, rank,
        draw(st.sampled_from(('half_up', 'half_even', 'toward_zero', 'away_from_zero'))),
        draw(st.sampled_from((1, 1, 5))),
        highest={agent: max(rank[agent], draw(st.integers(-1, 4))) for agent in sponsor},
        points={agent: draw(st.sampled_from((0, 100, 5_000))) for agent in sponsor},
        shares={agent: draw(st.integers(0, 5)) for agent in sponsor},
        placement=placement, slot=slot)


@st.composite
def sold(draw, world, most=8):
    """Sales as rows (id, seller, net)."""
    count = draw(st.integers(1, most))
    ids = draw(st.lists(st.integers(1, 10**9), min_size=count, max_size=count, unique=True))
    return [(sale, draw(st.sampled_from(sorted(world.sponsor))), draw(BASES)) for sale in ids]


def network_of(world, order=None):
    """The engine's network of a world; order is any permutation of the agents."""
    agents = list(order or world.sponsor)
    seats_too = () if world.placement is None else (
        [world.placement[agent] for agent in agents], [world.slot[agent] for agent in agents])
    return Network.build(agents, [world.sponsor[agent] for agent in agents],
                         [world.active[agent] for agent in agents], *seats_too)


def terms_of(world, network):
    """The engine's terms of a world, one column."""
    agents = network.ids.tolist()

    def column(values, default, dtype):
        return np.array([values.get(agent, default) for agent in agents], dtype)

    return Terms((column(world.rate, -1, np.int32),), column(world.rank, -1, np.int16),
                 column(world.highest, -1, np.int16), column(world.points, 0, np.int64),
                 column(world.shares, 0, np.int64))


def run_of(world, *rules):
    """A prepared run with these rules (dicts as in a plan file)."""
    plan = Plan.parse({'name': 'test', 'rounding': {'mode': world.mode, 'unit': world.unit},
                       'rules': list(rules)})
    network = network_of(world)
    return prepare(plan, network, terms_of(world, network))


def sales_of(run, rows, **columns):
    """The engine's sales of rows (id, seller, net)."""
    ids, sellers, net = zip(*rows) if rows else ([], [], [])
    return Sales.build(run.network, ids, sellers, net, **columns)


def tuples(entries):
    """Entries as sorted tuples (sale, level, beneficiary, rate, amount)."""
    return sorted(zip(*(getattr(entries, name).tolist() for name in (
        'sale', 'level', 'beneficiary', 'rate', 'amount'))))


def expected(rows, pay):
    """What a twin says for rows (id, seller, net), without payments of nothing."""
    return sorted((sale, *row) for sale, seller, net in rows for row in pay(seller, net) if row[-1])


def percent(rate):
    """A rate in ppm as a plan file writes it."""
    return f'{rate / 10_000:.4f}'
