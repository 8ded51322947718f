# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..providers.base import SignError

# Only the methods below change these, never a form or a call from outside.
PROTECTED = {
    'state',
    'body',
    'document',
    'document_sha256',
    'document_total',
    'document_terms',
    'signed_document',
    'signed_sha256',
    'certificate',
    'signed_on',
    'withdrawn_on',
    'provider_ref',
    'send_progress',
    'send_tried',
    'provider_state',
    'send_after',
    'agreement_model',
    'agreement_id',
}
# These may be chosen until the contract goes out.
CHOSEN = {
    'template_id',
    'partner_id',
    'order_id',
    'account_id',
    'company_id',
    'plan_ref',
    'own_rate',
    'date_from',
    'date_to',
    'self_billing',
}
# Once written, never again: a contract is what was signed.
WRITE_ONCE = {'body', 'document', 'document_sha256', 'signed_document', 'signed_sha256', 'certificate', 'signed_on'}


class MlmContract(models.Model):
    _name = 'mlm.contract'
    _description = 'Contract'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'id desc'
    _check_company_auto = True

    name = fields.Char(string='Number', required=True, readonly=True, default='/', copy=False)
    template_id = fields.Many2one('mlm.contract.template', required=True, index=True, ondelete='restrict')
    kind = fields.Selection(related='template_id.kind', store=True)
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one('res.partner', string='Other Party', required=True, index=True, tracking=True)
    agent_id = fields.Many2one(
        'res.partner', string='Agent', index='btree_not_null', help='The agent who brought the customer.'
    )
    order_id = fields.Many2one(
        'sale.order', string='Offer', index='btree_not_null', check_company=True, ondelete='restrict'
    )
    account_id = fields.Many2one(
        'mlm.sign.account',
        string='Signed with',
        compute='_compute_account_id',
        store=True,
        readonly=False,
        index='btree_not_null',
        check_company=True,
        ondelete='restrict',
        help='Empty: signed in the portal of this Odoo.',
    )
    party_ids = fields.One2many('mlm.contract.party', 'contract_id', string='Parties')
    state = fields.Selection(
        [
            ('draft', 'Draft'),
            ('sending', 'Being Sent'),
            ('sent', 'To Sign'),
            ('signed', 'Signed'),
            ('declined', 'Declined'),
            ('withdrawn', 'Withdrawn From'),
            ('expired', 'Expired'),
            ('cancel', 'Cancelled'),
            ('review', 'To Check'),
        ],
        required=True,
        default='draft',
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    plan_ref = fields.Reference(
        selection='_selection_plan',
        string='Plan',
        compute='_compute_plan_ref',
        store=True,
        readonly=False,
        help='The commission plan that the agreement follows.',
    )
    own_rate = fields.Float(
        string='Own Rate (%)',
        digits=(7, 4),
        compute='_compute_own_rate',
        store=True,
        readonly=False,
        help='The rate on the agent\'s own sales. 0: the contract names none.',
    )
    self_billing = fields.Boolean(
        string='Self-billing',
        compute='_compute_self_billing',
        store=True,
        readonly=False,
        help='By signing, the agent agrees that the company issues the bills for commissions.',
    )
    date_from = fields.Date(string='From', copy=False, help='Empty: from the day of the last signature.')
    date_to = fields.Date(
        string='To', compute='_compute_date_to', store=True, readonly=False, copy=False, help='Empty: until it is ended.'
    )
    has_plans = fields.Boolean(related='template_id.has_plans')
    agreement_model = fields.Char(readonly=True, copy=False)
    agreement_id = fields.Many2oneReference(
        model_field='agreement_model', string='Terms in Effect', readonly=True, copy=False,
        help='The record that holds the terms since the contract was signed.',
    )
    deadline = fields.Date(string='To Sign Until', copy=False)
    body = fields.Html(string='Text', sanitize=False, readonly=True, copy=False)
    document = fields.Binary(string='Document', attachment=True, readonly=True, copy=False)
    document_name = fields.Char(compute='_compute_names')
    document_sha256 = fields.Char(string='SHA-256 of the Document', readonly=True, copy=False)
    document_total = fields.Monetary(
        string='Total', readonly=True, copy=False, help='What the offer came to in the document.'
    )
    document_terms = fields.Char(readonly=True, copy=False, help='A digest of the products of the offer in the document.')
    currency_id = fields.Many2one('res.currency', compute='_compute_currency_id')
    signed_document = fields.Binary(attachment=True, readonly=True, copy=False)
    signed_name = fields.Char(compute='_compute_names')
    signed_sha256 = fields.Char(string='SHA-256 of the Signed Document', readonly=True, copy=False)
    certificate = fields.Binary(attachment=True, readonly=True, copy=False, help='What the provider adds as proof.')
    certificate_name = fields.Char(readonly=True, copy=False)
    signed_on = fields.Datetime(string='Signed', readonly=True, copy=False)
    withdraw_until = fields.Date(string='Withdrawal Possible Until', compute='_compute_withdraw_until', store=True)
    withdrawn_on = fields.Datetime(readonly=True, copy=False)
    withdrawal_reason = fields.Char(readonly=True, copy=False)
    provider_ref = fields.Char(string='Number at the Provider', readonly=True, copy=False, index='btree_not_null')
    provider_state = fields.Char(string='State at the Provider', readonly=True, copy=False)
    send_progress = fields.Json(copy=False, groups='base.group_system')
    send_tried = fields.Boolean(
        copy=False, groups='base.group_system', help='The next step was begun and its end is not known.'
    )
    send_after = fields.Datetime(copy=False, groups='base.group_system')
    reminded_on = fields.Datetime(string='Reminded', readonly=True, copy=False)
    poll_on = fields.Datetime(string='Next Look at the Provider', readonly=True, copy=False, index='btree_not_null')
    error = fields.Char(string='Problem', readonly=True, copy=False)

    _order_open_uniq = models.UniqueIndex(
        "(order_id) WHERE state IN ('draft', 'sending', 'sent', 'review')",
        'There is a contract for this offer already. Use it, or cancel it first.',
    )

    # === COMPUTE METHODS === #

    @api.depends('template_id')
    def _compute_account_id(self):
        for contract in self:
            contract.account_id = contract.template_id.account_id

    # One method each: fields that share a method are not computed where one of them is given.
    @api.depends('template_id')
    def _compute_plan_ref(self):
        for contract in self:
            contract.plan_ref = contract.template_id.kind == 'agent' and contract.template_id.plan_ref

    @api.depends('template_id')
    def _compute_own_rate(self):
        for contract in self:
            contract.own_rate = contract.template_id.kind == 'agent' and contract.template_id.own_rate

    @api.depends('template_id')
    def _compute_self_billing(self):
        for contract in self:
            contract.self_billing = contract.template_id.kind == 'agent' and contract.template_id.self_billing

    @api.depends('template_id', 'date_from')
    def _compute_date_to(self):
        for contract in self:
            months = contract.template_id.kind == 'agent' and contract.template_id.months
            start = contract.date_from
            contract.date_to = months and start and start + relativedelta(months=months, days=-1)

    @api.depends('name')
    def _compute_names(self):
        for contract in self:
            name = (contract.name or '').replace('/', '-')
            contract.document_name, contract.signed_name = f'{name}.pdf', f'{name}-signed.pdf'

    @api.depends('order_id.currency_id', 'company_id')
    def _compute_currency_id(self):
        for contract in self:
            contract.currency_id = contract.order_id.currency_id or contract.company_id.currency_id

    @api.depends('signed_on', 'template_id.withdrawal_days')
    def _compute_withdraw_until(self):
        for contract in self:
            days = contract.template_id.withdrawal_days
            contract.withdraw_until = contract.signed_on and days and contract.signed_on.date() + timedelta(days=days)

    # === SELECTION METHODS === #

    @api.model
    def _selection_plan(self):
        return self.env['res.partner']._mlm_get_plan_models()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not self.env.su and PROTECTED & vals.keys():
                raise UserError(self.env._('A contract begins as a draft, without document or signature.'))
            if vals.get('name', '/') == '/':
                vals['name'] = self.env['ir.sequence'].next_by_code('mlm.contract') or '/'
        self.flush_model(['state'])  # one open contract for an offer: the index must see what was cancelled just now
        contracts = super().create(vals_list)
        contracts.filtered(lambda contract: not contract.party_ids)._make_parties()
        return contracts

    def write(self, vals):
        if (PROTECTED | CHOSEN) & vals.keys():
            for contract in self:
                if not self.env.su and (contract.state != 'draft' or PROTECTED & vals.keys()):
                    raise UserError(
                        self.env._(
                            'The contract %(contract)s is out: its parties, document and state change '
                            'only by signing, declining and '
                            'withdrawing. Cancel it and make a new one.',
                            contract=contract.name,
                        )
                    )
                if any(contract[name] and name in vals for name in WRITE_ONCE):
                    raise UserError(
                        self.env._(
                            'The document of the contract %(contract)s cannot change any more.', contract=contract.name
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_out(self):
        for contract in self:
            if contract.state not in ('draft', 'cancel') or contract.signed_on:
                raise UserError(
                    self.env._(
                        'The contract %(contract)s went out and stays on file. Cancel it instead.',
                        contract=contract.name,
                    )
                )

    # === ACTION METHODS === #

    def action_send(self):
        """Freeze text and document, and ask the parties to sign."""
        self.check_access('write')
        for contract in self:
            if contract.state not in ('draft', 'review'):
                raise UserError(self.env._('The contract %(contract)s was sent already.', contract=contract.name))
            contract._check_parties()
            contract = contract.sudo()  # protected fields; the user may write the contract
            if not contract.document:
                contract._freeze()
            contract.write(
                {
                    'deadline': contract.deadline
                    or fields.Date.today() + timedelta(days=contract.template_id.days_to_sign),
                    'error': False,
                }
            )
            if contract.account_id:
                contract.write({'state': 'sending', 'send_after': False})
                self.env.ref('mlm_offers.cron_contract_send')._trigger()
            else:
                contract.state = 'sent'
                contract._invite_next()

    def action_cancel(self):
        self.check_access('write')
        for contract in self:
            if contract.state in ('signed', 'withdrawn'):
                raise UserError(
                    self.env._(
                        'The contract %(contract)s is signed. Use Withdraw, or agree on its end in writing.',
                        contract=contract.name,
                    )
                )
            if contract.account_id and contract.state == 'sent' and contract.provider_ref:
                try:
                    contract.account_id._get_provider().withdraw(contract.provider_ref)
                except SignError as error:
                    raise UserError(str(error)) from error
            contract.sudo().write({'state': 'cancel', 'poll_on': False})  # the user may write the contract

    def action_remind(self):
        """Write to whose turn it is, or have the provider do so; at most once in a day."""
        self.check_access('write')
        for contract in self.filtered(lambda contract: contract.state == 'sent'):
            if contract.reminded_on and fields.Datetime.now() - contract.reminded_on < timedelta(hours=20):
                raise UserError(self.env._('A reminder of %(contract)s went out today already.', contract=contract.name))
            contract = contract.sudo()  # a protected field; the user may write the contract
            if contract.account_id:
                contract._remind_at_provider()
            else:
                contract._invite_next()
            contract.reminded_on = fields.Datetime.now()

    def action_verify(self):
        """Compare the stored documents with their hashes, and say so."""
        self.ensure_one()
        self.check_access('read')
        self._read_document()
        if self.signed_document:
            self._read_document(signed=True)
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'message': self.env._('The documents of %(contract)s are those that were stored.', contract=self.name),
            },
        }

    def action_refresh(self):
        """Look at the provider as soon as the scheduler runs."""
        self.check_access('write')
        self._request_poll()

    def action_open_agreement(self):
        """Open the terms that the signature put into effect."""
        self.ensure_one()
        return self.env[self.agreement_model].browse(self.agreement_id)._get_records_action(
            name=self.env._('Terms in Effect')
        )

    def action_withdraw(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_offers.action_contract_withdraw')
        return action | {'context': {'default_contract_id': self.id}}
