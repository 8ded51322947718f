# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.tests import tagged

from .test_statement_bill import StatementBillCommon


@tagged('post_install', '-at_install')
class TestWithholding(StatementBillCommon):
    """Where Odoo's own "Withholding Tax on Payment" is installed: 15 % of Anna's 100 are withheld when she is paid."""

    def test_withheld_when_paid(self):
        if 'account.payment.withholding.line' not in self.env:
            self.skipTest('"Withholding Tax on Payment" is not installed')
        self.company.withholding_tax_base_account_id = self.env['account.account'].create({
            'code': 'WITHB', 'name': 'Base of Withholding', 'reconcile': True, 'account_type': 'asset_current'})
        sequence = self.env['ir.sequence'].create({'name': 'Withholding', 'implementation': 'no_gap', 'padding': 4})
        tax = self.env['account.tax'].create({
            'name': 'Withheld 15 %', 'amount_type': 'percent', 'amount': -15, 'type_tax_use': 'purchase',
            'company_id': self.company.id, 'is_withholding_tax_on_payment': True, 'withholding_sequence_id': sequence.id})
        self.company._mlm_commission_product().with_company(self.company).supplier_taxes_id = tax
        statement = self.statements[self.anna]
        statement.action_bill()
        bill = statement.bill_id
        self.assertEqual((bill.amount_untaxed, bill.amount_total, bill.invoice_line_ids.tax_ids), (100, 100, tax))
        bill.invoice_date = '2024-04-02'
        bill.action_post()
        register = self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=bill.ids).create({'payment_date': '2024-04-15'})
        self.assertRecordValues(register.withholding_line_ids, [{'base_amount': 100, 'amount': 15, 'tax_id': tax.id}])
        self.assertEqual(register.withholding_net_amount, 85)
        payment = register._create_payments()
        self.assertIn(85, [abs(line.balance) for line in payment.move_id.line_ids])
        self.assertEqual((bill.amount_residual, statement.bill_state), (0, 'paid'))
