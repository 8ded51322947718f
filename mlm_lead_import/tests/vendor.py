# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""A real HTTP server on loopback that plays Google, Meta or LinkedIn."""
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


class Answer:
    """
    :param body: what json can write, or bytes sent as they are
    :param drip: seconds between the bytes
    :param cut: bytes after which the connection is cut
    """
    def __init__(self, body=None, status=200, headers=None, drip=0, cut=None):
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status, self.headers, self.drip, self.cut = status, headers or {}, drip, cut


class Vendor:
    """Answers each path by a queue; the last answer of a queue is repeated.

    :ivar calls: what was asked: (method, path, query, headers, body)
    """
    def __init__(self):
        self.answers, self.calls = {}, []
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def _handle(self):
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
                query = dict(parse_qsl(parts.query))
                vendor.calls.append((self.command, parts.path, query, dict(self.headers), body))
                queue = vendor.answers.get(parts.path) or [Answer(
                    {'error': {'message': f'Unsupported get request. Object with ID {parts.path} does not exist',
                        'code': 100}}, 400)]
                answer = queue.pop(0) if len(queue) > 1 else queue[0]
                if callable(answer):
                    answer = answer(query)
                try:
                    self.send_response(answer.status)
                    self.send_header('Content-Length', str(len(answer.body)))
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    body = answer.body[:answer.cut]
                    for start in range(0, len(body), 1 if answer.drip else max(len(body), 1)):
                        self.wfile.write(body[start:start + (1 if answer.drip else len(body))])
                        time.sleep(answer.drip)
                    self.wfile.flush()
                    if answer.cut is not None:
                        self.connection.close()
                except OSError:
                    pass  # the caller gave up

            do_GET = do_POST = _handle

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        threading.Thread(target=self.server.serve_forever, kwargs={'poll_interval': 0.05}, daemon=True).start()

    def on(self, path, *answers):
        self.answers[path] = [answer if isinstance(answer, Answer) or callable(answer) else Answer(answer) for answer in answers]

    def asked(self, path):
        return [call for call in self.calls if call[1] == path]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def vendor():
    played = Vendor()
    try:
        yield played
    finally:
        played.close()


def google_lead(**changes):
    """The webhook's body of the documentation."""
    return {
        'lead_id': 'TeSt-opaque-lead-id-0001',
        'user_column_data': [
            {'column_id': 'FULL_NAME', 'column_name': 'Full Name', 'string_value': 'Jan Kowalski'},
            {'column_id': 'EMAIL', 'column_name': 'User Email', 'string_value': 'jan.kowalski@example.com'},
            {'column_id': 'PHONE_NUMBER', 'column_name': 'User Phone', 'string_value': '+48600100200'},
            {'column_id': 'POSTAL_CODE', 'string_value': '00-001'},
            {'column_id': 'PREFERRED_CONTACT_TIME', 'column_name': 'What is the best time to contact you?',
                'string_value': 'Po 17:00'},
            {'column_id': 'QUESTION_1', 'column_name': 'Interesuje mnie', 'string_value': 'Ubezpieczenie'},
        ],
        'api_version': '1.0', 'form_id': 40000000000, 'campaign_id': 20000000000, 'adgroup_id': 150000000000,
        'creative_id': 700000000000, 'asset_group_id': 0, 'google_key': 'a-long-key-of-google', 'is_test': False,
        'gcl_id': 'Cj0KCQ-example', 'lead_stage': 'LEAD', 'lead_submit_time': '2026-11-20T13:05:33Z', **changes,
    }


def meta_call(*ids, **changes):
    """The webhook's body: several leads in several changes and entries."""
    return {'object': 'page', 'entry': [
        {'id': '153125381133', 'time': 1438292065, 'changes': [{'field': 'leadgen', 'value': {
            'leadgen_id': id_, 'page_id': '123123123', 'form_id': '12312312312', 'adgroup_id': '12312312312',
            'ad_id': '12312312312', 'created_time': 1763643933, **changes}}]}
        for id_ in ids]}


def meta_lead(id_='123123123123', **changes):
    """A lead as the Graph API gives it."""
    return {
        'id': id_, 'created_time': '2026-11-20T13:05:33+0000', 'ad_id': '12312312312', 'ad_name': 'Wideo 2',
        'adset_id': '12012012012', 'adset_name': 'PL 30-50', 'campaign_id': '11911911911', 'campaign_name': 'Jesien_2026',
        'form_id': '12312312312', 'is_organic': False, 'platform': 'ig',
        'field_data': [
            {'name': 'full_name', 'values': ['Anna Nowak']}, {'name': 'email', 'values': ['anna.nowak@example.com']},
            {'name': 'phone_number', 'values': ['+48601202303']},
            {'name': 'czym_jestes_zainteresowany?', 'values': ['ubezpieczenie', 'emerytura']},
        ],
        'custom_disclaimer_responses': [
            {'checkbox_key': 'zgoda_telefon', 'is_checked': '1'}, {'checkbox_key': 'zgoda_email', 'is_checked': ''}],
        **changes,
    }


def meta_error(code, subcode=None, status=400, headers=None, **more):
    return Answer({'error': {
        'message': 'Error validating access token: SECRET-PAGE-TOKEN has expired', 'type': 'OAuthException', 'code': code,
        'error_subcode': subcode, 'fbtrace_id': 'EJplcsCHuLu', **more}}, status, headers)
