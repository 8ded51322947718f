# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, date_utils, format_date

from .. import auditing, closing, progress, reserving
from ..pacing import AtOnce
from ..tools.bulk import bulk


class MlmPeriod(models.Model):
    """A span of days that is settled at once: calculated as often as one likes, closed once."""
    _name = 'mlm.period'
    _description = 'Commission Period'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date_to desc, id desc'

    name = fields.Char(string='Period', compute='_compute_name', store=True)
    code = fields.Char(compute='_compute_name', store=True, help='Begins the numbers of the period\'s statements.')
    company_id = fields.Many2one(
        'res.company', string='Company', required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id')
    date_from = fields.Date(
        string='From', required=True, tracking=True, compute='_compute_dates', store=True, readonly=False,
        precompute=True)
    date_to = fields.Date(
        string='To', required=True, tracking=True, compute='_compute_dates', store=True, readonly=False,
        precompute=True)
    state = fields.Selection(
        [('open', 'Open'), ('calculated', 'Calculated'), ('closed', 'Closed')],
        string='Status', default='open', required=True, copy=False, tracking=True)
    # Written first by every calculation and closing, so that of two at once only one can commit.
    revision = fields.Integer(default=0, copy=False, readonly=True)
    calculated_at = fields.Datetime(string='Calculated On', copy=False, readonly=True)
    chain_digest = fields.Char(
        string='Digest', copy=False, readonly=True, help='Of the last statement up to this period; see the statements\' digests.')
    run_ids = fields.One2many('mlm.run', 'period_id', string='Runs', readonly=True)
    statement_ids = fields.One2many('mlm.statement', 'period_id', string='Statements', readonly=True)
    volume_count = fields.Integer(string='Sales', compute='_compute_totals')
    commission_count = fields.Integer(string='Commissions', compute='_compute_totals')
    commission_total = fields.Monetary(string='Commission', compute='_compute_totals')
    statement_count = fields.Integer(string='Number of Statements', compute='_compute_statement_totals')
    to_bill_count = fields.Integer(string='Statements to Bill', compute='_compute_statement_totals')
    reserve_held = fields.Monetary(
        string='Reserve Held', compute='_compute_reserve', help='Before the period is closed, an estimate.')
    reserve_released = fields.Monetary(string='Reserve Released or Used', compute='_compute_reserve')
    mail_waiting_count = fields.Integer(string='E-Mails Waiting', compute='_compute_waiting')
    mail_failed_count = fields.Integer(string='E-Mails Failed', compute='_compute_waiting')
    bill_waiting_count = fields.Integer(string='Bills Waiting', compute='_compute_waiting')
    bill_failed_count = fields.Integer(string='Bills Failed', compute='_compute_waiting')
    unbilled_consent_count = fields.Integer(string='Own Invoices Awaited', compute='_compute_waiting')
    payable_total = fields.Monetary(string='Payable', compute='_compute_statement_totals')

    _dates = models.Constraint('CHECK (date_to >= date_from)', 'A period cannot end before it begins.')
    _no_overlap = models.Constraint(
        'EXCLUDE USING gist (company_id WITH =, daterange(date_from, date_to, \'[]\') WITH &&)',
        'The periods of a company cannot overlap.',
    )

    # === COMPUTE METHODS === #

    @api.depends('company_id')
    def _compute_dates(self):
        """Propose the month after the last period, or last month for the first one."""
        for period in self:
            if period.date_from and period.date_to:
                continue
            last = self.search([('company_id', '=', period.company_id.id)], order='date_to desc', limit=1)
            start = last.date_to + timedelta(days=1) if last else date_utils.start_of(
                date_utils.subtract(fields.Date.context_today(period), months=1), 'month')
            period.date_from = start
            period.date_to = date_utils.end_of(start, 'month')

    @api.depends('date_from', 'date_to')
    def _compute_name(self):
        for period in self:
            start, end = period.date_from, period.date_to
            if not start or not end:
                period.name = period.code = False
            elif start == date_utils.start_of(start, 'month') and end == date_utils.end_of(start, 'month'):
                period.code = start.strftime('%Y-%m')
                # Stored, and read by colleagues of every language.
                period.name = period.code
            else:
                period.code = '%s-%s' % (start.strftime('%Y%m%d'), end.strftime('%Y%m%d'))
                period.name = '%s – %s' % (start.isoformat(), end.isoformat())

    @api.depends('date_from', 'date_to')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for period in self:
            start, end = period.date_from, period.date_to
            if start and end and period.code == start.strftime('%Y-%m'):
                period.display_name = format_date(self.env, start, date_format='MMMM yyyy')
            else:
                period.display_name = period.name

    @api.depends('run_ids')
    def _compute_totals(self):
        for period in self:
            period.volume_count = sum(period.run_ids.mapped('volume_count'))
            period.commission_count = sum(period.run_ids.mapped('commission_count'))
            period.commission_total = sum(period.run_ids.mapped('total'))

    @api.depends('statement_ids.bill_state')
    def _compute_statement_totals(self):
        self.update({'statement_count': 0, 'to_bill_count': 0, 'payable_total': 0})
        for period, bill_state, count, payable in self.env['mlm.statement']._read_group(
            [('period_id', 'in', self.ids)], ['period_id', 'bill_state'], ['__count', 'payable:sum'],
        ):
            period.statement_count += count
            period.payable_total += payable
            if bill_state == 'to_bill':
                period.to_bill_count += count

    @api.depends('state', 'run_ids', 'statement_ids')
    def _compute_reserve(self):
        for period in self:
            moved = reserving.estimate(period) if period.state == 'calculated' else dict(self.env['mlm.reserve']._read_group(
                [('period_id', 'in', period.ids)], ['kind'], ['amount:sum']))
            period.reserve_held = moved.get('held', 0)
            period.reserve_released = -sum(moved.get(kind, 0) for kind in ('released', 'used'))

    @api.depends('statement_ids.mail_state', 'statement_ids.bill_queued', 'statement_ids.bill_error')
    def _compute_waiting(self):
        """How far the work in the background is."""
        statements = self.env['mlm.statement']
        for name, domain in (
            ('mail_waiting_count', [('mail_state', '=', 'queued')]),
            ('mail_failed_count', [('mail_state', '=', 'failed')]),
            ('bill_waiting_count', [('bill_queued', '=', True)]),
            ('bill_failed_count', [('bill_error', '!=', False), ('bill_state', '=', 'to_bill')]),
            ('unbilled_consent_count', [('bill_state', '=', 'to_bill'), ('self_billing', '=', False)]),
        ):
            counts = dict(statements._read_group(
                [('period_id', 'in', self.ids), *domain], ['period_id'], ['__count']))
            for period in self:
                period[name] = counts.get(period._origin, 0)

    # === CRUD METHODS === #

    def write(self, vals):
        if vals.keys() & {'date_from', 'date_to', 'company_id'}:
            for period in self:
                if period.state != 'open':
                    raise UserError(self.env._(
                        'Period %s is calculated. Discard the calculation before you change its dates.', period.name))
        if 'state' in vals:
            self._check_may_set_state(vals['state'])
        return super().write(vals)

    def _check_may_set_state(self, state):
        """Whoever may write periods may calculate them; closing is for managers, and for good."""
        if any(period.state == 'closed' for period in self):
            raise UserError(self.env._('Period %s is closed and stays.', self.filtered(
                lambda period: period.state == 'closed')[:1].name))
        if state == 'closed' and not self.env.su and not self.env.user.has_group('mlm_network.group_manager'):
            raise AccessError(self.env._(
                'Only a manager closes a period. It is calculated; ask one to look at the figures and close it.'))

    @api.ondelete(at_uninstall=False)
    def _unlink_if_not_closed(self):
        for period in self:
            if period.state == 'closed':
                raise UserError(self.env._('Period %s is closed and stays.', period.name))
        self.run_ids._discard()

    # === ACTION METHODS === #

    def action_calculate(self):
        """Settle the period as a draft: nothing final is written, and doing it again replaces the draft.

        A large period is calculated in the background.
        """
        for period in self:
            if period._is_large():
                period._check_state(('open', 'calculated'))
                period._check_earlier_closed()
                self.env['mlm.job']._enqueue(period, 'calculate')
                continue
            period._calculate()
            if not period.commission_count:
                return period.action_why_nothing()
        return True

    def action_discard(self):
        """Throw the draft away."""
        for period in self:
            period._take(('calculated',))
            period.run_ids._discard()
            period.write({'state': 'open', 'calculated_at': False})

    def action_close(self):
        """Make the calculated figures final and write the statements; in the background if there are many."""
        for period in self.sorted('date_to'):
            period._check_closable()
            if period._is_large():
                self.env['mlm.job']._enqueue(period, 'close')
            else:
                period._close()
        return True

    def action_commissions(self):
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_commission.mlm_commission_action')
        return {**action, 'domain': [('period_id', 'in', self.ids)], 'context': {}}

    def action_statements(self):
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_commission.mlm_statement_action')
        return {**action, 'domain': [('period_id', 'in', self.ids)], 'context': {}}

    def action_verify(self):
        """Check the chain of the statements, their sums, and the commissions behind them; whoever may read may check."""
        closed = self.filtered(lambda period: period.state == 'closed')
        problems = [(period, *problem) for period in closed for problem in auditing.verify(period)]
        count = sum(closed.mapped('statement_count'))
        sentences = [self.env._('%(statement)s: %(problem)s.', statement=number or period.display_name, problem=problem)
                     for period, number, problem in problems[:20]]
        if len(problems) > 20:
            sentences.append(self.env._('... and %s more.', len(problems) - 20))
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'title': self.env._('Statements verified') if not problems else self.env._('Statements were changed'),
                'message': '\n'.join(sentences) or self.env._(
                    '%s statements are as they were closed: digests, sums and commissions fit.', count),
                'type': 'danger' if problems else 'success',
                'sticky': bool(problems),
            },
        }

    def action_export(self):
        """Download every commission of the period's statements as a table."""
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'target': 'download', 'url': f'/commission/statements/{self.id}/xlsx'}

    def action_export_chain(self):
        """Download what is digested of the period's statements, to be checked without Odoo."""
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'target': 'download', 'url': f'/commission/chain/{self.id}'}

    def action_send(self):
        """Send every agent the statement, those that were not sent before."""
        return self.statement_ids.action_queue_mail()

    def action_bill(self):
        """Make a vendor bill of every statement that has something to pay and may be billed; of many in the background."""
        for period in self:
            if period.state != 'closed':
                raise UserError(self.env._('Close period %s before you bill its statements.', period.name))
        return self.statement_ids.filtered(
            lambda statement: statement._is_billable() and not statement.bill_queued).action_bill()

    # === BUSINESS METHODS === #

    @api.private
    def _calculate(self, pace=None):
        """Settle the period as a draft and replace the draft there was: in this transaction, or in slices.

        :param pace: see :mod:`pacing`; left out for one transaction
        """
        self.ensure_one()
        pace = pace or AtOnce()
        progress.reach('take')
        self._take(('open', 'calculated'))
        if not (pace.size and self.in_slices):
            self._check_earlier_closed()
            progress.reach('discard')
            self.run_ids._discard()
            self.env['mlm.run'].create([{'period_id': self.id, 'plan_id': plan.id} for plan in self._plans()])
            self.write({'state': 'open', 'calculated_at': False, 'in_slices': False})
        pace.begin(self)
        runs = self.run_ids.sorted('id')
        for number, run in enumerate(runs):
            progress.reach('plan', number, len(runs))
            if not run.output_digest:
                run._calculate(pace)
        pace.end(self)
        self.write({'state': 'calculated', 'calculated_at': fields.Datetime.now()})
        self.invalidate_recordset()

    @api.private
    def _close(self):
        """Make the calculated figures final and write the statements, in this transaction."""
        self.ensure_one()
        progress.reach('take')
        self._take(('calculated',))
        self._check_closable()
        progress.reach('late')
        late = self.run_ids.filtered(lambda run: run._count_unclaimed())
        if late:
            raise UserError(self.env._(
                'Something was invoiced, credited or paid for period %s after it was calculated. '
                'Calculate it again, then close it.', self.name))
        self.write({'state': 'closed'})
        self.activity_feedback(['mlm_commission.mail_activity_statements_due'])
        progress.reach('statements')
        with bulk(self.env.cr, sum(self.run_ids.mapped('commission_count'))):
            closing.write(self)
            self.env['res.partner']._mlm_give_rank_pricelists(self)
        if self.company_id.mlm_send_statements:
            self.statement_ids.action_queue_mail()
        progress.reach('record')

    def _check_closable(self):
        self.ensure_one()
        self._check_state(('calculated',))
        self._check_may_set_state('closed')
        self._check_earlier_closed()
        if self.date_to >= fields.Date.context_today(self):
            raise UserError(self.env._(
                'Period %(period)s lasts until %(date)s and can be closed from the day after. '
                'Until then its figures are an estimate.', period=self.name, date=self.date_to))

    def _take(self, states):
        """Make this transaction the one that changes the period.

        A lock alone would not do: under REPEATABLE READ the one who waits still sees the old state. The row that was
        written makes its transaction fail to serialise, and Odoo repeats it.

        :param states: the states from which it may be changed
        :raise UserError: naming the period and its state
        """
        self.ensure_one()
        self._check_no_job()
        self.flush_recordset()
        self.env.cr.execute(SQL(
            'UPDATE mlm_period SET revision = COALESCE(revision, 0) + 1 WHERE id = %s', self.id))
        self.invalidate_recordset(['revision', 'state'])
        self._check_state(states)

    def _check_state(self, states):
        self.ensure_one()
        if self.state not in states:
            labels = dict(self._fields['state']._description_selection(self.env))
            raise UserError(self.env._(
                'Period %(period)s is "%(state)s", so this cannot be done now.',
                period=self.name, state=labels[self.state]))

    def _check_earlier_closed(self):
        """A later period would take what belongs to an earlier one."""
        self.ensure_one()
        earlier = self.search([
            ('company_id', '=', self.company_id.id), ('state', '!=', 'closed'), ('date_to', '<', self.date_from),
        ], order='date_to', limit=1)
        if earlier:
            raise UserError(self.env._(
                'Period %(earlier)s comes first: close it before you settle %(period)s.',
                earlier=earlier.name, period=self.name))

    @api.private
    def _last_closed_before(self):
        """The last closed period before this one: `mlm.period` record, empty for a company's first."""
        self.ensure_one()
        # What a company closed is a chain, whoever looks at a part of it.
        return self.sudo().search([
            ('company_id', '=', self.company_id.id), ('state', '=', 'closed'), ('date_to', '<', self.date_from),
        ], order='date_to desc', limit=1)

    def _plans(self):
        """The plans that settle in this period: also ended ones, for corrections of what they paid."""
        self.ensure_one()
        return self.env['mlm.plan'].with_context(active_test=False).search([
            ('company_id', '=', self.company_id.id), ('state', 'in', ('active', 'ended')),
            ('date_from', '<=', self.date_to)])
