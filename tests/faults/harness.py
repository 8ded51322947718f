# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Starts workers, kills what can be killed, asks afterwards whether everything still adds up."""
import contextlib
import itertools
import json
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time

from .cluster import DATABASE

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = 300
SEED = int(os.environ.get('MLM_SEED', 1))


class Task:
    """A child of the zygote: what it said last, and whether it is gone."""

    def __init__(self, number):
        self.number, self.pid, self.backend = number, None, None
        self.outcome = None  # 'result', 'refused' or 'error' with what was said; None if it was killed
        self.started, self.said = threading.Event(), queue.Queue()

    @property
    def alive(self):
        if self.outcome or not self.pid:
            return self.outcome is None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            time.sleep(.05)  # what it said last may still be in the pipe
            return False
        return True

    def wait(self):
        """Wait until it ends.

        :return: ('result' | 'refused' | 'error', what was said), or ('killed', None)
        """
        assert self.started.wait(PATIENCE), 'a worker did not start'
        until = time.monotonic() + PATIENCE
        while self.alive:
            assert time.monotonic() < until, f'a worker neither ended nor died within {PATIENCE} s'
            time.sleep(.01)
        return self.outcome or ('killed', None)


class Harness:
    """A cluster with a database under fire.

    :param cluster: :class:`cluster.Cluster`
    :param str database: made already
    :param int seed: the same seed kills at the same moments, as far as processes let it
    """

    def __init__(self, cluster, database=DATABASE, seed=0, environment=None):
        self.cluster, self.database, self.chance, self.killed = cluster, database, random.Random(seed), 0
        self.numbers, self.tasks, self.ready = itertools.count(1), {}, threading.Event()
        self.zygote = subprocess.Popen(
            [sys.executable, '-m', 'tests.faults.worker', database], cwd=ROOT, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**(environment or os.environ), **{k: v for k, v in cluster.environment().items() if k.startswith('PG')}})
        threading.Thread(target=self._listen, daemon=True).start()
        assert self.ready.wait(PATIENCE), 'Odoo did not load; the reason is above'

    def _listen(self):
        for line in self.zygote.stdout:
            if not line.startswith('{'):
                continue
            said = json.loads(line)
            if said.pop('ready', False):
                self.ready.set()
                continue
            task = self.tasks[said.pop('task')]
            for key, value in said.items():
                if key in ('pid', 'backend'):
                    setattr(task, key, value)
                    task.started.set()
                else:
                    task.outcome = (key, value)
                    task.started.set()

    def start(self, do, **values):
        task = self.tasks[number] = Task(number := next(self.numbers))
        self.zygote.stdin.write(json.dumps({'task': number, 'do': do, **values}) + '\n')
        self.zygote.stdin.flush()
        assert task.started.wait(PATIENCE), 'a worker did not start'
        return task

    def do(self, do, **values):
        """Do a task that must succeed and return its result; a server that is coming back is waited for."""
        for _attempt in range(30):
            outcome, said = self.start(do, **values).wait()
            if outcome != 'error' or not said.startswith(('OperationalError', 'InterfaceError', 'AdminShutdown')):
                break
            time.sleep(.3)
        assert outcome == 'result', f'{do}: {outcome} {said}'
        return said

    def close(self):
        self.zygote.stdin.close()
        self.zygote.wait(PATIENCE)

    @contextlib.contextmanager
    def trading(self, period, traders=1):
        """Invoices are posted, credited, and agents moved all the while."""
        tasks = [self.start('trade', month=period['month'], seed=self.chance.random()) for _trader in range(traders)]
        try:
            yield
        finally:
            for task in tasks:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(task.pid, signal.SIGKILL)
            while any(task.alive for task in tasks):
                time.sleep(.01)

    def trade(self, period, sales=10):
        """Trade until so many facts more are in the ledger, however slow the machine is."""
        with self.trading(period):
            wanted = self._facts() + sales
            until = time.monotonic() + PATIENCE
            while self._facts() < wanted:
                assert time.monotonic() < until, 'nothing is sold'
                time.sleep(.02)
        return period

    def _facts(self):
        with self.cluster.cursor(self.database) as cr:
            cr.execute('SELECT count(*) FROM mlm_volume')
            return cr.fetchone()[0]

    # === FAULTS === #

    def kill(self, task):
        """Kill the worker, or its backend, or the whole server: as chance will have it."""
        who = self.chance.choices(['process', 'backend', 'terminate', 'server'], [4, 3, 3, 1])[0]
        with contextlib.suppress(ProcessLookupError):
            if who == 'server':
                self.cluster.kill()
            elif who == 'process' or not task.backend:
                os.kill(task.pid, signal.SIGKILL)
            elif who == 'backend':
                os.kill(task.backend, signal.SIGKILL)
            else:
                with self.cluster.cursor(self.database) as cr:
                    cr.execute('SELECT pg_terminate_backend(%s)', [task.backend])
        self.killed += 1

    # === PERIODS === #

    def state(self, period):
        with self.cluster.cursor(self.database) as cr:
            cr.execute('SELECT state FROM mlm_period WHERE id = %s', [period['period']])
            return cr.fetchone()[0]

    def settle(self, period):
        """Calculate and close, nobody disturbing."""
        for _attempt in range(20):
            if self.state(period) == 'closed':
                return
            self.do('calculate', period=period['period'])
            self.start('close', period=period['period']).wait()
        raise AssertionError('a period could not be closed in peace')

    def check(self, final=False):
        found = self.do('check', final=final)
        assert not found, '; '.join(found)

    def violations(self, final=False):
        return self.do('check', final=final)


def company(cluster, database, seed=SEED):
    """A fresh company under the name of a database."""
    with cluster.cursor('postgres') as cr:
        cr.execute(f'DROP DATABASE IF EXISTS {database} WITH (FORCE)')
        cr.execute(f'CREATE DATABASE {database} TEMPLATE template_faults')
        # The copy of a sequence remembers how far it had been logged in the template. Without this PostgreSQL believes that
        # of the copy, and gives the same numbers out again after a crash.
        cr.execute('CHECKPOINT')
    return Harness(cluster, database, seed, cluster.odoo)
