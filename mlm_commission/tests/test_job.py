# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mlm_commission import progress
from odoo.addons.mlm_commission.models import mlm_job

from .common import CommissionCommon

REPORT = mlm_job._Reporter._report


@tagged('post_install', '-at_install')
class TestJob(CommissionCommon):
    """Large periods in the background: what people see, stopping, failing, a process that disappears."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.mlm_background_from = 2
        cls.march = cls._period(3)
        cls._invoice(cls.dan, [1000, 500])

    def _work(self):
        """Have the scheduled job run, as Odoo runs it."""
        def report(reporter, step, share):
            # All cursors of a test share one connection, which is busy while rows are streamed.
            return step != 'compute' and REPORT(reporter, step, share)

        with patch.object(mlm_job._Reporter, '_report', report), self.enter_registry_test_mode():
            self.env.ref('mlm_commission.ir_cron_jobs').method_direct_trigger()
        self.env.invalidate_all()

    def _steps(self, action, steps):
        """Note the steps that an action goes through."""
        with progress.listen(lambda step, _done, _total: steps.append(step)):
            action()

    def test_small_period_at_once(self):
        self.company.mlm_background_from = 3
        self.march.action_calculate()
        self.assertEqual(self.march.state, 'calculated')
        self.assertFalse(self.march.job_ids)

    def test_background_can_be_switched_off(self):
        self.company.mlm_background_from = 0
        self.march.action_calculate()
        self.assertEqual(self.march.state, 'calculated')

    def test_calculate_and_close(self):
        self.march.action_calculate()
        self.assertEqual((self.march.state, self.march.job_state), ('open', 'queued'))
        self._work()
        self.assertEqual((self.march.state, self.march.job_state), ('calculated', 'done'))
        # Dan 5 % of 1,500, Cleo 7, Ben 8, Anna 10 percent more
        self.assertEqual(self._earned(self.march), {self.dan: 75, self.cleo: 105, self.ben: 120, self.anna: 150})
        self.march.action_close()
        self.assertEqual((self.march.state, self.march.job_state), ('calculated', 'queued'))
        self._work()
        self.assertEqual((self.march.state, self.march.statement_count), ('closed', 4))

    def test_every_step_is_known(self):
        """Whoever listens hears every step, in the order and under the names that people are shown."""
        for action, known in ((self.march._calculate, progress.CALCULATION), (self.march._close, progress.CLOSING)):
            steps = []
            self._steps(action, steps)
            self.assertEqual(list(dict.fromkeys(step for step in steps if step != 'plan')), list(known))
            self.assertLessEqual(known.keys(), self.env['mlm.job']._step_labels().keys())

    def test_one_at_a_time(self):
        self.march.action_calculate()
        for action in (self.march.action_calculate, self.march._calculate, self.march.action_discard):
            with self.assertRaisesRegex(UserError, '2024-03'):
                action()

    def test_stop_while_waiting(self):
        self.march.action_calculate()
        self.march.action_stop()
        self.assertEqual(self.march.job_state, 'stopped')
        self._work()
        self.assertEqual(self.march.state, 'open')

    def test_stop_while_running(self):
        """The button is pressed while the sales are taken: nothing remains of the calculation."""
        self.march.action_calculate()
        job = self.march.job_ids
        claim = type(self.env['mlm.run'])._claim

        def press(run, pace):
            with self.registry.cursor() as cr:
                cr.execute('UPDATE mlm_job SET stop = TRUE WHERE id = %s', [job.id])
            return claim(run, pace)

        with patch.object(type(self.env['mlm.run']), '_claim', press):
            self._work()
        self.assertEqual((self.march.state, self.march.job_state), ('open', 'stopped'))
        self.assertFalse(self.march.run_ids)

    def test_failure_says_why(self):
        """April cannot be calculated before March: said on the period and in its chatter."""
        april = self._period(4)
        self.env['mlm.job']._enqueue(april, 'calculate')
        self._work()
        self.assertEqual((april.state, april.job_state), ('open', 'failed'))
        self.assertIn('2024-03 comes first', april.job_message)
        self.assertIn('2024-03 comes first', april.message_ids[0].body)

    @mute_logger('odoo.addons.mlm_commission.models.mlm_job')
    def test_unexpected_failure(self):
        self.march.action_calculate()
        with patch.object(type(self.env['mlm.run']), '_claim', side_effect=ZeroDivisionError('by nothing')):
            self._work()
        self.assertEqual((self.march.state, self.march.job_state), ('open', 'failed'))
        self.assertIn('by nothing', self.march.job_message)

    def test_lost_process(self):
        """A job that is found running was left by a process that is gone: it is begun again, not for ever."""
        self.march.action_calculate()
        self.march.job_ids.sudo().write({'state': 'running', 'attempt': 1, 'revision': self.march.revision})
        self._work()
        self.assertEqual((self.march.state, self.march.job_state, self.march.job_ids.attempt), ('calculated', 'done', 2))
        self.march.action_calculate()
        job = self.march._active_job()
        job.sudo().write({'state': 'running', 'attempt': 3, 'revision': self.march.revision})
        self._work()
        self.assertEqual((self.march.state, job.state), ('calculated', 'failed'))
        self.assertIn('limit_time_real_cron', job.message)

    def test_lost_after_it_was_done(self):
        """The process was lost between the work's commit and the note of it: the work is not done twice."""
        self.march.action_calculate()
        self.march.job_ids.sudo().write({'state': 'running', 'attempt': 1, 'revision': self.march.revision - 1})
        with patch.object(type(self.march), '_calculate', side_effect=AssertionError('must not be called')):
            self._work()
        self.assertEqual(self.march.job_state, 'done')

    def test_done_is_told(self):
        """Whoever asked for it is sent a notification that leads to the period."""
        sent = []
        user = type(self.env.user)
        with patch.object(user, '_bus_send', lambda user, kind, message, **_kw: sent.append((user, kind, message))):
            self.march.action_calculate()
            self._work()
        [(user, _kind, message)] = [one for one in sent if one[1] == 'mlm_commission.job']
        self.assertEqual((user, message['period_id'], message['type']), (self.env.user, self.march.id, 'success'))

    def test_roles(self):
        """Officers ask for it and stop it; accountants see it; nobody writes jobs; other companies see nothing."""
        def login(name, group, company=None):
            return self.env['res.users'].create({
                'name': name, 'login': name, 'group_ids': [Command.set([self.env.ref(group).id])],
                'company_id': (company or self.company).id, 'company_ids': [Command.set((company or self.company).ids)]})

        officer = login('job officer', 'mlm_network.group_officer')
        accountant = login('job accountant', 'account.group_account_invoice')
        salesman = login('job sales', 'sales_team.group_sale_salesman')
        portal = login('job portal', 'base.group_portal')
        foreign = login('job foreign', 'mlm_network.group_officer', self.env['res.company'].create({'name': 'Other'}))
        self.march.with_user(officer).action_calculate()
        job = self.march.job_ids
        self.assertEqual(job.user_id, officer)
        self.assertEqual(self.march.with_user(accountant).get_job()['state'], 'queued')
        with self.assertRaises(AccessError):
            self.march.with_user(accountant).action_stop()
        with self.assertRaises(AccessError):
            job.with_user(officer).write({'state': 'done'})
        for nobody in (salesman, portal, foreign):
            with self.assertRaises(AccessError):
                job.with_user(nobody).read(['state'])
            with self.assertRaises(AccessError):
                job.with_user(nobody).action_stop()
        self._work()
        self.assertEqual(self.march.state, 'calculated')
        self.march.with_user(officer).action_calculate()
        self.march.with_user(officer).action_stop()
        self.assertEqual(self.march.job_state, 'stopped')
