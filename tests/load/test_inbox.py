# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Calls of a vendor from several processes while workers are being killed: nothing is lost, nothing is doubled.

A server of several workers on a database of its own; ``setup/test load`` makes that and names it in MLM_LOAD_DB. A worker,
of HTTP or of the jobs, is killed every few seconds. Callers repeat what was not answered with 200, as vendors do, and send
a fifth of the leads twice anyway. MLM_LOAD_LEADS says how many leads; the default keeps the test to some two minutes.
"""
import contextlib
import hashlib
import hmac
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time

import psycopg2
import pytest
import requests

DATABASE = os.environ.get('MLM_LOAD_DB')
LEADS = int(os.environ.get('MLM_LOAD_LEADS') or 600)
PORT = int(os.environ.get('MLM_PORT') or 8069) + 120
CALLERS = 4
KILL_EVERY = 3  # seconds; a new worker needs about one to load
SECRET = 'a-long-secret-of-the-load-test'
ODOO = [sys.executable, '-c', 'from odoo.cli import main; main()']
MAKE = f'''
env['ir.cron'].search([('id', '!=', env.ref('mlm_lead_import.ir_cron_process').id)]).active = False
source = env['mlm.lead.source'].create({{'name': 'Load', 'kind': 'json', 'state': 'running', 'deadline_hours': 0}})
source.setting_ids.filtered(lambda s: s.name == 'secret').value = {SECRET!r}
env.cr.commit()
print('SOURCE', source.id, source.token)
'''


def call(job):
    """Send one lead until it is accepted.

    :return: its number, and how often it was sent (0: never accepted)
    """
    url, number = job
    body = json.dumps({'external_id': f'load-{number}', 'contact': {
        'full_name': f'Load {number}', 'email': f'load-{number}@load.example.com'}}).encode()
    headers = {'X-Lead-Signature': 'sha256=' + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}
    for attempt in range(1, 200):
        try:
            if requests.post(url, data=body, headers=headers, timeout=30).status_code == 200:
                return number, attempt
        except requests.RequestException:
            pass  # the worker that had the call was killed
        time.sleep(random.random())
    return number, 0


class Server:
    """Odoo with workers, and what its database says about one source."""

    def __init__(self):
        made = subprocess.run(
            [*ODOO, 'shell', '-d', DATABASE, '--no-http'], input=MAKE, capture_output=True, text=True, check=True).stdout
        _word, self.source_id, token = next(line for line in made.splitlines() if line.startswith('SOURCE')).split()
        self.url, self.kills = f'http://127.0.0.1:{PORT}/mlm/lead/{token}', 0
        self.process = subprocess.Popen([
            *ODOO, 'server', '-d', DATABASE, '--db-filter', f'^{DATABASE}$', '--workers', '3', '--max-cron-threads', '1',
            '--http-port', str(PORT), '--gevent-port', str(PORT + 1)], stderr=subprocess.DEVNULL)
        self.cursor = self.connect(DATABASE)
        self.postgres = self.connect('postgres')

    def connect(self, database):
        connection = psycopg2.connect(dbname=database)
        connection.autocommit = True
        return connection.cursor()

    def ask(self, query):
        self.cursor.execute(query, [int(self.source_id)])
        return self.cursor.fetchone()[0]

    def wait(self):
        for _second in range(120):
            with contextlib.suppress(requests.RequestException):
                if requests.get(self.url, timeout=30).status_code == 405:
                    return
            time.sleep(1)
        raise AssertionError('Odoo did not start')

    def kill_one(self):
        """Kill a worker of HTTP or of the jobs."""
        listed = subprocess.run(
            ['ps', '-o', 'pid=', '--ppid', str(self.process.pid)], capture_output=True, text=True, check=False)
        with contextlib.suppress(IndexError, ProcessLookupError):  # dead already
            os.kill(random.choice([int(line) for line in listed.stdout.split()]), signal.SIGKILL)
            self.kills += 1

    def wake_up(self):
        """A killed job wakes up again after five minutes; the test does not wait for that."""
        self.cursor.execute('''
            INSERT INTO ir_cron_trigger (cron_id, call_at)
            SELECT res_id, now() AT TIME ZONE 'UTC' FROM ir_model_data
             WHERE module = 'mlm_lead_import' AND name = 'ir_cron_process' ''')
        self.postgres.execute('SELECT pg_notify(%s, %s)', ['cron_trigger', DATABASE])

    def stop(self):
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope='module')
def loaded():
    """:return: the server's counts after all calls and all jobs, as a dict"""
    if not DATABASE:
        pytest.skip('needs a database of its own: setup/test load')
    server = Server()
    try:
        server.wait()
        numbers = list(range(LEADS))
        jobs = [(server.url, number) for number in numbers + random.sample(numbers, LEADS // 5)]
        random.shuffle(jobs)
        started = time.monotonic()
        with multiprocessing.Pool(CALLERS) as pool:
            results = pool.map_async(call, jobs, chunksize=1)
            while not results.ready():
                results.wait(KILL_EVERY)
                server.kill_one()
            accepted = results.get()
        called = time.monotonic()
        waiting = "SELECT count(*) FROM mlm_lead_event WHERE source_id = %s AND state = 'pending'"
        while server.ask(waiting) and time.monotonic() < called + 60 + LEADS:
            server.wake_up()
            time.sleep(2 * KILL_EVERY)
            server.kill_one()
    finally:
        server.stop()
    print(f'{len(jobs)} calls in {called - started:.0f} s, {sum(tries - 1 for _n, tries in accepted)} of them repeated, '
          f'{LEADS} leads done {time.monotonic() - called:.0f} s later, {server.kills} workers killed')
    return {
        'never accepted': sum(not tries for _number, tries in accepted),
        'workers killed': server.kills,
        'events': server.ask('SELECT count(*) FROM mlm_lead_event WHERE source_id = %s'),
        'ids': server.ask('SELECT count(DISTINCT external_id) FROM mlm_lead_event WHERE source_id = %s'),
        'done': server.ask("SELECT count(*) FROM mlm_lead_event WHERE source_id = %s AND state = 'done'"),
        'leads of events': server.ask(
            "SELECT count(DISTINCT lead_id) FROM mlm_lead_event WHERE source_id = %s AND outcome = 'created'"),
        'leads': server.ask('SELECT count(*) FROM crm_lead WHERE mlm_lead_source_id = %s'),
    }


def test_workers_were_killed(loaded):
    assert loaded['workers killed'] >= 5


def test_every_call_was_accepted_in_the_end(loaded):
    assert loaded['never accepted'] == 0


def test_every_accepted_lead_is_one_event(loaded):
    assert (loaded['events'], loaded['ids']) == (LEADS, LEADS)


def test_every_event_has_one_outcome(loaded):
    assert loaded['done'] == LEADS


def test_every_event_is_one_lead(loaded):
    """No event has two leads, no lead has two events or none."""
    assert (loaded['leads of events'], loaded['leads']) == (LEADS, LEADS)
