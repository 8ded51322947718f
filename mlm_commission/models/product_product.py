# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import models


class ProductProduct(models.Model):
    _inherit = 'product.product'

    def _mlm_earns(self):
        """Whether what is sold of the product may earn commission at all."""
        self.ensure_one()
        return self.mlm_commissionable and \
            self.categ_id.id not in self.env['product.category']._mlm_not_commissionable_ids()

    def _mlm_liability(self):
        """The terms of liability of what is sold of the product: its own, else its category's; empty: the plan's."""
        self.ensure_one()
        return self.mlm_liability_id or self.env['mlm.liability'].browse(
            self.env['product.category']._mlm_liability_ids().get(self.categ_id.id))
