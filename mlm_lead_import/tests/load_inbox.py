# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Load the webhook while workers are being killed; by hand, since it takes minutes and leaves its leads behind.

    source setup/lib.sh; prepare
    "$VENV/bin/python" mlm_lead_import/tests/load_inbox.py --database DB --port 8192 --calls 10000

Starts Odoo with several workers, calls the generic webhook from several processes as a vendor would, who repeats what was
not answered with 200, and kills a worker (of HTTP or of the jobs) every second or two. Afterwards every accepted lead must
be exactly one event, and every event exactly one lead.
"""
import argparse
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
import requests

SECRET = 'a-long-secret-of-the-load-test'
ODOO = [sys.executable, '-c', 'from odoo.cli import main; main()']
MAKE = f'''
source = env['mlm.lead.source'].create({{'name': 'Load', 'kind': 'json', 'state': 'running', 'deadline_hours': 0}})
source.setting_ids.filtered(lambda s: s.name == 'secret').value = {SECRET!r}
env.cr.commit()
print('SOURCE', source.id, source.token)
'''


def shell(database, code):
    done = subprocess.run([*ODOO, 'shell', '-d', database, '--no-http'], input=code, capture_output=True, text=True, check=True)
    return done.stdout


def call(job):
    """Send one lead until it is accepted. :return: its number and how often it was sent"""
    url, number = job
    body = json.dumps({'external_id': f'load-{number}', 'contact': {
        'full_name': f'Load {number}', 'email': f'load-{number}@load.example.com'}}).encode()
    headers = {'X-Lead-Signature': 'sha256=' + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}
    for attempt in range(1, 100):
        try:
            if requests.post(url, data=body, headers=headers, timeout=30).status_code == 200:
                return number, attempt
        except requests.RequestException:
            pass  # the worker that had the call was killed
        time.sleep(random.random())
    return number, 0


def children(pid):
    """Processes that the server started: workers of HTTP and of the jobs."""
    listed = subprocess.run(['ps', '-o', 'pid=', '--ppid', str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--database', required=True)
    parser.add_argument('--port', type=int, default=8192)
    parser.add_argument('--calls', type=int, default=10000)
    parser.add_argument('--callers', type=int, default=4)
    args = parser.parse_args()
    _word, source_id, token = next(
        line for line in shell(args.database, MAKE).splitlines() if line.startswith('SOURCE')).split()
    server = subprocess.Popen([
        *ODOO, 'server', '-d', args.database, '--db-filter', f'^{args.database}$', '--workers', '3', '--max-cron-threads', '1',
        '--http-port', str(args.port), '--gevent-port', str(args.port + 1)], stderr=subprocess.DEVNULL)
    url = f'http://127.0.0.1:{args.port}/mlm/lead/{token}'
    numbers = list(range(args.calls))
    jobs = [(url, number) for number in numbers + random.sample(numbers, args.calls // 5)]
    random.shuffle(jobs)
    kills, started = 0, time.monotonic()
    connection = psycopg2.connect(dbname=args.database)
    connection.autocommit = True
    cursor = connection.cursor()

    def ask(query):
        cursor.execute(query, [int(source_id)])
        return cursor.fetchone()[0]

    def kill_one():
        workers = children(server.pid)
        with contextlib.suppress(IndexError, ProcessLookupError):  # dead already
            os.kill(random.choice(workers), signal.SIGKILL)
            return 1
        return 0

    try:
        time.sleep(8)
        with multiprocessing.Pool(args.callers) as pool:
            results = pool.map_async(call, jobs, chunksize=1)
            while not results.ready():
                time.sleep(1 + random.random())
                kills += kill_one()
            accepted = results.get()
        took = time.monotonic() - started - 8
        stored = ask('SELECT count(*) FROM mlm_lead_event WHERE source_id = %s')
        while ask("SELECT count(*) FROM mlm_lead_event WHERE source_id = %s AND state = 'pending'") and kills < 10000:
            shell(args.database, "env['mlm.lead.event']._wake_up()\nenv.cr.commit()")
            time.sleep(5)
            kills += kill_one()
            if time.monotonic() - started > 3600:
                break
    finally:
        server.terminate()
        server.wait()
    wanted = {
        'every call was accepted in the end': all(attempts for _number, attempts in accepted),
        'every accepted lead is one event': stored == args.calls,
        'every event is done': ask("SELECT count(*) FROM mlm_lead_event WHERE source_id = %s AND state = 'done'") == args.calls,
        'no event has two leads, and no lead two events': ask(
            "SELECT count(DISTINCT lead_id) FROM mlm_lead_event WHERE source_id = %s AND outcome = 'created'") == args.calls,
        'no lead without an event': ask('SELECT count(*) FROM crm_lead WHERE mlm_lead_source_id = %s') == args.calls,
    }
    repeats = sum(attempts - 1 for _number, attempts in accepted)
    print(f'{len(jobs)} calls in {took:.0f} s, {repeats} of them repeated, {kills} workers killed')
    for text, good in wanted.items():
        print('ok  ' if good else 'FAIL', text)
    return 0 if all(wanted.values()) else 1


if __name__ == '__main__':
    sys.exit(main())
