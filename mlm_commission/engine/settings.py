# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What all rules of a plan share: the currency, the rounding, the worth of a point."""

from dataclasses import dataclass

from .i18n import _
from .money import MODES, Rounding
from .params import Param

SCHEMA = 1
SETTINGS = (
    Param('currency_digits', 'integer', _('Decimals of the currency'), default=2, min=0, max=3),
    Param('point_value', 'factor', _('Value of a point'),
          _('What one point is worth in the currency where a rule multiplies points.'),
          default='1', min='0', max='400'),
)
ROUNDING = (
    Param('mode', 'choice', _('Rounding'), default='half_up', choices=(
        ('half_up', _('Half up')), ('half_even', _('Half to even')),
        ('toward_zero', _('Toward zero')), ('away_from_zero', _('Away from zero')))),
    Param('unit', 'integer', _('Smallest step'),
          _('In the smallest unit of the currency: 5 where amounts are paid in steps of 0.05.'),
          default=1, min=1, max=1000),
)
assert tuple(choice[0] for choice in ROUNDING[0].choices) == MODES


@dataclass(frozen=True)
class Settings:
    """What all rules of a plan share.

    :param int currency_digits: decimals of the currency
    :param Rounding rounding: how amounts are rounded
    :param int point_value: money per point, ten-thousandths
    """

    currency_digits: int = 2
    rounding: Rounding = Rounding()
    point_value: int = 10_000
