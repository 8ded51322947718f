# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""From a paid scenario to what a person reads: the network as a picture, who gets what, and why.

Used by the example on a plan's form, by the gallery and by the simulation. The figures are the engine's.
"""
from odoo.tools import formatLang, get_lang

from . import engine, explaining, picture
from .engine.explain import AMOUNTS, PERCENTS
from .engine.params import decimal_text

# So many sales of a scenario are explained one by one.
EXPLAINED = 25


def views(env, scenario, outcomes, ranks=None):
    """Describe the outcome of each period.

    :param env: environment whose language is used
    :param scenario: :class:`engine.scenario.Scenario`
    :param outcomes: what its `run` returned
    :param ranks: {number: name}; left out: those of the plan, or of the company
    :return: list of {'number': int or None, 'picture': Markup, 'rows': [{'name', 'terms', 'sold', 'amount',
        'lines': [{'rule', 'sale', 'sentence', 'amount', 'paid'}]}], 'total', 'left_out': sales not explained}, one
        for each period, amounts as text
    """
    return [
        _view(env, scenario, period, outcome, number if len(outcomes) > 1 else None, ranks)
        for number, (period, outcome) in enumerate(zip(scenario.periods, outcomes), 1)]


def _view(env, scenario, period, outcome, number, ranks):
    digits = scenario.digits
    ids, sums = (column.tolist() for column in outcome.entries.by_beneficiary())
    amounts = {scenario.name(agent): amount for agent, amount in zip(ids, sums) if amount}
    lines = _lines(env, scenario, outcome)
    ranks = ranks or _rank_names(env, scenario)
    rows = []
    for row, rank in zip(scenario.agents, outcome.ranks):
        rows.append({
            'name': row['name'], 'above': row['placement'] or row['sponsor'], 'active': row['active'],
            'terms': _terms(env, scenario, row, rank, ranks),
            'sold': _sold(env, [sale for sale in period['sales'] if sale['seller'] == row['name']], digits),
            'amount': _money(env, amounts[row['name']], digits) if row['name'] in amounts else '',
            'lines': lines.get(row['name'], []),
        })
    shown = picture.draw(
        [picture.Node(*(row[name] for name in ('name', 'above', 'terms', 'sold', 'amount', 'active'))) for row in rows],
        env._('The network of the example, from the top downward, with what each agent gets'))
    if '' in amounts or '' in lines:
        rows.append({'name': env._('Company'), 'above': '', 'active': True, 'terms': '', 'sold': '',
                     'amount': _money(env, amounts.get('', 0), digits), 'lines': lines.get('', [])})
    return {
        'number': number, 'picture': shown, 'rows': rows, 'total': _money(env, outcome.entries.total(), digits),
        'left_out': max(len(outcome.sales) - EXPLAINED, 0),
    }


def _lines(env, scenario, outcome):
    """Return {agent's name: the engine's steps about that agent, in words}."""
    steps = []
    for sale in outcome.sales.ids[:EXPLAINED].tolist():
        steps += [(sale, step) for step in engine.explain(outcome.run, sale, outcome.sales)]
    steps += [(0, step) for step in engine.explain_period(
        outcome.run, outcome.sales, outcome.before, changes=outcome.changes, taken=outcome.taken)]
    lines = {}
    for sale, step in steps:
        if step.reason in (engine.Reason.NOT_IN_SCOPE, engine.Reason.LEFT_OUT):
            continue
        name = scenario.name(step.agent)
        lines.setdefault(name, []).append({
            'rule': scenario.plan.rules[step.rule].name, 'sale': sale, 'paid': step.paid,
            'amount': _money(env, step.amount, scenario.digits) if step.paid else '',
            'sentence': sentence(env, step, name or env._('Company')),
        })
    return lines


def sentence(env, step, name):
    """Put a step of the engine into the user's language.

    :param step: :class:`engine.Step`
    :param str name: what the agent of the step is called
    """
    template, values = engine.sentence(step)
    point = get_lang(env).decimal_point
    values = {key: value.replace('.', point) if key in PERCENTS else value for key, value in values.items()}
    for key in AMOUNTS:
        values[key] = _money(env, getattr(step, key), step.digits)
    return env['mlm.plan.rule']._translate(template) % {**values, 'agent': name}


def _money(env, amount, digits):
    return formatLang(env, amount / 10 ** digits, digits=digits)


def _terms(env, scenario, row, rank, ranks):
    """Say what an agent of a scenario has: a rank, a rate, or nothing."""
    if not row['agreement']:
        return env._('no agreement')
    terms = [ranks.get(rank) or env._('Rank %s', rank)] if rank >= 0 else []
    if row['rate']:
        terms.append('%s %%' % explaining.percent(row['rate'], env))
    if not row['active']:
        terms.append(env._('inactive'))
    return ' · '.join(terms)


def _sold(env, sales, digits):
    """Say what somebody sold in the period: money if it is about money, else units or points."""
    for field, places, text in (
        ('net', digits, env._('sold %s')), ('total', digits, env._('sum %s')),
        ('quantity', 3, env._('%s units')), ('points', 2, env._('%s points')),
    ):
        amount = sum(sale[field] for sale in sales)
        if amount:
            return text % (_money(env, amount, digits) if places == digits and field != 'points'
                           else decimal_text(amount, places).replace('.', get_lang(env).decimal_point))
    return ''


def _rank_names(env, scenario):
    if scenario.plan.ladder:
        return {number: row['name'] for number, row in enumerate(scenario.plan.ladder.rows)}
    ranks = env['mlm.rank'].search([('company_id', 'in', (False, env.company.id))])
    return {rank.level: rank.name for rank in ranks}
