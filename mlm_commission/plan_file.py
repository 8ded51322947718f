# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Plans as files: what the engine reads, with products, categories and ranks by name instead of by number.

A number of a product means nothing in another database; its code does. So a plan can be reviewed, kept in git and
moved from a test to the live system. Documented in `docs/plan-file.md`.
"""
import copy
import json

from . import engine, plan_file_liability, plan_file_scope
from .engine.errors import Problem
from .engine.i18n import _
from .plan_file_ladder import LadderReader
from .plan_file_ranks import THRESHOLDS

FORMAT = 1
KEYS = ('format', 'plan', 'trigger', 'excluded', 'liability', 'ranks')
# Attributes of a sale that a file writes by name, and the model whose records have these names.
NAMED = {'product': 'product.product', 'category': 'product.category'}
# Where a scope names them, and the rule's field.
SCOPE_FIELDS = {
    ('only', 'product'): 'product_ids', ('only', 'category'): 'categ_ids',
    ('except', 'product'): 'except_product_ids', ('except', 'category'): 'except_categ_ids',
}
MISSING = {
    'product': _('There is no product "%(name)s" here.'),
    'category': _('There is no product category "%(name)s" here.'),
    **plan_file_scope.MISSING,
}


def file_schema():
    """Return the JSON Schema (draft 2020-12) of a plan file as a dict."""
    names = {'type': 'array', 'items': {'type': 'string'}, 'minItems': 1}
    plan = engine.plan_schema()
    plan.pop('$schema')
    for rule in plan['properties']['rules']['items']['oneOf']:
        rule['properties']['scope'] = {
            'type': 'object', 'additionalProperties': False,
            'properties': {
                'only': {'type': 'object', 'additionalProperties': False,
                         'properties': {**dict.fromkeys(NAMED, names), **plan_file_scope.schema()}},
                'except': {'type': 'object', 'additionalProperties': False, 'properties': dict.fromkeys(NAMED, names)},
                'overlap': {'enum': ['replace', 'add']},
                'replaces': {'type': 'array', 'items': {'type': 'string'}},
            }}
    return {
        '$schema': 'https://json-schema.org/draft/2020-12/schema',
        'title': 'Plan file', 'type': 'object', 'additionalProperties': False, 'required': ['plan'],
        'properties': {
            'format': {'const': FORMAT},
            'plan': plan,
            'trigger': {'enum': ['invoiced', 'paid'], 'default': 'invoiced'},
            'excluded': {
                'type': 'object', 'additionalProperties': False, 'properties': dict.fromkeys(NAMED, names)},
            'liability': plan_file_liability.schema(),
            'ranks': {'type': 'array', 'items': {
                'type': 'object', 'additionalProperties': False, 'required': ['level', 'name'],
                'properties': {'level': {'type': 'integer', 'minimum': 1, 'maximum': 999},
                               'name': {'type': 'string', 'minLength': 1},
                               'shares': {'type': 'integer', 'minimum': 0}}}},
        },
    }


def record_name(record):
    """The name by which a file refers to a product or a category."""
    record = record.with_context(lang='en_US')
    return record.complete_name if record._name == 'product.category' else record.default_code or record.name


def read_json(content):
    """Read a file.

    :param bytes content: UTF-8
    :return: a dict in the shape of a plan file; a bare plan of the engine, or a scenario, is accepted too
    :raise engine.PlanErrors: if it is no JSON object
    """
    try:
        data = json.loads(content.decode('utf-8-sig'))
    except UnicodeDecodeError:
        raise engine.PlanErrors([Problem('', '', _('The file is not a text in UTF-8.'))]) from None
    except ValueError as error:
        raise engine.PlanErrors([
            Problem('', '', _('The file is no valid JSON: %(reason)s'), {'reason': str(error)})]) from None
    if not isinstance(data, dict):
        raise engine.PlanErrors([Problem('', '', _('The file must hold a JSON object.'))])
    if 'agents' in data and 'plan' in data:
        return {'plan': data['plan']}
    return {'plan': data} if 'rules' in data else data


class PlanFileReader:
    """Turns a plan file into values for records, and collects every problem on the way.

    :param env: environment of the company that gets the plan
    :param dict data: see :func:`read_json`
    :ivar problems: list of :class:`engine.Problem`
    :ivar plan: :class:`engine.Plan`, or None if the file has problems
    """

    def __init__(self, env, data):
        self.env, self.data, self.problems, self.plan = env, data, [], None
        self.found = {}
        self._check_keys()
        resolved = self._resolve(copy.deepcopy(data.get('plan')))
        try:
            self.plan = engine.Plan.parse(resolved)
        except engine.PlanErrors as errors:
            self.problems += errors.problems
        else:
            self._check_fits()
        self.excluded = {
            name: self._records(name, values, '', f'excluded.{name}')
            for name, values in (self._object('excluded') or {}).items() if name in NAMED}
        self.liability = plan_file_liability.LiabilityReader(env, data.get('liability'), self._problem)
        self.shares = {}
        self.ranks = self._ranks()
        self.ladder = LadderReader(
            self.plan.to_dict() if self.plan else {'rules': []}, {name: level for level, name in self.ranks.items()},
            env['mlm.rank'].with_context(lang='en_US')._of_company(env.company), self._problem)
        if self.ladder.levels:
            self.shares = {self.ladder.levels[place]: self.shares[level]
                           for level, place in self._places().items() if level in self.shares}
            self.ranks = {**self.ladder.missing}

    def _places(self):
        """{level in the file: place in the ladder} of the ranks that are in both."""
        names = [row.get('name') for row in self.plan.to_dict()['ranks']['ranks']]
        return {level: names.index(name) for level, name in self.ranks.items() if name in names}

    def _problem(self, rule, path, message, **values):
        self.problems.append(Problem(rule, path, message, values))

    def _object(self, name):
        value = self.data.get(name, {})
        if not isinstance(value, dict):
            self._problem('', name, _('An object is needed here.'))
            return {}
        return value

    def _check_keys(self):
        for given, known, path in (
                (self.data, KEYS, ''), (self.data.get('excluded'), tuple(NAMED), 'excluded.')):
            for name in given if isinstance(given, dict) else ():
                if name not in known:
                    self._problem('', f'{path}{name}', _('%(name)s is not known here; known are: %(choices)s.'),
                                  name=str(name), choices=', '.join(known))
        if self.data.get('format', FORMAT) != FORMAT:
            self._problem('', 'format', _('Version %(version)s of plan files is not known.'),
                          version=str(self.data['format']))
        if self.data.get('trigger', 'invoiced') not in ('invoiced', 'paid'):
            self._problem('', 'trigger', _('%(value)s is not one of: %(choices)s.'),
                          value=str(self.data['trigger']), choices='invoiced, paid')

    def _ranks(self):
        """Return {level: name} of the ranks the file brings along."""
        ranks = {}
        rows = self.data.get('ranks', [])
        for number, row in enumerate(rows if isinstance(rows, list) else [None]):
            if not isinstance(row, dict) or not isinstance(row.get('level'), int) or not 0 < row['level'] < 1000 \
                    or not isinstance(row.get('name'), str) or not row['name'].strip():
                self._problem('', f'ranks[{number}]', _('A rank needs a level from 1 to 999 and a name.'))
            elif row['level'] in ranks:
                self._problem('', f'ranks[{number}].level', _('Two ranks have the level %(level)s.'),
                              level=row['level'])
            else:
                ranks[row['level']] = row['name']
                self._read_shares(row, f'ranks[{number}].shares')
        return ranks

    def _read_shares(self, row, path):
        shares = row.get('shares', 0)
        if not isinstance(shares, int) or isinstance(shares, bool) or shares < 0:
            self._problem('', path, _('Shares are a whole number, not below 0.'))
        elif shares:
            self.shares[row['level']] = shares

    # === NAMES === #

    def _resolve(self, plan):
        """Put numbers in place of names, so that the engine can read the plan."""
        rules = plan.get('rules') if isinstance(plan, dict) else None
        for number, row in enumerate(rules if isinstance(rules, list) else ()):
            scope = row.get('scope') if isinstance(row, dict) else None
            if not isinstance(scope, dict):
                continue
            only, rule = scope.get('only'), str(row.get('name', number + 1))
            if isinstance(only, dict) and plan_file_scope.DAYS in only:
                self._resolve_days(rule, only)
            self._resolve_names(number, rule, 'only', only, (*NAMED, *plan_file_scope.NAMED))
            self._resolve_names(number, rule, 'except', scope.get('except'), NAMED)
        return plan

    def _resolve_names(self, number, rule, key, codes, known):
        for name in [name for name in codes if name in known] if isinstance(codes, dict) else ():
            records = self._records(name, codes[name], rule, f'scope.{key}.{name}')
            self.found[number, key, name] = records
            if name == 'category':
                records = records.search([('id', 'child_of', records.ids)])
            codes[name] = records.ids or [0]

    def _resolve_days(self, rule, only):
        name = plan_file_scope.DAYS
        days = plan_file_scope.read_days(only[name])
        if days is None:
            self._problem(rule, f'scope.only.{name}', _('Dates are needed here, such as {"min": "2026-01-01"}.'))
        only[name] = days or {'min': 0}

    def _records(self, name, values, rule, path):
        model = self.env[NAMED.get(name) or plan_file_scope.NAMED[name][0]].with_context(lang='en_US', active_test=True)
        records = model.browse()
        for position, value in enumerate(values if isinstance(values, list) else [None]):
            if not isinstance(value, str) or not value.strip():
                self._problem(rule, f'{path}[{position}]', _('The name of a record is needed here.'))
                continue
            found = self._search(model, name, value)
            if len(found) != 1:
                self._problem(rule, f'{path}[{position}]', MISSING[name] if not found
                              else _('%(count)s records have the name "%(name)s": give each its own.'),
                              name=value, count=len(found))
            records |= found[:1]
        return records

    def _search(self, model, name, value):
        if name in plan_file_scope.NAMED:
            return plan_file_scope.search(self.env, name, value)
        if name == 'category':
            return model.search([('complete_name', '=', value)])
        company = [('company_id', 'in', (False, self.env.company.id))]
        return model.search([('default_code', '=', value), *company]) or model.search([('name', '=', value), *company])

    # === WHAT RECORDS CAN HOLD === #

    def _check_fits(self):
        """Refuse what a plan in Odoo has no field for, rather than lose it without a word."""
        data, digits = self.plan.to_dict(), self.env.company.currency_id.decimal_places
        if data['currency_digits'] != digits:
            self._problem('', 'currency_digits', _(
                'The plan is for a currency with %(digits)s decimals; the currency of %(company)s has %(own)s.'),
                digits=data['currency_digits'], company=self.env.company.name, own=digits)
        if self.plan.settings.point_value != 10_000:
            self._problem('', 'point_value', _('In Odoo a point is worth one unit of the currency.'))
        bases = dict(self.env['mlm.plan.rule']._fields['base'].selection)
        for rule in data['rules']:
            if rule['base'] not in bases:
                self._problem(rule['name'], 'base', _('%(value)s is not one of: %(choices)s.'),
                              value=rule['base'], choices=', '.join(bases))
            lost = [f'only.{name}' for name in plan_file_scope.lost(rule['scope']['only'])]
            lost += [f'except.{name}' for name in rule['scope']['except'] if name not in NAMED]
            for name in lost:
                self._problem(rule['name'], f'scope.{name}', _('A rule in Odoo cannot hold this part of a scope.'))

    def values(self):
        """The plan as values for :meth:`create`."""
        data = self.plan.to_dict()
        return {
            'name': data['name'],
            'company_id': self.env.company.id,
            'trigger': self.data.get('trigger', 'invoiced'),
            'rounding_mode': data['rounding']['mode'],
            'rounding_unit': data['rounding']['unit'],
            **self.ladder.values(),
            **{field: float(data['activity'][name]) for name, field in THRESHOLDS.items() if 'activity' in data},
            **{field: [(6, 0, self.excluded[name].ids)] for name, field in (
                ('product', 'excluded_product_ids'), ('category', 'excluded_categ_ids')) if self.excluded.get(name)},
            'rule_ids': [(0, 0, {
                'sequence': 10 * (number + 1),
                'name': rule['name'],
                'kind': rule['kind'],
                'base': rule['base'],
                'params': self.ladder.params(rule['params']),
                'overlap': rule['scope']['overlap'],
                **{field: [(6, 0, self.found[number, *place].ids)] for place, field in SCOPE_FIELDS.items()
                   if (number, *place) in self.found},
                **plan_file_scope.values(rule['scope']['only'], {
                    name: records for (row, key, name), records in self.found.items() if (row, key) == (number, 'only')}),
            }) for number, rule in enumerate(data['rules'])],
        }

    def replaced(self):
        """{place of a rule: places of the rules in whose stead it pays}."""
        rules = self.plan.to_dict()['rules'] if self.plan else []
        places = {rule['name']: place for place, rule in enumerate(rules)}
        return {place: [places[name] for name in rule['scope']['replaces']]
                for place, rule in enumerate(rules) if rule['scope']['replaces']}

    def rank_rows(self, ranks):
        """The ladder of the plan, and what ranks are worth in pools, as commands for its field.

        :param ranks: `mlm.rank` records of the company
        """
        by_level = {rank.level: rank.id for rank in ranks}
        rows = dict(self.ladder.rows()) or {level: {} for level in self.shares}
        return [(0, 0, {**values, 'rank_id': by_level[level], 'shares': self.shares.get(level, 0)})
                for level, values in rows.items() if level in by_level]

    def rank_words(self, plan, translate=str):
        """The ranks as a person reads them before anything is kept.

        :param plan: `mlm.plan` record, for its currency and language
        :param translate: function from the name of a rank in the file to what is shown
        :return: list of (level, name, what it takes)
        """
        if not self.ladder.levels:
            return [(level, translate(name), '') for level, name in sorted(self.ranks.items())]
        rows = plan.env['mlm.plan.rank']
        names = dict(zip(self.ladder.levels, (translate(row['name']) for row in self.ladder.ladder['ranks'])))
        return [(level, names[level], rows._needs(values, names, plan.currency_id.decimal_places))
                for level, values in self.ladder.rows()]
