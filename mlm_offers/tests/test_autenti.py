# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import hashlib
import json
from unittest.mock import patch
from urllib.parse import parse_qs, urlparse

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..providers import PROVIDERS
from ..providers import autenti as autenti_module
from ..providers.base import Envelope, Signer, SignLost, SignRefused, SignTemporary
from .autenti_server import ARCHIVE, SIGNED, Autenti
from .common import OffersCommon, decode

NO_ANSWER = (None, {}, b'')
_real_send = requests.Session.send


class AutentiCommon(OffersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo's tests forbid requests to anywhere; this one vendor lives on loopback.
        cls.startClassPatcher(patch.object(requests.Session, 'send', _real_send))

    def setUp(self):
        super().setUp()
        self.autenti = Autenti()
        self.addCleanup(self.autenti.close)
        autenti_module._keys.clear()
        self.config = {
            'base_url': self.autenti.url,
            'grant': 'client_credentials',
            'client_id': 'us',
            'client_secret': 'secret',
            'jwks_url': self.autenti.url + '/jwks',
        }
        self.account = self.env['mlm.sign.account'].create(
            {
                'name': 'Autenti',
                'provider': 'autenti',
                'setting_ids': [Command.create({'key': key, 'value': value}) for key, value in self.config.items()],
            }
        )
        # tokens are kept in a transaction of their own, which a test cannot see
        self.saved = []
        patcher = patch.object(type(self.account), '_save_tokens', lambda account, tokens: self.saved.append(tokens))
        patcher.start()
        self.addCleanup(patcher.stop)

    def provider(self, **config):
        return PROVIDERS['autenti'](self.config | config, save_tokens=self.saved.append)

    def envelope(self, level='basic'):
        return Envelope(
            'Mandate',
            'm.pdf',
            b'%PDF-1.7 x',
            (Signer('Kim', 'Kowal', 'kim@customers.example.com', '+48600100200', level),),
        )

    def make_contract(self, **values):
        template = self.make_contract_template(account_id=self.account.id, **values)
        self.template.mlm_contract_template_id = template
        return self.make_offer()._mlm_get_or_make_contract().sudo()

    def send(self, contract):
        """Run the scheduler as often as it takes until it has nothing to do, as if all waiting were over."""
        for _time in range(6):
            contract.send_after = False
            self.run_cron('cron_contract_send')
            if contract.state != 'sending':
                break

    @property
    def process(self):
        return self.autenti.processes['DOCUMENT_PROCESS:1']


@tagged('post_install', '-at_install')
class TestAutentiProvider(AutentiCommon):
    def test_grants(self):
        provider = self.provider()
        provider.check()
        self.assertEqual(self.autenti.last_login['grant_type'], 'client_credentials')
        self.provider(token_format='json', grant='password', username='u', password='p').check()
        self.assertEqual(self.autenti.last_login['username'], 'u')
        key = (
            rsa.generate_private_key(public_exponent=65537, key_size=2048)
            .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            .decode()
        )
        self.provider(
            grant='jwt-bearer', jwt_private_key=key.replace('\n', '\\n'), jwt_email='e@example.com', jwt_issuer='us'
        ).check()
        self.assertEqual(self.autenti.last_login['grant_type'], 'urn:ietf:params:oauth:grant-type:jwt-bearer')
        self.assertEqual(self.autenti.last_login['assertion'].count('.'), 2)
        with self.assertRaisesRegex(SignRefused, 'not a PEM key'):
            self.provider(grant='jwt-bearer', jwt_private_key='x').check()
        with self.assertRaisesRegex(SignRefused, 'no way of logging in'):
            self.provider(grant='magic').check()
        with self.assertRaisesRegex(SignRefused, 'refused to log us in'):
            self.provider(client_secret='wrong').check()
        self.assertEqual(self.provider(grant='api-key', api_key='secret').fetch(self.started()).state, 'draft')

    def started(self):
        return self.provider().advance(self.envelope(), {}, False)['ref']

    def test_refresh_tokens_are_rotated_and_kept(self):
        self.provider(grant='refresh_token', refresh_token='first').check()
        self.assertEqual(self.saved[-1]['refresh_token'], 'next-1')
        again = PROVIDERS['autenti'](
            self.config | {'grant': 'refresh_token', 'refresh_token': 'first'},
            tokens=self.saved[-1],
            save_tokens=self.saved.append,
        )
        again.check()
        self.assertEqual(self.saved[-1]['refresh_token'], 'next-2')

    def test_authorization_code(self):
        provider = self.provider(grant='authorization_code')
        with self.assertRaisesRegex(SignRefused, 'nobody has logged in'):
            provider.check()
        url = urlparse(provider.login_url('https://crm.example.com/back', 'abc'))
        self.assertEqual((url.path, f'{url.scheme}://{url.netloc}'), ('/auth/authorization', self.autenti.url))
        query = {key: value[0] for key, value in parse_qs(url.query).items()}
        self.assertEqual(
            query,
            {
                'response_type': 'code',
                'client_id': 'us',
                'redirect_uri': 'https://crm.example.com/back',
                'scope': 'full',
                'state': 'abc',
            },
        )
        with self.assertRaisesRegex(SignRefused, 'refused to log us in'):
            provider.finish_login('bad', 'https://crm.example.com/back')
        provider.finish_login('good', 'https://crm.example.com/back')
        self.assertEqual(self.autenti.last_login['redirect_uri'], 'https://crm.example.com/back')
        self.assertEqual(self.saved[-1]['refresh_token'], 'by-code')
        provider.check()
        self.assertEqual(self.saved[-1]['refresh_token'], 'next-2', 'and on with refresh tokens')
        self.assertIsNone(self.provider().login_url('x', 'y'))

    def test_an_expired_token_is_renewed_once(self):
        provider = self.provider()
        provider.check()
        self.autenti.tokens += 1  # ours is no longer the valid one
        ref = provider.advance(self.envelope(), {}, False)['ref']
        self.assertEqual(len(self.autenti.processes), 1)
        self.autenti.fail += [('GET', 'document', self.autenti.json({}, 401), False)] * 2
        with self.assertRaisesRegex(SignRefused, 'does not accept our login'):
            provider.fetch(ref)

    def test_what_is_sent(self):
        provider = self.provider(signing_order='yes')
        progress = provider.advance(self.envelope('sms'), {}, False)
        self.assertEqual(progress, {'step': 'files', 'ref': 'DOCUMENT_PROCESS:1'})
        party = self.process['parties'][0]
        self.assertEqual(party['role'], 'SIGNER')
        self.assertEqual(
            [
                (constraint['classifiers'][0].split(':')[1], constraint['attributes'])
                for constraint in party['constraints']
            ],
            [
                ('SIGNATURE_TYPE', {'requiredClassifiers': ['SIGNATURE_PROVIDER-SIGNATURE_TYPE:BASIC']}),
                ('PHONE_NUMBER_VERIFICATION_REQUIRED', {'phoneNumber': '+48600100200'}),
                ('PARTICIPATION_PRIORITY', {'priority': 1}),
            ],
        )
        qualified = provider._describe_signer(self.envelope('qualified').signers[0])['constraints']
        self.assertEqual(
            qualified[0]['attributes']['requiredClassifiers'], ['SIGNATURE_PROVIDER-SIGNATURE_TYPE:QUALIFIED']
        )
        progress = provider.advance(self.envelope(), progress, False)
        self.assertEqual(self.process['content'], {'FILE-SOURCE_FILE:1': b'%PDF-1.7 x'})
        progress = provider.advance(self.envelope(), progress, False)
        self.assertEqual((progress['step'], self.process['sent']), ('done', 1))

    def test_documented_errors(self):
        provider = self.provider()
        ref = self.started()
        for status, error, message in (
            (402, SignRefused, 'package'),
            (403, SignRefused, 'does not allow'),
            (404, SignRefused, 'HTTP 404'),
            (400, SignRefused, 'HTTP 400'),
            (429, SignTemporary, 'slow down'),
            (500, SignTemporary, 'HTTP 500'),
        ):
            self.autenti.fail.append(('GET', 'DOCUMENT', self.autenti.json({}, status), False))
            with self.subTest(status=status), self.assertRaisesRegex(error, message):
                provider.fetch(ref)
        self.autenti.fail.append(('GET', 'DOCUMENT', self.autenti.json({}, 429, **{'Retry-After': '700'}), False))
        with self.assertRaises(SignTemporary) as caught:
            provider.fetch(ref)
        self.assertEqual(caught.exception.retry_after, 700)
        # a change without a clear answer is lost, not failed
        for answer in (NO_ANSWER, self.autenti.json({}, 502), (200, {}, b'gibberish')):
            self.autenti.fail.append(('POST', 'actions', answer, False))
            with self.assertRaises(SignLost):
                provider._act(ref, 'DOCUMENT_SENT')
        provider._act(ref, 'DOCUMENT_SENT')
        with self.assertRaisesRegex(SignRefused, r'Already sent \(possible now: Withdraw\)'):
            provider._act(ref, 'DOCUMENT_SENT')

    def test_nobody_there(self):
        with self.assertRaises(SignTemporary):
            self.provider(base_url='http://127.0.0.1:1').check()
        provider = self.provider(base_url='http://127.0.0.1:1', grant='api-key', api_key='x')
        with self.assertRaises(SignTemporary, msg='nothing was sent, so nothing was lost'):
            provider.advance(self.envelope(), {}, False)

    def test_too_large(self):
        envelope = Envelope('x', 'x.pdf', b'%PDF' + bytes(20 * 1024 * 1024), ())
        with self.assertRaisesRegex(SignRefused, '20 MB'):
            self.provider().advance(envelope, {}, False)

    def test_files_as_a_list(self):
        ref = self.started()
        self.autenti.fail.append(('GET', 'files', self.autenti.json([{'id': '1'}, {'id': '2'}]), False))
        self.assertEqual(self.provider()._list_files(ref), [{'id': '1'}, {'id': '2'}])
        self.autenti.fail.append(('GET', 'files', (200, {}, b'{"id": "1"}{"id": "2"} \n{"id": "3"}'), False))
        self.assertEqual(len(self.provider()._list_files(ref)), 3)

    def test_callback_is_registered_once(self):
        provider = self.provider()
        provider.register_callback('https://crm.example.com/cb')
        provider.register_callback('https://crm.example.com/cb')
        self.assertEqual(
            self.autenti.callbacks,
            [
                {
                    'callbackAdapterId': 'CALLBACK_ADAPTER:API_V2',
                    'callbackParameters': {'callbackUrl': 'https://crm.example.com/cb'},
                }
            ],
        )


@tagged('post_install', '-at_install')
class TestAutentiContract(AutentiCommon):
    def test_from_offer_to_signature(self):
        contract = self.make_contract()
        self.assertEqual(contract.state, 'sending')
        self.send(contract)
        self.assertEqual((contract.state, contract.provider_ref), ('sent', 'DOCUMENT_PROCESS:1'))
        self.assertEqual(self.process['content']['FILE-SOURCE_FILE:1'], decode(contract.document))
        contract._request_poll()
        self.run_cron('cron_contract_poll')
        self.assertEqual((contract.state, contract.provider_state), ('sent', 'PROCESSING'))
        self.autenti.complete(contract.provider_ref)
        contract._request_poll()
        self.run_cron('cron_contract_poll')
        self.assertEqual((contract.state, contract.order_id.state), ('signed', 'sale'))
        self.assertEqual(decode(contract.signed_document), SIGNED, 'stored unchanged')
        self.assertEqual(contract.signed_sha256, hashlib.sha256(SIGNED).hexdigest())
        self.assertEqual((decode(contract.certificate), contract.certificate_name), (ARCHIVE, 'proof.zip'))
        mails = self.env['mail.mail'].search_count([])
        for _time in range(2):
            contract._poll()
        self.assertEqual(self.env['mail.mail'].search_count([]), mails, 'each change of state happens once')

    def test_the_file_lags_behind(self):
        contract = self.make_contract()
        self.send(contract)
        self.autenti.complete(contract.provider_ref, files=False)
        contract._poll()
        self.assertEqual(contract.state, 'sent')
        self.assertIn('not put the signed document together', contract.error)
        self.autenti.complete(contract.provider_ref)
        contract._poll()
        self.assertEqual(contract.state, 'signed')

    def test_not_a_pdf(self):
        contract = self.make_contract()
        self.send(contract)
        self.autenti.complete(contract.provider_ref)
        self.process['content']['FILE-DTBS:1/DTBS'] = b'<html>Sorry</html>'
        contract._poll()
        self.assertEqual(contract.state, 'sent')
        self.assertFalse(contract.signed_document)

    def test_rejected_withdrawn_expired_unknown(self):
        for status, state in (('REJECTED', 'declined'), ('WITHDRAWN', 'cancel'), ('EXPIRED', 'expired')):
            contract = self.make_contract()
            self.send(contract)
            self.autenti.processes[contract.provider_ref]['status'] = status
            contract._poll()
            self.assertEqual(contract.state, state)
            self.assertEqual(contract.order_id.state, 'sent')
        contract = self.make_contract()
        self.send(contract)
        self.autenti.reject(contract.provider_ref, 'Wrong name')
        contract._poll()
        self.assertEqual((contract.state, contract.party_ids.reason), ('declined', 'Wrong name'))
        contract = self.make_contract()
        self.send(contract)
        self.autenti.processes[contract.provider_ref]['status'] = 'SOMETHING'
        contract._poll()
        self.assertEqual((contract.state, contract.error), ('sent', 'Autenti says "SOMETHING".'))

    def test_a_part_of_a_file_is_no_file(self):
        contract = self.make_contract()
        self.send(contract)
        self.autenti.complete(contract.provider_ref)
        whole = self.process['content']['FILE-DTBS:1/DTBS']
        self.process['content']['FILE-DTBS:1/DTBS'] = whole[:-5]
        contract._poll()
        self.assertEqual((contract.state, contract.signed_document), ('sent', False))
        self.process['content']['FILE-DTBS:1/DTBS'] = whole
        contract._poll()
        self.assertEqual(contract.state, 'signed')

    def test_reminders(self):
        for header in ('comma', 'list'):
            self.account.setting_ids.filtered(lambda setting: setting.key == 'reminder_header').value = header
            self.autenti.processes.clear()
            contract = self.make_contract(company_signer_id=self.clerk.id)
            self.send(contract)
            contract.party_ids[1].state = 'signed'
            contract.with_user(self.clerk).action_remind()
            self.assertEqual(self.process['reminded'], [['PARTY:0']], 'only who has not signed yet')
            self.assertIn('Reminded: Kim', contract.message_ids[0].body)
            with self.refused('went out today', UserError):
                contract.action_remind()
        contract.reminded_on = False
        self.autenti.fail.append(('POST', '/actions$', NO_ANSWER, True))
        contract.action_remind()
        self.assertIn('not known whether', contract.message_ids[0].body)
        self.assertTrue(contract.reminded_on, 'not repeated')
        contract.reminded_on = False
        self.process['status'] = 'COMPLETED'
        with self.refused('Already sent', UserError):
            contract.action_remind()
        self.assertFalse(contract.reminded_on)

    def test_lost_answers(self):
        """Whatever answer is lost, and whether or not the request was done, the document is sent exactly once."""
        for method, path in (('POST', '/document-processes$'), ('POST', '/files$'), ('POST', '/actions$')):
            for done in (False, True):
                with self.subTest(path=path, done=done):
                    self.autenti.processes.clear()
                    self.autenti.fail.append((method, path, NO_ANSWER, done))
                    contract = self.make_contract()
                    self.run_cron('cron_contract_send')
                    self.assertEqual((contract.state, contract.send_tried), ('sending', True))
                    self.send(contract)
                    self.assertEqual(contract.state, 'sent')
                    self.assertEqual(sum(process['sent'] for process in self.autenti.processes.values()), 1)
                    self.assertEqual(len(self.autenti.processes[contract.provider_ref]['files']), 1)

    def test_lost_send_that_cannot_be_judged(self):
        contract = self.make_contract()
        self.autenti.fail.append(('POST', '/actions$', NO_ANSWER, True))
        self.run_cron('cron_contract_send')
        self.process['status'] = 'ODD'
        self.send(contract)
        self.assertEqual(contract.state, 'review')
        self.assertIn('ODD', contract.error)
        self.assertTrue(contract.activity_ids)
        actions = len([path for path in self.autenti.paths('POST') if path.endswith('/actions')])
        self.assertEqual(actions, 1, 'not repeated')
        self.process['status'] = 'PROCESSING'
        contract.action_send()
        self.send(contract)
        self.assertEqual((contract.state, self.process['sent']), ('sent', 1))

    def test_lost_create_for_review(self):
        self.account.setting_ids.filtered(lambda setting: setting.key == 'lost_create').value = 'review'
        contract = self.make_contract()
        self.autenti.fail.append(('POST', '/document-processes$', NO_ANSWER, True))
        self.run_cron('cron_contract_send')
        self.send(contract)
        self.assertEqual((contract.state, len(self.autenti.processes)), ('review', 1))

    def test_slow_down(self):
        contract = self.make_contract()
        self.autenti.fail.append(
            ('POST', '/document-processes$', self.autenti.json({}, 429, **{'Retry-After': '900'}), False)
        )
        self.run_cron('cron_contract_send')
        self.assertEqual((contract.state, contract.send_tried), ('sending', False))
        self.assertGreater(contract.send_after, fields.Datetime.add(fields.Datetime.now(), seconds=800))
        self.run_cron('cron_contract_send')
        self.assertFalse(self.autenti.processes, 'waits as it was told')

    def test_package_used_up(self):
        contract = self.make_contract()
        self.autenti.fail.append(('POST', '/document-processes$', self.autenti.json({}, 402), False))
        self.send(contract)
        self.assertEqual(contract.state, 'review')
        self.assertIn('used up', contract.error)
        contract.action_send()
        self.send(contract)
        self.assertEqual(contract.state, 'sent')

    def test_cancel_withdraws(self):
        contract = self.make_contract()
        self.send(contract)
        contract.action_cancel()
        self.assertEqual((contract.state, self.process['status']), ('cancel', 'WITHDRAWN'))
        self.autenti.complete(contract.provider_ref)
        contract.action_refresh()
        self.run_cron('cron_contract_poll')
        self.assertEqual(contract.state, 'cancel')

    def test_sms_needs_a_phone(self):
        self.kim.phone = False
        with self.refused('no valid phone number', UserError):
            self.make_contract(level='sms')

    def test_secrets(self):
        with self.assertRaises(AccessError):
            self.env['mlm.sign.setting'].with_user(self.clerk).search([])
        with self.assertRaises(AccessError):
            self.account.with_user(self.clerk).read(['tokens'])
        with self.assertRaises(AccessError):
            self.account.with_user(self.clerk).action_test()

    def test_login_is_tested(self):
        self.assertEqual(self.account.action_test()['params']['type'], 'success')
        self.account.setting_ids.filtered(lambda setting: setting.key == 'client_secret').value = 'wrong'
        self.assertEqual(self.account.action_test()['params']['type'], 'danger')


@tagged('post_install', '-at_install')
class TestAutentiCallback(AutentiCommon, HttpCase):
    def call(self, raw, signature=None, account=None):
        headers = {'Content-Type': 'application/json'} | ({'x-jws-signature': signature} if signature else {})
        return self.url_open(f'/mlm/sign/callback/{account or self.account.id}', data=raw, headers=headers)

    def make_sent(self):
        contract = self.make_contract()
        contract.write(
            {
                'state': 'sent',
                'provider_ref': 'DOCUMENT_PROCESS:1',
                'poll_on': fields.Datetime.add(fields.Datetime.now(), hours=1),
            }
        )
        raw = json.dumps(
            [
                {
                    'id': 'EVENT:1',
                    'eventType': 'EVENT_CLASSIFIER-UNIQUE_TYPE:DOCUMENT_PROCESS_COMPLETED',
                    'object': {'id': 'DOCUMENT_PROCESS:1', 'type': 'DOCUMENT_PROCESS'},
                }
            ]
        ).encode()
        return contract, raw

    def asked(self, contract):
        contract.invalidate_recordset()
        return contract.poll_on <= fields.Datetime.now()

    def test_genuine(self):
        contract, raw = self.make_sent()
        self.assertEqual(self.call(raw, self.autenti.sign(raw)).status_code, 200)
        self.assertTrue(self.asked(contract))
        self.assertEqual(contract.state, 'sent', 'a callback is never believed, only followed by a look')
        self.assertEqual(self.call(raw, self.autenti.sign(raw)).status_code, 200, 'twice is no harm')

    def test_forged(self):
        contract, raw = self.make_sent()
        other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        genuine = self.autenti.sign(raw)
        head, _payload, sign = genuine.split('.')
        for signature in (
            None,
            'x',
            '..',
            self.autenti.sign(raw, key=other),
            self.autenti.sign(raw + b' '),
            self.autenti.sign(raw, kid='key-9'),
            self.autenti.sign(raw, alg='none'),
            self.autenti.sign(raw, crit=['b64'], b64=False),
            f'{head}.e30.{sign}',
        ):
            with self.subTest(signature=signature):
                self.assertEqual(self.call(raw, signature).status_code, 403)
        self.assertFalse(self.asked(contract))
        self.assertEqual(self.call(raw, genuine, account=self.account.id + 1000).status_code, 404)

    def test_unknown_keys_do_not_make_us_ask_again_and_again(self):
        _contract, raw = self.make_sent()
        for number in range(5):
            self.call(raw, self.autenti.sign(raw, kid=f'key-{number + 2}'))
        self.assertEqual(self.autenti.paths('GET').count('/jwks'), 1)

    def test_login_of_an_administrator(self):
        self.account.setting_ids.filtered(lambda setting: setting.key == 'grant').value = 'authorization_code'
        admin = self.new_user('off_system', 'base.group_user,base.group_system')
        for login in ('off_clerk', 'off_system'):
            self.authenticate(login, login)
            action = self.url_open(
                '/web/dataset/call_button/mlm.sign.account/action_log_in',
                json={
                    'params': {
                        'model': 'mlm.sign.account',
                        'method': 'action_log_in',
                        'args': [self.account.ids],
                        'kwargs': {},
                    }
                },
            ).json()
            if login == 'off_clerk':
                self.assertIn('AccessError', action['error']['data']['name'])
        self.assertTrue(admin)
        state = parse_qs(urlparse(action['result']['url']).query)['state'][0]
        self.url_open(f'/mlm/sign/login?code=good&state={state[:-3]}abc', allow_redirects=False)
        self.assertFalse(self.saved, 'a state that is not ours')
        self.url_open(f'/mlm/sign/login?code=good&state={state}', allow_redirects=False)
        self.assertEqual(self.saved[-1]['refresh_token'], 'by-code')

    def test_rubbish(self):
        for raw in (b'{', b'[1, null, {"object": 5}]', b'{"object": {"id": "DOCUMENT_PROCESS:unknown"}}'):
            self.assertEqual(self.call(raw, self.autenti.sign(raw)).status_code, 200)
