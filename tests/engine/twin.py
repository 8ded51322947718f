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

    def __init__(self, sponsor, active, rate, rank=None, mode='half_up', unit=1, **more):
        self.sponsor, self.active, self.rate = sponsor, active, rate
        self.rank = rank or {}
        self.mode, self.unit = mode, unit
        self.highest = more.get('highest') or self.rank
        self.points = more.get('points') or {}
        self.shares = more.get('shares') or {}
        self.placement, self.slot = more.get('placement'), more.get('slot')

    def member(self, agent):
        """Active and with an agreement."""
        return self.active[agent] and self.rate[agent] >= 0

    def share(self, base, rate):
        return rounded(Fraction(base) * Fraction(rate, 10**6), self.mode, self.unit)


def stops(world, seller, count, able, compression='none', tree=None, counted=None):
    """Who stands on level 1, 2, ... above the seller: yields (level, agent, whether paid).

    able(agent, level) tells who is qualified for a level, beside being active with an agreement.
    """
    queue = upline(tree or world.sponsor, seller)[1:]
    if counted:
        queue = [agent for agent in queue if counted(agent)]
    if compression != 'none':
        queue = [agent for agent in queue if world.member(agent)]
    number = 0
    while queue and number < count:
        agent = queue.pop(0)
        paid = world.member(agent) and able(agent, number + 1)
        if compression == 'dynamic' and not paid:
            continue
        number += 1
        yield number, agent, paid


def level(world, seller, base, rates, own_rate=0, compression='none', min_rank=None,
          split='each', min_points=None, tree=None):
    """Unilevel. Yields (level, agent, rate, amount)."""
    def able(agent, number):
        return (world.rank.get(agent, -1) >= (min_rank or {}).get(number, -1)
                and world.points.get(agent, 0) >= (min_points or {}).get(number, 0))

    paid = [(0, seller, own_rate)] if own_rate and world.member(seller) else []
    paid += [(number, agent, rates[number - 1]) for number, agent, good in stops(
        world, seller, len(rates), able, compression, tree) if good]
    total = 0
    for number, agent, rate in paid:
        if split == 'whole':
            amount = world.share(base, total + rate) - world.share(base, total)
        else:
            amount = world.share(base, rate)
        total += rate
        yield number, agent, rate, amount


def cascade(world, seller, base, rates, own_rate=0, compression='none'):
    """Each level of what is left. Yields (level, agent, rate, amount)."""
    for number, agent, rate, _amount in level(world, seller, base, rates, own_rate, compression):
        amount = world.share(base, rate)
        base -= amount
        yield number, agent, rate, amount


def generation(world, seller, base, rates, opening, compression='none', boundary='before',
               first='own_group', title='paid'):
    """From leader to leader. Yields (generation, agent, rate, amount)."""
    held = world.rank if title == 'paid' else world.highest

    def leader(agent):
        opens = held.get(agent, -1) >= opening
        return opens and (compression == 'none' or world.member(agent))

    number = 0 if first == 'first_leader' else 1
    if leader(seller) and boundary == 'before':
        number += 1
    for agent in upline(world.sponsor, seller)[1:]:
        if leader(agent):
            if 1 <= number <= len(rates) and world.member(agent):
                yield number, agent, rates[number - 1], world.share(base, rates[number - 1])
            number += 1


def infinity(world, seller, base, layers):
    """Nearest agent of a rank. Layers are (rank, rate, from level). Yields like the others."""
    paid = {}
    for rank, rate, start in layers:
        for distance, agent in list(enumerate(upline(world.sponsor, seller)))[start:]:
            if world.member(agent) and world.rank.get(agent, -1) >= rank:
                paid[distance, agent] = paid.get((distance, agent), 0) + rate
                break
    for (distance, agent), rate in paid.items():
        yield distance, agent, rate, world.share(base, rate)


def retail(world, seller, base, rate, pass_up):
    """Whoever brought the customer."""
    line = upline(world.sponsor, seller)
    for distance, agent in enumerate(line if pass_up else line[:1]):
        if world.member(agent):
            yield distance, agent, rate, world.share(base, rate)
            return


def fast_start(world, seller, base, rates, caps, earlier, compression='none'):
    """Capped totals, after less before."""
    for number, agent, rate, amount in level(world, seller, base, rates, 0, compression):
        cap = caps[number - 1]
        if cap:
            after, before = (max(-cap, min(cap, world.share(total, rate)))
                             for total in (earlier + base, earlier))
            amount = after - before
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


def unit_differential(world, seller, count, amounts, divisor, unqualified='pass_up',
                      seller_mode='paid'):
    """Differential in amounts for each unit by rank. Yields (distance, agent, step, amount)."""
    each = {agent: max([row for row in amounts if row[0] <= world.rank[agent]],
                       default=(0, -1))[1] if world.rate[agent] >= 0 else -1
            for agent in world.sponsor}

    def worth(amount):
        return rounded(Fraction(count * amount, divisor), world.mode, world.unit)

    reached = 0
    for distance, agent in enumerate(upline(world.sponsor, seller)):
        if not distance and seller_mode == 'ignored':
            continue
        if each[agent] > reached and (world.active[agent] or unqualified == 'company_keeps'):
            if world.active[agent] and (distance or seller_mode == 'paid'):
                yield distance, agent, each[agent] - reached, worth(each[agent]) - worth(reached)
            reached = each[agent]


def distribution(world, base, shares, paid, account):
    """Fixed shares, then what others got, then the rest. Yields (row, account, rate, amount)."""
    left = base - paid
    for number, (who, rate) in enumerate(shares):
        amount = world.share(base, rate)
        left -= amount
        yield number, who, rate, amount
    yield len(shares), account, 0, left
