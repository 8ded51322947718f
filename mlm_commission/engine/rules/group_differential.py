# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Differential by group volume: the group's points pick the rate, its value is multiplied."""

import numpy as np

from ..i18n import _
from ..params import Param
from ..period import GroupRule, add_up, by_threshold
from ..reasons import Reason
from ..rule import percent, register

RATES = Param('rates', 'table', _('Rates by points'), min=1, max=100, ascending='points', columns=(
    Param('points', 'points', _('From points')), Param('rate', 'percent', _('Rate'))))
UNQUALIFIED = Param('unqualified', 'choice', _('Inactive agents'), default='pass_up', choices=(
    ('pass_up', _('Are left out; what they sold belongs to the next agent above')),
    ('company_keeps', _('Keep their place; what they would earn stays with the company'))))


@register
class GroupDifferential(GroupRule):
    """Pay ``rate(u) x value(u) - sum over legs of rate(l) x value(l)`` once for the period.

    value(u) is what the agent and everybody below sold, rate(u) the table's rate for the points of
    the same group. This equals the own value times the own rate plus, for each leg, the difference
    of the rates times the leg's value. A leg with a higher rate than its sponsor (possible only
    with returns) is left out on both sides. Both products are rounded, so the payments of a whole
    tree add up to the rounded product at its top.

    With ``volume`` personal only the agent's own sales count: a tier bonus on the whole volume.

    Source of the formula: performance bonus of the classic group plans.
    """

    kind = 'group_differential'
    label = _('Differential by group volume')
    help = _('The volume of the group sets the rate; the groups below are paid first.')
    params = (
        RATES,
        Param('volume', 'choice', _('Volume'), default='group', choices=(
            ('group', _('Own and of everybody below')), ('personal', _('Own only')))),
        UNQUALIFIED,
    )

    def ceiling(self):
        return max(row['rate'] for row in self.values['rates'])

    @classmethod
    def say(cls, values, digits):
        steps = ', '.join(f"{row['points'] / 100:g}: {percent(row['rate'])} %"
                          for row in values['rates'])
        what = (_('The points of the whole group set the rate: %(steps)s. Each agent earns the '
                  'difference to what the groups below earn.') if values['volume'] == 'group'
                else _('The own points set the rate of the own volume: %(steps)s.'))
        return [(what, {'steps': steps})]

    def settle(self, state, book, note=None):
        run, groups = state
        share = self.settings.rounding.share
        points, value = book['points'], book['value']
        if self.values['volume'] == 'personal':
            rate = by_threshold(self.values['rates'], 'points', 'rate', points)
            amount = share(value, rate)
        else:
            points = groups.totals(groups.owned(points))
            total = groups.totals(groups.owned(value))
            rate = by_threshold(self.values['rates'], 'points', 'rate', points)
            value, amount = differences(groups.parent, rate, total, share)
        who = np.flatnonzero(run.members & ((value != 0) | (amount != 0)))
        return self.rows(run.network, 0, who, rate[who], value[who], amount[who], Reason.GROUP,
                         note)


def differences(parent, rate, total, share):
    """Return what is left at each node after its legs took theirs.

    :param parent: int32 array (n)
    :param rate: int64 array (n), ppm
    :param total: int64 array (n), value of each node and everything below
    :param share: function (value, rate) -> rounded product
    :return: (value that is multiplied, amount), int64 arrays (n)
    """
    earned = share(total, rate)
    legs = np.flatnonzero(parent >= 0)
    above = parent[legs]
    higher = rate[legs] > rate[above]
    value = total - add_up(total[legs[higher]], above[higher], len(parent))
    taken = add_up(earned[legs[~higher]], above[~higher], len(parent))
    return value, share(value, rate) - taken
