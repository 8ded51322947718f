# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Breakaway: a leg at the top rate stands on its own; its sponsor gets a leadership bonus."""

import numpy as np

from ..i18n import _
from ..params import Param, decimal_text
from ..period import GroupRule, by_threshold
from ..reasons import Reason
from ..rule import percent, register
from ..tree import subtotals
from .group_differential import RATES, UNQUALIFIED, differences


@register
class Breakaway(GroupRule):
    """Pay a differential inside the personal groups, and leadership for groups that broke away.

    From the bottom up: the personal group of an agent is the agent and all legs that did not break
    away. An agent is a leader and breaks away when the points of the personal group reach the last
    row of the table, or when at least one leg broke away and the personal group has ``own_points``;
    leaders have the top rate. Inside personal groups the differential by group volume is paid
    (level 0 of the entries).

    A leader generates ``leadership rate x value of the personal group`` for the sponsor. The
    sponsor keeps it if the personal group has ``own_points``, else it passes up (or stays with the
    company). A sponsor who is a leader too owes the next one the greater of what the own group
    generates and the guarantee, ``leadership rate x guaranteed value``; what the own group lacks is
    taken from the leadership received from below, as far as that goes (level 1 of the entries).

    Source of the formula: stair-step breakaway with leadership bonus and minimum guarantee, bottom
    up.
    """

    kind = 'breakaway'
    label = _('Breakaway with leadership bonus')
    help = _('Legs at the top rate break away and their sponsors earn a leadership bonus.')
    params = (
        RATES,
        Param('leadership_rate', 'percent', _('Leadership rate')),
        Param('own_points', 'points', _('Own points'),
              _('Points of the personal group needed to keep a leadership bonus.'), default='0'),
        Param('guaranteed_value', 'amount', _('Guaranteed value'),
              _('A leader owes the sponsor at least the leadership rate of this value; 0: no '
                'guarantee.'), default='0'),
        UNQUALIFIED,
    )

    def ceiling(self):
        return max(row['rate'] for row in self.values['rates']) + self.values['leadership_rate']

    @classmethod
    def say(cls, values, digits):
        lines = [(_('A leg that reaches %(rate)s %% breaks away; its sponsor earns '
                    '%(leadership)s %% of the volume of its personal group.'),
                  {'rate': percent(values['rates'][-1]['rate']),
                   'leadership': percent(values['leadership_rate'])})]
        if values['guaranteed_value']:
            lines.append((_('A leader owes the sponsor the leadership bonus of at least '
                            '%(value)s.'),
                          {'value': decimal_text(values['guaranteed_value'], digits)}))
        return lines

    def settle(self, state, book, note=None):
        run, groups = state
        points, leader = self._groups(groups, groups.owned(book['points']).tolist())
        inside = np.where(leader, np.int32(-1), groups.parent)
        # Depths of the whole tree put the parts it was cut into in a valid order too.
        value = subtotals(inside, groups.depth, groups.owned(book['value']))
        rate = by_threshold(self.values['rates'], 'points', 'rate', np.array(points, np.int64))
        rate[leader] = self.values['rates'][-1]['rate']
        base, amount = differences(inside, rate, value, self.settings.rounding.share)
        members = run.members
        who = np.flatnonzero(members & ((base != 0) | (amount != 0)))
        parts = self.rows(run.network, 0, who, rate[who], base[who], amount[who], Reason.GROUP,
                          note)
        kept = self._leadership(groups, members, leader.tolist(), points, value)
        who = np.flatnonzero(kept)
        return parts.concat([parts, self.rows(
            run.network, 1, who, self.values['leadership_rate'], 0, kept[who], Reason.LEADERSHIP,
            note)])

    def _groups(self, groups, points):
        """Return the points of the personal groups, and who is a leader, from the bottom up."""
        top, own = self.values['rates'][-1]['points'], self.values['own_points']
        parent = groups.parent.tolist()
        leader = np.zeros(len(parent), dtype=bool)
        legs = [0] * len(parent)
        for node in np.argsort(-groups.depth, kind='stable').tolist():
            above = parent[node]
            if points[node] >= top or (legs[node] and points[node] >= own):
                leader[node] = True
                if above >= 0:
                    legs[above] += 1
            elif above >= 0:
                points[above] += points[node]
        return points, leader

    def _leadership(self, groups, members, leader, points, value):
        """Return what each agent keeps of the leadership bonus, int64 (n)."""
        share, rate = self.settings.rounding.share, self.values['leadership_rate']
        generated = share(value, rate).tolist()
        owed_least = int(share(np.array([self.values['guaranteed_value']]), rate)[0])
        parent, inflow = groups.parent.tolist(), [0] * len(points)
        kept = np.zeros(len(points), dtype=np.int64)
        keeps_all = self.values['unqualified'] == 'company_keeps'
        for node in np.argsort(-groups.depth, kind='stable').tolist():
            available, passed = inflow[node], 0
            if leader[node]:
                available += generated[node]
                # At the top there is no sponsor to whom a guarantee could be owed.
                guarantee = owed_least and parent[node] >= 0
                owed = max(generated[node], owed_least) if guarantee else generated[node]
                passed = min(owed, available)
            elif not members[node] or points[node] < self.values['own_points']:
                passed = 0 if keeps_all else available
                available = passed
            if members[node]:
                kept[node] = available - passed
            if parent[node] >= 0:
                inflow[parent[node]] += passed
        return kept
