# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Fast start: in the first days of a new agent the enrolling line earns more."""

import numpy as np

from ..i18n import _
from ..params import Param, decimal_text
from ..rule import percent, register
from ..upline import COMPRESSION, MIN_POINTS, MIN_RANK, UplineRule

DAYS = 'seller_days'
EARLIER = 'earlier_base'


@register
class FastStart(UplineRule):
    """Pay ``base x rate[k]`` to level k above a new agent, for orders of the first N days only.

    The sales carry the attribute ``seller_days``: days between joining and the sale, 0 on the first
    day. To keep the ordinary rule from paying these orders too, name it in the scope's
    ``replaces``. It is an order that is paid, never the joining itself.

    A level may be capped for each new agent and beneficiary. What counts towards the cap before a
    sale comes with the sale, in the attribute ``earlier_base`` (minor units; 0 if left out), and
    the amount is the difference of the capped totals after and before; so the order of calculation
    does not matter and a refund gives the exact mirror.

    Source of the formula: published fast-start bonuses; the part nobody earned does not roll up
    unless compression is chosen.
    """

    kind = 'fast_start'
    limits = True
    label = _('Fast start')
    help = _('In the first days of a new agent the enrolling line earns these rates.')
    params = (
        Param('days', 'integer', _('Days'), _('How many days count, the first one included.'),
              min=1, max=3660),
        Param('rates', 'table', _('Rates by level'), min=1, max=100, columns=(
            Param('rate', 'percent', _('Rate')),
            Param('max_amount', 'amount', _('At most'),
                  _('For each new agent; 0 for no limit.'), default='0'), MIN_RANK, MIN_POINTS)),
        COMPRESSION,
    )

    def ceiling(self):
        return sum(row['rate'] for row in self.values['rates'])

    @classmethod
    def say(cls, values, digits):
        rates = ' / '.join(percent(row['rate']) for row in values['rates'])
        lines = [(_('For orders in the first %(days)s days of a new agent the levels above earn '
                    '%(rates)s %%.'), {'days': values['days'], 'rates': rates})]
        lines += [(_('Level %(level)s earns at most %(amount)s for each new agent.'),
                   {'level': level, 'amount': decimal_text(row['max_amount'], digits)})
                  for level, row in enumerate(values['rates'], 1) if row['max_amount']]
        return lines + cls.say_compression(values)

    def mask(self, sales):
        days = sales.attribute(DAYS)
        return super().mask(sales) & (days >= 0) & (days < self.values['days'])

    def price(self, row, base, carried, position, sales):
        if not row['max_amount']:
            return super().price(row, base, carried, position, sales)
        earlier = np.zeros(len(base), dtype=np.int64)
        if EARLIER in sales.attributes:
            earlier = sales.attributes[EARLIER][position]
        share = self.settings.rounding.share
        after, before = (np.clip(share(total, row['rate']), -row['max_amount'], row['max_amount'])
                         for total in (earlier + base, earlier))
        return base, after - before, carried
