# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Two versions of a plan side by side."""

from .plan import Plan


def compare(before, after):
    """List what differs between two plans, field by field.

    Rules are matched by name, so moving a rule shows as a change of its place only.

    :param Plan before: one version
    :param Plan after: the other
    :return: list of (rule name or '', path, value before, value after), sorted; values as in a plan
        file, None where there is nothing
    """
    one, two = _flat(before), _flat(after)
    return [(*place, one.get(place), two.get(place)) for place in sorted(one.keys() | two.keys())
            if one.get(place) != two.get(place)]


def _flat(plan: Plan):
    data = plan.to_dict()
    rules = data.pop('rules')
    cells = {('', path): value for path, value in _cells(data, '')}
    for number, rule in enumerate(rules):
        name = rule.pop('name')
        cells[name, 'place'] = number + 1
        cells.update({(name, path): value for path, value in _cells(rule, '')})
    return cells


def _cells(value, path):
    """Yield (path, plain value) for everything inside."""
    if isinstance(value, dict):
        for name in value:
            yield from _cells(value[name], f'{path}.{name}' if path else str(name))
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for number, one in enumerate(value):
            yield from _cells(one, f'{path}[{number}]')
    else:
        yield path, value
