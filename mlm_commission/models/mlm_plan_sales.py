# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, models
from odoo.exceptions import ValidationError

from .. import engine


class MlmPlan(models.Model):
    """What a plan needs to know of sales beside amounts, products and categories, and which rules pay instead of others."""
    _inherit = 'mlm.plan'

    # === CRUD METHODS === #

    def copy(self, default=None):
        copies = super().copy(default)
        for plan, copied in zip(self, copies):
            # Rules are copied in the order in which they were made.
            own = dict(zip(plan.rule_ids.sorted('id'), copied.rule_ids.sorted('id')))
            for rule, twin in own.items():
                if rule.replaces_ids:
                    twin.replaces_ids = twin.browse().union(*(own[other] for other in rule.replaces_ids))
        return copies

    # === BUSINESS METHODS === #

    @api.private
    def _sale_attributes(self):
        """The attributes of sales that the rules look at.

        :rtype: set of str, see `loading.EXTRAS`
        """
        self.ensure_one()
        names = set()
        for rule in self.rule_ids:
            scope = rule._scope_to_dict()
            names.update(scope.get('only', ()), scope.get('except', ()))
            names.add(rule.base)
            names.update((rule.params or {}).get(param.name, param.default)
                         for param in engine.rules.get(rule.kind).params if param.name == 'measure')
            if rule.kind == 'fast_start':
                names.add('seller_days')
        return names

    @api.private
    def _limited_fast_start(self):
        """The rule for new agents that has limits, as the engine reads it, or None."""
        self.ensure_one()
        limited = self._limited_rules()
        return self._parse().rules[self.rule_ids.ids.index(limited[0].id)] if limited else None

    def _limited_rules(self):
        def has_limit(row):
            return isinstance(row, dict) and float(row.get('max_amount') or 0)
        return self.rule_ids.filtered(lambda rule: rule.kind == 'fast_start' and any(
            map(has_limit, (rule.params or {}).get('rates') or ())))

    @api.private
    def _check_limits(self):
        """Refuse two rules with limits for new agents: what was sold before is counted for one.

        :raise ValidationError: naming plan and rules
        """
        for plan in self:
            limited = plan._limited_rules()
            if len(limited) > 1:
                raise ValidationError(self.env._(
                    'Plan "%(plan)s" has two fast starts with limits, "%(one)s" and "%(two)s". Keep limits in one of them.',
                    plan=plan.name, one=limited[0].name, two=limited[1].name))
