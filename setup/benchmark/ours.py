# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Ours: the same month through the addon, from the button to the statements."""
from . import odoo
from .measure import Phases, peak, reset_peak

# Under which names the steps of a run are compared with the floor's.
PHASES = {
    'take': 'claim', 'discard': 'discard draft', 'claim': 'claim', 'load': 'load', 'freeze': 'load',
    'compute': 'compute, write', 'index': 'index', 'check': 'check', 'attach': 'attach', 'record': 'record',
    'late': 'statements', 'statements': 'statements',
}


def measure(database, ids):
    """Calculate, calculate again, close; each committed.

    :return: {'seconds', 'again': seconds of calculating again, 'rows', 'total' in minor units, 'statements': number of
        SQL statements, 'statements again', 'client': MB, 'backend': MB}
    """
    with odoo.environment(database) as env:
        from odoo.addons.mlm_commission import progress
        period = env['mlm.period'].browse(ids['period'])
        period.mapped('display_name')  # warm: the registry and the caches of a running server
        reset_peak()
        backend = env.cr._cnx.info.backend_pid
        first, counts = Phases(backend), []
        with progress.listen(lambda step, _done, _total: first.begin(PHASES.get(step, step))):
            counts.append(_counted(env, lambda: _act(env, first, period._calculate)))
            processor = first.processor()
            again = Phases(backend)
            with progress.listen(lambda step, _done, _total: (first.begin(None), again.begin(PHASES.get(step, step)))):
                counts.append(_counted(env, lambda: _act(env, again, period._calculate)))
            closing = Phases(backend)
            counts.append(_counted(env, lambda: _act(env, first, period._close)))
        run = period.run_ids
        return {
            'seconds': first.end(), 'again': again.end(),
            'processor': processor + closing.processor(),
            'rows': run.commission_count, 'total': round(run.total * 100),
            'queries': counts[0] + counts[2], 'queries again': counts[1],
            'agents stated': period.statement_count,
            'client': peak(), 'backend': peak(backend),
        }


def _act(env, phases, action):
    phases.begin('claim')
    action()
    env.flush_all()
    phases.begin('commit')
    env.cr.commit()
    phases.begin(None)


def _counted(env, act):
    before = env.cr.sql_log_count
    act()
    return env.cr.sql_log_count - before
