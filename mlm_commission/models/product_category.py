# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import fields, models


class ProductCategory(models.Model):
    _inherit = 'product.category'

    mlm_commissionable = fields.Boolean(
        string='Commissionable', default=True,
        help='Switch this off and no product of this category earns commission.',
    )
