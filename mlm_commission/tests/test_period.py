# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import storing
from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestPeriod(CommissionCommon):

    def test_states(self):
        period = self._period(3)
        self._invoice(self.dan, 100)
        with self.assertRaisesRegex(UserError, '"Open"'):
            period.action_close()
        period.action_calculate()
        period.action_discard()
        self.assertEqual(period.state, 'open')
        self.assertFalse(self._earned(period))
        period.action_calculate()
        period.action_close()
        for action in (period.action_calculate, period.action_discard, period.action_close):
            with self.assertRaisesRegex(UserError, '"Closed"'):
                action()
        with self.assertRaisesRegex(UserError, 'closed and stays'):
            period.unlink()

    def test_deleting_a_draft_frees_its_sales(self):
        self._invoice(self.dan, 100)
        period = self._period(3)
        period.action_calculate()
        period.unlink()
        again = self._period(3)
        again.action_calculate()
        self.assertEqual(self._earned(again)[self.dan], 5)

    def test_earlier_period_comes_first(self):
        march, april = self._period(3), self._period(4)
        with self.assertRaisesRegex(UserError, '2024-03 comes first'):
            april.action_calculate()
        march.action_calculate()
        with self.assertRaisesRegex(UserError, '2024-03 comes first'):
            april.action_calculate()

    @mute_logger('odoo.sql_db')
    def test_periods_do_not_overlap(self):
        self._period(3)
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._period(3)

    @freeze_time('2024-03-31')
    def test_not_closed_before_it_is_over(self):
        self._invoice(self.dan, 100)
        period = self._period(3)
        period.action_calculate()
        with self.assertRaisesRegex(UserError, 'from the day after'):
            period.action_close()
        with freeze_time('2024-04-01'):
            period.action_close()

    def test_not_closed_when_something_came_after_the_calculation(self):
        invoice = self._invoice(self.dan, 100)
        period = self._period(3)
        period.action_calculate()
        self._credit(invoice, 10, day='2024-03-31')
        with self.assertRaisesRegex(UserError, 'Calculate it again'):
            period.action_close()
        period.action_calculate()
        period.action_close()
        self.assertEqual(self._earned(period)[self.dan], 4.5)

    def test_dates_are_proposed(self):
        self._period(3)
        period = self.env['mlm.period'].create({'company_id': self.company.id})
        self.assertEqual((str(period.date_from), str(period.date_to)), ('2024-04-01', '2024-04-30'))
        self.assertEqual(period.name, '2024-04')
        self.assertEqual(period.display_name, 'April 2024')

    def test_why_nothing(self):
        def why():
            return ' '.join(period._why_nothing())

        period = self._period(3)
        self.plan.action_end()
        self.plan.state = 'draft'
        self.assertIn('No plan is active', why())
        self.plan.write({'date_to': False, 'state': 'active'})
        self.assertIn('No customer invoice', why())
        draft = self._invoice(self.dan, 100, post=False)
        self.assertIn('1 invoices of these days are still drafts', why())
        draft.unlink()
        self._invoice(None, 100, partner=self.partner_a)
        self.assertIn('1 posted invoices have no agent', why())
        self._invoice(self.dan, 100, day='2024-04-02')
        self.assertIn('1 sales that plan "Test plan" would pay are dated after 2024-03-31', why())
        self.assertIn('not calculated yet', why())
        action = period.action_calculate()
        self.assertEqual(action['tag'], 'display_notification', 'said at once, without asking')
        self.assertIn('found no sale', action['params']['message'])
        self._invoice(self.dan, 100)
        for agreement in self.agreements.values():
            agreement.action_cancel()
        action = period.action_calculate()
        self.assertIn('No agent has an active agreement', action['params']['message'])
        self.assertIn('found 1 sales, but nobody', action['params']['message'])
        for agreement in self.agreements.values():
            agreement.action_activate()
        self.assertEqual(period.action_calculate(), True)
        self.assertIn('settled 1 sales with 4 commissions', why())

    def test_paid_plan_says_that_nothing_is_paid(self):
        self.plan.action_draft()
        self.plan.trigger = 'paid'
        self.plan.action_activate()
        self._invoice(self.dan, 100)
        self.assertIn('pays when invoices are paid', ' '.join(self._period(3)._why_nothing()))

    def test_checks_itself_before_anything_is_visible(self):
        """A row that is not at its rate undoes the whole calculation."""
        self._invoice(self.dan, 1000)
        period = self._period(3)
        verify = storing.Rows._verify

        def spoil(rows, writer):
            self.env.cr.execute('UPDATE %s SET amount = amount + 2' % rows.table)
            return verify(rows, writer)

        self.patch(storing.Rows, '_verify', spoil)
        with self.assertRaisesRegex(UserError, 'did not pass its own check'), self.env.cr.savepoint():
            period.action_calculate()
        self.env.invalidate_all()
        self.assertEqual(period.state, 'open')
        self.assertFalse(period.run_ids)
