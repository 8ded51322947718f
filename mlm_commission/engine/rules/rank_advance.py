# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Rank advancement: a single amount for a new highest rank, paid out of sales volume only."""

import numpy as np

from ..i18n import _
from ..money import largest_remainder
from ..params import Param, decimal_text
from ..period import PeriodRule, add_up
from ..reasons import Reason
from ..rule import percent, register
from ..tree import subtotals


@register
class RankAdvance(PeriodRule):
    """Pay the amount of every rank reached in this period for the first time.

    Reached are ranks above the highest one held before, up to the rank paid as. A commission needs
    a sale: all payments together are at most ``limit x volume of the period``, cut pro rata if they
    are more, and only an agent whose own sales and those of everybody below are positive is paid.
    The entry's level is the rank, its base the agent's group volume.

    Source of the formula: one-time advancement bonuses in common use; the limit is what keeps them
    a share of turnover.
    """

    kind = 'rank_advance'
    label = _('Rank advancement')
    help = _('A single amount when an agent reaches a rank for the first time.')
    stage = 3
    params = (
        Param('amounts', 'table', _('Amounts by rank'), min=1, ascending='rank', columns=(
            Param('rank', 'integer', _('Rank'), min=0, max=32767),
            Param('amount', 'amount', _('Amount')))),
        Param('limit', 'percent', _('At most'),
              _('Of the volume of the period, for all together.')),
        Param('skipped', 'boolean', _('Ranks passed over'),
              _('Whether ranks that were skipped on the way are paid too.'), default=True),
    )

    def ceiling(self):
        return self.values['limit']

    @classmethod
    def say(cls, values, digits):
        amounts = ', '.join(f"{row['rank']}: {decimal_text(row['amount'], digits)}"
                            for row in values['amounts'])
        return [(_('Reaching a rank for the first time is worth: %(amounts)s; all together at most '
                   '%(rate)s %% of the volume.'),
                 {'amounts': amounts, 'rate': percent(values['limit'])})]

    def open(self, state, carried):
        return {'value': np.zeros(len(state.network), np.int64)}

    def collect(self, state, book, sales):
        book['value'] += add_up(self.worth(sales), sales.seller, len(state.network))

    def settle(self, state, book, note=None):
        network, terms = state.network, state.terms
        group = subtotals(network.sponsor, network.depth, book['value'])
        eligible = state.members & (group > 0)
        who, level, amount = [], [], []
        for row in self.values['amounts']:
            reached = eligible & (terms.ranks >= row['rank']) & (terms.highest < row['rank'])
            if not self.values['skipped']:
                reached &= terms.ranks == row['rank']
            who.append(np.flatnonzero(reached))
            level.append(np.full(len(who[-1]), row['rank']))
            amount.append(np.full(len(who[-1]), row['amount'], dtype=np.int64))
        who, level, amount = (np.concatenate(part) for part in (who, level, amount))
        limit = int(self.settings.rounding.share(
            np.array([sum(book['value'].tolist())]), self.values['limit'])[0])
        if sum(amount.tolist()) > max(limit, 0):
            order = np.lexsort((level, who))
            amount[order] = largest_remainder(max(limit, 0), amount[order].tolist(),
                                              self.settings.rounding.unit)
        return self.rows(network, level, who, 0, group[who], amount, Reason.ADVANCE, note)
