# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestVolume(CommissionCommon):
    """After every accounting event the facts of an invoice add up to what it is worth for commission now."""

    def test_posting_counts_agent_date_amounts(self):
        self.product_a.write({'standard_price': 300, 'mlm_points': 1.5})
        invoice = self._invoice(self.dan, 500, quantity=2)
        volume = invoice.mlm_volume_ids
        self.assertRecordValues(volume, [{
            'agent_id': self.dan.id, 'partner_id': self.customer.id, 'product_id': self.product_a.id,
            'event': 'posted', 'trigger': 'invoiced', 'date': invoice.invoice_date, 'quantity': 2.0,
            'net': 1000.0, 'margin': 400.0, 'points': 3.0, 'origin_id': False, 'source': invoice.name,
        }])

    def test_agent_by_default_is_the_nearest_above_the_customer(self):
        invoice = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': self.customer.id,
            'invoice_line_ids': [Command.create({'product_id': self.product_a.id, 'price_unit': 10})]})
        self.assertEqual(invoice.mlm_agent_id, self.dan)
        invoice.partner_id = self.cleo
        self.assertEqual(invoice.mlm_agent_id, self.cleo, 'an agent that buys for itself')
        invoice.partner_id = self.partner_a
        self.assertFalse(invoice.mlm_agent_id)

    def test_what_earns_nothing_is_not_counted(self):
        self.assertFalse(self._invoice(None, 100, partner=self.partner_a).mlm_volume_ids, 'nobody brought it')
        self.product_a.mlm_commissionable = False
        self.assertFalse(self._invoice(self.dan, 100).mlm_volume_ids, 'a starter kit')
        self.product_a.mlm_commissionable = True
        self.product_a.categ_id.mlm_commissionable = False
        self.assertFalse(self._invoice(self.dan, 100).mlm_volume_ids, 'a category of starter kits')
        bill = self.env['account.move'].create({
            'move_type': 'in_invoice', 'partner_id': self.dan.id, 'invoice_date': '2024-03-01',
            'invoice_line_ids': [Command.create({'name': 'x', 'price_unit': 10})]})
        bill.action_post()
        self.assertFalse(bill.mlm_volume_ids)

    def test_reset_to_draft_takes_back_and_reposting_gives_back(self):
        invoice = self._invoice(self.dan, 100)
        first = invoice.mlm_volume_ids
        invoice.button_draft()
        self.assertEqual(self._volume(invoice), {})
        invoice.action_post()
        self.assertEqual(self._volume(invoice), {self.dan: 100})
        others = invoice.mlm_volume_ids - first
        self.assertEqual(others.origin_id, first, 'the same sale: nothing new was sold')

    def test_changed_price_quantity_removed_line(self):
        invoice = self._invoice(self.dan, [100, 50])
        invoice.button_draft()
        invoice.invoice_line_ids[0].price_unit = 130
        invoice.action_post()
        self.assertEqual(self._volume(invoice), {self.dan: 180})
        invoice.button_draft()
        invoice.invoice_line_ids[1].unlink()
        invoice.action_post()
        self.assertEqual(self._volume(invoice), {self.dan: 130})
        invoice.button_draft()
        invoice.invoice_line_ids.quantity = 3
        invoice.action_post()
        self.assertEqual(self._volume(invoice), {self.dan: 390})

    def test_points_and_cost_stay_those_of_the_day_of_sale(self):
        self.product_a.write({'standard_price': 60, 'mlm_points': 2})
        invoice = self._invoice(self.dan, 100)
        self.product_a.write({'standard_price': 90, 'mlm_points': 9})
        self._credit(invoice, 50)
        self.assertEqual(sum(invoice.mlm_volume_ids.mapped('points')), 1.0)
        self.assertEqual(sum(invoice.mlm_volume_ids.mapped('margin')), 20.0)

    def test_whether_a_line_earns_stays_as_on_the_day_of_sale(self):
        """Sold as commissionable: half of 100 is credited, 50 are left, whatever the product says since. And the reverse."""
        kit = self.product_b
        kit.mlm_commissionable = False
        invoice = self._invoice(self.dan, [100, 40], post=False)
        invoice.invoice_line_ids[1].product_id = kit
        invoice.action_post()
        self.assertEqual(self._volume(invoice), {self.dan: 100})
        self.product_a.mlm_commissionable = False
        kit.mlm_commissionable = True
        self._credit(invoice, 50)
        self.assertEqual(self._volume(invoice), {self.dan: 50})
        invoice.mlm_agent_id = self.cleo
        self.assertEqual(self._volume(invoice), {self.cleo: 50})
        self._credit(invoice)
        self.assertEqual(self._volume(invoice), {})

    def test_another_product_is_asked_anew_whether_it_earns(self):
        invoice = self._invoice(self.dan, 100)
        self.product_b.mlm_commissionable = False
        invoice.button_draft()
        invoice.invoice_line_ids.product_id = self.product_b
        invoice.action_post()
        self.assertEqual(self._volume(invoice), {})
        again = invoice.copy({'invoice_date': '2024-03-10'})
        self.product_b.mlm_commissionable = True
        again.action_post()
        self.assertEqual(self._volume(again), {self.dan: again.amount_untaxed}, 'a new sale, a new question')

    def test_changed_agent_and_customer(self):
        invoice = self._invoice(self.dan, 100)
        invoice.mlm_agent_id = self.cleo
        self.assertEqual(self._volume(invoice), {self.cleo: 100})
        invoice.mlm_agent_id = False
        self.assertEqual(self._volume(invoice), {})
        invoice.mlm_agent_id = self.dan
        self.assertEqual(self._volume(invoice), {self.dan: 100})
        invoice.button_draft()
        invoice.partner_id = self.partner_a
        invoice.mlm_agent_id = self.dan
        invoice.action_post()
        sums = self.env['mlm.volume']._read_group([('move_id', '=', invoice.id)], ['partner_id'], ['net:sum'])
        self.assertEqual({partner: net for partner, net in sums}, {self.customer: 0.0, self.partner_a: 100.0})

    def test_cancel_and_delete(self):
        invoice = self._invoice(self.dan, 100)
        invoice.button_draft()
        invoice.button_cancel()
        self.assertEqual(self._volume(invoice), {})
        invoice.button_draft()
        facts = invoice.mlm_volume_ids
        invoice.with_context(force_delete=True).unlink()
        self.assertTrue(facts.exists(), 'what was counted stays')
        self.assertFalse(facts.move_id)
        self.assertEqual(sum(facts.mapped('net')), 0)

    def test_credit_notes_in_part_then_in_full(self):
        invoice = self._invoice(self.dan, [100, 60])
        credit = self._credit(invoice, 30)
        self.assertEqual(self._volume(invoice), {self.dan: 130})
        taken = invoice.mlm_volume_ids.filtered('origin_id')
        self.assertRecordValues(taken, [{
            'net': -30.0, 'event': 'credited', 'date': credit.invoice_date, 'source': credit.name,
            'origin_id': invoice.mlm_volume_ids.filtered(lambda fact: fact.net == 100).id}])
        self.assertFalse(credit.mlm_volume_ids, 'it is counted at the invoice it credits')
        self._credit(invoice)
        self.assertEqual(self._volume(invoice), {}, 'credited by more than it was: worth nothing')

    def test_credit_note_undone(self):
        invoice = self._invoice(self.dan, 100)
        credit = self._credit(invoice, 40)
        credit.button_draft()
        self.assertEqual(self._volume(invoice), {self.dan: 100})
        credit.button_cancel()
        self.assertEqual(self._volume(invoice), {self.dan: 100})

    def test_credit_note_without_invoice_is_a_sale_taken_back(self):
        refund = self._invoice(self.dan, 25, move_type='out_refund')
        self.assertEqual(self._volume(refund), {self.dan: -25})
        refund.button_draft()
        self.assertEqual(self._volume(refund), {})

    def test_foreign_currency_is_frozen_in_the_companys(self):
        foreign = self.setup_other_currency('CHF', rates=[('2024-03-01', 2.0)])
        invoice = self._invoice(self.dan, 100, currency_id=foreign.id)
        self.assertEqual(self._volume(invoice), {self.dan: 50})

    def test_paid_plan_counts_pro_rata_of_what_is_paid(self):
        self.plan.action_draft()
        self.plan.trigger = 'paid'
        self.plan.action_activate()
        invoice = self._invoice(self.dan, [70, 30])
        self.assertEqual(self._volume(invoice, 'paid'), {})
        payment = self._pay(invoice, 40)
        self.assertEqual(self._volume(invoice, 'paid'), {self.dan: 40})
        facts = invoice.mlm_volume_ids.filtered(lambda fact: fact.trigger == 'paid')
        self.assertEqual(sorted(facts.mapped('net')), [12, 28], '40 percent of each line')
        self.assertEqual({str(day) for day in facts.mapped('date')}, {'2024-03-20'}, 'counted when it is paid')
        self._pay(invoice)
        self.assertEqual(self._volume(invoice, 'paid'), {self.dan: 100})
        payment.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(self._volume(invoice, 'paid'), {self.dan: 60}, 'a bounced payment is taken back')

    def test_paid_plan_a_credit_note_is_no_payment(self):
        self.plan.action_draft()
        self.plan.trigger = 'paid'
        self.plan.action_activate()
        invoice = self._invoice(self.dan, 100)
        credit = self._credit(invoice, 40)
        (invoice + credit).line_ids.filtered(
            lambda line: line.account_type == 'asset_receivable').reconcile()
        self.assertEqual(self._volume(invoice, 'paid'), {})
        self._pay(invoice)
        self.assertEqual(self._volume(invoice, 'paid'), {self.dan: 60})

    def test_activating_a_plan_counts_what_was_sold_before(self):
        self.plan.action_draft()
        invoice = self._invoice(self.dan, 100)
        self._pay(invoice)
        self.assertEqual(self._volume(invoice, 'paid'), {})
        self.plan.trigger = 'paid'
        self.plan.action_activate()
        self.assertEqual(self._volume(invoice, 'paid'), {self.dan: 100})
        self.plan._record_past()
        self.assertEqual(self._volume(invoice, 'paid'), {self.dan: 100}, 'counted once')

    def test_ledger_is_append_only(self):
        volume = self._invoice(self.dan, 100).mlm_volume_ids
        for change in (lambda: volume.write({'net': 5}), volume.sudo().unlink):
            with self.assertRaisesRegex(UserError, 'ledger'):
                change()

    def test_orders_of_different_agents_are_invoiced_apart(self):
        orders = self.env['sale.order'].create([{
            'partner_id': self.customer.id, 'mlm_agent_id': agent.id,
            'order_line': [Command.create({'product_id': self.product_a.id, 'price_unit': 10})],
        } for agent in (self.dan, self.cleo)])
        self.product_a.invoice_policy = 'order'
        orders.action_confirm()
        invoices = orders._create_invoices()
        self.assertEqual(len(invoices), 2)
        self.assertEqual({order.mlm_agent_id: order.invoice_ids.mlm_agent_id for order in orders},
                         {self.dan: self.dan, self.cleo: self.cleo})

    def test_taxes_included_excluded_and_several_at_once(self):
        """121.00 with 21 % included is 100.00 net; 10 % and 5 % on top of 50.00 change nothing of it."""
        included = self.tax_sale_a.copy({'name': '21 incl', 'amount': 21, 'price_include_override': 'tax_included'})
        excluded = [self.tax_sale_a.copy({
            'name': f'{rate} excl', 'amount': rate, 'price_include_override': 'tax_excluded'}) for rate in (10, 5)]
        invoice = self._invoice(self.dan, [121, 50], post=False)
        invoice.invoice_line_ids[0].tax_ids = included
        invoice.invoice_line_ids[1].tax_ids = excluded[0] + excluded[1]
        invoice.action_post()
        self.assertEqual(sorted(invoice.mlm_volume_ids.mapped('net')), [50, 100])

    def test_cash_rounding_is_not_sold(self):
        rounding = self.env['account.cash.rounding'].create({
            'name': '0.05', 'rounding': 0.05, 'strategy': 'add_invoice_line', 'rounding_method': 'HALF-UP',
            'profit_account_id': self.company_data['default_account_revenue'].id,
            'loss_account_id': self.company_data['default_account_expense'].id})
        invoice = self._invoice(self.dan, 9.98, post=False)
        invoice.invoice_cash_rounding_id = rounding
        invoice.action_post()
        self.assertEqual(invoice.amount_total, 10)
        self.assertEqual(self._volume(invoice), {self.dan: 9.98})

    def test_down_payment_and_final_invoice_are_the_order_once(self):
        """Half of 1000 in advance, the rest later: 500 counted, then 500 more."""
        self.product_a.invoice_policy = 'order'
        order = self.env['sale.order'].create({
            'partner_id': self.customer.id,
            'order_line': [Command.create({
                'product_id': self.product_a.id, 'price_unit': 1000, 'tax_ids': [Command.clear()]})]})
        order.action_confirm()
        wizards = self.env['sale.advance.payment.inv'].with_context(active_model='sale.order', active_ids=order.ids)
        wizards.create({'advance_payment_method': 'percentage', 'amount': 50}).create_invoices()
        advance = order.invoice_ids
        advance.action_post()
        self.assertEqual(self._volume(advance), {self.dan: 500})
        wizards.create({'advance_payment_method': 'delivered'}).create_invoices()
        final = order.invoice_ids - advance
        final.action_post()
        self.assertEqual(self._volume(final), {self.dan: 500})

    def test_discount_line_and_line_discount(self):
        invoice = self._invoice(self.dan, [100, -20], post=False)
        invoice.invoice_line_ids[0].discount = 10
        invoice.action_post()
        self.assertEqual(self._volume(invoice), {self.dan: 70})
        credit = self._credit(invoice)
        self.assertEqual(self._volume(invoice), {})
        self.assertEqual(self._volume(credit), {})

    def test_reversed_and_invoiced_anew(self):
        """Odoo's "Reverse and create invoice": the first is worth nothing, the copy is worth it again, same agent."""
        invoice = self._invoice(self.dan, 100)
        wizard = self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=invoice.ids).create({
                'date': '2024-04-05', 'journal_id': invoice.journal_id.id})
        action = wizard.modify_moves()
        copy = self.env['account.move'].browse(action['res_id'])
        self.assertEqual(self._volume(invoice), {})
        self.assertEqual(copy.mlm_agent_id, self.dan)
        copy.action_post()
        self.assertEqual(self._volume(copy), {self.dan: 100})

    def test_rounding_of_many_small_payments(self):
        """100.00 on three lines paid in sevenths: each line ends at its full amount."""
        self.plan.action_draft()
        self.plan.trigger = 'paid'
        self.plan.action_activate()
        invoice = self._invoice(self.dan, [33.34, 33.33, 33.33])
        for _payment in range(7):
            self._pay(invoice, min(14.29, invoice.amount_residual))
        self.assertEqual(invoice.amount_residual, 0)
        by_line = self.env['mlm.volume']._read_group(
            [('move_id', '=', invoice.id), ('trigger', '=', 'paid')], ['line_ref'], ['net:sum'])
        self.assertEqual(sorted(round(net, 2) for _line, net in by_line), [33.33, 33.33, 33.34])

    def test_posting_costs_at_most_two_queries_more(self):
        """One statement writes the facts of a whole batch; nothing is looked up for new invoices but their cost."""
        self._invoice(self.dan, 10)  # whatever is read once for all invoices
        counted, record = [], type(self.env['mlm.volume'])._record

        def count(volume, *args, **kwargs):
            self.env.flush_all()
            start = self.env.cr.sql_log_count
            facts = record(volume, *args, **kwargs)
            self.env.flush_all()
            counted.append(self.env.cr.sql_log_count - start)
            return facts

        self.patch(type(self.env['mlm.volume']), '_record', count)
        for size in (1, 10):
            self.env.flush_all()
            self.env.invalidate_all()
            invoices = self.env['account.move'].union(
                *(self._invoice(self.dan, [10, 20], post=False) for _i in range(size)))
            counted.clear()
            invoices.action_post()
            self.assertEqual(self.env['mlm.volume'].search_count([('move_id', 'in', invoices.ids)]), 2 * size)
            self.assertLessEqual(sum(counted), 2)
