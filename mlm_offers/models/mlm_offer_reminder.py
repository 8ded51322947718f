# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models


class MlmOfferReminder(models.Model):
    """One row for each step done: what makes the follow-up send a step at most once."""

    _name = 'mlm.offer.reminder'
    _description = 'Reminder of an Offer'
    _order = 'id'
    _rec_name = 'step_id'

    order_id = fields.Many2one('sale.order', string='Offer', required=True, index=True, ondelete='cascade')
    step_id = fields.Many2one('mlm.offer.step', string='Step', index='btree_not_null', ondelete='set null')
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    channel = fields.Selection([('email', 'E-mail'), ('sms', 'SMS')], required=True)
    outcome = fields.Selection([('sent', 'Sent'), ('skipped', 'Skipped')], required=True, default='sent')
    note = fields.Char(help='Why the step was skipped.')

    _order_step_uniq = models.UniqueIndex('(order_id, step_id)', 'This step was done for this offer already.')
