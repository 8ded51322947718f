# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..wizard.mlm_exit_line import buyback_discount

EXIT = '2024-06-30'


class ExitCommon(AccountTestInvoicingCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data['company']
        cls.company.write({'mlm_buyback_percent': 90, 'mlm_buyback_months': 12})
        agents = cls.env['res.partner'].sudo().with_context(mlm_date='2023-01-01')
        cls.anna = agents.create({'name': 'Anna', 'mlm_agent_state': 'active'})
        cls.bert, cls.carl = agents.create([
            {'name': name, 'mlm_agent_state': 'active', 'mlm_sponsor_id': cls.anna.id} for name in ('Bert', 'Carl')])
        cls.dora = agents.create({'name': 'Dora', 'mlm_agent_state': 'active', 'mlm_sponsor_id': cls.bert.id})
        cls.service = cls.env['product.product'].create({'name': 'Seminar', 'type': 'service', 'taxes_id': False})
        home = {'company_id': cls.company.id, 'company_ids': [Command.set(cls.company.ids)]}
        cls.officer = new_test_user(cls.env, 'mlm_exit_officer', 'mlm_network.group_officer', **home)
        cls.both = new_test_user(
            cls.env, 'mlm_exit_both', 'mlm_network.group_officer,account.group_account_invoice', **home)

    def invoice(self, *lines, day='2024-03-10', partner=None):
        """:param lines: (quantity, price, more values of a line)"""
        invoice = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': (partner or self.bert).id, 'invoice_date': day, 'date': day,
            'invoice_line_ids': [Command.create({
                'product_id': self.product_a.id, 'quantity': quantity, 'price_unit': price, 'tax_ids': [Command.clear()], **more})
                for quantity, price, more in lines]})
        invoice.action_post()
        return invoice


@tagged('post_install', '-at_install')
class TestExit(ExitCommon):

    def wizard(self, user=None, **values):
        return self.env['mlm.exit.wizard'].with_user(user or self.both).with_company(self.company).create({
            'partner_id': self.bert.id, 'date': EXIT, 'reason': 'Notice', 'terminate': False, **values})

    def give_back(self, quantities, **values):
        """:param quantities: of the lines that the wizard offers, in their order"""
        wizard = self.wizard(**values)
        for line, quantity in zip(wizard.line_ids, quantities, strict=True):
            line.quantity = quantity
        amounts = wizard.line_ids.mapped('amount')
        before = self.env['account.move'].search([('move_type', '=', 'out_refund')])
        wizard.action_apply()
        return self.env['account.move'].search([('move_type', '=', 'out_refund')]) - before, amounts

    def test_share_of_the_price(self):
        """4 of 10 at 100, at 90 percent: 360."""
        invoice = self.invoice((10, 100, {}), (2, 50, {'product_id': self.product_b.id}))
        note, amounts = self.give_back([4, 0])
        self.assertEqual((amounts, note.amount_untaxed, note.state), ([360, 0], 360, 'draft'))
        self.assertRecordValues(note, [{
            'reversed_entry_id': invoice.id, 'partner_id': self.bert.id, 'invoice_date': fields.Date.to_date(EXIT)}])
        self.assertRecordValues(note.invoice_line_ids, [{
            'product_id': self.product_a.id, 'quantity': 4, 'price_unit': 100, 'discount': 10, 'price_subtotal': 360}])
        self.assertIn('bought back at 90 %', note.invoice_line_ids.name)
        self.assertEqual(self.bert.mlm_agent_state, 'active')

    def test_on_top_of_a_discount(self):
        """850 for ten at 15 percent less: 765 back. What has no exact discount is rounded to the agent's advantage."""
        self.invoice((10, 100, {'discount': 15}), (10, 100, {'discount': 33.33}))
        note, amounts = self.give_back([10, 10])
        self.assertEqual(note.invoice_line_ids.mapped('price_subtotal'), [765, 600.1])
        self.assertEqual([round(amount, 2) for amount in amounts], [765, 600.1])
        self.assertGreaterEqual(600.1, 666.7 * 0.9)
        for discount in (0, 5, 12.5, 33.33, 99.99):
            for percent in (90, 92.5, 100):
                promised = (100 - discount) * percent / 100
                self.assertLessEqual(promised, 100 - buyback_discount(discount, percent) + 1e-6)
                self.assertLess(100 - buyback_discount(discount, percent), promised + 0.01)

    def test_taxes_come_back_as_well(self):
        self.invoice((10, 100, {'tax_ids': [Command.set(self.tax_sale_a.ids)]}))
        note, _amounts = self.give_back([10])
        self.assertEqual((note.amount_untaxed, note.amount_total), (900, 1035))

    def test_taxes_and_cents(self):
        """7 of 10 at 9.99, at 90 percent: 7 x 9.99 x 0.9 = 62.937, so 62.94, and 15 percent tax of that are 9.44."""
        invoice = self.invoice((10, 9.99, {'tax_ids': [Command.set(self.tax_sale_a.ids)]}))
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (99.9, 14.99))
        note, amounts = self.give_back([7], post=True)
        self.assertEqual((note.amount_untaxed, note.amount_tax, note.amount_total), (62.94, 9.44, 72.38))
        self.assertEqual([round(amount, 2) for amount in amounts], [62.94])
        # then the other 3: 3 x 9.99 x 0.9 = 26.973, and 15 percent of 26.97 are 4.05
        note, _amounts = self.give_back([3], post=True)
        self.assertEqual((note.amount_untaxed, note.amount_tax), (26.97, 4.05))
        self.assertFalse(self.wizard().line_ids)

    def test_tax_within_the_price(self):
        """115 with 15 percent within: 100 and 15. Two of four at 90 percent: 180 and 27."""
        tax = self.tax_sale_a.copy({'price_include_override': 'tax_included', 'name': 'Within'})
        self.invoice((4, 115, {'tax_ids': [Command.set(tax.ids)]}))
        note, amounts = self.give_back([2])
        self.assertEqual((note.amount_untaxed, note.amount_tax, note.amount_total, amounts), (180, 27, 207, [180]))

    def test_the_same_goods_of_several_invoices(self):
        """A note for each invoice, at the price paid there; of the first two came back before, through Odoo's own wizard."""
        first = self.invoice((5, 100, {}), day='2024-02-01')
        second = self.invoice((8, 80, {'discount': 10}), (2, 50, {'product_id': self.product_b.id}), day='2024-05-01')
        returned = first._reverse_moves([{'invoice_date': '2024-03-01'}])
        returned.invoice_line_ids.quantity = 2
        returned.action_post()
        wizard = self.wizard()
        self.assertEqual([(line.move_id, line.bought, line.available) for line in wizard.line_ids], [
            (first, 5, 3), (second, 8, 8), (second, 2, 2)])
        notes, amounts = self.give_back([3, 5, 0], post=True)
        # 3 x 100 x 0.9 and 5 x 72 x 0.9
        self.assertEqual(amounts, [270, 324, 0])
        self.assertEqual({note.reversed_entry_id: note.amount_untaxed for note in notes}, {first: 270, second: 324})
        self.assertEqual([(line.move_id, line.available) for line in self.wizard().line_ids], [(second, 3), (second, 2)])

    def test_two_currencies(self):
        """Each invoice comes back in its own currency, at the rate of the day of the note: 2 of the other one for 1 here."""
        other = self.setup_other_currency('CHF', rates=[('2024-01-01', 4), ('2024-06-01', 2)])
        home = self.invoice((1, 100, {}))
        foreign = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': self.bert.id, 'invoice_date': '2024-03-10', 'date': '2024-03-10',
            'currency_id': other.id, 'invoice_line_ids': [Command.create({
                'product_id': self.product_a.id, 'quantity': 4, 'price_unit': 100, 'tax_ids': [Command.clear()]})]})
        foreign.action_post()
        wizard = self.wizard()
        self.assertEqual(wizard.line_ids.mapped('currency_id'), self.company.currency_id + other)
        notes, amounts = self.give_back([1, 2], post=True)
        self.assertEqual(amounts, [90, 180])
        self.assertEqual(
            {note.reversed_entry_id: (note.currency_id, note.amount_untaxed, note.amount_untaxed_signed) for note in notes},
            {home: (self.company.currency_id, 90, -90), foreign: (other, 180, -90)})

    def test_only_goods_of_the_last_months(self):
        self.invoice((1, 100, {}), day='2023-06-30')
        self.invoice((1, 100, {'product_id': self.service.id}))
        self.invoice((1, 100, {}), partner=self.carl)
        self.invoice((1, 100, {}), day='2024-07-01')
        first, last = self.invoice((1, 100, {}), day='2023-07-01'), self.invoice((1, 100, {}), day=EXIT)
        self.assertEqual(self.wizard().line_ids.move_id, first + last)
        self.company.mlm_buyback_months = 6
        self.assertEqual(self.wizard().line_ids.move_id, last)

    def test_nothing_comes_back_twice(self):
        self.invoice((10, 100, {}))
        self.give_back([4])
        self.assertEqual(self.wizard().line_ids.available, 6, 'drafts count, too')
        with self.assertRaisesRegex(UserError, '7 of .* cannot come back: of that line 6 are left'), self.cr.savepoint():
            self.give_back([7])
        with self.assertRaisesRegex(UserError, 'cannot come back'), self.cr.savepoint():
            self.give_back([-1])
        note, _amounts = self.give_back([6], post=True)
        self.assertEqual((note.amount_untaxed, note.state), (540, 'posted'))
        self.assertFalse(self.wizard().line_ids)

    def test_no_more_than_is_left_of_the_invoice(self):
        invoice = self.invoice((10, 100, {}))
        reduction = invoice._reverse_moves([{'invoice_date': '2024-04-01'}])
        reduction.invoice_line_ids.write({'quantity': 1, 'price_unit': 950})
        reduction.action_post()
        with self.assertRaisesRegex(UserError, 'more would be credited'), self.cr.savepoint():
            self.give_back([9])

    def test_lines_in_another_order(self):
        self.invoice((3, 10, {'sequence': 20}), (5, 7, {'sequence': 10, 'product_id': self.product_b.id}))
        wizard = self.wizard()
        wizard.line_ids.filtered(lambda line: line.product_id == self.product_b).quantity = 2
        wizard.action_apply()
        note = self.env['account.move'].search([('reversed_entry_id.partner_id', '=', self.bert.id)])
        self.assertRecordValues(note.invoice_line_ids, [{'product_id': self.product_b.id, 'quantity': 2, 'price_unit': 7}])

    def test_then_the_termination(self):
        self.invoice((1, 100, {}))
        self.give_back([1], terminate=True, below_mode='up')
        self.assertEqual((self.bert.mlm_agent_state, self.dora.mlm_sponsor_id), ('terminated', self.anna))
        change = self.env['mlm.place.change'].sudo().search([('partner_ids', 'in', self.bert.ids)])
        self.assertRecordValues(change, [{'kind': 'terminate', 'state': 'done', 'reason': 'Notice'}])
        self.assertEqual(change.date, fields.Date.to_date(EXIT))

    def test_a_second_person_for_the_termination(self):
        self.company.mlm_change_approval = True
        self.invoice((1, 100, {}))
        note, _amounts = self.give_back([1], terminate=True)
        self.assertEqual((len(note), self.bert.mlm_agent_state), (1, 'active'))
        self.assertEqual(self.env['mlm.place.change'].sudo().search([('partner_ids', 'in', self.bert.ids)]).state, 'waiting')

    def test_all_or_nothing(self):
        self.invoice((1, 100, {}))
        with self.assertRaises(UserError), self.cr.savepoint():
            self.give_back([1], terminate=True, below_mode='other')  # no new sponsor
        self.assertFalse(self.env['account.move'].search([('move_type', '=', 'out_refund')]))
        with self.assertRaisesRegex(UserError, 'Enter the quantities'), self.cr.savepoint():
            self.give_back([0])

    def test_claimed_before_anything_is_read(self):
        """See the race of two in test_concurrency."""
        with patch.object(type(self.env['mlm.exit.wizard']), '_claim', side_effect=UserError('claimed')):
            with self.assertRaisesRegex(UserError, 'claimed'), self.cr.savepoint():
                self.wizard(date='2999-01-01').action_apply()

    def test_in_the_form(self):
        self.invoice((10, 100, {}))
        # EXIT lies long ago; the form begins with today.
        form = Form(self.env['mlm.exit.wizard'].with_user(self.both).with_company(self.company).with_context(
            default_partner_id=self.bert.id))
        self.assertEqual((len(form.line_ids), form.terminate), (0, True))
        form.date, form.reason = EXIT, 'Notice'
        with form.line_ids.edit(0) as line:
            line.quantity = 3
            self.assertEqual(line.amount, 270)
        form.save().action_apply()
        self.assertEqual(self.bert.mlm_agent_state, 'terminated')
        self.assertEqual(self.env['account.move'].search([('move_type', '=', 'out_refund')]).amount_untaxed, 270)

    def test_who_may(self):
        invoice = self.invoice((10, 100, {}))
        line = invoice.invoice_line_ids
        wizard = self.wizard(self.officer, terminate=True)
        self.assertFalse(wizard.line_ids, 'no invoices without the right to them')
        guessed = self.env['mlm.exit.line'].with_user(self.officer).create({
            'wizard_id': wizard.id, 'move_line_id': line.id, 'quantity': 1})
        guessed.invalidate_recordset()
        with self.assertRaises(AccessError):
            guessed.read(['bought', 'product_id', 'amount'])
        with self.assertRaises(UserError), self.cr.savepoint():
            wizard.action_apply()
        guessed.sudo().unlink()
        wizard.action_apply()
        self.assertEqual(self.bert.mlm_agent_state, 'terminated', 'the termination is an officer\'s')
        foreign = self.invoice((1, 100, {}), partner=self.carl).invoice_line_ids
        wizard = self.wizard()
        wizard.line_ids = [Command.create({'move_line_id': foreign.id, 'quantity': 1})]
        with self.assertRaisesRegex(UserError, 'cannot come back'), self.cr.savepoint():
            wizard.action_apply()
        for groups in ('base.group_portal', 'sales_team.group_sale_manager', 'account.group_account_invoice'):
            user = new_test_user(self.env, 'mlm_exit_' + groups.replace('.', '_'), groups)
            with self.assertRaises(AccessError):
                self.env['mlm.exit.wizard'].with_user(user).create({'partner_id': self.bert.id, 'reason': 'x'})
        with self.assertRaises(AccessError):
            wizard.with_user(self.officer).read(['reason'])


@tagged('post_install', '-at_install')
class TestExitTour(ExitCommon, HttpCase):

    def leave(self, tour):
        self.invoice((10, 100, {}), (5, 9.99, {'product_id': self.product_b.id}), day=fields.Date.today())
        self.start_tour(f'/odoo/res.partner/{self.bert.id}', tour, login='mlm_exit_both')
        # 4 x 100 x 0.9; nothing of the other line
        self.assertEqual(self.env['account.move'].search([('move_type', '=', 'out_refund')]).amount_untaxed, 360)

    def test_in_the_browser(self):
        self.leave('mlm_network_exit')
        self.assertEqual(self.bert.mlm_agent_state, 'terminated')

    def test_a_second_person(self):
        """The goods come back at once; the termination waits, and another officer approves it on the screen."""
        self.company.mlm_change_approval = True
        self.leave('mlm_network_exit')
        change = self.env['mlm.place.change'].sudo().search([('partner_ids', 'in', self.bert.ids)])
        self.assertEqual((change.state, self.bert.mlm_agent_state), ('waiting', 'active'))
        self.start_tour('/odoo/network-changes', 'mlm_network_approve_change', login='mlm_exit_officer')
        self.assertEqual((change.state, self.bert.mlm_agent_state), ('done', 'terminated'))


@tagged('post_install', '-at_install')
class TestExitTourPhone(TestExitTour):
    browser_size = '390x844'
    touch_enabled = True

    def leave(self, tour):
        super().leave(tour + '_phone')
