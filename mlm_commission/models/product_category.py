# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models, tools


class ProductCategory(models.Model):
    _inherit = 'product.category'

    mlm_commissionable = fields.Boolean(
        string='Commissionable', default=True,
        help='Switch this off and no product of this category, or of the categories below it, earns commission.',
    )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() & {'mlm_commissionable', 'parent_id'}:
            self.env.registry.clear_cache()
        return super().write(vals)

    @api.model
    @tools.ormcache()
    def _mlm_not_commissionable_ids(self):
        """The categories whose products earn nothing: read once, since every posted invoice asks.

        :rtype: frozenset of int
        """
        # The same for everybody who posts.
        excluded = self.sudo().search([('mlm_commissionable', '=', False)])
        return frozenset(self.sudo().search([('id', 'child_of', excluded.ids)]).ids) if excluded else frozenset()
