# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestCompanies(CommissionCommon):
    """Two companies with agents in common, each with its plans, months, journals and currency: nothing mixes.

    First company: the differential plan, Anna 30, Ben 20, Cleo 12, Dan 5 percent, in dollars. Second company: 10 percent for
    the one above the seller and 3 for the next, in its own currency; Ella, below Cleo, works for it alone. There Cleo is paid
    in dollars, two for one.

    ===== ================================ ================================
    month first company                    second company
    ===== ================================ ================================
    March Dan sells 1,000: 50, 70, 80, 100 Dan sells 500, Ella 200:
                                           Cleo 50 + 20, Ben 15 + 6
    April Dan sells 100: 5, 7, 8, 10       Dan's 500 are credited
    ===== ================================ ================================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        coin = cls.env['res.currency'].create({'name': 'COI', 'symbol': 'C', 'rounding': 0.01})
        cls.second = cls.setup_other_company(name='Second', currency_id=coin.id)['company']
        cls.env['res.currency.rate'].create({
            'currency_id': cls.company.currency_id.id, 'company_id': cls.second.id, 'name': '2024-01-01', 'rate': 2})
        cls.ella = cls._agent('Ella', cls.cleo)
        cls.ella.company_id = cls.second
        cls.other_plan = cls._plan('Second plan', 'level', {'rates': [{'rate': '10'}, {'rate': '3'}]}, company_id=cls.second.id)
        cls.other_agreements = {
            agent: cls._agree(agent, 0, plan=cls.other_plan) for agent in cls.ben + cls.cleo + cls.dan + cls.ella}
        cls.other_agreements[cls.cleo].payout_currency_id = cls.company.currency_id
        cls.other_plan.action_activate()

    def _sell_in_second(self, agent, amount, day='2024-03-10'):
        invoice = self.env['account.move'].with_company(self.second).create({
            'move_type': 'out_invoice', 'company_id': self.second.id, 'partner_id': self.partner_a.id, 'invoice_date': day,
            'date': day, 'mlm_agent_id': agent.id, 'invoice_line_ids': [Command.create({
                'product_id': self.product_a.id, 'price_unit': amount, 'tax_ids': [Command.clear()]})]})
        invoice.action_post()
        return invoice

    def _close(self, company, month):
        first = fields.Date.to_date(f'2024-{month:02}-01')
        period = self.env['mlm.period'].with_company(company).create({
            'company_id': company.id, 'date_from': first, 'date_to': fields.Date.end_of(first, 'month')})
        period.action_calculate()
        period.action_close()
        return period

    def _figures(self, period):
        return {statement.agent_id.name: (statement.opening, statement.earned, statement.clawed_back, statement.payable,
                                          statement.closing) for statement in period.statement_ids}

    def test_two_months_of_two_companies(self):
        self._invoice(self.dan, 1000)
        returned = self._sell_in_second(self.dan, 500)
        self._sell_in_second(self.ella, 200)
        march = self._close(self.company, 3), self._close(self.second, 3)
        self.assertEqual(self._figures(march[0]), {
            name: (0, amount, 0, amount, 0) for name, amount in (('Dan', 50), ('Cleo', 70), ('Ben', 80), ('Anna', 100))})
        self.assertEqual(self._figures(march[1]), {'Cleo': (0, 70, 0, 70, 0), 'Ben': (0, 21, 0, 21, 0)})
        cleo = march[1].statement_ids.filtered(lambda statement: statement.agent_id == self.cleo)
        self.assertEqual((cleo.currency_id, cleo.payout_currency_id, cleo.payout_rate, cleo.payout),
                         (self.second.currency_id, self.company.currency_id, 2, 140))

        credit = self.env['account.move.reversal'].with_company(self.second).with_context(
            active_model='account.move', active_ids=returned.ids).create({
                'date': '2024-04-05', 'journal_id': returned.journal_id.id})
        credit.reverse_moves()
        credit.new_move_ids.action_post()
        self._invoice(self.dan, 100, day='2024-04-10')
        # In either order: neither company waits for, or takes from, the other.
        april = self._close(self.second, 4), self._close(self.company, 4)
        self.assertEqual(self._figures(april[0]), {'Cleo': (0, 0, -50, 0, -50), 'Ben': (0, 0, -15, 0, -15)},
                         'a debt, carried in the company it is owed to')
        self.assertEqual(self._figures(april[1]), {
            name: (0, amount, 0, amount, 0) for name, amount in (('Dan', 5), ('Cleo', 7), ('Ben', 8), ('Anna', 10))})
        for period in (*march, *april):
            self.assertEqual(period.action_verify()['params']['type'], 'success')

        for period in march:
            period.with_company(period.company_id).action_bill()
        for period, journal in ((march[0], self.company.mlm_journal_id), (march[1], self.second.mlm_journal_id)):
            bills = period.statement_ids.bill_id
            self.assertEqual((bills.company_id, bills.journal_id), (period.company_id, journal))
        self.assertNotEqual(self.company.mlm_journal_id, self.second.mlm_journal_id)
        self.assertEqual((cleo.bill_id.currency_id, cleo.bill_id.amount_untaxed), (self.company.currency_id, 140))
        cleo.bill_id.action_post()
        # 140 dollars are the 70 of the second company's own currency that the statement says.
        self.assertEqual(cleo.bill_id.with_company(self.second).amount_untaxed_signed, -70)

    def test_people_of_one_company(self):
        """Who works for one company reads and settles nothing of the other; an agent of both sees what the login is for."""
        self._invoice(self.dan, 1000)
        self._sell_in_second(self.ella, 200)
        first, second = self._close(self.company, 3), self._close(self.second, 3)
        mine = {'company_id': self.company.id, 'company_ids': [Command.set(self.company.ids)]}
        both = {'company_id': self.company.id, 'company_ids': [Command.set((self.company + self.second).ids)]}
        boss = new_test_user(
            self.env, 'boss_1', **mine,
            groups='mlm_network.group_manager,account.group_account_invoice,mlm_commission.group_auditor')
        for model in ('mlm.statement', 'mlm.statement.line', 'mlm.period', 'mlm.plan', 'mlm.agreement', 'mlm.volume',
                      'mlm.commission', 'mlm.run'):
            records = self.env[model].with_user(boss).search([])
            companies = records.statement_id.company_id if model == 'mlm.statement.line' else records.company_id
            self.assertEqual(companies, self.company, model)
        for action in ('action_discard', 'action_bill', 'action_send'):
            with self.assertRaises(AccessError), mute_logger('odoo.addons.base.models.ir_rule'):
                getattr(second.with_user(boss), action)()
        one = new_test_user(self.env, 'cleo_1', groups='base.group_portal', partner_id=self.cleo.id, name='Cleo', **mine)
        self.assertEqual(self.env['mlm.statement'].with_user(one).search([]).period_id, first)
        one.write({'company_ids': both['company_ids']})
        self.assertEqual(self.env['mlm.statement'].with_user(one).with_context(
            allowed_company_ids=(self.company + self.second).ids).search([]).sudo().period_id, first + second)
