# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import models


class AccountMoveReversal(models.TransientModel):
    _inherit = 'account.move.reversal'

    def _prepare_default_reversal(self, move):
        """Keep the reason apart from the reference, for the book of what was sold and cancelled."""
        values = super()._prepare_default_reversal(move)
        if self.reason and move.is_sale_document(include_receipts=True):
            values['mlm_cancel_reason'] = self.reason
        return values
