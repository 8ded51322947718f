# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.fields import Command
from odoo.tests import tagged

from .test_tours import ToursCommon


@tagged('post_install', '-at_install')
class TestMonthEnd(ToursCommon):
    """An accountant's end of April on the screens.

    March: Dan sells 2,000 and is paid for it. April: 1,000 of it are credited; Ben sells 1,250, and a contract of 500 of
    whose commissions a tenth is held back for a year; Anna gets 25 by hand.

    ==== =========== ============ ======== ======== ======= =======
    who  sold by Ben the contract held     credited by hand together
    ==== =========== ============ ======== ======== ======= =======
    Anna 10 %: 125   50           -5       -100     25      95
    Ben  20 %: 250   100          -10      -80              260, own invoice
    Cleo 0                                 -70      195     125, as 250 in the other currency
    Dan  0                                 -50              -50, carried
    ==== =========== ============ ======== ======== ======= =======
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls.env['res.currency'].create({'name': 'FOR', 'symbol': 'F', 'rounding': 0.01})
        cls.env['res.currency.rate'].create({
            'currency_id': cls.foreign.id, 'company_id': cls.company.id, 'name': '2024-04-30', 'rate': 2})
        cls.company.mlm_adjustment_limit = 1000
        invoice = cls._invoice(cls.dan, 2000)
        march = cls._close(3)
        march.statement_ids.action_bill()
        march.statement_ids.bill_id.action_post()
        cls._credit(invoice, 1000)
        cls._invoice(cls.ben, 1250, day='2024-04-10')
        cls.product_b.mlm_liability_id = cls.env['mlm.liability'].create(
            {'name': 'One year', 'kind': 'full', 'months': 12, 'reserve_rate': 10})
        cls.contract = cls._invoice(cls.ben, 500, day='2024-04-12', product=cls.product_b)
        for agent, amount in ((cls.anna, 25), (cls.cleo, 195)):
            cls.env['mlm.adjustment'].create({
                'agent_id': agent.id, 'type_id': cls.env.ref('mlm_commission.adjustment_type_bonus').id, 'amount': amount,
                'date': '2024-04-20', 'reason': 'Fair in April', 'company_id': cls.company.id}).action_confirm()
        cls.agreements[cls.cleo].payout_currency_id = cls.foreign
        cls.agreements[cls.ben].self_billing = False
        cls.april = cls._close(4)
        cls.statements = {statement.agent_id: statement for statement in cls.april.statement_ids}
        cls.own_invoice = cls.env['account.move'].create({
            'move_type': 'in_invoice', 'partner_id': cls.ben.id, 'invoice_date': '2024-05-03', 'company_id': cls.company.id,
            'ref': 'BEN-7', 'invoice_line_ids': [Command.create({
                'name': 'My commission', 'price_unit': 260, 'tax_ids': [Command.clear()]})]})

    @classmethod
    def _close(cls, month):
        period = cls._period(month)
        period.action_calculate()
        period.action_close()
        return period

    def test_month_end(self):
        figures = {agent.name: (statement.opening, statement.earned, statement.clawed_back, statement.adjusted,
                                statement.reserve_held, statement.payable, statement.closing, statement.payout)
                   for agent, statement in self.statements.items()}
        self.assertEqual(figures, {
            'Anna': (0, 175, -100, 25, -5, 95, 0, 95), 'Ben': (0, 350, -80, 0, -10, 260, 0, 260),
            'Cleo': (0, 0, -70, 195, 0, 125, 0, 250), 'Dan': (0, 0, -50, 0, 0, 0, -50, 0)})
        self._user('mlm_accountant', 'base.group_user,account.group_account_invoice,base.group_multi_currency')
        self.start_tour(f'/odoo/commission-periods/{self.april.id}', 'mlm_month_end_bill', login='mlm_accountant')
        bills = {agent.name: statement.bill_id for agent, statement in self.statements.items()}
        self.assertEqual(bills['Ben'], self.own_invoice)
        self.assertFalse(bills['Dan'])
        self.assertEqual((bills['Cleo'].currency_id, bills['Cleo'].amount_untaxed), (self.foreign, 250))
        self.april.statement_ids.bill_id.action_post()
        cleo = self.statements[self.cleo]
        self.start_tour(f'/odoo/agent-statements/{cleo.id}', 'mlm_month_end_pay', login='mlm_accountant')
        self.assertEqual(cleo.bill_state, 'paid')
        self.assertEqual(self.statements[self.anna].bill_state, 'billed')
        self.start_tour(f'/odoo/commission-periods/{self.april.id}', 'mlm_month_end_verify', login='mlm_accountant')
        self._user('mlm_boss', 'base.group_user,mlm_network.group_manager')
        self.start_tour('/odoo/agent-reserve', 'mlm_month_end_reserve', login='mlm_boss')
        released = self.env['mlm.reserve'].search([('company_id', '=', self.company.id), ('kind', '=', 'released')])
        self.assertRecordValues(released, [{
            'agent_id': self.ben.id, 'amount': -10, 'volume_id': self.contract.mlm_volume_ids.id, 'reason': 'He retires'}])
