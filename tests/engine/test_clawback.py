# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Partial credits in any number, and their undoing."""

import numpy as np
import pytest
from engine import EngineError, Entries, adjust
from engine.money import MODES
from hypothesis import given
from hypothesis import strategies as st


def paid(amounts):
    size = len(amounts)
    return Entries([1] * size, [0] * size, list(range(size)), list(range(10, 10 + size)),
                   [1] * size, [0] * size, amounts, [1] * size)


def one(original, base, before, after, mode='half_up', sale=99):
    return adjust(original, np.zeros(len(original), np.int32), [sale], [base], [before], [after],
                  mode=mode)


@pytest.mark.parametrize('mode, wanted', [
    ('toward_zero', [333, 333, 334]), ('half_up', [333, 334, 333]), ('half_even', [333, 334, 333]),
    ('away_from_zero', [334, 333, 333])])
def test_thirds(mode, wanted):
    """W33: 100.000000 taken back in thirds; the published rule rounds down."""
    original = paid([100_000_000])
    taken = [one(original, 3, done, done + 1, mode).amount.tolist() for done in range(3)]
    assert taken == [[-33_333_000 - end] for end in wanted]
    assert sum(part[0] for part in taken) == -100_000_000


@pytest.mark.parametrize('mode, wanted', [
    ('toward_zero', [0, 0, 1]), ('half_up', [0, 1, 0]), ('half_even', [0, 0, 1]),
    ('away_from_zero', [1, 0, 0])])
def test_one_cent(mode, wanted):
    """Of one cent 1, 2 and 4 quarters: 0.25, the exact half, the whole; and the mirror."""
    stops = (0, 1, 2, 4)
    for sign in (1, -1):
        taken = [one(paid([sign]), 4, *pair, mode).amount.sum() for pair in zip(stops, stops[1:])]
        assert [-sign * part for part in taken] == wanted


@given(st.data())
def test_any_chain(data):
    mode = data.draw(st.sampled_from(MODES))
    base = data.draw(st.integers(-10**14, 10**14).filter(bool))
    amounts = data.draw(st.lists(st.integers(-10**13, 10**13), min_size=1, max_size=6))
    original, left, done = paid(amounts), dict(enumerate(amounts)), 0
    stops = data.draw(st.lists(st.integers(0, abs(base)), max_size=8))
    end = data.draw(st.sampled_from((0, abs(base))))
    for stop in [*stops, end]:
        stop = stop if base > 0 else -stop
        rows = one(original, base, done, stop, mode)
        for level, amount in zip(rows.level.tolist(), rows.amount.tolist()):
            left[level] += amount
            assert abs(left[level]) <= abs(amounts[level])
        done = stop
    assert list(left.values()) == ([0] * len(amounts) if end else amounts)


def test_many_facts_at_once():
    original = Entries([1, 1, 2], [0, 0, 0], [0, 1, 0], [10, 11, 10], [1, 2, 1], [100] * 3,
                       [100, 50, 30], [1, 2, 1])
    rows = adjust(original, [0, 0, 1], [70, 60], [1000, 100], [0, 100], [500, 0])
    assert list(zip(rows.sale.tolist(), rows.beneficiary.tolist(), rows.base.tolist(),
                    rows.amount.tolist())) == [
        (60, 10, 100, 30), (70, 10, -500, -50), (70, 11, -500, -25)]


@pytest.mark.parametrize('base, before, after, field', [
    (100, 0, 101, 'after'), (100, -1, 0, 'before'), (-100, 0, 1, 'after'), (0, 0, 1, 'after')])
def test_errors(base, before, after, field):
    with pytest.raises(EngineError) as error:
        one(paid([5]), base, before, after)
    assert (error.value.record, error.value.field) == (99, field)


def test_nothing_of_nothing():
    assert len(one(paid([0]), 0, 0, 0)) == 0
