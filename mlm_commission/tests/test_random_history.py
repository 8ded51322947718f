# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import os
import random
from decimal import ROUND_HALF_UP, Decimal

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import tagged

from .common import CommissionCommon

# More of them on demand: MLM_HISTORY_STEPS=10000 MLM_HISTORY_SEED=7
STEPS = int(os.environ.get('MLM_HISTORY_STEPS', 120))
SEED = int(os.environ.get('MLM_HISTORY_SEED', 2024))


def cents(amount):
    return int((Decimal(repr(amount)) * 100).quantize(Decimal(1), ROUND_HALF_UP))


@tagged('post_install', '-at_install')
class TestRandomHistory(CommissionCommon):
    """Whatever happens to invoices, in whatever order: the ledger follows, nothing is paid twice, nothing closed moves.

    A plan that pays on payment, which makes the company count both ways. After each event an independent reckoning,
    straight from the documents, is compared with the ledger.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.action_draft()
        cls.plan.trigger = 'paid'
        cls.plan.action_activate()
        cls.agents = cls.anna + cls.ben + cls.cleo + cls.dan
        cls.invoices = cls.env['account.move']
        cls.franc = cls.setup_other_currency(
            'CHF', rates=[('2024-03-01', 2.0), ('2024-05-01', 1.7), ('2024-08-01', 2.3), ('2024-10-01', 0.9)])

    def test_random_history(self):
        self.random = random.Random(SEED)
        self.month, self.day = 3, fields.Date.to_date('2024-03-01')
        closed = {}
        done = []
        for step in range(STEPS):
            name = self.random.choices(
                ['sell', 'pay', 'bounce', 'credit', 'undo_credit', 'pay_back', 'redo', 'cancel', 'give_away', 'close_month'],
                [20, 20, 10, 14, 6, 6, 12, 4, 6, 4])[0]
            done.append(name)
            self.touched = self.env['account.move']
            self.day = fields.Date.add(self.day, days=self.random.choice([0, 0, 1, 2]))
            # Mostly the present of the history, now and then the real one, so that dates run ahead of each other.
            with freeze_time(self.day if self.random.random() < 0.9 else fields.Date.add(self.day, days=40)):
                getattr(self, f'_{name}')()
                self.env.flush_all()
            with self.subTest(step=step, last=done[-4:], seed=SEED):
                # What did not happen to an invoice is looked at now and then.
                self._check_ledger(self.invoices if not step % 10 or step == STEPS - 1 else self.touched)
                if name == 'close_month':
                    for period in self.env['mlm.period'].search([('company_id', '=', self.company.id)]):
                        figures = self._figures(period)
                        self.assertEqual(closed.setdefault(period, figures), figures, 'a closed period changed')
        self._check_clawbacks()
        self.assertGreater(len(set(done)), 7, 'the history had something of everything')

    # === EVENTS === #

    def _sell(self):
        prices = [round(self.random.uniform(0.01, 900), 2) for _line in range(self.random.randint(1, 3))]
        self.touched = self._invoice(
            self.random.choice(self.agents), prices, day=self.day, quantity=self.random.randint(1, 3),
            currency_id=self.random.choice([self.company.currency_id, self.franc]).id)
        self.invoices += self.touched

    def _some_day(self):
        return fields.Date.subtract(self.day, days=self.random.choice([0, 0, 3, 20]))

    def _one(self, condition):
        found = [invoice for invoice in self.invoices if condition(invoice)]
        self.touched = self.random.choice(found) if found else self.touched
        return self.touched

    def _pay(self):
        invoice = self._one(lambda move: move.state == 'posted' and move.amount_residual > 0)
        if invoice:
            amount = round(invoice.amount_residual * self.random.choice([0.25, 0.5, 1, 1]), 2)
            super()._pay(invoice, amount or invoice.amount_residual, day=self._some_day())

    def _bounce(self):
        invoice = self._one(lambda move: self._payments(move))
        if invoice:
            self.random.choice(self._payments(invoice)).unlink()

    def _credit(self):
        invoice = self._one(lambda move: move.state == 'posted' and self._left(move) > 1)
        if invoice:
            whole = self.random.random() < 0.3 and not invoice.reversal_move_ids
            amount = None if whole else round(self._left(invoice) * self.random.uniform(0.05, 0.9), 2)
            credit = super()._credit(invoice, amount, day=self._some_day())
            if self.random.random() < 0.5:
                (invoice + credit).line_ids.filtered(
                    lambda line: line.account_type == 'asset_receivable' and not line.reconciled).reconcile()

    def _undo_credit(self):
        invoice = self._one(lambda move: self._credits(move))
        if invoice:
            self.random.choice(self._credits(invoice)).button_draft()

    def _pay_back(self):
        """What is still to be given back of a credit note, in money."""
        invoice = self._one(lambda move: any(credit.amount_residual for credit in self._credits(move)))
        if invoice:
            credit = self._credits(invoice).filtered('amount_residual')[:1]
            super()._pay(credit, day=self._some_day())

    def _redo(self):
        invoice = self._one(lambda move: move.state == 'posted' and not self._credits(move) and not self._payments(move))
        if invoice:
            invoice.button_draft()
            change = self.random.choice(['nothing', 'price', 'quantity', 'line', 'more'])
            lines = invoice.invoice_line_ids
            if change == 'price':
                lines[0].price_unit = round(self.random.uniform(1, 900), 2)
            elif change == 'quantity':
                lines[0].quantity += 1
            elif change == 'line' and len(lines) > 1:
                lines[-1].unlink()
            elif change == 'more':
                invoice.invoice_line_ids = [Command.create({
                    'product_id': self.product_a.id, 'price_unit': 77.77, 'tax_ids': [Command.clear()]})]
            invoice.action_post()

    def _cancel(self):
        invoice = self._one(lambda move: move.state == 'posted' and not self._credits(move) and not self._payments(move))
        if invoice:
            invoice.button_draft()
            invoice.button_cancel()

    def _give_away(self):
        invoice = self._one(lambda move: move.state == 'posted')
        if invoice:
            invoice.mlm_agent_id = self.random.choice(self.agents)

    def _close_month(self):
        """Close the month with what is dated in it or before and not settled yet."""
        period = self._period(self.month) if self.month <= 11 else None
        if period:
            period.action_calculate()
            with freeze_time('2025-01-01'):
                period.action_close()
            self.month += 1
            self.day = max(self.day, fields.Date.add(period.date_to, days=1))

    # === RECKONING === #

    def _payments(self, document):
        """Partial reconciliations with payments, exchange differences left aside."""
        lines = document.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        return lines.matched_credit_ids.filtered(
            lambda partial: partial.credit_move_id.move_id.origin_payment_id and partial.debit_amount_currency)

    def _given_back(self, credit):
        lines = credit.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        return sum(cents(partial.credit_amount_currency) for partial in lines.matched_debit_ids
                   if partial.debit_move_id.move_id.origin_payment_id)

    def _credits(self, invoice):
        return invoice.reversal_move_ids.filtered(lambda move: move.state == 'posted')

    def _left(self, invoice):
        return invoice.amount_total - sum(self._credits(invoice).mapped('amount_total'))

    def _check_ledger(self, invoices):
        """The facts of each invoice against its documents, in cents; no taxes, so totals are net amounts."""
        facts = {}
        for fact in self.env['mlm.volume'].search([('move_id', 'in', invoices.ids)]):
            sums = facts.setdefault((fact.move_id, fact.trigger, fact.agent_id), [0, 0])
            sums[0] += cents(fact.document_net)
            sums[1] += cents(fact.net)
        for invoice in invoices:
            whole = cents(invoice.amount_total), cents(invoice.amount_total_signed)
            left = cents(self._left(invoice)) if invoice.state == 'posted' else 0
            # Each line is rounded by itself: at most half a cent a line from the share of the whole.
            slack = 0.5 * len(invoice.invoice_line_ids) + 0.01
            counted = {trigger: {agent: sums for (move, kind, agent), sums in facts.items()
                                 if move == invoice and kind == trigger and any(sums)} for trigger in ('invoiced', 'paid')}
            self.assertEqual({agent: sums[0] for agent, sums in counted['invoiced'].items()},
                             {invoice.mlm_agent_id: left} if left else {})
            self._check_near(counted['invoiced'], whole, left, slack)
            paid = sum(cents(partial.debit_amount_currency) for partial in self._payments(invoice)) \
                - sum(self._given_back(credit) for credit in self._credits(invoice))
            open_credits = sum(cents(credit.amount_residual) for credit in self._credits(invoice))
            unpaid = max(0, cents(invoice.amount_residual) - open_credits)
            wanted = left * paid / (paid + unpaid) if paid > 0 and left else 0
            self.assertLessEqual(set(counted['paid']), {invoice.mlm_agent_id})
            self.assertLessEqual(abs(sum(sums[0] for sums in counted['paid'].values()) - wanted), slack)
            self._check_near(counted['paid'], whole, wanted, 2 * slack)

    def _check_near(self, counted, whole, left, slack):
        """In the company's currency the same share is left, at the rate of the invoice; to the cent of all and of nothing."""
        net = sum(sums[1] for sums in counted.values())
        if left in (0, whole[0]):
            self.assertEqual(net, whole[1] if left else 0)
        else:
            self.assertLessEqual(abs(net - left * whole[1] / whole[0]), slack)

    def _figures(self, period):
        return sorted((row.volume_id.id, row.beneficiary_id.id, cents(row.amount))
                      for row in self.env['mlm.commission'].search([('period_id', '=', period.id)]))

    def _check_clawbacks(self):
        """Settle everything that is left; then each fact has cost exactly its part: round(paid x what is left / size)."""
        rest = self.env['mlm.period'].create({
            'company_id': self.company.id, 'date_from': f'2024-{self.month:02}-01', 'date_to': '2099-12-31'})
        rest.action_calculate()
        sold, now, paid = {}, {}, {}
        for fact in self.env['mlm.volume'].search([('move_id', 'in', self.invoices.ids), ('trigger', '=', 'paid')]):
            base = fact.origin_id or fact
            now[base] = now.get(base, 0) + cents(fact.net)
            if not fact.origin_id:
                sold[fact] = cents(fact.net)
        rows = self.env['mlm.commission'].search([('volume_id', 'in', [fact.id for fact in sold])]) \
            + self.env['mlm.commission'].search([('volume_id.origin_id', 'in', [fact.id for fact in sold])])
        first = {}
        for row in rows:
            base = row.volume_id.origin_id or row.volume_id
            key = (base, row.beneficiary_id, row.level)
            paid[key] = paid.get(key, 0) + cents(row.amount)
            if not row.volume_id.origin_id:
                first[key] = cents(row.amount)
        self.assertTrue(first)
        self.assertEqual(set(paid), set(first), 'nobody gives back who was not paid')
        for (base, beneficiary, level), amount in first.items():
            taken = (Decimal(amount) * (sold[base] - now[base]) / sold[base]).quantize(Decimal(1), ROUND_HALF_UP)
            self.assertEqual(paid[base, beneficiary, level], amount - int(taken))
