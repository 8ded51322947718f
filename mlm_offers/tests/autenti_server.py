# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import base64
import json
import re
from urllib.parse import parse_qs, unquote

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ..tools.jws import b64url_encode
from .common import Vendor

SIGNED = b'%PDF-1.7 signed by Autenti\n%%EOF\n'
ARCHIVE = b'PK\x03\x04 proof'
SELECTION = 'CHALLENGE_CLASSIFIER-UNIQUE_TYPE:ACTION_SELECTION'
PARTIES = 'CHALLENGE_CLASSIFIER-UNIQUE_TYPE:DOCUMENT_REMINDER_PARTY_SELECTION'
EVENT = 'EVENT_CLASSIFIER-UNIQUE_TYPE:'


class Autenti(Vendor):
    """Plays Autenti's Document Process API v2, as documented.

    ``fail`` is a list of (method, pattern of the path, answer, after): the next matching request gets this answer,
    before it
    is done, or after it was done if ``after``. The answer (None, {}, b'') is none at all.
    """

    def __init__(self):
        super().__init__()
        self.processes, self.fail, self.tokens, self.callbacks = {}, [], 0, []
        self.expire_token = False
        self.refresh = 'first'
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = 'key-1'

    # --- signatures of callbacks ---

    def jwks(self):
        numbers = self.key.public_key().public_numbers()
        return {
            'keys': [
                {
                    'kty': 'RSA',
                    'kid': self.kid,
                    'e': b64url_encode(numbers.e.to_bytes(3, 'big')),
                    'n': b64url_encode(numbers.n.to_bytes(256, 'big')),
                }
            ]
        }

    def sign(self, raw, key=None, **header):
        head = b64url_encode(json.dumps({'alg': 'RS256', 'kid': self.kid} | header).encode())
        text = f'{head}.{b64url_encode(raw)}'.encode()
        return f'{head}..{b64url_encode((key or self.key).sign(text, padding.PKCS1v15(), hashes.SHA256()))}'

    # --- requests ---

    def handle(self, method, path, headers, body):
        for rule in self.fail:
            verb, pattern, answer, after = rule
            if verb == method and re.search(pattern, path):
                self.fail.remove(rule)
                if after:
                    self.do(method, path, headers, body)
                return answer
        return self.do(method, path, headers, body)

    def do(self, method, path, headers, body):  # noqa: C901 - one branch for each address
        if path == '/jwks':
            return self.json(self.jwks())
        if path == '/auth/token':
            return self.log_in(body)
        if (
            headers.get('Authorization') != f'Bearer token-{self.tokens}'
            and headers.get('Authorization') != 'api-key secret'
        ):
            return self.json({}, 401)
        if path == '/applications/callbacks':
            if method == 'POST':
                self.callbacks.append(json.loads(body))
            return self.json(self.callbacks)
        if path == '/document-processes' and method == 'POST':
            ref = f'DOCUMENT_PROCESS:{len(self.processes) + 1}'
            self.processes[ref] = {'id': ref, 'status': 'DRAFT', 'files': [], 'content': {}, 'sent': 0} | json.loads(
                body
            )
            return self.json(self.show(ref))
        parts = [unquote(part) for part in path.strip('/').split('/')]
        process = self.processes.get(parts[1]) if len(parts) > 1 else None
        if process is None:
            return self.json({}, 404)
        if len(parts) == 2:
            return self.json(self.show(parts[1]))
        if parts[2] == 'files' and method == 'POST':
            return self.upload(process, body)
        if parts[2] == 'files' and len(parts) == 3:
            text = '\n'.join(json.dumps(file) for file in process['files'])
            return 200, {'Content-Type': 'application/stream+json'}, text.encode()
        if parts[2] == 'files':
            return 200, {'Content-Type': 'application/octet-stream'}, process['content'][parts[3]]
        return self.act(process, headers)

    def log_in(self, body):
        form = (
            json.loads(body)
            if body.startswith(b'{')
            else {key: value[0] for key, value in parse_qs(body.decode()).items()}
        )
        answer = {}
        if form['grant_type'] == 'refresh_token':
            if form['refresh_token'] != self.refresh:
                return self.json({}, 400)
            self.refresh = answer['refresh_token'] = f'next-{self.tokens + 1}'
        elif form['grant_type'] == 'authorization_code':
            if form['code'] != 'good':
                return self.json({}, 400)
            self.refresh = answer['refresh_token'] = 'by-code'
        elif form['grant_type'] == 'client_credentials' and form['client_secret'] != 'secret':
            return self.json({}, 401)
        self.tokens += 1
        self.last_login = form
        return self.json(answer | {'access_token': f'token-{self.tokens}', 'token_type': 'Bearer', 'expires_in': 3600})

    def show(self, ref):
        process = self.processes[ref]
        return {key: value for key, value in process.items() if key not in ('content', 'sent')}

    def upload(self, process, body):
        meta = json.loads(re.search(rb'name="fileMeta".*?\r\n\r\n(.*?)\r\n--', body, re.DOTALL)[1])
        content = re.search(rb'name="file".*?\r\n\r\n(.*)\r\n--', body, re.DOTALL)[1]
        self.add_file(
            process, f'FILE-SOURCE_FILE:{len(process["files"]) + 1}', meta['filePurpose'], meta['filename'], content
        )
        return self.json(process['files'][-1])

    @staticmethod
    def add_file(process, id_, purpose, name, content):
        process['files'].append({'id': id_, 'filename': name, 'filePurpose': purpose, 'size': len(content)})
        process['content'][id_] = content

    def act(self, process, headers):
        assertions = [json.loads(base64.b64decode(part)) for part in headers['X-ASSERTION'].split(', ')]
        assertions = assertions[0] if isinstance(assertions[0], list) else assertions
        assert assertions[0]['classifiers'] == [SELECTION]
        event = assertions[0]['attributes']['selectedIds'][0]
        if event == EVENT + 'DOCUMENT_REMINDER_SENT' and process['status'] == 'PROCESSING':
            return self.remind(process, event, assertions[1:])
        if event == EVENT + 'DOCUMENT_SENT' and process['status'] == 'DRAFT':
            process['status'], process['sent'] = 'PROCESSING', process['sent'] + 1
        elif event == EVENT + 'DOCUMENT_WITHDRAWAL' and process['status'] == 'PROCESSING':
            process['status'] = 'WITHDRAWN'
        else:
            challenge = {
                'classifiers': [SELECTION],
                'attributes': {
                    'options': [{'id': 'x', 'description': 'Withdraw'}],
                    'errors': [{'description': 'Already sent'}],
                },
            }
            return self.json({}, 403, **{'X-Challenge': base64.b64encode(json.dumps(challenge).encode()).decode()})
        return self.json([{'id': 'EVENT:1', 'eventType': event}])

    def remind(self, process, event, answers):
        if not answers:
            options = [
                {'id': f'PARTY:{number}', 'description': party['party']['contacts'][0]['attributes']['email']}
                for number, party in enumerate(process['parties'])
            ]
            challenge = {'classifiers': [PARTIES], 'attributes': {'options': options}}
            return self.json({}, 403, **{'X-Challenge': base64.urlsafe_b64encode(json.dumps(challenge).encode()).decode()})
        assert answers[0]['classifiers'] == [PARTIES]
        process.setdefault('reminded', []).append(answers[0]['attributes']['selectedIds'])
        return self.json([{'id': 'EVENT:2', 'eventType': event}])

    # --- what people do there ---

    def complete(self, ref, files=True):
        process = self.processes[ref]
        process['status'] = 'COMPLETED'
        for party in process['parties']:
            party['participationStatus'] = 'COMPLETED'
        if files:
            self.add_file(process, 'FILE-DTBS:1/DTBS', 'SIGNED_CONTENT_FILE', 'contract.pdf', SIGNED)
            self.add_file(process, 'FILE-ARCH:1', 'CONTENT_ARCHIVE', 'proof.zip', ARCHIVE)

    def reject(self, ref, comment):
        process = self.processes[ref]
        process['status'] = 'REJECTED'
        process['parties'][0]['events'] = [
            {'eventType': EVENT + 'SIGNATURE_REJECTION', 'attributes': {'comment': comment}}
        ]
