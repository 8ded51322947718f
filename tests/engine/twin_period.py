# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The slow twins of the rules that look at a whole period, straight from their definitions."""


from fractions import Fraction

from twin import level, upline


def children(parent, agent):
    return [one for one in sorted(parent) if parent[one] == agent]


def looked_through(world):
    """The tree without agents who cannot be paid: who stands above whom now."""
    result = {}
    for agent in world.sponsor:
        line = [one for one in upline(world.sponsor, agent)[1:] if world.member(one)]
        result[agent] = line[0] if line else 0
    return result


def grouped(world, own, unqualified):
    """(tree, own volumes) as the rule sees them; own maps agents to (points, value)."""
    if unqualified == 'company_keeps':
        return dict(world.sponsor), dict(own)
    above = looked_through(world)
    tree = {agent: above[agent] for agent in above if world.member(agent)}
    mine = {agent: own.get(agent, (0, 0)) for agent in tree}
    for agent, (points, value) in own.items():
        if agent not in tree and above[agent]:
            old = mine[above[agent]]
            mine[above[agent]] = old[0] + points, old[1] + value
    return tree, mine


def below(tree, agent):
    """The agent and everybody below."""
    return [one for one in tree if agent in upline(tree, one)]


def looked_up(table, points):
    return max([(limit, value) for limit, value in table if limit <= points],
               default=(None, 0))[1]


def group_differential(world, own, table, volume='group', unqualified='pass_up'):
    """Payments by agent."""
    if volume == 'personal':
        return {agent: world.share(value, looked_up(table, points))
                for agent, (points, value) in own.items() if world.member(agent)}
    tree, mine = grouped(world, own, unqualified)
    total = {agent: [sum(mine.get(one, (0, 0))[part] for one in below(tree, agent))
                     for part in (0, 1)] for agent in tree}
    rate = {agent: looked_up(table, total[agent][0]) for agent in tree}
    paid = {}
    for agent in tree:
        legs = children(tree, agent)
        counted = [leg for leg in legs if rate[leg] <= rate[agent]]
        value = total[agent][1] - sum(total[leg][1] for leg in legs if leg not in counted)
        if world.member(agent):
            paid[agent] = world.share(value, rate[agent]) - sum(
                world.share(total[leg][1], rate[leg]) for leg in counted)
    return paid


def breakaway(world, own, table, leadership, own_points, guaranteed, unqualified='pass_up'):
    """(payments inside personal groups, leadership kept), both by agent."""
    tree, mine = grouped(world, own, unqualified)
    top_points, top_rate = table[-1]
    points, value, rate, leader = {}, {}, {}, {}
    inside, kept = {}, {}

    def visit(agent):
        """Returns what the agent's group passes up as leadership."""
        inflow = sum(visit(leg) for leg in children(tree, agent))
        legs = children(tree, agent)
        stay = [leg for leg in legs if not leader[leg]]
        points[agent] = mine.get(agent, (0, 0))[0] + sum(points[leg] for leg in stay)
        value[agent] = mine.get(agent, (0, 0))[1] + sum(value[leg] for leg in stay)
        leader[agent] = points[agent] >= top_points or (
            len(stay) < len(legs) and points[agent] >= own_points)
        rate[agent] = top_rate if leader[agent] else looked_up(table, points[agent])
        counted = [leg for leg in stay if rate[leg] <= rate[agent]]
        base = value[agent] - sum(value[leg] for leg in stay if leg not in counted)
        inside[agent] = world.share(base, rate[agent]) - sum(
            world.share(value[leg], rate[leg]) for leg in counted)
        if leader[agent]:
            generated = world.share(value[agent], leadership)
            owed = generated
            if guaranteed and tree[agent]:
                owed = max(generated, world.share(guaranteed, leadership))
            up = min(owed, generated + inflow)
            kept[agent] = generated + inflow - up
        elif world.member(agent) and points[agent] >= own_points:
            kept[agent], up = inflow, 0
        else:
            kept[agent], up = 0, 0 if unqualified == 'company_keeps' else inflow
        return up

    for agent in children(tree, 0):
        visit(agent)
    return ({agent: inside[agent] for agent in inside if world.member(agent)},
            {agent: kept[agent] for agent in kept if world.member(agent)})


def matching(world, earned, rates, compression='none'):
    """Payments by (agent, generation)."""
    total = {}
    for agent, amount in earned.items():
        for generation, above, rate, _amount in level(world, agent, amount, rates,
                                                      compression=compression):
            key = above, generation, rate
            total[key] = total.get(key, 0) + amount
    return {(agent, generation): world.share(base, rate)
            for (agent, generation, rate), base in total.items()}


def cycles(left, right, strong, weak, fixed):
    """Take one cycle after the other."""
    legs_now, count = [left, right], 0
    high = 0 if left >= right else 1
    while True:
        if not fixed:
            high = 0 if legs_now[0] >= legs_now[1] else 1
        if legs_now[high] < strong or legs_now[1 - high] < weak:
            return count, *legs_now
        legs_now[high] -= strong
        legs_now[1 - high] -= weak
        count += 1


def hare(total, weights):
    """Whole parts in proportion; the last ones by largest remainder, the earlier first."""
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    parts = [one.numerator // one.denominator for one in exact]
    order = sorted(range(len(weights)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[:total - sum(parts)]:
        parts[place] += 1
    return parts


def stepwise(world, total, weights):
    """Split a total by weight, a dict by agent, in steps of the world's unit."""
    who = [agent for agent in sorted(weights) if weights[agent] > 0]
    if not who:
        return {}
    parts = hare(total // world.unit, [weights[agent] for agent in who])
    return {agent: part * world.unit for agent, part in zip(who, parts)}


def looked_up_rank(world, agent, rows):
    """The value of the last row (rank, value) that is not above the agent's rank, or 0."""
    return max([row for row in rows if row[0] <= world.rank[agent]], default=(None, 0))[1]


def pool(world, rows, rate, split, min_rank=-1, shares=(), most=0):
    """Payments by agent; rows are (seller, net, points)."""
    whole = world.share(sum(net for _seller, net, _points in rows), rate)
    weight = {}
    for agent in world.sponsor:
        if world.member(agent) and world.rank[agent] >= min_rank:
            weight[agent] = {
                'equal': 1, 'shares': world.shares[agent],
                'rank': looked_up_rank(world, agent, shares),
                'points': sum(points for seller, _net, points in rows if seller == agent)}[split]
    if whole <= 0:
        return {}
    return {agent: min(amount, most) if most else amount
            for agent, amount in stepwise(world, whole, weight).items()}


def cap(world, earned, limit):
    """What a limit for all together takes from each agent's sum: every share times f."""
    if sum(earned.values()) <= limit:
        return {}
    debts = sum(amount for amount in earned.values() if amount < 0)
    allowed = stepwise(world, limit - debts, earned)
    rest = (limit - debts) % world.unit
    if rest:
        first = min(allowed, key=lambda agent: (
            -(Fraction((limit - debts) // world.unit * earned[agent],
                       sum(one for one in earned.values() if one > 0)) % 1), agent))
        allowed[first] += rest
    return {agent: allowed[agent] - earned[agent] for agent in allowed}


def cap_person(world, earned, rows):
    """What a limit by rank takes from each agent's sum; 0 is no limit."""
    cut = {}
    for agent, amount in earned.items():
        limit = looked_up_rank(world, agent, rows)
        if limit and amount > limit:
            cut[agent] = limit - amount
    return cut


def rank_advance(world, sold, amounts, limit, skipped):
    """Payments by (agent, rank). sold maps agents to volume."""
    due = {}
    for agent in sorted(world.sponsor):
        group = sum(sold.get(one, 0) for one in below(world.sponsor, agent))
        for rank, amount in amounts:
            new = world.highest[agent] < rank <= world.rank[agent]
            if world.member(agent) and group > 0 and new and (
                    skipped or rank == world.rank[agent]):
                due[agent, rank] = amount
    most = max(world.share(sum(sold.values()), limit), 0)
    if sum(due.values()) <= most:
        return due
    keys = sorted(due)
    rest, steps = most % world.unit, most // world.unit
    parts = dict(zip(keys, (part * world.unit for part in hare(steps, [due[key] for key in keys]))))
    if rest:
        whole = sum(due.values())
        parts[min(keys, key=lambda key: (-(Fraction(steps * due[key], whole) % 1), key))] += rest
    return parts
