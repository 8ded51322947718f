# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Who is active in a period: like the twin, apart for pay and for ranks, kept in the plan and in snapshots."""

import copy
from dataclasses import replace

import numpy as np
import pytest
from engine import (
    Network,
    Plan,
    PlanErrors,
    Terms,
    explain,
    pack,
    prepare,
    qualifier_of,
    unpack,
)
from hypothesis import given
from hypothesis import strategies as st
from worlds import network_of, sales_of, sold, terms_of, tuples, worlds

LEVEL = {'kind': 'level', 'params': {'rates': ['10', '5', '3'], 'compression': 'standard'}}


def plan_of(world, rule, **more):
    return Plan.parse({'name': 'test', 'rounding': {'mode': world.mode, 'unit': world.unit},
                       'rules': [rule], **more})


@given(st.data())
def test_like_the_twin(data):
    """A plan with thresholds pays as one without them where everybody below them is inactive by state."""
    world = data.draw(worlds(most=15))
    value = {agent: data.draw(st.sampled_from((0, 4_999, 5_000, -100))) for agent in world.sponsor}
    points, amount = data.draw(st.sampled_from((0, 1, 50))), data.draw(st.sampled_from((0, 50)))
    rule = {'kind': 'level', 'params': {**LEVEL['params'], 'compression': data.draw(
        st.sampled_from(('none', 'standard', 'dynamic')))}}
    plan = plan_of(world, rule, activity={'pay_points': points, 'pay_value': amount})
    network = network_of(world)
    terms = replace(terms_of(world, network), value=np.array(
        [value[agent] for agent in network.ids.tolist()]))
    run = prepare(plan, network, terms)
    sales = sales_of(run, data.draw(sold(world)))
    twin = copy.copy(world)
    twin.active = {agent: world.active[agent]
                   and (not points or world.points[agent] >= points * 100)
                   and (not amount or value[agent] >= amount * 100) for agent in world.sponsor}
    still = network_of(twin)
    wanted = prepare(plan_of(world, rule), still, terms_of(world, still)).pay(sales)
    assert tuples(run.pay(sales)) == tuples(wanted)


def test_pay_and_ranks_apart():
    """50 points make active for pay, 100 for ranks: the middle one is paid, but forms no leg."""
    plan = Plan.parse({
        'name': 'test', 'rules': [LEVEL], 'activity': {'pay_points': '50', 'rank_points': '100'},
        'ranks': {'ranks': [{'name': 'One', 'active': False, 'legs': 1, 'leg_points': 150}],
                  'compression': 'standard'}})
    network = replace(network_of_three(), active=np.ones(3, bool))
    terms = Terms((np.zeros(3, np.int32),), points=np.array([0, 6_000, 10_000]))
    run = prepare(plan, network, terms)
    assert run.network.active.tolist() == [False, True, True]
    qualifier = qualifier_of(plan, network, terms)
    assert qualifier.network.active.tolist() == [False, False, True]
    assert qualifier.judge().achieved.tolist() == [-1, -1, -1], 'no leg has 150 without the middle one'
    looser = replace(plan, activity=replace(plan.activity, rank_points=0))
    assert qualifier_of(looser, network, terms).judge().achieved.tolist() == [0, -1, -1]


def network_of_three():
    return Network.build([1, 2, 3], [0, 1, 2], [True] * 3)


def test_no_threshold_is_no_condition():
    """After more refunds than sales an agent is below 0, but nothing was asked for."""
    network = network_of_three()
    terms = Terms((np.zeros(3, np.int32),), points=np.array([-500, 0, 0]))
    assert prepare(Plan.parse({'name': 'test', 'rules': [LEVEL]}), network, terms).network is network


def test_kept():
    """The thresholds are part of the plan, and a run from a snapshot pays the same."""
    data = {'name': 'test', 'rules': [LEVEL], 'activity': {'pay_value': '0.5'}}
    plan = Plan.parse(data)
    assert plan.to_dict()['activity'] == {
        'pay_points': '0', 'pay_value': '0.5', 'rank_points': '0', 'rank_value': '0'}
    assert 'activity' not in Plan.parse({**data, 'activity': {}}).to_dict()
    network = network_of_three()
    terms = Terms((np.zeros(3, np.int32),), value=np.array([49, 50, 0]), customers=np.array([1, 0, 2]))
    run = prepare(plan, network, terms)
    sales = sales_of(run, [(1, 3, 10_000)])
    again = prepare(*unpack(pack(plan, network, terms)))
    assert again.terms.customers.tolist() == [1, 0, 2]
    assert tuples(again.pay(sales)) == tuples(run.pay(sales)) == [(1, 1, 2, 100_000, 1_000)]
    assert explain(again, 1, sales) == explain(run, 1, sales)


def test_errors():
    with pytest.raises(PlanErrors) as error:
        Plan.parse({'name': 'test', 'rules': [LEVEL], 'activity': {'pay_points': '-1', 'x': 1}})
    assert {problem.path for problem in error.value.problems} == {'activity.pay_points', 'activity.x'}
    with pytest.raises(PlanErrors) as error:
        Plan.parse({'name': 'test', 'rules': [LEVEL], 'activity': []})
    assert [problem.path for problem in error.value.problems] == ['activity']
