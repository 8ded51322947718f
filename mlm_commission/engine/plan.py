# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""A plan: data that is checked as a whole, written back canonically, and never code."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from . import checks
from . import rules as catalogue
from . import scope as scopes
from .activity import Activity
from .errors import PlanErrors, Problem
from .i18n import _
from .money import Rounding
from .params import parse_all
from .ranks import Ladder
from .schema import plan_schema
from .scope import Scope
from .settings import ROUNDING, SCHEMA, SETTINGS, Settings

__all__ = ['Plan', 'Settings', 'plan_schema']

@dataclass(frozen=True)
class Plan:
    """Rules that pay together.

    :param str name: what people call it
    :param Settings settings: currency and rounding
    :param tuple rules: `Rule` instances in the order of the plan
    :param Ladder ladder: the ranks, or None
    :param Activity activity: what makes an agent active in a period
    """

    name: str
    settings: Settings
    rules: tuple
    ladder: Ladder = None
    activity: Activity = Activity()

    @classmethod
    def parse(cls, data):
        """Read a plan.

        :param dict data: as written in a plan file, see `plan_schema`
        :raise PlanErrors: with every problem found
        """
        reader = _Reader(data if isinstance(data, dict) else {})
        if not isinstance(data, dict):
            reader.problem('', '', _('A plan must be an object.'), {})
        plan = cls(reader.name(), reader.settings(), reader.rules(),
                   reader.ladder(), reader.activity())
        if not reader.problems:
            plan.check(reader.problem)
        if reader.problems:
            raise PlanErrors(reader.problems)
        return plan

    def check(self, problem):
        """Report what only the plan as a whole can know.

        :param problem: called with (rule, path, template, values)
        """
        scopes.check(self.rules, problem)
        checks.check_references(self.rules, problem)
        checks.check_payout(self.rules, problem)
        checks.check_recruiting(self.rules, self.ladder, problem)
        for rule in self.rules:
            rule.check(lambda path, message, values, rule=rule: problem(
                rule.name, path, message, values))

    @cached_property
    def sources(self):
        """Tuple by rule: positions of the rules whose payments it reads."""
        place = {rule.name: rule.ordinal for rule in self.rules}
        return tuple(tuple(sorted(place[name] for name in rule.refers_to(self.rules)))
                     for rule in self.rules)

    @cached_property
    def order(self):
        """Positions in the order of calculation: a rule comes after those it reads."""
        waiting = sorted(self.rules, key=lambda rule: (
            rule.scope_of_run == 'period', rule.stage, rule.ordinal))
        result = []
        while waiting:
            rule = next(rule for rule in waiting
                        if set(self.sources[rule.ordinal]) <= set(result))
            waiting.remove(rule)
            result.append(rule.ordinal)
        return tuple(result)

    @property
    def rounding(self):
        """How the plan rounds."""
        return self.settings.rounding

    def to_dict(self):
        """Return the plan as it is written in a plan file, defaults filled in."""
        digits = self.settings.currency_digits
        return {
            'schema': SCHEMA, 'name': self.name, 'currency_digits': digits,
            'point_value': SETTINGS[1].dump(self.settings.point_value, digits),
            'rounding': {'mode': self.rounding.mode, 'unit': self.rounding.unit},
            'rules': [rule.to_dict() for rule in self.rules],
            **({'ranks': self.ladder.to_dict()} if self.ladder else {}),
            **({'activity': self.activity.to_dict(digits)} if self.activity else {}),
        }

    def to_json(self):
        """Return the canonical bytes: sorted keys, no blanks, UTF-8."""
        return json.dumps(self.to_dict(), sort_keys=True, separators=(',', ':'),
                          ensure_ascii=False).encode()

    def digest(self):
        """Return the SHA-256 of the canonical bytes as hexadecimal digits."""
        return hashlib.sha256(self.to_json()).hexdigest()


class _Reader:
    """Reads a plan file and collects every problem."""

    def __init__(self, data):
        self.data, self.problems = data, []
        known = ('schema', 'name', 'currency_digits', 'point_value', 'rounding', 'rules',
                 'ranks', 'activity')
        for key in data:
            if key not in known:
                self.problem('', str(key), _('%(name)s is not known here; known are: %(choices)s.'),
                             {'name': str(key), 'choices': ', '.join(known)})
        if data.get('schema', SCHEMA) != SCHEMA:
            self.problem('', 'schema', _('Version %(version)s of plan files is not known.'),
                         {'version': str(data['schema'])})

    def problem(self, rule, path, message, values):
        self.problems.append(Problem(rule, path, message, values))

    def name(self):
        name = self.data.get('name')
        if not isinstance(name, str) or not name.strip():
            self.problem('', 'name', _('The plan needs a name.'), {})
        return name

    def settings(self):
        own = {param.name: self.data[param.name] for param in SETTINGS if param.name in self.data}
        values = parse_all(SETTINGS, own, 2, lambda path, message, extra: self.problem(
            '', path, message, extra))
        rounding = self.data.get('rounding', {})
        if not isinstance(rounding, dict):
            self.problem('', 'rounding', _('An object is needed here.'), {})
            rounding = {}
        parts = parse_all(ROUNDING, rounding, 2, lambda path, message, extra: self.problem(
            '', f'rounding.{path}', message, extra))
        self._settings = Settings(values.get('currency_digits', 2), Rounding(**parts),
                                  values.get('point_value', 10_000))
        return self._settings

    def ladder(self):
        if 'ranks' not in self.data:
            return None
        try:
            return Ladder.parse(self.data['ranks'], self._settings.currency_digits)
        except PlanErrors as error:
            self.problems.extend(error.problems)
            return None

    def activity(self):
        return Activity.parse(
            self.data.get('activity', {}), self._settings.currency_digits,
            lambda path, message, values: self.problem(
                '', f'activity.{path}'.rstrip('.'), message, values))

    def rules(self):
        rows = self.data.get('rules')
        if not isinstance(rows, list) or not rows:
            self.problem('', 'rules', _('A plan needs at least one rule.'), {})
            return ()
        result = [self._rule(row, ordinal) for ordinal, row in enumerate(rows)]
        names = [rule.name for rule in result if rule]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.problem(name, 'name', _('Two rules have the name %(name)s.'), {'name': name})
        return tuple(result)

    def _rule(self, row, ordinal):
        if not isinstance(row, dict):
            self.problem('', f'rules[{ordinal}]', _('An object is needed here.'), {})
            return None
        kind = catalogue.get(row.get('kind')) if isinstance(row.get('kind'), str) else None
        name = row.get('name', kind and f'{kind.label} {ordinal + 1}')
        if not isinstance(name, str) or not name.strip():
            self.problem('', f'rules[{ordinal}].name', _('A rule needs a name.'), {})
            name = f'#{ordinal + 1}'

        def problem(path, message, values):
            self.problem(name, path, message, values)

        self._check_keys(row, problem)
        if not kind:
            problem('kind', _('%(value)s is not one of: %(choices)s.'), {
                'value': str(row.get('kind')), 'choices': ', '.join(catalogue.kinds())})
            return None
        base = row.get('base', kind.bases[0])
        if base not in kind.bases:
            problem('base', _('%(value)s is not one of: %(choices)s.'),
                    {'value': str(base), 'choices': ', '.join(kind.bases)})
        values = self._params(kind, row.get('params', {}), problem)
        scope = Scope.parse(row.get('scope', {}), lambda path, message, extra: problem(
            f'scope.{path}' if path else 'scope', message, extra))
        return kind(ordinal, name, base, values, scope, self._settings)

    def _params(self, kind, params, problem):
        if not isinstance(params, dict):
            problem('params', _('An object is needed here.'), {})
            return {}
        return parse_all(kind.params, params, self._settings.currency_digits,
                         lambda path, message, extra: problem(f'params.{path}', message, extra))

    @staticmethod
    def _check_keys(row, problem):
        known = ('kind', 'name', 'base', 'params', 'scope')
        for key in row:
            if key not in known:
                problem(str(key), _('%(name)s is not known here; known are: %(choices)s.'),
                        {'name': str(key), 'choices': ', '.join(known)})

