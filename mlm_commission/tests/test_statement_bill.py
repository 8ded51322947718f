# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..models import mlm_statement_bill
from .common import CommissionCommon


class StatementBillCommon(CommissionCommon):
    """March: Dan sells 1,000. Dan 50, Cleo 70, Ben 80, Anna 100."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(cls.dan, 1000)
        cls.march = cls._period(3)
        cls.march.action_calculate()
        cls.march.action_close()
        cls.statements = {statement.agent_id: statement for statement in cls.march.statement_ids}

    @classmethod
    def _vendor_bill(cls, agent, amount, **values):
        return cls.env['account.move'].create({
            'move_type': 'in_invoice', 'partner_id': agent.id, 'invoice_date': '2024-04-03', 'company_id': cls.company.id,
            'invoice_line_ids': [Command.create({
                'product_id': cls.product_a.id, 'price_unit': amount, 'tax_ids': [Command.clear()]})],
            **values})


@tagged('post_install', '-at_install')
class TestStatementBill(StatementBillCommon):

    def _jobs(self):
        """Run the job as the scheduler would; the test's own transaction must live on."""
        with patch.object(type(self.env['ir.cron']), '_commit_progress', lambda *args, **kwargs: 10.0):
            self.env['mlm.statement']._cron_bill(batch=2)

    # === IN THE BACKGROUND === #

    def test_many_are_billed_in_the_background(self):
        with patch.object(mlm_statement_bill, 'BILLED_AT_ONCE', 3):
            action = self.march.action_bill()
        self.assertEqual(action['tag'], 'display_notification')
        self.assertFalse(self.march.statement_ids.bill_id)
        self.assertEqual(self.march.bill_waiting_count, 4)
        self._jobs()
        self.env.invalidate_all()
        self.assertEqual(len(self.march.statement_ids.bill_id), 4)
        self.assertEqual((self.march.bill_waiting_count, self.march.to_bill_count), (0, 0))
        bills = self.march.statement_ids.bill_id
        self._jobs()
        self.assertEqual(self.march.statement_ids.bill_id, bills)

    def test_one_that_fails_does_not_hold_up_the_others(self):
        self.march.statement_ids.sorted('id')._queue_bills()
        # Withdrawn between the button and the job.
        self.agreements[self.cleo].self_billing = False
        self._jobs()
        cleo = self.statements[self.cleo]
        self.assertEqual(self.march.statement_ids.filtered('bill_id'), self.march.statement_ids - cleo)
        self.assertIn('Cleo did not agree', cleo.bill_error)
        self.assertFalse(cleo.bill_queued)
        self.assertEqual(self.march.bill_failed_count, 1)
        self.assertEqual(self.march.unbilled_consent_count, 1)

    def test_what_was_billed_meanwhile_is_passed_over(self):
        self.march.statement_ids._queue_bills()
        self.statements[self.dan]._make_bills()
        bill = self.statements[self.dan].bill_id
        self.statements[self.dan].bill_queued = True
        self._jobs()
        self.assertEqual(self.statements[self.dan].bill_id, bill)
        self.assertFalse(self.march.statement_ids.filtered('bill_queued'))

    def test_reversed_bill_frees_the_statement(self):
        statement = self.statements[self.dan]
        statement.action_bill()
        first = statement.bill_id
        first.action_post()
        first._reverse_moves([{'invoice_date': first.invoice_date}], cancel=True)
        self.assertEqual(first.payment_state, 'reversed')
        self.assertEqual(statement.bill_state, 'to_bill')
        statement.action_bill()
        self.assertNotEqual(statement.bill_id, first)

    # === TAX STATUS === #

    def _tax_position(self):
        tax = self.tax_purchase_a
        self.company._mlm_commission_product().with_company(self.company).supplier_taxes_id = tax
        position = self.env['account.fiscal.position'].create({'name': 'Small business', 'company_id': self.company.id})
        exempt = tax.copy({'name': 'exempt', 'amount': 0, 'fiscal_position_ids': position.ids, 'original_tax_ids': tax.ids})
        return tax, exempt, position

    def test_tax_status_picks_the_fiscal_position(self):
        tax, exempt, position = self._tax_position()
        self.company.mlm_small_business_position_id = position
        self.cleo.mlm_tax_status = 'small'
        self.dan.mlm_tax_status = 'vat'
        (self.statements[self.cleo] + self.statements[self.dan]).action_bill()
        self.assertEqual(self.statements[self.cleo].bill_id.fiscal_position_id, position)
        self.assertEqual(self.statements[self.cleo].bill_id.invoice_line_ids.tax_ids, exempt)
        self.assertEqual(self.statements[self.cleo].bill_id.amount_total, 70)
        self.assertEqual(self.statements[self.dan].bill_id.invoice_line_ids.tax_ids, tax)

    def test_position_of_the_contact_goes_first(self):
        _tax, _exempt, position = self._tax_position()
        self.company.mlm_small_business_position_id = position
        own = position.copy({'name': 'Own'})
        self.cleo.mlm_tax_status = 'small'
        self.cleo.with_company(self.company).property_account_position_id = own
        self.statements[self.cleo].action_bill()
        self.assertEqual(self.statements[self.cleo].bill_id.fiscal_position_id, own)

    def test_status_without_a_position_is_refused(self):
        self.cleo.mlm_tax_status = 'foreign'
        with self.assertRaisesRegex(UserError, 'Cleo.*reverse charge.*no fiscal position'):
            self.statements[self.cleo].action_bill()

    # === THE AGENT'S OWN INVOICE === #

    def _match(self, agent):
        action = self.statements[agent].action_match()
        return Form(self.env['mlm.statement.match'].with_context(**action['context']))

    def test_own_invoice_is_matched(self):
        self.agreements[self.dan].self_billing = False
        bill = self._vendor_bill(self.dan, 50)
        self._vendor_bill(self.dan, 51)
        self._vendor_bill(self.ben, 50)
        form = self._match(self.dan)
        self.assertEqual(form.bill_id, bill, 'the one of this amount is proposed')
        form.save().action_match()
        statement = self.statements[self.dan]
        self.assertEqual((statement.bill_id, statement.bill_state), (bill, 'draft'))
        bill.action_post()
        self._pay(bill, day='2024-04-15')
        self.assertEqual(statement.bill_state, 'paid')

    def test_difference_is_named(self):
        self.agreements[self.dan].self_billing = False
        bill = self._vendor_bill(self.dan, 51.5, ref=f'for {self.statements[self.dan].name}')
        form = self._match(self.dan)
        self.assertEqual(form.bill_id, bill, 'the one that names the statement is proposed')
        self.assertEqual((form.invoiced, form.difference), (51.5, 1.5))
        wizard = form.save()
        with self.assertRaisesRegex(UserError, r'51.50.*50.00.*1.50'):
            wizard.action_match()
        self.assertFalse(self.statements[self.dan].bill_id)
        wizard.note = 'Postage, agreed with the manager'
        wizard.action_match()
        self.assertEqual(self.statements[self.dan].bill_id, bill)
        self.assertIn('Postage', ''.join(self.statements[self.dan].message_ids.mapped('body')))

    def test_one_invoice_for_several_statements(self):
        """March 50, April 5 % of 600 = 30: one invoice of 80. A third agent's, or one in another currency, is refused."""
        self.agreements[self.dan].self_billing = self.agreements[self.ben].self_billing = False
        self._invoice(self.dan, 600, day='2024-04-10')
        april = self._period(4)
        april.action_calculate()
        april.action_close()
        march, second = self.statements[self.dan], april.statement_ids.filtered(lambda one: one.agent_id == self.dan)
        bill = self._vendor_bill(self.dan, 80)
        form = self._match(self.dan)
        self.assertEqual((form.also_ids[:], form.expected, form.bill_id, form.problem), (second, 80, bill, False))
        form.also_ids.remove(second.id)
        self.assertEqual((form.expected, form.bill_id), (50, bill.browse()))
        form.bill_id = bill
        self.assertIn('80.00', form.problem)
        form.also_ids.add(second)
        wizard = form.save()
        wizard.bill_id = bill
        wizard.also_ids += self.statements[self.ben]
        with self.assertRaisesRegex(UserError, 'one agent'):
            wizard.action_match()
        wizard.also_ids -= self.statements[self.ben]
        wizard.action_match()
        self.assertEqual((march.bill_id, second.bill_id), (bill, bill))
        bill.action_post()
        self._pay(bill, day='2024-05-15')
        self.assertEqual((march + second).mapped('bill_state'), ['paid', 'paid'])
        bill.button_draft()
        bill.button_cancel()
        self.assertEqual((march + second).mapped('bill_state'), ['to_bill', 'to_bill'])

    def test_two_who_match_the_same_invoice(self):
        """The second does not see yet what the first did: the place on the bill is taken."""
        self.agreements[self.dan].self_billing = False
        bill = self._vendor_bill(self.dan, 50)
        self._match(self.dan).save().action_match()
        self.env.flush_all()
        with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'), self.cr.savepoint():
            self.statements[self.cleo].write({'bill_id': bill.id})
            self.env.flush_all()

    def test_from_the_list(self):
        self.agreements[self.dan].self_billing = False
        self._invoice(self.dan, 600, day='2024-04-10')
        april = self._period(4)
        april.action_calculate()
        april.action_close()
        second = april.statement_ids.filtered(lambda one: one.agent_id == self.dan)
        action = (second + self.statements[self.dan]).action_match()
        form = Form(self.env['mlm.statement.match'].with_context(**action['context']))
        self.assertEqual((form.statement_id, form.also_ids[:]), (second, self.statements[self.dan]))
        self.assertEqual(form.expected, 80)

    def test_what_cannot_be_matched(self):
        self.agreements[self.dan].self_billing = False
        other = self._vendor_bill(self.ben, 50)
        wizard = self.env['mlm.statement.match'].create({'statement_id': self.statements[self.dan].id, 'bill_id': other.id})
        with self.assertRaisesRegex(UserError, 'no bill of Dan'):
            wizard.action_match()
        bill = self._vendor_bill(self.dan, 50)
        self._match(self.dan).save().action_match()
        with self.assertRaisesRegex(UserError, 'billed already'):
            self.statements[self.dan].action_match()
        bill.unlink()
        self.env.invalidate_all()
        self.assertEqual(self.statements[self.dan].bill_state, 'to_bill')
        officer = new_test_user(self.env, 'o', groups='mlm_network.group_officer', company_id=self.company.id,
                                company_ids=[Command.set(self.company.ids)])
        with self.assertRaises(AccessError), mute_logger('odoo.addons.base.models.ir_model'):
            self.env['mlm.statement.match'].with_user(officer).create({'statement_id': self.statements[self.dan].id})

    def test_who_waits_for_an_invoice_is_found(self):
        self.agreements[self.dan].self_billing = False
        statements = self.env['mlm.statement']
        period = [('period_id', '=', self.march.id)]
        self.assertEqual(statements.search(period + [('self_billing', '=', False)]), self.statements[self.dan])
        self.assertEqual(len(statements.search(period + [('self_billing', '=', True)])), 3)
        self.agreements[self.dan].date_to = '2024-12-31'
        self.assertFalse(self.statements[self.dan].self_billing)

    def test_consent_is_given_not_assumed(self):
        """Whoever has no agreement agreed to nothing; who withdraws the consent for later days agreed to these."""
        self.env.cr.execute(
            'UPDATE mlm_agreement SET state = \'cancelled\' WHERE id = %s', [self.agreements[self.dan].id])
        self.agreements[self.cleo].date_to = '2024-03-31'
        self._agree(self.cleo, 12, date_from='2024-04-01', self_billing=False)
        self.env.invalidate_all()
        self.assertFalse(self.statements[self.dan].self_billing)
        self.assertTrue(self.statements[self.cleo].self_billing)
