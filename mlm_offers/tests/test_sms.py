# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from unittest.mock import patch
from urllib.parse import parse_qs

import requests

from odoo.tests import tagged

from ..tools.smsapi import SmsApiPl
from .common import OffersCommon, Vendor

_real_send = requests.Session.send


class SmsApiServer(Vendor):
    """Plays SMSAPI's /sms.do: a token, an idx that is taken once, and errors as documented."""

    def __init__(self):
        super().__init__()
        self.sent, self.fail = {}, []

    def handle(self, method, path, headers, body):
        form = {key: value[0] for key, value in parse_qs(body.decode()).items()}
        rule = self.fail.pop(0) if self.fail else None
        if rule and not rule[1]:
            return rule[0]
        answer = self.do(path, headers, form)
        return rule[0] if rule else answer

    def do(self, path, headers, form):
        if headers.get('Authorization') != 'Bearer secret':
            return self.json({'error': 101, 'message': 'Authorization failed'}, 401)
        if form['check_idx'] == '1' and form['idx'] in self.sent:
            return self.json({'error': 53, 'message': 'Not unique idx parameter'}, 400)
        self.sent[form['idx']] = form
        return self.json(
            {
                'count': 1,
                'list': [{'id': 'A1', 'points': 0.1, 'number': form['to'], 'status': 'QUEUE', 'idx': form['idx']}],
            }
        )


@tagged('post_install', '-at_install')
class TestSmsApi(OffersCommon):
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
                }
            )
        )
        composer._action_send_sms()
        states = {sms.partner_id: sms.state for sms in self.env['sms.sms'].search([('body', '=', 'Hello')])}
        self.assertEqual(states, {self.kim: 'canceled', self.karl: 'outgoing'})
