# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Defects, on purpose: each takes out one thing that keeps money from being paid twice or lost.

A harness that does not report them proves nothing.
"""
from odoo.tools import SQL


def no_lock(registry):
    """Nobody writes the period's row: its state is kept by a transaction of its own, after the work."""
    periods = registry['mlm.period']
    write = periods.write

    def later(self, vals):
        @self.env.cr.postcommit.add
        def keep():
            with registry.cursor() as cr:
                cr.execute(SQL('UPDATE mlm_period SET state = %s WHERE id = %s', vals['state'], self.id))
        return True

    periods._take = lambda self, states: self._check_state(states)
    periods.write = lambda self, vals: later(self, vals) if 'state' in vals else write(self, vals)


def no_marker(registry):
    """What is settled is forgotten again."""
    runs = registry['mlm.run']
    calculate = runs._calculate

    def forgetful(self, pace):
        calculate(self, pace)
        self.env.cr.execute(SQL('DELETE FROM mlm_claim WHERE run_id = %s', self.id))

    runs._calculate = forgetful


def by_date(registry):
    """Sales are chosen by the period's days instead of by what is not claimed."""
    runs = registry['mlm.run']
    claimable = runs._claimable
    runs._claimable = lambda self: [
        SQL('%s AND v.date >= %s', condition, self.period_id.date_from) for condition in claimable(self)]
