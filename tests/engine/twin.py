# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The slow twin: every rule again in plain Python, straight from its definition.

Agents are ids, networks dicts, money Fractions; every upline is walked person by person. Nothing is
shared with the engine, so that an error would have to be made twice.
"""

from fractions import Fraction


def rounded(value, mode='half_up', unit=1):
    """Round a Fraction to a multiple of unit, by magnitude."""
    size = abs(Fraction(value)) / unit
    whole = size.numerator // size.denominator
    rest = size - whole
    if mode == 'half_up':
        whole += rest >= Fraction(1, 2)
    elif mode == 'half_even':
        whole += rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1)
    elif mode == 'away_from_zero':
        whole += rest > 0
    return whole * unit if value >= 0 else -whole * unit


def upline(sponsor, agent):
    """The agent, its sponsor, the sponsor's sponsor, and so on."""
    line = []
    while agent:
        line.append(agent)
        agent = sponsor[agent]
    return line


class World:
    """A network with its terms: dicts by agent id."""

    def __init__(self, sponsor, active, rate, rank=None, mode='half_up', unit=1):
        self.sponsor, self.active, self.rate = sponsor, active, rate
        self.rank = rank or {}
        self.mode, self.unit = mode, unit

    def share(self, base, rate):
        return rounded(Fraction(base) * Fraction(rate, 10**6), self.mode, self.unit)


def level(world, seller, base, rates, own_rate=0, compression='none', min_rank=None,
          split='each'):
    """Unilevel. Yields (level, agent, rate, amount)."""
    min_rank = min_rank or [-1] * len(rates)

    def member(agent):
        return world.active[agent] and world.rate[agent] >= 0

    paid = []
    if own_rate and member(seller):
        paid.append((0, seller, own_rate))
    queue = upline(world.sponsor, seller)[1:]
    if compression != 'none':
        queue = [agent for agent in queue if member(agent)]
    number = 0
    while queue and number < len(rates):
        agent = queue.pop(0)
        able = member(agent) and world.rank.get(agent, -1) >= min_rank[number]
        if compression == 'dynamic' and not able:
            continue
        number += 1
        if able:
            paid.append((number, agent, rates[number - 1]))
    total = 0
    for number, agent, rate in paid:
        if split == 'whole':
            amount = world.share(base, total + rate) - world.share(base, total)
        else:
            amount = world.share(base, rate)
        total += rate
        yield number, agent, rate, amount


def differential(world, seller, base, rate=None, unqualified='pass_up', equal_rate=0,
                 seller_mode='paid', level_one='difference', direct_rate=0):
    """Differential by rate. Yields (distance, agent, rate, amount)."""
    rate = rate or world.rate
    line = upline(world.sponsor, seller)
    reached = 0
    for distance, agent in enumerate(line):
        own = rate[agent]
        earns = own >= 0 and world.active[agent]
        direct = distance == 1 and level_one == 'direct'
        if direct and earns:
            yield distance, agent, direct_rate, world.share(base, direct_rate)
        if distance == 0 and seller_mode == 'ignored':
            continue
        counts = own >= 0 and (world.active[agent] or unqualified == 'company_keeps')
        if not counts or own <= reached:
            continue
        silent = direct or (distance == 0 and seller_mode == 'counts')
        if earns and not silent:
            yield (distance, agent, own - reached,
                   world.share(base, own) - world.share(base, reached))
        reached = own
        for further, peer in list(enumerate(line))[distance + 1:]:
            known = rate[peer] >= 0 and (world.active[peer] or unqualified == 'company_keeps')
            if known and rate[peer] > reached:
                break
            if rate[peer] == reached and world.active[peer]:
                if equal_rate and not (further == 1 and level_one == 'direct'):
                    yield further, peer, equal_rate, world.share(base, equal_rate)
                break
