# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import fields, models


class MlmRank(models.Model):
    """A step of the career ladder, agreed with an agent in the agreement."""
    _name = 'mlm.rank'
    _description = 'Rank'
    _order = 'level, id'
    _check_company_auto = True

    name = fields.Char(string='Rank', required=True, translate=True)
    level = fields.Integer(
        string='Rank Level', required=True, default=1,
        help='The higher, the further up the ladder. Plans refer to a rank by this number.',
    )
    company_id = fields.Many2one('res.company', string='Company', index='btree_not_null')
    active = fields.Boolean(default=True)

    _level_positive = models.Constraint('CHECK (level > 0 AND level < 1000)', 'A rank\'s level is from 1 to 999.')
    _level_unique = models.UniqueIndex(
        '(level, COALESCE(company_id, 0)) WHERE active', 'Two ranks of a company cannot have the same level.')
