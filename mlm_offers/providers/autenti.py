# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Autenti, Document Process API v2. What its public documentation leaves open is a setting, marked so in its help."""

import base64
import json
import time
from urllib.parse import quote

import requests

from ..tools.jws import parse_header, verify_detached
from .autenti_client import TIMEOUT, AutentiClient
from .base import Setting, SignLost, SignRefused, SignTemporary, Status

JWKS = {
    'production': 'https://autenti.com/developers/keys/webhook.jwks',
    'sandbox': 'https://autenti.com/developers/keys/accept-webhook.jwks',
}
EVENT = 'EVENT_CLASSIFIER-UNIQUE_TYPE:'
SELECTION = 'CHALLENGE_CLASSIFIER-UNIQUE_TYPE:ACTION_SELECTION'
PARTIES = 'CHALLENGE_CLASSIFIER-UNIQUE_TYPE:DOCUMENT_REMINDER_PARTY_SELECTION'
SIGNING = 'ACTION:SIGNATURE_APPLICATION'
CONSTRAINT = 'CONSTRAINT-UNIQUE_TYPE:'
SIZE_LIMIT = 20 * 1024 * 1024
JWKS_PAUSE = 60  # seconds between two fetches of the keys, however many unknown ones are named

_keys = {}  # {url: (time, keys)}


class AutentiProvider(AutentiClient):
    name = 'autenti'
    label = 'Autenti'
    levels = frozenset({'basic', 'sms', 'qualified'})
    can_remind = True
    settings = (
        Setting('environment', 'Environment', 'sandbox', 'production or sandbox.'),
        Setting('base_url', 'Address', '', 'Empty: the address of the environment.'),
        Setting(
            'grant',
            'Way of logging in',
            'client_credentials',
            'client_credentials, authorization_code, jwt-bearer, refresh_token, password or api-key. '
            'Which of them your package includes, Autenti tells you.',
        ),
        Setting('client_id', 'Client ID'),
        Setting('client_secret', 'Client secret'),
        Setting('scope', 'Scope', 'full', 'Assumed. With callbacks: full notification_management.'),
        Setting('token_format', 'Token request', 'form', 'form or json; both have been seen to work.'),
        Setting(
            'refresh_token',
            'Refresh token',
            '',
            'For refresh_token: the first one, got by authorising in the browser. Later ones are kept by themselves.',
        ),
        Setting('username', 'User', '', 'For password.'),
        Setting('password', 'Password', '', 'For password.'),
        Setting('api_key', 'API key', '', 'For api-key.'),
        Setting('jwt_issuer', 'JWT issuer', '', 'For jwt-bearer: agreed with Autenti.'),
        Setting('jwt_subject', 'JWT subject', '', 'For jwt-bearer.'),
        Setting('jwt_email', 'JWT e-mail', '', 'For jwt-bearer: the Autenti user who sends.'),
        Setting('jwt_key_id', 'JWT key ID', '', 'For jwt-bearer, if Autenti asks for one.'),
        Setting('jwt_private_key', 'JWT private key', '', 'For jwt-bearer: RSA, in PEM form, on one line with \\n.'),
        Setting('signing_order', 'Order of signers', 'no', 'yes or no. Assumed: the form of the priority constraint.'),
        Setting(
            'lost_create',
            'Lost answer to a draft',
            'again',
            'again: make another draft, the first one stays unsent. review: '
            'ask a person. Assumed: nobody is told of a draft.',
        ),
        Setting(
            'reminder_header',
            'Two assertions of a reminder',
            'comma',
            'comma: two values in one header. list: one value with a list. Assumed: comma.',
        ),
        Setting('status_draft', 'Status of a draft', 'DRAFT', 'Assumed.'),
        Setting('status_expired', 'Status of an expired process', 'EXPIRED', 'Assumed.'),
        Setting(
            'verify_callbacks',
            'Check callbacks',
            'yes',
            'yes or no. Without it anybody may make us ask Autenti for news, nothing more.',
        ),
        Setting('jws_header', 'Header of the signature', 'x-jws-signature', 'Assumed.'),
        Setting(
            'jwks_url',
            'Address of the keys',
            '',
            'Empty: the address of the environment. That of the sandbox is assumed.',
        ),
    )

    # --- sending ---

    @staticmethod
    def _path(ref, *parts):
        return '/'.join(['/document-processes', quote(ref, safe=''), *parts])

    def _act(self, ref, event):
        """Let Autenti do an action, and make sure that it did.

        :raise SignLost: if the answer does not confirm it
        """
        header = self._encode({'classifiers': [SELECTION], 'attributes': {'selectedIds': [EVENT + event]}})
        self._check_events(self._post_action(ref, header), event)

    @staticmethod
    def _encode(assertion):
        return base64.b64encode(json.dumps(assertion).encode()).decode()

    def _post_action(self, ref, header, challenge=False):
        return self._request(
            'POST', self._path(ref, 'actions'), changes=True, challenge=challenge, headers={'X-ASSERTION': header}, json={}
        )

    def _check_events(self, response, event):
        events = self._json(response)
        if not isinstance(events, list) or not any(
            isinstance(item, dict) and item.get('eventType') == EVENT + event for item in events
        ):
            raise SignLost('Autenti did not confirm the action.')

    def advance(self, envelope, progress, repeated):
        step, ref = progress.get('step', 'create'), progress.get('ref')
        steps = {'create': self._create, 'files': self._upload, 'send': self._send}
        return steps[step](envelope, ref, repeated) if step in steps else progress

    def _create(self, envelope, ref, repeated):
        if repeated and self.config['lost_create'] == 'review':
            raise SignRefused('The answer to the draft was lost. Look for it at Autenti, then send again.')
        if len(envelope.document) > SIZE_LIMIT:
            raise SignRefused('The document is larger than the 20 MB that Autenti takes.')
        answer = self._json(self._request('POST', '/document-processes', changes=True, json=self._describe(envelope)))
        if not isinstance(answer, dict) or not isinstance(answer.get('id'), str):
            raise SignLost('Autenti answered without the number of the process.')
        return {'step': 'files', 'ref': answer['id']}

    def _upload(self, envelope, ref, repeated):
        if not repeated or not any(file.get('filePurpose') == 'SOURCE_FILE' for file in self._list_files(ref)):
            meta = {'filename': envelope.filename, 'filePurpose': 'SOURCE_FILE', 'mimeType': 'application/pdf'}
            parts = {
                'fileMeta': (None, json.dumps(meta), 'application/json'),
                'file': (envelope.filename, envelope.document, 'application/pdf'),
            }
            self._request('POST', self._path(ref, 'files'), changes=True, files=parts)
        return {'step': 'send', 'ref': ref}

    def _send(self, envelope, ref, repeated):
        status = self.fetch(ref) if repeated else None
        if status and status.state not in ('draft', 'pending', 'completed', 'rejected', 'withdrawn', 'expired'):
            raise SignRefused(
                f'The answer to sending was lost and Autenti says "{status.raw}". Look there before sending again.'
            )
        if not status or status.state == 'draft':
            self._act(ref, 'DOCUMENT_SENT')
        return {'step': 'done', 'ref': ref}

    def _describe(self, envelope):
        return {
            'title': envelope.title,
            'description': envelope.message,
            'processLanguage': envelope.language if envelope.language in ('pl', 'en', 'de') else 'en',
            'parties': [self._describe_signer(signer) for signer in envelope.signers],
        }

    def _describe_signer(self, signer):
        kind = 'QUALIFIED' if signer.level == 'qualified' else 'BASIC'
        constraints = [
            {
                'constrainedActions': [SIGNING],
                'classifiers': [CONSTRAINT + 'SIGNATURE_TYPE'],
                'attributes': {'requiredClassifiers': [f'SIGNATURE_PROVIDER-SIGNATURE_TYPE:{kind}']},
            }
        ]
        if signer.level == 'sms':
            constraints.append(
                {
                    'constrainedActions': [SIGNING],
                    'classifiers': [CONSTRAINT + 'PHONE_NUMBER_VERIFICATION_REQUIRED'],
                    'attributes': {'phoneNumber': signer.phone},
                }
            )
        if self.config['signing_order'] == 'yes':
            constraints.append(
                {
                    'constrainedActions': [SIGNING],
                    'classifiers': [CONSTRAINT + 'PARTICIPATION_PRIORITY'],
                    'attributes': {'priority': signer.order},
                }
            )
        contact = {'type': 'CONTACT-TYPE:EMAIL', 'attributes': {'email': signer.email}}
        return {
            'party': {'firstName': signer.first_name, 'lastName': signer.last_name, 'contacts': [contact]},
            'role': 'SIGNER',
            'constraints': constraints,
        }

    # --- reading ---

    def fetch(self, ref):
        process = self._json(self._request('GET', self._path(ref)))
        if not isinstance(process, dict):
            raise SignTemporary('Autenti answered something unreadable.')
        raw = str(process.get('status') or '')
        states = {
            'PROCESSING': 'pending',
            'COMPLETED': 'completed',
            'WITHDRAWN': 'withdrawn',
            'REJECTED': 'rejected',
            'ERROR': 'failed',
            self.config['status_draft']: 'draft',
            self.config['status_expired']: 'expired',
        }
        return Status(
            states.get(raw, 'unknown'), raw, dict(filter(None, map(self._read_party, process.get('parties') or [])))
        )

    @staticmethod
    def _read_party(party):
        try:
            email = next(
                contact['attributes']['email']
                for contact in party['party']['contacts']
                if contact['type'] == 'CONTACT-TYPE:EMAIL'
            ).lower()
        except (KeyError, TypeError, StopIteration, AttributeError):
            return None
        rejected = [
            event for event in party.get('events') or [] if str(event.get('eventType')).endswith('SIGNATURE_REJECTION')
        ]
        if rejected:
            return email, ('rejected', str((rejected[-1].get('attributes') or {}).get('comment') or ''))
        return email, ('signed' if party.get('participationStatus') == 'COMPLETED' else 'pending', '')

    def _list_files(self, ref):
        """The files of a process. Autenti streams them as objects one after the other, not as a list."""
        text, found, decoder = self._request('GET', self._path(ref, 'files')).text.strip(), [], json.JSONDecoder()
        while text:
            try:
                value, end = decoder.raw_decode(text)
            except ValueError as error:
                raise SignTemporary('Autenti answered an unreadable list of files.') from error
            found += value if isinstance(value, list) else [value]
            text = text[end:].lstrip(' \t\r\n,')
        return [file for file in found if isinstance(file, dict)]

    def fetch_files(self, ref):
        files = {file.get('filePurpose'): file for file in self._list_files(ref)}
        if 'SIGNED_CONTENT_FILE' not in files:
            raise SignTemporary('Autenti has not put the signed document together yet.')
        signed = self._content(ref, files['SIGNED_CONTENT_FILE'])
        if not signed.startswith(b'%PDF-'):
            raise SignTemporary('Autenti answered something that is not a PDF.')
        archive = files.get('CONTENT_ARCHIVE')
        return signed, archive and self._content(ref, archive), archive and (archive.get('filename') or 'autenti.zip')

    def _content(self, ref, file):
        path = self._path(ref, 'files', quote(str(file['id']), safe=''), 'content')
        content = self._request('GET', path, headers={'Accept': '*/*'}).content
        if isinstance(file.get('size'), int) and file['size'] != len(content):
            raise SignTemporary('Autenti answered only a part of a file.')
        return content

    def withdraw(self, ref):
        if self.fetch(ref).state != 'withdrawn':
            self._act(ref, 'DOCUMENT_WITHDRAWAL')

    def remind(self, ref, emails):
        """Autenti asks back whom to remind, and wants both answers in a second request."""
        event = 'DOCUMENT_REMINDER_SENT'
        action = {'classifiers': [SELECTION], 'attributes': {'selectedIds': [EVENT + event]}}
        response = self._post_action(ref, self._encode(action), challenge=True)
        if response.status_code == 403:
            options, _errors = self._read_challenge(response)
            if not options:
                self._refuse(response, changes=True)
            # Which option is whom is read from its text; where no address stands in it, everybody who can be is reminded.
            named = [option for option in options if any(email in json.dumps(option).lower() for email in emails)]
            ids = [option['id'] for option in named or options if option.get('id')]
            parties = {'classifiers': [PARTIES], 'attributes': {'selectedIds': ids}}
            if self.config['reminder_header'] == 'list':
                header = self._encode([action, parties])
            else:
                header = ', '.join(map(self._encode, (action, parties)))
            response = self._post_action(ref, header)
        self._check_events(response, event)

    # --- callbacks ---

    def register_callback(self, url):
        known = self._json(self._request('GET', '/applications/callbacks'))
        if url in json.dumps(known):
            return
        self._request(
            'POST',
            '/applications/callbacks',
            changes=True,
            json={'callbackAdapterId': 'CALLBACK_ADAPTER:API_V2', 'callbackParameters': {'callbackUrl': url}},
        )

    def verify_callback(self, raw, headers):
        if self.config['verify_callbacks'] == 'no':
            return True
        signature = headers.get(self.config['jws_header']) or ''
        try:
            kid = parse_header(signature).get('kid')
        except (ValueError, TypeError):
            return False
        return verify_detached(signature, raw, self._get_keys(kid))

    def _get_keys(self, kid):
        url = self.config['jwks_url'] or JWKS.get(self.config['environment'], JWKS['sandbox'])
        when, keys = _keys.get(url, (0, []))
        if not any(key.get('kid') == kid for key in keys) and time.monotonic() - when > JWKS_PAUSE or not when:
            try:
                keys = [key for key in requests.get(url, timeout=TIMEOUT).json()['keys'] if isinstance(key, dict)]
            except (requests.RequestException, ValueError, KeyError, TypeError):
                keys = keys or []
            _keys[url] = (time.monotonic(), keys)
        return keys

    def parse_callback(self, raw):
        try:
            events = json.loads(raw)
        except ValueError:
            return []
        found = []
        for event in events if isinstance(events, list) else [events]:
            subject = event.get('object') if isinstance(event, dict) else None
            if isinstance(subject, dict) and isinstance(subject.get('id'), str):
                found.append(subject['id'])
        return found
