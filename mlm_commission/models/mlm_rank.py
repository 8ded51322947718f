# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..standing import ROW_TABLE


class MlmRank(models.Model):
    """A step of the career ladder: its name and its place, the same in all plans and for all time.

    What it takes to reach it is a matter of each plan, and of each of its versions, see `mlm.plan.rank`; who held it
    when is in `mlm.standing`.
    """
    _name = 'mlm.rank'
    _description = 'Rank'
    _order = 'level, id'
    _check_company_auto = True

    name = fields.Char(string='Rank', required=True, translate=True)
    level = fields.Integer(
        string='Rank Level', required=True, default=lambda self: self._default_level(),
        help='The higher, the further up the ladder. Plans refer to a rank by this number.',
    )
    company_id = fields.Many2one('res.company', string='Company', index='btree_not_null')
    active = fields.Boolean(default=True)
    pricelist_id = fields.Many2one(
        'product.pricelist', string='Price List', check_company=True, ondelete='restrict', index='btree_not_null',
        groups='base.group_user',
        help='What agents of this rank pay for their own orders. Given to them when a period is closed, unless somebody '
             'else\'s price list was agreed with them.')
    plan_rank_ids = fields.One2many(
        'mlm.plan.rank', 'rank_id', string='In Plans', readonly=True, groups='mlm_network.group_officer')

    _level_positive = models.Constraint('CHECK (level > 0 AND level < 1000)', 'A rank\'s level is from 1 to 999.')
    _level_unique = models.UniqueIndex(
        '(level, COALESCE(company_id, 0)) WHERE active', 'Two ranks of a company cannot have the same level.')

    # === DEFAULTS === #

    @api.model
    def _default_level(self):
        """The next step above the highest."""
        return min(max(self._of_company(self.env.company).mapped('level'), default=0) + 1, 999)

    # === CRUD METHODS === #

    def write(self, vals):
        if vals.keys() & {'level', 'company_id'}:
            self._check_place_open(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_nobody_held_it(self):
        held = self.env.execute_query(SQL(
            'SELECT highest_id FROM %s WHERE highest_id = ANY(%s) LIMIT 1', SQL.identifier(ROW_TABLE), self.ids))
        if held:
            raise UserError(self.env._(
                'Agents held the rank "%s" in the past. Archive it instead of deleting it.', self.browse(held[0]).name))

    # === BUSINESS METHODS === #

    @api.model
    def _of_company(self, company):
        """The ranks a company can use, from the lowest."""
        return self.search([('company_id', 'in', (False, company.id))])

    def _check_place_open(self, vals):
        """Refuse to move a rank by which somebody was paid: plans refer to it by its level."""
        for rank in self:
            changes = any(
                rank._fields[name].convert_to_write(rank[name], rank) != (vals[name] or False)
                for name in ('level', 'company_id') if name in vals)
            # Whether somebody was paid does not depend on who looks.
            plan = rank.sudo().plan_rank_ids.plan_id.filtered('has_paid')[:1]
            if changes and plan:
                raise UserError(self.env._(
                    'Rank "%(rank)s" keeps its place: plan "%(plan)s" has paid by it in a closed period.',
                    rank=rank.name, plan=plan.display_name))
