# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The tests themselves on trial: defects put in on purpose must be noticed."""

import engine.lots as lots_module
import engine.ranks as ranks_module
import engine.rules.binary as binary_module
import engine.rules.breakaway as breakaway_module
import engine.rules.differential as differential_module
import engine.rules.fast_start as fast_start_module
import engine.rules.generation as generation_module
import engine.rules.group_differential as group_module
import engine.rules.infinity as infinity_module
import engine.rules.level as level_module
import engine.upline as upline_module
import numpy as np
import pytest
import test_binary
import test_differential
import test_level
import test_period_rules
import test_ranks
import test_sale_rules
from engine.money import Rounding, multiply
from engine.tree import nearest, nearest_above
from hypothesis import Phase, given, settings
from hypothesis import strategies as st


def loose(parent, key, own=None, strict=True):
    return nearest_above(parent, key, own, False)


def no_equals(parent, key, own=None, strict=True):
    return nearest_above(parent, key, own, True)


def blind(parent, wanted):
    return nearest(parent, np.ones_like(wanted))


def floor(self, base, rate):
    return np.asarray(base, dtype=np.int64) * rate // 10**6


def cut(self, base, rate):
    return multiply(base, np.asarray(rate) // 10 * 10, 10**6, self)


LEVEL, DIFFERENTIAL = test_level.test_like_the_twin, test_differential.test_like_the_twin
BINARY = test_binary.test_like_the_twin


def without_reached(original):
    def step(self, place, who, reached, own=False):
        return original(self, place, who, np.zeros_like(reached), own)
    return step


def unshifted(self, state, column, seller):
    return np.zeros(len(seller), dtype=np.int32)


def all_carried(self, loss):
    """Returns take volume off the carry and nothing back."""
    size = len(self.network)
    return np.zeros((2, size), np.int64), np.zeros(size, np.int64)


def one_line(self, before, now, number):
    return False


def whole_legs(parent, rate, total, share):
    return total, share(total, rate)


def one_more(left, right, strong, weak, fixed):
    count, *after = CYCLES(left, right, strong, weak, True)
    return count, *after


CYCLES = binary_module.cycles


@pytest.mark.parametrize('test, target, name, defect', [
    (DIFFERENTIAL, differential_module, 'nearest_above', loose),
    (DIFFERENTIAL, differential_module, 'nearest_above', no_equals),
    (DIFFERENTIAL, differential_module._Walk, '_step',
     without_reached(differential_module._Walk._step)),
    (DIFFERENTIAL, differential_module._Walk, '_direct', lambda self: None),
    (DIFFERENTIAL, differential_module._Column, '_first', lambda self, *args: self.above),
    (DIFFERENTIAL, Rounding, 'share', floor),
    (LEVEL, upline_module, 'nearest', blind),
    (LEVEL, level_module.Level, 'own', lambda self: None),
    (LEVEL, Rounding, 'share', floor),
    (LEVEL, Rounding, 'share', cut),
    (test_sale_rules.test_generation, generation_module.Generation, 'shift', unshifted),
    (test_sale_rules.test_infinity, infinity_module, 'nearest', blind),
    (test_sale_rules.test_fast_start, fast_start_module, 'EARLIER', 'unknown'),
    (test_period_rules.test_group_differential, group_module, 'differences', whole_legs),
    (test_period_rules.test_breakaway, breakaway_module, 'differences', whole_legs),
    (BINARY, lots_module.Legs, '_shrink', all_carried),
    (BINARY, lots_module.Legs, '_moved', one_line),
    (BINARY, lots_module, 'share_down', lambda value, part, whole: value),
    (BINARY, binary_module, 'muldiv', lambda value, part, whole: value),
    (test_period_rules.test_cycles_like_the_twin, test_period_rules, 'cycles', one_more),
    (test_ranks.test_like_the_twin, ranks_module.Qualifier, '_capped',
     lambda self, row: self.group_points),
])
def test_defect_is_noticed(test, target, name, defect, monkeypatch):
    monkeypatch.setattr(target, name, defect)
    drawn = st.integers(0, 2**32) if test is BINARY else st.data()
    trial = settings(max_examples=1500, phases=[Phase.generate], report_multiple_bugs=False)(
        given(drawn)(test.hypothesis.inner_test))
    with pytest.raises(AssertionError):
        trial()
