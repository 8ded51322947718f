# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What only the plan as a whole can get wrong: paying out more than there is, references."""

from .i18n import _
from .money import PPM
from .rule import percent
from .scope import find_circle, replacers


def check_payout(rules, problem):
    """Report rules that together could pay more than the base of one sale.

    Only rules with a known highest rate count, only on the same base, and only if their scopes can
    hold for one sale. A rule that caps everything by volume makes the check needless.

    :param rules: the rules of a plan, in order
    :param problem: called with (rule, path, template, values)
    """
    if any(rule.caps_volume() for rule in rules):
        return
    known = [rule for rule in rules if rule.ceiling()]
    replaced = replacers(rules)

    def together(one, two):
        return (one.base == two.base and not one.scope.disjoint(two.scope)
                and one.ordinal not in replaced[two.ordinal]
                and two.ordinal not in replaced[one.ordinal])

    total, worst = _heaviest(known, together)
    if total > PPM and len(worst) > 1:
        problem(worst[-1].name, 'params', _('The rules %(rules)s can pay %(rate)s %% of the same '
                                            'base together. Lower the rates or add a cap.'),
                {'rules': ', '.join(rule.name for rule in worst), 'rate': percent(total)})


def _heaviest(rules, together):
    """Return (sum, rules) of the set with the highest sum in which all hold together."""
    best = (0, [])
    stack = [(0, [], rules)]
    while stack:
        total, chosen, rest = stack.pop()
        best = max(best, (total, chosen), key=lambda pair: pair[0])
        if total + sum(rule.ceiling() for rule in rest) <= best[0]:
            continue
        first, later = rest[0], rest[1:]
        stack.append((total, chosen, later))
        stack.append((total + first.ceiling(), [*chosen, first],
                      [rule for rule in later if together(first, rule)]))
    return best


def check_references(rules, problem):
    """Report names of rules that lead nowhere, too late, or in a circle.

    :param rules: the rules of a plan, in order
    :param problem: called with (rule, path, template, values)
    """
    kinds = {rule.name: rule.scope_of_run for rule in rules}
    graph = {rule.name: rule.refers_to(rules) for rule in rules}
    for rule in rules:
        for number, name in enumerate(graph[rule.name]):
            path = f'params.reads[{number}]'
            if name not in kinds:
                problem(rule.name, path, _('There is no other rule with the name %(name)s.'),
                        {'name': name})
            elif rule.scope_of_run == 'sale' and kinds[name] == 'period':
                problem(rule.name, path, _('%(name)s is only known at the end of the period.'),
                        {'name': name})
    for name in find_circle(graph):
        problem(name, 'params.reads', _('Rules refer to each other in a circle.'), {})
