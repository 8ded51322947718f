# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Career plan in amounts: everyone above earns the difference per unit."""

import numpy as np

from ..i18n import _
from ..params import Param, decimal_text
from ..reasons import Reason
from ..rule import register
from .differential import Differential
from .unit import MEASURE, by_measure, measured, tell_amount, tell_measured

KEPT = ('unqualified', 'seller')


@register
class UnitDifferential(Differential):
    """Pay ``quantity x max(0, a(k) - m(k-1))``: the differential with amounts instead of rates.

    Each rank has an amount for each unit (or each thousand of the valuation sum). Rounding and
    corners as in the differential by rate. The entry's rate is the difference of the amounts in
    minor units, its base the quantity in thousandths or the sum in minor units.

    Source of the formula: career plans that count units instead of percents.
    """

    kind = 'unit_differential'
    # The rate is an amount in minor units for each whole unit, the base counts thousandths of them.
    rate_scale = 1000
    label = _('Differential per unit')
    help = _('Everyone above earns the difference between the own amount per unit and the best one '
             'below.')
    bases = ('net',)
    params = (
        MEASURE,
        Param('rates', 'table', _('Amounts by rank'), min=1, ascending='rank', columns=(
            Param('rank', 'integer', _('From rank'), min=0, max=32767),
            Param('amount', 'amount', _('Amount'), max='20000000'))),
        *(param for param in Differential.params if param.name in KEPT),
    )
    sentences = {
        Reason.OWN: _('Agent %(agent)s sold this and gets the own amount for each unit: '
                      '%(amount)s.'),
        Reason.DIFFERENCE: _('Agent %(agent)s gets the difference to the best amount below for '
                             'each unit: %(amount)s.'),
        Reason.SAME_RATE: _('Agent %(agent)s has the amount that was already reached below.'),
        Reason.LOWER_RATE: _('Agent %(agent)s has less than the amount already reached below.'),
        Reason.SELLER_COUNTS: _('Agent %(agent)s sold this; own sales are not paid by this rule, '
                                'but the own amount counts as reached.'),
    }

    def __init__(self, *args):
        super().__init__(*args)
        self.values = {'source': 'rank', 'equal_rate': 0, 'level_one': 'difference',
                       'direct_rate': 0, **self.values}

    def ceiling(self):
        return None

    def check(self, problem):
        pass

    @classmethod
    def say(cls, values, digits):
        amounts = ', '.join(f"{row['rank']}: {decimal_text(row['amount'], digits)}"
                            for row in values['rates'])
        return [(_('Everyone above the seller earns the difference between the own amount per unit '
                   'and the best one below.'), {}),
                (_('The amounts are %(amounts)s.'), {'amounts': amounts})]

    @classmethod
    def tell_rate(cls, values, level, rate, digits):
        return tell_amount(rate, values['measure'], digits)

    @classmethod
    def tell_base(cls, values, base):
        return tell_measured(base, values['measure'])

    def worth(self, sales):
        return measured(sales, self.values['measure'])

    def share(self, base, rate):
        return by_measure(base, rate, self.values['measure'], self.settings)

    def rate_by_rank(self):
        table = np.full(32769, -1, dtype=np.int32)
        for row in self.values['rates']:
            table[row['rank']:-1] = row['amount']
        return table
