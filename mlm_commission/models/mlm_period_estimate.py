# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class MlmPeriod(models.Model):
    """Drafts of periods that still run, calculated again in the background: what agents see as their estimate."""
    _inherit = 'mlm.period'

    # === BUSINESS METHODS === #

    @api.model
    def _cron_estimate(self):
        """Calculate the running period of every company whose draft is older than the company wants, if anything is new."""
        companies = self.env['res.company'].search([('mlm_estimate_hours', '>', 0)])
        for done, company in enumerate(companies, 1):
            period = self.with_company(company)._find_to_estimate()
            try:
                with self.env.cr.savepoint():
                    period.action_calculate()  # a large one by a job
            except UserError as error:
                # It stays as it was; whoever calculates by hand is told the same.
                _logger.info('%s of company %s was not estimated: %s', period.name, company.id, error)
            self.env['ir.cron']._commit_progress(1, remaining=len(companies) - done)

    @api.model
    def _find_to_estimate(self):
        """The period of the current company that is to be calculated again now, or an empty record.

        Only one that still runs: after its last day people calculate, look and close, and a draft that changes by itself
        would not be the one they looked at.
        """
        company, today = self.env.company, fields.Date.context_today(self)
        period = self.search([('company_id', '=', company.id), ('state', '!=', 'closed')], order='date_to', limit=1)
        # Whoever just made, discarded or calculated it has so much time before it is calculated by itself.
        before = fields.Datetime.now() - timedelta(hours=company.mlm_estimate_hours)
        if not period or not period.date_from <= today <= period.date_to or period._active_job():
            return period.browse()
        if (period.calculated_at or period.write_date) > before:
            return period.browse()
        limit = company.mlm_estimate_limit
        if limit and period._count_sales(limit) >= limit:
            return period.browse()
        new = period.state == 'open' or period._plans() - period.run_ids.plan_id or any(
            run._count_unclaimed() for run in period.run_ids)
        return period if new else period.browse()
