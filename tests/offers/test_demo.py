# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The demo shows offers and contracts in every state, and the month's figures stay as they are."""
import importlib.util
import sys
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import requests

from odoo import fields
from odoo.tests import TransactionCase, tagged

from ..month.test_records import month

SETUP = Path(__file__).parents[2] / 'setup'
_real_send = requests.Session.send


def load(name, imported_as):
    spec = importlib.util.spec_from_file_location(imported_as, SETUP / f'{name}.py')
    module = importlib.util.module_from_spec(spec)
    sys.modules[imported_as] = module
    spec.loader.exec_module(module)
    return module


gateways = load('gateways', 'gateways')  # as offers.py imports it
offers = load('offers', 'mlm_setup_offers')


@tagged('post_install', '-at_install')
class TestDemo(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo's tests forbid requests to anywhere; the vendors live on loopback.
        cls.startClassPatcher(patch.object(requests.Session, 'send', _real_send))
        month.sell(cls.env)
        cls.periods = month.settle(cls.env) | month.afterwards(cls.env)
        cls.before = cls._figures(cls)
        cls.registry_enter_test_mode_cls()  # jobs have transactions of their own
        offers.show(cls.env, cls._run_job)

    @staticmethod
    def _run_job(env, xmlid):
        env.flush_all()
        env.ref(xmlid).method_direct_trigger()
        env.invalidate_all()

    def _figures(self):
        return [month.table(period) for period in self.periods], self.env['mlm.volume'].search_count([])

    def _offer(self, name):
        return self.env.ref(f'mlm_offers.demo_offer_{name}')

    def test_offers_in_every_state(self):
        found = self.env['sale.order'].search([('mlm_is_offer', '=', True)])
        self.assertEqual(
            set(found.mapped('mlm_offer_state')),
            {'draft', 'sent', 'opened', 'answered', 'contract', 'won', 'expired', 'lost'})
        self.assertTrue(found.mlm_renewal_of_id)
        self.assertTrue(found.mlm_lost_reason_id)

    def test_contracts_in_every_state(self):
        found = self.env['mlm.contract'].search([])
        self.assertEqual(set(found.mapped('state')), set(dict(found._fields['state'].selection)))
        half = self.env.ref('mlm_offers.demo_agreement_waiting')
        self.assertEqual((half.state, half.party_ids.sorted('sequence').mapped('state')), ('sent', ['signed', 'pending']))
        self.assertEqual(self._offer('withdrawn').state, 'cancel')
        self.assertEqual(self._offer('taken_back').mlm_contract_ids.state, 'cancel')

    def test_at_autenti(self):
        signed, sent, review, sending = (
            self._offer(f'autenti_{name}').mlm_contract_ids for name in ('signed', 'sent', 'review', 'sending'))
        self.assertEqual((signed.state, signed.provider_state, signed.order_id.state), ('signed', 'COMPLETED', 'sale'))
        self.assertTrue(signed.certificate)
        self.assertEqual((sent.state, sent.provider_state), ('sent', 'PROCESSING'))
        self.assertIn('used up', review.error)
        self.assertTrue(review.activity_ids)
        self.assertIn('slow down', sending.error)

    def test_nothing_of_the_played_vendors_stays(self):
        account = self.env.ref('mlm_offers.demo_autenti')
        self.assertEqual(account.setting_ids.filtered(lambda setting: setting.key == 'base_url').value, gateways.ELSEWHERE)
        self.assertEqual((self.env.company.mlm_sms_gateway, self.env.company.mlm_smsapi_token), ('odoo', False))
        soon = fields.Datetime.now() + timedelta(365)
        due = self.env['mlm.contract'].search(['|', ('send_after', '<', soon), ('poll_on', '<', soon)])
        self.assertFalse(due.filtered(lambda contract: contract.state in ('sending', 'sent')))

    def test_sms(self):
        """One to a customer of the agent's, one reminder; of three in a list one has agreed, and only that one got it."""
        def states(record):
            found = record.message_ids.filtered(lambda message: message.message_type == 'sms').notification_ids
            return sorted((row.notification_status, row.failure_type or '') for row in found)

        self.assertEqual(states(self.env.ref('mlm_network.demo_customer_e1_1')), [('pending', ''), ('pending', '')])
        for code in ('e1_2', 'e2_2'):
            customer = self.env.ref(f'mlm_network.demo_customer_{code}')
            self.assertEqual(states(customer), [])
            self.assertTrue(self.env['sms.sms'].search([('partner_id', '=', customer.id), ('failure_type', '=', 'sms_optout')]))
        self.assertEqual(states(self._offer('reminded')), [('pending', '')])
        self.assertFalse(self.env['sms.sms'].search([('state', '=', 'error')]))

    def test_follow_up(self):
        def outcomes(name):
            return [(row.channel, row.outcome) for row in self._offer(name).mlm_reminder_ids.sorted('id')]

        self.assertEqual(outcomes('followed'), [('email', 'sent')])
        self.assertTrue(self._offer('followed').mlm_next_step_on)
        self.assertEqual(outcomes('reminded'), [('email', 'sent'), ('sms', 'sent')])
        self.assertEqual(outcomes('objected'), [('email', 'sent'), ('sms', 'skipped')])
        self.assertEqual(outcomes('expired'), [('email', 'skipped'), ('sms', 'skipped')])
        self.assertEqual(outcomes('stopped'), [])
        for name in ('reminded', 'objected', 'expired', 'stopped', 'answered'):
            self.assertFalse(self._offer(name).mlm_next_step_on, name)
        self.assertIn('bring the car', str(self._offer('answered').message_ids.mapped('body')))

    def test_reading_is_measured(self):
        """Once on the phone and once at the desk."""
        opened = self._offer('opened')
        self.assertEqual((opened.mlm_view_count, opened.mlm_view_seconds), (2, 175))
        self.assertEqual(sorted(opened.mlm_view_ids.mapped('device')), ['desktop', 'phone'])

    def test_signed_with_an_option(self):
        """490 and 390, 5 percent less, before tax."""
        order = self._offer('signed')
        self.assertEqual((order.state, order.amount_untaxed, order.invoice_ids.ids), ('sale', 836, []))

    def test_the_month_and_doing_it_again(self):
        self.assertEqual(self._figures(), self.before)
        count = self.env['sale.order'].search_count([])
        offers.show(self.env)
        self.assertEqual(self.env['sale.order'].search_count([]), count)
