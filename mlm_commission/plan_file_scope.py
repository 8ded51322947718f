# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""For which sales a rule holds, as a plan file writes it: price lists, countries, states by name or code, days as dates.

See :mod:`plan_file` for products and categories.
"""
from datetime import date, timedelta

from . import loading
from .engine.i18n import _

# Attributes of a sale that a scope writes by name, the model whose records have these names, and the rule's field.
NAMED = {
    'pricelist': ('product.pricelist', 'pricelist_ids'),
    'country': ('res.country', 'country_ids'),
    'state': ('res.country.state', 'state_ids'),
}
MISSING = {
    'pricelist': _('There is no pricelist "%(name)s" here.'),
    'country': _('There is no country "%(name)s" here; countries are named by their code, such as DE.'),
    'state': _('There is no state "%(name)s" here; states are named by country and code, such as US-NY.'),
}
# Attributes that are yes or no, the rule's field, and what it is for no and for yes.
FLAGS = {'first': ('order_kind', ('repeat', 'first')), 'own': ('buyer', ('customer', 'agent'))}
DAYS = 'sold_on'
KNOWN = (*NAMED, *FLAGS, DAYS)


def record_name(record):
    """The name by which a file refers to a price list, a country or a state."""
    if record._name == 'res.country.state':
        country = record.country_id.code
        return record.code if record.code.startswith(f'{country}-') else f'{country}-{record.code}'
    return record.code if record._name == 'res.country' else record.with_context(lang='en_US').name


def search(env, name, value):
    """Find the records that a file names.

    :param env: environment of the company that gets the plan
    """
    if name == 'pricelist':
        return env['product.pricelist'].with_context(lang='en_US').search(
            [('name', '=', value), ('company_id', 'in', (False, env.company.id))])
    if name == 'country':
        return env['res.country'].search([('code', '=', value)])
    country, _dash, code = value.partition('-')
    return env['res.country.state'].search([('country_id.code', '=', country), ('code', 'in', (code, value))])


def to_file(rule, only):
    """Put names and dates in place of the numbers of a rule's scope.

    :param rule: `mlm.plan.rule` record
    :param dict only: as :meth:`_scope_to_dict` writes it; changed in place
    """
    for name, (_model, field) in NAMED.items():
        only.pop(name, None)
        if rule[field]:
            only[name] = sorted(map(record_name, rule[field]))
    if DAYS in only:
        only[DAYS] = {end: str(day) for end, day in (('min', rule.sold_from), ('max', rule.sold_until)) if day}


def read_days(value):
    """Read first and last day of a scope.

    :param value: {'min': ISO date, 'max': ISO date}, either left out
    :return: the same with the engine's numbers of days; None if that is no such object
    """
    try:
        return {end: loading.day_number(date.fromisoformat(day)) for end, day in value.items()} \
            if value and value.keys() <= {'min', 'max'} else None
    except (AttributeError, TypeError, ValueError):
        return None


def lost(only):
    """The attributes of a scope that a rule in Odoo has no field for, or not for this value."""
    return [name for name, codes in only.items()
            if name not in ('product', 'category', *KNOWN) or (name in FLAGS and codes not in ([0], [1]))]


def values(only, found):
    """Values for a rule's fields.

    :param dict only: the scope as the engine reads it
    :param dict found: {name: records} of what was named
    """
    first_day = date(2000, 1, 1)
    result = {field: [(6, 0, found[name].ids)] for name, (_model, field) in NAMED.items() if name in found}
    result.update({field: words[only[name][0]] for name, (field, words) in FLAGS.items()
                   if only.get(name) in ([0], [1])})
    result.update({field: first_day + timedelta(days=only[DAYS][end]) for end, field in (
        ('min', 'sold_from'), ('max', 'sold_until')) if end in only.get(DAYS, ())})
    return result


def schema():
    """Return the properties of ``only`` in a JSON Schema."""
    names = {'type': 'array', 'items': {'type': 'string'}, 'minItems': 1}
    day = {'type': 'string', 'format': 'date'}
    return {
        **dict.fromkeys(NAMED, names), **dict.fromkeys(FLAGS, {'enum': [[0], [1]]}),
        DAYS: {'type': 'object', 'additionalProperties': False, 'minProperties': 1, 'properties': {'min': day, 'max': day}}}
