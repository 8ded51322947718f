# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Matching bonus: a share of what the agents below earned."""

import numpy as np

from ..i18n import _
from ..model import Sales
from ..money import PPM
from ..params import Param
from ..period import PeriodRule, add_up, earned_by
from ..reasons import Reason
from ..rule import Rows, percent, register
from ..upline import COMPRESSION, MIN_POINTS, MIN_RANK, Climb, Upline, UplineRule


@register
class Matching(PeriodRule, UplineRule):
    """Pay ``sum over g of m(g) x what the agents in generation g below earned``.

    Matched is what the rules named in ``reads`` paid in this period, so a match of a match happens
    only where it is asked for. A generation is a level along the sponsors, even where placement
    differs; the compression decides who is counted. There is one entry for each agent and
    generation; its base is what the generation earned.

    Source of the formula: matching (leadership check match) bonuses in common use; calculated after
    the matched bonuses and before any cap.
    """

    kind = 'matching'
    label = _('Matching bonus')
    help = _('A share of what the agents below earned under other rules.')
    bases = ('net',)
    stage = 2
    params = (
        Param('reads', 'rules', _('Matched rules'),
              _('Names of the rules whose payments are matched.')),
        Param('rates', 'table', _('Rates by generation'), min=1, max=100, columns=(
            Param('rate', 'percent', _('Rate')), MIN_RANK, MIN_POINTS)),
        COMPRESSION,
    )

    @classmethod
    def say(cls, values, digits):
        rates = ' / '.join(percent(row['rate']) for row in values['rates'])
        return [(_('The generations above earn %(rates)s %% of what an agent earned under: '
                   '%(rules)s.'), {'rates': rates, 'rules': ', '.join(values['reads'])}),
                *cls.say_compression(values)]

    def ceiling_after(self, rules):
        read = [rule for rule in rules if rule.name in self.values['reads']]
        if not read or any(rule.ceiling() is None for rule in read) or len(
                {rule.base for rule in read}) > 1:
            return None
        rate = sum(row['rate'] for row in self.values['rates'])
        return read[0].base, sum(rule.ceiling() for rule in read) * rate // PPM

    def check(self, problem):
        if not self.values['reads']:
            problem('params.reads', _('Name at least one rule to match.'), {})

    def prepare(self, run):
        return Upline(self, run)

    def open(self, state, carried):
        return {'earned': np.zeros(len(state.run.network), np.int64)}

    def read(self, state, book, entries):
        book['earned'] += earned_by(state.run.network, entries)

    def settle(self, state, book, note=None):
        network = state.run.network
        source = np.flatnonzero(book['earned']).astype(np.int32)
        earned = book['earned'][source]
        rows = Rows(self, network, Sales(np.arange(1, len(source) + 1), source, earned))
        Climb(state, rows, None, None).pay(np.arange(len(source)), source, earned)
        if not rows.parts:
            return self.rows(network, 0, [], 0, 0, [], Reason.MATCHING)
        _place, level, who, rate, base, _amount, _reason = (
            np.concatenate(column) for column in zip(*rows.parts))
        keys, first, place = np.unique(who.astype(np.int64) * 2**16 + level, return_index=True,
                                       return_inverse=True)
        total = add_up(base, place, len(keys))
        return self.rows(network, level[first], who[first], rate[first], total,
                         self.settings.rounding.share(total, rate[first]), Reason.MATCHING, note)
