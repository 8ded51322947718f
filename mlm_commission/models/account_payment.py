# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import models


class AccountPayment(models.Model):
    _inherit = 'account.payment'

    def write(self, vals):
        """Record what a payment without a journal entry pays, or pays no more; others tell by being reconciled."""
        result = super().write(vals)
        if vals.keys() & {'state', 'amount', 'currency_id', 'date', 'invoice_ids', 'move_id'}:
            invoices = self.filtered(lambda payment: not payment.move_id).invoice_ids._mlm_counting_payments()
            if invoices:
                event = 'paid' if vals.get('state') in ('in_process', 'paid') else 'unpaid'
                self.env['mlm.volume']._record(invoices, event)
        return result

    def unlink(self):
        """Take back what was paid by payments that are deleted."""
        invoices = self.invoice_ids
        result = super().unlink()
        self.env['mlm.volume']._record(invoices._mlm_counting_payments(), 'unpaid')
        return result
