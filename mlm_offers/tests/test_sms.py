# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import io
import re
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlparse

import requests

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from ..tools.smsapi import SmsApiPl
from .common import PNG, OffersCommon, Vendor, decode
from .sms_server import SmsApiServer

_real_send = requests.Session.send


class SmsApiCommon(OffersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo's tests forbid requests to anywhere; this one gateway lives on loopback.
        cls.startClassPatcher(patch.object(requests.Session, 'send', _real_send))

    def setUp(self):
        super().setUp()
        self.server = SmsApiServer()
        self.addCleanup(self.server.close)
        self.env.company.write(
            {
                'mlm_sms_gateway': 'smsapi',
                'mlm_smsapi_token': 'secret',
                'mlm_smsapi_url': self.server.url,
                'mlm_smsapi_sender': 'Firma',
            }
        )

    def send(self, text='Zażółć gęślą jaźń'):
        sms = self.env['sms.sms'].create({'number': '+48600100200', 'body': text, 'partner_id': self.kim.id})
        sms.send(unlink_failed=False, unlink_sent=False)
        return sms


@tagged('post_install', '-at_install')
class TestSmsApi(SmsApiCommon):
    def test_sent(self):
        sms = self.send()
        self.assertEqual((sms.state, sms.failure_type), ('pending', False))
        form = self.server.sent[sms.uuid]
        self.assertEqual((form['to'], form['message'], form['from']), ('+48600100200', 'Zażółć gęślą jaźń', 'Firma'))
        self.assertNotIn('test', form)

    def test_errors(self):
        self.env.company.mlm_smsapi_token = 'wrong'
        sms = self.send()
        self.assertEqual((sms.state, sms.failure_type), ('error', 'sms_acc'))
        self.env.company.mlm_smsapi_token = 'secret'
        for code, failure in (
            (13, 'sms_number_format'),
            (14, 'sms_acc'),
            (11, 'sms_server'),
            (103, 'sms_credit'),
            (201, 'sms_server'),
        ):
            self.server.fail = [(Vendor.json({'error': code, 'message': 'x'}, 400), False)]
            with self.subTest(code=code):
                self.assertEqual(self.send().failure_type, failure)
        self.assertFalse(self.server.sent)

    def test_a_lost_answer_is_not_sent_twice(self):
        self.server.fail = [((None, {}, b''), True)]
        sms = self.send()
        self.assertEqual(sms.state, 'pending')
        self.assertEqual((len(self.server.requests), len(self.server.sent)), (2, 1))

    def test_no_answer_at_all(self):
        self.server.fail = [((None, {}, b''), False)] * 2 + [((502, {}, b'<html>'), False)] * 2
        for _time in range(2):
            sms = self.send()
            self.assertEqual((sms.state, sms.failure_type), ('error', 'sms_server'))
        sms.write({'state': 'outgoing'})
        sms.send(unlink_sent=False)
        self.assertEqual((sms.state, len(self.server.sent)), ('pending', 1))

    def test_each_company_has_its_gateway(self):
        other = self.env['res.company'].create({'name': 'Other'})
        mine = self.env['sms.sms'].create({'number': '+48600100200', 'body': 'x'})
        theirs = self.env['sms.sms'].with_company(other).create({'number': '+48600100200', 'body': 'y'})
        self.assertIs(self.env.company._get_sms_api_class(), SmsApiPl)
        self.assertIsNot(other._get_sms_api_class(), SmsApiPl)
        parts = list(mine._split_by_api())
        self.assertIsInstance(parts[0][0], SmsApiPl)
        with patch.object(type(theirs), '_get_sms_company', lambda sms: other):
            self.assertNotIsInstance(next(iter(theirs._split_by_api()))[0], SmsApiPl)

    def test_the_queue_uses_the_gateway_of_each_company(self):
        """Odoo's scheduler takes the messages of all companies at once."""
        other = self.env['res.company'].create({'name': 'Other'})
        other.write(
            {
                'mlm_sms_gateway': 'smsapi',
                'mlm_smsapi_token': 'secret',
                'mlm_smsapi_url': self.server.url,
                'mlm_smsapi_sender': 'Other',
                'mlm_smsapi_reports': False,
            }
        )
        mine = self.env['sms.sms'].create({'number': '+48600100200', 'body': 'x'})
        theirs = self.env['sms.sms'].with_company(other).create({'number': '+48600100201', 'body': 'y'})
        (mine + theirs).with_company(self.env.company)._send(unlink_sent=False)
        self.assertEqual(self.server.sent[mine.uuid]['from'], 'Firma')
        self.assertEqual(self.server.sent[theirs.uuid]['from'], 'Other')
        self.assertIn(f'/mlm/sms/smsapi/{mine.uuid}/', self.server.sent[mine.uuid]['notify_url'])
        self.assertNotIn('notify_url', self.server.sent[theirs.uuid])

    def test_composer_respects_the_blacklist(self):
        self.env['phone.blacklist']._add(['+48600100200'])
        orders = self.make_offer() + self.make_offer(self.karl)
        self.karl.phone = '+48 600 100 299'
        composer = (
            self.env['sms.composer']
            .with_user(self.clerk)
            .with_context(**{'active_ids': orders.ids, 'active_model': 'sale.order'})
            .create(
                {
                    'composition_mode': 'mass',
                    'res_model': 'sale.order',
                    'res_ids': repr(orders.ids),
                    'body': 'Hello',
                    'mass_force_send': False,
                    'use_exclusion_list': True,
                    'mlm_consent_only': False,
                }
            )
        )
        composer._action_send_sms()
        states = {sms.partner_id: sms.state for sms in self.env['sms.sms'].search([('body', '=', 'Hello')])}
        self.assertEqual(states, {self.kim: 'canceled', self.karl: 'outgoing'})


@tagged('post_install', '-at_install')
class TestSmsReports(SmsApiCommon, HttpCase):
    def setUp(self):
        super().setUp()
        order = self.make_offer()
        order._mlm_send_sms('Hello')
        self.sms = self.env['sms.sms'].search([('partner_id', '=', self.kim.id)])
        self.sms.send(unlink_sent=False)
        self.url = urlparse(self.server.sent[self.sms.uuid]['notify_url']).path
        self.notification = self.env['mail.notification'].search([('sms_id_int', '=', self.sms.id)])

    def report(self, status, url=None):
        return self.url_open(f'{url or self.url}?MsgId=A1&status=0&status_name={status}&to=48600100200')

    def state(self):
        self.env.invalidate_all()
        return self.notification.notification_status, self.notification.failure_type

    def test_delivered(self):
        self.assertEqual(self.state()[0], 'pending')
        self.assertEqual(self.report('SENT').text, 'OK')
        self.assertEqual(self.state()[0], 'pending')
        self.assertEqual(self.report('DELIVERED').text, 'OK')
        self.assertEqual((self.state()[0], self.sms.state), ('sent', 'sent'))
        for late in ('SENT', 'DELIVERED', 'UNDELIVERED', 'SOMETHING'):
            self.assertEqual(self.report(late).text, 'OK')
            self.assertEqual((self.state()[0], self.sms.state), ('sent', 'sent'), late)

    def test_not_delivered(self):
        for status, notification in (
            ('EXPIRED', ('exception', 'sms_expired')),
            ('UNDELIVERED', ('exception', 'sms_not_delivered')),
            ('REJECTED', ('bounce', 'sms_rejected')),
        ):
            with self.subTest(status=status):
                self.notification.write({'notification_status': 'pending', 'failure_type': False})
                self.assertEqual(self.report(status).text, 'OK')
                self.assertEqual(self.state(), notification)
                self.assertEqual(self.sms.state, 'error')

    def test_a_report_that_says_nothing(self):
        """SMSAPI calls UNKNOWN what may have been delivered or not, and NOT_FOUND what it has forgotten."""
        for status in ('UNKNOWN', 'NOT_FOUND', 'RENEWAL', ''):
            self.assertEqual(self.report(status).text, 'OK')
            self.assertEqual((self.state(), self.sms.state), (('pending', False), 'pending'), status)

    def test_a_number_without_a_name(self):
        for code, status in (('403', 'pending'), ('404', 'sent')):
            self.assertEqual(self.url_open(f'{self.url}?MsgId=A1&status={code}&to=48600100200').text, 'OK')
            self.assertEqual(self.state()[0], status)

    def test_forged(self):
        other = self.env['sms.sms'].create({'number': '+48600100200', 'body': 'x'})
        for url in (self.url[:-1], self.url.replace(self.sms.uuid, other.uuid), '/mlm/sms/smsapi/x/y'):
            with mute_logger('odoo.addons.mlm_offers.controllers.sms_report'):
                self.assertEqual(self.report('DELIVERED', url).status_code, 403)
        self.assertEqual(self.state()[0], 'pending')


@tagged('post_install', '-at_install')
class TestCodes(SmsApiCommon, HttpCase):
    """Contracts that are signed in the portal with a code sent by SMS."""

    def setUp(self):
        super().setUp()
        self.template.mlm_contract_template_id = self.make_contract_template(level='sms')
        self.contract = self.make_offer()._mlm_get_or_make_contract().sudo()
        self.party = self.contract.party_ids
        self.link = f'/mlm/contract/{self.party.id}/{self.party.access_token}'

    def code(self):
        return list(self.server.sent.values())[-1]['message'][:6]

    def post(self, url, **data):
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.url_open(self.link).text)[1]
        return self.url_open(url, data=data | {'csrf_token': token})

    def test_on_the_page(self):
        page = self.url_open(self.link).text
        self.assertIn('+48\N{BULLET}\N{BULLET}\N{BULLET}\N{BULLET}\N{BULLET}\N{BULLET}200', page)
        self.assertNotIn('+48600100200', page)
        self.assertNotIn('/sign&', page)
        self.assertIn('Enter the code', self.sign()['error'])
        page = self.post(self.link + '/code').text
        form = self.server.sent[next(iter(self.server.sent))]
        self.assertEqual(form['to'], '+48600100200')
        self.assertRegex(form['message'], f'^[0-9]{{6}} .*{self.contract.name}')
        self.assertFalse(self.env['sms.sms'].search([('number', '=', '+48600100200')]), 'the code is kept nowhere')
        self.assertIn('one-time-code', page)
        wrong = f'{(int(self.code()) + 1) % 10**6:06d}'
        self.assertIn('not the code', self.post(self.link + '/code', code=wrong).text)
        self.assertEqual(self.party.code_tries, 1)
        self.assertIn('Enter the code', self.sign()['error'])
        self.assertIn('Your phone is confirmed', self.post(self.link + '/code', code=self.code()).text)
        self.assertTrue(self.sign()['force_refresh'])
        self.assertEqual((self.contract.state, self.contract.order_id.state), ('signed', 'sale'))
        evidence = PdfFileReader(io.BytesIO(decode(self.contract.signed_document))).pages[-1].extract_text()
        self.assertIn('code sent by SMS to +48600100200', ' '.join(evidence.split()))

    def sign(self):
        response = self.url_open(
            self.link + '/sign', json={'jsonrpc': '2.0', 'method': 'call', 'params': {'name': 'Kim', 'signature': PNG}}
        )
        return response.json()['result']

    def test_a_code_cannot_be_guessed(self):
        self.party._send_code()
        right = self.code()
        for number in range(5):
            self.assertIn('not the code', self.party._enter_code(f'{(int(right) + 1 + number) % 10**6:06d}'))
        self.assertIn('Too many', self.party._enter_code(right))
        self.assertTrue(self.party._needs_code())

    def test_a_code_is_good_once_and_for_ten_minutes(self):
        self.party._send_code()
        right, now = self.code(), fields.Datetime.now()
        with freeze_time(now + timedelta(minutes=11)):
            self.assertIn('no longer good', self.party._enter_code(right))
        self.assertEqual(self.party._enter_code(f'{right[:3]} {right[3:]}'), '')
        self.assertFalse(self.party._needs_code())
        self.assertIn('no longer good', self.party._enter_code(right))
        with freeze_time(now + timedelta(minutes=11)):
            self.assertTrue(self.party._needs_code(), 'the signature follows soon, or another code is needed')

    def test_codes_are_limited(self):
        self.party._send_code()
        with self.refused('a moment ago', UserError):
            self.party._send_code()
        for _time in range(4):
            self.party.code_sent_on = fields.Datetime.subtract(fields.Datetime.now(), minutes=2)
            self.party._send_code()
        self.party.code_sent_on = False
        with self.refused('5 codes were sent', UserError):
            self.party._send_code()
        self.assertEqual(len(self.server.sent), 5)

    def test_the_gateway_does_not_take_it(self):
        self.env.company.mlm_smsapi_token = 'wrong'
        self.assertIn('could not be sent', self.post(self.link + '/code').text)
        self.party.invalidate_recordset()
        self.assertFalse(self.party.code_count)
        self.env.company.mlm_smsapi_token = 'secret'
        self.post(self.link + '/code')
        self.assertEqual(self.party.code_count, 1)

    def test_a_code_is_for_whose_turn_it_is(self):
        self.contract.party_ids._refuse('No')
        with self.refused('not open', UserError):
            self.party._send_code()
