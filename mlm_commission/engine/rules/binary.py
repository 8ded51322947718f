# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Binary: two legs in the placement tree, paid for the volume that balances."""

import numpy as np

from ..i18n import _
from ..money import largest_remainder, muldiv
from ..params import Param, decimal_text
from ..period import PeriodRule, add_up
from ..reasons import Reason
from ..rule import percent, register
from ..tree import subtotals

CARRIED = ('left', 'right', 'matched', 'paid')


@register
class Binary(PeriodRule):
    """Pay for balanced volume of the left and the right leg; the rest is carried forward.

    A leg is the volume of everybody below a seat, plus what was carried. Two modes:

    - weak_leg: ``m = min(L, R)``, paid ``rate x m``; both legs go down by m.
    - cycles: each cycle takes ``strong`` from the stronger leg and ``weak`` from the weaker one and
      pays the rank's amount; which leg is stronger is decided anew after every cycle, or (fixed)
      once. The legs go down by what all possible cycles take, even those above the limit.

    Rates, amounts and limits go by rank: the last row of the table that is not above it. The rule
    is settled once per run, so a limit per day, week or month is a run per day, week or month.
    Settings for the carry: keep or flush the excess of the strong leg, a limit for each leg, and
    what becomes of the volume of an agent who cannot be paid. All payments may be capped at a rate
    of the new volume, pro rata.

    Returns are negative volume. In weak_leg mode a leg below zero undoes pairs that were paid: both
    legs go up again by the same volume, and the paid total goes back in proportion, so that undoing
    everything ends at exactly zero. In cycles mode the leg stays below zero until sales fill it.

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
            Param('max_amount', 'amount', _('At most'), _('For each run; 0 for no limit.'),
                  default='0'))),
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
    )

    def check(self, problem):
        values = self.values
        if values['mode'] == 'cycles' and not values['strong'] >= values['weak'] > 0:
            problem('params.weak', _('A cycle needs volume from both legs, and from the strong leg '
                                     'at least as much as from the weak one.'), {})

    @classmethod
    def say(cls, values, digits):
        def money(value):
            return decimal_text(value, digits)

        if values['mode'] == 'weak_leg':
            return [(_('The weak leg pays %(rates)s %% by rank.'), {
                'rates': ' / '.join(percent(row['rate']) for row in values['ranks'])})]
        return [(_('Each cycle of %(strong)s and %(weak)s pays %(amounts)s by rank.'), {
            'strong': money(values['strong']), 'weak': money(values['weak']),
            'amounts': ' / '.join(money(row['amount']) for row in values['ranks'])})]

    def prepare(self, run):
        run.network.seats()
        run.network.check_width(2)
        return run

    def open(self, state, carried):
        book = {name: carried.of(self.name, name, state.network) for name in CARRIED}
        return {**book, 'new': np.zeros(len(state.network), np.int64)}

    def collect(self, state, book, sales):
        book['new'] += add_up(self.worth(sales), sales.seller, len(state.network))

    def settle(self, state, book, note=None):
        members, row = state.members, self._rows_by_rank(state.terms.ranks)
        before = book['left'], book['right']
        left, right = self._legs(state.network, book)
        pay = self._cycles if self.values['mode'] == 'cycles' else self._weak_leg
        base, rate, amount, after = pay(left, right, row, book, members)
        amount = self._capped(amount, book['new'])
        self._carry(book, before, (left, right), after, members)
        book['matched'] += base
        book['paid'] += amount
        who = np.flatnonzero((base != 0) | (amount != 0))
        undone = base[who] < 0
        parts = [self.rows(state.network, 0, who[mask], rate[who][mask], base[who][mask],
                           amount[who][mask], reason, note)
                 for mask, reason in ((~undone, Reason.PAIRS), (undone, Reason.PAIRS_UNDONE))]
        return parts[0].concat(parts)

    def carry(self, state, book):
        return {name: book[name] for name in CARRIED}

    def _rows_by_rank(self, ranks):
        """Return the table's columns for each agent: dict name -> int64 (n)."""
        rows = self.values['ranks']
        place = np.searchsorted(np.array([row['rank'] for row in rows]), ranks, side='right')
        return {name: np.array([0, *(row[name] for row in rows)], dtype=np.int64)[place]
                for name in ('rate', 'amount', 'max_amount')}

    def _legs(self, network, book):
        """Return both legs with what was carried, int64 (n) each."""
        total = subtotals(network.placement, network.placement_depth, book['new'])
        legs = []
        for seat, name in enumerate(('left', 'right')):
            below = np.flatnonzero((network.placement >= 0) & (network.slot == seat))
            legs.append(book[name] + add_up(total[below], network.placement[below], len(network)))
        return legs

    def _weak_leg(self, left, right, row, book, members):
        matched = np.where(members, np.minimum(left, right), 0)
        matched = np.maximum(matched, -book['matched'])
        amount = self.settings.rounding.share(np.maximum(matched, 0), row['rate'])
        amount = _limited(amount, row['max_amount'])
        undo = matched < 0
        # What was paid goes back in proportion to the volume whose pairs are undone.
        amount[undo] = -muldiv(book['paid'][undo], -matched[undo], book['matched'][undo])
        return matched, row['rate'], amount, (left - matched, right - matched)

    def _cycles(self, left, right, row, book, members):
        strong, weak = self.values['strong'], self.values['weak']
        count, *after = cycles(np.where(members, left, 0), np.where(members, right, 0), strong,
        weak,
                               self.values['fixed'])
        after = [np.where(members, new, old) for new, old in zip(after, (left, right))]
        amount = _limited(count * row['amount'], row['max_amount'])
        return count * (strong + weak), np.zeros_like(count), amount, after

    def _capped(self, amount, new):
        limit = self.settings.rounding.share(np.array([max(sum(new.tolist()), 0)]),
                                             self.values['total_cap'])
        paid = np.flatnonzero(amount > 0)
        if not self.values['total_cap'] or sum(amount[paid].tolist()) <= int(limit[0]):
            return amount
        amount = amount.copy()
        amount[paid] = largest_remainder(int(limit[0]), amount[paid].tolist(),
                                         self.settings.rounding.unit)
        return amount

    def _carry(self, book, before, legs, after, members):
        values = self.values
        flushed = np.minimum(*after) if values['excess'] == 'flush' else None
        for place, name in enumerate(('left', 'right')):
            kept = after[place] if flushed is None else np.minimum(after[place], flushed)
            idle = {'keep': legs[place], 'stop': before[place],
                    'flush': np.zeros_like(kept)}[values['inactive']]
            kept = np.where(members, kept, idle)
            if values['carry_limit']:
                kept = np.minimum(kept, values['carry_limit'])
            book[name] = kept


def _limited(amount, limit):
    return np.where((limit > 0) & (amount > limit), limit, amount)


def cycles(left, right, strong, weak, fixed):
    """Count the cycles that two legs allow.

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
            change = low > high
            high, low = np.where(change, low, high), np.where(change, high, low)
            swapped = swapped ^ change
            more = np.minimum(possible(), 1)
            if not more.any():
                break
            count, high, low = count + more, high - more * strong, low - more * weak
    return count, np.where(swapped, low, high), np.where(swapped, high, low)
