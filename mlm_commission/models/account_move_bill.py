# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import models


class AccountMove(models.Model):
    """A bill that pays a statement tells it how far the payment is."""
    _inherit = 'account.move'

    def _compute_payment_state(self):
        super()._compute_payment_state()
        self._mlm_billed_statements()._look_at_bill()

    def write(self, vals):
        result = super().write(vals)
        if 'state' in vals:
            self._mlm_billed_statements()._look_at_bill()
        return result

    def unlink(self):
        statements = self._mlm_billed_statements()
        result = super().unlink()
        statements._look_at_bill()
        return result

    def _mlm_billed_statements(self):
        """The statements that these entries pay; only the agents' bills and refunds are looked up."""
        bills = self._origin.filtered(lambda move: move.is_purchase_document(include_receipts=True))
        if not bills:
            return self.env['mlm.statement']
        # Whoever pays or cancels a bill need not be allowed to read statements.
        return self.env['mlm.statement'].sudo().search([('bill_id', 'in', bills.ids)])
