# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import auditing
from ..tools.unchecked import UncheckedMany2one


class MlmStatementLine(models.Model):
    """What a statement adds up: a line per kind and rule, or per adjustment."""
    _name = 'mlm.statement.line'
    _description = 'Commission Statement Line'
    _order = 'statement_id, id'

    # Final, like the statement that tells when and by whom it was made.
    _log_access = False

    # Statements, plans of closed periods and rules of such plans are kept.
    statement_id = UncheckedMany2one(
        'mlm.statement', string='Statement', required=True, index=True, ondelete='restrict', readonly=True)
    # The kinds are those of kinds.KINDS.
    kind = fields.Selection(
        [('commission', 'Commission'), ('clawback', 'Clawback'), ('reserve_held', 'Reserve held'),
         ('reserve_released', 'Reserve released'), ('reserve_used', 'Reserve used for a clawback'), ('adjustment', 'Adjustment')],
        string='Kind', required=True, readonly=True)
    plan_id = UncheckedMany2one('mlm.plan', string='Plan', readonly=True, ondelete='restrict')
    rule_id = UncheckedMany2one('mlm.plan.rule', string='Commission', readonly=True, ondelete='restrict')
    adjustment_id = fields.Many2one('mlm.adjustment', string='Adjustment', readonly=True, ondelete='restrict',
                                    groups='base.group_user')
    label = fields.Char(string='Text', readonly=True, help='What the line was for when the statement was made.')
    count = fields.Integer(string='Commissions', readonly=True)
    currency_id = fields.Many2one(related='statement_id.currency_id')
    amount = fields.Monetary(string='Amount', readonly=True)

    _adjustment_unique = models.UniqueIndex(
        '(adjustment_id) WHERE adjustment_id IS NOT NULL', 'An adjustment is settled once.')

    @api.depends('kind', 'label', 'rule_id.name')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for line in self:
            line.display_name = line._describe()

    # === CRUD METHODS === #

    def init(self):
        super().init()
        auditing.forbid_changes(self.env)

    def write(self, vals):
        """Refuse: a statement is final."""
        raise UserError(self.env._('Statements are closed. Correct the sale, and the next statement corrects this one.'))

    # === ACTION METHODS === #

    def action_commissions(self):
        """Open the commissions behind the line."""
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_commission.mlm_commission_action')
        return {**action, 'domain': list(self._commission_domain()), 'context': {}}

    # === BUSINESS METHODS === #

    @api.private
    def _describe(self):
        """What the line is for, in words."""
        self.ensure_one()
        if self.label:
            return self.label
        # sudo: whoever reads the line may know what it is called, though not the plan's rule
        name = self.sudo().rule_id.name
        if self.kind == 'commission':
            return name
        if self.kind == 'clawback':
            return self.env._('%s, clawed back', name)
        label = dict(self._fields['kind']._description_selection(self.env))[self.kind]
        return self.env._('%(kind)s: %(name)s', kind=label, name=name) if name else label

    @api.private
    def _has_commissions(self):
        """Whether the line adds up commissions, and is no amount of its own."""
        self.ensure_one()
        return self.kind in ('commission', 'clawback')

    @api.private
    def _commission_domain(self):
        """The commissions that the line adds up: none for what is no commission."""
        self.ensure_one()
        if not self._has_commissions():
            return Domain.FALSE
        return self.statement_id._commission_domain() & Domain('rule_id', '=', self.rule_id.id) \
            & Domain('is_clawback', '=', self.kind == 'clawback')

    @api.private
    def _get_reserve_moves(self, limit=None):
        """What of the reserve the line adds up, contract by contract: `mlm.reserve` records, none for other kinds."""
        self.ensure_one()
        kinds = {'reserve_held': 'held', 'reserve_released': 'released', 'reserve_used': 'used'}
        if self.kind not in kinds:
            return self.env['mlm.reserve']
        return self.env['mlm.reserve'].search([
            ('statement_id', '=', self.statement_id.id), ('kind', '=', kinds[self.kind]), ('plan_id', '=', self.plan_id.id),
        ], order='date, id', limit=limit)
