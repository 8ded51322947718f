# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""How much of a commission is taken back when the sale it was paid for ends before its time.

Families of liability as contracts of agents know them: the whole, pro rata of the months held, by
steps, until a number of payments came in, nothing any more after some months or a day. A share is
a pair of integers, so that what is taken back in many parts is exact to the last cent.
"""

import calendar
import datetime
from dataclasses import dataclass

from .errors import EngineError
from .i18n import _

FULL, TIME, STEPS, PAYMENTS, NONE = KINDS = ('full', 'time', 'steps', 'payments', 'none')
# Steps are in hundredths of a percent.
STEP_WHOLE = 10_000


@dataclass(frozen=True)
class Liability:
    """The terms of one liability.

    :param str kind: one of ``KINDS``
    :param int months: full: taken back within these months, 0 for ever; time: the months in which
        the commission is earned
    :param steps: steps: tuple of (months, part in hundredths of a percent), ascending by months:
        the part is taken back while fewer months were held
    :param int payments: payments: from this many payments on nothing is taken back
    :param bool gradual: payments: each of them earns its part, instead of the last one everything
    :param last_day: date after which nothing is taken back, or None
    """

    kind: str = FULL
    months: int = 0
    steps: tuple = ()
    payments: int = 0
    gradual: bool = False
    last_day: datetime.date | None = None

    def __post_init__(self):
        steps = tuple(months for months, _part in self.steps)
        if (self.kind not in KINDS or self.months < 0 or (self.kind == TIME and not self.months)
                or (self.kind == PAYMENTS and self.payments < 1)
                or (self.kind == STEPS and not steps) or list(steps) != sorted(set(steps))
                or any(months < 1 or not 0 <= part <= STEP_WHOLE for months, part in self.steps)):
            raise EngineError(_('These terms of liability are not complete.'), field='liability')

    @property
    def whole(self):
        """What a share is a part of; always the same for the same terms."""
        return {TIME: self.months, STEPS: STEP_WHOLE,
                PAYMENTS: self.payments if self.gradual else 1}.get(self.kind, 1)

    def share(self, start, day, payments=0):
        """Return which part of the commission is taken back, an integer from 0 to `whole`.

        :param start: date from which the contract is held
        :param day: date on which it ends
        :param int payments: how many payments came in until then
        """
        if self.kind == NONE or (self.last_day and day > self.last_day):
            return 0
        held = months_held(start, day)
        if self.kind == TIME:
            return max(0, self.months - held)
        if self.kind == STEPS:
            return next((part for months, part in self.steps if held < months), 0)
        if self.kind == PAYMENTS:
            left = max(0, self.payments - payments)
            return left if self.gradual else min(left, 1)
        return 0 if self.months and held >= self.months else 1

    def end(self, start):
        """Return the last day on which something may be taken back; None: there is none.

        :param start: date from which the contract is held
        """
        if self.kind == NONE:
            return start - datetime.timedelta(days=1)
        months = self.steps[-1][0] if self.kind == STEPS else self.months
        ends = [self.last_day] if self.last_day else []
        if months and self.kind != PAYMENTS:
            ends.append(add_months(start, months) - datetime.timedelta(days=1))
        return min(ends, default=None)


def add_months(day, months):
    """Return the same day some months later, the last of the month where there is no such day."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(day.day, last))


def months_held(start, day):
    """Return how many whole months lie between two dates; none if the second is earlier."""
    if day < start:
        return 0
    months = (day.year - start.year) * 12 + day.month - start.month
    return months - (add_months(start, months) > day)


def weigh(parts):
    """Add up what is taken back of one sale in parts, each at its share, and given back again.

    What is given back is what was taken last, at the share at which it was taken: so whatever is
    undone in full leaves nothing behind.

    :param parts: (part, share) in order: how much of the sale is reversed, of the sale's sign, or
        of the opposite where a reversal is undone; and the share of the commission that counts
    :return: list of the running totals of part x share, one for each part
    :raise EngineError: when more is given back than was taken
    """
    taken, total, totals = [], 0, []
    for part, share in parts:
        while part and taken and (part < 0) != (taken[-1][0] < 0):
            last, at = taken.pop()
            back = min(abs(part), abs(last)) * (1 if last > 0 else -1)
            total -= back * at
            part += back
            if last != back:
                taken.append((last - back, at))
        if part:
            taken.append((part, share))
            total += part * share
        totals.append(total)
    sale = next((part for part, _share in parts if part), 0)
    if taken and (taken[0][0] < 0) != (sale < 0):
        raise EngineError(_('More was given back than was taken.'), field='part')
    return totals
