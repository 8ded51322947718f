# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models
from odoo.exceptions import UserError


class MlmOfferLost(models.TransientModel):
    _name = 'mlm.offer.lost'
    _description = 'Offer Lost'

    order_ids = fields.Many2many('sale.order', string='Offers', required=True)
    reason_id = fields.Many2one('crm.lost.reason', string='Reason', required=True)

    def action_lose(self):
        self.ensure_one()
        won = self.order_ids.filtered(lambda order: order.state not in ('draft', 'sent'))
        if won:
            raise UserError(
                self.env._(
                    '%(offer)s is no open offer. Only offers that wait for an answer can be lost.', offer=won[0].name
                )
            )
        self.order_ids.check_access('write')
        self.order_ids._mlm_lose(self.reason_id)
