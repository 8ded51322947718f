# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..pacing import AtOnce, InSlices


class MlmPeriod(models.Model):
    """Large periods: worked on in the background, and in how many transactions."""
    _inherit = 'mlm.period'

    job_ids = fields.One2many('mlm.job', 'period_id', string='Background Jobs', readonly=True)
    job_state = fields.Selection(
        [('queued', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('stopped', 'Stopped')],
        string='In the Background', compute='_compute_job')
    job_message = fields.Text(string='How It Ended', compute='_compute_job')
    in_slices = fields.Boolean(string='Being Calculated in Slices', copy=False, readonly=True, help='See `pacing`.')

    # === COMPUTE METHODS === #

    @api.depends('job_ids.state', 'calculated_at')
    def _compute_job(self):
        for period in self:
            job = period.job_ids.sorted('id')[-1:]
            # How an earlier attempt ended is of no interest once the period was calculated.
            if job.ended_at and period.calculated_at and job.ended_at < period.calculated_at:
                job = job.browse()
            period.job_state, period.job_message = job.state, job.message

    # === ACTION METHODS === #

    def action_stop(self):
        """Stop what is done to the period in the background."""
        self._active_job().action_stop()
        return True

    # === BUSINESS METHODS === #

    @api.readonly
    def get_job(self):
        """What is done, or was last done, to the period in the background: see `mlm.job._describe`; False for nothing."""
        self.ensure_one()
        job = self.env['mlm.job'].search([('period_id', '=', self.id)], limit=1)
        return job._describe() if job else False

    @api.private
    def _abandon(self):
        """Throw away what was calculated in slices and will not be finished."""
        for period in self.filtered('in_slices'):
            period.run_ids._discard()
            period.in_slices = False

    @api.private
    def _pace(self):
        """In how many transactions to calculate, see :mod:`pacing`."""
        self.ensure_one()
        size = self.company_id.mlm_slice_size
        return InSlices(size) if size and self._count_sales(size + 1) > size else AtOnce()

    def _is_large(self):
        """Whether to work in the background."""
        self.ensure_one()
        limit = self.company_id.mlm_background_from
        return bool(limit) and self._count_sales(limit) >= limit

    def _count_sales(self, limit):
        """What was sold since the last closed period, counted up to a limit."""
        before = self._last_closed_before()
        domain = [('company_id', '=', self.company_id.id), ('date', '<=', self.date_to)]
        if before:
            domain.append(('date', '>', before.date_to))
        return self.env['mlm.volume'].search_count(domain, limit=limit)

    def _active_job(self):
        return self.job_ids.filtered(lambda job: job.state in ('queued', 'running'))

    def _check_no_job(self):
        """:raise UserError: saying what is done to the period, by whom and how far it is"""
        self.ensure_one()
        self.job_ids.invalidate_recordset()
        job = self._active_job()
        if job and job.id != self.env.context.get('mlm_job'):
            raise UserError(self.env._(
                '%(user)s is having period %(period)s worked on (%(step)s, %(share)s %%). Wait until it is done, or stop it.',
                user=job.sudo().user_id.name, period=self.name, step=job._describe()['text'], share=round(job.share * 100)))
