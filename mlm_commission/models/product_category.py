# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models, tools


class ProductCategory(models.Model):
    _inherit = 'product.category'

    mlm_commissionable = fields.Boolean(
        string='Commissionable', default=True,
        help='Switch this off and no product of this category, or of the categories below it, earns commission.',
    )

    mlm_liability_id = fields.Many2one(
        'mlm.liability', string='Cancellation Liability', index='btree_not_null', ondelete='restrict',
        help='What of a commission is taken back when a sale is credited. Empty: as in the category above, else as in the '
             'plan.',
    )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() & {'mlm_commissionable', 'mlm_liability_id', 'parent_id'}:
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

    @api.model
    @tools.ormcache()
    def _mlm_liability_ids(self):
        """The terms of liability of each category that has any, its own or those above it: read once.

        :return: {category id: `mlm.liability` id}
        """
        # The same for everybody who posts.
        own = {categ.id: categ.mlm_liability_id.id for categ in self.sudo().search([('mlm_liability_id', '!=', False)])}
        below = self.sudo().search([('id', 'child_of', list(own))]) if own else self.browse()
        paths = {categ.id: [int(part) for part in reversed(categ.parent_path.split('/')) if part] for categ in below}
        return {categ_id: next(own[part] for part in path if part in own) for categ_id, path in paths.items()}
