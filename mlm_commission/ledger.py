# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The arithmetic of the volume ledger: plain integers, no Odoo, no database.

An invoice line's facts always add up to what the line is worth for commission now. Nothing is ever changed: what
an event changes is appended, either as a new *base* fact or as an *adjustment* of the base fact it takes back or
gives back. Adjustments of one base fact keep it between its full size and zero, so whoever was paid for it can be
clawed back pro rata, and to exactly zero.
"""
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple


class Measures(NamedTuple):
    """What is counted of a sale, as integers of any sign.

    ``net`` and ``margin`` in minor units of the company's currency, ``points`` in hundredths, ``quantity`` in
    thousandths, ``document`` the net amount in minor units of the document's currency, ``total`` the valuation sum.
    """
    net: int = 0
    margin: int = 0
    points: int = 0
    quantity: int = 0
    document: int = 0
    total: int = 0

    def __add__(self, other):
        return Measures(*(a + b for a, b in zip(self, other)))

    def __sub__(self, other):
        return Measures(*(a - b for a, b in zip(self, other)))

    @property
    def driver(self):
        """The measure that says how much of a line is there: the first one that is not zero.

        The document's own currency comes first: what is credited or paid of it is said in that.

        :return: its position, or ``None`` if nothing counts
        """
        for position in (4, 0, 2, 1, 3):
            if self[position]:
                return position
        return None


class Fact(NamedTuple):
    """One recorded fact of a line.

    ``id`` is None while it is new; ``origin`` is the id (or the new Fact) that it adjusts, None for a base fact;
    ``key`` is whom and what it is about, e.g. (agent, customer, product).
    """
    id: int | None
    origin: int | None
    key: tuple
    measures: Measures


class Worth(NamedTuple):
    """What a line is worth now: ``part`` of ``full``'s driver measure, for ``key``."""
    key: tuple
    full: Measures
    part: int


def round_half_up(numerator, denominator):
    """Round a quotient of integers half away from zero.

    :param int denominator: any sign, not zero
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -quotient if numerator < 0 else quotient


def scaled(full, driver, part):
    """``full`` reduced to ``part`` of its driver measure, every measure rounded by itself."""
    if driver is None:
        return Measures()
    return Measures(*(
        part if position == driver else round_half_up(value * part, full[driver])
        for position, value in enumerate(full)
    ))


def balance(recorded, worth):
    """Tell which facts to append so that a line's facts add up to what it is worth now.

    :param recorded: the line's facts so far, oldest first: list of :class:`Fact`
    :param worth: :class:`Worth` of the line, or None if it is worth nothing
    :return: list of :class:`Fact` with ``id`` None
    """
    outstanding = {fact.id: fact.measures for fact in recorded if fact.origin is None}
    for fact in recorded:
        if fact.origin is not None:
            outstanding[fact.origin] += fact.measures
    bases = [fact for fact in recorded if fact.origin is None]
    driver = worth.full.driver if worth else None
    kept = [base for base in bases if driver is not None and _same_terms(base, worth, driver)]
    appended = [] if driver is None else _carry_on(kept, outstanding, worth, driver)
    while appended is None:
        # A price that differs by no more than rounding does, and yet by a cent: the older facts end as those of another
        # price do. Without any left a new one always adds up.
        kept = kept[1:]
        appended = _carry_on(kept, outstanding, worth, driver)
    # Another agent, customer or product, another price or points: the old fact ends, a new one begins.
    return [Fact(None, base.id, base.key, Measures() - outstanding[base.id])
            for base in bases if base not in kept and any(outstanding[base.id])] + appended


def _carry_on(kept, outstanding, worth, driver):
    """Let some base facts of the same terms go on, and add what they have no room for.

    :return: list of :class:`Fact` to append, or None if these facts cannot add up to the line in every measure
    """
    now = {base.id: outstanding[base.id] for base in kept}
    if not all(now[older.id] == older.measures or not any(now[newer.id]) for older, newer in pairwise(kept)):
        # The older one has ended for good: the newer one came in its stead, not on top of it.
        return None
    whole = scaled(worth.full, driver, worth.part)
    missing = worth.part - sum(measures[driver] for measures in now.values())
    appended = []
    # What shrinks shrinks from the newest; what was taken back is given back oldest first.
    for base in (reversed(kept) if missing and _shrinks(kept, now, driver, missing) else kept):
        step = _room(base.measures[driver], now[base.id][driver], missing)
        if step:
            target = scaled(base.measures, driver, now[base.id][driver] + step)
            if any(target) and target != base.measures:
                # The one that is there in part takes the rounding of all: the parts of a line add up to the line.
                others = sum((now[other.id] for other in kept if other != base), Measures())
                target = _within(whole - others, base.measures)
            appended.append(Fact(None, base.id, base.key, target - now[base.id]))
            now[base.id] = target
            missing -= step
    rest = Fact(None, None, worth.key, whole - sum(now.values(), Measures()))
    if not any(rest.measures):
        return appended
    return [*appended, rest] if missing and _same_terms(rest, worth, driver) else None


def _same_terms(base, worth, driver):
    """Whether a base fact is a part of this very worth: same key, every measure in the same proportion.

    Up to two units of rounding: its own, and that of the parts before it.
    """
    size, full = base.measures[driver], worth.full[driver]
    return base.key == worth.key and size and (size > 0) == (full > 0) and all(
        abs(value * full - worth.full[position] * size) <= 2 * abs(full)
        for position, value in enumerate(base.measures)
    )


def _within(measures, full):
    """Keep every measure between nothing and the whole."""
    return Measures(*(max(min(0, size), min(max(0, size), value)) for value, size in zip(measures, full)))


def _shrinks(bases, outstanding, driver, missing):
    total = sum(outstanding[base.id][driver] for base in bases)
    return bool(total) and (total > 0) == (missing < 0)


def _room(size, now, missing):
    """How far a base fact of ``size`` that stands at ``now`` may move towards ``missing``: never below 0 or above size."""
    low, high = min(0, size), max(0, size)
    return max(low, min(high, now + missing)) - now


def spread_credits(lines, credits):
    """Take credit notes off the lines of the invoice they credit.

    A credited line is taken off the line it came from; what cannot be told apart, or is more than that line was,
    is spread over the invoice's other lines in proportion to what is left of them.

    :param lines: {line id: net minor units, any sign}
    :param credits: [(credit line id, line id it came from or None, net minor units credited, same sign as the line)]
    :return: ({line id: net left}, {credit line id: net that found no line})
    """
    left = dict(lines)
    loose = defaultdict(int)
    for credit_id, line_id, amount in credits:
        taken = _room(lines[line_id], left[line_id], -amount) if line_id in left else 0
        if taken:
            left[line_id] += taken
        if amount + taken:
            loose[credit_id] = amount + taken
    over = {}
    for credit_id, amount in loose.items():
        rest = _spread(left, amount)
        if rest:
            over[credit_id] = rest
    return left, over


def _spread(left, amount):
    """Take ``amount`` off ``left`` (changed in place) pro rata, largest remainder first; return what found no room."""
    candidates = {key: value for key, value in left.items() if value and (value > 0) == (amount > 0)}
    total = sum(candidates.values())
    take = amount if abs(amount) <= abs(total) else total
    if not take:
        return amount
    shares = {key: abs(value * take) // abs(total) for key, value in candidates.items()}
    remainders = sorted(candidates, key=lambda key: (-(abs(candidates[key] * take) % abs(total)), key))
    for key in remainders[:abs(take) - sum(shares.values())]:
        shares[key] += 1
    sign = 1 if take > 0 else -1
    for key, share in shares.items():
        left[key] -= sign * share
    return amount - take
