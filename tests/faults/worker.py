# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The processes that are killed. One loads Odoo, then forks a child for every task, which is cheap.

Reads tasks as JSON, a line each, from standard input; writes what becomes of them the same way.
"""
import json
import os
import random
import signal
import sys
import time
from functools import partial

import psycopg2

import odoo
from odoo import SUPERUSER_ID, api, sql_db
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying

from . import checks, defects

DATABASE = sys.argv[1]


def main():
    odoo.tools.config.parse_config([
        '-c', os.environ['ODOO_RC'], '-d', DATABASE, '--no-http', '--log-handler', 'odoo.sql_db:CRITICAL'])
    registry = Registry(DATABASE)
    with registry.cursor() as cr:
        api.Environment(cr, SUPERUSER_ID, {})['mlm.period'].search([])
    sql_db.close_all()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for children; the pipe tells when they end
    say(ready=True)
    for line in sys.stdin:
        task = json.loads(line)
        if not os.fork():
            try:
                say(task=task['task'], result=Child(registry, task).run())
            except UserError as error:
                # What the database refused says more than what people are told of it.
                say(task=task['task'], refused=f'{error} {error.__cause__ or error.__context__ or ""}')
            except Exception as error:
                say(task=task['task'], error=f'{type(error).__name__}: {error}'[:500])
            finally:
                os._exit(0)


def say(**values):
    os.write(1, (json.dumps(values) + '\n').encode())


class Child:
    """One task: what to do, and where to be killed.

    :param task: {'task': number, 'do': name of a method, 'kill': {'at': step, 'nth', 'who': 'process' or 'backend'},
        'fail': step at which a write fails, 'defect', 'slow': seconds at each step, ...}
    """

    def __init__(self, registry, task):
        self.registry, self.task, self.backend, self.seen = registry, task, None, {}

    def run(self):
        from odoo.addons.mlm_commission import progress
        say(task=self.task['task'], pid=os.getpid())
        if self.task.get('defect'):
            getattr(defects, self.task['defect'])(self.registry)
        with progress.listen(self._reach):
            return getattr(self, 'do_' + self.task['do'])()

    def _reach(self, step, _done, _total):
        time.sleep(self.task.get('slow', 0))
        if self.task.get('fail') == step:
            raise OSError(28, 'No space left on device')
        kill = self.task.get('kill')
        self.seen[step] = self.seen.get(step, 0) + 1
        if kill and kill['at'] == step and self.seen[step] == kill.get('nth', 1):
            os.kill(os.getpid() if kill['who'] == 'process' else self.backend, signal.SIGKILL)
            time.sleep(.1)

    def _environment(self, cr):
        self.backend = cr._cnx.info.backend_pid
        say(task=self.task['task'], backend=self.backend)
        return api.Environment(cr, SUPERUSER_ID, {})

    def _on_period(self, method):
        with self.registry.cursor() as cr:
            env = self._environment(cr)

            def act():
                getattr(env['mlm.period'].browse(self.task['period']), method)()
                env.flush_all()
                self._reach('before commit', 0, 0)

            retrying(act, env)  # commits
            self._reach('after commit', 0, 0)
        return 'done'

    def do_calculate(self):
        return self._on_period('_calculate')

    def do_close(self):
        return self._on_period('_close')

    def do_job(self):
        """The scheduled job, as a cron worker runs it."""
        with self.registry.cursor() as cr:
            job = self._environment(cr).ref('mlm_commission.ir_cron_jobs')
            run = type(job)._run_job

            def noted(values):
                # The work is done by a cursor that Odoo opens for it.
                def callback(cron, *args):
                    self.backend = cron.env.cr._cnx.info.backend_pid
                    say(task=self.task['task'], backend=self.backend)
                    return original(cron, *args)
                original, type(job)._callback = type(job)._callback, callback
                return run(values)
            type(job)._run_job = noted
            job.method_direct_trigger()
            cr.commit()
        return 'done'

    def do_enqueue(self):
        with self.registry.cursor() as cr:
            env = self._environment(cr)
            env['mlm.job']._enqueue(env['mlm.period'].browse(self.task['period']), self.task['action'])
            cr.commit()
        return 'done'

    def do_trade(self):
        """Post invoices, credit some, move agents, until killed."""
        chance = random.Random(self.task['seed'])
        while True:
            try:
                with self.registry.cursor() as cr:
                    env = self._environment(cr)
                    while True:
                        retrying(partial(checks.trade, env, self.task['month'], chance), env)
                        cr.commit()
            except (psycopg2.Error, UserError):
                time.sleep(.05)

    def do_check(self):
        with self.registry.cursor() as cr:
            return checks.violations(self._environment(cr), final=self.task.get('final'))

    def do_build(self):
        with self.registry.cursor() as cr:
            result = checks.build(self._environment(cr))
            cr.commit()
        return result

    def do_period(self):
        with self.registry.cursor() as cr:
            period = checks.next_period(self._environment(cr))
            cr.commit()
        return period


main()
