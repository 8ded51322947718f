# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import fields, models


class MlmAgreementRate(models.Model):
    """Another rate than the agreement's own for one category of products (and the categories below it)."""
    _name = 'mlm.agreement.rate'
    _description = 'Agreed Rate for a Category'
    _order = 'agreement_id, categ_id'

    agreement_id = fields.Many2one(
        'mlm.agreement', string='Agreement', required=True, index=True, ondelete='cascade')
    categ_id = fields.Many2one(
        'product.category', string='Product Category', required=True, index=True, ondelete='restrict')
    rate = fields.Float(string='Rate (%)', digits=(7, 4), required=True)

    _rate_range = models.Constraint('CHECK (rate >= 0 AND rate <= 100)', 'A rate is from 0 to 100 percent.')
    _categ_unique = models.UniqueIndex(
        '(agreement_id, categ_id)', 'An agreement has one rate for a category.')
