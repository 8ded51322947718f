# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Unilevel: a rate for each level above the seller."""

import numpy as np

from ..i18n import _
from ..money import PPM
from ..params import Param
from ..reasons import Reason
from ..rule import Rows, Rule, by_column, percent, register, sentinel
from ..tree import nearest


@register
class Level(Rule):
    """Pay the agent on level k above the seller ``base x rate[k]``, k = 1 ... K.

    Levels are counted along the sponsors; compression decides who is counted:

    - none: everyone. What falls on an agent who cannot be paid is lost to the company.
    - standard: only who is active and has an agreement for the sale. An agent without the rank that
      a level needs uses the level up.
    - dynamic: as standard, and whoever lacks the rank for a level is passed over for that level;
      the next level is counted from the one who got it.

    The entry's level is the paid level, 0 for the seller's own rate. Above the last level, and
    where the upline ends, the company keeps the rest.

    Source of the formula: the unilevel plan in common use; compression as in the published plans
    that take inactive people out of the count but never out of the tree.
    """

    kind = 'level'
    label = _('Levels')
    help = _('A rate for each level above the seller.')
    params = (
        Param('own_rate', 'percent', _('Own rate'), _('What the seller earns on own sales.'),
              default='0'),
        Param('rates', 'table', _('Rates by level'),
              _('The first row is the sponsor of the seller, the second the sponsor above, and so '
                'on.'), min=1, max=1000, columns=(
                    Param('rate', 'percent', _('Rate')),
                    Param('min_rank', 'integer', _('Lowest rank'),
                          _('Number of the rank that opens the level; -1: no rank is needed.'),
                          default=-1, min=-1, max=32767))),
        Param('compression', 'choice', _('Compression'), default='none', choices=(
            ('none', _('None: every agent takes a level')),
            ('standard', _('Standard: inactive agents are passed over')),
            ('dynamic', _('Dynamic: agents without the rank for a level are passed over too')))),
        Param('split', 'choice', _('Rounding of the parts'), default='each', choices=(
            ('each', _('Each part by itself')),
            ('whole', _('Parts add up to the rounded whole')))),
    )

    def ceiling(self):
        return self.values['own_rate'] + sum(row['rate'] for row in self.values['rates'])

    def check(self, problem):
        if self.ceiling() > PPM:
            problem('params.rates', _('The rates add up to %(rate)s %%, more than the base.'),
                    {'rate': percent(self.ceiling())})

    @classmethod
    def say(cls, values, digits):
        lines = []
        if values['own_rate']:
            lines.append((_('The seller earns %(rate)s %%.'),
                          {'rate': percent(values['own_rate'])}))
        rates = ' / '.join(percent(row['rate']) for row in values['rates'])
        lines.append((_('The %(count)s levels above earn %(rates)s %%.'),
                      {'count': len(values['rates']), 'rates': rates}))
        lines.append(({
            'none': _('Every agent takes a level; what falls on an agent who cannot be paid stays '
                      'with the company.'),
            'standard': _('Agents who are not active or have no agreement are passed over.'),
            'dynamic': _('Agents who are not active, have no agreement or lack the rank for a '
                         'level are passed over.'),
        }[values['compression']], {}))
        return lines

    def prepare(self, run):
        return _State(self, run)

    def pay(self, state, sales, note=None):
        rows = Rows(self, state.run.network, sales, note)
        base = self.worth(sales)
        for column, position in by_column(sales):
            walk = _Walk(self, state, rows, column, note)
            walk.own(position, sales.seller[position], base[position])
            walk.up(position, sales.seller[position], base[position])
        return rows.entries()


class _State:
    """Who may be paid and who comes next, by column and lowest rank."""

    def __init__(self, rule, run):
        self.rule, self.run, self._earns, self._above = rule, run, {}, {}

    def earns(self, column, rank=-1):
        """Return a bool array (n): active, with an agreement, and of the rank."""
        key = column, rank
        if key not in self._earns:
            terms = self.run.terms
            self._earns[key] = (self.run.network.active & (terms.rates[column] >= 0)
                                & (terms.ranks >= rank))
        return self._earns[key]

    def above(self, column, rank):
        """Return an int32 array (n + 1): who is next to be counted, -1 at the end."""
        compression = self.rule.values['compression']
        key = {'none': None, 'standard': (column, -1), 'dynamic': (column, rank)}[compression]
        if key not in self._above:
            sponsor = self.run.network.sponsor
            self._above[key] = sentinel(nearest(sponsor, self.earns(*key)) if key else sponsor)
        return self._above[key]

    def why_not(self, column, who, rank, passed):
        """Return the reason why one agent is not paid."""
        if self.run.terms.rates[column][who] < 0:
            return Reason.NO_AGREEMENT_PASSED if passed else Reason.NO_AGREEMENT
        if not self.run.network.active[who]:
            return Reason.INACTIVE_PASSED if passed else Reason.INACTIVE_LOST
        return Reason.RANK_PASSED if passed else Reason.RANK_LOST


class _Walk:
    """Pays the sales of one column, level by level."""

    def __init__(self, rule, state, rows, column, note):
        self.rule, self.state, self.rows, self.column, self.note = rule, state, rows, column, note
        self.rounding = rule.settings.rounding
        self.reached = None

    def own(self, position, seller, base):
        """Pay level 0."""
        rate = self.rule.values['own_rate']
        self.reached = np.zeros(len(position), dtype=np.int64)
        if rate:
            self._pay(position, 0, seller, rate, base, -1, Reason.OWN)
        elif self.note:
            self.note.add(seller[0], 0, Reason.SELLER_IGNORED)

    def up(self, position, who, base):
        """Pay the levels above."""
        rates = self.rule.values['rates']
        for level, row in enumerate(rates, 1):
            following = self.state.above(self.column, row['min_rank'])[who]
            if self.note:
                for passed in self.note.walk(who[0], following[0]):
                    self.note.add(passed, level, self.state.why_not(
                        self.column, passed, row['min_rank'], True), rank=row['min_rank'])
            keep = following >= 0
            position, who, base = position[keep], following[keep], base[keep]
            self.reached = self.reached[keep]
            if not len(position):
                return
            self._pay(position, level, who, row['rate'], base, row['min_rank'], Reason.LEVEL)
        if self.note:
            for left in self.note.walk(who[0], -1):
                self.note.add(left, len(rates), Reason.LEVELS_USED, levels=len(rates))

    def _pay(self, position, level, who, rate, base, rank, reason):
        paid = self.state.earns(self.column, rank)[who]
        if self.note and not paid[0]:
            self.note.add(who[0], level, self.state.why_not(self.column, who[0], rank, False),
                          rank=rank)
        base = base[paid]
        if self.rule.values['split'] == 'whole':
            before = self.reached[paid]
            amount = (self.rounding.share(base, before + rate)
                      - self.rounding.share(base, before))
            self.reached[paid] += rate
        else:
            amount = self.rounding.share(base, rate)
        self.rows.add(position[paid], level, who[paid], rate, base, amount, reason)
