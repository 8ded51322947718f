# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from psycopg2 import IntegrityError
from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

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
            'rule_id': self.plan.rule_ids.id, 'kind': 'commission', 'count': 1, 'amount': 200.0}])

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


@tagged('post_install', '-at_install')
class TestBalance(CommissionCommon):
    """What of a balance is paid, what is carried, and in which currency."""

    def _close(self, month):
        period = self._period(month)
        period.action_calculate()
        period.action_close()
        return {statement.agent_id: statement for statement in period.statement_ids}

    def test_below_the_minimum_is_carried(self):
        """Dan 5 %: 40 in March and 30 in April with a minimum of 70: 0, then 70."""
        self.company.mlm_minimum_payout = 70
        self._invoice(self.dan, 800)
        march = self._close(3)
        self.assertRecordValues(march[self.dan], [{'earned': 40, 'payable': 0, 'closing': 40, 'bill_state': 'nothing'}])
        # Anna has 10 % of 800: above.
        self.assertRecordValues(march[self.anna], [{'payable': 80, 'closing': 0, 'bill_state': 'to_bill'}])
        self._invoice(self.dan, 600, day='2024-04-02')
        april = self._close(4)
        self.assertRecordValues(april[self.dan], [{'opening': 40, 'earned': 30, 'payable': 70, 'closing': 0}])

    def test_agreed_minimum(self):
        self.company.mlm_minimum_payout = 70
        self.agreements[self.dan].write({'own_minimum_payout': True, 'minimum_payout': 0})
        self.agreements[self.anna].write({'own_minimum_payout': True, 'minimum_payout': 80.01})
        self._invoice(self.dan, 800)
        march = self._close(3)
        self.assertEqual((march[self.dan].payable, march[self.anna].payable), (40, 0))

    def test_who_leaves_gets_the_rest(self):
        self.company.mlm_minimum_payout = 70
        self._invoice(self.dan, 800)
        self.agreements[self.dan].date_to = '2024-03-31'
        self.assertEqual(self._close(3)[self.dan].payable, 40)

    def test_new_terms_are_not_leaving(self):
        self.company.mlm_minimum_payout = 70
        self._invoice(self.dan, 800)
        self.agreements[self.dan].date_to = '2024-03-31'
        self._agree(self.dan, 5, date_from='2024-04-01')
        self.assertEqual(self._close(3)[self.dan].payable, 0)

    def test_debt_is_billed_where_agreed(self):
        """100 taken back from Anna (30 % of 333.33 and rounding): she is sent a credit note of the same amount."""
        invoice = self._invoice(self.anna, 333.33, day='2024-03-01')
        self._close(3)
        self.agreements[self.anna].negative_balance = 'bill'
        self._credit(invoice, day='2024-04-10')
        april = self._close(4)[self.anna]
        self.assertRecordValues(april, [{'payable': -100, 'closing': 0, 'bill_state': 'to_bill'}])
        april.action_bill()
        self.assertEqual((april.bill_id.move_type, april.bill_id.amount_untaxed), ('in_refund', 100))
        self.assertNotIn(self.anna, self._close(5), 'what was billed is not carried too')

    def test_payout_in_the_agents_currency(self):
        """1 unit of the company's currency buys 2.0004 on the last day: 70.01 -> 140.05 (140.048004 rounded)."""
        foreign = self.env['res.currency'].create({'name': 'FOR', 'symbol': 'F', 'rounding': 0.01})
        self.env['res.currency.rate'].create([
            {'currency_id': foreign.id, 'company_id': self.company.id, 'name': day, 'rate': rate}
            for day, rate in (('2024-03-01', 3), ('2024-03-31', 2.0004), ('2024-04-01', 5))])
        self.agreements[self.cleo].payout_currency_id = foreign
        self._invoice(self.dan, [500, 500.14])
        statements = self._close(3)
        statement = statements[self.cleo]
        # 7 % of 500 and of 500.14: 35 and 35.01.
        self.assertRecordValues(statement, [{
            'payable': 70.01, 'currency_id': self.company.currency_id.id, 'payout_currency_id': foreign.id,
            'payout_rate': 2.0004, 'payout': 140.05}])
        self.assertRecordValues(statements[self.ben], [{
            'payout_currency_id': self.company.currency_id.id, 'payout_rate': 1, 'payout': statements[self.ben].payable}])
        statement.action_bill()
        self.assertEqual(statement.bill_id.currency_id, foreign)
        self.assertAlmostEqual(statement.bill_id.amount_untaxed, 140.05)

    def test_bill_in_another_currency_adds_up(self):
        """Lines of 0.05 and 0.05 at 0.5: 0.03 and 0.02, not 0.03 twice."""
        foreign = self.env['res.currency'].create({'name': 'FOR', 'symbol': 'F', 'rounding': 0.01})
        self.env['res.currency.rate'].create({
            'currency_id': foreign.id, 'company_id': self.company.id, 'name': '2024-01-01', 'rate': 0.5})
        self.agreements[self.dan].payout_currency_id = foreign
        other = self._plan('Second', 'level', {'own_rate': '5', 'rates': [{'rate': '1'}]})
        self._agree(self.dan, 5, plan=other, payout_currency_id=foreign.id)
        other.action_activate()
        self._invoice(self.dan, 1)
        statement = self._close(3)[self.dan]
        self.assertEqual(statement.line_ids.mapped('amount'), [0.05, 0.05])
        statement.action_bill()
        self.assertEqual(statement.payout, 0.05)
        self.assertEqual(sorted(statement.bill_id.invoice_line_ids.mapped('price_unit')), [0.02, 0.03])

    def test_what_a_statement_refers_to_stays(self):
        """The database has no foreign keys for these; who tries to delete one of them is told why not."""
        foreign = self.env['res.currency'].create({'name': 'FOR', 'symbol': 'F', 'rounding': 0.01})
        self.env['res.currency.rate'].create({
            'currency_id': foreign.id, 'company_id': self.company.id, 'name': '2024-01-01', 'rate': 0.5})
        self.agreements[self.cleo].payout_currency_id = foreign
        self._invoice(self.dan, 1000)
        statement = self._close(3)[self.cleo]
        self.agreements[self.cleo].payout_currency_id = False
        rule = statement.line_ids.rule_id
        for record, said in ((foreign, 'Agents were paid in FOR'), (statement.period_id, 'closed and stays'),
                             (rule.plan_id, 'is in use'), (rule, 'has paid'), (self.cleo, ''), (self.company, '')):
            with self.subTest(record=record), mute_logger('odoo.sql_db'), \
                    self.assertRaisesRegex((UserError, IntegrityError), said), self.env.cr.savepoint():
                record.unlink()

    def test_a_currency_without_a_rate_is_refused(self):
        foreign = self.env['res.currency'].create({'name': 'FOR', 'symbol': 'F', 'rounding': 0.01})
        self.agreements[self.cleo].payout_currency_id = foreign
        self._invoice(self.dan, 1000)
        with self.assertRaisesRegex(UserError, 'FOR.*no rate'):
            self._close(3)

    def test_a_statement_that_does_not_add_up_is_refused(self):
        self._invoice(self.dan, 1000)
        statement = self._close(3)[self.dan]
        # Without what keeps closed statements final.
        self.env.cr.execute('ALTER TABLE mlm_statement DISABLE TRIGGER USER')
        for column in ('opening', 'earned', 'clawed_back', 'reserve_held', 'reserve_released', 'adjusted', 'closing'):
            with self.subTest(column=column), mute_logger('odoo.sql_db'), self.assertRaises(CheckViolation), \
                    self.env.cr.savepoint():
                self.env.cr.execute(SQL(
                    'UPDATE mlm_statement SET %s = %s + 1 WHERE id = %s', SQL.identifier(column), SQL.identifier(column),
                    statement.id))
