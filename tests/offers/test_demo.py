# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The demo shows offers and contracts in every state, and the month's figures stay as they are."""
import importlib.util
from pathlib import Path

from odoo.tests import TransactionCase, tagged

from ..month.test_records import month

spec = importlib.util.spec_from_file_location('mlm_setup_offers', Path(__file__).parents[2] / 'setup' / 'offers.py')
offers = importlib.util.module_from_spec(spec)
spec.loader.exec_module(offers)


@tagged('post_install', '-at_install')
class TestDemo(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        month.sell(cls.env)
        cls.periods = month.settle(cls.env) | month.afterwards(cls.env)
        cls.before = cls._figures(cls)
        offers.show(cls.env)

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

    def test_contracts_in_every_state_of_the_portal(self):
        """All but the two that only a provider outside can bring about."""
        found = self.env['mlm.contract'].search([])
        self.assertEqual(
            set(found.mapped('state')), {'draft', 'sent', 'signed', 'declined', 'withdrawn', 'expired', 'cancel'})
        waiting = self.env.ref('mlm_offers.demo_agreement_waiting')
        self.assertEqual((waiting.state, waiting.party_ids.sorted('sequence').mapped('state')), ('sent', ['signed', 'pending']))
        self.assertEqual(self._offer('withdrawn').state, 'cancel')
        self.assertEqual(self._offer('taken_back').mlm_contract_ids.state, 'cancel')

    def test_follow_up(self):
        def outcomes(name):
            return [(row.channel, row.outcome) for row in self._offer(name).mlm_reminder_ids.sorted('id')]

        self.assertEqual(outcomes('followed'), [('email', 'sent')])
        self.assertTrue(self._offer('followed').mlm_next_step_on)
        self.assertEqual(outcomes('objected'), [('email', 'sent'), ('sms', 'skipped')])
        self.assertEqual(outcomes('expired'), [('email', 'skipped'), ('sms', 'skipped')])
        self.assertEqual(outcomes('stopped'), [])
        for name in ('objected', 'expired', 'stopped', 'answered'):
            self.assertFalse(self._offer(name).mlm_next_step_on, name)
        self.assertIn('bring the car', str(self._offer('answered').message_ids.mapped('body')))

    def test_signed_with_an_option(self):
        """490 and 390, 5 percent less, before tax."""
        order = self._offer('signed')
        self.assertEqual((order.state, order.amount_untaxed, order.invoice_ids.ids), ('sale', 836, []))

    def test_the_month_and_doing_it_again(self):
        self.assertEqual(self._figures(), self.before)
        count = self.env['sale.order'].search_count([])
        offers.show(self.env)
        self.assertEqual(self.env['sale.order'].search_count([]), count)
