# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Where the parameters of rules mean a rank, and which fields hold what makes an agent active."""
from .engine.activity import ACTIVITY
from .models.mlm_plan_rule import RANK_PARAMS

# The engine's thresholds and the fields of a plan that hold them.
THRESHOLDS = {param.name: 'activity_%s' % param.name for param in ACTIVITY}


def _is_rank(name, value):
    return name in RANK_PARAMS and isinstance(value, int) and not isinstance(value, bool)


def rank_numbers(data):
    """Find the ranks that the rules of a plan refer to.

    :param dict data: a plan as the engine reads it
    :return: set of int, none below 0
    """
    found = set()

    def look(value):
        if isinstance(value, dict):
            for name, inner in value.items():
                if _is_rank(name, inner):
                    found.add(inner)
                else:
                    look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    look([rule.get('params') for rule in data['rules']])
    return {number for number in found if number >= 0}


def renumbered(value, number):
    """Have the parameters of a rule refer to ranks by other numbers.

    :param value: parameters, or part of them
    :param number: function from the number there is, -1 for no rank, to the new one
    """
    if isinstance(value, list):
        return [renumbered(inner, number) for inner in value]
    if not isinstance(value, dict):
        return value
    return {name: number(inner) if _is_rank(name, inner) else renumbered(inner, number) for name, inner in value.items()}
