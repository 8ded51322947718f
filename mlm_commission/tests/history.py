# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What people do to invoices, one thing after another, by chance."""
import random

from odoo import Command, fields

from .common import CommissionCommon


class HistoryCommon(CommissionCommon):
    """A company in which whatever accounting offers happens to invoices.

    Two plans: one pays when an invoice is paid (differential, 30 percent together), one when it is posted (4 and 2
    percent to the two above the seller). Taxes, cash rounding, francs, orders paid in advance; a reserve on one product;
    one agent is paid in francs; what is below 5.00 is carried forward.
    """

    #: what happens, and how often
    EVENTS = {
        'sell': 16, 'order': 4, 'pay': 18, 'bounce': 9, 'credit': 12, 'undo_credit': 5, 'pay_back': 5, 'set_off': 4,
        'edit': 14, 'cancel': 3, 'delete': 2, 'give_away': 5, 'close_month': 6,
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.action_draft()
        cls.plan.trigger = 'paid'
        cls.plan.action_activate()
        cls.agents = cls.anna + cls.ben + cls.cleo + cls.dan
        cls.levels = cls._plan('When invoiced', 'level', {'rates': [{'rate': '4'}, {'rate': '2'}]})
        for agent in cls.agents:
            cls._agree(agent, 0, plan=cls.levels)
        cls.levels.action_activate()
        cls.franc = cls.setup_other_currency('CHF', rates=[
            ('2023-01-01', 2.0), ('2024-05-01', 1.7), ('2024-08-01', 2.3), ('2024-10-01', 0.9)])
        cls.agreements[cls.anna].payout_currency_id = cls.franc
        cls.company.mlm_minimum_payout = 5
        liability = cls.env['mlm.liability'].create({'name': 'Held', 'kind': 'full', 'months': 120, 'reserve_rate': 10})
        cls.products = cls.product_a + cls.product_b
        cls.products.write({'invoice_policy': 'order', 'mlm_points': 1.5, 'standard_price': 3.33})
        cls.product_b.mlm_liability_id = liability
        cls.taxes = cls.env['account.tax']
        for rate, included in ((10, False), (5, False), (21, True)):
            cls.taxes += cls.tax_sale_a.copy({
                'name': f'history {rate}', 'amount': rate,
                'price_include_override': 'tax_included' if included else 'tax_excluded'})
        cls.rounding = cls.env['account.cash.rounding'].create({
            'name': '0.05', 'rounding': 0.05, 'strategy': 'add_invoice_line', 'rounding_method': 'HALF-UP',
            'profit_account_id': cls.company_data['default_account_revenue'].id,
            'loss_account_id': cls.company_data['default_account_expense'].id})

    def _begin(self, seed, clock):
        """Begin a history: the same seed, the same history.

        :param clock: what `freeze_time` gave
        """
        self.random, self.clock = random.Random(seed), clock
        self.month, self.day = 3, fields.Date.to_date('2024-03-01')
        self.invoices = self.touched = self.env['account.move']

    def _next(self):
        """Let one more thing happen; what it happened to is ``touched``.

        :return: its name
        """
        self.day = fields.Date.add(self.day, days=self.random.choice([0, 0, 1, 2]))
        # Mostly the present of the history, now and then the real one, so that dates run ahead of each other.
        self.clock.move_to(self.day if self.random.random() < 0.9 else fields.Date.add(self.day, days=40))
        self.touched, count, name = self.env['account.move'], len(self.invoices), None
        # What cannot happen, such as a payment where all is paid, is no step.
        while not self.touched and len(self.invoices) == count and name != 'close_month':
            [name] = self.random.choices(list(self.EVENTS), self.EVENTS.values())
            getattr(self, f'_on_{name}')()
        self.env.flush_all()
        return name

    # === EVENTS === #

    def _on_sell(self):
        lines = [Command.create({
            'product_id': self.random.choice(self.products).id, 'price_unit': round(self.random.uniform(0.01, 900), 2),
            'quantity': self.random.randint(1, 3), 'tax_ids': [Command.set(self._some_taxes().ids)],
        }) for _line in range(self.random.randint(1, 3))]
        own = self.random.random() < 0.6
        self.touched = self._invoice(
            self.random.choice(self.agents), [], day=self.day, invoice_line_ids=lines,
            currency_id=(self.company.currency_id if own else self.franc).id,
            invoice_cash_rounding_id=self.rounding.id if own and self.random.random() < 0.3 else False)
        self.invoices += self.touched

    def _on_order(self):
        """An order with a down payment, then the final invoice."""
        order = self.env['sale.order'].create({
            'partner_id': self.customer.id, 'mlm_agent_id': self.random.choice(self.agents).id,
            'order_line': [Command.create({
                'product_id': product.id, 'price_unit': round(self.random.uniform(20, 900), 2),
                'tax_ids': [Command.clear()]}) for product in self.products[:self.random.randint(1, 2)]]})
        order.action_confirm()
        wizards = self.env['sale.advance.payment.inv'].with_context(active_model='sale.order', active_ids=order.ids)
        for values in ({'advance_payment_method': 'percentage', 'amount': self.random.randint(20, 70)},
                       {'advance_payment_method': 'delivered'}):
            wizards.create(values).create_invoices()
            invoice = order.invoice_ids - self.touched
            invoice.invoice_date = self.day
            invoice.action_post()
            self.touched += invoice
        self.invoices += self.touched

    def _on_pay(self):
        invoice = self._one(lambda move: move.state == 'posted' and move.amount_residual > 0)
        if invoice:
            amount = round(invoice.amount_residual * self.random.choice([0.25, 0.5, 1, 1]), 2)
            self._pay(invoice, amount or invoice.amount_residual, day=self._some_day())

    def _on_bounce(self):
        """Matched by mistake, or the payment is none after all."""
        invoice = self._one(self._payments)
        if invoice:
            partial = self.random.choice(self._payments(invoice))
            payment = (partial.credit_move_id + partial.debit_move_id).move_id.origin_payment_id
            what = self.random.choice([partial.unlink, payment.action_draft, payment.action_cancel])
            # Odoo takes back only what is posted as a payment.
            (what if payment.move_id.state == 'posted' and payment.state in ('in_process', 'paid') else partial.unlink)()

    def _on_credit(self):
        invoice = self._one(lambda move: move.state == 'posted' and self._left(move) > 1)
        if invoice:
            whole = self.random.random() < 0.3 and not invoice.reversal_move_ids
            amount = None if whole else round(self._left(invoice) * self.random.uniform(0.05, 0.9), 2)
            credit = self._credit(invoice, amount, day=self._some_day())
            self._touch(credit)
            if self.random.random() < 0.5:
                self._match(invoice + credit)

    def _on_undo_credit(self):
        invoice = self._one(self._credits)
        if invoice:
            credit = self.random.choice(self._credits(invoice))
            self._touch(credit)
            credit.button_draft()

    def _on_pay_back(self):
        """What is still to be given back of a credit note, in money."""
        invoice = self._one(lambda move: self._credits(move).filtered('amount_residual'))
        if invoice:
            self._pay(self._credits(invoice).filtered('amount_residual')[:1], day=self._some_day())

    def _on_set_off(self):
        """What is still to be given back pays for something else."""
        invoice = self._one(lambda move: self._credits(move).filtered('amount_residual'))
        if not invoice:
            return
        credit = self._credits(invoice).filtered('amount_residual')[:1]
        others = self.invoices.filtered(
            lambda move: move != invoice and move.state == 'posted' and move.amount_residual
            and move.currency_id == credit.currency_id and move.partner_id == credit.partner_id)
        if others:
            self.touched += self.random.choice(others)
            self._match(credit + self.touched[-1])

    def _on_edit(self):
        """Back to a draft, something changed or nothing, and posted again."""
        invoice = self._one(lambda move: move.state == 'posted' and not self._credits(move))
        if not invoice:
            return
        self._touch(invoice)
        invoice.button_draft()
        # What comes from an order stays as ordered: its final invoice could end below zero.
        ordered = invoice.line_ids.sale_line_ids
        for change in self.random.sample(['price', 'quantity', 'line', 'more', 'day', 'customer'], self.random.randint(0, 3)):
            if not ordered or change in ('day', 'customer'):
                getattr(self, f'_change_{change}')(invoice, invoice.invoice_line_ids.filtered('product_id'))
        invoice.action_post()

    def _change_price(self, _invoice, lines):
        # By so little that only rounding tells, or by much.
        price = lines[0].price_unit
        lines[0].price_unit = self.random.choice([price + 0.01, round(self.random.uniform(1, 900), 2)])

    def _change_quantity(self, _invoice, lines):
        lines[0].quantity += self.random.choice([1, 0.001])

    def _change_line(self, _invoice, lines):
        if len(lines) > 1:
            lines[-1].unlink()

    def _change_more(self, invoice, _lines):
        invoice.invoice_line_ids = [Command.create({
            'product_id': self.product_a.id, 'price_unit': 77.77, 'tax_ids': [Command.clear()]})]

    def _change_day(self, invoice, _lines):
        invoice.invoice_date = self._some_day()

    def _change_customer(self, invoice, _lines):
        agent = invoice.mlm_agent_id
        invoice.partner_id = self.customer if invoice.partner_id != self.customer else self.partner_a
        invoice.mlm_agent_id = agent

    def _on_cancel(self):
        invoice = self._one(lambda move: move.state == 'posted' and not self._credits(move))
        if invoice:
            self._touch(invoice)
            invoice.button_draft()
            invoice.button_cancel()

    def _on_delete(self):
        invoice = self._one(lambda move: not move.reversal_move_ids and not move.line_ids.sale_line_ids)
        if invoice:
            self._touch(invoice)
            if invoice.state != 'draft':
                invoice.button_draft()
            self.invoices -= invoice
            self.touched -= invoice
            invoice.with_context(force_delete=True).unlink()

    def _on_give_away(self):
        invoice = self._one(lambda move: move.state == 'posted')
        if invoice:
            invoice.mlm_agent_id = self.random.choice(self.agents)

    def _on_close_month(self):
        """Close the month with what is dated in it or before and not settled yet."""
        if self.month <= 11:
            period = self._period(self.month)
            period.action_calculate()
            self.clock.move_to('2025-01-01')
            period.action_close()
            self.month += 1
            self.day = max(self.day, fields.Date.add(period.date_to, days=1))

    def _take_everything_back(self):
        """Credit whatever is left of anything, in as many parts as it takes."""
        for invoice in self.invoices.filtered(lambda move: move.state == 'posted'):
            if invoice.line_ids.sale_line_ids:
                # Of a final invoice the goods and what was paid in advance go back line by line, as a whole.
                for credit in self._credits(invoice):
                    credit.button_draft()
                self._credit(invoice, day=self.day)
            elif self._left(invoice):
                credit = self._credit(invoice, 1, day=self.day, post=False)
                credit.invoice_line_ids.write({'price_unit': self._left(invoice), 'tax_ids': [Command.clear()]})
                credit.action_post()
        self.env.flush_all()

    # === WHAT THERE IS === #

    def _some_day(self):
        return fields.Date.subtract(self.day, days=self.random.choice([0, 0, 3, 20]))

    def _some_taxes(self):
        return self.random.choice([
            self.taxes[:0], self.taxes[:0], self.taxes[0], self.taxes[0] + self.taxes[1], self.taxes[2]])

    def _one(self, condition):
        found = [invoice for invoice in self.invoices if condition(invoice)]
        self.touched = self.random.choice(found) if found else self.touched
        return self.touched

    def _touch(self, document):
        """Look also at the other sales that a document is matched with, and will not be any more."""
        lines = self._receivable(document)
        partners = (lines.matched_credit_ids.credit_move_id + lines.matched_debit_ids.debit_move_id).move_id
        self.touched |= self.invoices & (partners | partners.reversed_entry_id)

    def _match(self, moves):
        self._receivable(moves).filtered(lambda line: not line.reconciled).reconcile()

    def _receivable(self, moves):
        return moves.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')

    def _payments(self, document):
        """Partial reconciliations with payments, exchange differences left aside."""
        return self._receivable(document).matched_credit_ids.filtered(
            lambda partial: partial.credit_move_id.move_id.origin_payment_id and partial.debit_amount_currency)

    def _credits(self, invoice):
        return invoice.reversal_move_ids.filtered(lambda move: move.state == 'posted')

    def _net(self, moves, name='amount_currency'):
        """What was sold on documents, without taxes and cash rounding; below zero on credit notes."""
        return -round(sum(moves.invoice_line_ids.filtered(lambda line: line.display_type == 'product').mapped(name)), 2)

    def _left(self, invoice):
        return round(self._net(invoice) + self._net(self._credits(invoice)), 2)
