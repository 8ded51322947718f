# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import get_lang

from .. import engine

# What the engine writes for a number.
NUMBER = re.compile(r'-?\d+\.\d+')
# Numbers that mean a rank, wherever they are declared.
RANK_PARAMS = {'rank', 'min_rank', 'opening_rank'}
# Where the engine finds a wrong value, e.g. params.rates[2].rate
PARAM_PATH = re.compile(r'params\.(?P<param>\w+)(\[(?P<row>\d+)\](\.(?P<column>\w+))?)?')


class MlmPlanRule(models.Model):
    """One way of paying within a plan.

    Which ways there are, and their parameters, is declared in the engine, one file each; the parameters are kept as
    the engine reads them, and the form's widget draws itself from the declaration.
    """
    _name = 'mlm.plan.rule'
    _description = 'Plan Rule'
    _order = 'plan_id, sequence, id'

    plan_id = fields.Many2one('mlm.plan', string='Plan', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='plan_id.company_id')
    sequence = fields.Integer(default=10)
    name = fields.Char(string='Name', required=True, translate=True, help='What the statement calls it.')
    kind = fields.Selection('_selection_kind', string='Way of Paying', required=True, default='level')
    base = fields.Selection(
        [('net', 'Net amount'), ('margin', 'Margin'), ('points', 'Points')],
        string='Base', required=True, default='net')
    product_ids = fields.Many2many(
        'product.product', string='Only Products', help='The rule pays for these alone. Empty: for all.')
    categ_ids = fields.Many2many(
        'product.category', string='Only Categories',
        help='The rule pays for products of these categories, and of those below them. Empty: for all.')
    overlap = fields.Selection(
        [('replace', 'Only the more specific rule pays'), ('add', 'Pays beside the others')],
        string='Where Two Rules of This Kind Hold', required=True, default='replace',
        help='Nothing is paid twice unless both rules are meant to.',
    )
    params = fields.Json(string='Parameters')
    params_declaration = fields.Json(compute='_compute_params_declaration', string='Declaration of the Parameters')
    explanation = fields.Text(compute='_compute_explanation', string='In Words')

    # === COMPUTE METHODS === #

    @api.depends('kind')
    @api.depends_context('lang')
    def _compute_params_declaration(self):
        for rule in self:
            kind = engine.rules.get(rule.kind)
            rule.params_declaration = rule._offer_ranks(self._translate_declaration(
                kind.describe(rule._currency_digits()))) if kind else False

    @api.depends('kind', 'params')
    @api.depends_context('lang')
    def _compute_explanation(self):
        for rule in self:
            kind = engine.rules.get(rule.kind)
            try:
                sentences = kind.explain_rule(rule.params or {}, rule._currency_digits()) if kind else []
            except engine.PlanErrors as errors:
                rule.explanation = '\n'.join(rule._describe_problem(problem) for problem in errors.problems)
            else:
                rule.explanation = ' '.join(
                    self._translate(template) % {name: self._translate(value) for name, value in values.items()}
                    for template, values in sentences)

    # === SELECTION METHODS === #

    @api.model
    def _selection_kind(self):
        return [(kind, self._translate(engine.rules.get(kind).label)) for kind in engine.rules.kinds()]

    # === ONCHANGE METHODS === #

    @api.onchange('kind')
    def _onchange_kind(self):
        """Another way of paying has other parameters: begin with its defaults, and with its name."""
        labels = dict(self._selection_kind())
        if not self.name or self.name in labels.values():
            self.name = labels.get(self.kind)
        self.params = {}

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.plan_id._check_not_frozen({'rule_ids': True})
        return rules

    def write(self, vals):
        if vals.keys() - {'name'}:
            self.plan_id._check_not_frozen({'rule_ids': True})
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_not_paid(self):
        for rule in self:
            if rule.plan_id.has_paid:
                raise UserError(self.env._(
                    'Rule "%(rule)s" of plan "%(plan)s" has paid and cannot be deleted.',
                    rule=rule.name, plan=rule.plan_id.name))

    # === BUSINESS METHODS === #

    @api.private
    def _parsed(self):
        """(the engine's class, its parsed parameters); (None, None) if they cannot be read."""
        self.ensure_one()
        kind, problems = engine.rules.get(self.kind), []
        values = engine.params.parse_all(
            kind.params, self.params or {}, self._currency_digits(), lambda *problem: problems.append(problem)) if kind else {}
        return (kind, values) if kind and not problems else (None, None)

    @api.private
    def _to_dict(self):
        self.ensure_one()
        return {
            'kind': self.kind,
            'name': self.name,
            'base': self.base,
            'params': self.params or {},
            'scope': self._scope_to_dict(),
        }

    @api.private
    def _check_pays_for_sales(self):
        """Refuse rules for what is only bought to join: a commission needs a sale to a customer.

        :raise ValidationError: naming plan, rule and products
        """
        for rule in self:
            joining = rule.product_ids.filtered(lambda product: not product._mlm_earns()).mapped('display_name')
            excluded = self.env['product.category']._mlm_not_commissionable_ids()
            joining += rule.categ_ids.filtered(lambda categ: categ.id in excluded).mapped('complete_name')
            if joining:
                raise ValidationError(self.env._(
                    'A commission needs a sale: rule "%(rule)s" of plan "%(plan)s" would pay for %(products)s, which '
                    'must not earn commission, such as starter kits, memberships and joining fees. Take it out of the '
                    'rule, or make it commissionable if it is sold to customers.',
                    rule=rule.name, plan=rule.plan_id.name, products=', '.join(joining)))

    def _describe_problem(self, problem):
        """Say in the user's language which field is wrong, as the screen calls it, and why."""
        place = problem.path
        found = PARAM_PATH.fullmatch(problem.path)
        declared = {param['name']: param for param in (self.params_declaration or {}).get('params', ())}
        if found and found['param'] in declared:
            param = declared[found['param']]
            column = next((column for column in param['columns'] if column['name'] == found['column']), None)
            place = ', '.join(filter(None, [
                param['label'],
                self.env._('row %s', int(found['row']) + 1) if found['row'] else None,
                column and column['label'],
            ]))
        return ' · '.join(filter(None, [place, self._translate(problem.message) % problem.values]))

    def _scope_to_dict(self):
        """For which sales the rule holds, with ids as codes; see :mod:`engine.scope`."""
        only = {}
        if self.product_ids:
            only['product'] = self.product_ids.ids
        if self.categ_ids:
            only['category'] = self.env['product.category'].search([('id', 'child_of', self.categ_ids.ids)]).ids
        return {'overlap': self.overlap, **({'only': only} if only else {})}

    @api.model
    def _translate(self, term):
        """Translate a term of the engine, whose strings this addon's catalogues hold.

        :param term: an English string, or anything else, which is returned as it is
        """
        return self.env._(term) if term and isinstance(term, str) else term  # pylint: disable=gettext-variable

    @api.model
    def _localize_number(self, text):
        """Write a number of the engine with the user's decimal point; any other text stays."""
        return text.replace('.', get_lang(self.env).decimal_point) if NUMBER.fullmatch(text) else text

    @api.model
    def _translate_declaration(self, declaration):
        """Translate what people see of a declared way of paying or parameter, never what is stored."""
        translated = {
            **declaration,
            **{name: self._translate(declaration[name]) for name in ('label', 'help', 'unit') if name in declaration},
        }
        for name in ('params', 'columns'):
            if name in declaration:
                translated[name] = [self._translate_declaration(item) for item in declaration[name]]
        if 'choices' in declaration:
            translated['choices'] = [[value, self._translate(label)] for value, label in declaration['choices']]
        return translated

    def _offer_ranks(self, declaration):
        """Have the form offer ranks by name where the engine asks for the number of one."""
        ranks = [[rank.level, rank.name] for rank in self.env['mlm.rank'].search(
            [('company_id', 'in', (False, self.company_id.id))])]
        for param in declaration['params'] if ranks else ():
            for field in (param, *param['columns']):
                if field['type'] == 'integer' and field['name'] in RANK_PARAMS:
                    lowest = field['min'] if field['min'] is not None else 1
                    field['choices'] = [
                        *([[-1, self.env._('No rank needed')]] if lowest == -1 else []),
                        *([[0, self.env._('No rank')]] if lowest == 0 else []),
                        *ranks,
                    ]
        return declaration

    def _currency_digits(self):
        return self.plan_id.currency_id.decimal_places if self.plan_id.currency_id else 2
