# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import formatLang

from .. import closing


class MlmStatement(models.Model):
    """What one agent gets for one period, from the amount brought forward to the amount carried forward."""
    _name = 'mlm.statement'
    _description = 'Commission Statement'
    _inherit = ['portal.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'date_to desc, name'
    # Whoever may read a statement may ask about it.
    _mail_post_access = 'read'
    _check_company_auto = True

    name = fields.Char(string='Number', required=True, readonly=True)
    period_id = fields.Many2one('mlm.period', string='Period', required=True, index=True, readonly=True,
                                ondelete='restrict')
    company_id = fields.Many2one('res.company', string='Company', required=True, index=True, readonly=True)
    currency_id = fields.Many2one('res.currency', string='Currency', required=True, readonly=True)
    agent_id = fields.Many2one('res.partner', string='Agent', required=True, index=True, readonly=True,
                               ondelete='restrict')
    date_from = fields.Date(string='From', required=True, readonly=True)
    date_to = fields.Date(string='To', required=True, readonly=True)
    line_ids = fields.One2many('mlm.statement.line', 'statement_id', string='Lines', readonly=True)
    opening = fields.Monetary(string='Brought Forward', readonly=True)
    # The totals by kind of line, see closing.KINDS.
    earned = fields.Monetary(string='Earned', readonly=True)
    clawed_back = fields.Monetary(string='Clawed Back', readonly=True)
    reserve_held = fields.Monetary(string='Reserve Held', readonly=True)
    reserve_released = fields.Monetary(string='Reserve Released', readonly=True)
    adjusted = fields.Monetary(string='Adjustments', readonly=True)
    payable = fields.Monetary(string='Payable', readonly=True, help='Below zero: billed to the agent.')
    closing = fields.Monetary(
        string='Carried Forward', readonly=True, help='A debt, or what is below the minimum payout.')
    payout_currency_id = fields.Many2one('res.currency', string='Payout Currency', required=True, readonly=True)
    payout_rate = fields.Float(
        string='Closing Rate', digits=(24, 12), readonly=True, aggregator=None,
        help='Units of the payout currency for one of the company\'s, on the period\'s last day.')
    payout = fields.Monetary(string='Payout', currency_field='payout_currency_id', readonly=True, aggregator=None)
    is_foreign = fields.Boolean(compute='_compute_is_foreign')
    bill_id = fields.Many2one('account.move', string='Bill', readonly=True, index='btree_not_null', copy=False,
                              ondelete='set null')
    payment_state = fields.Selection(related='bill_id.payment_state', string='Payment')
    bill_state = fields.Selection(
        [('nothing', 'Nothing to pay'), ('to_bill', 'To bill'), ('draft', 'Draft bill'), ('billed', 'Billed'),
         ('paid', 'Paid')],
        string='Status', compute='_compute_bill_state', store=True)

    _name_unique = models.UniqueIndex('(company_id, name)', 'A statement\'s number is used once in a company.')
    _period_agent_unique = models.UniqueIndex(
        '(period_id, agent_id)', 'An agent gets one statement for a period.')
    _bill_unique = models.UniqueIndex(
        '(bill_id) WHERE bill_id IS NOT NULL', 'A bill pays one statement.')
    _adds_up = models.Constraint(
        'CHECK (opening + earned + clawed_back + reserve_held + reserve_released + adjusted = payable + closing)',
        'A statement adds up: brought forward and what was added or taken is payable or carried forward.')
    _paid_or_carried = models.Constraint(
        'CHECK (payable = 0 OR closing = 0)', 'A balance is paid or carried forward, not both.')

    # === COMPUTE METHODS === #

    @api.depends('currency_id', 'payout_currency_id')
    def _compute_is_foreign(self):
        for statement in self:
            statement.is_foreign = statement.payout_currency_id != statement.currency_id

    @api.depends('payable', 'bill_id.state', 'bill_id.payment_state')
    def _compute_bill_state(self):
        for statement in self:
            bill = statement.bill_id
            if not statement.payable:
                statement.bill_state = 'nothing'
            elif not bill or bill.state == 'cancel':
                statement.bill_state = 'to_bill'
            elif bill.payment_state in ('paid', 'in_payment', 'reversed'):
                statement.bill_state = 'paid'
            else:
                statement.bill_state = 'draft' if bill.state == 'draft' else 'billed'

    def _compute_access_url(self):
        super()._compute_access_url()
        for statement in self:
            statement.access_url = f'/my/statements/{statement.id}'

    # === CRUD METHODS === #

    def write(self, vals):
        allowed = {'bill_id', 'bill_state', 'access_token', 'message_main_attachment_id'}
        if vals.keys() - allowed and not all(name.startswith(('message_', 'activity_')) for name in vals.keys() - allowed):
            raise UserError(self.env._(
                'Statement %s is closed. What is wrong with it is corrected in the next period.', self[:1].name))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._('Statements are kept. Correct the sale, and the next statement corrects this one.'))

    # === ACTION METHODS === #

    def action_commissions(self):
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_commission.mlm_commission_action')
        return {**action, 'domain': list(Domain.OR(statement._commission_domain() for statement in self)), 'context': {}}

    def action_bill(self):
        """Make the vendor bill of each statement.

        :raise UserError: naming the statement, if one cannot be billed
        """
        for statement in self:
            statement._check_billable()
        bills = self.env['account.move'].create([statement._prepare_bill() for statement in self])
        for statement, bill in zip(self, bills):
            statement.bill_id = bill
        return bills._get_records_action(name=self.env._('Bills'))

    def action_preview(self):
        """Show the statement as its agent sees it."""
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'target': 'self', 'url': self.get_portal_url()}

    def action_view_bill(self):
        self.ensure_one()
        return self.bill_id._get_records_action()

    # === BUSINESS METHODS === #

    @api.private
    def _commission_domain(self):
        """The commissions that the statement adds up."""
        self.ensure_one()
        return Domain('period_id', '=', self.period_id.id) & Domain('beneficiary_id', '=', self.agent_id.id)

    @api.private
    def _get_commissions(self):
        """The commissions that the statement adds up, in the order in which they were earned."""
        return self.env['mlm.commission'].search(self._commission_domain(), order='date, source, volume_id, rule_id, level')

    @api.private
    def _summary(self):
        """The statement's sum, for people: what it adds up, and what is carried forward.

        :return: list of {'name': field, 'label', 'amount'}; what is zero is left out but for the usual rows
        """
        self.ensure_one()
        usual = {'opening', 'earned', 'clawed_back'}
        return [
            {'name': name, 'label': self._fields[name]._description_string(self.env), 'amount': self[name]}
            for name in ('opening', *closing.TOTALS, 'closing') if self[name] or name in usual
        ]

    def _format_rate(self):
        """The closing rate, without needless zeros."""
        self.ensure_one()
        return formatLang(self.env, self.payout_rate, digits=6).rstrip('0')

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.env._('Statement %s', self.name)

    @api.private
    @api.model
    def _create_for(self, period):
        """Write the statements of a period that was just closed, see :mod:`closing`.

        :return: the new records
        """
        closing.write(period)
        return period.statement_ids

    def _is_billable(self):
        self.ensure_one()
        return self.payable and (not self.bill_id or self.bill_id.state == 'cancel') and self._self_billing()

    def _self_billing(self):
        """Whether the agent agreed, in every agreement that was valid, that the company writes the bill."""
        self.ensure_one()
        # Whoever bills need not be allowed to read contracts.
        agreements = self.env['mlm.agreement'].sudo().search([
            ('agent_id', '=', self.agent_id.id), ('company_id', '=', self.company_id.id), ('state', '=', 'active'),
            ('date_from', '<=', self.date_to), '|', ('date_to', '=', False), ('date_to', '>=', self.date_from),
        ])
        return all(agreements.mapped('self_billing'))

    def _check_billable(self):
        self.ensure_one()
        if not self.payable:
            raise UserError(self.env._('Statement %s has nothing to pay.', self.name))
        if self.bill_id and self.bill_id.state != 'cancel':
            raise UserError(self.env._(
                'Statement %(statement)s is billed already: %(bill)s.',
                statement=self.name, bill=self.bill_id.display_name))
        if not self._self_billing():
            raise UserError(self.env._(
                '%(agent)s did not agree that the company writes the bill for statement %(statement)s. Record the '
                'agent\'s own invoice, or tick "Self-billing" in the agreement once the consent is there.',
                agent=self.agent_id.display_name, statement=self.name))

    def _prepare_bill(self):
        """The values of the vendor bill: a line per kind of commission, taxes by the agent's fiscal position.

        What an agent owes is billed the other way round, as the vendor's credit note.
        """
        self.ensure_one()
        company = self.company_id
        return {
            'move_type': 'in_invoice' if self.payable > 0 else 'in_refund',
            'company_id': company.id,
            'journal_id': company._mlm_self_billing_journal().id,
            'partner_id': self.agent_id.id,
            'currency_id': self.payout_currency_id.id,
            'invoice_date': fields.Date.context_today(self),
            'ref': self.name,
            'invoice_origin': self.name,
            'invoice_line_ids': [Command.create(values) for values in self._prepare_bill_lines()],
        }

    def _prepare_bill_lines(self):
        """The values of the bill's lines, in the payout's currency; together they are the payout to the cent."""
        self.ensure_one()
        product = self.company_id._mlm_commission_product()
        parts = [(line.display_name, line.amount) for line in self.line_ids if line.amount]
        if self.opening:
            parts.append((self.env._('Brought forward'), self.opening))
        lines, sofar, given = [], 0.0, 0.0
        sign = 1 if self.payable > 0 else -1
        for name, amount in parts:
            # Round what was reached so far and take the difference, so that nothing is lost on the way.
            sofar += amount
            reached = self.payout_currency_id.round(sofar * self.payout_rate)
            lines.append({
                'product_id': product.id,
                'name': name,
                'quantity': 1,
                'price_unit': sign * self.payout_currency_id.round(reached - given),
            })
            given = reached
        return lines
