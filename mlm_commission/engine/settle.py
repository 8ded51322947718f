# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""One run: a plan, a network and its terms, prepared once, then any number of sales."""

from .entries import Entries
from .errors import EngineError
from .i18n import _
from .scope import replacers


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
    """

    def __init__(self, plan, network, terms):
        if len(terms) != len(network):
            raise EngineError(_('The terms are about %(terms)s agents, the network about '
                                '%(network)s.'),
                              {'terms': len(terms), 'network': len(network)}, field='terms')
        self.plan, self.network, self.terms = plan, network, terms
        self.replacers = replacers(plan.rules)
        self.states = [rule.prepare(self) for rule in plan.rules]

    def pay(self, sales):
        """Return the commissions of all sales, those of the whole period included.

        :param Sales sales: m sales
        :return: `Entries`
        """
        return Entries.concat(list(self.stream(sales, max(len(sales), 1))))

    def stream(self, sales, slice_size=100_000):
        """Yield the commissions slice by slice; memory depends on the slice, not on the sales.

        :param Sales sales: m sales
        :param int slice_size: sales per slice
        :return: iterator of `Entries`, ascending by sale; the rows of rules that look at the whole
            period come last, with sale 0
        """
        self.check(sales)
        for start in range(0, len(sales), slice_size):
            part = sales.take(slice(start, start + slice_size))
            yield Entries.concat([self.pay_rule(rule, part) for rule in self.plan.rules])

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
        """Return a bool array (m): which sales a rule pays, more specific rules considered."""
        mask = rule.scope.mask(sales)
        for position in self.replacers[rule.ordinal]:
            mask &= ~self.plan.rules[position].scope.mask(sales)
        return mask

    def pay_rule(self, rule, sales, note=None):
        """Return the commissions of one rule, see `Rule.pay`."""
        mask = self.holds(rule, sales)
        if not mask.all():
            sales = sales.take(mask)
        if not len(sales):
            if note:
                note.out_of_scope()
            return Entries.empty()
        return rule.pay(self.states[rule.ordinal], sales, note)
