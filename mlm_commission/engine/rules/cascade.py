# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Cascade: each level earns a rate of what the levels before left over."""

from ..i18n import _
from ..params import Param
from ..rule import register
from ..upline import COMPRESSION, MIN_POINTS, MIN_RANK, OWN_RATE, UplineRule


@register
class Cascade(UplineRule):
    """Pay ``C(k) = p(k) x (B - sum of C(j) for j < k)``, k = 0 (own) or 1 ... K.

    Only what was really paid reduces the base: a level that nobody gets leaves it as it is. The
    entry's base is the reduced base.

    Source of the formula: plans that subtract the lower levels' commission from the base.
    """

    kind = 'cascade'
    label = _('Cascade')
    help = _('A rate for each level, of what is left after the levels before.')
    params = (
        OWN_RATE,
        Param('rates', 'table', _('Rates by level'),
              _('The first row is the sponsor of the seller, and so on.'), min=1, max=1000,
              columns=(Param('rate', 'percent', _('Rate')), MIN_RANK, MIN_POINTS)),
        COMPRESSION,
    )

    def ceiling(self):
        left = 10**6
        for rate in (self.values['own_rate'], *(row['rate'] for row in self.values['rates'])):
            left = left * (10**6 - rate) // 10**6
        return 10**6 - left

    @classmethod
    def say(cls, values, digits):
        lines = super().say(values, digits)
        # Behind the sentences about the rates, before those about compression.
        lines.insert(1 + bool(values['own_rate']),
                     (_('Each rate is taken of what the levels before left over.'), {}))
        return lines

    def price(self, row, base, carried, position, sales):
        left = base - carried
        amount = self.settings.rounding.share(left, row['rate'])
        return left, amount, carried + amount
