# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Nothing twice, nothing lost, a period as before or done: whatever dies, whenever.

MLM_FAULTS is the number of random rounds (default 20), MLM_SEED reproduces them.
"""
import os
import sys
import time

import pytest

from .cluster import DATABASE
from .harness import ROOT, company

ROUNDS = int(os.environ.get('MLM_FAULTS', 20))
# The steps of :mod:`mlm_commission.progress`, which needs Odoo; `test_no_step_is_left_out` compares.
CALCULATE = ('take', 'discard', 'plan', 'claim', 'load', 'freeze', 'compute', 'index', 'check', 'attach', 'record',
             'before commit', 'after commit')
CLOSE = ('take', 'late', 'statements', 'record', 'before commit', 'after commit')
DEFECTS = ('no_lock', 'no_marker', 'by_date')


@pytest.fixture
def harness(cluster):
    harness = company(cluster, DATABASE)
    yield harness
    harness.close()


def traded_period(harness, sales=6):
    """The next month, with some sales in it."""
    return harness.trade(harness.do('period'), sales)


def test_no_step_is_left_out():
    """Every step that a run tells about is one at which it is killed here."""
    sys.path.insert(0, os.path.join(ROOT, 'mlm_commission'))
    try:
        import progress
    finally:
        sys.path.pop(0)
    assert set(progress.CALCULATION) <= set(CALCULATE)
    assert set(progress.CLOSING) <= set(CLOSE)


@pytest.mark.parametrize('who', ('process', 'backend'))
def test_killed_at_every_step(harness, who):
    """Killed at each named step, a period is as before; after the commit it is done; then it settles."""
    for action, steps, before, after in (('calculate', CALCULATE, 'open', 'calculated'),
                                         ('close', CLOSE, 'calculated', 'closed')):
        for step in steps:
            period = traded_period(harness)
            if action == 'close':
                harness.do('calculate', period=period['period'])
            outcome, _said = harness.start(action, period=period['period'], kill={'at': step, 'who': who}).wait()
            # What its backend dies of after the commit, the process need not notice.
            assert outcome != 'result' or (step, who) == ('after commit', 'backend'), f'nobody was killed at {action}, {step}'
            assert harness.state(period) == (after if step == 'after commit' else before), (action, step)
            harness.check()
            harness.settle(period)
        harness.check(final=True)


def test_job_killed_at_every_step(harness):
    """The scheduled job dies; the next one begins again, and does nothing twice."""
    for step in ('take', 'claim', 'compute', 'index', 'record'):
        period = traded_period(harness)
        harness.do('enqueue', period=period['period'], action='calculate')
        assert harness.start('job', kill={'at': step, 'who': 'process'}).wait() == ('killed', None)
        assert harness.state(period) == 'open'
        harness.do('job')
        assert harness.state(period) == 'calculated'
        harness.settle(period)
    harness.check(final=True)


@pytest.mark.parametrize('who', ('process', 'backend'))
def test_slices_killed(harness, who):
    """Calculated in slices, a period goes on where the process or its backend died, and comes to the same."""
    with harness.cluster.cursor(harness.database) as cr:
        cr.execute('UPDATE res_company SET mlm_slice_size = 6')
    for step, nth in (('claim', 1), ('slice', 1), ('slice', 2), ('freeze', 1), ('slice', 4), ('compute', 3), ('slice', 5),
                      ('index', 1), ('record', 1)):
        period = traded_period(harness, 24)
        harness.do('enqueue', period=period['period'], action='calculate')
        outcome, _said = harness.start('job', kill={'at': step, 'nth': nth, 'who': who}).wait()
        assert outcome != 'result', f'nobody was killed at {step}'
        assert harness.state(period) == 'open', (step, nth)
        # People go on selling before the next process takes over.
        harness.trade(period, 3)
        harness.do('job')
        assert harness.state(period) == 'calculated', (step, nth)
        harness.check()
        harness.settle(period)
        harness.check(final=True)


def test_random_kills(harness):
    """Calculations and closings, up to three at once, while people trade and anything may die at any moment."""
    for _round in range(ROUNDS):
        period = traded_period(harness)
        with harness.trading(period):
            for _attempt in range(harness.chance.randrange(2, 4)):
                action = harness.chance.choice(['calculate', 'calculate', 'close'])
                tasks = [harness.start(action, period=period['period']) for _worker in range(harness.chance.randrange(1, 4))]
                time.sleep(harness.chance.random() * .5)
                harness.kill(harness.chance.choice(tasks))
                for task in tasks:
                    task.wait()
        harness.check()
        if harness.state(period) == 'closed':
            period = harness.do('period')  # what was sold after the closing belongs to the next month
        harness.settle(period)
        harness.check(final=True)
    assert harness.killed >= ROUNDS


def test_eight_at_once(harness):
    """Eight people press the button at the same time, four of them once more to close."""
    for _round in range(3):
        period = traded_period(harness)
        with harness.trading(period):
            tasks = [harness.start('calculate', period=period['period'], slow=.02) for _person in range(8)]
            outcomes = [task.wait() for task in tasks]
        assert ('result', 'done') in outcomes
        assert harness.state(period) == 'calculated'
        harness.check()
        harness.do('calculate', period=period['period'])
        outcomes = [task.wait()[0] for task in [harness.start('close', period=period['period']) for _person in range(4)]]
        assert outcomes.count('result') == 1, outcomes
        harness.check(final=True)


@pytest.mark.parametrize('step', ('claim', 'compute', 'attach', 'record'))
def test_write_fails(harness, step):
    """The disk is full in the middle: the period is as before, and settles once there is room."""
    period = traded_period(harness)
    outcome, said = harness.start('calculate', period=period['period'], fail=step).wait()
    assert outcome == 'error' and 'No space left' in said
    assert harness.state(period) == 'open'
    harness.check()
    harness.settle(period)
    harness.check(final=True)


def test_database_refuses(harness):
    """The database refuses a statement's row: nothing is closed, no statement remains."""
    period = traded_period(harness, 40)
    harness.do('calculate', period=period['period'])
    with harness.cluster.cursor(harness.database) as cr:
        cr.execute("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.agent_id % 5 = 0 THEN RAISE 'no more statements'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON mlm_statement FOR EACH ROW EXECUTE FUNCTION refuse()""")
        assert harness.start('close', period=period['period']).wait()[0] == 'error'
        cr.execute('DROP TRIGGER refuse ON mlm_statement; DROP FUNCTION refuse')
    assert harness.state(period) == 'calculated'
    harness.check()
    harness.settle(period)
    harness.check(final=True)


def test_late_invoice_is_settled(harness):
    """What is posted for a closed month is paid with the next one."""
    earlier, period = traded_period(harness), None
    harness.settle(earlier)
    harness.trade(earlier)
    period = harness.do('period')
    harness.settle(period)
    harness.check(final=True)


@pytest.mark.parametrize('defect', DEFECTS)
def test_the_harness_notices(cluster, defect):
    """With a protection taken out on purpose the same checks report it."""
    harness = company(cluster, f'mlm_faults_{defect}')
    try:
        if defect == 'no_lock':
            with cluster.cursor(harness.database) as cr:
                # The last line of defence goes too, or it would hide that the first is missing.
                cr.execute('ALTER TABLE mlm_claim DROP CONSTRAINT mlm_claim_pkey')
                cr.execute('DROP INDEX mlm_run_period_plan_unique; DROP INDEX IF EXISTS mlm_run__period_plan_unique')
        assert noticed(harness, defect), f'nobody noticed the defect {defect}'
    finally:
        harness.close()


def noticed(harness, defect):
    """Settle three months with a defect, several at once; tell what the checks find."""
    for _month in range(3):
        period = traded_period(harness)
        tasks = [harness.start('calculate', period=period['period'], slow=.05, defect=defect) for _person in range(4)]
        for task in tasks:
            task.wait()
        harness.start('close', period=period['period'], defect=defect).wait()
        if found := harness.violations(final=harness.state(period) == 'closed'):
            return found
        harness.trade(period)  # late
    return []
