# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import secrets
from datetime import timedelta

from odoo import api, fields, models

# The page says "still open" every 15 seconds; a longer silence was not reading.
PING_LIMIT = 30
VIEWS_KEPT = 200


class MlmOfferView(models.Model):
    """One visit to an offer's page. It holds no address, no cookie and no device identifier."""

    _name = 'mlm.offer.view'
    _description = 'Visit to an Offer'
    _order = 'opened_on desc, id desc'
    _rec_name = 'opened_on'

    order_id = fields.Many2one('sale.order', string='Offer', required=True, index=True, ondelete='cascade')
    key = fields.Char(required=True, index=True, copy=False, groups='base.group_system')
    partner_id = fields.Many2one(
        'res.partner', string='Visitor', help='Who was logged in. Empty for anybody with the link.'
    )
    opened_on = fields.Datetime(string='Opened', required=True, default=fields.Datetime.now)
    last_on = fields.Datetime(string='Last Seen', required=True, default=fields.Datetime.now)
    seconds = fields.Integer(string='Seconds Open', help='While the page was visible, measured by the server.')
    device = fields.Selection([('phone', 'Phone'), ('desktop', 'Computer')], required=True, default='desktop')

    @api.private
    def _mlm_ping(self, order, key=None, partner=None, device='desktop'):
        """Note that the page of an offer is open. Time is measured here, so a visitor cannot invent any.

        :param str key: what the first ping of the visit was answered; None at the first
        :return: the key of the visit
        :rtype: str
        """
        now = fields.Datetime.now()
        visit = key and self.search([('key', '=', key), ('order_id', '=', order.id)], limit=1)
        if visit:
            if now - visit.last_on >= timedelta(seconds=5):
                passed = min((now - visit.last_on).total_seconds(), PING_LIMIT)
                visit.write({'seconds': visit.seconds + int(passed), 'last_on': now})
            return visit.key
        if self.search_count([('order_id', '=', order.id)], limit=VIEWS_KEPT) >= VIEWS_KEPT:
            return ''
        visit = self.create(
            {
                'order_id': order.id,
                'key': secrets.token_urlsafe(24),
                'device': device,
                'partner_id': partner and partner.id,
            }
        )
        order._mlm_notify_opened()
        return visit.key
