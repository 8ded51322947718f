# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The terms of liability of a plan, in its file: what is taken back when a sale is credited, and what is held back."""
from decimal import Decimal, InvalidOperation

from odoo import fields

from . import engine
from .engine.i18n import _
from .engine.liability import KINDS, Liability

PERCENT = {'type': ['string', 'number']}


def schema():
    """The JSON Schema of this part of a file."""
    number = {'type': 'integer', 'minimum': 0}
    return {
        'type': 'object', 'additionalProperties': False, 'required': ['name', 'kind'],
        'properties': {
            'name': {'type': 'string', 'minLength': 1},
            'kind': {'enum': list(KINDS)},
            'months': number,
            'steps': {'type': 'array', 'items': {
                'type': 'object', 'additionalProperties': False, 'required': ['months', 'percent'],
                'properties': {'months': {'type': 'integer', 'minimum': 1}, 'percent': PERCENT}}},
            'payments': number,
            'gradual': {'type': 'boolean'},
            'last_day': {'type': 'string', 'format': 'date'},
            'reserve': PERCENT,
        },
    }


def to_file(liability):
    """Return the terms as a file holds them; what does not apply is left out."""
    liability = liability.with_context(lang='en_US')
    data = {
        'name': liability.name, 'kind': liability.kind, 'months': liability.months if liability.kind in ('full', 'time') else 0,
        'steps': [{'months': step.months, 'percent': _percent_text(step.percent)} for step in liability.step_ids.sorted('months')]
        if liability.kind == 'steps' else [],
        'payments': liability.payments if liability.kind == 'payments' else 0,
        'gradual': liability.kind == 'payments' and liability.gradual,
        'last_day': liability.last_day and liability.last_day.isoformat(),
        'reserve': liability.reserve_rate and _percent_text(liability.reserve_rate),
    }
    return {name: value for name, value in data.items() if value}


def _percent_text(value):
    return f'{value:.2f}'.rstrip('0').rstrip('.')


class LiabilityReader:
    """Reads the terms, and tells every problem on the way.

    :param env: environment of the company that gets the plan
    :param data: what the file says, of whatever shape; None for nothing
    :param problem: function of (rule, path, message, **values)
    :ivar values: values for a record, or None
    """

    def __init__(self, env, data, problem):
        self.env, self.data, self._problem, self.values = env, data, problem, None
        if data is None:
            return
        if not isinstance(data, dict):
            problem('', 'liability', _('An object is needed here.'))
            return
        self.bad = False
        self._check_keys()
        values = {
            'name': self._read('name', str, '', _('A name is needed here.'), needed=True),
            'kind': self._read('kind', str, '', _('%(value)s is not one of: %(choices)s.'), needed=True, choices=KINDS),
            'months': self._read('months', int, 0, _('A whole number is needed here, not below 0.')),
            'payments': self._read('payments', int, 0, _('A whole number is needed here, not below 0.')),
            'gradual': self._read('gradual', bool, False, _('true or false is needed here.')),
            'last_day': self._read_day(),
            'reserve_rate': float(self._read_percent(data.get('reserve', 0), 'reserve') or 0),
        }
        steps = self._read_steps()
        if not self.bad:
            self._finish(values, steps)

    def _wrong(self, path, message, **values):
        self.bad = True
        self._problem('', f'liability.{path}', message, **values)

    def _check_keys(self):
        known = list(schema()['properties'])
        for name in self.data:
            if name not in known:
                self._wrong(name, _('%(name)s is not known here; known are: %(choices)s.'),
                            name=str(name), choices=', '.join(known))

    def _read(self, name, kind, default, message, needed=False, choices=None):
        value = self.data.get(name, default)
        right = type(value) is kind and not (kind is int and value < 0)
        if not right or (needed and not value) or (choices and value not in choices):
            self._wrong(name, message, value=str(value), choices=', '.join(choices or ()))
            return default
        return value

    def _read_day(self):
        value = self.data.get('last_day')
        try:
            return fields.Date.to_date(value) if value is not None else None
        except (ValueError, TypeError):
            self._wrong('last_day', _('A date is needed here, such as "2026-12-31".'))
            return None

    def _read_percent(self, value, path):
        try:
            percent = Decimal(str(value))
        except InvalidOperation:
            percent = Decimal('NaN')
        if isinstance(value, bool) or not percent.is_finite() or not 0 <= percent <= 100 or percent != round(percent, 2):
            self._wrong(path, _('A percentage from 0 to 100 with at most two decimals is needed here.'))
            return None
        return percent

    def _read_steps(self):
        rows, steps = self.data.get('steps', []), []
        for number, row in enumerate(rows if isinstance(rows, list) else [None]):
            path = f'steps[{number}]'
            if not isinstance(row, dict) or row.keys() != {'months', 'percent'} or type(row['months']) is not int:
                self._wrong(path, _('A step needs months, a whole number, and percent.'))
            else:
                steps.append((row['months'], self._read_percent(row['percent'], f'{path}.percent') or Decimal()))
        return steps

    def _finish(self, values, steps):
        """Keep the values if the engine finds the terms complete."""
        used = {'full': ('months',), 'time': ('months',), 'payments': ('payments', 'gradual')}.get(values['kind'], ())
        try:
            Liability(
                values['kind'], steps=tuple(sorted((months, int(percent * 100)) for months, percent in steps))
                if values['kind'] == 'steps' else (), last_day=values['last_day'], **{name: values[name] for name in used})
        except engine.EngineError:
            self._wrong('kind', _('These terms of liability are not complete.'))
            return
        self.values = {**values, 'step_ids': [
            (0, 0, {'months': months, 'percent': float(percent)}) for months, percent in steps]}

    def record(self):
        """The terms of the same name and content, made if there are none.

        :return: `mlm.liability` record, empty if the file names none
        """
        liabilities = self.env['mlm.liability'].with_context(lang='en_US')
        if not self.values:
            return liabilities
        made = liabilities.new(self.values)
        same = liabilities.search([('name', '=', self.values['name'])]).filtered(
            lambda known: to_file(known) == to_file(made))
        return same[:1] or liabilities.create(self.values)
