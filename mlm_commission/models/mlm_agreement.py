# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import base64

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

TERMS = {'agent_id', 'plan_id', 'rate', 'rank_id', 'rate_ids', 'date_from', 'company_id', 'reserve', 'reserve_rate',
         'reserve_max', 'reserve_covers'}


class MlmAgreement(models.Model):
    """The cooperation contract of one agent: which plan, which own rate, from when to when."""
    _name = 'mlm.agreement'
    _description = 'Cooperation Agreement'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date_from desc, id desc'
    _check_company_auto = True

    name = fields.Char(string='Reference', default='/', copy=False, readonly=True)
    agent_id = fields.Many2one(
        'res.partner', string='Agent', required=True, index=True, tracking=True, ondelete='restrict',
        domain=[('mlm_agent_state', '!=', 'none')],
    )
    plan_id = fields.Many2one(
        'mlm.plan', string='Plan', required=True, index=True, tracking=True, ondelete='restrict', check_company=True,
        domain=[('previous_id', '=', False)], help='The agreement holds for all versions of the plan.')
    company_id = fields.Many2one(related='plan_id.company_id', store=True, index=True)
    rate = fields.Float(
        string='Own Rate (%)', digits=(7, 4), tracking=True,
        help='The rate on the agent\'s own sales. Differential plans pay whoever stands above the difference to it.',
    )
    rate_ids = fields.One2many('mlm.agreement.rate', 'agreement_id', string='Other Rates', copy=True)
    rank_id = fields.Many2one(
        'mlm.rank', string='Rank', tracking=True, index='btree_not_null', ondelete='restrict', check_company=True)
    date_from = fields.Date(string='From', required=True, default=fields.Date.context_today, tracking=True)
    date_to = fields.Date(string='To', tracking=True, help='The last day of the agreement; empty: until it is ended.')
    state = fields.Selection(
        [('draft', 'Draft'), ('active', 'Active'), ('cancelled', 'Cancelled')],
        string='Status', default='draft', required=True, tracking=True, copy=False)
    self_billing = fields.Boolean(
        string='Self-billing', default=True, tracking=True,
        help='The agent agreed that the company issues the bills for the agent\'s commissions.',
    )
    self_billing_date = fields.Date(string='Agreed On', tracking=True)
    company_currency_id = fields.Many2one(related='company_id.currency_id', string='Currency of the Company')
    payout_currency_id = fields.Many2one(
        'res.currency', string='Paid In', tracking=True,
        help='The currency of the agent\'s payout, converted at the rate of the period\'s last day. Empty: the company\'s.')
    own_minimum_payout = fields.Boolean(
        string='Own Minimum Payout', tracking=True, help='Another minimum than the company\'s was agreed.')
    minimum_payout = fields.Monetary(string='Minimum Payout', currency_field='company_currency_id', tracking=True)
    negative_balance = fields.Selection(
        [('carry', 'Carried forward'), ('bill', 'Billed to the agent')], string='Negative Balance', tracking=True,
        help='Empty: as the company does it.')
    document = fields.Binary(string='Signed Document', attachment=True, copy=False)
    document_name = fields.Char(string='File Name', copy=False)
    note = fields.Html(string='Notes')
    # Whoever reads the record could find out by domains what internal notes say: Odoo does not ask for the rights on messages.
    message_ids = fields.One2many(groups='base.group_user')
    website_message_ids = fields.One2many(groups='base.group_user')

    _dates = models.Constraint(
        'CHECK (date_to IS NULL OR date_to >= date_from)', 'An agreement cannot end before it begins.')
    _rate_range = models.Constraint('CHECK (rate >= 0 AND rate <= 100)', 'A rate is from 0 to 100 percent.')
    reserve = fields.Selection(
        [('terms', 'As the terms of liability say'), ('own', 'Own share'), ('none', 'None')], string='Reserve',
        required=True, default='terms', tracking=True,
        help='What is held back of commissions until the liability for a contract ends.')
    reserve_rate = fields.Float(string='Held Back (%)', digits=(5, 2), tracking=True)
    reserve_max = fields.Monetary(
        string='At Most', currency_field='company_currency_id', tracking=True,
        help='Nothing more is held back once so much is held of all contracts together. 0: no limit.')
    reserve_covers = fields.Selection(
        [('use', 'Is used to cover it'), ('forfeit', 'Is forfeited beside it')], string='Reserve of a Cancelled Contract',
        required=True, default='use', tracking=True,
        help='Whether the contract\'s reserve pays for its clawback, or goes to the company up to the same amount.')
    _reserve_range = models.Constraint(
        'CHECK (reserve_rate >= 0 AND reserve_rate <= 100 AND reserve_max >= 0)',
        'A reserve is from 0 to 100 percent, its maximum not below zero.')
    _minimum_payout_not_negative = models.Constraint(
        'CHECK (minimum_payout >= 0)', 'The minimum payout cannot be below zero.')
    # Checked again by the database, since two colleagues may save at the same time. The operator classes come
    # from the extension that mlm_network creates for its history.
    _no_overlap = models.Constraint(
        'EXCLUDE USING gist (agent_id WITH =, plan_id WITH =, daterange(date_from, date_to, \'[]\') WITH &&) '
        'WHERE (state = \'active\') DEFERRABLE INITIALLY DEFERRED',
        'An agent can have only one agreement for a plan at a time. End the other one first.',
    )

    # === CONSTRAINT METHODS === #

    @api.constrains('agent_id', 'plan_id', 'date_from', 'date_to', 'state')
    def _check_no_overlap(self):
        """Name the other agreement; then let the database say the same, which alone sees what others save now."""
        for agreement in self.filtered(lambda agreement: agreement.state == 'active'):
            other = self.search([
                ('id', '!=', agreement.id),
                ('agent_id', '=', agreement.agent_id.id),
                ('plan_id', '=', agreement.plan_id.id),
                ('state', '=', 'active'),
                '|', ('date_to', '=', False), ('date_to', '>=', agreement.date_from),
            ]).filtered(lambda other: not agreement.date_to or other.date_from <= agreement.date_to)[:1]
            if other:
                raise ValidationError(self.env._(
                    '%(agent)s already has agreement %(other)s for the plan "%(plan)s" from %(date)s. '
                    'Set its last day before %(from)s first.',
                    agent=agreement.agent_id.display_name, other=other.name, plan=agreement.plan_id.display_name,
                    date=other.date_from, **{'from': agreement.date_from},
                ))
        self.flush_model()
        self.env.cr.execute(
            'SET CONSTRAINTS mlm_agreement_no_overlap IMMEDIATE; SET CONSTRAINTS mlm_agreement_no_overlap DEFERRED')

    @api.constrains('plan_id')
    def _check_plan(self):
        for agreement in self:
            if agreement.plan_id.previous_id:
                raise ValidationError(self.env._(
                    'Agreements hold for all versions of a plan: choose "%(root)s" instead of "%(plan)s".',
                    root=agreement.plan_id.root_id.display_name, plan=agreement.plan_id.display_name))

    @api.constrains('agent_id')
    def _check_agent(self):
        for agreement in self:
            if agreement.agent_id.mlm_agent_state == 'none':
                raise ValidationError(self.env._(
                    '%s is not an agent. Make the contact an agent before you give it an agreement.',
                    agreement.agent_id.display_name,
                ))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('name', '/') == '/':
                vals['name'] = self.env['ir.sequence'].next_by_code('mlm.agreement') or '/'
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() & TERMS:
            self._check_terms_open(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        for agreement in self:
            if agreement.state == 'active':
                raise UserError(self.env._(
                    'Agreement %s is active. End it by its last day, or cancel it.', agreement.name))

    # === ACTION METHODS === #

    def action_activate(self):
        self.write({'state': 'active'})

    def action_cancel(self):
        self._check_terms_open({'state': 'cancelled'})
        self.write({'state': 'cancelled'})

    def action_draft(self):
        self._check_terms_open({'state': 'draft'})
        self.write({'state': 'draft'})

    def action_renew(self):
        """Continue an agreement under other terms: a copy from the day after the last one."""
        self.ensure_one()
        start = fields.Date.add(self.date_to, days=1) if self.date_to else fields.Date.context_today(self)
        return self.copy({'date_from': start, 'date_to': False})._get_records_action(name=self.env._('New Terms'))

    # === BUSINESS METHODS === #

    @api.private
    def _take_signed_terms(self, agent, terms):
        """Put the terms of a signed contract into effect: by the draft that waits for it, else as a follower of the agreement
        that holds now, else as a new agreement.

        :param agent: who signed
        :param dict terms: see `res.partner._mlm_on_agreement_signed`
        :return: the active agreement, or None if the contract names no plan and no single draft waits for it
        :raise UserError: if it would overlap with another agreement
        """
        company, plan = terms['company'], terms['plan'].root_id if terms['plan'] else self.env['mlm.plan']
        domain = [('agent_id', '=', agent.id), ('company_id', '=', company.id)]
        if plan:
            domain.append(('plan_id', '=', plan.id))
        drafts = self.search([*domain, ('state', '=', 'draft')])
        if not plan and len(drafts) != 1:
            return None
        start = terms['date_from'] or terms['signed_on']
        values = {
            'date_from': start,
            'date_to': terms['date_to'] or False,
            'self_billing': terms['self_billing'],
            'self_billing_date': terms['signed_on'] if terms['self_billing'] else False,
            'document': base64.b64encode(terms['document']),
            'document_name': terms['document_name'],
            **({} if terms['rate'] is None else {'rate': terms['rate']}),
        }
        agreement = drafts[:1]
        before = self.search([
            *domain, ('plan_id', '=', (plan or agreement.plan_id).id), ('state', '=', 'active'), ('date_from', '<', start),
            '|', ('date_to', '=', False), ('date_to', '>=', start)], limit=1)
        before.date_to = fields.Date.subtract(start, days=1)
        if agreement:
            agreement.write(values)
        elif before:
            agreement = before.copy(values)
        else:
            agreement = self.create({**values, 'agent_id': agent.id, 'plan_id': plan.id})
        agreement.action_activate()
        agreement.message_post(body=self.env._('Signed as contract %s.', terms['contract']))
        return agreement

    @api.private
    def _end_after_withdrawal(self):
        """Cancel what an agent withdrew from; where somebody was paid under it already, it ends today."""
        for agreement in self.filtered(lambda agreement: agreement.state == 'active'):
            try:
                agreement.action_cancel()
            except UserError:
                agreement.date_to = max(fields.Date.context_today(agreement), agreement.date_from)


    def _check_terms_open(self, vals):
        """Refuse to change terms under which somebody was paid.

        :raise UserError: naming the agreement, the closed period and the way out
        """
        for agreement in self.filtered(lambda agreement: agreement.state == 'active'):
            if all(
                agreement[name] == agreement._fields[name].convert_to_record(
                    agreement._fields[name].convert_to_cache(value, agreement), agreement)
                for name, value in vals.items() if name in TERMS and name != 'rate_ids'
            ) and 'rate_ids' not in vals and 'state' not in vals:
                continue
            period = self.env['mlm.period'].search([
                ('company_id', '=', agreement.company_id.id), ('state', '=', 'closed'),
                ('date_to', '>=', agreement.date_from), ('run_ids.plan_id.root_id', '=', agreement.plan_id.id),
            ], order='date_to desc', limit=1)
            if period:
                raise UserError(self.env._(
                    'Agreement %(agreement)s was the basis of the closed period %(period)s, so its terms stay as they '
                    'are. Set its last day and use "New Terms" for what changes.',
                    agreement=agreement.name, period=period.name,
                ))
