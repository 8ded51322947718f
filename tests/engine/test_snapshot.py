# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What was frozen comes back, and damage is noticed."""

import numpy as np
import pytest
from engine import EngineError, Network, Terms, pack, prepare, unpack
from engine.snapshot import digest
from hypothesis import given
from hypothesis import strategies as st
from twin import World
from worlds import run_of, sales_of, sold, worlds


@given(st.data())
def test_same_answer_from_the_snapshot(data):
    world = data.draw(worlds())
    rows = data.draw(sold(world))
    run = run_of(world, {'kind': 'differential', 'params': {'equal_rate': '1'}})
    frozen = pack(run.plan, run.network, run.terms)
    again = prepare(*unpack(frozen))
    assert again.pay(sales_of(again, rows)).digest() == run.pay(sales_of(run, rows)).digest()
    assert pack(*unpack(frozen)) == frozen
    assert len(digest(frozen)) == 64


def test_a_million_agents():
    size = 1_000_000
    rng = np.random.default_rng(3)
    sponsor = (rng.random(size) * np.arange(size)).astype(np.int32)
    sponsor[0] = -1
    ids = np.cumsum(rng.integers(1, 9, size))
    rates = rng.choice(np.array([-1, 100_000, 150_000, 200_000], np.int32), size)
    network = Network(ids, sponsor, rng.random(size) < 0.4)
    terms = Terms((rates, rates.copy(), rates // 2), rng.integers(0, 8, size).astype(np.int16))
    plan = run_of(World({1: 0}, {1: True}, {1: 0}), {'kind': 'differential'}).plan
    frozen = pack(plan, network, terms)
    assert len(frozen) <= 8_000_000
    _plan, network2, terms2 = unpack(frozen)
    assert (network2.ids == ids).all() and (network2.sponsor == sponsor).all()
    assert (network2.active == network.active).all() and (terms2.ranks == terms.ranks).all()
    assert all((one == two).all() for one, two in zip(terms.rates, terms2.rates))


@pytest.mark.parametrize('damage', [
    lambda data: b'x' + data[1:], lambda data: data[:7] + b'\x63' + data[8:],
    lambda data: data[:-3], lambda data: data[:60] + bytes([data[60] ^ 1]) + data[61:],
    lambda data: data[:9] + bytes([data[9] ^ 1]) + data[10:], lambda data: data[:7],
    lambda data: b''])
def test_damage(damage):
    run = run_of(World({1: 0}, {1: True}, {1: 0}), {'kind': 'differential'})
    with pytest.raises(EngineError) as error:
        unpack(damage(pack(run.plan, run.network, run.terms)))
    assert error.value.field == 'snapshot'
