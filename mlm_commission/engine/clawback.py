# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Taking commissions back, and giving them back again, to the exact cent.

A fact (an invoiced line) was paid for once; later parts of it are credited, reset, not paid after
all, and each of that may be undone. What is to be posted depends only on how much of the fact is
reversed in total before and after, so the order and the number of corrections do not matter.
"""

import numpy as np

from .arrays import frozen
from .entries import Entries
from .errors import EngineError
from .i18n import _
from .money import muldiv


def adjust(original, fact, sale, base, before, after, part=None, mode='half_up'):
    """Compute the rows that an adjusting fact adds to the commissions.

    With ``taken(x) = round(original amount x (x / base))`` by magnitude, each row's amount is
    ``-(taken(after) - taken(before))``: to be added to what was paid. In every mode any chain that
    ends fully reversed adds up to exactly minus the original, any chain that ends at nothing
    reversed to zero.

    :param Entries original: the k rows that were paid for the facts
    :param fact: int (k), which of the f adjustments each row belongs to, 0 ... f-1
    :param sale: int64 (f), id under which the new rows are posted (the adjusting fact)
    :param base: int64 (f), what the original fact was worth, minor units (or any other measure, as
        long as before and after use the same); same sign as before and after
    :param before: int64 (f), how much of base was reversed before, 0 ... base
    :param after: int64 (f), how much of base is reversed now, 0 ... base; less than before where a
        reversal is itself reversed
    :param part: int64 (f), the change of the base to show, where before and after are weighted
        with what of the commission is taken back (see `liability.weigh`); left out: before - after
    :param str mode: how the plan rounds, one of ``money.MODES``
    :return: `Entries` with rule, level, beneficiary, rate and reason of the original rows, base the
        change of the base, without rows of no amount
    :raise EngineError: more reversed than there was, or in the wrong direction; names the sale
    """
    sale = frozen(sale, np.int64, 'sale')
    base, before, after = (frozen(values, np.int64, name, len(sale)) for name, values in (
        ('base', base), ('before', before), ('after', after)))
    fact = frozen(fact, np.int32, 'fact', len(original))
    if len(fact) and not 0 <= int(fact.min()) <= int(fact.max()) < len(sale):
        raise EngineError(_('A row belongs to no adjustment.'), field='fact')
    for name, values in (('before', before), ('after', after)):
        _check(sale, base, values, name)
    divisor = np.where(base == 0, np.int64(1), base)[fact]
    taken = [muldiv(original.amount, values[fact], divisor, mode) for values in (before, after)]
    amount = taken[0] - taken[1]
    part = before - after if part is None else frozen(part, np.int64, 'part', len(sale))
    keep = amount != 0
    fact = fact[keep]
    kept = original.take(keep)
    return Entries(sale[fact], kept.rule, kept.level, kept.beneficiary, kept.rate,
                   part[fact], amount[keep], kept.reason).sorted()


def _check(sale, base, part, name):
    bad = np.flatnonzero((np.sign(part) * np.sign(base) < 0) | (np.abs(part) > np.abs(base)))
    if len(bad):
        place = bad[0]
        raise EngineError(
            _('Of %(base)s, %(part)s cannot be reversed (adjustment %(sale)s).'),
            {'base': int(base[place]), 'part': int(part[place]), 'sale': int(sale[place])},
            record=int(sale[place]), field=name)
