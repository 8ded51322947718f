# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Pool: a share of the company's volume, divided among those who qualify."""

import numpy as np

from ..i18n import _
from ..money import largest_remainder
from ..params import Param, decimal_text
from ..period import PeriodRule, by_threshold
from ..reasons import Reason
from ..rule import percent, register


@register
class Pool(PeriodRule):
    """Divide ``rate x volume of the period`` among agents of a rank.

    The volume is that of all sales in the scope of the rule. Agents who are active, have an
    agreement and at least the lowest rank share it: equally, by the shares of their rank, by the
    shares that come with their terms, or by their personal points. The last cents go to the largest
    remainders, so the payments add up to the pool exactly; a limit for each agent may leave some of
    it to the company. Nothing is paid from a pool that is not positive. The entry's base is the
    pool.

    Source of the formula: pool bonuses in common use; ``pool x s / sum of s``, method of Hare.
    """

    kind = 'pool'
    label = _('Pool')
    help = _('A rate of the whole volume, divided among agents who qualify.')
    stage = 3
    params = (
        Param('rate', 'percent', _('Rate of the volume')),
        Param('min_rank', 'integer', _('Lowest rank'), _('-1: no rank is needed.'), default=-1,
              min=-1, max=32767),
        Param('split', 'choice', _('Divided'), default='equal', choices=(
            ('equal', _('Equally')), ('rank', _('By the shares of the rank')),
            ('shares', _('By the shares of each agent')), ('points', _('By personal points')))),
        Param('shares', 'table', _('Shares by rank'), _('Only where the rank sets the shares.'),
              default=[], ascending='rank', columns=(
                  Param('rank', 'integer', _('From rank'), min=0, max=32767),
                  Param('shares', 'integer', _('Shares'), min=0, max=10**9))),
        Param('max_amount', 'amount', _('At most'), _('For each agent; 0 for no limit.'),
              default='0'),
    )

    def ceiling(self):
        return self.values['rate']

    def check(self, problem):
        if (self.values['split'] == 'rank') != bool(self.values['shares']):
            problem('params.shares', _('Shares by rank are needed exactly if the pool is divided '
                                       'by them.'), {})

    @classmethod
    def say(cls, values, digits):
        how = dict(next(param for param in cls.params if param.name == 'split').choices)
        lines = [(_('%(rate)s %% of the volume are divided among agents from rank %(rank)s: '
                    '%(how)s.'), {'rate': percent(values['rate']), 'rank': values['min_rank'],
                                  'how': how[values['split']]})]
        if values['max_amount']:
            lines.append((_('An agent gets at most %(amount)s.'),
                          {'amount': decimal_text(values['max_amount'], digits)}))
        return lines

    def open(self, state, carried):
        size = len(state.network)
        return {'volume': 0, 'points': np.zeros(size, np.int64)}

    def collect(self, state, book, sales):
        book['volume'] += sum(self.worth(sales).tolist())
        np.add.at(book['points'], sales.seller, sales.points)

    def settle(self, state, book, note=None):
        pool = int(self.settings.rounding.share(np.array([book['volume']]), self.values['rate'])[0])
        qualified = state.members & (state.terms.ranks >= self.values['min_rank'])
        weights = np.where(qualified, self._weights(state, book), 0)
        who = np.flatnonzero(weights > 0)
        if pool <= 0 or not len(who):
            return self.rows(state.network, 0, [], 0, 0, [], Reason.POOL)
        amount = largest_remainder(pool, weights[who].tolist(), self.settings.rounding.unit)
        if self.values['max_amount']:
            amount = np.minimum(amount, self.values['max_amount'])
        return self.rows(state.network, 0, who, self.values['rate'], pool, amount, Reason.POOL,
                         note)

    def _weights(self, run, book):
        split = self.values['split']
        if split == 'rank':
            return by_threshold(self.values['shares'], 'rank', 'shares', run.terms.ranks)
        if split == 'equal':
            return np.ones(len(run.network), dtype=np.int64)
        return run.terms.shares if split == 'shares' else book['points']
