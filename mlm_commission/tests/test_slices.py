# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from contextlib import suppress
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.mlm_commission.models import mlm_job
from odoo.addons.mlm_commission.models.mlm_run import MlmRun
from odoo.addons.mlm_commission.pacing import InSlices

from .common import CommissionCommon

REPORT, DONE, RUN = mlm_job._Reporter._report, InSlices.done, mlm_job.MlmJob._run


class Killed(BaseException):
    """The process is gone: nothing of the suite catches this."""


@tagged('post_install', '-at_install')
class TestSlices(CommissionCommon):
    """A period that is calculated in several transactions comes to what it would come to in one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._plan('Matching', 'level', {'rates': [{'rate': '10'}, {'rate': '5'}]})
        cls.second.rule_ids = [Command.create({
            'name': 'Match', 'kind': 'matching', 'params': {'reads': ['Matching: level'], 'rates': [{'rate': '20'}]}})]
        for agent in (cls.anna, cls.ben, cls.cleo, cls.dan):
            cls._agree(agent, 0, plan=cls.second)
        cls.second.action_activate()
        cls.march = cls._period(3)
        for amount in (1000, 210.05, 33.33, 480, 19.99, 700):
            invoice = cls._invoice(cls.dan, amount)
        cls._invoice(cls.cleo, [81, 9.9])
        cls._credit(invoice, 250.5, day='2024-03-28')
        # At once, and what a calculation in one transaction came to.
        cls.company.write({'mlm_background_from': 1, 'mlm_slice_size': 0})
        cls.march._calculate()
        cls.expected = cls._result(cls.march)

    @classmethod
    def _result(cls, period):
        """Everything that a calculation leaves behind, but for ids of runs."""
        cls.env.flush_all()
        rows = {
            table: sorted(cls.env.execute_query(SQL(
                'SELECT r.plan_id, %s FROM %s c JOIN mlm_run r ON r.id = c.run_id WHERE r.period_id = %s',
                SQL(columns), SQL.identifier(table), period.id)))
            for table, columns in (
                ('mlm_claim', 'c.volume_id'),
                ('mlm_commission_row', 'c.volume_id, c.rule_id, c.level, c.beneficiary_id, c.rate, c.base, c.amount, c.reason'),
                ('mlm_standing_row', 'c.agent_id, c.personal_value, c.group_value, c.paid_id, c.active'),
            )}
        runs = period.run_ids.sorted('plan_id').with_context(bin_size=False)
        return rows, [(run.plan_id, run.volume_count, run.commission_count, run.total, run.standing_count, run.input_digest,
                       run.carried) for run in runs]

    def _work(self):
        """Have the scheduled job run, as Odoo runs it."""
        def report(reporter, step, share):
            # All cursors of a test share one connection, which is busy while rows are streamed.
            return step != 'compute' and REPORT(reporter, step, share)

        def run(job):
            with suppress(Killed):  # what was committed stays, and nobody notes how the job ended
                RUN(job)

        with patch.object(mlm_job._Reporter, '_report', report), patch.object(mlm_job.MlmJob, '_run', run), \
                self.enter_registry_test_mode():
            self.env.ref('mlm_commission.ir_cron_jobs').method_direct_trigger()
        self.env.invalidate_all()

    def _killed_after(self, slices):
        """Have the process die right after it has committed so many slices."""
        left = [slices]

        def done(pace, run, **marker):
            DONE(pace, run, **marker)
            left[0] -= 1
            if not left[0]:
                raise Killed

        with patch.object(InSlices, 'done', done):
            self._work()
        self.assertEqual((left[0], self.march.job_state), (0, 'running'))

    def test_same_as_at_once(self):
        for size in (1, 2, 3, 100):
            with self.subTest(size=size):
                self.company.mlm_slice_size = size
                self.march.action_calculate()
                self._work()
                self.assertEqual((self.march.state, self.march.job_state, self.march.in_slices), ('calculated', 'done', False))
                self.assertEqual(self._result(self.march), self.expected)

    def test_taken_up_where_it_was_left(self):
        """Killed after each slice there is, the job goes on with the next; nothing is claimed, read or written twice."""
        self.company.mlm_slice_size = 3
        # Eight sales and one that is taken back, of each of two plans: two commits while they are claimed, one of what was
        # read, three of what was paid.
        for number, left in enumerate((2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0), 1):
            with self.subTest(killed_after=number):
                self.march.action_calculate()
                self._killed_after(number)
                self.assertEqual((self.march.state, self.march.in_slices), ('open', True))
                frozen, freeze = [], MlmRun._freeze
                with patch.object(MlmRun, '_freeze', lambda run, *args: frozen.append(run) or freeze(run, *args)):
                    self._work()
                self.assertEqual(self._result(self.march), self.expected)
                self.assertEqual(len(frozen), left)
                self.assertEqual((self.march.state, self.march.in_slices), ('calculated', False))

    def test_many_deaths(self):
        """A job that gets on is not given up, however often its process dies."""
        self.company.mlm_slice_size = 2
        self.march.action_calculate()
        for _death in range(6):
            self._killed_after(1)
        self._work()
        self.assertEqual(self.march.job_state, 'done')
        self.assertEqual(self._result(self.march), self.expected)

    def test_one_who_was_thought_dead(self):
        """A process that comes back after another took over writes nothing."""
        self.company.mlm_slice_size = 3
        self.march.action_calculate()
        self._killed_after(2)
        late = InSlices(3)
        late.fence = self.march.revision
        self._killed_after(1)
        with self.assertRaisesRegex(UserError, 'another process'):
            late.done(self.march.run_ids[0], stored=4)

    def test_stopped(self):
        """Nothing remains of what was calculated in slices when the button is pressed."""
        self.company.mlm_slice_size = 3
        self.march.action_calculate()
        self._killed_after(5)
        self.march.action_stop()
        self._work()
        self.assertEqual((self.march.state, self.march.job_state, self.march.in_slices), ('open', 'stopped', False))
        self.assertFalse(self.march.run_ids)
        self.assertEqual(self.env.execute_query(SQL('SELECT count(*) FROM mlm_claim WHERE volume_id IN %s', tuple(
            self.env['mlm.volume'].search([('company_id', '=', self.company.id)]).ids))), [(0,)])
        self.company.mlm_slice_size = 0
        self.march._calculate()
        self.assertEqual(self._result(self.march), self.expected)
