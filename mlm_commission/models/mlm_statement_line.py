# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class MlmStatementLine(models.Model):
    """What a statement shows of one rule: earned, or clawed back."""
    _name = 'mlm.statement.line'
    _description = 'Commission Statement Line'
    _order = 'statement_id, is_clawback, plan_id, rule_id'

    statement_id = fields.Many2one(
        'mlm.statement', string='Statement', required=True, index=True, ondelete='cascade', readonly=True)
    plan_id = fields.Many2one('mlm.plan', string='Plan', required=True, readonly=True, ondelete='restrict')
    rule_id = fields.Many2one('mlm.plan.rule', string='Commission', required=True, readonly=True, ondelete='restrict')
    is_clawback = fields.Boolean(string='Clawback', readonly=True)
    count = fields.Integer(string='Commissions', readonly=True)
    currency_id = fields.Many2one(related='statement_id.currency_id')
    amount = fields.Monetary(string='Amount', readonly=True)

    @api.depends('rule_id.name', 'is_clawback')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for line in self:
            line.display_name = self.env._('%s, clawed back', line.rule_id.name) if line.is_clawback \
                else line.rule_id.name

    def write(self, vals):
        """Refuse: a statement is final."""
        raise UserError(self.env._('Statements are closed. Correct the sale, and the next statement corrects this one.'))

    def action_commissions(self):
        """Open the commissions behind the line."""
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_commission.mlm_commission_action')
        return {**action, 'domain': list(self._commission_domain()), 'context': {}}

    @api.private
    def _commission_domain(self):
        """The commissions that the line adds up."""
        self.ensure_one()
        return self.statement_id._commission_domain() & Domain('rule_id', '=', self.rule_id.id) \
            & Domain('is_clawback', '=', self.is_clawback)
