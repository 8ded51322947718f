# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Cap: commissions above a limit are cut, visibly."""

import numpy as np

from ..i18n import _
from ..money import PPM, largest_remainder
from ..params import Param
from ..period import PeriodRule, earned_by
from ..reasons import Reason
from ..rule import percent, register


@register
class Cap(PeriodRule):
    """Book the negative difference between what was earned and what the cap allows.

    - volume: all commissions together get at most ``rate x volume of the period``; if they exceed
      it, each agent's sum is multiplied by ``cap / total``, the last cents by largest remainders,
      so that the total is the cap exactly. Sums that are negative anyway are left alone.
    - person: each agent gets at most the amount of the own rank (the last row of the table that is
      not above it); 0 means no limit.

    ``reads`` names the rules under the cap; if it is empty, all rules are, caps before this one in
    the plan included. The company's own lines are never cut. The entry's base is the agent's sum
    before the cut.

    Source of the formula: published payout caps, pro rata over the bonuses under the cap.
    """

    kind = 'cap'
    label = _('Cap')
    help = _('Cuts commissions that together exceed a limit.')
    stage = 9
    params = (
        Param('of', 'choice', _('Limit'), default='volume', choices=(
            ('volume', _('A rate of the volume, for all together')),
            ('person', _('An amount for each agent')))),
        Param('rate', 'percent', _('Rate of the volume'), default='0', max='1000'),
        Param('limits', 'table', _('Limits by rank'), _('Only for a limit for each agent.'),
              default=[], ascending='rank', columns=(
                  Param('rank', 'integer', _('From rank'), _('-1: also without a rank.'), min=-1,
                        max=32767),
                  Param('amount', 'amount', _('At most'), _('0 for no limit.')))),
        Param('reads', 'rules', _('Rules under the cap'), _('Empty: all rules.'), default=[]),
    )

    def check(self, problem):
        if (self.values['of'] == 'person') != bool(self.values['limits']):
            problem('params.limits', _('Limits by rank are needed exactly for a limit for each '
                                       'agent.'), {})
        if self.values['of'] == 'volume' and not self.values['rate']:
            problem('params.rate', _('A cap of nothing would take all commissions away.'), {})

    def caps_volume(self):
        return (self.values['of'] == 'volume' and self.values['rate'] <= PPM
                and not self.values['reads'])

    def refers_to(self, rules):
        names = super().refers_to(rules)
        return names or tuple(rule.name for rule in rules
                              if rule.kind != self.kind or rule.ordinal < self.ordinal)

    @classmethod
    def say(cls, values, digits):
        if values['of'] == 'volume':
            return [(_('All commissions together are at most %(rate)s %% of the volume.'),
                     {'rate': percent(values['rate'])})]
        return [(_('Each agent gets at most the amount of the rank.'), {})]

    def open(self, state, carried):
        return {'volume': 0, 'earned': np.zeros(len(state.network), np.int64)}

    def collect(self, state, book, sales):
        book['volume'] += sum(self.worth(sales).tolist())

    def read(self, state, book, entries):
        book['earned'] += earned_by(state.network, entries)

    def settle(self, state, book, note=None):
        earned = book['earned']
        allowed = (self._by_volume if self.values['of'] == 'volume' else self._by_person)(
            state, book, earned)
        who = np.flatnonzero(allowed != earned)
        return self.rows(state.network, 0, who, 0, earned[who], (allowed - earned)[who], Reason.CUT,
                         note)

    def _by_volume(self, run, book, earned):
        volume = np.array([book['volume']])
        limit = max(int(self.settings.rounding.share(volume, self.values['rate'])[0]), 0)
        if sum(earned.tolist()) <= limit:
            return earned
        who = np.flatnonzero(earned > 0)
        left = limit - sum(earned[earned < 0].tolist())
        allowed = earned.copy()
        allowed[who] = largest_remainder(left, earned[who].tolist(), self.settings.rounding.unit)
        return allowed

    def _by_person(self, run, book, earned):
        ranks = np.array([row['rank'] for row in self.values['limits']])
        amounts = np.array([0, *(row['amount'] for row in self.values['limits'])], dtype=np.int64)
        limit = amounts[np.searchsorted(ranks, run.terms.ranks, side='right')]
        return np.where((limit > 0) & (earned > limit), limit, earned)
