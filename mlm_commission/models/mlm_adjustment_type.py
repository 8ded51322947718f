# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import fields, models


class MlmAdjustmentType(models.Model):
    """What an adjustment can be: a bonus, a correction, a fee, ..."""
    _name = 'mlm.adjustment.type'
    _description = 'Type of Adjustment'
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(string='Type', required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one('res.company', string='Company', index=True, help='Empty: for every company.')
    direction = fields.Selection(
        [('both', 'Either way'), ('credit', 'Only in favour of the agent'), ('debit', 'Only against the agent')],
        string='Direction', required=True, default='both')
    product_id = fields.Many2one(
        'product.product', string='Product', check_company=True, ondelete='restrict', index='btree_not_null',
        domain=[('type', '=', 'service')],
        help='Gives the line of the bill its account and taxes. Empty: the product of commissions.')
