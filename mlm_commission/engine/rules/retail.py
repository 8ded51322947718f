# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Retail profit: what an agent earns when a customer buys."""

import numpy as np

from ..i18n import _
from ..params import Param
from ..reasons import Reason
from ..rule import Rows, Rule, by_column, percent, register, sentinel
from ..tree import nearest


@register
class Retail(Rule):
    """Pay ``base x rate`` to the agent who brought the customer.

    That is the seller of the sale if the seller can be paid (active, with an agreement), else the
    nearest agent above who can; or, with ``pass_up`` off, nobody. With the margin as base and 100 %
    the whole difference between retail and wholesale price is paid. The entry's level is the number
    of sponsors between.

    Source of the formula: the retail profit of direct-selling plans in common use.
    """

    kind = 'retail'
    label = _('Retail profit')
    help = _('The agent who brought the customer earns a rate of the sale.')
    bases = ('margin', 'net', 'points', 'total')
    params = (
        Param('rate', 'percent', _('Rate'), default='100'),
        Param('pass_up', 'boolean', _('Pass up'),
              _('If the seller cannot be paid, the nearest agent above who can is paid.'),
              default=True),
    )

    def ceiling(self):
        return self.values['rate']

    @classmethod
    def say(cls, values, digits):
        return [(_('The agent who brought the customer earns %(rate)s %%.'),
                 {'rate': percent(values['rate'])})]

    def prepare(self, run):
        return _State(run)

    def pay(self, state, sales, note=None):
        rows = Rows(self, state.run.network, sales, note)
        base, depth = self.worth(sales), state.run.network.depth
        for column, position in by_column(sales):
            seller = sales.seller[position]
            who = np.where(state.earns(column)[seller], seller, np.int32(-1))
            if self.values['pass_up']:
                who = np.where(who < 0, state.above(column)[seller], who)
            if note:
                self._tell(state, column, note, seller[0], who[0])
            found = who >= 0
            position, seller, who = position[found], seller[found], who[found]
            rows.add(position, depth[seller] - depth[who], who, self.values['rate'], base[position],
                     self.settings.rounding.share(base[position], self.values['rate']),
                     Reason.RETAIL)
        return rows.entries()

    @staticmethod
    def _tell(state, column, note, seller, paid):
        passed = [] if seller == paid else [seller, *(note.walk(seller, paid) if paid >= 0 else ())]
        for who in passed:
            lost = state.run.terms.rates[column][who] < 0
            note.add(who, note.distance(who),
                     Reason.NO_AGREEMENT_PASSED if lost else Reason.INACTIVE_PASSED)
        if paid < 0:
            note.account(0, 0, Reason.NOT_FOUND)


class _State:
    """Who can be paid, by column."""

    def __init__(self, run):
        self.run, self._above = run, {}

    def earns(self, column):
        return self.run.network.active & (self.run.terms.rates[column] >= 0)

    def above(self, column):
        column = self.run.alike(column, True)
        if column not in self._above:
            self._above[column] = sentinel(nearest(self.run.network.sponsor, self.earns(column)))
        return self._above[column]
