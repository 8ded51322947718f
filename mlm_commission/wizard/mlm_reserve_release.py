# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import UserError


class MlmReserveRelease(models.TransientModel):
    """Ends the reserve of some contracts ahead of time, with a reason."""
    _name = 'mlm.reserve.release'
    _description = 'Release of the Reserve'

    contract_ids = fields.Many2many('mlm.reserve.contract', string='Contracts', compute='_compute_contract_ids')
    contract_refs = fields.Json(default=lambda self: self.env.context.get('active_ids', []))
    company_id = fields.Many2one('res.company', compute='_compute_contract_ids')
    currency_id = fields.Many2one(related='company_id.currency_id')
    count = fields.Integer(string='Number of Contracts', compute='_compute_contract_ids')
    amount = fields.Monetary(string='Held', compute='_compute_contract_ids')
    kind = fields.Selection(
        [('released', 'Release to the agent'), ('forfeited', 'Forfeit to the company')], string='What Happens',
        required=True, default='released')
    reason = fields.Char(string='Reason', required=True)

    @api.depends('contract_refs')
    def _compute_contract_ids(self):
        for wizard in self:
            contracts = self.env['mlm.reserve.contract'].search(
                [('id', 'in', wizard.contract_refs or []), ('is_open', '=', True)])
            wizard.contract_ids = contracts
            wizard.company_id = contracts.company_id[:1]
            wizard.count = len(contracts)
            wizard.amount = sum(contracts.mapped('balance'))

    def action_confirm(self):
        """Move what is still held; agents find it in their next statement."""
        self.ensure_one()
        if not self.contract_ids:
            raise UserError(self.env._('Nothing is held of these contracts any more.'))
        if len(self.contract_ids.company_id) > 1:
            raise UserError(self.env._('These contracts belong to several companies. Choose those of one company.'))
        moves = self.contract_ids._end(self.kind, self.reason)
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_commission.mlm_reserve_action')
        return {**action, 'domain': [('id', 'in', moves.ids)], 'context': {}}
