# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What every way of paying has in common.

A way of paying is one file in ``rules/`` with one class under the decorator `register`. Nothing
else has to be told about it.
"""

import math

import numpy as np

from .entries import Entries
from .errors import PlanErrors, Problem
from .i18n import _
from .money import PPM, Rounding, multiply
from .params import decimal_text, parse_all

BASES = {'net': _('net amount'), 'margin': _('margin'), 'points': _('points'),
         'total': _('valuation sum')}
REGISTRY = {}


def register(cls):
    """Make a rule class known under its kind.

    :raise TypeError: when the kind is taken or the class is incomplete
    """
    if REGISTRY.setdefault(cls.kind, cls).__module__ != cls.__module__:
        raise TypeError(f'rule kind {cls.kind} is registered twice')
    names = [param.name for param in cls.params]
    if len(set(names)) != len(names) or cls.scope_of_run not in ('sale', 'period'):
        raise TypeError(f'rule kind {cls.kind} is not declared correctly')
    REGISTRY[cls.kind] = cls
    return cls


class Rule:
    """One line of a plan.

    Subclasses set the class attributes and write `prepare` and `pay`; an instance is immutable.

    :param int ordinal: position in the plan
    :param str name: unique in the plan
    :param str base: which value of a sale is multiplied, see ``BASES``
    :param dict values: parameters as the engine calculates with them, see `params`
    :param Scope scope: for which sales the rule holds
    :param settings: `plan.Settings`, what all rules of the plan share
    """

    kind = ''
    label = ''
    help = ''
    scope_of_run = 'sale'
    bases = tuple(BASES)
    params = ()
    sentences = {}
    # An entry's amount is its base times its rate, divided by this.
    rate_scale = PPM
    # Whether limits may keep an amount below that.
    limits = False
    # A sale rule that needs to know what other rules paid for the same sales sets this and writes
    # `pay_after(state, sales, paid, note)` instead of `pay`.
    reads_sales = False
    # Which tree an explanation climbs: 'sponsor' or 'placement'.
    climbs = 'sponsor'
    stage = 0

    def __init__(self, ordinal, name, base, values, scope, settings):
        self.ordinal, self.name, self.base = ordinal, name, base
        self.values, self.scope, self.settings = values, scope, settings

    def to_dict(self):
        """Return the rule as it is written in a plan file, defaults filled in."""
        digits = self.settings.currency_digits
        return {'kind': self.kind, 'name': self.name, 'base': self.base,
                'params': {param.name: param.dump(self.values[param.name], digits)
                           for param in self.params},
                'scope': self.scope.to_dict()}

    def check(self, problem):
        """Report what no single parameter can know.

        :param problem: called with (path, template, values)
        """

    def ceiling(self):
        """Return the most the rule can pay for one sale, ppm of the base; None if unknown."""
        return None

    def ceiling_after(self, rules):
        """Return (base, the most the rule can pay for one sale in ppm of it), or None if unknown.

        :param rules: all rules of the plan, for a rule that pays by what others paid
        """
        ceiling = self.ceiling()
        return None if ceiling is None else (self.base, ceiling)

    def caps_volume(self):
        """Tell whether the rule keeps all payments below the volume of the period."""
        return False

    def refers_to(self, rules):
        """Return the names of the rules whose payments this rule reads.

        :param rules: all rules of the plan
        """
        return self.values.get('reads', ())

    def prepare(self, run):
        """Compute once per run what does not depend on the sales.

        :param Run run: gives plan, network and terms
        :return: the state that `pay` gets
        """
        raise NotImplementedError

    def pay(self, state, sales, note=None):
        """Compute the commissions of some sales, all of them in the scope of the rule.

        :param state: what `prepare` returned
        :param Sales sales: any number of sales
        :param note: a `Recorder` when there is exactly one sale and everyone above is to be told
            why they are paid or not
        :return: `Entries`
        """
        raise NotImplementedError

    def mask(self, sales):
        """Return a bool array (m): for which sales the rule holds, others left aside."""
        return self.scope.mask(sales)

    def pay_after(self, state, sales, paid, note=None):
        """Compute commissions knowing what other rules paid for these sales, see `reads_sales`."""
        raise NotImplementedError

    def worth(self, sales):
        """Return the base of each sale, int64 (m) minor units.

        Points are turned into money first, so that every commission is the rounded product of the
        base and the rate that stand beside it.
        """
        return worth(sales, self.base, self.settings)

    @classmethod
    def describe(cls, digits=2):
        """Return what a form needs to offer this way of paying, as plain data."""
        return {'kind': cls.kind, 'label': cls.label, 'help': cls.help,
                'scope_of_run': cls.scope_of_run, 'bases': list(cls.bases),
                'params': [param.describe(digits) for param in cls.params]}

    @classmethod
    def explain_rule(cls, params, digits=2):
        """Say in sentences what the rule does with these parameters.

        :param dict params: as written in a plan file
        :param int digits: decimals of the currency
        :return: list of (template, values)
        :raise PlanErrors: when the parameters are not valid
        """
        problems = []
        values = parse_all(cls.params, params, digits, lambda path, message, extra: problems.append(
            Problem('', f'params.{path}', message, extra)))
        if problems:
            raise PlanErrors(problems)
        return cls.say(values, digits)

    @classmethod
    def say(cls, values, digits):
        """Return the sentences of `explain_rule` for parsed parameters."""
        return []

    @classmethod
    def tell_rate(cls, values, level, rate, digits):
        """Say what an entry's rate is.

        :param dict values: parsed parameters
        :param int level: of the entry
        :param int rate: of the entry
        :param int digits: decimals of the currency
        :return: (template, values); None where there is no rate
        """
        return (_('%(rate)s %%'), {'rate': percent(rate)}) if rate else None

    @classmethod
    def tell_base(cls, values, base):
        """Say what an entry's base is where it is no amount of money.

        :return: (template, values); None for an amount of money
        """
        return None


def worth(sales, base, settings):
    """Return the chosen value of each sale, int64 (m) minor units.

    :param Sales sales: m sales
    :param str base: 'net', 'margin', 'points' or 'total'
    :param settings: `plan.Settings`; gives the value of a point in ten-thousandths
    """
    if base != 'points':
        return getattr(sales, base)
    factor = settings.point_value * 10**settings.currency_digits
    common = math.gcd(factor, 10**6) or 1
    return multiply(sales.points, factor // common, 10**6 // common,
                    Rounding(settings.rounding.mode))


def percent(rate):
    """Write a rate in ppm as percent."""
    return decimal_text(int(rate), 4)


def by_column(sales):
    """Yield (column, positions) for each column of the terms that occurs, ascending."""
    if not len(sales):
        return
    first = sales.column[0]
    if (sales.column == first).all():
        yield int(first), np.arange(len(sales))
        return
    for column in np.unique(sales.column):
        yield int(column), np.flatnonzero(sales.column == column)


def sentinel(pointer):
    """Append -1 to a pointer array, so that following -1 leads to -1."""
    return np.append(pointer, np.int32(-1))


class Rows:
    """Collects the payments of one rule and turns them into entries.

    :param Rule rule: who pays
    :param Network network: turns positions into ids
    :param Sales sales: what is paid for
    :param note: `Recorder` or None
    """

    def __init__(self, rule, network, sales, note=None):
        self.rule, self.network, self.sales, self.note = rule, network, sales, note
        self.parts = []

    def add(self, position, level, who, rate, base, amount, reason, **values):
        """Record payments.

        :param position: int array (k) into the sales
        :param level: int array (k) or integer
        :param who: int array (k) into the network
        :param rate: int array (k) or integer, ppm
        :param base: int64 array (k), minor units
        :param amount: int64 array (k), minor units
        :param Reason reason: why
        :param values: more values for the sentence, arrays (k) or integers
        """
        if not len(position):
            return
        shape = np.broadcast_to
        size = len(position)
        self.parts.append((position, shape(level, size), who, shape(rate, size), base, amount,
                           shape(np.int16(reason), size)))
        for place in range(size if self.note else 0):
            more = {name: shape(value, size)[place] for name, value in values.items()}
            self.note.add(who[place], shape(level, size)[place], reason, shape(rate, size)[place],
                          base[place], amount[place], **more)

    def entries(self):
        """Return the entries, without those of no amount."""
        if not self.parts:
            return Entries.empty()
        position, level, who, rate, base, amount, reason = (
            np.concatenate(column) for column in zip(*self.parts))
        # Parts are mostly ascending already, which a stable sort of one key makes use of.
        key = position.astype(np.int64) * (int(level.max()) + 1) + level
        order = np.argsort(key, kind='stable')
        order = order[amount[order] != 0]
        rows = (position, level, who, rate, base, amount, reason)
        position, level, who, rate, base, amount, reason = (column[order] for column in rows)
        return Entries(self.sales.ids[position], np.full(len(order), self.rule.ordinal), level,
                       self.network.ids[who], rate, base, amount, reason).sorted()
