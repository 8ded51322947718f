# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import base64
import hashlib
from datetime import date
from io import BytesIO
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from .common import PNG, OffersCommon, decode


@tagged('post_install', '-at_install')
class TestContract(OffersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract_template = cls.make_contract_template()
        cls.template.mlm_contract_template_id = cls.contract_template
        cls.officer = cls.new_user('off_officer', 'base.group_user,mlm_network.group_officer')

    def text(self, pdf):
        return '\n'.join(page.extract_text() for page in PdfFileReader(BytesIO(pdf)).pages)

    def test_customer_contract_confirms_the_order(self):
        order = self.make_offer()
        self.assertFalse(order._has_to_be_signed(), 'the contract is signed, not the quotation')
        contract = order._mlm_get_or_make_contract()
        self.assertEqual(order._mlm_get_or_make_contract(), contract, 'one contract for one offer')
        self.assertEqual((contract.state, order.mlm_offer_state), ('sent', 'contract'))
        pdf = decode(contract.document)
        self.assertEqual(contract.document_sha256, hashlib.sha256(pdf).hexdigest())
        self.assertIn(f'Between us and Kim about {order.name}.', ' '.join(self.text(pdf).split()))
        party = contract.party_ids
        mail = self.mails_to('kim@customers.example.com')
        self.assertIn(party._get_url(), mail.body_html)
        party._sign('Kim K.', PNG, '203.0.113.7', 'Phone')
        self.assertEqual((contract.state, order.state), ('signed', 'sale'))
        signed = decode(contract.signed_document)
        self.assertEqual(contract.signed_sha256, hashlib.sha256(signed).hexdigest())
        evidence = ' '.join(self.text(signed).split())
        for part in ('Kim K.', '203.0.113.7', 'Phone', 'kim@customers.example.com'):
            self.assertIn(part, evidence)
        self.assertIn(contract.document_sha256, evidence.replace(' ', ''))
        self.assertTrue(self.mails_to('anna@agents.example.com'), 'the agent is told')

    def test_documents_are_checked(self):
        contract = self.make_offer()._mlm_get_or_make_contract()
        self.assertEqual(contract.action_verify()['params']['type'], 'success')
        self.sign_all(contract)
        self.assertEqual(contract.with_user(self.clerk).action_verify()['params']['type'], 'success')
        attachment = self.env['ir.attachment'].search(
            [('res_model', '=', 'mlm.contract'), ('res_id', '=', contract.id), ('res_field', '=', 'signed_document')]
        )
        attachment.raw = attachment.raw + b' '
        contract.invalidate_recordset(['signed_document'])
        with self.refused('SHA-256 differs', UserError):
            contract.action_verify()

    def test_countersigned(self):
        self.contract_template.company_signer_id = self.clerk
        contract = self.make_offer()._mlm_get_or_make_contract()
        first, second = contract.party_ids.sorted('sequence')
        with self.refused('not your turn', UserError):
            second._sign('Clerk', PNG, '203.0.113.8', 'Desk')
        first._sign('Kim', PNG, '203.0.113.7', 'Phone')
        self.assertEqual(contract.state, 'sent')
        self.assertIn(second._get_url(), self.mails_to('off_clerk@example.com').body_html)
        with self.refused('not your turn', UserError):
            first._sign('Kim', PNG, '203.0.113.7', 'Phone')
        second._sign('Clerk', PNG, '203.0.113.8', 'Desk')
        self.assertEqual((contract.state, contract.order_id.state), ('signed', 'sale'))

    def test_agreement_activates_the_agent(self):
        template = self.make_contract_template(kind='agent', body='<p>Welcome <t t-out="object.partner_id.name"/></p>')
        self.cleo.email = 'cleo@agents.example.com'
        contract = (
            self.env['mlm.contract']
            .with_user(self.officer)
            .create({'template_id': template.id, 'partner_id': self.cleo.id})
        )
        contract.action_send()
        self.assertEqual(self.cleo.mlm_agent_state, 'candidate')
        self.sign_all(contract)
        self.assertEqual(self.cleo.mlm_agent_state, 'active')
        wizard = (
            self.env['mlm.contract.withdraw']
            .with_user(self.officer)
            .create({'contract_id': contract.id, 'reason': 'Letter'})
        )
        wizard.action_withdraw()
        self.assertEqual((contract.state, self.cleo.mlm_agent_state), ('withdrawn', 'terminated'))

    def test_terms_travel_to_who_keeps_them(self):
        """Nobody keeps terms where only this addon is installed; the hook is told them all the same."""
        template = self.make_contract_template(kind='agent', own_rate=12.5, months=12, withdrawal_days=14)
        self.cleo.email = 'cleo@agents.example.com'
        contract = self.env['mlm.contract'].create(
            {'template_id': template.id, 'partner_id': self.cleo.id, 'date_from': '2026-01-31'}
        )
        self.assertEqual(contract.date_to, date(2027, 1, 30))
        self.assertEqual(contract.has_plans, bool(self.cleo._mlm_get_plan_models()))
        contract.action_send()
        page = ' '.join(self.text(decode(contract.document)).split())
        self.assertIn('12.5 %', page, 'what takes effect stands in the document')
        told = []
        hooks = {
            '_mlm_on_agreement_signed': lambda agent, terms: told.append((agent, terms)) or agent,
            '_mlm_on_agreement_withdrawn': lambda agent, record: told.append((agent, record)),
        }
        with patch.multiple(type(self.cleo), **hooks):
            self.sign_all(contract)
            contract._withdraw('No')
        (agent, terms), withdrawn = told
        self.assertEqual(agent, self.cleo)
        self.assertEqual(
            (terms['rate'], terms['date_from'], terms['date_to'], terms['plan'], terms['self_billing']),
            (12.5, date(2026, 1, 31), date(2027, 1, 30), None, True),
        )
        self.assertEqual(terms['document'], decode(contract.signed_document))
        self.assertEqual(withdrawn, (self.cleo, self.cleo), 'what the first hook returned')

    def test_terms_that_cannot_hold(self):
        template = self.make_contract_template(kind='agent', withdrawal_days=14)
        self.cleo.email = 'cleo@agents.example.com'
        contract = self.env['mlm.contract'].create({'template_id': template.id, 'partner_id': self.cleo.id})
        contract.action_send()

        def refuse(agent, terms):
            raise UserError('Overlaps')

        with patch.object(type(self.cleo), '_mlm_on_agreement_signed', refuse):
            self.sign_all(contract)
        self.assertEqual((contract.state, self.cleo.mlm_agent_state), ('signed', 'active'))
        self.assertIn('terms could not take effect', contract.activity_ids.summary)

    def test_withdrawal_within_the_days(self):
        order = self.make_offer()
        contract = order._mlm_get_or_make_contract()
        with self.refused('not signed', UserError):
            contract._withdraw('Too early')
        self.sign_all(contract)
        self.assertEqual(contract.withdraw_until, fields.Date.add(contract.signed_on.date(), days=14))
        order._create_invoices()._post()
        contract._withdraw('Changed my mind')
        self.assertEqual((contract.state, order.state), ('withdrawn', 'cancel'))
        self.assertIn('Credit the invoices', order.activity_ids.mapped('summary'))
        with self.refused('not signed', UserError):
            contract._withdraw('Again')

    def test_withdrawal_too_late(self):
        order = self.make_offer()
        contract = order._mlm_get_or_make_contract()
        self.sign_all(contract)
        last = contract.withdraw_until
        with patch.object(fields.Date, 'today', lambda *args: fields.Date.add(last, days=1)):
            with self.refused('is over', UserError):
                contract._withdraw('Late')
        self.assertEqual(order.state, 'sale')
        with patch.object(fields.Date, 'today', lambda *args: last):
            contract._withdraw('On the last day')
        self.assertEqual(order.state, 'cancel')

    def test_declined(self):
        contract = self.make_offer()._mlm_get_or_make_contract()
        contract.party_ids._refuse('Too long')
        self.assertEqual((contract.state, contract.party_ids.reason), ('declined', 'Too long'))
        with self.refused('not open', UserError):
            contract.party_ids._sign('Kim', PNG, '203.0.113.7', '')

    def test_a_changed_document_is_refused(self):
        contract = self.make_offer()._mlm_get_or_make_contract()
        attachment = self.env['ir.attachment'].search(
            [('res_model', '=', 'mlm.contract'), ('res_id', '=', contract.id), ('res_field', '=', 'document')]
        )
        attachment.raw = attachment.raw + b' '
        contract.invalidate_recordset(['document'])
        with self.refused('SHA-256 differs', UserError):
            contract.with_user(self.clerk).action_verify()
        with self.refused('SHA-256 differs', UserError):
            contract.party_ids._sign('Kim', PNG, '203.0.113.7', '')
        with self.refused('SHA-256 differs', UserError):
            contract._read_document()

    def test_a_changed_offer_is_refused(self):
        order = self.make_offer()
        contract = order._mlm_get_or_make_contract()
        first, option = order.order_line[0], order.order_line[-1]
        first.product_uom_qty, option.product_uom_qty = 0.6, 1
        self.assertEqual(order.amount_total, contract.document_total, 'other services at the same total')
        with self.refused('changed after the contract', UserError):
            contract.party_ids._sign('Kim', PNG, '203.0.113.7', '')
        first.product_uom_qty, option.product_uom_qty = 1, 0
        contract._check_signable()
        order.order_line[0].price_unit = 1
        with self.refused('changed after the contract', UserError):
            contract.party_ids._sign('Kim', PNG, '203.0.113.7', '')
        self.assertFalse(order._can_be_edited_on_portal(), 'options are closed while a contract is out')

    def test_a_cancelled_offer_takes_its_contract_along(self):
        order = self.make_offer()
        contract = order._mlm_get_or_make_contract()
        order._action_cancel()
        self.assertEqual(contract.state, 'cancel')
        with self.refused('not open', UserError):
            contract.party_ids._sign('Kim', PNG, '203.0.113.7', '')
        contract.state = 'sent'
        with self.refused('no longer be accepted', UserError):
            contract.party_ids._sign('Kim', PNG, '203.0.113.7', '')

    def test_one_open_contract_for_one_offer(self):
        order = self.make_offer()
        contract = order._mlm_get_or_make_contract()
        values = {'template_id': self.contract_template.id, 'partner_id': self.kim.id, 'order_id': order.id}
        with self.refused('mlm_contract_order_open_uniq', UniqueViolation), mute_logger('odoo.sql_db'):
            self.env['mlm.contract'].create(values)
        contract.action_cancel()
        self.env['mlm.contract'].create(values)

    def test_the_time_to_sign(self):
        contract = self.make_offer()._mlm_get_or_make_contract()
        token = contract.party_ids.access_token
        self.assertTrue(contract.party_ids._check_token(token))
        contract.deadline = fields.Date.subtract(fields.Date.today(), days=1)
        self.assertFalse(contract.party_ids._check_token(token))
        with self.refused('is over', UserError):
            contract.party_ids._sign('Kim', PNG, '203.0.113.7', '')
        self.run_cron('cron_contract_poll')
        self.assertEqual(contract.state, 'expired')

    def test_tokens(self):
        one, two = (
            self.make_offer()._mlm_get_or_make_contract().party_ids,
            self.make_offer()._mlm_get_or_make_contract().party_ids,
        )
        self.assertGreaterEqual(len(one.access_token), 40)
        self.assertNotEqual(one.access_token, two.access_token)
        self.assertFalse(one._check_token(two.access_token))
        self.assertFalse(one._check_token(''))
        self.assertFalse(one._check_token(None))
        self.sign_all(one.contract_id)
        token = one.access_token
        self.assertTrue(one._check_token(token), 'to download and to withdraw')
        later = fields.Date.add(fields.Date.today(), days=31)
        with patch.object(fields.Date, 'today', lambda *args: later):
            self.assertFalse(one._check_token(token))

    def test_bad_signatures(self):
        party = self.make_offer()._mlm_get_or_make_contract().party_ids
        with self.refused('Enter your name', UserError):
            party._sign(' ', PNG, '203.0.113.7', '')
        with self.refused('Enter your name', UserError):
            party._sign('Kim', '', '203.0.113.7', '')
        for signature in ('%%%', base64.b64encode(b'no picture').decode()):
            with self.refused('not a picture', UserError):
                party._sign('Kim', signature, '203.0.113.7', '')
        self.assertEqual(party.state, 'pending')

    def test_nobody_forges_a_contract(self):
        contract = self.make_offer()._mlm_get_or_make_contract().with_user(self.clerk)
        for values in (
            {'state': 'signed'},
            {'document_sha256': 'x'},
            {'signed_document': 'eA=='},
            {'partner_id': self.karl.id},
            {'account_id': False},
        ):
            with self.refused('is out', UserError):
                contract.write(values)
        for values in ({'state': 'signed'}, {'signature': PNG}, {'access_token': 'x'}):
            with self.refused('cannot change any more', UserError):
                contract.party_ids.write(values)
        with self.refused('begins as a draft', UserError):
            self.env['mlm.contract'].with_user(self.clerk).create(
                {'template_id': self.contract_template.id, 'partner_id': self.kim.id, 'state': 'signed'}
            )
        with self.refused('cannot change any more', UserError):
            contract.sudo().document = base64.b64encode(b'other')
        with self.assertRaises(AccessError):
            contract.party_ids.read(['access_token'])
        with self.refused('stays on file', UserError):
            contract.sudo().unlink()

    def test_rights(self):
        customer = self.make_offer()._mlm_get_or_make_contract()
        template = self.make_contract_template(kind='agent')
        agent = self.env['mlm.contract'].create({'template_id': template.id, 'partner_id': self.cleo.id})
        both = self.env['mlm.contract'].browse((customer + agent).ids)
        own = self.new_user('off_own', 'base.group_user,sales_team.group_sale_salesman')
        manager = self.new_user('off_manager', 'base.group_user,mlm_network.group_manager')

        def seen(user):
            return self.env['mlm.contract'].with_user(user).search([('id', 'in', both.ids)])

        self.assertEqual(seen(self.clerk), customer)
        self.assertEqual(seen(self.officer), agent)
        self.assertFalse(seen(own))
        self.assertEqual(seen(manager), both.sorted('id', reverse=True))
        portal = self.new_user('off_portal', 'base.group_portal', partner_id=self.kim.id)
        with self.assertRaises(AccessError):
            seen(portal)
        other = self.env['res.company'].create({'name': 'Other'})
        stranger = self.new_user(
            'off_stranger',
            'base.group_user,mlm_network.group_manager',
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertFalse(seen(stranger))

    def test_versions(self):
        self.make_offer()._mlm_get_or_make_contract()
        with self.refused('stays as it is', UserError):
            self.contract_template.body = '<p>New</p>'
        new = self.env['mlm.contract.template'].browse(self.contract_template.action_new_version()['res_id'])
        new.body = '<p>New</p>'
        self.assertEqual((new.version, new.previous_id, new.name), (2, self.contract_template, 'Mandate'))
        self.assertFalse(self.contract_template.active)
        self.assertEqual(self.template.mlm_contract_template_id, new)

    def test_what_a_provider_cannot_do(self):
        self.contract_template.level = 'qualified'
        with self.refused('cannot do', UserError):
            self.make_offer()._mlm_get_or_make_contract()

    def test_who_cannot_sign(self):
        self.kim.email = 'nonsense'
        with self.refused('no valid e-mail', UserError):
            self.make_offer()._mlm_get_or_make_contract()

    def test_expired_offer(self):
        order = self.make_offer()
        order.validity_date = fields.Date.subtract(fields.Date.today(), days=1)
        with self.refused('no longer be accepted', UserError):
            order._mlm_get_or_make_contract()

    def pay(self, order, amount):
        """A payment as the provider's answer leaves it, and what Odoo does next."""
        provider = self.env['payment.provider'].create({'name': 'Played', 'state': 'test'})
        transaction = self.env['payment.transaction'].create(
            {
                'provider_id': provider.id,
                'payment_method_id': self.env['payment.method'].with_context(active_test=False).search([], limit=1).id,
                'reference': f'{order.name} {amount}',
                'amount': amount,
                'currency_id': order.currency_id.id,
                'partner_id': order.partner_id.id,
                'sale_order_ids': [Command.set(order.ids)],
            }
        )
        transaction.state = 'done'
        transaction._check_amount_and_confirm_order()

    def test_signed_but_to_be_paid(self):
        self.template.write({'require_payment': True, 'prepayment_percent': 0.5})
        order = self.make_offer()
        self.assertFalse(order._has_to_be_paid(), 'first the contract')
        self.sign_all(order._mlm_get_or_make_contract())
        self.assertEqual(order.state, 'sent')
        self.assertTrue(order._has_to_be_paid())
        self.pay(order, 49.99)
        self.assertEqual(order.state, 'sent', 'half of 100.00 is due')
        self.pay(order, 0.01)
        self.assertEqual(order.state, 'sale')

    def test_paid_but_not_signed(self):
        """Who pays by a link before signing has ordered nothing yet; the signature then confirms."""
        self.template.write({'require_payment': True, 'prepayment_percent': 1.0})
        order = self.make_offer()
        contract = order._mlm_get_or_make_contract()
        self.pay(order, 100)
        self.assertEqual(order.state, 'sent')
        self.sign_all(contract)
        self.assertEqual(order.state, 'sale')

    def test_order_that_cannot_be_confirmed(self):
        order = self.make_offer()
        contract = order._mlm_get_or_make_contract()

        def refuse(*args):
            raise UserError('No')

        with patch.object(type(order), 'action_confirm', refuse):
            self.sign_all(contract)
        self.assertEqual((contract.state, order.state), ('signed', 'sent'))
        self.assertTrue(order.activity_ids.filtered(lambda activity: 'could not be confirmed' in activity.summary))
