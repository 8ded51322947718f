# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Two Odoo servers on one database, as behind a load balancer: people settle and post through both at once."""
import contextlib
import http.cookiejar
import itertools
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import pytest

from .harness import ROOT, company

DATABASE = 'mlm_faults_servers'


class Server:
    """An Odoo server process, and somebody who is logged in there."""

    def __init__(self, cluster):
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            self.port = free.getsockname()[1]
        self.log = open(os.path.join(cluster.folder, f'server-{self.port}.log'), 'w')
        self.process = subprocess.Popen(
            [sys.executable, '-c', 'from odoo.cli import main; main()', '-d', DATABASE, '--http-port', str(self.port),
             '--max-cron-threads', '1', '--no-database-list'],
            env=cluster.odoo, cwd=ROOT, stdout=self.log, stderr=self.log)
        self.open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())).open
        self.numbers = itertools.count(1)

    def wait(self):
        for _attempt in range(300):
            with contextlib.suppress(OSError):
                self.call('/web/session/authenticate', db=DATABASE, login='admin', password='admin')
                return self
            assert self.process.poll() is None, f'a server did not start; see {self.log.name}'
            time.sleep(.2)
        raise AssertionError('a server does not answer')

    def call(self, path, **params):
        request = urllib.request.Request(
            f'http://127.0.0.1:{self.port}{path}', json.dumps(
                {'jsonrpc': '2.0', 'id': next(self.numbers), 'params': params}).encode(),
            {'Content-Type': 'application/json'})
        with self.open(request, timeout=120) as answer:
            answer = json.load(answer)
        if 'error' in answer:
            raise RuntimeError(answer['error']['data']['message'])
        return answer['result']

    def method(self, model, name, *args, **kwargs):
        return self.call(f'/web/dataset/call_kw/{model}/{name}', model=model, method=name, args=args, kwargs=kwargs)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()


@pytest.fixture
def servers(cluster):
    harness = company(cluster, DATABASE)
    servers = [Server(cluster), Server(cluster)]
    try:
        yield [server.wait() for server in servers], harness
    finally:
        for server in servers:
            server.stop()
        harness.close()


def at_once(*actions):
    """Do things at the same time; return what each returned, or its error's text."""
    results = [None] * len(actions)

    def act(place):
        try:
            results[place] = actions[place]()
        except RuntimeError as error:
            results[place] = str(error)

    threads = [threading.Thread(target=act, args=(place,)) for place in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_servers(servers):
    """Both calculate the same period at once, while both post; then in the background, by whichever takes the job."""
    (first, second), harness = servers
    with harness.cluster.cursor(DATABASE) as cr:
        cr.execute("SELECT id FROM res_partner WHERE mlm_agent_state = 'active' ORDER BY id DESC LIMIT 1")
        [agent] = cr.fetchone()
    period = harness.do('period')

    def post(server):
        move = server.method('account.move', 'create', {
            'move_type': 'out_invoice', 'partner_id': agent, 'invoice_date': period['month'], 'mlm_agent_id': agent,
            'invoice_line_ids': [[0, 0, {'name': 'Goods', 'price_unit': 100, 'tax_ids': [[5, 0, 0]]}]]})
        server.method('account.move', 'action_post', [move])

    def settle(server):
        return server.method('mlm.period', 'action_calculate', [period['period']])

    for _round in range(3):
        at_once(*(lambda server=server: post(server) for server in (first, second)),
                *(lambda server=server: settle(server) for server in (first, second)))
        harness.check()
    assert harness.state(period) == 'calculated'
    company_id = 1
    first.method('res.company', 'write', [company_id], {'mlm_background_from': 1})
    at_once(lambda: settle(first), lambda: settle(second))
    until = time.monotonic() + 120
    while (job := second.method('mlm.period', 'get_job', [period['period']]))['state'] in ('queued', 'running'):
        assert time.monotonic() < until, 'no server took the job'
        time.sleep(.3)
    assert job['state'] == 'done', job
    harness.check()
    harness.settle(period)
    harness.check(final=True)
