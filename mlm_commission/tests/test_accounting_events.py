# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What accounting can do to an invoice, and where it is proven that commission follows.

Names of tests are those of their module without ``test_``; no module named: this one.

| event | test |
| --- | --- |
| posted: agent, date, amounts, points, cost | test_volume: posting_counts_agent_date_amounts |
| partly, fully paid, payment undone | test_volume: paid_plan_counts_pro_rata_of_what_is_paid, ... |
| payment by bank statement line | bank_statement_line |
| payment without a journal entry | payment_without_a_journal_entry, ..._of_two_invoices |
| paid by another credit note | set_off_against_another_invoice, standalone_credit_note_as_payment |
| credit note paid out in money | refunded_in_money, refund_of_what_was_paid |
| early payment discount | early_payment_discount |
| nothing left to pay | nothing_to_pay_is_paid_when_posted |
| credited in part, in full, by more than it was, undone | test_volume: credit_notes_in_part_then_in_full, ... |
| credit note without invoice | test_volume: credit_note_without_invoice_is_a_sale_taken_back |
| reversed and invoiced anew | test_volume: reversed_and_invoiced_anew |
| goods given away come back | free_goods_returned |
| reset; price, quantity, line, customer, agent changed | test_volume; after closing: changed_after_closing |
| cancelled, deleted, also by force while it is posted | test_volume: cancel_and_delete; deleted_while_posted |
| down payment and final invoice | test_volume; down_payment_of_what_earns_nothing |
| cash rounding, taxes included and excluded, discounts | test_volume |
| foreign currency, another rate on the day of credit or payment | TestForeignCurrency |
| plan ended, archived, or a draft again before the refund | refund_after_the_plan_has_ended, ... |
| plan activated after the sale | test_volume: activating_a_plan...; paid_after_the_plans_first_day |
| everything in any order | test_random_history |

Faults seen in other commission software, and the test that they are none of ours:

| fault | test |
| --- | --- |
| order and invoice are rounded differently | same_cents_on_order_and_invoice |
| another plan version changes what was before | refund_under_a_later_version |
| the quantity is changed, and another version pays | quantity_changed_under_a_later_version |
| refund at today's rate instead of the one paid | test_settlement: refund_after_closing_takes_back... |
| price of a settled line changed: blocked | changed_after_closing |
| settled line deleted, customer changed: still paid | changed_after_closing |
| payment undone after settlement: stays paid | payment_undone_after_settlement |
| 75 % paid: nothing | test_volume: paid_plan_counts_pro_rata_of_what_is_paid |
| paid in May, settled into April | settled_in_the_month_of_payment |
| gaps between bands, band of the line instead of the period | bands_have_no_gaps_and_count_the_period |
| one person twice on a line is an error | one_person_earns_twice_on_a_line |
| down payment counted beside the whole | test_volume: down_payment_and_final_invoice_are_the_order_once |
| an archived agent silently vanishes | archived_agent |
| no indexes; naming, overrides | indexes_of_the_ledger; Odoo's test_lint (setup/test lint) |
| queries per posted invoice | test_volume: posting_costs_at_most_two_queries_more |
| queries per agent | test_settlement: statements_do_not_depend_on_the_number_of_agents |
"""
from odoo import Command, fields
from odoo.tests import freeze_time, tagged

from .common import CommissionCommon


class EventsCommon(CommissionCommon):

    @classmethod
    def _pay_on_payment(cls):
        cls.plan.action_draft()
        cls.plan.trigger = 'paid'
        cls.plan.action_activate()

    def _close(self, month):
        period = self._period(month)
        period.action_calculate()
        period.action_close()
        return period

    def _reconcile(self, *moves):
        lines = self.env['account.move'].union(*moves).line_ids
        lines.filtered(lambda line: line.account_type == 'asset_receivable' and not line.reconciled).reconcile()

    def _statement_line(self, invoice, amount, day='2024-03-20'):
        """A bank statement line, matched with an invoice as the bank's reconciliation does."""
        line = self.env['account.bank.statement.line'].create({
            'journal_id': self.company_data['default_journal_bank'].id, 'date': day, 'payment_ref': 'transfer',
            'partner_id': invoice.partner_id.id, 'amount': amount})
        receivable = invoice.line_ids.filtered(lambda item: item.account_type == 'asset_receivable')
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = receivable.account_id
        (suspense + receivable).reconcile()
        return line


@tagged('post_install', '-at_install')
class TestPayments(EventsCommon):
    """Of a plan that pays on payment: 100.00 sold by Dan, what counts after each way of paying or not paying."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._pay_on_payment()

    def _book_no_payments(self):
        # As where a reconciliation of bank statements is installed; Odoo alone books every payment.
        self.patch(type(self.env['account.move']), '_get_invoice_in_payment_state', lambda move: 'in_payment')
        journals = self.env['account.journal'].search([('company_id', '=', self.company.id), ('type', 'in', ('bank', 'cash'))])
        journals.inbound_payment_method_line_ids.payment_account_id = False

    def _paid(self, invoice):
        return self._volume(invoice, 'paid').get(self.dan, 0)

    def test_bank_statement_line(self):
        invoice = self._invoice(self.dan, 100)
        line = self._statement_line(invoice, 30)
        self.assertEqual(self._paid(invoice), 30)
        line.action_undo_reconciliation()
        self.assertEqual(self._paid(invoice), 0)

    def test_payment_without_a_journal_entry(self):
        """Without an outstanding account Odoo books nothing until the bank statement brings the same money."""
        self._book_no_payments()
        invoice = self._invoice(self.dan, 100)
        payment = self._pay(invoice, 40)
        self.assertFalse(payment.move_id)
        self.assertEqual(self._paid(invoice), 40)
        fact = invoice.mlm_volume_ids.filtered(lambda fact: fact.trigger == 'paid')
        self.assertEqual(str(fact.date), '2024-03-20')
        self._statement_line(invoice, 40, day='2024-03-25')
        self.assertEqual(self._paid(invoice), 40, 'the same money')
        payment.action_draft()
        self.assertEqual(self._paid(invoice), 40, 'it is on the bank account')
        other = self._pay(invoice, 25, day='2024-04-02')
        self.assertEqual(self._paid(invoice), 65)
        other.action_cancel()
        self.assertEqual(self._paid(invoice), 40)

    def test_payment_without_a_journal_entry_of_two_invoices(self):
        self._book_no_payments()
        invoices = self._invoice(self.dan, 100) + self._invoice(self.dan, 50, day='2024-03-12')
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoices.ids).create(
                {'payment_date': '2024-03-20', 'group_payment': True, 'amount': 120})._create_payments()
        self.assertEqual([self._paid(invoice) for invoice in invoices], [100, 20], 'the one due first, first')

    def test_refunded_in_money(self):
        """50 of 100 paid, 40 credited and given back in money: 10 of the 60 that are left are paid."""
        invoice = self._invoice(self.dan, 100)
        self._pay(invoice, 50)
        credit = self._credit(invoice, 40)
        self.assertEqual(self._paid(invoice), 50, 'Odoo takes the credit off what is open')
        credit.line_ids.remove_move_reconcile()
        self._pay(credit, 40, day='2024-04-10')
        self.assertEqual(self._volume(invoice), {self.dan: 60})
        self.assertEqual(self._paid(invoice), 10)
        self._pay(invoice, day='2024-04-20')
        self.assertEqual(self._paid(invoice), 60)

    def test_refund_of_what_was_paid(self):
        invoice = self._invoice(self.dan, 100)
        self._pay(invoice)
        credit = self._credit(invoice, 40)
        self.assertEqual(self._paid(invoice), 60, 'credited, not given back yet')
        self._pay(credit, 40, day='2024-04-10')
        self.assertEqual(self._paid(invoice), 60)

    def test_set_off_against_another_invoice(self):
        """100 paid, all of it credited, the credit pays another invoice of 70: the customer's 70 count there."""
        first, second = self._invoice(self.dan, 100), self._invoice(self.dan, 70)
        self._pay(first)
        credit = self._credit(first)
        self._reconcile(credit, second)
        self.assertEqual(self._paid(first), 0)
        self.assertEqual(self._paid(second), 70)
        self.assertFalse(self._volume(credit, 'paid'))

    def test_part_paid_then_credit_set_off_elsewhere(self):
        """50 of 100 paid, 40 credited, the 40 pay another invoice: 10 of 60 are paid here, 40 there; 50 came in."""
        first, second = self._invoice(self.dan, 100), self._invoice(self.dan, 70)
        self._pay(first, 50)
        credit = self._credit(first, 40)
        credit.line_ids.remove_move_reconcile()
        self._reconcile(credit, second)
        self.assertEqual((self._paid(first), self._paid(second)), (10, 40))

    def test_standalone_credit_note_as_payment(self):
        invoice, refund = self._invoice(self.dan, 100), self._invoice(self.dan, 25, move_type='out_refund')
        self._reconcile(invoice, refund)
        self.assertEqual((self._paid(invoice), self._volume(refund, 'paid')), (25, {self.dan: -25}))

    def test_early_payment_discount(self):
        """2 % off for paying at once: the invoice is settled, and a cash discount does not lower a commission."""
        terms = self.env['account.payment.term'].create({
            'name': '2 % 10 days', 'early_discount': True, 'discount_percentage': 2, 'discount_days': 10,
            'early_pay_discount_computation': 'included',
            'line_ids': [Command.create({'value': 'percent', 'value_amount': 100, 'nb_days': 30})]})
        invoice = self._invoice(self.dan, 100, invoice_payment_term_id=terms.id)
        payment = self._pay(invoice, day='2024-03-12')
        self.assertEqual(payment.amount, 98)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._paid(invoice), 100)

    def test_nothing_to_pay_is_paid_when_posted(self):
        """Points of goods given away, and a final invoice whose down payment was all of it."""
        self.product_a.mlm_points = 3
        invoice = self._invoice(self.dan, 0)
        facts = invoice.mlm_volume_ids.filtered(lambda fact: fact.trigger == 'paid')
        self.assertEqual((sum(facts.mapped('points')), sum(facts.mapped('net'))), (3, 0))

    def test_settled_in_the_month_of_payment(self):
        """Invoiced in April, paid in May: nothing in April, 10 % of the chain's 30 in May."""
        self._close(3)
        invoice = self._invoice(self.dan, 100, day='2024-04-10')
        april = self._close(4)
        self._pay(invoice, day='2024-05-07')
        may = self._close(5)
        self.assertEqual(self._earned(april), {})
        self.assertEqual(self._earned(may), {self.dan: 5, self.cleo: 7, self.ben: 8, self.anna: 10})

    def test_payment_undone_after_settlement(self):
        """Paid and settled in March, bounced in April: what March paid is taken back in April."""
        invoice = self._invoice(self.dan, 100)
        payment = self._pay(invoice)
        march = self._close(3)
        with freeze_time('2024-04-15'):
            payment.move_id.line_ids.remove_move_reconcile()
        april = self._close(4)
        self.assertEqual(self._earned(march), {self.dan: 5, self.cleo: 7, self.ben: 8, self.anna: 10})
        self.assertEqual(self._earned(april), {self.dan: -5, self.cleo: -7, self.ben: -8, self.anna: -10})

    def test_refund_after_the_plan_has_ended(self):
        """Ended, archived or a draft again: what is undone of a payment is still taken back."""
        invoice = self._invoice(self.dan, 100)
        self._pay(invoice)
        self._close(3)
        self.plan.action_end()
        self.plan.active = False
        self._credit(invoice)
        self.assertEqual(self._paid(invoice), 0)
        april = self._close(4)
        self.assertEqual(self._earned(april), {self.dan: -5, self.cleo: -7, self.ben: -8, self.anna: -10})

    def test_payment_undone_while_the_plan_is_a_draft(self):
        invoice = self._invoice(self.dan, 100)
        payment = self._pay(invoice)
        self.plan.action_draft()
        payment.action_draft()
        invoice.button_draft()
        invoice.button_cancel()
        self.plan.action_activate()
        self.assertEqual(self._paid(invoice), 0)

    def test_paid_after_the_plans_first_day(self):
        """Invoiced before the plan's first day and paid after: the same, whenever the plan is activated."""
        self.plan.action_draft()
        self.env['mlm.plan'].search([('company_id', '=', self.company.id)]).write({'trigger': 'invoiced'})
        invoice = self._invoice(self.dan, 100, day='2024-02-20')
        self._pay(invoice, day='2024-03-05')
        self.plan.write({'trigger': 'paid', 'date_from': '2024-03-01'})
        self.plan.action_activate()
        self.assertEqual(self._paid(invoice), 100)


@tagged('post_install', '-at_install')
class TestDocuments(EventsCommon):
    """What happens to documents, before and after they are settled."""

    def test_free_goods_returned(self):
        """Two pieces for nothing, 3 points each; one comes back, then the other."""
        self.product_a.mlm_points = 3
        invoice = self._invoice(self.dan, 0, quantity=2)
        self.assertEqual(sum(invoice.mlm_volume_ids.mapped('points')), 6)
        for left in (3, 0):
            wizard = self.env['account.move.reversal'].with_context(
                active_model='account.move', active_ids=invoice.ids).create(
                    {'date': '2024-04-05', 'journal_id': invoice.journal_id.id})
            wizard.reverse_moves()
            wizard.new_move_ids.invoice_line_ids.quantity = 1
            wizard.new_move_ids.action_post()
            self.assertEqual(sum(invoice.mlm_volume_ids.mapped('points')), left)
            self.assertFalse(wizard.new_move_ids.mlm_volume_ids)

    def test_deleted_while_posted(self):
        """What no screen offers, a program may do: the deleted invoice earns nothing, the deleted credit takes nothing."""
        invoice = self._invoice(self.dan, 100)
        credit = self._credit(invoice, 40)
        credit.with_context(force_delete=True).unlink()
        self.assertEqual(self._volume(invoice), {self.dan: 100})
        facts = invoice.mlm_volume_ids
        self._pay(invoice, 10)
        invoice.with_context(force_delete=True).unlink()
        lost = self.env['mlm.volume'].search([('id', 'in', facts.ids)]) | facts.adjustment_ids
        self.assertEqual(sum(lost.mapped('net')), 0)
        self.assertIn('deleted', lost.mapped('event'))

    def test_another_invoice_is_credited(self):
        first, second = self._invoice(self.dan, 100), self._invoice(self.dan, 100)
        credit = self._credit(first, 40)
        credit.reversed_entry_id = second
        self.assertEqual((self._volume(first), self._volume(second)), ({self.dan: 100}, {self.dan: 60}))

    def test_down_payment_of_what_earns_nothing(self):
        """Half of a starter kit's price in advance is not paid for, nor taken off at the end."""
        self.product_a.write({'invoice_policy': 'order', 'mlm_commissionable': False})
        self.product_b.write({'invoice_policy': 'order', 'taxes_id': [Command.clear()]})
        for product, in_advance, finally_ in ((self.product_a, {}, {}), (self.product_b, {self.dan: 500}, {self.dan: 500})):
            order = self.env['sale.order'].create({
                'partner_id': self.customer.id, 'order_line': [Command.create({
                    'product_id': product.id, 'price_unit': 1000, 'tax_ids': [Command.clear()]})]})
            order.action_confirm()
            wizards = self.env['sale.advance.payment.inv'].with_context(
                active_model='sale.order', active_ids=order.ids)
            wizards.create({'advance_payment_method': 'percentage', 'amount': 50}).create_invoices()
            advance = order.invoice_ids
            advance.action_post()
            self.assertEqual(self._volume(advance), in_advance)
            product.mlm_commissionable = not product.mlm_commissionable
            wizards.create({'advance_payment_method': 'delivered'}).create_invoices()
            product.mlm_commissionable = not product.mlm_commissionable
            final = order.invoice_ids - advance
            final.action_post()
            self.assertEqual(self._volume(final), finally_)

    def test_changed_after_closing(self):
        """A settled invoice of 1000 + 200 changes: nothing is blocked, March stays, April corrects to what is right.

        Dan earns 5 %, Cleo 7, Ben 8, Anna 10 of what is left; by hand from the new worth.
        """
        def edit(invoice, change):
            invoice.button_draft()
            change(invoice)
            invoice.action_post()

        def cut(invoice):
            invoice.invoice_line_ids[1].unlink()

        def customer(invoice):
            invoice.partner_id = self.partner_a
            invoice.mlm_agent_id = self.dan

        def cancel(invoice):
            invoice.button_draft()
            invoice.button_cancel()

        def delete(invoice):
            cancel(invoice)
            invoice.button_draft()
            invoice.with_context(force_delete=True).unlink()

        cases = [
            ('price', lambda invoice: edit(invoice, lambda move: move.invoice_line_ids[0].write({'price_unit': 600})), 800),
            ('quantity', lambda invoice: edit(invoice, lambda move: move.invoice_line_ids[1].write({'quantity': 3})), 1600),
            ('line deleted', lambda invoice: edit(invoice, cut), 1000),
            ('customer', lambda invoice: edit(invoice, customer), 1200),
            ('cancelled', cancel, 0),
            ('deleted', delete, 0),
            ('credited', self._credit, 0),
            ('nothing', lambda invoice: edit(invoice, lambda move: None), 1200),
        ]
        invoices = [self._invoice(self.dan, [1000, 200]) for _case in cases]
        march = self._close(3)
        before = self._earned(march)
        statements = march.statement_ids.read(['payable'])
        for (name, change, _worth), invoice in zip(cases, invoices):
            with self.subTest(name), freeze_time('2024-04-15'):
                change(invoice)
        self.assertEqual(self._earned(march), before)
        self.assertEqual(march.statement_ids.read(['payable']), statements)
        april = self._close(4)
        total = sum(worth for _name, _change, worth in cases)
        self.assertEqual(self._earned(march, april), {
            agent: round(total * rate / 100, 2)
            for agent, rate in ((self.dan, 5), (self.cleo, 7), (self.ben, 8), (self.anna, 10))})

    def _later_version(self):
        """From April on the plan pays 2 % a level."""
        later = self.env['mlm.plan'].browse(self.plan.action_new_version()['res_id'])
        later.write({'date_from': '2024-04-01', 'rule_ids': [Command.clear(), Command.create({
            'name': 'Levels', 'kind': 'level', 'params': {'rates': [{'rate': '2'}]}})]})
        later.action_activate()

    def test_quantity_changed_under_a_later_version(self):
        """Two invoices of 100 of March become 200 in April, one after March was closed: 5, 7, 8, 10 % as of March."""
        early = self._invoice(self.dan, 100)
        self._later_version()
        edit = lambda invoice: (invoice.button_draft(), invoice.invoice_line_ids.write({'quantity': 2}), invoice.action_post())
        with freeze_time('2024-04-15'):
            edit(early)
        late = self._invoice(self.dan, 100)
        march = self._close(3)
        with freeze_time('2024-04-15'):
            edit(late)
        self.assertEqual(self._earned(march), {self.dan: 15, self.cleo: 21, self.ben: 24, self.anna: 30})
        self.assertEqual(self._earned(march, self._close(4)), {self.dan: 20, self.cleo: 28, self.ben: 32, self.anna: 40})

    def test_refund_under_a_later_version(self):
        """Sold under version 1 (Cleo 7 % above Dan), refunded under version 2 that pays 2 % a level: at version 1."""
        invoice = self._invoice(self.dan, 100)
        self._close(3)
        self._later_version()
        for _third in range(3):
            self._credit(invoice, 33.33)
        self._credit(invoice, 0.01)
        new = self._invoice(self.dan, 100, day='2024-04-10')
        april = self._close(4)
        sums = self.env['mlm.commission']._read_group(
            [('period_id', '=', april.id), ('plan_id', '=', self.plan.id)], ['beneficiary_id'], ['amount:sum'])
        self.assertEqual({agent: round(amount, 2) for agent, amount in sums},
                         {self.dan: -5, self.cleo: -7, self.ben: -8, self.anna: -10})
        rows = self.env['mlm.commission'].search([('volume_id', 'in', new.mlm_volume_ids.ids)])
        self.assertEqual({(row.beneficiary_id, row.amount) for row in rows}, {(self.cleo, 2)})

    def test_same_cents_on_order_and_invoice(self):
        """10 % of 33.33 is 3.33, on the quotation as on the invoice."""
        plan = self._plan('Ten', 'level', {'rates': [{'rate': '10'}]})
        self._agree(self.cleo, 0, plan=plan)
        plan.action_activate()
        order = self.env['sale.order'].create({
            'partner_id': self.customer.id, 'order_line': [Command.create({
                'product_id': self.product_a.id, 'price_unit': 33.33, 'tax_ids': [Command.clear()]})]})
        [preview] = [preview for preview in order._mlm_preview_plans() if preview['plan'] == plan]
        self.product_a.invoice_policy = 'order'
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.invoice_date = '2024-03-10'
        invoice.action_post()
        march = self._close(3)
        paid = self.env['mlm.commission'].search([('period_id', '=', march.id), ('plan_id', '=', plan.id)])
        self.assertEqual((preview['total'], paid.mapped('amount')), (3.33, [3.33]))

    def test_bands_have_no_gaps_and_count_the_period(self):
        """5 % below 101 points, 10 % from 101. 50.25 twice is 100.50: 5 % of 100.50 = 5.03; 60 and 41 are 101: 10.10."""
        self.product_a.mlm_points = 1
        plan = self._plan('Bands', 'group_differential', {'rates': [
            {'points': '1', 'rate': '5'}, {'points': '101', 'rate': '10'}]})
        self._agree(self.dan, 0, plan=plan)
        plan.action_activate()
        for month, quantities, expected in ((3, (50.25, 50.25), 5.03), (4, (60, 41), 10.10)):
            for quantity in quantities:
                self._invoice(self.dan, 1, quantity=quantity, day=f'2024-{month:02}-10')
            period = self._close(month)
            paid = self.env['mlm.commission'].search([('period_id', '=', period.id), ('plan_id', '=', plan.id)])
            self.assertEqual((paid.beneficiary_id, [round(amount, 2) for amount in paid.mapped('amount')]),
                             (self.dan, [expected]))

    def test_one_person_earns_twice_on_a_line(self):
        """Cleo stands one level above Dan under two rules: 2 % and 3 % of 100."""
        plan = self._plan('Twice', 'level', {'rates': [{'rate': '2'}]})
        plan.rule_ids = [Command.create({
            'name': 'Once more', 'kind': 'level', 'overlap': 'add', 'params': {'rates': [{'rate': '3'}]}})]
        self._agree(self.cleo, 0, plan=plan)
        plan.action_activate()
        self._invoice(self.dan, 100)
        march = self._close(3)
        rows = self.env['mlm.commission'].search([('period_id', '=', march.id), ('plan_id', '=', plan.id)])
        self.assertEqual(sorted(rows.mapped('amount')), [2, 3])
        self.assertEqual(rows.beneficiary_id, self.cleo)

    def test_archived_agent(self):
        """An archived contact stays who it was: what it sold is counted and paid, what is credited is taken back."""
        self.dan.active = False
        invoice = self._invoice(self.dan, 100)
        march = self._close(3)
        self.assertEqual(self._earned(march)[self.dan], 5)
        self._credit(invoice)
        april = self._close(4)
        self.assertEqual(self._earned(april)[self.dan], -5)

    def test_indexes_of_the_ledger(self):
        """What the ledger is asked by is indexed: the other software had primary keys alone."""
        self.env.cr.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'mlm_volume'")
        indexed = ' '.join(definition for [definition] in self.env.cr.fetchall())
        for column in ('company_id', 'agent_id', 'partner_id', 'move_id', 'origin_id', 'date'):
            self.assertIn(f'({column})', indexed)

    def test_other_company(self):
        """Another company's plan never sees this one's facts, nor its people them."""
        other = self.company_data_2['company'] if hasattr(self, 'company_data_2') else self.setup_other_company()['company']
        plan = self.env['mlm.plan'].create({
            'name': 'Other', 'company_id': other.id, 'date_from': '2024-01-01', 'trigger': 'invoiced',
            'rule_ids': [Command.create({'name': 'Levels', 'kind': 'level', 'params': {'rates': [{'rate': '2'}]}})]})
        self._agree(self.cleo, 0, plan=plan)
        plan.action_activate()
        invoice = self._invoice(self.dan, 100)
        first = fields.Date.to_date('2024-03-01')
        period = self.env['mlm.period'].create({
            'company_id': other.id, 'date_from': first, 'date_to': fields.Date.end_of(first, 'month')})
        period.action_calculate()
        self.assertEqual(period.volume_count, 0)
        self.assertEqual(self._earned(self._close(3))[self.dan], 5)
        self.assertEqual(invoice.mlm_volume_ids.company_id, self.company)
        stranger = self.env['res.users'].create({
            'name': 'Officer of the other', 'login': 'officer_other', 'company_id': other.id,
            'company_ids': [Command.set(other.ids)], 'group_ids': [Command.link(self.env.ref('mlm_network.group_officer').id)]})
        self.assertFalse(self.env['mlm.volume'].with_user(stranger).search([('company_id', '=', self.company.id)]))


@tagged('post_install', '-at_install')
class TestForeignCurrency(EventsCommon):
    """Francs: 2 to the euro in March, 1 to the euro in April. The euros of the sale are those of its day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.franc = cls.setup_other_currency('CHF', rates=[('2024-03-01', 2.0), ('2024-04-01', 1.0)])

    def test_both_amounts_are_kept(self):
        fact = self._invoice(self.dan, 100, currency_id=self.franc.id).mlm_volume_ids
        self.assertRecordValues(fact, [{
            'net': 50.0, 'currency_id': self.company.currency_id.id, 'document_net': 100.0,
            'document_currency_id': self.franc.id}])

    def test_partial_credits_end_at_exactly_zero(self):
        """100.00 francs were 50.00 euros; 33.33 francs of credit take 16.67, 16.66, 16.67 (rounded cumulatively)."""
        invoice = self._invoice(self.dan, 100, currency_id=self.franc.id)
        left = []
        for amount in (33.33, 33.33, 33.33, 0.01):
            credit = self._credit(invoice, amount)
            left.append(self._volume(invoice).get(self.dan, 0))
            self.assertFalse(credit.mlm_volume_ids, 'a worse rate is no further loss')
        self.assertEqual(left, [33.34, 16.67, 0.01, 0])
        self.assertEqual(round(sum(invoice.mlm_volume_ids.mapped('document_net')), 2), 0)

    def test_more_is_credited_than_was_sold(self):
        """30 francs beyond the 100 are a loss of their own day: 30 euros in April."""
        invoice = self._invoice(self.dan, 100, currency_id=self.franc.id)
        credit = self._credit(invoice, 130)
        self.assertEqual((self._volume(invoice), self._volume(credit)), ({}, {self.dan: -30}))

    def test_credited_in_the_companys_currency(self):
        """20.00 euros off an invoice of 100 francs: 40 of its francs, 20 of its 50 euros."""
        invoice = self._invoice(self.dan, 100, currency_id=self.franc.id)
        refund = self._invoice(self.dan, 20, day='2024-04-05', move_type='out_refund', post=False)
        refund.reversed_entry_id = invoice
        refund.action_post()
        self.assertEqual(self._volume(invoice), {self.dan: 30})

    def test_paid_at_another_rate(self):
        """100 francs paid in April, when they are 100 euros: the sale was 50, and an exchange gain is no sale."""
        self._pay_on_payment()
        invoice = self._invoice(self.dan, 100, currency_id=self.franc.id)
        payment = self._pay(invoice, 25, day='2024-04-10')
        self.assertEqual(self._volume(invoice, 'paid'), {self.dan: 12.5})
        self._pay(invoice, day='2024-04-20')
        self.assertEqual(self._volume(invoice, 'paid'), {self.dan: 50})
        payment.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(self._volume(invoice, 'paid'), {self.dan: 37.5})

    def test_settled_at_the_rate_of_the_sale(self):
        invoice = self._invoice(self.dan, 100, currency_id=self.franc.id)
        march = self._close(3)
        self.assertEqual(self._earned(march), {self.dan: 2.5, self.cleo: 3.5, self.ben: 4, self.anna: 5})
        self._credit(invoice)
        april = self._close(4)
        self.assertEqual(self._earned(march, april), dict.fromkeys((self.dan, self.cleo, self.ben, self.anna), 0))
