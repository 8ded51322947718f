# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = 'account.partial.reconcile'

    @api.model_create_multi
    def create(self, vals_list):
        """Record what became paid, for plans that pay on payment."""
        partials = super().create(vals_list)
        self.env['mlm.volume']._record(partials._mlm_moves(), 'paid')
        return partials

    def unlink(self):
        """Take back what is no longer paid."""
        moves = self._mlm_moves()
        result = super().unlink()
        self.env['mlm.volume']._record(moves.exists(), 'unpaid')
        return result

    def _mlm_moves(self):
        """The posted customer documents these matchings pay, if any plan of their company asks for payment."""
        return (self.debit_move_id | self.credit_move_id).move_id._mlm_counting_payments()
