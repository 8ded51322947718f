# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Binary: two legs in the placement tree, paid for the volume that balances."""

import numpy as np

from ..i18n import _
from ..lots import EATEN, LOST, PAIRS, Legs
from ..money import largest_remainder, muldiv
from ..params import Param, decimal_text
from ..period import PeriodRule, add_up
from ..reasons import Reason
from ..rule import percent, register

DAY = 'day'
FIRST_DAY = np.datetime64('2000-01-01')
# The turn of a day: what a ceiling is counted by. 2000-01-03 was a Monday.
TURNS = {
    'run': lambda days: np.zeros_like(days),
    'day': lambda days: days,
    'week': lambda days: (days - 2) // 7,
    'month': lambda days: (FIRST_DAY + days).astype('datetime64[M]').astype(np.int64),
}


@register
class Binary(PeriodRule):
    """Pay for balanced volume of the left and the right leg; the rest is carried forward.

    A leg is the volume of everybody below a seat, plus what was carried. Two modes:

    - weak_leg: ``m = min(L, R)``, paid ``rate x m``; both legs go down by m.
    - cycles: each cycle takes ``strong`` from the stronger leg and ``weak`` from the weaker one and
      pays the rank's amount; which leg is stronger is decided anew after every cycle, or (fixed)
      once. The legs go down by what all possible cycles take, even those above the limit.

    Rates, amounts and limits go by rank: the last row of the table that is not above it. A limit
    holds for each run, or for each day, week (from Monday) or month; then the days of the sales
    (attribute ``day``, days since 2000-01-01) are settled one turn after the other, each with its
    limit, and what a run before paid for the turn it ended in counts. A sale of an earlier turn that
    arrives late counts in the turn the run before ended in. Settings for the carry: keep or flush
    the excess of the strong leg, a limit for each leg, and what becomes of the volume of an agent
    who cannot be paid. All payments of a run may be capped at a rate of its volume, pro rata.

    Volume is kept sale by sale and used first in, first out, see `lots` for the definition: a
    return (a change with its origin) of volume that is still carried takes it from the carry, a
    return of paid volume undoes the pairs it took part in, what was paid for them goes back in
    proportion (level 1 of the entries), and the other side of these pairs is carried again. When
    everything is returned, exactly nothing has been paid. Negative volume that belongs to no sale
    waits and eats the volume that follows.

    Source of the formula: binary plans in common use.
    """

    kind = 'binary'
    label = _('Binary')
    help = _('Pays for the volume that balances in two legs.')
    bases = ('points', 'net', 'margin')
    climbs = 'placement'
    params = (
        Param('mode', 'choice', _('Mode'), default='weak_leg', choices=(
            ('weak_leg', _('A rate of the weak leg')), ('cycles', _('An amount for each cycle')))),
        Param('ranks', 'table', _('By rank'), min=1, max=100, ascending='rank', columns=(
            Param('rank', 'integer', _('From rank'), _('-1: also without a rank.'), min=-1,
                  max=32767),
            Param('rate', 'percent', _('Rate'), _('Of the weak leg.'), default='0'),
            Param('amount', 'amount', _('Amount'), _('For each cycle.'), default='0'),
            Param('max_amount', 'amount', _('At most'),
                  _('In each run, day, week or month; 0 for no limit.'), default='0'))),
        Param('per', 'choice', _('Limits hold'), default='run', choices=(
            ('run', _('For each run')), ('day', _('For each day')), ('week', _('For each week')),
            ('month', _('For each month')))),
        Param('strong', 'amount', _('From the strong leg'), _('For each cycle.'), default='0'),
        Param('weak', 'amount', _('From the weak leg'), _('For each cycle.'), default='0'),
        Param('fixed', 'boolean', _('Strong leg stays'),
              _('The strong leg is decided once, not after every cycle.'), default=False),
        Param('excess', 'choice', _('Excess of the strong leg'), default='keep', choices=(
            ('keep', _('Is carried forward')), ('flush', _('Is lost')))),
        Param('carry_limit', 'amount', _('Limit of the carry'), _('For each leg; 0 for no limit.'),
              default='0'),
        Param('inactive', 'choice', _('Volume of an inactive agent'), default='keep', choices=(
            ('keep', _('Is carried forward')), ('stop', _('New volume does not count')),
            ('flush', _('Is lost, the carry too')))),
        Param('total_cap', 'percent', _('Cap'),
              _('All payments together, of the new volume; 0 for no cap.'), default='0'),
        Param('returns', 'integer', _('Runs with returns'),
              _('For how many runs after its own a sale can be returned; later returns change '
                'nothing here. 0: for ever.'), default=0, min=0, max=1000),
    )

    def check(self, problem):
        values = self.values
        if values['mode'] == 'cycles' and not values['strong'] >= values['weak'] > 0:
            problem('params.weak', _('A cycle needs volume from both legs, and from the strong leg '
                                     'at least as much as from the weak one.'), {})

    def ceiling(self):
        return self.values['total_cap'] or None

    @classmethod
    def say(cls, values, digits):
        def money(value):
            return decimal_text(value, digits)

        lines = []
        if values['mode'] == 'weak_leg':
            lines.append((_('The weak leg pays %(rates)s %% by rank.'), {
                'rates': ' / '.join(percent(row['rate']) for row in values['ranks'])}))
        else:
            lines.append((_('Each cycle of %(strong)s and %(weak)s pays %(amounts)s by rank.'), {
                'strong': money(values['strong']), 'weak': money(values['weak']),
                'amounts': ' / '.join(money(row['amount']) for row in values['ranks'])}))
        if any(row['max_amount'] for row in values['ranks']):
            template = {'run': _('At most %(amounts)s in a run, by rank.'),
                        'day': _('At most %(amounts)s a day, by rank.'),
                        'week': _('At most %(amounts)s a week, by rank.'),
                        'month': _('At most %(amounts)s a month, by rank.')}[values['per']]
            lines.append((template, {'amounts': ' / '.join(
                money(row['max_amount']) if row['max_amount'] else '-'
                for row in values['ranks'])}))
        return lines

    def prepare(self, run):
        run.network.seats()
        run.network.check_width(2)
        return run

    def open(self, state, carried):
        return {'carried': carried, 'sales': []}

    def collect(self, state, book, sales):
        days = np.zeros(len(sales), np.int64)
        if self.values['per'] != 'run':
            days = sales.attribute(DAY)
        book['sales'].append((sales.ids, sales.seller, self.worth(sales), sales.origin,
                              TURNS[self.values['per']](days)))

    def settle(self, state, book, note=None):
        network, size = state.network, len(state.network)
        legs = Legs(network, book['carried'], self.name)
        sales, returns, volume = _sorted_out(book['sales'])
        undone, back = legs.take_back(*returns)
        turns = _Turns(self, state, legs, book['carried'])
        when = np.maximum(sales['turn'], turns.last)
        # Without a sale there is a turn too: what returns left over may balance.
        for turn in np.unique(when).tolist() or [turns.last]:
            mine = when == turn
            turns.pay(turn, {name: values[mine] for name, values in sales.items()})
        base, amount = turns.close(self._capped(turns.amount, volume))
        book['handed'] = {**legs.save(self.values['returns']), **turns.handed()}
        both = undone.sum(axis=0)
        if self.values['mode'] == 'weak_leg':
            both = both // 2
        gone = np.flatnonzero((both != 0) | (back != 0))
        who = np.flatnonzero((base != 0) | (amount != 0))
        rate = turns.row['rate'] if size and self.values['mode'] == 'weak_leg' else np.zeros(
            size, np.int64)
        parts = [self.rows(network, 0, who, rate[who], base[who], amount[who], Reason.PAIRS, note),
                 self.rows(network, 1, gone, 0, -both[gone], back[gone], Reason.PAIRS_UNDONE,
                           note)]
        return parts[0].concat(parts)

    def carry(self, state, book):
        return book['handed']

    def rows_by_rank(self, ranks):
        """Return the table's columns for each agent: dict name -> int64 (n)."""
        rows = self.values['ranks']
        place = np.searchsorted(np.array([row['rank'] for row in rows]), ranks, side='right')
        return {name: np.array([0, *(row[name] for row in rows)], dtype=np.int64)[place]
                for name in ('rate', 'amount', 'max_amount')}

    def balance(self, left, right, row):
        """Return (base, amount, taken from both legs int64 (2, n)) for what is in the legs."""
        if self.values['mode'] == 'weak_leg':
            matched = np.minimum(left, right)
            return (matched, self.settings.rounding.share(matched, row['rate']),
                    np.stack([matched, matched]))
        count, *after = cycles(left, right, self.values['strong'], self.values['weak'],
                               self.values['fixed'])
        taken = np.stack([left - after[0], right - after[1]])
        return taken.sum(axis=0), count * row['amount'], taken

    def kept(self, carry, members):
        """Return what flushes and limits leave of the carry, int64 (2, n)."""
        values, kept = self.values, carry
        if values['excess'] == 'flush':
            kept = np.where(members, np.minimum(*kept), kept)
        if values['inactive'] == 'flush':
            kept = np.where(members, kept, 0)
        return np.minimum(kept, values['carry_limit']) if values['carry_limit'] else kept

    def _capped(self, amount, volume):
        limit = self.settings.rounding.share(np.array([max(volume, 0)]), self.values['total_cap'])
        paid = np.flatnonzero(amount > 0)
        if not self.values['total_cap'] or sum(amount[paid].tolist()) <= int(limit[0]):
            return amount
        amount = amount.copy()
        amount[paid] = largest_remainder(int(limit[0]), amount[paid].tolist(),
                                         self.settings.rounding.unit)
        return amount


def _sorted_out(parts):
    """Put what was collected together: new volume by sale, and what comes back of earlier sales.

    What changes a sale of the same run changes its volume before anything is paid. What gives back
    a return is volume of the sale again, as of now.

    :param parts: list of (ids, sellers, volumes, origins, turns)
    :return: (dict of arrays ascending by sale, (ids, volumes) of returns, total volume)
    """
    columns = zip(*parts) if parts else ([np.empty(0, np.int64)],) * 5
    ids, seller, volume, origin, turn = (np.concatenate(column) for column in columns)
    sale = np.where(origin != 0, origin, ids)
    # The sale itself comes before what changes it, so that seller and turn are the sale's.
    order = np.lexsort((ids, origin != 0, sale))
    sale, first, place = np.unique(sale[order], return_index=True, return_inverse=True)
    total = add_up(volume[order], place, len(sale))
    first = order[first]
    new = {'sale': sale, 'seller': seller[first], 'volume': total, 'turn': turn[first]}
    earlier = (origin[first] != 0) & (total < 0)
    return ({name: values[~earlier] for name, values in new.items()},
            (sale[earlier], -total[earlier]), sum(volume.tolist()))


class _Turns:
    """Settles one turn after the other: what is new, what is eaten, balanced, paid and lost."""

    def __init__(self, rule, run, legs, carried):
        self.rule, self.legs, self.members = rule, legs, run.members
        self.row = rule.rows_by_rank(run.terms.ranks)
        self.base, self.amount = (np.zeros(len(run.network), np.int64) for _part in range(2))
        self.used = carried.of(rule.name, 'used', run.network)
        known = carried.table(rule.name, 'last', ('turn',))['turn'].tolist()
        self.last = known[0] if known and rule.values['per'] != 'run' else -2**40
        self.done = []

    def pay(self, turn, sales):
        """Settle one turn.

        :param dict sales: 'sale', 'seller' and 'volume', ascending by sale
        """
        legs, members, stops = self.legs, self.members, self.rule.values['inactive'] == 'stop'
        if turn != self.last or self.rule.values['per'] == 'run':
            self.used = np.zeros_like(self.used)
        self.last = turn
        more, less = sales['volume'] > 0, sales['volume'] < 0
        new = legs.arrive(sales['sale'][more], sales['seller'][more], sales['volume'][more])
        credits = legs.owe(sales['seller'][less], -sales['volume'][less])
        if stops:
            legs.skip(np.flatnonzero(~members), new)
            new, credits = np.where(members, new, 0), np.where(members, credits, 0)
        legs.carry, legs.owed = legs.carry + new, legs.owed + credits
        eaten = np.minimum(legs.carry, legs.owed)
        legs.carry, legs.owed = legs.carry - eaten, legs.owed - eaten
        legs.put(legs.turn, EATEN, eaten)
        base, amount, taken = self.rule.balance(
            *np.where(members, legs.carry, 0), self.row)
        limit = self.row['max_amount']
        amount = np.where(limit > 0, np.minimum(amount, np.maximum(limit - self.used, 0)), amount)
        self.used = self.used + amount
        legs.carry = legs.carry - taken
        kept = self.rule.kept(legs.carry, members)
        legs.put(legs.turn, LOST, legs.carry - kept)
        legs.carry = kept
        self.base, self.amount = self.base + base, self.amount + amount
        self.done.append((legs.turn, taken, amount))

    def close(self, capped):
        """Note what was paid in each turn, after the cap over all agents.

        :param capped: int64 (n), what each agent gets for all turns together
        :return: (base, amount), int64 (n)
        """
        before = paid = np.zeros_like(capped)
        whole = np.maximum(self.amount, 1)
        for turn, taken, amount in self.done:
            before = before + amount
            share = muldiv(before, capped, whole)
            self.legs.put(turn, PAIRS, taken, share - paid)
            paid = share
        return self.base, capped

    def handed(self):
        """Return what the ceiling of the last turn needs in the next run."""
        if self.rule.values['per'] == 'run':
            return {}
        return {'used': self.used, 'last': {'turn': np.array([self.last], np.int64)}}


def cycles(left, right, strong, weak, fixed):
    """Count the cycles that two legs allow; of two equal legs the left one is the stronger.

    Taking one cycle at a time is replaced by jumps: first all cycles in which the same leg stays
    the stronger one, then pairs of cycles in which the legs take turns, then the few that are left.

    :param left: int64 array (n)
    :param right: int64 array (n)
    :param int strong: what a cycle takes from the stronger leg
    :param int weak: what it takes from the weaker one, positive, not more than strong
    :param bool fixed: the stronger leg is decided once
    :return: (cycles, left, right) after all of them
    """
    swapped = right > left
    high, low = np.where(swapped, right, left), np.where(swapped, left, right)

    def possible():
        return np.maximum(np.minimum(high // strong, low // weak), 0)

    count = possible()
    if not fixed and strong > weak:
        count = np.minimum(count, -((low - high) // (strong - weak)))
    high, low = high - count * strong, low - count * weak
    if not fixed:
        turns = np.maximum(np.minimum(high, low) // (strong + weak), 0)
        count, high, low = (count + 2 * turns, high - turns * (strong + weak),
                            low - turns * (strong + weak))
        while True:
            # Of two equal legs the left one counts as the stronger.
            change = (low > high) | ((low == high) & swapped)
            high, low = np.where(change, low, high), np.where(change, high, low)
            swapped = swapped ^ change
            more = np.minimum(possible(), 1)
            if not more.any():
                break
            count, high, low = count + more, high - more * strong, low - more * weak
    return count, np.where(swapped, low, high), np.where(swapped, high, low)
