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

    def test_closed_period_by_rpc(self):
        """Whoever dates a change without the form is refused too: by the context, by a field, in a file, for seats."""
        self._invoice(self.dan, 1000)
        period = self._period(3)
        period.action_calculate()
        period.action_close()
        self.company.write({'mlm_placement_width': 2, 'mlm_placement_strategy': 'manual'})
        self.dan.mlm_agent_code = 'DAN'
        officer = new_test_user(
            self.env, 'rpc_officer', 'mlm_network.group_officer', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)])
        partners = self.env['res.partner'].with_user(officer)
        dan = self.dan.with_user(officer)
        for date in ('2024-01-15', '2024-03-31'):
            dated = {'mlm_date': date}
            for attempt in (
                lambda: dan.with_context(**dated).write({'mlm_sponsor_id': self.anna.id}),
                lambda: dan.with_context(**dated).write({'mlm_agent_state': 'suspended'}),
                lambda: dan.write({'mlm_sponsor_id': self.anna.id, 'mlm_place_date': date}),
                lambda: dan.with_context(**dated).write({'mlm_placed': True}),
            ):
                with self.cr.savepoint(), self.assertRaisesRegex(UserError, 'March 2024 of .* is closed'):
                    attempt()
            result = partners.load(['mlm_agent_code', 'mlm_sponsor_code', 'mlm_place_date'], [['DAN', '', date]])
            self.assertFalse(result['ids'])
            self.assertRegex(result['messages'][0]['message'], 'March 2024 of .* is closed')
        self.assertEqual(self.dan.mlm_sponsor_id, self.cleo)
        dan.write({'mlm_sponsor_id': self.anna.id, 'mlm_place_date': '2024-04-01'})
        self.assertEqual(self.dan.mlm_sponsor_id, self.anna)
        self.assertEqual(str(self.dan.mlm_place_date), '2024-04-01')
        # Who is new may have joined before: a whole network that comes later keeps its days, and nobody was paid for it.
        paid = period.run_ids.mapped('total')
        new = partners.create({
            'name': 'New', 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.ben.id, 'mlm_place_date': '2024-02-01'})
        self.assertEqual(str(new.mlm_since), '2024-02-01')
        self.assertEqual(period.run_ids.mapped('total'), paid)
        with self.cr.savepoint(), self.assertRaisesRegex(UserError, 'March 2024 of .* is closed'):
            new.write({'mlm_sponsor_id': self.anna.id, 'mlm_place_date': '2024-03-01'})

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

    def test_money_after_each_choice(self):
        """Cleo, at 12 percent between Dan at 5 and Ben at 20, leaves on 1 April and comes back on 1 May; Dan sells 1,000 a month.

        March, before: 5, 12 - 5, 20 - 12, 30 - 20 percent. April: nobody stands between Dan and Ben, so Ben gets 20 - 5, whether
        Dan stays or moves up; under Anna, Ben is left out and she gets 30 - 5. May: Dan below Cleo again only if he never moved.
        """
        with_cleo = {self.dan: 50, self.cleo: 70, self.ben: 80, self.anna: 100}
        passed_up = {self.dan: 50, self.ben: 150, self.anna: 100}
        under_anna = {self.dan: 50, self.anna: 250}
        for kind in ('suspend', 'terminate'):
            for mode, april, may in (('stay', passed_up, with_cleo), ('up', passed_up, passed_up),
                                     ('other', under_anna, under_anna)):
                with self.subTest(kind=kind, mode=mode):
                    savepoint = self.cr.savepoint()
                    months = []
                    for month, change in ((3, None), (4, {'kind': kind, 'below_mode': mode}), (5, {'kind': 'return'})):
                        if change:
                            self._change(
                                f'2024-{month:02}-01', partner_ids=[Command.set(self.cleo.ids)], **change).action_submit()
                        self._invoice(self.dan, 1000, day=f'2024-{month:02}-10')
                        months.append(self._period(month))
                        months[-1].action_calculate()
                        if month < 5:
                            months[-1].action_close()
                    self.assertEqual([self._earned(month) for month in months], [with_cleo, april, may])
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()
