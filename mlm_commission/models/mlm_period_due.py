# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import date_utils


class MlmPeriod(models.Model):
    """When statements are due by law, and who is reminded of it."""
    _inherit = 'mlm.period'

    statements_due = fields.Date(
        string='Statements Due', compute='_compute_statements_due', store=True,
        help='The end of the month after the period: by then agents have their statements (in Germany section 87c HGB).')

    # === COMPUTE METHODS === #

    @api.depends('date_to')
    def _compute_statements_due(self):
        for period in self:
            period.statements_due = period.date_to and date_utils.end_of(
                date_utils.add(date_utils.start_of(period.date_to, 'month'), months=1), 'month')

    # === BUSINESS METHODS === #

    @api.model
    def _cron_remind_due(self):
        """Remind whoever is responsible of periods that are not closed and whose statements are due soon; once each."""
        today = fields.Date.context_today(self)
        kind = self.env.ref('mlm_commission.mail_activity_statements_due')
        for company in self.env['res.company'].search([]):
            open_soon_due = Domain([
                ('company_id', '=', company.id), ('state', '!=', 'closed'), ('date_to', '<', today),
                ('statements_due', '<=', today + timedelta(days=company.mlm_due_days))])
            reminded = Domain('activity_ids.activity_type_id', 'in', kind.ids)
            for period in self.with_company(company).search(open_soon_due & ~reminded):
                period.activity_schedule(
                    'mlm_commission.mail_activity_statements_due', date_deadline=period.statements_due,
                    user_id=(company.mlm_responsible_id or period.create_uid).id)
