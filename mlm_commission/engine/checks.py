# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What only the plan as a whole can get wrong: paying out more than there is, references."""

from .i18n import _
from .money import PPM
from .rule import percent
from .scope import find_circle, replacers


def check_payout(rules, problem):
    """Report rules that together could pay more than the base of one sale.

    No rule may by itself. Together only rules with a known highest rate count, only on the same
    base, and only if their scopes can hold for one sale; a rule that pays a share of what others
    paid counts with that share of their rates. A rule that caps everything by volume makes the
    check of all together needless.

    :param rules: the rules of a plan, in order
    :param problem: called with (rule, path, template, values)
    """
    most = {rule.ordinal: rule.ceiling_after(rules) for rule in rules}
    known = [rule for rule in rules if most[rule.ordinal] and most[rule.ordinal][1]]
    alone = [rule for rule in known if most[rule.ordinal][1] > PPM]
    for rule in alone:
        table = next((param.name for param in rule.params if param.type == 'table'), 'rate')
        problem(rule.name, f'params.{table}', _('The rates add up to %(rate)s %%, more than the '
                                                'base.'), {'rate': percent(most[rule.ordinal][1])})
    if alone or any(rule.caps_volume() for rule in rules):
        return
    replaced = replacers(rules)

    def together(one, two):
        return (most[one.ordinal][0] == most[two.ordinal][0] and not one.scope.disjoint(two.scope)
                and one.ordinal not in replaced[two.ordinal]
                and two.ordinal not in replaced[one.ordinal])

    total, worst = _heaviest(known, {rule: most[rule.ordinal][1] for rule in known}, together)
    if total > PPM and len(worst) > 1:
        problem(worst[-1].name, 'params', _('The rules %(rules)s can pay %(rate)s %% of the same '
                                            'base together. Lower the rates or add a cap.'),
                {'rules': ', '.join(rule.name for rule in worst), 'rate': percent(total)})


def _heaviest(rules, most, together):
    """Return (sum, rules) of the set with the highest sum in which all hold together."""
    best = (0, [])
    stack = [(0, [], rules)]
    while stack:
        total, chosen, rest = stack.pop()
        best = max(best, (total, chosen), key=lambda pair: pair[0])
        if total + sum(most[rule] for rule in rest) <= best[0]:
            continue
        first, later = rest[0], rest[1:]
        stack.append((total, chosen, later))
        stack.append((total + most[first], [*chosen, first],
                      [rule for rule in later if together(first, rule)]))
    return best


VOLUMES = ('personal_points', 'personal_value', 'group_points', 'group_value', 'customers')


def check_recruiting(rules, ladder, problem):
    """Refuse an amount for a rank that asks for people and for no sale.

    :param rules: the rules of a plan, in order
    :param Ladder ladder: the ranks of the plan, or None
    :param problem: called with (rule, path, template, values)
    """
    by_people = []
    for number, row in enumerate(ladder.rows if ladder else ()):
        if any(row[name] for name in VOLUMES) or (row['legs'] and row['leg_points']):
            break  # a rank needs the conditions of those below it too
        if row['legs'] or row['ranked_legs']:
            by_people.append(number)
    for rule in rules:
        for place, row in enumerate(rule.values.get('amounts', ())):
            if rule.kind == 'rank_advance' and row['rank'] in by_people:
                problem(rule.name, f'params.amounts[{place}].rank', _(
                    'The rank %(rank)s asks for people and for no sales, so this would pay for '
                    'recruiting. Add points, sales or customers to its conditions.'),
                    {'rank': ladder.rows[row['rank']]['name']})


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
