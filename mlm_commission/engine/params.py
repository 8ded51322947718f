# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Parameters of a rule, declared once.

A rule lists its parameters in its own file. Validation, JSON schema, the description a form needs
and the values the rule calculates with all come from that list. A plan file writes numbers with
decimals (percents, amounts) as strings or JSON numbers; inside the engine they are integers.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from .i18n import _

NUMBER_SCHEMA = {'anyOf': [{'type': 'string', 'pattern': r'^-?[0-9]+(\.[0-9]+)?$'},
                           {'type': 'number'}]}
# Decimals a person may write, by type. An amount has those of the plan's currency.
PLACES = {'percent': 4, 'permille': 3, 'factor': 4, 'points': 2, 'quantity': 3}
UNITS = {'percent': '%', 'permille': '‰', 'points': _('points'), 'quantity': _('units')}
TYPES = ('percent', 'permille', 'factor', 'points', 'quantity', 'amount', 'integer', 'choice',
         'boolean', 'text', 'rules', 'table')


class Invalid(Exception):
    """A value that a parameter refuses: relative path, template, values."""

    def __init__(self, message, values=None, path=''):
        self.message, self.values, self.path = message, values or {}, path
        super().__init__(message)


def decimal_text(value, places):
    """Write an integer count of 10**-places as a decimal without needless zeros.

    :param int value: e.g. 125000
    :param int places: e.g. 4
    :return: e.g. '12.5'
    """
    text = str(abs(value)).rjust(places + 1, '0')
    whole, part = (text[:-places], text[-places:].rstrip('0')) if places else (text, '')
    return ('-' if value < 0 else '') + whole + ('.' + part if part else '')


def fixed_text(value, places):
    """Write an integer count of 10**-places with all its decimals, e.g. '12.50'."""
    text = str(abs(value)).rjust(places + 1, '0')
    sign = '-' if value < 0 else ''
    return f'{sign}{text[:-places]}.{text[-places:]}' if places else sign + text


def parse_decimal(value, places):
    """Read a decimal string or JSON number exactly.

    :return: integer count of 10**-places
    :raise Invalid: not a number, or more decimals than allowed
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise Invalid(_('A number is needed here.'))
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal('NaN')
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise Invalid(_('%(value)s is not a number this field can hold.'), {'value': str(value)})
    scaled = number.scaleb(places)
    if scaled != scaled.to_integral_value():
        raise Invalid(_('%(value)s has more than %(places)s decimals.'),
                      {'value': str(value), 'places': places})
    return int(scaled)


@dataclass(frozen=True)
class Param:
    """One parameter, or one column of a table.

    :param str name: key in the plan file
    :param str type: one of ``TYPES``. Values inside the engine: percent ppm; permille ppm; factor
        ten-thousandths; points hundredths; quantity thousandths; amount minor units; integer;
        choice str; boolean; text str; rules tuple of rule names; table tuple of dicts
    :param str label: what a form shows
    :param str help: one sentence more
    :param default: value as written in a plan file; None makes the parameter compulsory
    :param min: lowest value as written in a plan file (percent: '0' if left out)
    :param max: highest value as written in a plan file (percent: '100' if left out); for a table
        the highest number of rows
    :param choices: tuple of (value, label), for type choice
    :param columns: tuple of `Param`, for type table
    :param ascending: name of a table column whose values must rise from row to row
    """

    name: str
    type: str
    label: str
    help: str = ''
    default: object = None
    min: object = None
    max: object = None
    choices: tuple = ()
    columns: tuple = ()
    ascending: str = ''

    def places(self, digits):
        """Return the number of decimals; digits are those of the currency."""
        return digits if self.type == 'amount' else PLACES.get(self.type, 0)

    def parse(self, value, digits):
        """Return the internal value.

        :param value: as written in a plan file
        :param int digits: decimals of the plan's currency
        :raise Invalid: with a sentence and, inside a table, the path of the cell
        """
        return getattr(self, f'_parse_{self.type}', self._parse_number)(value, digits)

    def dump(self, value, digits):
        """Return an internal value as it is written in a plan file."""
        if self.type == 'table':
            return [{column.name: column.dump(row[column.name], digits) for column in self.columns}
                    for row in value]
        if self.type == 'rules':
            return list(value)
        if self.type in ('integer', 'choice', 'boolean', 'text'):
            return value
        return decimal_text(value, self.places(digits))

    def initial(self, digits):
        """Return the internal value of the default."""
        return self.parse(self.default, digits)

    # === PARSE BY TYPE === #

    def _parse_number(self, value, digits):
        places = self.places(digits)
        number = parse_decimal(value, places)
        low, high = self.limits()
        if low is not None and number < parse_decimal(low, places):
            raise Invalid(_('%(value)s is below the lowest value, %(limit)s.'),
                          {'value': str(value), 'limit': str(low)})
        if high is not None and number > parse_decimal(high, places):
            raise Invalid(_('%(value)s is above the highest value, %(limit)s.'),
                          {'value': str(value), 'limit': str(high)})
        return number

    def limits(self):
        """Return the lowest and the highest value as written in a plan file, None for no limit."""
        low, high = self.min, self.max
        if self.type != 'integer' and low is None:
            low = '0'
        if self.type == 'percent' and high is None:
            high = '100'
        return low, high

    def _parse_choice(self, value, digits):
        allowed = [choice[0] for choice in self.choices]
        if value not in allowed:
            raise Invalid(_('%(value)s is not one of: %(choices)s.'),
                          {'value': str(value), 'choices': ', '.join(allowed)})
        return value

    def _parse_boolean(self, value, digits):
        if not isinstance(value, bool):
            raise Invalid(_('True or false is needed here.'))
        return value

    def _parse_text(self, value, digits):
        if not isinstance(value, str):
            raise Invalid(_('A text is needed here.'))
        return value

    def _parse_rules(self, value, digits):
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
            raise Invalid(_('A list of names of rules is needed here.'))
        return tuple(value)

    def _parse_table(self, value, digits):
        if not isinstance(value, (list, tuple)):
            raise Invalid(_('A list of rows is needed here.'))
        if not value and self.min:
            raise Invalid(_('At least one row is needed.'))
        if self.max is not None and len(value) > self.max:
            raise Invalid(_('There are %(count)s rows, at most %(limit)s are allowed.'),
                          {'count': len(value), 'limit': self.max})
        rows = tuple(self._parse_row(row, position, digits) for position, row in enumerate(value))
        self._check_ascending(rows)
        return rows

    def _parse_row(self, row, position, digits):
        if not isinstance(row, dict):  # the first column alone, as a plain list
            row = {self.columns[0].name: row}
        names = [column.name for column in self.columns]
        for name in row:
            if name not in names:
                raise Invalid(_('%(name)s is not a column; the columns are: %(choices)s.'),
                              {'name': str(name), 'choices': ', '.join(names)}, f'[{position}]')
        parsed = {}
        for column in self.columns:
            place = f'[{position}].{column.name}'
            value = row.get(column.name, column.default)
            if value is None:
                raise Invalid(_('This field must be filled in.'), path=place)
            try:
                parsed[column.name] = column.parse(value, digits)
            except Invalid as error:
                raise Invalid(error.message, error.values, place + error.path) from None
        return parsed

    def _check_ascending(self, rows):
        for position in range(1, len(rows) if self.ascending else 0):
            if rows[position][self.ascending] <= rows[position - 1][self.ascending]:
                raise Invalid(_('This value must be higher than in the row before.'),
                              path=f'[{position}].{self.ascending}')

    # === WHAT OTHERS NEED TO KNOW === #

    def describe(self, digits=2):
        """Return what a form needs to show the field, as plain data."""
        low, high = self.limits() if self.type not in ('choice', 'boolean', 'text', 'rules',
                                                       'table') else (None, self.max)
        return {
            'name': self.name, 'type': self.type, 'label': self.label, 'help': self.help,
            'default': self.default, 'required': self.default is None, 'min': low, 'max': high,
            'unit': UNITS.get(self.type, ''), 'places': self.places(digits),
            'choices': [list(choice) for choice in self.choices],
            'columns': [column.describe(digits) for column in self.columns],
        }

    def schema(self):
        """Return the JSON Schema of the value as written in a plan file."""
        base = {'title': self.label}
        if self.help:
            base['description'] = self.help
        if self.default is not None:
            base['default'] = self.default
        if self.type == 'table':
            row = object_schema(self.columns)
            short = all(column.default is not None for column in self.columns[1:])
            item = {'anyOf': [row, self.columns[0].schema()]} if short else row
            return {**base, 'type': 'array', 'items': item}
        shapes = {
            'integer': {'type': 'integer'}, 'boolean': {'type': 'boolean'},
            'text': {'type': 'string'}, 'choice': {'enum': [choice[0] for choice in self.choices]},
            'rules': {'type': 'array', 'items': {'type': 'string'}},
        }
        return {**base, **shapes.get(self.type, NUMBER_SCHEMA)}


def object_schema(params):
    """Return the JSON Schema of an object with these parameters as its properties."""
    return {
        'type': 'object', 'additionalProperties': False,
        'properties': {param.name: param.schema() for param in params},
        'required': [param.name for param in params if param.default is None],
    }


def parse_all(params, values, digits, problem):
    """Read all parameters of one rule.

    :param params: tuple of `Param`
    :param dict values: as written in a plan file
    :param problem: called with (path, template, values) for every error
    :return: dict name -> internal value; parameters in error are missing
    """
    parsed = {}
    names = [param.name for param in params]
    for name in values:
        if name not in names:
            problem(str(name), _('%(name)s is not a parameter; the parameters are: %(choices)s.'),
                    {'name': str(name), 'choices': ', '.join(names)})
    for param in params:
        value = values.get(param.name, param.default)
        if value is None:
            problem(param.name, _('This field must be filled in.'), {})
            continue
        try:
            parsed[param.name] = param.parse(value, digits)
        except Invalid as error:
            problem(param.name + error.path, error.message, error.values)
    return parsed
