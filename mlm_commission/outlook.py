# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Why somebody has a rank, and what is missing for the next one: asked of the engine, on what a run had read."""
import base64
from dataclasses import replace

import numpy as np

from . import engine
from .engine.activity import ACTIVITY
from .standing import Steps


def of(run, agent):
    """Tell about an agent's rank in a run.

    Whatever decides about a rank lies with the agent and below, so only this part of the network is judged again.

    :param run: `mlm.run` record
    :param agent: `res.partner` record
    :return: {'plan', 'period', 'qualified': whether ranks are earned, 'paid', 'achieved', 'highest': `mlm.rank` records,
        maybe empty, 'kept': whether the rank was held before and kept, 'agreed': whether it is the lowest by agreement,
        'next': `mlm.rank` record, empty on the highest, 'conditions': see :func:`_condition`, 'activity': thresholds for
        pay in the same form}; None if the agent has no place in the run
    """
    if not run.snapshot:
        return None
    plan, network, terms = engine.unpack(base64.b64decode(run.with_context(bin_size=False).snapshot))
    place, known = network.find(np.array([agent.id]))
    if not known[0]:
        return None
    network, terms, place = _below(network, terms, int(place[0]))
    steps, ranks = Steps(run.plan_id), run.env['mlm.rank']
    paid, before = int(terms.ranks[place]), int(terms.highest[place])
    found = {
        'plan': run.plan_id, 'period': run.period_id, 'qualified': bool(plan.ladder),
        'paid': ranks.browse(steps.id_of(paid) or ()), 'highest': ranks.browse(steps.id_of(max(paid, before)) or ()),
        'achieved': ranks.browse(), 'next': ranks.browse(), 'kept': False, 'agreed': not plan.ladder and paid >= 0,
        'conditions': [], 'activity': _activity(run, plan, terms, place)}
    if plan.ladder:
        qualifier = engine.qualifier_of(plan, network, terms)
        standing = qualifier.judge(terms.highest)
        achieved, judged = int(standing.achieved[place]), int(standing.paid[place])
        number, conditions = qualifier.progress(standing, agent.id)
        found.update(
            achieved=ranks.browse(steps.id_of(achieved) or ()), kept=achieved < paid == judged, agreed=paid > judged,
            next=ranks.browse(steps.id_of(number)) if number is not None else ranks.browse(),
            conditions=[_condition(run, *condition) for condition in conditions])
    return found


def _below(network, terms, place):
    """(the network of an agent and everybody below, their terms, the agent's place in it)."""
    flags = np.zeros(len(network), bool)
    flags[place] = True
    above = engine.tree.nearest(network.sponsor, flags)
    part = np.flatnonzero(flags | (above == place))
    position = np.full(len(network) + 1, -1, np.int32)
    position[part] = np.arange(len(part), dtype=np.int32)
    sponsor = position[network.sponsor[part]]
    sponsor[part == place] = -1
    return (
        replace(network, ids=network.ids[part], sponsor=sponsor, active=network.active[part], placement=None, slot=None),
        engine.Terms(tuple(column[part] for column in terms.rates), *(
            getattr(terms, name)[part] for name in ('ranks', 'highest', 'points', 'shares', 'value', 'customers'))),
        int(position[place]))


def _activity(run, plan, terms, place):
    """The thresholds for pay that the plan sets, as conditions."""
    have = {'pay_points': terms.points, 'pay_value': terms.value}
    return [_condition(run, param, int(have[param.name][place]), getattr(plan.activity, param.name))
            for param in ACTIVITY if param.name in have and getattr(plan.activity, param.name)]


def _condition(run, param, have, need):
    """Return one condition for people: {'name', 'label', 'have', 'need': text, 'met', 'percent': 0 to 100}."""
    rows, digits = run.env['mlm.plan.rank'], run.currency_id.decimal_places
    return {
        'name': param.name, 'label': run.env['mlm.plan.rule']._translate(param.label),
        'have': rows._amount(param, have, digits), 'need': rows._amount(param, need, digits),
        'met': have >= need, 'percent': max(0, min(100, have * 100 // need)) if need > 0 else 100}
