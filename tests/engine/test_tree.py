# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Walks in the tree against a walk person by person, and at full size."""

import time

import numpy as np
import pytest
from engine import EngineError, Network
from engine.tree import depths, nearest, nearest_above, subtotals
from hypothesis import given
from hypothesis import strategies as st
from twin import upline
from worlds import forests

DEEP = 5_000


def indexed(sponsor):
    network = Network.build(list(sponsor), list(sponsor.values()), [True] * len(sponsor))
    return network, {agent: place for place, agent in enumerate(network.ids.tolist())}


@given(st.data())
def test_pointers(data):
    sponsor = data.draw(forests())
    network, place = indexed(sponsor)
    size = len(place)
    wanted = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    key = np.array(data.draw(st.lists(st.integers(-1, 3), min_size=size, max_size=size)), np.int32)
    value = np.array(data.draw(st.lists(st.integers(-99, 99), min_size=size, max_size=size)))
    strict = data.draw(st.booleans())
    near, higher = nearest(network.sponsor, wanted), nearest_above(network.sponsor, key,
                                                                   strict=strict)
    sums = [0] * size
    for agent, index in place.items():
        line = [place[one] for one in upline(sponsor, agent)]
        assert network.depth[index] == len(line) - 1
        assert near[index] == next((one for one in line[1:] if wanted[one]), -1)
        assert higher[index] == next((one for one in line[1:] if key[one] > key[index] or (
            not strict and key[one] == key[index])), -1)
        for one in line:
            sums[one] += int(value[index])
    assert subtotals(network.sponsor, network.depth, value).tolist() == sums
    with pytest.MonkeyPatch.context() as patch:  # the way for very deep trees
        patch.setattr('engine.tree.WIDE', 0)
        assert subtotals(network.sponsor, network.depth, value).tolist() == sums


def deep_trees(size):
    """A chain, and a chain with everybody else hanging on it, in shuffled order."""
    shuffle = np.random.default_rng(7).permutation(size).astype(np.int32)
    chain = np.full(size, -1, np.int32)
    chain[shuffle[1:]] = shuffle[:-1]
    comb = chain.copy()
    comb[shuffle[DEEP:]] = shuffle[np.arange(size - DEEP) % (DEEP - 1)]
    return {'chain': chain, 'comb': comb}


@pytest.mark.parametrize('shape', ('chain', 'comb'))
@pytest.mark.parametrize('size', (DEEP, 1_000_000))
def test_deep(shape, size):
    """Pointers of a million agents under each other take about a second, whatever the rates."""
    parent = deep_trees(size)[shape]
    rates = np.random.default_rng(8).integers(0, 10**6, size).astype(np.int32)
    start = time.process_time()
    depth = depths(parent)
    near = nearest(parent, rates < 5)
    higher = nearest_above(parent, rates)
    taken = time.process_time() - start
    assert depth.max() == (size if shape == 'chain' else min(size, DEEP)) - 1
    deepest = int(depth.argmax())
    for pointer, fits in ((near, lambda one: rates[one] < 5),
                          (higher, lambda one: rates[one] > rates[deepest])):
        node = int(parent[deepest])
        while node >= 0 and not fits(node):
            node = int(parent[node])
        assert pointer[deepest] == node
    assert taken < 5, 'generous: about 0.5 s on a quiet machine'


def test_group_volume_beyond_64_bits():
    network = Network.build([1, 2, 3], [0, 1, 1], [True] * 3)
    with pytest.raises(EngineError) as error:
        subtotals(network.sponsor, network.depth, np.array([0, 2**62, 2**62]))
    assert error.value.field == 'volume'


def test_loop_is_named():
    with pytest.raises(EngineError) as error:
        Network.build([10, 20, 30, 40, 50], [0, 40, 20, 30, 20], [True] * 5)
    assert error.value.values['ids'] == [20, 30, 40]
    assert (error.value.record, error.value.field) == (20, 'sponsor')
    assert '20, 30, 40' in str(error.value)


def test_own_sponsor():
    with pytest.raises(EngineError) as error:
        Network.build([10, 20], [0, 20], [True] * 2)
    assert error.value.values['ids'] == [20]


def test_long_loop():
    size = 5_000
    with pytest.raises(EngineError) as error:
        Network.build(range(1, size + 1), [*range(2, size + 1), 1], [True] * size)
    assert len(error.value.values['ids']) == size
    assert '...' in str(error.value)
