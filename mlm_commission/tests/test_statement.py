# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestStatement(CommissionCommon):

    def _close(self, month):
        period = self._period(month)
        period.action_calculate()
        period.action_close()
        return {statement.agent_id: statement for statement in period.statement_ids}

    def test_one_for_everyone_with_anything_to_show(self):
        """1000 sold by Ben: Ben 200, Anna 100; nothing for Cleo and Dan below."""
        self._invoice(self.ben, 1000)
        statements = self._close(3)
        self.assertEqual(set(statements), {self.ben, self.anna})
        self.assertRecordValues(statements[self.ben], [{
            'opening': 0.0, 'earned': 200.0, 'clawed_back': 0.0, 'payable': 200.0, 'closing': 0.0,
            'bill_state': 'to_bill', 'company_id': self.company.id}])
        self.assertEqual(sorted(statement.name for statement in statements.values()),
                         ['2024-03-00001', '2024-03-00002'])
        self.assertRecordValues(statements[self.ben].line_ids, [{
            'rule_id': self.plan.rule_ids.id, 'is_clawback': False, 'count': 1, 'amount': 200.0}])

    def test_debt_is_carried_until_it_is_earned(self):
        """March +100, April -100 (all refunded) -> carried, May -60 more, June +200 -> 40."""
        march_invoice = self._invoice(self.anna, 333.33, day='2024-03-01')
        self.assertEqual(self._close(3)[self.anna].payable, 100)
        self._credit(march_invoice, day='2024-04-10')
        april = self._close(4)[self.anna]
        self.assertRecordValues(april, [{
            'opening': 0.0, 'earned': 0.0, 'clawed_back': -100.0, 'payable': 0.0, 'closing': -100.0,
            'bill_state': 'nothing'}])
        self._invoice(self.anna, 200, day='2024-05-02', move_type='out_refund')
        may = self._close(5)[self.anna]
        self.assertEqual((may.opening, may.earned, may.payable, may.closing), (-100, -60, 0, -160))
        self._invoice(self.anna, 666.67, day='2024-06-03')
        june = self._close(6)[self.anna]
        self.assertEqual((june.opening, june.earned, june.payable, june.closing), (-160, 200, 40, 0))
        # Nothing moved in July: whoever has no balance gets no statement.
        self.assertNotIn(self.anna, self._close(7))

    def test_carried_debt_shows_even_without_a_sale(self):
        self._invoice(self.anna, 100, day='2024-03-02', move_type='out_refund')
        self._close(3)
        april = self._close(4)[self.anna]
        self.assertEqual((april.opening, april.earned, april.closing), (-30, 0, -30))

    def test_bill(self):
        self._invoice(self.dan, 1000)
        invoice = self._invoice(self.dan, 500, day='2024-03-11')
        self._credit(invoice, 100, day='2024-03-12')
        statement = self._close(3)[self.dan]
        # 50 + 25 earned, 5 taken back
        statement.action_bill()
        bill = statement.bill_id
        self.assertEqual(bill.move_type, 'in_invoice')
        self.assertTrue(bill.journal_id.is_self_billing)
        self.assertEqual(bill.partner_id, self.dan)
        self.assertEqual(bill.ref, statement.name)
        self.assertEqual(sorted(bill.invoice_line_ids.mapped('price_unit')), [-5, 75])
        self.assertEqual(bill.amount_untaxed, 70)
        self.assertEqual(statement.bill_state, 'draft')
        with self.assertRaisesRegex(UserError, 'billed already'):
            statement.action_bill()
        bill.action_post()
        self.assertEqual(statement.bill_state, 'billed')
        self._pay(bill, day='2024-04-15')
        self.assertEqual(statement.bill_state, 'paid')

    def test_bill_with_balance_brought_forward(self):
        self._invoice(self.anna, 100, day='2024-03-02', move_type='out_refund')
        self._close(3)
        self._invoice(self.anna, 1000, day='2024-04-02')
        statement = self._close(4)[self.anna]
        statement.action_bill()
        self.assertEqual(statement.bill_id.amount_untaxed, 270)
        self.assertEqual(sorted(statement.bill_id.invoice_line_ids.mapped('price_unit')), [-30, 300])

    def test_taxes_by_the_agents_fiscal_position(self):
        tax = self.tax_purchase_a
        self.company._mlm_commission_product().with_company(self.company).supplier_taxes_id = tax
        exempt = self.env['account.fiscal.position'].create({'name': 'Small business', 'company_id': self.company.id})
        exempt_tax = tax.copy({'name': 'exempt', 'amount': 0, 'fiscal_position_ids': exempt.ids,
                               'original_tax_ids': tax.ids})
        self.cleo.with_company(self.company).property_account_position_id = exempt
        self._invoice(self.dan, 1000)
        statements = self._close(3)
        (statements[self.dan] + statements[self.cleo]).action_bill()
        self.assertEqual(statements[self.dan].bill_id.invoice_line_ids.tax_ids, tax)
        self.assertEqual(statements[self.cleo].bill_id.invoice_line_ids.tax_ids, exempt_tax)

    def test_cancelled_or_deleted_bill_frees_the_statement(self):
        self._invoice(self.dan, 1000)
        statement = self._close(3)[self.dan]
        statement.action_bill()
        statement.bill_id.unlink()
        self.env.invalidate_all()
        self.assertFalse(statement.bill_id)
        self.assertEqual(statement.bill_state, 'to_bill')
        statement.action_bill()
        first = statement.bill_id
        first.button_cancel()
        self.assertEqual(statement.bill_state, 'to_bill')
        statement.action_bill()
        self.assertNotEqual(statement.bill_id, first)

    def test_no_bill_without_consent(self):
        self._invoice(self.dan, 1000)
        self.agreements[self.dan].self_billing = False
        statements = self._close(3)
        with self.assertRaisesRegex(UserError, 'Dan did not agree'):
            statements[self.dan].action_bill()
        statements[self.dan].period_id.action_bill()
        self.assertFalse(statements[self.dan].bill_id)
        self.assertTrue(statements[self.cleo].bill_id, 'the others are billed all the same')

    def test_nothing_to_pay(self):
        self._invoice(self.anna, 100, day='2024-03-02', move_type='out_refund')
        statement = self._close(3)[self.anna]
        with self.assertRaisesRegex(UserError, 'nothing to pay'):
            statement.action_bill()

    def test_final(self):
        self._invoice(self.dan, 1000)
        statement = self._close(3)[self.dan]
        for change in (
            lambda: statement.write({'payable': 1}),
            lambda: statement.line_ids.write({'amount': 1}),
            statement.unlink,
        ):
            with self.assertRaises(UserError):
                change()
        statement.message_post(body='A note is possible.')
