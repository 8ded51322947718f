# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Exact arithmetic on integer money.

Amounts are int64 minor units, rates int64 parts per million (ppm). Everything is computed on
magnitudes and the sign is put back at the end, so a refund is the exact mirror of its sale in every
rounding mode.
"""

from dataclasses import dataclass

import numpy as np

from .errors import EngineError
from .i18n import _

PPM = 1_000_000
LIMIT = 2**63 - 1
MODES = ('half_up', 'half_even', 'toward_zero', 'away_from_zero')


@dataclass(frozen=True)
class Rounding:
    """How the plan rounds.

    :param str mode: one of ``MODES``; the half modes round the middle away from zero (half_up) or
        to the even multiple (half_even)
    :param int unit: minor units per step, e.g. 5 for a currency paid in steps of 0.05
    """

    mode: str = 'half_up'
    unit: int = 1

    def share(self, base, rate):
        """Round base x rate to a whole step.

        :param base: int64 array, minor units, any sign
        :param rate: int array or integer, ppm, not negative
        :return: int64 array, minor units, a multiple of the unit
        :raise EngineError: when a result does not fit into 64 bits
        """
        return multiply(base, rate, PPM, self)


def multiply(base, factor, divisor, rounding):
    """Return base x factor / divisor, rounded, exact for the whole int64 range.

    With D = divisor x unit and ``base = q D + r`` the result is
    ``unit (q factor + round(r factor / D))``; no intermediate exceeds the result by more than D.

    :param base: int64 array, any sign
    :param factor: int64 array or integer, not negative, below 2**32
    :param int divisor: positive; divisor x unit at most 2**31
    :param Rounding rounding: mode and unit
    :return: int64 array of the broadcast shape
    :raise EngineError: when a result does not fit into 64 bits
    """
    base = np.asarray(base, dtype=np.int64)
    step = divisor * rounding.unit
    factor = np.asarray(factor, dtype=np.uint64)
    quotient, rest = np.divmod(np.abs(base).astype(np.uint64), np.uint64(step))
    _check_range(base, factor, divisor)
    whole = quotient * factor
    part, rest = np.divmod(rest * factor, np.uint64(step))
    whole += part
    whole += _goes_up(whole, rest, np.uint64(step), rounding.mode)
    result = (whole * np.uint64(rounding.unit)).astype(np.int64)
    return np.where(base < 0, -result, result)


def _goes_up(whole, rest, step, mode):
    """Tell which magnitudes ``whole + rest / step`` go up to the next whole: bool array."""
    if mode == 'toward_zero':
        return np.zeros(rest.shape, dtype=bool)
    if mode == 'away_from_zero':
        return (rest > 0).astype(bool)
    missing = step - rest  # rest is compared with it, since twice the rest may not fit
    middle = rest == missing
    if mode == 'half_even':
        middle = middle & (whole % 2 == 1)
    return ((rest > missing) | middle).astype(bool)


def _check_range(base, factor, divisor):
    if not base.size or not factor.size:
        return
    # The cheap bound on the extremes first; only a suspicious input is looked at row by row.
    high = max(int(base.max()), -int(base.min()))
    if high * int(factor.max()) // divisor < LIMIT - divisor:
        return
    for value, share in np.nditer([base, factor]):
        if abs(int(value)) * int(share) // divisor >= LIMIT - divisor:
            raise EngineError(_('An amount is too large: %(base)s at %(rate)s millionths.'),
                              {'base': int(value), 'rate': int(share)}, field='base')


def telescope(base, rates, rounding):
    """Split base by rates so that the parts add up to the rounded whole.

    The running totals are rounded and subtracted from each other; hence the sum of the first k
    parts is always round(base x sum of the first k rates).

    :param base: int64 array (m), minor units
    :param rates: int64 array (m, k), ppm, not negative
    :param Rounding rounding: mode and unit
    :return: int64 array (m, k), minor units
    """
    rates = np.asarray(rates, dtype=np.int64)
    totals = rounding.share(np.asarray(base, dtype=np.int64)[:, None], np.cumsum(rates, axis=1))
    return np.diff(totals, axis=1, prepend=0)


def largest_remainder(total, weights, unit=1):
    """Split one total by weights; the last steps go to the largest remainders.

    Method of Hare: everyone gets the share rounded toward zero, what is left is handed out one step
    each by falling remainder; equal remainders go to the earlier position.

    :param int total: minor units, any sign
    :param weights: iterable of non-negative integers, in an order the caller makes stable
    :param int unit: minor units per step; what the unit cannot express goes to the first in line
    :return: int64 array, one part per weight, with the exact sum `total` (zeros if all weights are)
    """
    weights = [int(weight) for weight in weights]
    whole = sum(weights)
    if not whole:
        return np.zeros(len(weights), dtype=np.int64)
    steps, odd = divmod(abs(total), unit)
    parts, rests = [], []
    for weight in weights:
        part, rest = divmod(steps * weight, whole)
        parts.append(part)
        rests.append(rest)
    order = sorted(range(len(weights)), key=lambda index: (-rests[index], index))
    for index in order[:steps - sum(parts)]:
        parts[index] += 1
    parts = [part * unit for part in parts]
    parts[order[0]] += odd
    return np.array([-part for part in parts] if total < 0 else parts, dtype=np.int64)


def share_down(value, numerator, denominator):
    """Return floor(value x numerator / denominator), exact; value where the denominator is 0.

    :param value: int64 array, not negative
    :param numerator: int64 array of the same shape, 0 ... denominator
    :param denominator: int64 array of the same shape, not negative
    :return: int64 array
    """
    if not value.size or int(value.max()) * max(int(numerator.max()), 1) < 2**63:
        product, divisor = value * numerator, denominator
    else:  # Python integers where the product may not fit into 64 bits
        product, divisor = value.astype(object) * numerator.astype(object), \
            denominator.astype(object)
    result = (product // np.where(denominator > 0, divisor, 1)).astype(np.int64)
    return np.where(denominator > 0, result, value)


def muldiv(value, numerator, denominator, mode='half_up'):
    """Return value x numerator / denominator, rounded by magnitude, exact for any int64.

    :param value: int64 array
    :param numerator: int64 array of the same shape
    :param denominator: int64 array of the same shape, no zeros
    :param str mode: one of ``MODES``
    :return: int64 array
    """
    value, numerator, denominator = (np.asarray(part, dtype=np.int64)
                                     for part in (value, numerator, denominator))
    if not value.size:
        return value.copy()
    high = max(int(value.max()), -int(value.min())) * max(int(numerator.max()),
                                                          -int(numerator.min()))
    if high < 2**61 and max(int(denominator.max()), -int(denominator.min())) < 2**61:
        product, divisor = value * numerator, denominator
    else:  # Python integers where the product may not fit into 64 bits
        product, divisor = value.astype(object) * numerator.astype(object), \
            denominator.astype(object)
    size = abs(divisor)
    whole = abs(product) // size
    rest = abs(product) - whole * size
    result = (whole + _goes_up(whole, rest, size, mode)).astype(np.int64)
    negative = ((product < 0) != (divisor < 0)).astype(bool)
    return np.where(negative, -result, result)
