# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestLiability(CommissionCommon):
    """What is taken back of 1000.00 sold by Dan on 10 March: Dan 50, Cleo 70, Ben 80, Anna 100."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.months = cls._liability('Ten months', 'time', months=10)

    @classmethod
    def _liability(cls, name, kind, **values):
        return cls.env['mlm.liability'].create({'name': name, 'kind': kind, **values})

    def test_terms_in_words(self):
        terms = self._liability('Steps', 'steps', reserve_rate=7.5, last_day='2030-12-31', step_ids=[
            Command.create({'months': 24, 'percent': 50}), Command.create({'months': 12, 'percent': 100})])
        self.assertEqual(terms.explanation, (
            'If the sale is credited, part of a commission is taken back: before 12 months 100 %, before 24 months 50 %. '
            'After 12/31/2030 nothing is taken back. '
            '7.5 % of each commission is held back until the liability for its contract ends.'))
        for kind, values, words in (
                ('time', {'months': 10}, 'equal parts over 10 months'), ('full', {'months': 6}, 'within 6 months, all'),
                ('full', {}, 'Whenever'), ('none', {}, 'Nothing'), ('payments', {'payments': 3}, 'before 3 payments'),
                ('payments', {'payments': 3, 'gradual': True}, 'Each of 3 payments')):
            self.assertIn(words, self._liability('Terms', kind, **values).explanation)

    def _close(self, *months):
        for month in months:
            period = self._period(month)
            period.action_calculate()
            with freeze_time('2025-06-01'):
                period.action_close()
        return period

    def _cancel(self, invoice, amount, day, cancelled=None, reason=False):
        wizard = self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=invoice.ids).create({
                'date': day, 'journal_id': invoice.journal_id.id, 'reason': reason})
        wizard.reverse_moves()
        credit = wizard.new_move_ids
        credit.invoice_line_ids.price_unit = amount
        credit.mlm_cancel_date = cancelled
        credit.action_post()
        return credit

    def _all(self):
        return self._earned(*self.env['mlm.period'].search([('company_id', '=', self.company.id)]))

    def _left(self, part):
        """What is left to everybody of the commissions if ``part`` of them is kept."""
        return {agent: round(amount * part, 2)
                for agent, amount in ((self.dan, 50), (self.cleo, 70), (self.ben, 80), (self.anna, 100))}

    def test_frozen_with_the_sale(self):
        self.product_a.mlm_liability_id = self.months
        invoice = self._invoice(self.dan, 1000)
        self.product_a.mlm_liability_id = self._liability('All', 'full')
        self.assertRecordValues(invoice.mlm_volume_ids, [{
            'liability_id': self.months.id, 'liability_from': invoice.invoice_date}])
        self.assertEqual(str(invoice.mlm_volume_ids.liability_to), '2025-01-09')
        with self.assertRaisesRegex(UserError, 'Ten months'):
            self.months.months = 12
        with self.assertRaisesRegex(UserError, 'Ten months'):
            self.months.step_ids = [Command.create({'months': 5})]
        with self.assertRaisesRegex(UserError, 'Ten months'):
            self.months.unlink()
        self.months.name = 'Ten'

    def test_product_then_category_then_plan(self):
        all_, category = self.product_a.categ_id, self._liability('Category', 'none')
        below = self.env['product.category'].create({'name': 'Below', 'parent_id': all_.id})
        all_.mlm_liability_id = category
        self.product_a.categ_id = below
        self.assertEqual(self._invoice(self.dan, 10).mlm_volume_ids.liability_id, category)
        self.product_a.mlm_liability_id = self.months
        self.assertEqual(self._invoice(self.dan, 10).mlm_volume_ids.liability_id, self.months)
        self.product_a.mlm_liability_id = False
        all_.mlm_liability_id = False
        self.assertFalse(self._invoice(self.dan, 10).mlm_volume_ids.liability_id)

    def test_pro_rata_in_time(self):
        """Cancelled on 9 July, after 3 whole months of 10: 7/10 of the commission is not earned."""
        self.product_a.mlm_liability_id = self.months
        invoice = self._invoice(self.dan, 1000)
        self._close(3, 4, 5, 6)
        credit = self._cancel(invoice, 1000, '2024-07-20', '2024-07-09', 'moved house')
        self._close(7)
        self.assertEqual(self._all(), self._left(0.3))
        taken = invoice.mlm_volume_ids.filtered('origin_id')
        self.assertRecordValues(taken, [{
            'net': -1000.0, 'cancel_reason': 'moved house', 'source': credit.name, 'date': credit.invoice_date}])
        self.assertEqual(str(taken.cancel_date), '2024-07-09')

    def test_the_plans_terms_where_the_product_has_none(self):
        self.plan.action_draft()
        self.plan.liability_id = self.months
        self.plan.action_activate()
        invoice = self._invoice(self.dan, 1000)
        self._close(3)
        self.plan.invalidate_recordset(['has_paid'])
        with self.assertRaises(UserError):
            self.plan.liability_id = False
        with self.assertRaisesRegex(UserError, 'Ten months'):
            self.months.months = 2
        self._cancel(invoice, 500, '2024-08-10')
        self._close(4, 5, 6, 7, 8)
        self.assertEqual(self._all(), self._left(0.75), 'half of it, of which half is earned')

    def test_contract_start(self):
        """The policy begins in June: on 10 July one month is held, not four."""
        self.product_a.mlm_liability_id = self.months
        invoice = self._invoice(self.dan, 1000, mlm_contract_date='2024-06-10')
        self._close(3, 4, 5, 6)
        self._cancel(invoice, 1000, '2024-07-10')
        self._close(7)
        self.assertEqual(self._all(), self._left(0.1))

    def test_many_partial_credits_over_periods_and_their_undoing(self):
        """400 after 2 months (8/10), 600 after 5 months (5/10): taken back 0.32 + 0.30; undone: everything is back."""
        self.product_a.mlm_liability_id = self.months
        invoice = self._invoice(self.dan, 1000)
        first = self._cancel(invoice, 400, '2024-05-10')
        self._close(3, 4, 5)
        self.assertEqual(self._all(), self._left(0.68))
        second = self._cancel(invoice, 600, '2024-08-10')
        self._close(6, 7, 8)
        self.assertEqual(self._all(), self._left(0.38))
        with freeze_time('2024-09-15'):
            second.button_draft()
            first.button_draft()
        self._close(9)
        self.assertEqual(self._all(), self._left(1))

    def test_steps(self):
        """All of it in the first 3 months, half until 6, then nothing."""
        self.product_a.mlm_liability_id = self._liability('Steps', 'steps', step_ids=[
            Command.create({'months': 3, 'percent': 100}), Command.create({'months': 6, 'percent': 50})])
        invoice = self._invoice(self.dan, 1000)
        for amount, day in ((100, '2024-06-09'), (100, '2024-06-10'), (100, '2024-09-09'), (700, '2024-09-10')):
            self._cancel(invoice, amount, day)
        self._close(3, 4, 5, 6, 7, 8, 9)
        self.assertEqual(self._all(), self._left(0.8))

    def test_nothing_after_some_months(self):
        self.product_a.mlm_liability_id = self._liability('Half a year', 'full', months=6)
        invoice = self._invoice(self.dan, 1000)
        self._cancel(invoice, 500, '2024-09-09')
        self._cancel(invoice, 500, '2024-09-10')
        self._close(3, 4, 5, 6, 7, 8, 9)
        self.assertEqual(self._all(), self._left(0.5))
        self.assertEqual(self._volume(invoice), {}, 'the volume is gone all the same')

    def test_until_payments_came_in(self):
        """Liable until 2 payments: all of it after one, nothing after two, pro rata where that was agreed."""
        terms = [self._liability('Two payments', 'payments', payments=2),
                 self._liability('Four, each its part', 'payments', payments=4, gradual=True)]
        # Kept: nothing, all, a quarter.
        for liability, payments in ((terms[0], 1), (terms[0], 2), (terms[1], 1)):
            with self.subTest(liability.name, payments=payments):
                self.product_a.mlm_liability_id = liability
                invoice = self._invoice(self.dan, 1000)
                for _payment in range(payments):
                    self._pay(invoice, 100)
                self._cancel(invoice, 1000, '2024-05-10')
                self.assertEqual(invoice.mlm_volume_ids.filtered('origin_id').payments, payments)
        self._close(3, 4, 5)
        self.assertEqual(self._all(), self._left(1.25))

    def test_what_was_no_sale_is_taken_back_whole(self):
        self.product_a.mlm_liability_id = self._liability('Nothing', 'none')
        reset, credited = self._invoice(self.dan, 1000), self._invoice(self.dan, 1000)
        self._close(3)
        with freeze_time('2024-04-10'):
            reset.button_draft()
            reset.button_cancel()
        self._credit(credited)
        self._close(4)
        self.assertEqual(self._all(), self._left(1))

    def test_incomplete_terms(self):
        for kind in ('time', 'steps', 'payments'):
            with self.assertRaisesRegex(ValidationError, 'Odd'):
                self._liability('Odd', kind)

    def test_explained(self):
        self.product_a.mlm_liability_id = self.months
        invoice = self._invoice(self.dan, 1000)
        self._close(3)
        self._cancel(invoice, 1000, '2024-05-10')
        self._close(4, 5)
        text = invoice.mlm_volume_ids.filtered('origin_id').explanation
        self.assertIn('80', text)
        self.assertIn('Ten months', text)
