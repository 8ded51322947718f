# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from .. import loading


class MlmPlanRule(models.Model):
    """For which sales a rule holds: by price list, region, date, kind of order and of buyer; and in whose place.

    Looked at is what was so when the sale was first counted, see `mlm.volume`.
    """
    _inherit = 'mlm.plan.rule'

    base = fields.Selection(selection_add=[('total', 'Valuation sum')], ondelete={'total': 'set default'})
    pricelist_ids = fields.Many2many(
        'product.pricelist', string='Only Pricelists', help='The rule pays for orders with these alone. Empty: for all.')
    country_ids = fields.Many2many(
        'res.country', string='Only Countries', help='The rule pays for customers of these countries. Empty: for all.')
    state_ids = fields.Many2many(
        'res.country.state', string='Only States', help='The rule pays for customers of these states. Empty: for all.')
    order_kind = fields.Selection(
        [('all', 'All orders'), ('first', 'First order of a customer'), ('repeat', 'Later orders of a customer')],
        string='Orders', required=True, default='all')
    buyer = fields.Selection(
        [('all', 'Everybody'), ('customer', 'Customers only'), ('agent', 'Agents only')],
        string='Bought by', required=True, default='all',
        help='Whether the rule pays for what customers buy, for what agents of the network buy, or for both.')
    sold_from = fields.Date(string='Sold From', help='The first day whose sales the rule pays. Empty: as the plan.')
    sold_until = fields.Date(string='Sold Until', help='The last day whose sales the rule pays. Empty: as the plan.')

    except_product_ids = fields.Many2many(
        'product.product', 'mlm_plan_rule_except_product_rel', 'rule_id', 'product_id', string='Except Products',
        help='The rule does not pay for these.')
    except_categ_ids = fields.Many2many(
        'product.category', 'mlm_plan_rule_except_categ_rel', 'rule_id', 'categ_id', string='Except Categories',
        help='The rule does not pay for products of these categories, and of those below them.')
    # Copied with the plan, where the copy's rules take the place of these.
    replaces_ids = fields.Many2many(
        'mlm.plan.rule', 'mlm_plan_rule_replaces_rel', 'rule_id', 'replaced_id', string='Pays Instead of', copy=False,
        domain="[('plan_id', '=', plan_id), ('id', '!=', id)]",
        help='Rules of this plan, of whatever way of paying, that do not pay where this one holds. Rules that are new on '
             'the screen can be chosen once the plan is saved.')

    _sold_dates = models.Constraint('CHECK (sold_until >= sold_from)', 'The last day of a rule cannot be before its first.')

    # === CONSTRAINT METHODS === #

    @api.constrains('replaces_ids', 'plan_id')
    def _check_replaces(self):
        for rule in self:
            wrong = rule.replaces_ids.filtered(lambda other, rule=rule: other == rule or other.plan_id != rule.plan_id)
            if wrong:
                raise ValidationError(self.env._(
                    'Rule "%(rule)s" of plan "%(plan)s" can pay instead of other rules of the same plan only, not of '
                    '%(others)s.', rule=rule.name, plan=rule.plan_id.display_name,
                    others=', '.join(f'"{other.name}" ({other.plan_id.display_name})' for other in wrong)))

    # === COMPUTE METHODS === #

    @api.depends('product_ids', 'categ_ids', 'pricelist_ids', 'country_ids', 'state_ids', 'order_kind', 'buyer', 'sold_from',
                 'sold_until', 'except_product_ids', 'except_categ_ids', 'replaces_ids.name')
    def _compute_explanation(self):
        super()._compute_explanation()
        for rule in self:
            words = rule._scope_words()
            if words:
                rule.explanation = ' '.join(filter(None, [rule.explanation, words]))

    # === BUSINESS METHODS === #

    @api.private
    def _scope_words(self):
        """Say in a sentence for which sales the rule holds; empty if for all."""
        self.ensure_one()
        parts = [', '.join(self[name].mapped('display_name')) for name in (
            'product_ids', 'categ_ids', 'pricelist_ids', 'country_ids', 'state_ids') if self[name]]
        parts += [dict(self._fields[name]._description_selection(self.env))[self[name]]
                  for name in ('order_kind', 'buyer') if self[name] and self[name] != 'all']
        if self.sold_from:
            parts.append(self.env._('sold from %s', format_date(self.env, self.sold_from)))
        if self.sold_until:
            parts.append(self.env._('sold until %s', format_date(self.env, self.sold_until)))
        sentences = [self.env._('Only for: %s.', '; '.join(parts))] if parts else []
        excluded = [', '.join(self[name].mapped('display_name')) for name in ('except_product_ids', 'except_categ_ids')
                    if self[name]]
        if excluded:
            sentences.append(self.env._('Not for: %s.', '; '.join(excluded)))
        if self.replaces_ids:
            sentences.append(self.env._('Pays instead of: %s.', ', '.join(self.replaces_ids.mapped('name'))))
        return ' '.join(sentences)

    def _scope_to_dict(self):
        scope = super()._scope_to_dict()
        only = dict(scope.get('only', {}))
        for name, field in (('pricelist', 'pricelist_ids'), ('country', 'country_ids'), ('state', 'state_ids')):
            if self[field]:
                only[name] = self[field].ids
        if self.state_ids and not self.country_ids:
            # Who narrows to a state narrows more than who narrows to its country.
            only['country'] = self.state_ids.country_id.ids
        if self.order_kind != 'all':
            only['first'] = [int(self.order_kind == 'first')]
        if self.buyer != 'all':
            only['own'] = [int(self.buyer == 'agent')]
        days = {end: loading.day_number(self[field]) for end, field in (('min', 'sold_from'), ('max', 'sold_until'))
                if self[field]}
        if days:
            only['sold_on'] = days
        without = {}
        if self.except_product_ids:
            without['product'] = self.except_product_ids.ids
        if self.except_categ_ids:
            without['category'] = self.env['product.category'].search([('id', 'child_of', self.except_categ_ids.ids)]).ids
        return {**scope, **({'only': only} if only else {}), **({'except': without} if without else {}),
                **({'replaces': self.replaces_ids.mapped('name')} if self.replaces_ids else {})}
