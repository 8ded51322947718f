# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import math

from odoo import api, fields, models
from odoo.tools import float_is_zero


def buyback_discount(discount, percent):
    """The discount at which ``percent`` of a price that is already reduced by ``discount`` is paid back.

    Two decimals, as discounts have; rounded to the advantage of who gives back, so that it is never less than promised.
    """
    return math.floor((100 - (100 - discount) * percent / 100) * 100 + 1e-6) / 100


class MlmExitLine(models.TransientModel):
    _name = 'mlm.exit.line'
    _description = 'Goods That Come Back'
    _order = 'id'

    wizard_id = fields.Many2one('mlm.exit.wizard', required=True, index=True, ondelete='cascade')
    move_line_id = fields.Many2one('account.move.line', string='Line', ondelete='cascade')
    # As the user may: ids could be guessed.
    move_id = fields.Many2one(related='move_line_id.move_id', string='Invoice', related_sudo=False)
    invoice_date = fields.Date(related='move_line_id.move_id.invoice_date', string='Date', related_sudo=False)
    product_id = fields.Many2one(related='move_line_id.product_id', related_sudo=False)
    bought = fields.Float(related='move_line_id.quantity', string='Bought', related_sudo=False)
    available = fields.Float(string='Remaining', digits='Product Unit', readonly=True)
    quantity = fields.Float(string='Comes Back', digits='Product Unit')
    currency_id = fields.Many2one(related='move_line_id.currency_id', related_sudo=False)
    price = fields.Monetary(string='Paid for One', compute='_compute_amount')
    amount = fields.Monetary(string='Refund', compute='_compute_amount', help='Without taxes.')

    @api.depends('quantity', 'move_line_id', 'wizard_id.percent')
    def _compute_amount(self):
        for line in self:
            origin, percent = line.move_line_id, line.wizard_id.percent
            bought = not float_is_zero(origin.quantity, precision_digits=6)
            line.price = origin.price_subtotal / origin.quantity if bought else 0
            kept = 100 - origin.discount
            share = (100 - buyback_discount(origin.discount, percent)) / kept if kept else 0
            line.amount = line.price * line.quantity * share
