# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import logging
import time
from contextlib import suppress

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, format_duration

from .. import progress

_logger = logging.getLogger(__name__)

ACTIVE = ('queued', 'running')
# A job whose server process disappears is begun again, and given up when that happens so many times.
ATTEMPTS = 3
# Of two transactions that write the same row one is repeated, as Odoo does for requests.
REPEATS = 5
SECONDS_BETWEEN_REPORTS = 1


class Stopped(Exception):
    """Somebody pressed the stop button."""


class MlmJob(models.Model):
    """A calculation or closing in the background: waiting, at work, and how it ended.

    The work itself is one transaction, of which nobody sees anything before it commits. How far it is stands here,
    written by a cursor of its own. Jobs are taken one after the other by one scheduled job, whose row Odoo keeps locked
    while it runs: a job that is found running when that starts was left by a process that is gone.
    """
    _name = 'mlm.job'
    _description = 'Background Job of a Period'
    _order = 'id desc'
    _rec_name = 'period_id'

    period_id = fields.Many2one(
        'mlm.period', string='Period', required=True, index=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='period_id.company_id', store=True, index=True)
    action = fields.Selection(
        [('calculate', 'Calculate'), ('close', 'Close')], string='What', required=True, readonly=True)
    user_id = fields.Many2one('res.users', string='Asked For By', required=True, readonly=True, ondelete='cascade')
    state = fields.Selection(
        [('queued', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('stopped', 'Stopped')],
        string='Status', required=True, default='queued', readonly=True)
    step = fields.Char(string='Step', readonly=True)
    share = fields.Float(string='Done', readonly=True, help='From 0 to 1.')
    stop = fields.Boolean(string='To Be Stopped', readonly=True)
    attempt = fields.Integer(string='Attempts', readonly=True)
    revision = fields.Integer(string='Revision Before', readonly=True)
    started_at = fields.Datetime(string='Started', readonly=True)
    ended_at = fields.Datetime(string='Ended', readonly=True)
    message = fields.Text(string='Message', readonly=True)

    _one_at_a_time = models.UniqueIndex(
        "(period_id) WHERE state IN ('queued', 'running')", 'This period is being worked on already.')

    # === ACTION METHODS === #

    def action_stop(self):
        """Ask the job to stop: at once while it waits, else before its next step. Nothing of it remains."""
        self.check_access('read')
        self.period_id.check_access('write')
        # Officers stop what officers started; nobody else may write jobs.
        jobs = self.sudo()
        jobs.filtered(lambda job: job.state == 'queued')._end('stopped')
        jobs.filtered(lambda job: job.state == 'running').write({'stop': True})

    # === BUSINESS METHODS === #

    @api.private
    @api.model
    def _enqueue(self, period, action):
        """Have a period calculated or closed in the background.

        :param str action: a key of ``action``
        :return: the new record
        """
        period._check_no_job()
        # Whoever may work on the period may have it done, and nobody writes jobs but this class.
        job = self.sudo().create({'period_id': period.id, 'action': action, 'user_id': self.env.uid})
        self.env.ref('mlm_commission.ir_cron_jobs').sudo()._trigger()
        return job

    @api.private
    @api.model
    def _run_all(self):
        """Work on everything that waits; called by the scheduled job only, so there is no other who does."""
        jobs = self.sudo().search([('state', 'in', ACTIVE)], order='id')  # whoever the job runs as
        for done, job in enumerate(jobs, 1):
            job._run()
            self.env['ir.cron']._commit_progress(1, remaining=len(jobs) - done)

    @api.private
    def _describe(self):
        """How it stands, for people.

        :return: {'id', 'state', 'share' from 0 to 1, 'text', 'left': how long still, or False, 'stop'}
        """
        self.ensure_one()
        # Written by a cursor of its own, possibly after this record was read.
        self.invalidate_recordset()
        running = self.state == 'running'
        left = False
        if running and self.share > .05 and self.started_at:
            passed = (fields.Datetime.now() - self.started_at).total_seconds()
            left = self.env._('about %s min left', format_duration(passed * (1 / self.share - 1) / 60))
        return {
            'id': self.id, 'state': self.state, 'share': self.share, 'left': left, 'stop': self.stop,
            'text': self._step_labels().get(self.step) if running else
            self.message or dict(self._fields['state']._description_selection(self.env))[self.state],
        }

    def _step_labels(self):
        return {
            'take': self.env._('Beginning'),
            'discard': self.env._('Discarding the previous draft'),
            'claim': self.env._('Taking the sales'),
            'load': self.env._('Reading the network'),
            'freeze': self.env._('Keeping what was read'),
            'compute': self.env._('Calculating commissions'),
            'index': self.env._('Sorting commissions'),
            'check': self.env._('Checking every amount'),
            'attach': self.env._('Putting the result in place'),
            'record': self.env._('Finishing'),
            'late': self.env._('Looking for late sales'),
            'statements': self.env._('Writing statements'),
        }

    # === WORK === #

    def _run(self):
        """Do the work, commit it, and keep how it ended."""
        self.ensure_one()
        cr = self.env.cr
        if self.state == 'running' and self._was_done():
            self._finish('done', self.env._('Done.'))
            return
        if self.attempt >= ATTEMPTS:
            self.period_id._abandon()
            self._finish('failed', self.env._(
                'The server process was ended %s times during the work, for instance by its limits of time or memory. '
                'Nothing was changed. Ask your administrator to raise limit_time_real_cron or limit_memory_hard.',
                self.attempt))
            return
        self.write({
            'state': 'running', 'attempt': self.attempt + 1, 'started_at': fields.Datetime.now(), 'share': 0,
            'revision': self.period_id.revision,
        })
        # The work is one transaction of its own: it can be undone without what is known of the job.
        cr.commit()
        state, message = 'done', self.env._('Done.')
        try:
            self._work()
        except Stopped:
            state, message = 'stopped', self.env._('Stopped. Nothing was changed.')
        except UserError as error:
            state, message = 'failed', str(error)
        except Exception as error:
            _logger.exception('Job %s of period %s failed', self.id, self.period_id.id)
            state, message = 'failed', self.env._('An unexpected error occurred: %s', error)
        if state != 'done':
            cr.rollback()
            self.env.invalidate_all()
            self.period_id._abandon()
        self._finish(state, message)

    def _was_done(self):
        """Whether the work was committed before the process could say so: nobody else changes a period in between."""
        return self.period_id.revision != self.revision and not self.period_id.in_slices

    def _work(self):
        """Calculate or close in the name of who asked for it; repeat what cannot be serialised."""
        user = self.user_id
        period = self.period_id.with_user(user).with_company(self.company_id).with_context(
            lang=user.lang, allowed_company_ids=self.company_id.ids, mlm_job=self.id)
        for repeat in range(REPEATS):
            try:
                with progress.listen(_Reporter(self)):
                    if self.action == 'calculate':
                        period._calculate(period._pace())
                    else:
                        period._close()
                    self.env.flush_all()
                self.env.cr.commit()  # done, whatever happens to the job's own row afterwards
                return
            except psycopg2.OperationalError as error:
                if not isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY) or repeat == REPEATS - 1:
                    raise
                self.env.cr.rollback()
                self.env.invalidate_all()

    def _finish(self, state, message):
        self._end(state, message)
        self._notify()
        self.env.cr.commit()  # see `_run`

    def _end(self, state, message=False):
        self.write({'state': state, 'message': message, 'ended_at': fields.Datetime.now(), 'stop': False})

    def _notify(self):
        """Tell who asked for it, with a link; a failure is also kept with the period."""
        for job in self:
            period = job.period_id.with_context(lang=job.user_id.lang)
            done = {
                'calculate': period.env._('%s is calculated', period.display_name),
                'close': period.env._('%s is closed', period.display_name),
            }[job.action]
            failed = {
                'calculate': period.env._('%s was not calculated', period.display_name),
                'close': period.env._('%s was not closed', period.display_name),
            }[job.action]
            if job.state == 'failed':
                period.message_post(body=f'{failed}: {job.message}')
            job.user_id._bus_send('mlm_commission.job', {
                'title': done if job.state == 'done' else failed,
                'message': '' if job.state == 'done' else job.message,
                'type': {'done': 'success', 'failed': 'danger'}.get(job.state, 'info'),
                'period_id': period.id,
            })


class _Reporter:
    """Listens to the work: writes how far it is, at most once a second, and raises when it is to stop.

    By a cursor of its own: the work's transaction is seen by nobody before it ends, and must not write the job's row.
    """

    def __init__(self, job):
        self.job_id, self.action, self.registry = job.id, job.action, job.env.registry
        self.plans, self.plan, self.reported = 1, 0, 0.0

    def __call__(self, step, done, total):
        if step == 'plan':
            self.plan, self.plans = done, total
            return
        if step == 'slice':
            self._spare()
            return
        now = time.monotonic()
        if now - self.reported < SECONDS_BETWEEN_REPORTS and done:
            return
        self.reported = now
        if self._report(step, self._share(step, done, total)):
            raise Stopped

    def _share(self, step, done, total):
        """How much of the whole is done, by what each step usually takes."""
        steps = progress.CALCULATION if self.action == 'calculate' else progress.CLOSING
        names = list(steps)
        before = sum(steps[name] for name in names[:names.index(step)])
        share = (before + steps[step] * (done / total if total else 0)) / sum(steps.values())
        return (self.plan + share) / self.plans

    def _spare(self):
        """What is committed is not done again: a process that ends from now on has not ended in vain."""
        with suppress(psycopg2.OperationalError), self.registry.cursor() as cr:
            cr.execute(SQL('UPDATE mlm_job SET attempt = 1 WHERE id = %s', self.job_id))

    def _report(self, step, share):
        """:return: whether the work is to stop"""
        try:
            with self.registry.cursor() as cr:
                cr.execute(SQL(
                    'UPDATE mlm_job SET step = %s, share = GREATEST(share, %s) WHERE id = %s RETURNING stop',
                    step, share, self.job_id))
                [stop] = cr.fetchone() or [True]
                return stop
        except psycopg2.OperationalError:
            return False  # somebody presses the stop button this very moment: the next report sees it
