# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Ranks: twin, published examples, compression, maintenance."""

import numpy as np
import pytest
from engine import EngineError, PlanErrors
from engine.ranks import Ladder, Qualifier, Volumes, volumes_of
from hypothesis import given
from hypothesis import strategies as st
from twin import World, upline
from twin_period import below, children
from worlds import network_of, run_of, sales_of, worlds


def looked_through(world, points):
    """The tree without inactive agents, and what counts as own: theirs goes to the next above."""
    tree, own = dict.fromkeys(world.sponsor, 0), dict.fromkeys(world.sponsor, 0)
    for agent in world.sponsor:
        line = [one for one in upline(world.sponsor, agent) if world.active[one]]
        if line:
            own[line[0]] += points[agent]
        if world.active[agent] and len(line) > 1:
            tree[agent] = line[1]
    return tree, own


def twin(world, rows, points, before, compression='none'):
    """(achieved, paid) by agent, judged agent by agent and rank by rank."""
    tree, personal = world.sponsor, points
    if compression == 'standard':
        tree, points = looked_through(world, points)
    total = {agent: sum(points[one] for one in below(tree, agent)) for agent in tree}
    achieved, paid = dict.fromkeys(tree, -1), dict.fromkeys(tree, -1)
    for number, row in enumerate(rows):
        held = dict(paid)
        for agent in tree:
            legs = children(tree, agent)
            most = row['group_points'] * row['leg_cap'] // 10**6
            counted = min(points[agent], most) + sum(min(total[leg], most) for leg in legs)
            met = (personal[agent] >= row['personal_points'] and world.active[agent]
                   and (counted if row['leg_cap'] < 10**6 else total[agent]) >= row['group_points']
                   and sum(total[leg] >= row['leg_points'] for leg in legs) >= row['legs']
                   and sum(any(held[one] >= row['leg_rank'] for one in below(tree, leg))
                           for leg in legs) >= row['ranked_legs'])
            if met and achieved[agent] == number - 1:
                achieved[agent] = number
                paid[agent] = number if held[agent] == number - 1 else paid[agent]
            if met and held[agent] == number - 1 and before[agent] >= number:
                paid[agent] = number
    return achieved, paid


SOME = st.sampled_from((0, 100, 5_000, 20_000))


@given(st.data())
def test_like_the_twin(data):
    world = data.draw(worlds(most=15))
    points = {agent: data.draw(st.sampled_from((0, 100, 5_000, -200, 9_000)))
              for agent in world.sponsor}
    rows = [{'name': str(number), 'personal_points': data.draw(SOME) // 50,
             'group_points': data.draw(SOME), 'leg_cap': data.draw(
                 st.sampled_from((1_000_000, 500_000))), 'legs': data.draw(st.integers(0, 2)),
             'leg_points': data.draw(SOME), 'ranked_legs': data.draw(st.integers(0, 2)) if number
             else 0, 'leg_rank': data.draw(st.integers(0, max(number - 1, 0)))}
            for number in range(data.draw(st.integers(1, 4)))]
    compression = data.draw(st.sampled_from(('none', 'standard')))
    ladder = Ladder.parse({'compression': compression, 'ranks': [{
        **row, 'leg_cap': row['leg_cap'] // 10_000, **{
            name: row[name] / 100 for name in ('personal_points', 'group_points', 'leg_points')}}
        for row in rows]})
    network = network_of(world)
    agents = network.ids.tolist()
    before = {agent: data.draw(st.integers(-1, 3)) for agent in agents}
    standing = Qualifier(ladder, network, Volumes(
        np.array([points[agent] for agent in agents]))).judge(
        np.array([before[agent] for agent in agents], np.int16))
    achieved, paid = twin(world, rows, points, before, compression)
    assert dict(zip(agents, standing.achieved.tolist())) == achieved
    assert dict(zip(agents, standing.paid.tolist())) == paid
    assert standing.highest.tolist() == [max(before[one], achieved[one]) for one in agents]


def star(*legs):
    """Agent 1 with one leg for each volume, and the volumes."""
    agents = range(1, len(legs) + 2)
    world = World({agent: int(agent > 1) for agent in agents}, dict.fromkeys(agents, True),
                  dict.fromkeys(agents, 0))
    return network_of(world)


def judged(ladder, own, *legs):
    qualifier = Qualifier(Ladder.parse({'ranks': ladder}), star(*legs), Volumes(
        np.array([own, *legs]) * 100))
    standing = qualifier.judge()
    return int(standing.achieved[0]), [template % values for template, values in
                                       qualifier.missing(standing, 1)]


YOUNG_LIVING = [{'name': name, 'group_points': group, 'legs': legs, 'leg_points': leg}
                for name, group, legs, leg in (
                    ('Executive', 4_000, 2, 1_000), ('Silver', 10_000, 2, 4_000),
                    ('Gold', 35_000, 3, 6_000), ('Platinum', 100_000, 4, 8_000))]


def test_w30():
    """Legs 2,378 / 741 / 466 / 1,469 and 6,053 in the group: executive, not silver."""
    rank, missing = judged(YOUNG_LIVING, 999, 2_378, 741, 466, 1_469)
    assert rank == 0
    assert missing == ['For Silver: Group points 6053 of 10000.',
                       'For Silver: Legs with points 0 of 2.']


@pytest.mark.parametrize('legs, rank', [((19_000,), -1), ((19_000, 4_000), 0)])
def test_w29(legs, rank):
    """20,000 needed, at most 80 % from one source: 19,000 count as 16,000."""
    assert judged([{'name': 'R', 'group_points': 20_000, 'leg_cap': 80}], 0, *legs)[0] == rank


def test_compression():
    """An inactive agent is looked through: the two legs below become two legs of the one above."""
    world = World({1: 0, 2: 1, 3: 2, 4: 2}, {1: True, 2: False, 3: True, 4: True},
                  dict.fromkeys(range(1, 5), 0))
    rows = [{'name': 'R', 'legs': 2, 'leg_points': 100}]
    for compression, wanted in (('none', -1), ('standard', 0)):
        ladder = Ladder.parse({'ranks': rows, 'compression': compression})
        standing = Qualifier(ladder, network_of(world), Volumes(
            np.array([0, 500, 10_000, 10_000]))).judge()
        assert standing.achieved[0] == wanted
        assert standing.group_points[0] == 20_500


def test_maintenance():
    """Reached with 1,000, kept with 400; below that the highest rank stays, the pay does not."""
    ladder = Ladder.parse({'ranks': [{'name': 'R', 'group_points': 1_000}],
                           'maintenance': [{'name': 'R', 'group_points': 400}]})
    network = star()
    for points, before, wanted in ((1_000, -1, (0, 0, 0)), (500, 0, (-1, 0, 0)),
                                   (300, 0, (-1, 0, -1)), (500, -1, (-1, -1, -1))):
        standing = Qualifier(ladder, network, Volumes(np.array([points * 100]))).judge(
            np.array([before], np.int16))
        assert tuple(int(part[0]) for part in (
            standing.achieved, standing.highest, standing.paid)) == wanted


def test_customers():
    run = run_of(World({1: 0}, {1: True}, {1: 0}), {'kind': 'differential'})
    sales = sales_of(run, [(1, 1, 100), (2, 1, 100), (3, 1, 50), (4, 1, 50)],
                     points=[100, 100, 0, 0], attributes={'customer': [7, 7, 8, 0]})
    volumes = volumes_of(run.network, sales)
    assert (volumes.customers.tolist(), volumes.points.tolist(), volumes.value.tolist()) == (
        [2], [200], [300])
    fee = sales_of(run, [(1, 1, 100), (2, 1, 700)], points=[100, 700],
                   attributes={'enrolment': [0, 1]})
    assert volumes_of(run.network, fee).points.tolist() == [100], 'joining fees are no volume'
    ladder = Ladder.parse({'ranks': [{'name': 'R', 'customers': 2, 'personal_value': 3},
                                     {'name': 'S', 'customers': 3}]})
    assert Qualifier(ladder, run.network, volumes).judge().achieved.tolist() == [0]


def test_errors():
    with pytest.raises(PlanErrors) as error:
        Ladder.parse({'ranks': [{'name': 'A', 'ranked_legs': 1}, {'legs': -1}], 'x': 1,
                      'maintenance': [{'name': 'A'}]})
    assert [problem.path for problem in error.value.problems] == [
        'ranks.ranks[0].leg_rank', 'ranks.ranks[1].name', 'ranks.ranks[1].legs',
        'ranks.maintenance', 'ranks.x']
    with pytest.raises(EngineError):
        Qualifier(Ladder.parse([{'name': 'A'}]), star(), Volumes([1, 2]))
