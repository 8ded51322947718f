# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import numpy as np

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .. import engine, explaining, loading, standing
from .mlm_volume import TRIGGERS

# What would change who earns how much; fixed once the plan has paid.
FROZEN = {
    'company_id', 'trigger', 'date_from', 'rounding_mode', 'rounding_unit', 'rule_ids', 'excluded_product_ids',
    'excluded_categ_ids', 'liability_id', 'rank_source', 'rank_ids', 'rank_compression', 'activity_pay_points',
    'activity_pay_value', 'activity_rank_points', 'activity_rank_value',
}


class MlmPlan(models.Model):
    """How a company pays its network: data that the engine reads, not code."""
    _name = 'mlm.plan'
    _description = 'Compensation Plan'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'sequence, root_id, version desc, id'
    _check_company_auto = True

    name = fields.Char(string='Plan', required=True, tracking=True, translate=True)
    version = fields.Integer(string='Version', required=True, default=1, readonly=True, copy=False, aggregator=None)
    previous_id = fields.Many2one(
        'mlm.plan', string='Previous Version', readonly=True, copy=False, index='btree_not_null', ondelete='restrict')
    next_ids = fields.One2many('mlm.plan', 'previous_id', string='Next Version', readonly=True)
    # What all versions have in common: a sale is settled once for it, and agreements are about it.
    root_id = fields.Many2one(
        'mlm.plan', string='First Version', compute='_compute_root_id', store=True, recursive=True, index=True,
        ondelete='restrict')
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        'res.company', string='Company', required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id')
    state = fields.Selection(
        [('draft', 'Draft'), ('active', 'Active'), ('ended', 'Ended')],
        string='Status', default='draft', required=True, copy=False, tracking=True)
    trigger = fields.Selection(
        TRIGGERS, string='Pays When', required=True, default='invoiced', tracking=True,
        help='Whether a sale earns commission when its invoice is posted, or as far as the invoice is paid.',
    )
    date_from = fields.Date(
        string='Sales From', required=True, default=lambda self: fields.Date.context_today(self).replace(day=1),
        tracking=True)
    date_to = fields.Date(string='Sales To', tracking=True, help='The last day whose sales the plan pays.')
    rounding_mode = fields.Selection(
        [('half_up', 'Half up'), ('half_even', 'Half to even'), ('toward_zero', 'Down'), ('away_from_zero', 'Up')],
        string='Rounding', required=True, default='half_up')
    rounding_unit = fields.Integer(
        string='Rounding Step', required=True, default=1, help='In the smallest unit of the currency: 1 rounds to cents.')
    rule_ids = fields.One2many('mlm.plan.rule', 'plan_id', string='Rules', copy=True)
    excluded_product_ids = fields.Many2many('product.product', string='Excluded Products')
    excluded_categ_ids = fields.Many2many(
        'product.category', string='Excluded Categories', help='With all categories below them.')
    liability_id = fields.Many2one(
        'mlm.liability', string='Cancellation Liability', index='btree_not_null', ondelete='restrict',
        help='What of a commission is taken back when a sale is credited, where product and category say nothing. '
             'Empty: all of it, whenever.')
    agreement_count = fields.Integer(compute='_compute_agreement_count')
    has_paid = fields.Boolean(compute='_compute_has_paid', string='Has Paid')
    note = fields.Html(string='Notes')

    _dates = models.Constraint(
        'CHECK (date_to IS NULL OR date_to >= date_from)', 'A plan cannot end before it begins.')
    _rounding_unit_positive = models.Constraint('CHECK (rounding_unit > 0)', 'The rounding step is at least 1.')
    # On each day one version pays. Checked at the end, since activating a version ends the one before.
    _one_version_a_day = models.Constraint(
        'EXCLUDE USING gist (root_id WITH =, daterange(date_from, date_to, \'[]\') WITH &&) '
        'WHERE (state <> \'draft\') DEFERRABLE INITIALLY DEFERRED',
        'Two versions of a plan cannot pay for the same days.',
    )

    # === COMPUTE METHODS === #

    @api.depends('previous_id.root_id')
    def _compute_root_id(self):
        for plan in self:
            plan.root_id = plan.previous_id.root_id or plan._origin or plan

    @api.depends('name', 'version')
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = plan.name if plan.version == 1 else self.env._(
                '%(plan)s (version %(version)s)', plan=plan.name, version=plan.version)

    @api.depends('root_id')
    def _compute_agreement_count(self):
        counts = dict(self.env['mlm.agreement']._read_group(
            [('plan_id', 'in', self.root_id.ids), ('state', '=', 'active')], ['plan_id'], ['__count']))
        for plan in self:
            plan.agreement_count = counts.get(plan.root_id, 0)

    def _compute_has_paid(self):
        # Whether somebody was paid does not depend on who looks.
        paid = self.env['mlm.run'].sudo()._read_group(
            [('plan_id', 'in', self.ids), ('period_id.state', '=', 'closed')], ['plan_id'])
        paid = {plan.id for [plan] in paid}
        for plan in self:
            plan.has_paid = plan.id in paid

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_frozen(vals)
        if vals.keys() & {'state', 'trigger', 'company_id', 'active'}:
            self.env.registry.clear_cache()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        for plan in self:
            if plan.state != 'draft':
                raise UserError(self.env._('Plan "%s" is in use. End it instead of deleting it.', plan.name))

    # === ACTION METHODS === #

    def action_activate(self):
        """Check the plan as a whole, then let it pay; what was sold since its first day is counted.

        A new version takes over on its first day: the one before ends the day before.
        """
        for plan in self:
            plan._parse()
            plan._check_ladder()
            plan.rule_ids._check_pays_for_sales()
            plan._check_placement()
            plan._check_limits()
            plan._end_previous()
            plan.state = 'active'
            plan._record_past()

    def action_new_version(self):
        """Copy the plan, to be changed and activated from a later day."""
        self.ensure_one()
        if self.next_ids:
            raise UserError(self.env._(
                'Plan "%(plan)s" already has a next version: %(next)s. Continue there.',
                plan=self.display_name, next=self.next_ids[0].display_name))
        today = fields.Date.context_today(self)
        first = max(self.date_to or today, self.date_from, today).replace(day=1)
        version = self.copy({
            'name': self.name, 'version': self.version + 1, 'previous_id': self.id, 'date_to': False,
            'date_from': fields.Date.add(first, months=1)})
        return version._get_records_action(name=self.env._('New Version'))

    def action_end(self):
        for plan in self:
            plan.write({'state': 'ended', 'date_to': plan.date_to or fields.Date.context_today(plan)})

    def action_draft(self):
        for plan in self:
            if plan.has_paid:
                raise UserError(self.env._(
                    'Plan "%s" has paid in a closed period and stays as it is. End it, and make a new one that '
                    'begins where it ends.', plan.name))
        self.state = 'draft'

    def action_agreements(self):
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_commission.mlm_agreement_action')
        return {**action, 'domain': [('plan_id', '=', self.root_id.id)],
                'context': {'default_plan_id': self.root_id.id}}

    # === BUSINESS METHODS === #

    def _end_previous(self):
        """End the version before, unless what it paid for already lies after this one's first day.

        :raise UserError: naming both and the closed period
        """
        self.ensure_one()
        previous = self.previous_id
        if not previous or previous.state == 'draft':
            return
        closed = self.env['mlm.period'].search([
            ('company_id', '=', self.company_id.id), ('state', '=', 'closed'), ('date_to', '>=', self.date_from),
            ('run_ids.plan_id', '=', previous.id)], order='date_to desc', limit=1)
        if closed:
            raise UserError(self.env._(
                '%(previous)s has paid in the closed period %(period)s. Let %(plan)s begin on a later day.',
                previous=previous.display_name, period=closed.name, plan=self.display_name))
        last_day = fields.Date.subtract(self.date_from, days=1)
        if last_day < previous.date_from:
            raise UserError(self.env._(
                '%(plan)s must begin after %(previous)s began, that is after %(date)s.',
                plan=self.display_name, previous=previous.display_name, date=previous.date_from))
        if not previous.date_to or previous.date_to > last_day:
            previous.date_to = last_day

    @api.private
    def _to_dict(self):
        """The plan as the engine, a file or a reviewer reads it: plain data, see :mod:`engine.plan`."""
        self.ensure_one()
        return self._with_ladder(self._rules_to_dict())

    def _rules_to_dict(self):
        """The same without ladder and activity; ranks by level."""
        plan = self.with_context(lang='en_US')
        return {
            'schema': 1,
            'name': plan.name,
            'currency_digits': plan.currency_id.decimal_places,
            'rounding': {'mode': plan.rounding_mode, 'unit': plan.rounding_unit},
            'rules': [rule._to_dict() for rule in plan.rule_ids],
        }

    @api.private
    def _parse(self):
        """Have the engine read the plan.

        :return: :class:`engine.Plan`
        :raise ValidationError: naming the plan, and every rule and field that is wrong
        """
        self.ensure_one()
        if not self.rule_ids:
            raise ValidationError(self.env._('Plan "%s" has no rule. Add the first one.', self.name))
        try:
            return engine.Plan.parse(self._to_dict())
        except engine.PlanErrors as errors:
            raise ValidationError('\n'.join(
                [self.env._('Plan "%s" cannot be used yet:', self.name)]
                + ['• %s' % self._translate_problem(problem) for problem in errors.problems]
            )) from errors

    @api.private
    def _preview(self, agent, day, lines):
        """Have the engine pay lines that are not sold yet, to whoever stands above the agent today.

        :param agent: `res.partner` record of the seller
        :param day: date on which they would be sold
        :param lines: list of dicts, see `sale.order._mlm_preview_lines`
        :return: {'plan', 'rows', 'total', 'error': None}
        :raise engine.EngineError: if the agent has no place in the network
        """
        self.ensure_one()
        plan = self._parse()
        excluded = set(self.excluded_product_ids.ids)
        excluded_categories = set(
            self.env['product.category'].search([('id', 'child_of', self.excluded_categ_ids.ids)]).ids)
        lines = [line for line in lines
                 if line['product'] not in excluded and line['category'] not in excluded_categories]
        rows = {name: np.array([line[name] for line in lines], np.int64) for name in (lines[0] if lines else ())}
        if not rows:
            return {'plan': self, 'rows': [], 'total': 0, 'error': None}
        rows['id'] = np.arange(1, len(lines) + 1)
        rows['agent'] = np.full(len(lines), agent.id)
        rows['day'] = rows['sold_on'] = np.full(len(lines), loading.day_number(day))
        limited = self._limited_fast_start()
        if limited:
            rows['earlier_base'] = loading.earlier_bases(self, limited, rows, upcoming=True)
        network = loading.load_network(self.env, day, upline_of=agent.ids, placement=self._climbs_placement())
        terms, columns = loading.load_terms(
            self, network, rows['day'], rows['category'], ranks_within=(day, day))
        plan, terms = standing.expected(self, plan, network, terms)
        entries = engine.prepare(plan, network, terms).pay(loading.to_sales(network, rows, columns))
        return {'plan': self, 'error': None, **self._sum_up(entries, plan.rules)}

    def _sum_up(self, entries, rules):
        """Add up the commissions of several lines by rule, level, agent and rate, for people to read."""
        minor = 10 ** self.currency_id.decimal_places
        sums = {}
        for row in entries.rows():
            key = (row['rule'], row['level'], row['beneficiary'], row['rate'])
            base, amount = sums.get(key, (0, 0))
            sums[key] = (base + row['base'], amount + row['amount'])
        return {
            'total': entries.total() / minor,
            'rows': [{
                'rule': self.rule_ids[rule].name,
                'level': level,
                'name': self.env['res.partner'].browse(beneficiary).name if beneficiary else self.company_id.name,
                'rate': explaining.rate_text(
                    self.env, rules[rule], rules[rule].values, level, rate, self.currency_id.decimal_places),
                'base': explaining.base_text(self.env, rules[rule], rules[rule].values, base, self.currency_id),
                'amount': amount / minor,
            } for (rule, level, beneficiary, rate), (base, amount) in sorted(sums.items())],
        }

    def _translate_problem(self, problem):
        """Say in the user's language what is wrong with a plan: rule or rank, field, sentence."""
        about_ranks = self._describe_rank_problem(problem) if self and not problem.rule else None
        if about_ranks:
            return about_ranks
        # The engine knows rules by their English names.
        rule = self.rule_ids.filtered(lambda rule: rule.with_context(lang='en_US').name == problem.rule)[:1]
        return ' · '.join(filter(None, [rule.name or problem.rule, rule._describe_problem(problem)]))

    @api.model
    @tools.ormcache('company_id')
    def _triggers(self, company_id):
        """Tell when a company counts its sales: always when invoiced, when paid too if a plan asks for it.

        Once it counts payments it goes on, also when the plan that asked for it has ended: what was paid for may
        still be undone.

        :rtype: tuple of str
        """
        # Every invoice is counted by the same plans, whoever posts it.
        paid = self.sudo().with_context(active_test=False).search_count([
            ('company_id', '=', company_id), ('trigger', '=', 'paid'), ('state', '!=', 'draft')], limit=1)
        paid = paid or self.env['mlm.volume'].sudo().search_count([
            ('company_id', '=', company_id), ('trigger', '=', 'paid')], limit=1)
        return ('invoiced', 'paid') if paid else ('invoiced',)

    def _record_past(self):
        """Count what was invoiced or paid since the plan's first day and is not recorded yet."""
        self.ensure_one()
        # Who may activate a plan need not be allowed to read invoices; they are only counted.
        moves = self.env['account.move'].sudo().search(
            Domain('company_id', '=', self.company_id.id) & Domain('state', '=', 'posted')
            & Domain('move_type', 'in', ('out_invoice', 'out_refund', 'out_receipt'))
            & (Domain('date', '>=', self.date_from)
               | Domain('line_ids.matched_credit_ids.max_date', '>=', self.date_from)
               | Domain('line_ids.matched_debit_ids.max_date', '>=', self.date_from)
               | Domain('matched_payment_ids.date', '>=', self.date_from)
               if self.trigger == 'paid' else Domain('date', '>=', self.date_from)))
        self.env['mlm.volume']._record(moves, 'posted')

    @api.private
    def _liability_of(self, volume):
        """Tell what the terms of liability make of a cancellation.

        :param volume: `mlm.volume` record
        :return: {'name' of the terms, 'share' of the commission that is taken back, from 0 to 1}, or None if the whole is
        """
        sale = volume.origin_id
        liability = sale.liability_id or self.liability_id
        if not liability or volume.event != 'credited':
            return None
        terms = liability._to_engine()
        share = terms.share(sale.liability_from or sale.date, volume.cancel_date or volume.date, volume.payments)
        return {'name': liability.name, 'share': share / terms.whole}

    def _check_not_frozen(self, vals):
        if not vals.keys() & FROZEN:
            return
        for plan in self:
            if plan.has_paid:
                raise UserError(self.env._(
                    'Plan "%s" has paid in a closed period, so what it pays stays as it is. End it, and make a copy '
                    'that begins where it ends.', plan.name))
