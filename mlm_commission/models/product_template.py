# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = 'product.template'

    mlm_points = fields.Float(
        string='Points', digits=(16, 2),
        help='Points of one unit, for plans that count points instead of money.',
    )
    mlm_commissionable = fields.Boolean(
        string='Commissionable', default=True,
        help='Switch this off for what must never earn commission: starter kits, memberships, training, '
             'advertising material, expenses that are only passed on.',
    )
    mlm_liability_id = fields.Many2one(
        'mlm.liability', string='Cancellation Liability', index='btree_not_null', ondelete='restrict',
        help='What of a commission is taken back when a sale is credited. Empty: as in the category, else as in the plan.',
    )
