# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Differential by rate: everyone above earns the difference to the best rate below."""

import numpy as np

from ..i18n import _
from ..params import Param
from ..reasons import Reason
from ..rule import Rows, Rule, by_column, percent, register, sentinel
from ..tree import nearest_above


@register
class Differential(Rule):
    """Pay ``base x max(0, r(k) - m(k-1))``, ``m(k) = max(m(k-1), r(k))``, along the upline.

    k = 0 is the seller, r the agent's own rate (from the agreement, or by rank: that of the last row
    of the table that is not above the own rank, so there are no gaps), m the best rate
    reached so far. Hence an agent with the same rate as somebody below, or a lower one, earns
    nothing, a rate missing in between falls to the next higher one, and one sale costs the highest
    rate reached. Amounts are differences of rounded running totals, so the parts of one sale add up
    to the rounded total. The entry's level is the number of sponsors between, 0 for the seller.

    Agents without agreement for the sale have no rate. Settings for the corners:

    - unqualified: an inactive agent's slice passes up to the next higher rate (pass_up), or the
      agent's rate still counts as reached and the company keeps the slice (company_keeps).
    - seller: paid; or not paid while the own rate counts as reached (counts); or left out
      (ignored).
    - level_one: the sponsor of the seller earns a difference like all others, or (direct) a fixed
      rate on top instead, while the own rate still counts as reached; a sponsor who cannot be paid
      loses it to the company.
    - equal_rate: after every step that raised the best rate, the nearest agent above who is active
      and has exactly that rate, met before any higher one, gets this rate on top; one agent per
      step.

    Source of the formula: differential (stair-step) plans in common use.
    """

    kind = 'differential'
    label = _('Differential')
    help = _('Everyone above earns the difference between the own rate and the best rate below.')
    params = (
        Param('source', 'choice', _('Rates'), default='agreement', choices=(
            ('agreement', _('From each agreement')), ('rank', _('By rank')))),
        Param('rates', 'table', _('Rates by rank'), _('Only where rates go by rank.'), default=[],
              ascending='rank', columns=(
                  Param('rank', 'integer', _('From rank'), min=0, max=32767),
                  Param('rate', 'percent', _('Rate')))),
        Param('unqualified', 'choice', _('Slice of an inactive agent'), default='pass_up', choices=(
            ('pass_up', _('Passes up to the next higher rate')),
            ('company_keeps', _('Stays with the company')))),
        Param('equal_rate', 'percent', _('Rate for equals'),
              _('Paid on top to the nearest agent above with exactly the rate reached.'),
              default='0'),
        Param('seller', 'choice', _('Own sales'), default='paid', choices=(
            ('paid', _('The seller is paid the own rate')),
            ('counts', _('The seller is not paid, but the own rate counts as reached')),
            ('ignored', _('The seller is left out')))),
        Param('level_one', 'choice', _('Sponsor of the seller'), default='difference', choices=(
            ('difference', _('Earns the difference')),
            ('direct', _('Earns the direct rate instead')))),
        Param('direct_rate', 'percent', _('Direct rate'),
              _('Only where the sponsor of the seller earns a direct rate.'), default='0'),
    )

    def ceiling(self):
        if self.values['source'] == 'agreement':
            return None
        direct = self.values['direct_rate'] if self.values['level_one'] == 'direct' else 0
        rates = {row['rate'] for row in self.values['rates']} - {0}
        return (max(rates, default=0) + direct + len(rates) * self.values['equal_rate'])

    def check(self, problem):
        values = self.values
        if values['source'] == 'rank' and not values['rates']:
            problem('params.rates', _('At least one row is needed.'), {})
        if values['source'] == 'agreement' and values['rates']:
            problem('params.rates', _('Rates by rank have no effect here; remove them or take the '
                                      'rates by rank.'), {})
        if values['level_one'] == 'difference' and values['direct_rate']:
            problem('params.direct_rate', _('The direct rate has no effect here; set it to 0 or '
                                            'choose that the sponsor earns it.'), {})

    @classmethod
    def say(cls, values, digits):
        lines = [(_('Everyone above the seller earns the difference between the own rate and the '
                    'best rate below.'), {})]
        if values['source'] == 'rank':
            lines.append((_('The rates are %(rates)s.'), {'rates': ', '.join(
                f"{row['rank']}: {percent(row['rate'])} %" for row in values['rates'])}))
        for name in ('seller', 'unqualified'):
            param = next(param for param in cls.params if param.name == name)
            lines.append((_('%(label)s: %(choice)s.'), {
                'label': param.label, 'choice': dict(param.choices)[values[name]]}))
        if values['level_one'] == 'direct':
            lines.append((_('The sponsor of the seller earns %(rate)s %% instead of a difference.'),
                          {'rate': percent(values['direct_rate'])}))
        if values['equal_rate']:
            lines.append((_('The nearest agent above with exactly the rate reached earns '
                            '%(rate)s %% on top.'), {'rate': percent(values['equal_rate'])}))
        return lines

    def rate_by_rank(self):
        """Return an int32 array: the rate of every rank; the last cell is that of no rank."""
        table = np.full(32769, -1, dtype=np.int32)
        for row in self.values['rates']:
            table[row['rank']:-1] = row['rate']
        return table

    def share(self, base, rate):
        """Return what a rate is worth, int64 array (k) minor units."""
        return self.settings.rounding.share(base, rate)

    def prepare(self, run):
        return _State(self, run)

    def pay(self, state, sales, note=None):
        rows = Rows(self, state.run.network, sales, note)
        base = self.worth(sales)
        for column, position in by_column(sales):
            walk = _Walk(self, state.column(column), rows, note)
            walk.run(position, sales.seller[position], base[position])
        return rows.entries()


class _State:
    """Pointers by column; columns with the same rates share them."""

    def __init__(self, rule, run):
        self.rule, self.run, self._columns = rule, run, {}

    def column(self, column):
        column = self.run.alike(column, self.rule.values['source'] == 'rank')
        if column not in self._columns:
            self._columns[column] = _Column(self.rule, self.run, self.run.terms.rates[column])
        return self._columns[column]


class _Column:
    """Rates of all agents, and who comes next.

    :ivar earns: bool (n + 1), who can be paid
    :ivar mark: int32 (n + 1), the rate that raises what is reached, 0 for none
    :ivar above: int32 (n + 1), nearest agent above with a higher mark
    :ivar first: int32 (n + 1), nearest agent above with any mark
    :ivar equal: int32 (n + 1), who gets the rate for equals after this agent's step

    The extra last cell belongs to the index -1, the end of every walk.
    """

    def __init__(self, rule, run, agreed):
        network, values = run.network, rule.values
        self.rule, self.run, self.network, self.agreed = rule, run, network, agreed
        rate = agreed
        if values['source'] == 'rank':
            rate = np.where(agreed >= 0, rule.rate_by_rank()[run.terms.ranks], np.int32(-1))
        earns = network.active & (rate >= 0)
        keeps = values['unqualified'] == 'company_keeps'
        mark = np.where(rate > 0 if keeps else earns & (rate > 0), rate, np.int32(0))
        above = nearest_above(network.sponsor, mark)
        self.earns = np.append(earns, False)
        self.mark = np.append(mark, np.int32(0))
        self.above = sentinel(above)
        self.first = self._first(values, mark)
        self.equal = self._equal(values, np.where(earns, rate, np.int32(-1)), mark, above)

    def rate(self, who):
        """Return the rate of one agent in ppm, -1 without a rate."""
        if self.rule.values['source'] == 'agreement' or self.agreed[who] < 0:
            return int(self.agreed[who])
        return int(self.rule.rate_by_rank()[self.run.terms.ranks[who]])

    def _first(self, values, mark):
        if values['seller'] != 'ignored':
            return self.above
        return sentinel(nearest_above(self.network.sponsor, mark, np.zeros_like(mark)))

    def _equal(self, values, payable, mark, above):
        if not values['equal_rate']:
            return None
        depth = self.network.depth
        peer = nearest_above(self.network.sponsor, payable, mark, strict=False)
        # An equal beyond somebody higher is no longer an equal of the rate reached.
        valid = (mark > 0) & (peer >= 0) & (payable[peer] == mark) & (
            (above < 0) | (depth[peer] > depth[above]))
        return sentinel(np.where(valid, peer, np.int32(-1)))


class _Walk:
    """Pays the sales of one column, step by step."""

    def __init__(self, rule, column, rows, note):
        self.rule, self.column, self.rows, self.note = rule, column, rows, note
        self.values = rule.values
        self.network = column.network

    def run(self, position, seller, base):
        column = self.column
        self.seller, self.base = seller, base
        self.position, self.place = position, np.arange(len(position))
        who, reached = seller, np.zeros(len(position), dtype=np.int32)
        self._direct()
        if self.values['seller'] == 'ignored':
            self._note_seller(0)
            following = column.first[who]
        else:
            if self.values['seller'] == 'counts' or not column.mark[who].all():
                self._note_seller(column.mark[who[0]])
            marked = column.mark[who] > 0
            self._step(self.place[marked], who[marked], reached[marked], own=True)
            reached = column.mark[who]
            following = column.above[who]
        place = self.place
        while True:
            self._note_between(who, following, reached)
            keep = following >= 0
            place, who, reached = place[keep], following[keep], reached[keep]
            if not len(place):
                return
            self._step(place, who, reached)
            reached = column.mark[who]
            following = column.above[who]

    def _step(self, place, who, reached, own=False):
        """Pay those who raise the rate reached, and their equals.

        :param place: int array (k), positions in the sales of this column
        :param who: int array (k), agents with a mark above ``reached``
        :param reached: int array (k), ppm
        """
        column, mark = self.column, self.column.mark[who]
        paid = column.earns[who]
        if own and self.values['seller'] == 'counts':
            paid = np.zeros_like(paid)
        if self.values['level_one'] == 'direct':
            paid = paid & (who != self._sponsor(place))
        base = self.base[place]
        amount = self.rule.share(base, mark) - self.rule.share(base, reached)
        if self.note and len(paid) and not paid[0]:
            self._note_one(who[0], reached[0])
        self._add(place, who, mark - reached, amount, paid,
                  Reason.OWN if own else Reason.DIFFERENCE, own=mark, reached=reached)
        if self.values['equal_rate']:
            peer = column.equal[who]
            due = peer >= 0
            if self.values['level_one'] == 'direct':
                due = due & (peer != self._sponsor(place))
            rate = np.full(len(place), self.values['equal_rate'], dtype=np.int32)
            self._add(place, peer, rate, self.rule.share(base, rate), due, Reason.EQUAL,
                      reached=mark)

    def _sponsor(self, place):
        return self.network.sponsor[self.seller[place]]

    def _direct(self):
        if self.values['level_one'] != 'direct':
            return
        who = self.network.sponsor[self.seller]
        rate = np.full(len(who), self.values['direct_rate'], dtype=np.int32)
        self._add(self.place, who, rate, self.rule.share(self.base, rate),
                  self.column.earns[who], Reason.DIRECT)

    def _add(self, place, who, rate, amount, mask, reason, **values):
        place, who = place[mask], who[mask]
        depth = self.network.depth
        self.rows.add(self.position[place], depth[self.seller[place]] - depth[who], who, rate[mask],
                      self.base[place], amount[mask], reason,
                      **{name: value[mask] for name, value in values.items()})

    # === WHY SOMEBODY IS NOT PAID (one sale only) === #

    def _note_seller(self, mark):
        if not self.note:
            return
        seller = self.seller[0]
        if self.values['seller'] == 'paid':
            self._note_one(seller, 0)
        elif self.values['seller'] == 'counts' and mark:
            self.note.add(seller, 0, Reason.SELLER_COUNTS, own=int(mark))
        else:
            self.note.add(seller, 0, Reason.SELLER_IGNORED)

    def _note_between(self, who, following, reached):
        if self.note and len(who):
            for passed in self.note.walk(who[0], following[0]):
                self._note_one(passed, reached[0])

    def _note_one(self, who, reached):
        """Say why one agent whose turn it is gets nothing."""
        if self.note.has(who):
            return
        column, rate = self.column, self.column.rate(who)
        if rate < 0:
            reason = Reason.NO_AGREEMENT_PASSED
        elif not column.earns[who]:
            reason = (Reason.INACTIVE_LOST if column.mark[who] > reached
                      else Reason.INACTIVE_PASSED)
        else:
            reason = Reason.SAME_RATE if rate == reached else Reason.LOWER_RATE
        self.note.add(who, self.note.distance(who), reason, own=rate, reached=int(reached))
