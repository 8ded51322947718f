# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Rounding, splitting, and the whole range of 64 bits."""

from fractions import Fraction

import numpy as np
import pytest
from engine import EngineError
from engine.money import MODES, Rounding, largest_remainder, muldiv, telescope
from hypothesis import given
from hypothesis import strategies as st
from twin import rounded

INT64 = st.integers(-2**63, 2**63 - 1)
PPM = st.integers(0, 10**6)
ROUNDING = st.builds(Rounding, st.sampled_from(MODES), st.sampled_from((1, 1, 5, 100)))


@given(st.lists(st.tuples(INT64, PPM), min_size=1, max_size=20), ROUNDING)
def test_share_is_exact(pairs, rounding):
    base, rate = (np.array(column) for column in zip(*pairs))
    wanted = [rounded(Fraction(one * share, 10**6), rounding.mode, rounding.unit)
              for one, share in pairs]
    if any(abs(one) > 2**63 - 10**6 for one in wanted):
        return
    assert rounding.share(base, rate).tolist() == wanted


@pytest.mark.parametrize('mode, wanted', [
    ('toward_zero', (0, 0, 1, 1, 2)), ('away_from_zero', (1, 1, 2, 2, 3)),
    ('half_up', (0, 1, 1, 2, 3)), ('half_even', (0, 0, 1, 2, 2))])
def test_modes(mode, wanted):
    """0.4, 0.5, 1.4, 1.5, 2.5 steps and their mirror."""
    base = np.array([4, 5, 14, 15, 25])
    assert Rounding(mode).share(base, 100_000).tolist() == list(wanted)
    assert Rounding(mode).share(-base, 100_000).tolist() == [-one for one in wanted]


@pytest.mark.parametrize('mode, wanted', [
    ('toward_zero', (0, 1)), ('away_from_zero', (1, 2)), ('half_up', (1, 2)),
    ('half_even', (0, 2))])
def test_printed_modes(mode, wanted):
    """0.0000005 and 0.0000015 at six decimals, as published: half a step, one and a half."""
    assert Rounding(mode).share(np.array([1, 3]), 500_000).tolist() == list(wanted)


def test_unit():
    """Steps of 0.05: 10 % of 1.24 is 0.124 -> 0.10, of 1.25 -> 0.15."""
    rounding = Rounding('half_up', 5)
    assert rounding.share(np.array([124, 125, -125]), 100_000).tolist() == [10, 15, -15]


def test_too_large():
    with pytest.raises(EngineError) as error:
        Rounding().share(np.array([2**62]), 3_000_000)
    assert error.value.field == 'base'


@given(INT64.filter(lambda one: abs(one) < 2**62), st.lists(PPM, min_size=1, max_size=8), ROUNDING)
def test_telescope_adds_up(base, rates, rounding):
    if sum(rates) > 10**6:
        return
    parts = telescope(np.array([base]), [rates], rounding)[0].tolist()
    assert sum(parts) == rounded(Fraction(base * sum(rates), 10**6), rounding.mode, rounding.unit)


@given(st.integers(1 - 2**63, 2**63 - 1),
       st.lists(st.integers(0, 10**12), min_size=1, max_size=9), st.sampled_from((1, 5)))
def test_largest_remainder(total, weights, unit):
    parts = largest_remainder(total, weights, unit).tolist()
    if not sum(weights):
        assert not any(parts)
        return
    assert sum(parts) == total
    for part, weight in zip(parts, weights):
        assert abs(part - Fraction(total * weight, sum(weights))) < 2 * unit
    assert [-one for one in parts] == largest_remainder(-total, weights, unit).tolist()


def test_largest_remainder_ties():
    assert largest_remainder(100, [1, 1, 1]).tolist() == [34, 33, 33]
    assert largest_remainder(-101, [1, 1, 1]).tolist() == [-34, -34, -33]


@given(st.lists(st.tuples(INT64, INT64, INT64), min_size=1, max_size=5), st.sampled_from(MODES))
def test_muldiv(rows, mode):
    rows = [(value, part, whole) for value, part, whole in rows if whole
            and abs(value * part) // abs(whole) < 2**62]
    columns = [np.array(column, np.int64) for column in zip(*rows)] or [np.empty(0, np.int64)] * 3
    wanted = [rounded(Fraction(value * part, whole), mode) for value, part, whole in rows]
    assert muldiv(*columns, mode).tolist() == wanted


@pytest.mark.parametrize('mode, wanted', [
    ('toward_zero', (0, 0, 1, 1, 2)), ('away_from_zero', (1, 1, 2, 2, 3)),
    ('half_up', (0, 1, 1, 2, 3)), ('half_even', (0, 0, 1, 2, 2))])
def test_muldiv_modes(mode, wanted):
    """The same as of rates, also where the product needs more than 64 bits."""
    value, ten = np.array([4, 5, 14, 15, 25]), np.full(5, 10)
    for scale in (1, 10**17):
        for sign in (1, -1):
            got = muldiv(sign * value, np.full(5, scale), scale * ten, mode)
            assert got.tolist() == [sign * one for one in wanted]
