# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Generation bonus: levels counted from leader to leader."""

import numpy as np

from ..i18n import _
from ..params import Param
from ..reasons import Reason
from ..rule import percent, register
from ..upline import COMPRESSION, MIN_POINTS, UplineRule


@register
class Generation(UplineRule):
    """Pay each leader above the seller ``base x rate[g]``, g the generation the seller is in.

    A leader is an agent whose rank is at least the opening rank. Going up from the seller, each
    leader met opens one more generation for the leaders further up. Settings:

    - boundary: a leader's own purchases belong to the generation the leader opens (before: the
      generation above ends before the leader), or to the generation above (including).
    - first: generation 1 is the own group down to the next leaders (own_group), or begins with the
      first leaders below (first_leader), so that the own group is not paid by this rule.
    - title: the rank paid as, or the highest rank ever, makes a leader; rates may ask for a rank
      paid as.

    With compression an agent who cannot be paid opens no generation. The entry's level is the
    generation.

    Source of the formula: published generation plans; both boundary rules are in use.
    """

    kind = 'generation'
    label = _('Generations')
    help = _('A rate for each generation, counted from leader to leader.')
    params = (
        Param('opening_rank', 'integer', _('Rank of a leader'),
              _('Number of the rank from which an agent is a leader.'), min=0, max=32767),
        Param('title', 'choice', _('Which rank makes a leader'), default='paid', choices=(
            ('paid', _('The rank paid as')), ('highest', _('The highest rank ever')))),
        Param('boundary', 'choice', _('Purchases of a leader'), default='before', choices=(
            ('before', _('Belong to the generation the leader opens')),
            ('including', _('Belong to the generation above')))),
        Param('first', 'choice', _('First generation'), default='own_group', choices=(
            ('own_group', _('The own group')),
            ('first_leader', _('From the first leaders below')))),
        Param('rates', 'table', _('Rates by generation'), min=1, max=1000, columns=(
            Param('rate', 'percent', _('Rate')),
            Param('min_rank', 'integer', _('Lowest rank'),
                  _('Number of the rank paid as that this generation needs; -1: none.'),
                  default=-1, min=-1, max=32767), MIN_POINTS)),
        COMPRESSION,
    )
    sentences = {
        Reason.LEVEL: _('For agent %(agent)s the seller is in generation %(level)s: '
                        '%(rate)s %% of %(base)s is %(amount)s.'),
        Reason.NOT_COUNTED: _('Agent %(agent)s is not a leader and opens no generation.'),
        Reason.NO_LEVEL: _('The seller is in the own group of agent %(agent)s, which this rule '
                           'does not pay.'),
        Reason.LEVELS_USED: _('Agent %(agent)s stands above the last of %(levels)s generations.'),
    }

    def ceiling(self):
        return sum(row['rate'] for row in self.values['rates'])

    @classmethod
    def say(cls, values, digits):
        rates = ' / '.join(percent(row['rate']) for row in values['rates'])
        return [(_('Leaders are agents of rank %(rank)s or higher.'),
                 {'rank': values['opening_rank']}),
                (_('They earn %(rates)s %% of the generations below them.'), {'rates': rates}),
                *cls.say_compression(values)]

    def counted(self, run):
        title = run.terms.ranks if self.values['title'] == 'paid' else run.terms.highest
        return title >= self.values['opening_rank']

    def shift(self, state, column, seller):
        opens = state.counted[seller]
        if self.values['compression'] != 'none':
            opens = opens & state.earns(column)[seller]
        if self.values['boundary'] == 'including':
            opens = np.zeros_like(opens)
        return opens.astype(np.int32) - (self.values['first'] == 'first_leader')
