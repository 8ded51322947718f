# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Talking to Autenti: the OAuth grants, and what its errors mean. The provider itself stands in autenti.py."""

import base64
import json
import time
import uuid
from urllib.parse import urlencode

import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from ..tools.jws import b64url_encode
from .base import SignLost, SignProvider, SignRefused, SignTemporary

BASES = {'production': 'https://api.autenti.com/api/v2', 'sandbox': 'https://api.accept.autenti.net/api/v2'}
JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
TIMEOUT = (10, 60)


class AutentiClient(SignProvider):
    @property
    def base(self):
        return (self.config['base_url'] or BASES.get(self.config['environment'], BASES['sandbox'])).rstrip('/')

    def check(self):
        self._get_token(fresh=True)

    def _get_token(self, fresh=False):
        if self.config['grant'] == 'api-key':
            return None
        if not fresh and self.tokens.get('access_token') and self.tokens.get('expires', 0) > time.time() + 30:
            return self.tokens['access_token']
        return self._fetch_token(self._describe_login())

    def _fetch_token(self, data):
        """Get tokens, and save them before anything else: a refresh token works once.

        :param dict data: the form of the token request
        :return: the access token
        """
        body = {'json': data} if self.config['token_format'] == 'json' else {'data': data}
        try:
            response = requests.post(f'{self.base}/auth/token', timeout=TIMEOUT, **body)
        except requests.RequestException as error:
            raise SignTemporary(f'Autenti cannot be reached ({type(error).__name__}).') from error
        if response.status_code == 429 or response.status_code >= 500:
            raise SignTemporary(
                f'Autenti did not log us in now (HTTP {response.status_code}).', self._retry_after(response)
            )
        answer = self._json(response)
        if not response.ok or not isinstance(answer, dict) or not answer.get('access_token'):
            raise SignRefused(
                f'Autenti refused to log us in (HTTP {response.status_code}). Check the settings of the account.'
            )
        tokens = {
            'access_token': answer['access_token'],
            'expires': time.time() + float(answer.get('expires_in') or 300),
        }
        if answer.get('refresh_token'):
            tokens['refresh_token'] = answer['refresh_token']
        elif self.tokens.get('refresh_token'):
            tokens['refresh_token'] = self.tokens['refresh_token']
        self.tokens = tokens
        self.save_tokens(tokens)
        return tokens['access_token']

    def _make_assertion(self):
        now = int(time.time())
        header = {'alg': 'RS256', 'typ': 'JWT'} | (
            {'kid': self.config['jwt_key_id']} if self.config['jwt_key_id'] else {}
        )
        claims = {
            'aud': 'autenti.com',
            'iat': now,
            'exp': now + 300,
            'jti': str(uuid.uuid4()),
            'email_verified': True,
            'iss': self.config['jwt_issuer'],
            'sub': self.config['jwt_subject'],
            'email': self.config['jwt_email'],
        }
        text = '.'.join(b64url_encode(json.dumps(part).encode()) for part in (header, claims))
        try:
            pem = self.config['jwt_private_key'].replace('\\n', '\n').encode()
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError) as error:
            raise SignRefused(
                'Autenti: the private key is not a PEM key. Correct the setting of the account.'
            ) from error
        return f'{text}.{b64url_encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}'

    def _describe_login(self):
        """The form of the token request."""
        config, grant = self.config, self.config['grant']
        data = {'client_id': config['client_id'], 'client_secret': config['client_secret']}
        if grant == 'jwt-bearer':
            return data | {'grant_type': JWT_BEARER, 'assertion': self._make_assertion()}
        if grant in ('refresh_token', 'authorization_code'):
            token = self.tokens.get('refresh_token') or config['refresh_token']
            if not token:
                raise SignRefused('Autenti: nobody has logged in yet. Use "Log In at the Provider" on the account.')
            return data | {'grant_type': 'refresh_token', 'refresh_token': token}
        if grant == 'password':
            user = {'username': config['username'], 'password': config['password']}
            return data | user | {'grant_type': grant, 'scope': config['scope']}
        if grant == 'client_credentials':
            return data | {'grant_type': grant, 'scope': config['scope']}
        raise SignRefused(f'Autenti: "{grant}" is no way of logging in. Correct the setting of the account.')

    def login_url(self, redirect, state):
        if self.config['grant'] != 'authorization_code':
            return None
        query = {
            'response_type': 'code',
            'client_id': self.config['client_id'],
            'redirect_uri': redirect,
            'scope': self.config['scope'],
            'state': state,
        }
        return f'{self.base}/auth/authorization?{urlencode(query)}'

    def finish_login(self, code, redirect):
        data = {'client_id': self.config['client_id'], 'client_secret': self.config['client_secret']}
        self._fetch_token(data | {'grant_type': 'authorization_code', 'code': code, 'redirect_uri': redirect})

    # --- requests ---

    def _request(self, method, path, changes=False, challenge=False, **kwargs):
        """Ask Autenti. A request that changes something and gets no clear answer raises SignLost.

        :param bool challenge: answer a 403 that asks something back, instead of raising
        """
        url, headers = self.base + path, {'Accept': 'application/json'} | kwargs.pop('headers', {})
        for attempt in (1, 2):
            token = self._get_token(fresh=attempt == 2)
            headers['Authorization'] = f'Bearer {token}' if token else f'api-key {self.config["api_key"]}'
            try:
                response = requests.request(method, url, headers=headers, timeout=TIMEOUT, **kwargs)
            except requests.ConnectTimeout as error:
                raise SignTemporary('Autenti cannot be reached.') from error
            except requests.RequestException as error:
                refused = 'NewConnectionError' in repr(error)  # the connection never stood
                if changes and not refused:
                    raise SignLost(f'Autenti did not answer ({type(error).__name__}).') from error
                raise SignTemporary(f'Autenti cannot be reached ({type(error).__name__}).') from error
            if response.status_code != 401 or token is None:
                break
        if response.status_code >= 400 and not (challenge and response.status_code == 403):
            self._refuse(response, changes)
        return response

    def _refuse(self, response, changes):
        """Say what an error of Autenti means."""
        code = response.status_code
        if code == 429:
            raise SignTemporary('Autenti asks us to slow down.', self._retry_after(response))
        if code >= 500:
            raise (SignLost if changes else SignTemporary)(f'Autenti answered HTTP {code}.')
        reasons = {
            401: 'Autenti does not accept our login. Check the settings of the account.',
            402: 'The package at Autenti is used up. Buy more, then send again.',
            403: 'Autenti does not allow this' + self._explain_challenge(response),
        }
        raise SignRefused(reasons.get(code, f'Autenti refused the request (HTTP {code}).'))

    @staticmethod
    def _read_challenge(response):
        """The X-Challenge header: base64 or base64url of JSON.

        :return: (options, descriptions of errors); both empty if there is none
        """
        text = response.headers.get('X-Challenge', '')
        try:
            challenge = json.loads(base64.b64decode(text.replace('-', '+').replace('_', '/') + '=' * (-len(text) % 4)))
            errors = [error.get('description') for error in challenge['attributes'].get('errors') or []]
            options = [option for option in challenge['attributes'].get('options') or [] if isinstance(option, dict)]
        except (ValueError, KeyError, TypeError, AttributeError):
            return [], []
        return options, [error for error in errors if error]

    def _explain_challenge(self, response):
        """What the X-Challenge header says, as the end of a sentence."""
        options, errors = self._read_challenge(response)
        names = [option['description'] for option in options if option.get('description')]
        text = f': {", ".join(errors)}' if errors else ''
        return text + (f' (possible now: {", ".join(names)}).' if names else '.')

    @staticmethod
    def _retry_after(response):
        value = response.headers.get('Retry-After', '')
        return int(value) if value.isdigit() else 0

    @staticmethod
    def _json(response):
        try:
            return response.json()
        except ValueError:
            return None
