# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Amounts per unit sold, or per thousand of a valuation sum."""

from ..i18n import _
from ..money import multiply
from ..params import Param, decimal_text, fixed_text
from ..reasons import Reason
from ..rule import register
from ..upline import COMPRESSION, MIN_POINTS, MIN_RANK, UplineRule

MEASURE = Param('measure', 'choice', _('Measure'), default='quantity', choices=(
    ('quantity', _('Amount for each unit')),
    ('total', _('Amount for each thousand of the valuation sum'))))


def measured(sales, measure):
    """Return what is counted, int64 (m): thousandths of units, or minor units of the sum."""
    return sales.quantity if measure == 'quantity' else sales.total


def by_measure(value, amount, measure, settings):
    """Return value x amount, rounded.

    :param value: int64 array (k), see `measured`
    :param amount: int array (k) or integer, minor units for each unit or each thousand
    """
    divisor = 1000 if measure == 'quantity' else 1000 * 10**settings.currency_digits
    return multiply(value, amount, divisor, settings.rounding)


def tell_amount(amount, measure, digits):
    """Say an amount for each unit, or for each thousand of the valuation sum: (template, values)."""
    if measure == 'quantity':
        return _('%(amount)s per unit'), {'amount': fixed_text(amount, digits)}
    return _('%(rate)s ‰'), {'rate': decimal_text(amount, digits)}


def tell_measured(base, measure):
    """Say how many units there are; None for a valuation sum."""
    return (_('%(count)s units'), {'count': decimal_text(base, 3)}) if measure == 'quantity' else None


@register
class Unit(UplineRule):
    """Pay ``quantity x amount[k]`` to level k above the seller, level 0 being the seller.

    With the valuation sum as measure, the amount is for each thousand of it: 40.00 is 40 per mille.
    A life policy's sum is years x 12 x monthly premium. The entry's rate is 0, its base is the
    quantity in thousandths or the sum in minor units.

    Source of the formula: plans that count units, and insurers' valuation sums.
    """

    kind = 'unit'
    label = _('Amount per unit')
    help = _('A fixed amount for each unit sold, by level.')
    bases = ('net',)
    params = (
        MEASURE,
        Param('own_amount', 'amount', _('Own amount'), _('What the seller earns.'), default='0',
              max='20000000'),
        Param('rates', 'table', _('Amounts by level'),
              _('The first row is the sponsor of the seller, and so on.'), max=1000, default=[],
              columns=(Param('amount', 'amount', _('Amount'), max='20000000'), MIN_RANK,
                       MIN_POINTS)),
        COMPRESSION,
    )
    sentences = {
        Reason.OWN: _('Agent %(agent)s sold this and gets the own amount for each unit: '
                      '%(amount)s.'),
        Reason.LEVEL: _('Agent %(agent)s stands on level %(level)s and gets the amount of this '
                        'level for each unit: %(amount)s.'),
    }

    @classmethod
    def say(cls, values, digits):
        amounts = ' / '.join(decimal_text(row['amount'], digits) for row in values['rates'])
        each = dict(MEASURE.choices)[values['measure']]
        return [(_('%(each)s: the seller gets %(own)s, the levels above get %(amounts)s.'),
                 {'each': each, 'own': decimal_text(values['own_amount'], digits),
                  'amounts': amounts or '0'}), *cls.say_compression(values)]

    @classmethod
    def tell_rate(cls, values, level, rate, digits):
        rows = values['rates'][level - 1:level] if level else [{'amount': values['own_amount']}]
        return tell_amount(rows[0]['amount'], values['measure'], digits) if rows else None

    @classmethod
    def tell_base(cls, values, base):
        return tell_measured(base, values['measure'])

    def own(self):
        return {'amount': self.values['own_amount']} if self.values['own_amount'] else None

    def worth(self, sales):
        return measured(sales, self.values['measure'])

    def price(self, row, base, carried, position, sales):
        return base, by_measure(base, row['amount'], self.values['measure'], self.settings), carried
