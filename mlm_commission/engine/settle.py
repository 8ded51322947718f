# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""One run: a plan, a network and its terms, prepared once, then any number of sales."""

import hashlib
from functools import cached_property

import numpy as np

from .entries import Entries
from .errors import EngineError
from .i18n import _
from .model import Sales
from .scope import ENROLMENT, replacers
from .state import State

SLICE_SIZE = 100_000  # sales; what is paid for them is in memory at once


def prepare(plan, network, terms):
    """Prepare a run.

    :param Plan plan: how is paid
    :param Network network: n agents
    :param Terms terms: what was agreed with these n agents
    :return: `Run`
    :raise EngineError: when network and terms are not about the same number of agents
    """
    return Run(plan, network, terms)


class Run:
    """Pays sales. Pointers into the tree are computed once, when first needed, and kept.

    :param Plan plan: how is paid
    :param Network network: n agents
    :param Terms terms: what was agreed with these n agents
    :ivar Network network: with those active who the plan takes for active in this period
    """

    def __init__(self, plan, network, terms):
        if len(terms) != len(network):
            raise EngineError(_('The terms are about %(terms)s agents, the network about '
                                '%(network)s.'),
                              {'terms': len(terms), 'network': len(network)}, field='terms')
        self.plan, self.terms = plan, terms
        self.network = plan.activity.for_pay(network, terms)
        self.replacers = replacers(plan.rules)
        self._alike, self._first = {}, {}
        self.states = [rule.prepare(self) for rule in plan.rules]

    @cached_property
    def members(self):
        """Bool array (n): active and with an agreement in at least one column."""
        return self.network.active & self.agreed(None)

    def agreed(self, column):
        """Return a bool array (n): who has an agreement in a column; None: in any."""
        if column is not None:
            return self.terms.rates[column] >= 0
        return np.logical_or.reduce([rates >= 0 for rates in self.terms.rates])

    def alike(self, column, agreed_only):
        """Return the first column with the same rates, or the same agents under agreement.

        Dates and product classes make many columns out of few different ones; pointers are kept
        once for all that are alike.

        :param int column: None stands for itself
        :param bool agreed_only: whether it only matters who has an agreement
        """
        if column is None:
            return None
        if (column, agreed_only) not in self._alike:
            values = self.agreed(column) if agreed_only else self.terms.rates[column]
            key = hashlib.sha256(values.tobytes()).digest()
            self._alike[column, agreed_only] = self._first.setdefault((agreed_only, key), column)
        return self._alike[column, agreed_only]

    def pay(self, sales, state=None):
        """Return the commissions of all sales, those of the whole period included.

        :param Sales sales: m sales
        :param State state: what the period before handed over
        :return: `Entries`
        """
        return Entries.concat(list(self.stream(sales, max(len(sales), 1), state)))

    def stream(self, sales, slice_size=SLICE_SIZE, state=None, note=None):
        """Return the commissions slice by slice; memory depends on the slice, not on the sales.

        :param Sales sales: m sales
        :param int slice_size: sales per slice
        :param State state: what the period before handed over
        :param note: `PeriodRecorder` that is told why the rules of the period pay what
        :return: `Stream`, an iterator of `Entries` ascending by sale; the rows of rules that look
            at the whole period come last, with sale 0
        """
        self.check(sales)
        return Stream(self, sales, slice_size, state or State(), note)

    def fed(self, state=None):
        """Return a `Stream` that is fed sales by `Stream.pay`, see `stream`.

        :param State state: what the period before handed over
        """
        return Stream(self, Sales.none(), SLICE_SIZE, state or State())

    def check(self, sales):
        """Refuse sales that do not fit the network or the terms.

        :raise EngineError: names the sale
        """
        for name, values, size, message in (
                ('seller', sales.seller, len(self.network),
                 _('Sale %(sale)s has no seller in the network.')),
                ('column', sales.column, len(self.terms.rates),
                 _('Sale %(sale)s names a column the terms do not have.'))):
            bad = (values < 0) | (values >= size)
            if bad.any():
                record = int(sales.ids[bad][0])
                raise EngineError(message, {'sale': record}, record=record, field=name)

    def holds(self, rule, sales):
        """Return a bool array (m): which sales a rule pays, more specific rules considered.

        Joining fees are marked by the attribute ``enrolment`` and paid by no rule.
        """
        mask = rule.mask(sales)
        for position in self.replacers[rule.ordinal]:
            mask &= ~self.plan.rules[position].mask(sales)
        if ENROLMENT in sales.attributes:
            mask &= sales.attributes[ENROLMENT] == 0
        return mask

    def select(self, rule, sales):
        """Return the sales a rule pays."""
        mask = self.holds(rule, sales)
        return sales if mask.all() else sales.take(mask)

    def pay_rule(self, rule, sales, note=None, paid=None):
        """Return the commissions of one rule, see `Rule.pay`.

        :param paid: `Entries` of the rules this rule reads, for the same sales
        """
        sales = self.select(rule, sales)
        if not len(sales):
            if note:
                note.out_of_scope()
            return Entries.empty()
        state = self.states[rule.ordinal]
        if rule.reads_sales:
            return rule.pay_after(state, sales, Entries.empty() if paid is None else paid, note)
        return rule.pay(state, sales, note)

    def pay_slice(self, sales):
        """Return the commissions of all sale rules for some sales."""
        done = {}
        for ordinal in self.plan.order:
            rule = self.plan.rules[ordinal]
            if rule.scope_of_run == 'sale':
                paid = Entries.concat([done[source] for source in self.plan.sources[ordinal]
                                       if source in done])
                done[ordinal] = self.pay_rule(rule, sales, paid=paid)
        return Entries.concat([done[ordinal] for ordinal in sorted(done)])


class Stream:
    """Iterates once over the entries of a run.

    :ivar State state: what is handed to the next period, once the iteration has ended
    :ivar books: what the rules of the period collected, by position in the plan
    """

    def __init__(self, run, sales, slice_size, state, note=None):
        self.run, self.sales, self.slice_size, self.note = run, sales, slice_size, note
        self.state = None
        self.rules = [run.plan.rules[ordinal] for ordinal in run.plan.order
                      if run.plan.rules[ordinal].scope_of_run == 'period']
        self.books = {rule.ordinal: rule.open(run.states[rule.ordinal], state)
                      for rule in self.rules}

    def collect(self, changes, taken=None):
        """Let the rules of the period count what sale rules take back by themselves: credit notes.

        :param Sales changes: volumes that came off earlier sales, usually negative
        :param Entries taken: what `adjust` took back for them; rules that read the commissions of
            other rules, such as a matching bonus, read these too
        """
        self.run.check(changes)
        for rule in self.rules:
            chosen = self.run.select(rule, changes)
            if len(chosen):
                rule.collect(self.run.states[rule.ordinal], self.books[rule.ordinal], chosen)
        if taken is not None:
            self.read(taken)

    def __iter__(self):
        yield from self.by_sale()
        yield from self.by_period()

    def by_sale(self):
        """Yield the commissions of single sales, slice by slice; comes before `by_period`."""
        yield from self.pay(self.sales)

    def pay(self, sales):
        """Yield the commissions of some sales, slice by slice.

        Where not all sales fit into memory the stream begins without any and is fed; what comes
        out is the same as long as they are fed in ascending order, whole slices at a time.

        :param Sales sales: m sales
        """
        self.run.check(sales)
        for start in range(0, len(sales), self.slice_size):
            part = sales.take(slice(start, start + self.slice_size))
            entries = self.run.pay_slice(part)
            for rule in self.rules:
                chosen = self.run.select(rule, part)
                if len(chosen):
                    rule.collect(self.run.states[rule.ordinal], self.books[rule.ordinal], chosen)
            self.read(entries)
            yield entries

    def read(self, entries):
        """Let rules of the period read the commissions they refer to.

        :param Entries entries: what was paid for sales or taken back for them
        """
        for rule in self.rules:
            sources = self.run.plan.sources[rule.ordinal]
            if sources and len(entries):
                rule.read(self.run.states[rule.ordinal], self.books[rule.ordinal],
                          entries.take(np.isin(entries.rule, sources)))

    def by_period(self):
        """Yield the commissions of the whole period, once all sales have been paid."""
        parts, carried = [], {}
        for rule in self.rules:
            state, book = self.run.states[rule.ordinal], self.books[rule.ordinal]
            entries = rule.settle(state, book, self.note and self.note.under(rule))
            parts.append(entries)
            self.read(entries)
            handed = rule.carry(state, book)
            if handed:
                carried[rule.name] = handed
        self.state = State(self.run.network.ids, carried)
        yield Entries.concat(parts)
