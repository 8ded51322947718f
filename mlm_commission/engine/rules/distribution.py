# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Distribution key: fixed shares first, and an explicit remainder at the end."""

import numpy as np

from ..entries import Entries
from ..i18n import _
from ..money import PPM
from ..params import Param
from ..period import add_up
from ..reasons import Reason
from ..rule import Rule, percent, register


@register
class Distribution(Rule):
    """Split every sale completely: fixed shares, what other rules paid, and the rest.

    The shares are ``base x rate`` for fixed accounts (ids of agents, or 0 for the company). From
    what is left the payments of the rules named in ``reads`` are taken, and the remainder is booked
    to an account of its own, so that all lines of a sale add up to its base exactly. If the others
    paid more than there was, the remainder is negative and shows it. The entry's level is the
    number of the row; the remainder comes last.

    Source of the formula: back-office programs that distribute a premium by a key.
    """

    kind = 'distribution'
    label = _('Distribution key')
    help = _('Fixed shares for accounts, and an account for what is left of each sale.')
    reads_sales = True
    params = (
        Param('shares', 'table', _('Fixed shares'), default=[], max=100, columns=(
            Param('account', 'integer', _('Account'), _('Id of an agent, or 0 for the company.'),
                  min=0), Param('rate', 'percent', _('Rate')))),
        Param('reads', 'rules', _('Rules paid in between'),
              _('Names of the rules whose payments come off before the remainder.'), default=[]),
        Param('remainder', 'integer', _('Account of the remainder'),
              _('Id of an agent, or 0 for the company.'), default=0, min=0),
    )

    def check(self, problem):
        total = sum(row['rate'] for row in self.values['shares'])
        if total > PPM:
            problem('params.shares', _('The rates add up to %(rate)s %%, more than the base.'),
                    {'rate': percent(total)})

    @classmethod
    def say(cls, values, digits):
        lines = [(_('Account %(account)s gets a fixed share of %(rate)s %%.'),
                  {'account': row['account'], 'rate': percent(row['rate'])})
                 for row in values['shares']]
        return [*lines, (_('What is left after all others goes to account %(account)s.'),
                         {'account': values['remainder']})]

    def prepare(self, run):
        accounts = {row['account'] for row in self.values['shares']} | {self.values['remainder']}
        run.network.index(sorted(accounts - {0}), 'account')
        return run

    def pay_after(self, state, sales, paid, note=None):
        base = self.worth(sales)
        place = np.searchsorted(sales.ids, paid.sale)
        left = base - add_up(paid.amount, place, len(sales))
        parts = []
        for number, row in enumerate(self.values['shares']):
            amount = self.settings.rounding.share(base, row['rate'])
            left = left - amount
            parts.append(self._rows(sales, number, row['account'], row['rate'], base, amount,
                                    Reason.SHARE, note))
        parts.append(self._rows(sales, len(parts), self.values['remainder'], 0, base, left,
                                Reason.REMAINDER, note))
        return Entries.concat(parts)

    def _rows(self, sales, level, account, rate, base, amount, reason, note):
        if note:
            note.account(account, level, reason, rate, base[0], amount[0])
        keep = np.flatnonzero(amount)
        size = len(keep)
        return Entries(sales.ids[keep], np.full(size, self.ordinal), np.full(size, level),
                       np.full(size, account), np.full(size, rate), base[keep], amount[keep],
                       np.full(size, reason))
