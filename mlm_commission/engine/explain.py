# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Why: the walk from the seller to the top, told by the code that pays."""

from dataclasses import dataclass, field

from . import rules as catalogue
from .entries import Entries
from .params import decimal_text, fixed_text
from .reasons import SENTENCES, Reason
from .tree import climb

PERCENTS = ('rate', 'own', 'reached')
AMOUNTS = ('base', 'amount')


@dataclass(frozen=True)
class Step:
    """One agent who was considered for one sale under one rule.

    :param int agent: external id; 0 where the step is about no single agent
    :param int level: as in the entry if paid, else the level that was to be filled
    :param Reason reason: why paid or not
    :param int rate: ppm
    :param int base: minor units
    :param int amount: minor units; may be 0 for a paid step that rounds to nothing
    :param dict values: further integers for the sentence, rates in ppm
    :param int rule: position of the rule in the plan
    :param str kind: kind of the rule
    :param int distance: sponsors between seller and agent; 0 is the seller
    :param int digits: decimals of the currency
    """

    agent: int
    level: int
    reason: Reason
    rate: int = 0
    base: int = 0
    amount: int = 0
    values: dict = field(default_factory=dict)
    rule: int = 0
    kind: str = ''
    distance: int = 0
    digits: int = 2

    @property
    def paid(self):
        """Whether the step is a payment."""
        return self.reason.paid


def sentence(step):
    """Put a step into words.

    :param Step step: what `explain` returned
    :return: (template, values); the values are texts, percents and amounts with a decimal point
    """
    kind = catalogue.get(step.kind)
    template = (kind.sentences if kind else {}).get(step.reason) or SENTENCES[step.reason]
    raw = {'agent': step.agent, 'level': step.level, 'rate': step.rate, 'base': step.base,
           'amount': step.amount, **step.values}
    return template, {name: _text(name, value, step.digits) for name, value in raw.items()}


def _text(name, value, digits):
    if name in PERCENTS:
        return decimal_text(value, 4)
    if name in AMOUNTS:
        return fixed_text(value, digits)
    return str(value)


def explain(run, sale_id, sales, cap=200):
    """Tell for one sale who was considered under which rule, and what came of it.

    The rules pay this one sale again, with a recorder that they fill while they pay.

    :param Run run: as used for paying
    :param int sale_id: external id
    :param Sales sales: sales among which this one is
    :param int cap: how many unpaid agents are listed by rule; a last step counts those left out
    :return: list of `Step`, by rule, from the seller upward
    :raise EngineError: when there is no such sale
    """
    sale = sales.find(sale_id)
    run.check(sale)
    told, paid = {}, {}
    for ordinal in run.plan.order:
        rule = run.plan.rules[ordinal]
        if rule.scope_of_run == 'sale':
            note = Recorder(run, rule, int(sale.seller[0]), cap)
            known = Entries.concat([paid[source] for source in run.plan.sources[ordinal]])
            paid[ordinal] = run.pay_rule(rule, sale, note, known)
            told[ordinal] = note.steps()
    return [step for ordinal in sorted(told) for step in told[ordinal]]


def explain_period(run, sales, state=None, agent=None, changes=None, taken=None):
    """Tell what the rules of the period found for each agent, or for one.

    :param Run run: as used for paying
    :param Sales sales: all sales of the period
    :param State state: what the period before handed over
    :param int agent: external id; None for all agents
    :param Sales changes: volumes that came off earlier sales, see `Stream.collect`
    :param Entries taken: what was taken back for them
    :return: list of `Step`, by rule in the order of calculation; for one agent each rule has at
        least one step, which says why there is nothing if there is nothing
    """
    note = PeriodRecorder(run)
    stream = run.stream(sales, state=state, note=note)
    if changes is not None:
        stream.collect(changes, taken)
    for _part in stream:
        pass
    if agent is None:
        return note.steps
    steps = [step for step in note.steps if step.agent == agent]
    return steps + _nothing(run, note, agent, {step.rule for step in steps})


def _nothing(run, note, agent, told):
    """Say for the rules of the period that found nothing for one agent why that is so."""
    place = int(run.network.index([agent])[0])
    for rule in run.plan.rules:
        if rule.scope_of_run == 'period' and rule.ordinal not in told:
            if not run.network.active[place]:
                reason = Reason.INACTIVE
            elif not run.members[place]:
                reason = Reason.NO_AGREEMENT_AT_ALL
            else:
                reason = Reason.NOTHING_DUE
            note.under(rule).add(agent, 0, reason, 0, 0, 0)
    return [step for step in note.steps if step.agent == agent and step.rule not in told]


class PeriodRecorder:
    """Takes down what the rules of the period find for each agent.

    :param Run run: gives the currency
    """

    def __init__(self, run):
        self.digits, self.steps, self.rule = run.plan.settings.currency_digits, [], None

    def under(self, rule):
        """Name the rule that settles next."""
        self.rule = rule
        return self

    def add(self, agent, level, reason, rate, base, amount):
        """Note one line."""
        self.steps.append(Step(agent, level, reason, rate, base, amount, {}, self.rule.ordinal,
                               self.rule.kind, 0, self.digits))


class Recorder:
    """Takes down what a rule decides about each agent while it pays a single sale.

    :param Run run: gives network and plan
    :param Rule rule: who pays
    :param int seller: index of the seller
    :param int cap: how many unpaid agents are kept
    """

    def __init__(self, run, rule, seller, cap):
        self.network, self.rule, self.seller, self.cap = run.network, rule, seller, cap
        if rule.climbs == 'placement':
            self.parent, self.depth = run.network.seats(), run.network.placement_depth
        else:
            self.parent, self.depth = run.network.sponsor, run.network.depth
        self.digits = run.plan.settings.currency_digits
        self.left_out = 0
        self._unpaid = 0
        self._steps = []
        self._seen = set()

    def __bool__(self):
        return True

    def distance(self, who):
        """Return how many steps the agent with this index stands above the seller."""
        return int(self.depth[self.seller] - self.depth[who])

    def has(self, who):
        """Tell whether something was noted about the agent with this index."""
        return int(who) in self._seen

    def add(self, who, level, reason, rate=0, base=0, amount=0, **values):
        """Note what came of one agent.

        :param int who: index of the agent
        :param values: integers for the sentence
        """
        self._seen.add(int(who))
        self._unpaid += not reason.paid
        self._steps.append(self._step(
            int(self.network.ids[who]), int(level), reason, int(rate), int(base), int(amount),
            {name: int(value) for name, value in values.items()}, self.distance(who)))

    def _step(self, agent, level, reason, rate=0, base=0, amount=0, values=None, distance=0):
        return Step(agent, level, reason, rate, base, amount, values or {}, self.rule.ordinal,
                    self.rule.kind, distance, self.digits)

    def account(self, agent, level, reason, rate=0, base=0, amount=0):
        """Note what came of an account or of nobody in particular.

        :param int agent: external id, 0 for the company
        """
        self._steps.append(self._step(int(agent), int(level), reason, int(rate), int(base),
                                      int(amount)))

    def walk(self, start, stop):
        """Yield the agents strictly between two, upward, as long as the cap allows.

        :param int start: index below
        :param int stop: index above, -1 for everybody up to the top
        """
        depth, stop = self.depth, int(stop)
        end = int(depth[stop]) if stop >= 0 else -1
        for who in climb(self.parent, start):
            if who == stop:
                return
            if self._unpaid >= self.cap:
                known = sum(1 for seen in self._seen if end < depth[seen] <= depth[who])
                self.left_out += int(depth[who]) - end - known
                return
            yield who

    def out_of_scope(self):
        """Note that the rule does not hold for the sale."""
        self.account(0, 0, Reason.NOT_IN_SCOPE)

    def steps(self):
        """Return the steps from the seller upward, last the number of those left out."""
        steps = sorted(self._steps, key=lambda step: step.distance)
        if self.left_out:
            steps.append(self._step(0, 0, Reason.LEFT_OUT, values={'count': self.left_out}))
        return steps
