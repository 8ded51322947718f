# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import random

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestReserve(CommissionCommon):
    """10 % of what is earned for a contract is held for 3 months. 1000.00 of Dan: Dan 50, Cleo 70, Ben 80, Anna 100."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.liability = cls.env['mlm.liability'].create({
            'name': 'Three months', 'kind': 'full', 'months': 3, 'reserve_rate': 10})
        cls.product_a.mlm_liability_id = cls.liability

    def _close(self, *months):
        for month in months:
            period = self._period(month)
            period.action_calculate()
            with freeze_time('2026-06-01'):
                period.action_close()
        return period

    def _statement(self, period, agent=None):
        return period.statement_ids.filtered(lambda statement: statement.agent_id == (agent or self.dan))

    def _contract(self, invoice, agent=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env['mlm.reserve.contract'].search([
            ('volume_id', 'in', invoice.mlm_volume_ids.ids), ('agent_id', '=', (agent or self.dan).id)])

    def _new_terms(self, agent, **values):
        self.agreements[agent].write(values)

    def test_held_then_released_when_the_contracts_own_time_ends(self):
        """Sold on 10 March and 10 April: liable until 9 June and 9 July, so released in June and in July."""
        first, second = self._invoice(self.dan, 1000), self._invoice(self.dan, 2000, day='2024-04-10')
        self.assertRecordValues(self._statement(self._close(3)), [
            {'earned': 50.0, 'reserve_held': -5.0, 'reserve_released': 0.0, 'payable': 45.0}])
        self.assertRecordValues(self._statement(self._close(4)), [
            {'earned': 100.0, 'reserve_held': -10.0, 'reserve_released': 0.0, 'payable': 90.0}])
        self.assertFalse(self._statement(self._close(5)))
        self.assertRecordValues(self._contract(first), [{
            'held': 5.0, 'balance': 5.0, 'released': 0.0, 'is_open': True, 'source': first.name}])
        self.assertEqual(str(self._contract(first).due_date), '2024-06-09')
        june = self._statement(self._close(6))
        self.assertRecordValues(june, [{'earned': 0.0, 'reserve_held': 0.0, 'reserve_released': 5.0, 'payable': 5.0}])
        self.assertEqual(june.line_ids.mapped('kind'), ['reserve_released'])
        self.assertRecordValues(self._contract(first), [{'held': 5.0, 'balance': 0.0, 'released': 5.0, 'is_open': False}])
        self.assertRecordValues(self._contract(second), [{'balance': 10.0}])
        self.assertRecordValues(self._statement(self._close(7)), [{'reserve_released': 10.0, 'payable': 10.0}])
        moves = self.env['mlm.reserve'].search([('company_id', '=', self.company.id)])
        self.assertEqual(set(moves.statement_id.agent_id), {self.dan, self.cleo, self.ben, self.anna})
        self.assertTrue(all(moves.mapped('statement_id')))

    def test_a_clawback_is_covered_by_the_contracts_own_reserve(self):
        """Two contracts of 1000; 40 of 1000 credited takes 2.00 of the reserve's 5.00, 960 more the other 3.00 of 48."""
        first, second = self._invoice(self.dan, 1000), self._invoice(self.dan, 1000)
        self._close(3)
        self._credit(first, 40)
        self.assertRecordValues(self._statement(self._close(4)), [
            {'clawed_back': -2.0, 'reserve_released': 2.0, 'payable': 0.0, 'closing': 0.0}])
        self.assertRecordValues(self._contract(first), [{'held': 5.0, 'used': 2.0, 'balance': 3.0}])
        self._credit(first, 960, day='2024-05-05')
        self.assertRecordValues(self._statement(self._close(5)), [
            {'clawed_back': -48.0, 'reserve_released': 3.0, 'closing': -45.0}])
        self.assertRecordValues(self._contract(first), [{'held': 5.0, 'used': 5.0, 'balance': 0.0}])
        self.assertRecordValues(self._contract(second), [{'held': 5.0, 'used': 0.0, 'balance': 5.0}])
        self.assertRecordValues(self._statement(self._close(6)), [{'reserve_released': 5.0, 'closing': -40.0}])

    def test_a_clawback_undone_puts_the_reserve_back(self):
        invoice = self._invoice(self.dan, 1000)
        self._close(3)
        credit = self._credit(invoice)
        self._close(4)
        with freeze_time('2024-05-15'):
            credit.button_draft()
        self.assertRecordValues(self._statement(self._close(5)), [
            {'opening': -45.0, 'clawed_back': 50.0, 'reserve_released': -5.0, 'payable': 0.0}])
        self.assertRecordValues(self._contract(invoice), [{'held': 5.0, 'used': 0.0, 'balance': 5.0}])
        self.assertRecordValues(self._statement(self._close(6)), [{'reserve_released': 5.0, 'payable': 5.0}])

    def test_forfeited_beside_the_clawback(self):
        self._new_terms(self.dan, reserve_covers='forfeit')
        invoice = self._invoice(self.dan, 1000)
        self._close(3)
        self._credit(invoice, 60)
        self.assertRecordValues(self._statement(self._close(4)), [
            {'clawed_back': -3.0, 'reserve_released': 0.0, 'closing': -3.0}])
        self.assertRecordValues(self._contract(invoice), [{'held': 5.0, 'used': 0.0, 'forfeited': 3.0, 'balance': 2.0}])
        self.assertRecordValues(self._statement(self._close(5, 6)), [{'reserve_released': 2.0}])

    def test_own_share_maximum_none(self):
        """Dan 20 % but at most 12.00 of 10.00 + 10.00; Cleo none; Ben as the terms say."""
        self._new_terms(self.dan, reserve='own', reserve_rate=20, reserve_max=12)
        self._new_terms(self.cleo, reserve='none')
        first, second = self._invoice(self.dan, 1000), self._invoice(self.dan, 1000)
        march = self._close(3)
        self.assertEqual(self._statement(march).reserve_held, -12)
        self.assertEqual([self._contract(invoice).balance for invoice in (first, second)], [10, 2])
        self.assertEqual(self._statement(march, self.cleo).reserve_held, 0)
        self.assertEqual(self._statement(march, self.ben).reserve_held, -16)
        self._invoice(self.dan, 1000, day='2024-04-10')
        self.assertEqual(self._statement(self._close(4)).reserve_held, 0, 'the maximum is reached')

    def test_the_plans_terms(self):
        self.product_a.mlm_liability_id = False
        self.plan.action_draft()
        self.plan.liability_id = self.liability
        self.plan.action_activate()
        invoice = self._invoice(self.dan, 1000)
        self.assertEqual(self._statement(self._close(3)).reserve_held, -5)
        self.assertEqual(str(self._contract(invoice).due_date), '2024-06-09')

    def test_no_liability_that_ends_no_reserve(self):
        for kind, values in (('full', {}), ('payments', {'payments': 3}), ('none', {})):
            self.product_a.mlm_liability_id = self.env['mlm.liability'].create({
                'name': kind, 'kind': kind, 'reserve_rate': 10, **values})
            self._invoice(self.dan, 1000)
        self.assertRecordValues(self._statement(self._close(3)), [{'earned': 150.0, 'reserve_held': 0.0}])

    def test_a_draft_shows_an_estimate(self):
        self._invoice(self.dan, 1000)
        period = self._period(3)
        period.action_calculate()
        self.assertRecordValues(period, [{'reserve_held': 30.0, 'reserve_released': 0.0}])
        self.assertFalse(self.env['mlm.reserve'].search_count([('company_id', '=', self.company.id)]))
        with freeze_time('2026-06-01'):
            period.action_close()
        period.invalidate_recordset()
        self.assertRecordValues(period, [{'reserve_held': 30.0, 'reserve_released': 0.0}])

    def test_released_ahead_of_time_by_a_manager(self):
        invoice = self._invoice(self.dan, 1000)
        self._close(3)
        contracts = self._contract(invoice) + self._contract(invoice, self.cleo)
        manager, officer = (new_test_user(
            self.env, login, groups=f'mlm_network.group_{login}', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)]) for login in ('manager', 'officer'))
        wizards = self.env['mlm.reserve.release'].with_context(active_ids=contracts.ids)
        with self.assertRaises(AccessError):
            wizards.with_user(officer).create({'reason': 'x'})
        wizard = wizards.with_user(manager).create({'reason': 'Dan leaves'})
        self.assertRecordValues(wizard, [{'count': 2, 'amount': 12.0}])
        wizard.action_confirm()
        move = self.env['mlm.reserve'].search([('agent_id', '=', self.dan.id), ('reason', '!=', False)])
        self.assertRecordValues(move, [{
            'amount': -5.0, 'kind': 'released', 'reason': 'Dan leaves', 'create_uid': manager.id, 'statement_id': False}])
        self._contract(invoice)
        with self.assertRaises(UserError):
            wizards.with_user(manager).create({'reason': 'again'}).action_confirm()
        april = self._close(4)
        self.assertRecordValues(self._statement(april), [{'reserve_released': 5.0, 'payable': 5.0}])
        self.assertEqual(move.statement_id, self._statement(april))
        self.assertFalse(self._statement(self._close(5, 6)), 'released once')

    def test_of_two_at_once_one(self):
        """The number of a contract's move is used once: whoever comes second is told."""
        invoice = self._invoice(self.dan, 1000)
        self._close(3)
        contract = self._contract(invoice)
        values = {'company_id': self.company.id, 'currency_id': self.company.currency_id.id, 'agent_id': self.dan.id,
                  'plan_id': self.plan.id, 'volume_id': contract.volume_id.id, 'kind': 'released', 'date': '2024-04-01',
                  'amount': -5, 'position': 2}
        self.env['mlm.reserve'].sudo().create(values)
        with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env['mlm.reserve'].sudo().create(values)

    def test_ledger_is_append_only(self):
        self._invoice(self.dan, 1000)
        self._close(3)
        move = self.env['mlm.reserve'].search([], limit=1)
        for change in (lambda: move.sudo().write({'amount': 1}), move.sudo().unlink):
            with self.assertRaisesRegex(UserError, 'ledger'):
                change()

    def test_each_sees_the_own(self):
        self._invoice(self.dan, 1000)
        self._close(3)
        self.env.flush_all()
        cleo = new_test_user(self.env, 'cleo', groups='base.group_portal', partner_id=self.cleo.id)
        stranger = new_test_user(self.env, 'stranger', groups='base.group_portal')
        other = self.env['res.company'].create({'name': 'Other'})
        abroad = new_test_user(self.env, 'abroad', groups='mlm_network.group_manager', company_id=other.id,
                               company_ids=[Command.set(other.ids)])
        for model in ('mlm.reserve', 'mlm.reserve.contract'):
            records = self.env[model].with_user(cleo).search([])
            self.assertEqual(records.sudo().agent_id, self.cleo)
            self.assertEqual(records.mapped('source'), records.sudo().volume_id.mapped('source'))
            with self.assertRaises(AccessError):
                records.read(['volume_id'])
            self.assertFalse(self.env[model].with_user(stranger).search([]))
            self.assertFalse(self.env[model].with_user(abroad).search([('agent_id', '=', self.cleo.id)]))
            for user in (cleo, abroad, self.env.user):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).create({'amount': 1} if model == 'mlm.reserve' else {})

    def test_statements_do_not_depend_on_the_number_of_contracts(self):
        def cost(month, sales):
            for _sale in range(sales):
                self._invoice(self.dan, 100, day=f'2024-{month:02}-10')
            period = self._period(month)
            period.action_calculate()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            with freeze_time('2026-06-01'):
                period.action_close()
                self.env.flush_all()
            return self.env.cr.sql_log_count - start

        cost(3, 1)
        self.assertEqual(cost(4, 1), cost(5, 15))

    def test_random_histories_add_up(self):
        """Held = released + used + forfeited + balance for every contract, balances never below zero, nothing is lost.

        At the end, when every liability is over, all agents together got exactly what they earned less clawbacks.
        """
        for seed in range(2):
            with self.subTest(seed=seed):
                self._random_history(random.Random(seed), 2024 + seed)

    def _random_history(self, chance, year):
        terms = [self.env['mlm.liability'].create({'name': 'Time', 'kind': 'time', 'months': 4, 'reserve_rate': 33.33}),
                 self.liability]
        invoices, credits = self.env['account.move'], self.env['account.move']
        for month in range(1, 13):
            with freeze_time(f'{year}-{month:02}-20'):
                for _event in range(chance.randint(1, 4)):
                    kind = chance.choice(['sell', 'sell', 'credit', 'undo'])
                    self.product_a.mlm_liability_id = chance.choice(terms)
                    if kind == 'sell' and month < 8:
                        invoices += self._invoice(chance.choice([self.dan, self.ben]), round(chance.uniform(1, 900), 2),
                                                  day=f'{year}-{month:02}-{chance.randint(1, 28):02}')
                    elif kind == 'credit' and invoices:
                        invoice = chance.choice(invoices)
                        left = invoice.amount_total - sum(credits.filtered(
                            lambda move, invoice=invoice: move.reversed_entry_id == invoice and move.state == 'posted'
                        ).mapped('amount_total'))
                        if left > 1:
                            credits += self._credit(invoice, round(left * chance.choice([0.1, 0.5, 1]), 2),
                                                    day=f'{year}-{month:02}-20')
                    elif kind == 'undo' and credits.filtered(lambda move: move.state == 'posted'):
                        chance.choice(credits.filtered(lambda move: move.state == 'posted')).button_draft()
            period = self._period(month, year)
            period.action_calculate()
            with freeze_time('2026-06-01'):
                period.action_close()
            self.env.flush_all()
            self.env.invalidate_all()
            for contract in self.env['mlm.reserve.contract'].search([('company_id', '=', self.company.id)]):
                self.assertGreaterEqual(contract.balance, 0)
                self.assertAlmostEqual(
                    contract.held, contract.released + contract.used + contract.forfeited + contract.balance, 2)
            by_agent = dict(self.env['mlm.reserve']._read_group(
                [('company_id', '=', self.company.id)], ['agent_id'], ['amount:sum']))
            for agent, statements in self.env['mlm.statement'].search(
                [('company_id', '=', self.company.id)]).grouped('agent_id').items():
                moved = sum(statements.mapped('reserve_held')) + sum(statements.mapped('reserve_released'))
                self.assertAlmostEqual(moved, -by_agent.get(agent, 0), 2)
        self.assertFalse(self.env['mlm.reserve.contract'].search([
            ('company_id', '=', self.company.id), ('is_open', '=', True)]))
        self.assertTrue(self.env['mlm.reserve'].search([('kind', '=', 'used'), ('company_id', '=', self.company.id)]))


@tagged('post_install', '-at_install')
class TestReservePortal(CommissionCommon, HttpCase):
    """An agent sees the own reserve, contract by contract."""

    def test_pages(self):
        self.product_a.mlm_liability_id = self.env['mlm.liability'].create({
            'name': 'Three months', 'kind': 'full', 'months': 3, 'reserve_rate': 10})
        invoice = self._invoice(self.dan, 1000)
        period = self._period(3)
        period.action_calculate()
        period.action_close()
        self.env.flush_all()
        for agent, login in ((self.dan, 'dan'), (None, 'stranger')):
            new_test_user(self.env, login=login, groups='base.group_portal', company_id=self.company.id,
                          company_ids=[Command.set(self.company.ids)], **({'partner_id': agent.id} if agent else {}))
        self.authenticate('dan', 'dan')
        counters = self.make_jsonrpc_request('/my/counters', {'counters': ['mlm_reserve_count']})
        self.assertEqual(counters['mlm_reserve_count'], 1)
        for url in ('/my/reserve', '/my/reserve?filterby=all', '/my/reserve?filterby=odd'):
            page = self.url_open(url)
            self.assertEqual(page.status_code, 200)
            self.assertIn(invoice.name, page.text)
            self.assertIn('5.00', page.text)
            self.assertNotIn(self.customer.name, page.text)
        self.authenticate('stranger', 'stranger')
        self.assertNotIn(invoice.name, self.url_open('/my/reserve').text)
        self.authenticate(None, None)
        self.assertIn('/web/login', self.url_open('/my/reserve').url)
