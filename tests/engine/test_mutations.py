# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The tests themselves on trial: defects put in on purpose must be noticed."""

import engine.rules.differential as differential_module
import engine.rules.level as level_module
import engine.upline as upline_module
import numpy as np
import pytest
import test_differential
import test_level
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


def without_reached(original):
    def step(self, place, who, reached, own=False):
        return original(self, place, who, np.zeros_like(reached), own)
    return step


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
])
def test_defect_is_noticed(test, target, name, defect, monkeypatch):
    monkeypatch.setattr(target, name, defect)
    trial = settings(max_examples=1500, phases=[Phase.generate], report_multiple_bugs=False)(
        given(st.data())(test.hypothesis.inner_test))
    with pytest.raises(AssertionError):
        trial()
