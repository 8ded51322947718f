# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import formatLang

from .. import kinds
from ..tools.unchecked import UncheckedMany2one


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
    # Closed periods are kept, and they keep their company, which keeps its currency.
    period_id = UncheckedMany2one(
        'mlm.period', string='Period', required=True, index=True, readonly=True, ondelete='restrict')
    company_id = UncheckedMany2one('res.company', string='Company', required=True, readonly=True)
    currency_id = UncheckedMany2one('res.currency', string='Currency', required=True, readonly=True)
    agent_id = fields.Many2one('res.partner', string='Agent', required=True, index=True, readonly=True,
                               ondelete='restrict')
    date_from = fields.Date(string='From', required=True, readonly=True)
    date_to = fields.Date(string='To', required=True, readonly=True)
    line_ids = fields.One2many('mlm.statement.line', 'statement_id', string='Lines', readonly=True)
    opening = fields.Monetary(string='Brought Forward', readonly=True)
    # The totals by kind of line, see :mod:`kinds`.
    earned = fields.Monetary(string='Earned', readonly=True)
    clawed_back = fields.Monetary(string='Clawed Back', readonly=True)
    reserve_held = fields.Monetary(string='Reserve Held', readonly=True)
    reserve_released = fields.Monetary(string='Reserve Released', readonly=True)
    adjusted = fields.Monetary(string='Adjustments', readonly=True)
    payable = fields.Monetary(string='Payable', readonly=True, help='Below zero: billed to the agent.')
    closing = fields.Monetary(
        string='Carried Forward', readonly=True, help='A debt, or what is below the minimum payout.')
    # See `res.currency`.
    payout_currency_id = UncheckedMany2one('res.currency', string='Payout Currency', required=True, readonly=True)
    payout_rate = fields.Float(
        string='Closing Rate', digits=(24, 12), readonly=True, aggregator=None,
        help='Units of the payout currency for one of the company\'s, on the period\'s last day.')
    payout = fields.Monetary(string='Payout', currency_field='payout_currency_id', readonly=True, aggregator=None)
    is_foreign = fields.Boolean(compute='_compute_is_foreign')
    digest = fields.Char(
        string='Digest', readonly=True, copy=False,
        help='SHA-256 over the statement with its lines and the digest of the statement before.')
    # Whoever reads the record could find out by domains what internal notes say: Odoo does not ask for the rights on messages.
    message_ids = fields.One2many(groups='base.group_user')
    website_message_ids = fields.One2many(groups='base.group_user')

    _name_unique = models.UniqueIndex('(company_id, name)', 'A statement\'s number is used once in a company.')
    _period_agent_unique = models.UniqueIndex(
        '(period_id, agent_id)', 'An agent gets one statement for a period.')
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

    def _compute_access_url(self):
        super()._compute_access_url()
        for statement in self:
            statement.access_url = f'/my/statements/{statement.id}'

    # === CRUD METHODS === #

    def write(self, vals):
        if vals.keys() & {'bill_id', 'bill_position', 'bill_queued', 'bill_error', 'own_invoice_id'} and not self.env.su \
                and not self.env.user.has_group('account.group_account_invoice'):
            raise AccessError(self.env._('Only accountants bill statements.'))
        allowed = {'access_token', 'message_main_attachment_id', 'bill_id', 'bill_position', 'bill_state', 'bill_queued',
                   'bill_error', 'own_invoice_id', 'mail_state', 'mail_date', 'mail_error'}
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

    def action_preview(self):
        """Show the statement as its agent sees it."""
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'target': 'self', 'url': self.get_portal_url()}

    def action_export(self):
        """Download every commission of the statement as a table."""
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'target': 'download', 'url': f'/commission/statement/{self.id}/xlsx'}

    def action_adjust(self):
        """Record what shall be put right by the agent's next statement."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('New Adjustment'),
            'res_model': 'mlm.adjustment',
            'view_mode': 'form',
            'context': {'default_agent_id': self.agent_id.id, 'default_company_id': self.company_id.id,
                        'default_reason': self.env._('On statement %s: ', self.name)},
        }

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
            for name in ('opening', *kinds.TOTALS, 'closing') if self[name] or name in usual
        ]

    def _format_rate(self):
        """The closing rate, without needless zeros."""
        self.ensure_one()
        return formatLang(self.env, self.payout_rate, digits=6).rstrip('0').rstrip('.,')

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.env._('Statement %s', self.name)
