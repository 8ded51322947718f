# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Why: what is told is what is paid, and nobody above is forgotten."""

from engine import Reason, explain, sentence
from hypothesis import given
from hypothesis import strategies as st
from test_invariants import rules
from twin import World, upline
from worlds import run_of, sales_of, sold, worlds


@given(st.data())
def test_told_is_paid(data):
    world = data.draw(worlds())
    rows = data.draw(sold(world))
    run = run_of(world, *rules(data))
    sales = sales_of(run, rows)
    entries = run.pay(sales)
    for sale, seller, _net in rows:
        steps = explain(run, sale, sales)
        mine = entries.take(entries.sale == sale)
        assert sorted((step.rule, step.level, step.agent, step.rate, step.base, step.amount,
                       int(step.reason)) for step in steps if step.paid and step.amount) == sorted(
            zip(*(getattr(mine, name).tolist() for name in (
                'rule', 'level', 'beneficiary', 'rate', 'base', 'amount', 'reason'))))
        for number in (0, 1):
            told = [step for step in steps if step.rule == number]
            assert [step.agent for step in told] == upline(world.sponsor, seller)
            assert [step.distance for step in told] == list(range(len(told)))
        for step in steps:
            template, values = sentence(step)
            assert str(step.agent) in template % values


@given(st.data())
def test_reasons_are_true(data):
    """Every reason for not paying holds for the agent it is said about."""
    world = data.draw(worlds())
    rows = data.draw(sold(world))
    run = run_of(world, *rules(data))
    sales = sales_of(run, rows)
    for sale, _seller, _net in rows:
        for step in explain(run, sale, sales):
            rate, active = world.rate[step.agent], world.active[step.agent]
            if step.paid:
                assert active and rate >= 0
            elif step.reason in (Reason.INACTIVE_PASSED, Reason.INACTIVE_LOST):
                assert not active
            elif step.reason in (Reason.NO_AGREEMENT, Reason.NO_AGREEMENT_PASSED):
                assert rate == -1
            elif step.reason == Reason.SAME_RATE:
                assert active and rate == step.values['reached']
            elif step.reason == Reason.LOWER_RATE:
                assert active and 0 <= rate < step.values['reached']


def test_in_words():
    """A 20 % over inactive B 15 % over C 10 % over D 10 % over E without agreement, who sells."""
    world = World({1: 0, 2: 1, 3: 2, 4: 3, 5: 4}, {1: True, 2: False, 3: True, 4: True, 5: True},
                  {1: 200_000, 2: 150_000, 3: 100_000, 4: 100_000, 5: -1})
    run = run_of(world, {'kind': 'differential'})
    steps = explain(run, 7, sales_of(run, [(7, 5, 12_345)]))
    assert [step.reason for step in steps] == [
        Reason.NO_AGREEMENT_PASSED, Reason.DIFFERENCE, Reason.SAME_RATE, Reason.INACTIVE_PASSED,
        Reason.DIFFERENCE]
    template, values = sentence(steps[-1])
    assert template % values == (
        'Agent 1 has 20 %; 10 % were already reached below, so the difference of 10 % of 123.45 is '
        'paid: 12.34.')


def test_cap():
    size = 5_000
    world = World({agent: agent - 1 for agent in range(1, size + 1)},
                  dict.fromkeys(range(1, size + 1), True),
                  {agent: 200_000 if agent == 1 else 100_000 for agent in range(1, size + 1)})
    run = run_of(world, {'kind': 'differential', 'params': {'equal_rate': '1'}})
    steps = explain(run, 1, sales_of(run, [(1, size, 10_000)]), cap=10)
    assert [step.reason for step in steps[:3]] == [Reason.OWN, Reason.EQUAL, Reason.SAME_RATE]
    assert steps[-2].agent == 1 and steps[-2].paid
    assert steps[-1].reason == Reason.LEFT_OUT
    assert steps[-1].values['count'] + len(steps) - 1 == size


def test_not_in_scope():
    world = World({1: 0}, {1: True}, {1: 0})
    run = run_of(world, {'kind': 'level', 'params': {'rates': ['1']},
                         'scope': {'only': {'product': [1]}}})
    steps = explain(run, 1, sales_of(run, [(1, 1, 100)], attributes={'product': [2]}))
    assert [step.reason for step in steps] == [Reason.NOT_IN_SCOPE]
    assert 'does not hold' in sentence(steps[0])[0]
