# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import CommissionCommon


@tagged('post_install', '-at_install')
@freeze_time('2024-05-15 12:00:00')
class TestPlaceChange(CommissionCommon):
    """Changes of the network never reach into a closed period."""

    def _change(self, date, **values):
        officer = self.env.ref('base.user_admin').search([('login', '=', 'change_officer')]) or new_test_user(
            self.env, 'change_officer', 'mlm_network.group_officer', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)])
        return self.env['mlm.place.change'].with_user(officer).create({
            'partner_ids': [Command.set(self.dan.ids)], 'date': date, 'reason': 'On request', 'sponsor_id': self.anna.id,
            **values})

    def test_closed_period(self):
        self._invoice(self.dan, 1000)
        period = self._period(3)
        period.action_calculate()
        period.action_close()
        paid = period.run_ids.mapped('total')
        for values in ({}, {'kind': 'terminate', 'below_mode': 'up'}):
            for date in ('2024-01-15', '2024-03-01', '2024-03-31'):
                with self.subTest(date=date, **values), self.cr.savepoint(), self.assertRaisesRegex(
                    UserError, r'Period March 2024 of .* is closed and stays as it is\. Choose 04/01/2024 or a later day',
                ):
                    self._change(date, **values).action_submit()
        self.assertEqual(self.dan.mlm_sponsor_id, self.cleo)
        self._change('2024-04-01').action_submit()
        self.assertEqual(self.dan.mlm_sponsor_id, self.anna)
        self.assertEqual(period.run_ids.mapped('total'), paid)

    def test_closed_between_request_and_approval(self):
        self.company.mlm_change_approval = True
        change = self._change('2024-03-10')
        change.action_submit()
        self._invoice(self.dan, 1000)
        period = self._period(3)
        period.action_calculate()
        period.action_close()
        with self.assertRaisesRegex(UserError, 'March 2024'), self.cr.savepoint():
            change.with_user(self.env.user).action_approve()
        self.assertEqual((change.state, self.dan.mlm_sponsor_id), ('waiting', self.cleo))

    def test_estimates_that_change(self):
        self._invoice(self.dan, 1000)
        self._period(3).action_calculate()
        self.assertEqual(self._change('2024-03-10').preview, (
            'Dan: from Cleo to Anna (agents below: 0)\n'
            'Period March 2024 is calculated: its estimate changes when it is calculated again.'))
        self.assertEqual(self._change('2024-04-10').preview, 'Dan: from Cleo to Anna (agents below: 0)')
