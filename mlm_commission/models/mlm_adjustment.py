# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

# What is written by hand, and stays once it is confirmed.
CONTENT = {'agent_id', 'type_id', 'amount', 'date', 'reason', 'company_id', 'document', 'document_name'}
# Whoever changes one of these answers for the adjustment.
MONEY = CONTENT - {'document', 'document_name'}


class MlmAdjustment(models.Model):
    """An amount that no rule paid, with a reason: it goes into the agent's next statement, once.

    Above a limit of the company a second person approves it: a manager who is not its author.
    """
    _name = 'mlm.adjustment'
    _description = 'Commission Adjustment'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date desc, id desc'
    _check_company_auto = True

    name = fields.Char(string='Number', default='/', copy=False, readonly=True)
    company_id = fields.Many2one(
        'res.company', string='Company', required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id')
    agent_id = fields.Many2one(
        'res.partner', string='Agent', required=True, index=True, tracking=True, ondelete='restrict',
        domain=[('mlm_agent_state', '!=', 'none')])
    type_id = fields.Many2one(
        'mlm.adjustment.type', string='Type', required=True, index=True, tracking=True, ondelete='restrict',
        check_company=True)
    amount = fields.Monetary(
        string='Amount', required=True, tracking=True, help='In favour of the agent; below zero: against.')
    date = fields.Date(
        string='Counts From', required=True, default=fields.Date.context_today, tracking=True,
        help='The statement of the period of this day takes it, or the next one after.')
    reason = fields.Char(string='Reason', required=True, tracking=True, help='The agent reads it on the statement.')
    document = fields.Binary(string='Document', attachment=True, copy=False)
    document_name = fields.Char(string='File Name', copy=False)
    author_id = fields.Many2one(
        'res.users', string='Author', required=True, readonly=True, copy=False, default=lambda self: self.env.uid,
        index=True, ondelete='restrict', help='Whoever wrote or last changed it.')
    approver_id = fields.Many2one(
        'res.users', string='Approved By', readonly=True, copy=False, tracking=True, ondelete='restrict')
    approved_on = fields.Datetime(string='Approved On', readonly=True, copy=False)
    state = fields.Selection(
        [('draft', 'Draft'), ('to_approve', 'To approve'), ('approved', 'Approved'), ('settled', 'Settled'),
         ('cancelled', 'Cancelled')],
        string='Status', default='draft', required=True, readonly=True, copy=False, tracking=True)
    statement_id = fields.Many2one(
        'mlm.statement', string='Statement', readonly=True, copy=False, index='btree_not_null', ondelete='restrict')
    needs_approval = fields.Boolean(compute='_compute_needs_approval')
    can_approve = fields.Boolean(compute='_compute_can_approve')

    _settled_once = models.Constraint(
        'CHECK ((state = \'settled\') = (statement_id IS NOT NULL))',
        'An adjustment is settled by one statement.')
    _amount_not_zero = models.Constraint('CHECK (amount <> 0)', 'An adjustment has an amount.')
    _open_index = models.Index('(company_id, date) WHERE state = \'approved\'')

    # === COMPUTE METHODS === #

    @api.depends('amount', 'agent_id', 'company_id.mlm_adjustment_limit')
    def _compute_needs_approval(self):
        for adjustment in self:
            adjustment.needs_approval = adjustment._counted_against_limit() > adjustment.company_id.mlm_adjustment_limit

    @api.depends('author_id', 'state')
    @api.depends_context('uid')
    def _compute_can_approve(self):
        manager = self.env.user.has_group('mlm_network.group_manager')
        for adjustment in self:
            adjustment.can_approve = manager and adjustment.state == 'to_approve' \
                and adjustment.author_id != self.env.user

    # === CONSTRAINT METHODS === #

    @api.constrains('amount', 'type_id')
    def _check_amount(self):
        for adjustment in self:
            wrong = {'credit': adjustment.amount < 0, 'debit': adjustment.amount > 0}
            if wrong.get(adjustment.type_id.direction):
                raise ValidationError(self.env._(
                    'Adjustment %(name)s: the type "%(type)s" is for "%(direction)s". Choose another type or change the '
                    'sign of the amount.', name=adjustment.name, type=adjustment.type_id.name,
                    direction=dict(adjustment.type_id._fields['direction']._description_selection(self.env))[
                        adjustment.type_id.direction]))

    @api.constrains('agent_id')
    def _check_agent(self):
        for adjustment in self:
            if adjustment.agent_id.mlm_agent_state == 'none':
                raise ValidationError(self.env._(
                    '%s is not an agent, so no statement could take the adjustment.', adjustment.agent_id.display_name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_not_by_hand(vals)
            if vals.get('name', '/') == '/':
                vals['name'] = self.env['ir.sequence'].next_by_code('mlm.adjustment') or '/'
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_by_hand(vals)
        if vals.keys() & CONTENT:
            for adjustment in self:
                if adjustment.state != 'draft':
                    raise UserError(self.env._(
                        'Adjustment %s is confirmed. Set it to draft before you change it, or record another one.',
                        adjustment.name))
        if vals.keys() & MONEY:
            vals = {**vals, 'author_id': self.env.uid}
        return super().write(vals)

    def _check_not_by_hand(self, vals):
        """Refuse what only the steps below may set: states, authors and approvals are not typed in."""
        if not self.env.su and vals.keys() & {'state', 'author_id', 'approver_id', 'approved_on', 'statement_id', 'name'}:
            raise AccessError(self.env._('The status of an adjustment changes by its buttons only.'))

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        for adjustment in self:
            if adjustment.state not in ('draft', 'cancelled'):
                raise UserError(self.env._('Adjustment %s is confirmed. Cancel it instead.', adjustment.name))

    # === ACTION METHODS === #

    def action_confirm(self):
        """Let the next statement take it, or ask for a second person where the limit is passed."""
        self.check_access('write')
        for adjustment in self:
            adjustment._check_state('draft')
            if adjustment.needs_approval:
                adjustment._set({'state': 'to_approve'})
            else:
                adjustment._approve()

    def action_approve(self):
        """Be the second pair of eyes.

        :raise UserError: if the author tries
        :raise AccessError: if somebody tries who is no manager
        """
        self.check_access('write')
        if not self.env.user.has_group('mlm_network.group_manager'):
            raise AccessError(self.env._('Only a manager approves adjustments.'))
        for adjustment in self:
            adjustment._check_state('to_approve')
            if adjustment.author_id == self.env.user:
                raise UserError(self.env._(
                    'Adjustment %s is your own: above the limit somebody else has to approve it.', adjustment.name))
            adjustment._approve()

    def action_draft(self):
        self.check_access('write')
        for adjustment in self:
            adjustment._check_state('to_approve', 'approved', 'cancelled')
            adjustment._set({'state': 'draft', 'approver_id': False, 'approved_on': False})

    def action_cancel(self):
        self.check_access('write')
        for adjustment in self:
            adjustment._check_state('draft', 'to_approve', 'approved')
            adjustment._set({'state': 'cancelled', 'approver_id': False, 'approved_on': False})

    # === BUSINESS METHODS === #

    def _approve(self):
        self._set({'state': 'approved', 'approver_id': self.env.uid, 'approved_on': fields.Datetime.now()})

    def _set(self, vals):
        # Whoever may write adjustments may take these steps; nobody may write the fields themselves.
        self.sudo().write(vals)

    def _check_state(self, *states):
        self.ensure_one()
        if self.state not in states:
            labels = dict(self._fields['state']._description_selection(self.env))
            raise UserError(self.env._(
                'Adjustment %(name)s is "%(state)s", so this cannot be done now.', name=self.name,
                state=labels[self.state]))

    def _counted_against_limit(self):
        """The amount, with what else the agent gets without a second person: a limit is not passed in small parts."""
        self.ensure_one()
        others = self.search([
            ('company_id', '=', self.company_id.id), ('agent_id', '=', self.agent_id.id), ('state', '=', 'approved'),
            ('id', '!=', self._origin.id),
        ]).filtered(lambda other: other.approver_id == other.author_id)
        return abs(self.amount) + sum(abs(other.amount) for other in others)
