# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models


class MlmContractWithdraw(models.TransientModel):
    _name = 'mlm.contract.withdraw'
    _description = 'Withdrawal from a Contract'

    contract_id = fields.Many2one('mlm.contract', required=True)
    withdraw_until = fields.Date(related='contract_id.withdraw_until')
    reason = fields.Char(string='What the Other Party Declared', required=True)

    def action_withdraw(self):
        self.ensure_one()
        self.contract_id.check_access('write')
        # sudo: the state is protected, and cancelling the order or ending the cooperation follows by law
        self.contract_id.sudo()._withdraw(self.reason)
