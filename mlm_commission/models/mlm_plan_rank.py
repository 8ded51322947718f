# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import engine
from ..engine.params import decimal_text
from ..engine.ranks import CONDITIONS

# The rank's own name is not a condition.
FIELDS = [param for param in CONDITIONS if param.name != 'name']


class MlmPlanRank(models.Model):
    """What it takes to reach and to keep a rank under one version of a plan.

    The conditions are declared in the engine and kept as the engine reads them, except that a lower rank is meant by its
    level; the form's widget draws itself from the declaration.
    """
    _name = 'mlm.plan.rank'
    _description = 'Rank of a Plan'
    _order = 'plan_id, level, id'
    _rec_name = 'rank_id'

    plan_id = fields.Many2one('mlm.plan', string='Plan', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='plan_id.company_id')
    rank_id = fields.Many2one(
        'mlm.rank', string='Rank', required=True, index=True, ondelete='restrict',
        domain="[('company_id', 'in', (False, company_id))]")
    level = fields.Integer(related='rank_id.level', store=True, string='Rank Level')
    name = fields.Char(related='rank_id.name', string='Name of the Rank')
    conditions = fields.Json(string='Conditions')
    is_kept_otherwise = fields.Boolean(
        string='Easier to Keep', help='Whoever held the rank before stays paid as it under conditions of its own. '
        'Without them keeping a rank takes the same as reaching it.')
    maintenance = fields.Json(string='Conditions for Keeping It')
    shares = fields.Integer(
        string='Shares in Pools', help='So many shares an agent paid as this rank has in pools that are divided by '
        'the shares of each agent.')
    params_declaration = fields.Json(compute='_compute_params_declaration', string='Declaration of the Conditions')
    explanation = fields.Text(compute='_compute_explanation', string='In Words')

    _rank_unique = models.UniqueIndex('(plan_id, rank_id)', 'A plan has each rank once.')
    _shares_positive = models.Constraint('CHECK (shares >= 0)', 'A rank has no negative shares.')

    # === COMPUTE METHODS === #

    @api.depends('company_id')
    @api.depends_context('lang')
    def _compute_params_declaration(self):
        translate = self.env['mlm.plan.rule']._translate_declaration
        for row in self:
            declared = [translate(param.describe(row._digits())) for param in FIELDS]
            lower = [[rank.level, rank.name] for rank in row.plan_id.rank_ids.rank_id.sorted('level')
                     if not row.rank_id or rank.level < row.rank_id.level]
            for param in declared:
                if param['name'] == 'leg_rank':
                    param['choices'] = [[0, self.env._('Any rank')], *lower]
            row.params_declaration = {'params': declared}

    @api.depends('conditions', 'maintenance', 'is_kept_otherwise', 'shares', 'rank_id', 'plan_id.rank_source')
    @api.depends_context('lang')
    def _compute_explanation(self):
        for row in self:
            lines = []
            if row.plan_id.rank_source == 'qualified':
                names = {other.level: other.name for other in row.plan_id.rank_ids}
                lines.append(self._needs(
                    {name: row[name] for name in ('conditions', 'is_kept_otherwise', 'maintenance')}, names, row._digits()))
            if row.shares:
                lines.append(self.env._('One share in pools.') if row.shares == 1
                             else self.env._('%s shares in pools.', row.shares))
            row.explanation = ' '.join(lines)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows.plan_id._check_not_frozen({'rank_ids': True})
        return rows

    def write(self, vals):
        self.plan_id._check_not_frozen({'rank_ids': True})
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_not_paid(self):
        for row in self:
            if row.plan_id.has_paid:
                raise UserError(self.env._(
                    'Plan "%(plan)s" has paid by the rank "%(rank)s" in a closed period, so it stays.',
                    rank=row.name, plan=row.plan_id.name))

    # === BUSINESS METHODS === #

    @api.private
    def _to_dict(self, number, keeping=False):
        """The conditions as the engine reads them.

        :param number: function from the level of a rank to its number in the ladder
        :param keeping: whether those for keeping the rank are meant
        """
        self.ensure_one()
        conditions = (self.maintenance if keeping and self.is_kept_otherwise else self.conditions) or {}
        if isinstance(conditions.get('leg_rank'), int):
            conditions = {**conditions, 'leg_rank': number(conditions['leg_rank'])}
        return {'name': self.rank_id.with_context(lang='en_US').name, **conditions}

    @api.model
    def _needs(self, values, names, digits):
        """Say what it takes to reach a rank and to keep it.

        :param values: {'conditions', 'is_kept_otherwise', 'maintenance'}
        :param names: {level: name} of the ranks of the ladder
        :param digits: decimals of the currency
        """
        lines = [self.env._('Needs %s.', self._say(values['conditions'], names, digits))]
        if values['is_kept_otherwise']:
            lines.append(self.env._(
                'Whoever held it before keeps it with %s.', self._say(values['maintenance'], names, digits)))
        return ' '.join(lines)

    @api.model
    def _say(self, conditions, names, digits):
        """Say what conditions ask for, as parts of a sentence; what is wrong with them, if they cannot be read."""
        problems = []
        translate = self.env['mlm.plan.rule']._translate
        values = engine.params.parse_all(
            FIELDS, conditions or {}, digits, lambda path, message, values: problems.append(
                '%s: %s' % (self._label(path), translate(message) % values)))
        if problems:
            return ' · '.join(problems)
        parts = engine.ranks.say(values, digits, lambda level: names.get(level) or self.env._('rank of any kind'))
        return ', '.join(translate(template) % {
            name: self._number(value) for name, value in texts.items()} for template, texts in parts
        ) or self.env._('nothing')

    def _number(self, text):
        """Write a number of the engine as the user's language does."""
        return self.env['mlm.plan.rule']._localize_number(text) if isinstance(text, str) else text

    def _label(self, name):
        """What the screen calls a condition."""
        labels = {param.name: param.label for param in FIELDS}
        return self.env['mlm.plan.rule']._translate(labels.get(name, name))

    @api.model
    def _amount(self, param, value, digits):
        """Write what an agent has of a condition, or needs of it."""
        if param.type == 'boolean' or param.name == 'active':
            return self.env._('yes') if value else self.env._('no')
        return self._number(decimal_text(value, param.places(digits)))

    def _digits(self):
        return self.plan_id.currency_id.decimal_places if self.plan_id.currency_id else 2
