# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""For which sales a rule holds, and which rule wins where two of them hold."""

from dataclasses import dataclass

import numpy as np

from .i18n import _

KEYS = ('only', 'except', 'overlap', 'replaces')
OVERLAPS = ('replace', 'add')
# Attribute of sales that are joining fees: not 0. No rule pays for them.
ENROLMENT = 'enrolment'


@dataclass(frozen=True)
class Codes:
    """A set of codes of one attribute: a list, or everything from low to high.

    :param tuple listed: ascending codes, or None
    :param int low: lowest code, or None for no limit
    :param int high: highest code, or None for no limit
    """

    listed: tuple = None
    low: int = None
    high: int = None

    def mask(self, codes):
        """Return a bool array: which codes belong to the set."""
        if self.listed is not None:
            return np.isin(codes, np.array(self.listed, dtype=np.int64))
        result = np.ones(len(codes), dtype=bool)
        if self.low is not None:
            result &= codes >= self.low
        if self.high is not None:
            result &= codes <= self.high
        return result

    def disjoint(self, other):
        """Tell whether no code belongs to both sets."""
        if self.listed is not None and other.listed is not None:
            return not set(self.listed) & set(other.listed)
        if self.listed is None and other.listed is None:
            low = max((one.low for one in (self, other) if one.low is not None), default=None)
            high = min((one.high for one in (self, other) if one.high is not None), default=None)
            return low is not None and high is not None and low > high
        one, two = (self, other) if self.listed is not None else (other, self)
        return not two.mask(np.array(one.listed, dtype=np.int64)).any()

    def to_plain(self):
        """Return the set as it is written in a plan file."""
        if self.listed is not None:
            return list(self.listed)
        return {key: value for key, value in (('min', self.low), ('max', self.high))
                if value is not None}


def _parse_codes(value):
    whole = (int,)
    if isinstance(value, list) and value and all(
            isinstance(code, whole) and not isinstance(code, bool) for code in value):
        return Codes(listed=tuple(sorted(set(value))))
    if isinstance(value, dict) and value and set(value) <= {'min', 'max'} and all(
            isinstance(code, whole) and not isinstance(code, bool) for code in value.values()):
        return Codes(low=value.get('min'), high=value.get('max'))
    return None


@dataclass(frozen=True)
class Scope:
    """For which sales one rule holds.

    :param tuple only: pairs (attribute, `Codes`); a sale must be in all of them
    :param tuple without: pairs (attribute, `Codes`); a sale must be in none of them
    :param str overlap: where two rules of one kind hold for one sale, the more specific one (more
        attributes in ``only``) pays alone if both say 'replace'; a rule that says 'add' pays
        beside the others
    :param tuple replaces: names of rules, of whatever kind, that do not pay where this one holds
    """

    only: tuple = ()
    without: tuple = ()
    overlap: str = 'replace'
    replaces: tuple = ()

    @classmethod
    def parse(cls, value, problem):
        """Read the scope of a rule.

        :param value: as written in a plan file
        :param problem: called with (path, template, values) for every error
        """
        if not isinstance(value, dict):
            problem('', _('An object is needed here.'), {})
            return cls()
        for key in value:
            if key not in KEYS:
                problem(str(key), _('%(name)s is not known here; known are: %(choices)s.'),
                        {'name': str(key), 'choices': ', '.join(KEYS)})
        overlap = value.get('overlap', 'replace')
        if overlap not in OVERLAPS:
            problem('overlap', _('%(value)s is not one of: %(choices)s.'),
                    {'value': str(overlap), 'choices': ', '.join(OVERLAPS)})
        replaces = value.get('replaces', [])
        if not isinstance(replaces, list) or not all(isinstance(one, str) for one in replaces):
            problem('replaces', _('A list of names of rules is needed here.'), {})
            replaces = []
        return cls(cls._pairs(value, 'only', problem), cls._pairs(value, 'except', problem),
                   overlap, tuple(replaces))

    @staticmethod
    def _pairs(value, key, problem):
        pairs = []
        attributes = value.get(key, {})
        if not isinstance(attributes, dict):
            problem(key, _('An object is needed here.'), {})
            return ()
        for name in sorted(attributes):
            codes = _parse_codes(attributes[name])
            if codes is None:
                problem(f'{key}.{name}', _('A list of whole numbers, or an object with min and '
                                           'max, is needed here.'), {})
            else:
                pairs.append((name, codes))
        return tuple(pairs)

    def to_dict(self):
        """Return the scope as it is written in a plan file."""
        return {'only': {name: codes.to_plain() for name, codes in self.only},
                'except': {name: codes.to_plain() for name, codes in self.without},
                'overlap': self.overlap, 'replaces': list(self.replaces)}

    def disjoint(self, other):
        """Tell whether the two scopes can be seen to have no sale in common."""
        mine, theirs = dict(self.only), dict(other.only)
        if any(mine[name].disjoint(theirs[name]) for name in mine.keys() & theirs.keys()):
            return True
        return any(set(wanted.listed or ()) and set(wanted.listed) <= set(dict(no.without).get(
            name, Codes(listed=())).listed or ())
            for yes, no in ((self, other), (other, self)) for name, wanted in yes.only)

    def mask(self, sales):
        """Return a bool array (m): for which sales the rule holds, others left aside.

        :raise EngineError: when the sales lack an attribute that the scope looks at
        """
        result = np.ones(len(sales), dtype=bool)
        for pairs, wanted in ((self.only, True), (self.without, False)):
            for name, codes in pairs:
                result &= codes.mask(sales.attribute(name)) == wanted
        return result


def replacers(rules):
    """Tell for each rule which other rules take its place where they hold.

    :param rules: the rules of a plan, in order
    :return: list of tuples of positions
    """
    result = []
    for rule in rules:
        result.append(tuple(
            position for position, other in enumerate(rules)
            if other is not rule and (rule.name in other.scope.replaces or (
                other.kind == rule.kind
                and rule.scope.overlap == other.scope.overlap == 'replace'
                and len(other.scope.only) > len(rule.scope.only)))))
    return result


def check(rules, problem):
    """Find rules that would pay twice for one thing, and names that lead nowhere or in a circle.

    :param rules: the rules of a plan, in order
    :param problem: called with (rule, path, template, values)
    """
    names = [rule.name for rule in rules]
    for position, rule in enumerate(rules):
        if ENROLMENT in dict(rule.scope.only):
            problem(rule.name, f'scope.only.{ENROLMENT}', _(
                'A commission needs a sale: nobody is paid for the joining of somebody else.'), {})
        for number, name in enumerate(rule.scope.replaces):
            if name not in names or name == rule.name:
                problem(rule.name, f'scope.replaces[{number}]',
                        _('There is no other rule with the name %(name)s.'), {'name': name})
        for other in rules[:position]:
            if _undecided(rule, other):
                problem(rule.name, 'scope', _(
                    'This rule and the rule %(other)s may hold for the same sale and neither is '
                    'more specific. Narrow one of them, or set overlap to add if both shall pay.'),
                    {'other': other.name})
    _check_circles(rules, problem)


def _undecided(rule, other):
    return (rule.kind == other.kind and rule.scope.overlap == other.scope.overlap == 'replace'
            and len(rule.scope.only) == len(other.scope.only)
            and rule.name not in other.scope.replaces and other.name not in rule.scope.replaces
            and not rule.scope.disjoint(other.scope))


def _check_circles(rules, problem):
    graph = {rule.name: rule.scope.replaces for rule in rules}
    for name in find_circle(graph):
        problem(name, 'scope.replaces', _('Rules replace each other in a circle.'), {})


def find_circle(graph):
    """Return the keys that lead back to themselves, sorted.

    :param dict graph: name -> names it refers to
    """
    result = []
    for start in sorted(graph):
        seen, todo = set(), list(graph[start])
        while todo:
            name = todo.pop()
            if name == start:
                result.append(start)
                break
            if name not in seen:
                seen.add(name)
                todo.extend(graph.get(name, ()))
    return result
