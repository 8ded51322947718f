# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Pays network commissions: pure Python and NumPy, no database, no clock, no float for money.

In go a `Plan`, a `Network`, its `Terms` and `Sales`; out come `Entries`. The same input gives the
same bytes, whatever the order of its rows::

    run = prepare(Plan.parse(data), network, terms)
    entries = run.pay(sales)
    steps = explain(run, sale_id, sales)
"""

from .activity import Activity
from .clawback import adjust
from .compare import compare
from .entries import Entries
from .errors import EngineError, PlanErrors, Problem
from .explain import Step, explain, explain_period, sentence
from .liability import Liability, weigh
from .model import Network, Sales, Terms
from .plan import Plan, plan_schema
from .ranks import Ladder, Qualifier, Standing, Volumes, qualifier_of, volumes_of
from .reasons import Reason
from .settle import Run, prepare
from .snapshot import pack, pack_state, unpack, unpack_state
from .state import State

__all__ = [
    'Activity', 'EngineError', 'Entries', 'Ladder', 'Liability', 'Network', 'Plan', 'PlanErrors',
    'Problem', 'Qualifier', 'Reason', 'Run', 'Sales', 'Standing', 'State', 'Step', 'Terms',
    'Volumes', 'adjust', 'compare', 'explain', 'explain_period', 'pack', 'pack_state',
    'plan_schema', 'prepare', 'qualifier_of', 'sentence', 'unpack', 'unpack_state', 'volumes_of',
    'weigh',
]
