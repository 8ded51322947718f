# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Errors of the engine: a translatable sentence, its values, and the record and field at fault."""

from dataclasses import dataclass, field


class EngineError(ValueError):
    """Bad input.

    :param str message: English template with ``%(name)s`` placeholders
    :param dict values: values of the placeholders
    :param record: external id of the record at fault (agent, sale, rule), if there is one
    :param str field: name of the field at fault, if there is one
    """

    def __init__(self, message, values=None, record=None, field=None):
        self.message = message
        self.values = dict(values or {})
        self.record = record
        self.field = field
        super().__init__(message % self.values)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a plan.

    :param str rule: name of the rule, or an empty string for the plan itself
    :param str path: path of the field, e.g. ``params.rates[2].rate``
    :param str message: English template with ``%(name)s`` placeholders
    :param dict values: values of the placeholders
    """

    rule: str
    path: str
    message: str
    values: dict = field(default_factory=dict)

    def __str__(self):
        place = ' / '.join(part for part in (self.rule, self.path) if part)
        text = self.message % self.values
        return f'{place}: {text}' if place else text


class PlanErrors(EngineError):
    """All problems of one plan, found in one pass.

    :param list problems: the `Problem` records, at least one
    """

    def __init__(self, problems):
        self.problems = list(problems)
        first = self.problems[0]
        super().__init__('%(text)s', {'text': '\n'.join(str(problem) for problem in self.problems)},
                         record=first.rule or None, field=first.path or None)
