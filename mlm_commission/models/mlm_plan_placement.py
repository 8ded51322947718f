# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, models
from odoo.exceptions import ValidationError

from .. import engine


class MlmPlan(models.Model):
    """Plans that pay along the placement tree."""
    _inherit = 'mlm.plan'

    # === BUSINESS METHODS === #

    @api.private
    def _climbs_placement(self):
        """Whether some rule pays along the placement tree."""
        self.ensure_one()
        return bool(self._placement_rules())

    def _placement_rules(self):
        kinds = {rule: engine.rules.get(rule.kind) for rule in self.rule_ids}
        return self.rule_ids.filtered(lambda rule: kinds[rule] and kinds[rule].climbs == 'placement')

    @api.private
    def _check_placement(self):
        """Refuse rules that need a placement tree where the company has none, or one of another width.

        :raise ValidationError: naming plan, rule and setting
        """
        for plan in self:
            company = plan.company_id
            for rule in plan._placement_rules():
                names = {'plan': plan.name, 'rule': rule.name, 'company': company.name}
                if company.mlm_placement_strategy == 'off':
                    raise ValidationError(self.env._(
                        'Rule "%(rule)s" of plan "%(plan)s" pays along the placement tree, and %(company)s has none. Choose '
                        'how agents are placed under Settings / Network / Placement first.', **names))
                seats = 2 if rule.kind == 'binary' else (rule.params or {}).get(
                    'width', {param.name: param.default for param in engine.rules.get(rule.kind).params}.get('width'))
                if seats and company.mlm_placement_width > seats:
                    raise ValidationError(self.env._(
                        'Rule "%(rule)s" of plan "%(plan)s" pays for %(seats)s seats under each agent, and agents of '
                        '%(company)s have %(width)s. Adapt the rule, or Settings / Network / Seats under Each Agent.',
                        seats=seats, width=company.mlm_placement_width, **names))
