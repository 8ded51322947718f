# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.tests import tagged

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestExit(CommissionCommon):
    """A leaving agent gives goods back: the upline's commissions follow from the credit note, in the open period."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({'mlm_buyback_percent': 90, 'mlm_buyback_months': 12})
        cls.env.user.group_ids += cls.env.ref('account.group_account_manager')

    def _settle(self, month):
        period = self._period(month)
        period.action_calculate()
        earned = self._earned(period)
        period.action_close()
        return earned

    def _give_back(self, quantity, day, **values):
        wizard = self.env['mlm.exit.wizard'].with_company(self.company).create({
            'partner_id': self.dan.id, 'date': day, 'reason': 'Notice', 'post': True, 'terminate': False, **values})
        wizard.line_ids.quantity = quantity
        wizard.action_apply()

    def test_commissions_are_taken_back_pro_rata_of_the_refund(self):
        """Dan bought 10 at 100: Dan 5 %, Cleo 7, Ben 8, Anna 10 of 1,000.

        4 come back at 90 percent, 360 of 1,000, so 36 percent of each commission; then the other 6, 54 percent more. What
        the company keeps of the price, 10 percent, stays sold.
        """
        self._invoice(self.dan, 100, partner=self.dan, quantity=10)
        self.assertEqual(self._settle(3), {self.dan: 50, self.cleo: 70, self.ben: 80, self.anna: 100})
        self._give_back(4, '2024-04-05')
        self.assertEqual(self._settle(4), {self.dan: -18, self.cleo: -25.2, self.ben: -28.8, self.anna: -36})
        self._give_back(6, '2024-05-05', terminate=True)
        self.assertEqual(self.dan.mlm_agent_state, 'terminated')
        self.assertEqual(self._settle(5), {self.dan: -27, self.cleo: -37.8, self.ben: -43.2, self.anna: -54})

    def test_in_full_nothing_is_left(self):
        """At 100 percent everything comes back, to the cent."""
        self.company.mlm_buyback_percent = 100
        self._invoice(self.dan, 33.33, partner=self.dan, quantity=3)
        first = self._settle(3)
        self._give_back(1, '2024-04-05')
        second = self._settle(4)
        self._give_back(2, '2024-05-05', terminate=True)
        third = self._settle(5)
        for agent in (self.dan, self.cleo, self.ben, self.anna):
            self.assertAlmostEqual(first[agent] + second[agent] + third[agent], 0, msg=agent.name)

    def test_not_from_a_closed_period_on(self):
        """The termination keeps to the rules of any change of place, and without it nothing of the exit happens."""
        self._invoice(self.dan, 100, partner=self.dan, quantity=10)
        self._settle(3)
        with self.assertRaisesRegex(Exception, 'is closed and stays as it is'), self.env.cr.savepoint():
            self._give_back(4, '2024-03-20', terminate=True)
        self.assertFalse(self.env['account.move'].search([('move_type', '=', 'out_refund'), ('partner_id', '=', self.dan.id)]))
