# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Families of liability: what is taken back when a contract ends before its time."""

import datetime
from fractions import Fraction

import numpy as np
import pytest
from engine import EngineError, Entries, Liability, adjust, weigh
from engine.liability import STEP_WHOLE, add_months, months_held
from hypothesis import given
from hypothesis import strategies as st

START = datetime.date(2024, 1, 15)
DAYS = st.dates(datetime.date(2000, 1, 1), datetime.date(2060, 1, 1))


def slow_months_held(start, day):
    """Count month by month."""
    held = 0
    while add_months(start, held + 1) <= day:
        held += 1
    return held


def slow_share(terms, start, day, payments):
    """What is taken back of 1, from the definition of each family."""
    held = slow_months_held(start, day)
    if terms.last_day is not None and day > terms.last_day:
        return Fraction(0)
    if terms.kind == 'none':
        return Fraction(0)
    if terms.kind == 'full':
        return Fraction(1) if terms.months == 0 or held < terms.months else Fraction(0)
    if terms.kind == 'time':  # earned = C min(1, months held / liability months)
        return 1 - min(Fraction(1), Fraction(held, terms.months))
    if terms.kind == 'payments':
        if terms.gradual:
            return 1 - min(Fraction(1), Fraction(payments, terms.payments))
        return Fraction(int(payments < terms.payments))
    for months, part in terms.steps:
        if held < months:
            return Fraction(part, STEP_WHOLE)
    return Fraction(0)


@st.composite
def terms(draw):
    kind = draw(st.sampled_from(('full', 'time', 'steps', 'payments', 'none')))
    months = draw(st.integers(1 if kind == 'time' else 0, 72))
    steps = tuple(
        (month, draw(st.integers(0, STEP_WHOLE))) for month in sorted(draw(
            st.sets(st.integers(1, 72), min_size=1, max_size=4)))) if kind == 'steps' else ()
    return Liability(kind, months, steps, draw(st.integers(1, 36)), draw(st.booleans()),
                     draw(st.none() | DAYS))


@pytest.mark.parametrize('day, held', [
    ((2024, 2, 14), 0), ((2024, 2, 15), 1), ((2025, 1, 14), 11), ((2025, 1, 15), 12),
    ((2024, 1, 1), 0)])
def test_months_held(day, held):
    assert months_held(START, datetime.date(*day)) == held


def test_months_at_their_end():
    """From the 31st of January a month is held on the last of February."""
    start = datetime.date(2024, 1, 31)
    assert add_months(start, 1) == datetime.date(2024, 2, 29)
    assert months_held(start, datetime.date(2024, 2, 28)) == 0
    assert months_held(start, datetime.date(2024, 2, 29)) == 1


@pytest.mark.parametrize('kind, values, day, payments, share', [
    ('full', {}, (2044, 1, 1), 0, Fraction(1)),
    ('full', {'months': 6}, (2024, 7, 14), 0, Fraction(1)),
    ('full', {'months': 6}, (2024, 7, 15), 0, Fraction(0)),
    # 60 months of liability, cancelled after 24: 36/60 of the commission is not earned.
    ('time', {'months': 60}, (2026, 1, 15), 0, Fraction(36, 60)),
    ('time', {'months': 60}, (2029, 1, 15), 0, Fraction(0)),
    # All of it in year 1, half in year 2, nothing then.
    ('steps', {'steps': ((12, 10_000), (24, 5_000))}, (2025, 1, 14), 0, Fraction(1)),
    ('steps', {'steps': ((12, 10_000), (24, 5_000))}, (2025, 1, 15), 0, Fraction(1, 2)),
    ('steps', {'steps': ((12, 10_000), (24, 5_000))}, (2026, 1, 15), 0, Fraction(0)),
    ('payments', {'payments': 12}, (2024, 2, 1), 11, Fraction(1)),
    ('payments', {'payments': 12}, (2024, 2, 1), 12, Fraction(0)),
    ('payments', {'payments': 12, 'gradual': True}, (2024, 2, 1), 9, Fraction(3, 12)),
    ('none', {}, (2024, 1, 16), 0, Fraction(0)),
    ('full', {'last_day': datetime.date(2024, 12, 31)}, (2024, 12, 31), 0, Fraction(1)),
    ('full', {'last_day': datetime.date(2024, 12, 31)}, (2025, 1, 1), 0, Fraction(0)),
])
def test_families(kind, values, day, payments, share):
    liability = Liability(kind, **values)
    taken = liability.share(START, datetime.date(*day), payments)
    assert Fraction(taken, liability.whole) == share


@given(terms(), DAYS, DAYS, st.integers(0, 40))
def test_share_is_the_twins(liability, start, day, payments):
    day = max(start, day)
    share = liability.share(start, day, payments)
    assert Fraction(share, liability.whole) == slow_share(liability, start, day, payments)
    end = liability.end(start)
    if end is not None and day > end:
        assert share == 0
    if end is not None and liability.kind == 'time' and start <= end:
        assert liability.share(start, end, payments) > 0


@given(st.data())
def test_any_chain_of_credits_and_their_undoing(data):
    """Against fractions: a stack of what was taken; nothing remains of what is undone in full."""
    whole, base = data.draw(st.integers(1, 60)), data.draw(st.integers(1, 10**9))
    amounts = data.draw(st.lists(st.integers(-10**9, 10**9), min_size=1, max_size=4))
    sign = data.draw(st.sampled_from((1, -1)))
    parts, units, reversed_ = [], [], 0
    for _step in range(data.draw(st.integers(1, 8))):
        target = data.draw(st.integers(0, base))
        share = data.draw(st.integers(0, whole))
        parts.append((sign * (target - reversed_), share))
        reversed_ = target
    parts.append((-sign * reversed_, 0))
    totals = weigh(parts)
    # The slow twin keeps spans instead of single cents: [size, share], newest last.
    expected = []
    for part, share in parts:
        size = part * sign
        if size > 0:
            units.append([size, share])
        while size < 0:
            piece = min(-size, units[-1][0])
            units[-1][0] -= piece
            size += piece
            if not units[-1][0]:
                units.pop()
        expected.append(sign * sum(length * at for length, at in units))
    assert totals == expected
    assert totals[-1] == 0
    original = Entries([1] * len(amounts), [0] * len(amounts), list(range(len(amounts))),
                       list(range(10, 10 + len(amounts))), [1] * len(amounts),
                       [0] * len(amounts), amounts, [1] * len(amounts))
    left = dict(enumerate(amounts))
    for before, after, (part, _share) in zip([0, *totals], totals, parts):
        rows = adjust(original, np.zeros(len(amounts), np.int32), [99], [sign * base * whole],
                      [before], [after], [-part])
        for level, amount in zip(rows.level.tolist(), rows.amount.tolist()):
            left[level] += amount
        for level, amount in enumerate(amounts):
            kept = amount - Fraction(amount * after * sign, base * whole)
            assert abs(left[level] - kept) <= Fraction(1, 2)
    assert list(left.values()) == amounts


def test_a_third_each_year():
    """1,000.00 over 36 months; a third credited after 12 months, the rest after 24.

    A third at 24/36 is 222.22, two thirds at 12/36 another 222.22 (together 444.44).
    """
    totals = weigh([(33_333, 24), (66_667, 12)])
    original = Entries([1], [0], [0], [10], [1], [0], [100_000], [1])
    taken = [adjust(original, [0], [99], [100_000 * 36], [before], [after]).amount.tolist()
             for before, after in ((0, totals[0]), (totals[0], totals[1]))]
    assert taken == [[-22_222], [-22_222]]


def test_more_given_back_than_taken():
    with pytest.raises(EngineError):
        weigh([(10, 1), (-11, 1)])


@pytest.mark.parametrize('values', [
    {'kind': 'other'}, {'kind': 'time'}, {'kind': 'steps'}, {'kind': 'payments'},
    {'kind': 'steps', 'steps': ((12, 1), (12, 2))}, {'kind': 'steps', 'steps': ((0, 1),)},
    {'kind': 'steps', 'steps': ((1, 10_001),)}])
def test_terms_that_say_nothing(values):
    with pytest.raises(EngineError):
        Liability(**values)
