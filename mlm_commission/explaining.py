# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""From the engine's steps to what a person reads: who was considered for a sale, who was paid, who was not, why.

The steps come from the engine that paid, on what the run had read; here they only get names and a language.
"""
from . import engine


def sections(env, steps, rule_names):
    """Group the steps of an explanation by rule and put them into words.

    :param steps: list of :class:`engine.Step`
    :param rule_names: the names of the plan's rules, in the plan's order
    :return: list of {'rule', 'steps': [{'partner', 'name', 'code', 'level', 'paid', 'rate', 'base', 'amount',
        'sentence'}]}, from the seller upward, rates in percent as text, amounts in the currency
    """
    # The names and codes of an upline are part of the answer, also for an agent who may not open them.
    partners = {partner.id: partner for partner in env['res.partner'].sudo().browse(
        {step.agent for step in steps if step.agent}).exists()}
    grouped = {}
    for step in steps:
        template, values = engine.sentence(step)
        partner = partners.get(step.agent)
        name = partner.name if partner else values.get('agent')
        minor = 10 ** step.digits
        grouped.setdefault(step.rule, []).append({
            'partner': env['res.partner'].browse(partner.id if partner else ()),
            'name': name if step.agent else '',
            'code': (partner.mlm_agent_code or '' if partner else '')[-5:],
            'level': step.level,
            'paid': step.paid,
            'rate': percent(step.rate),
            'base': step.base / minor,
            'amount': step.amount / minor,
            'sentence': env['mlm.plan.rule']._translate(template) % {**values, 'agent': name},
        })
    return [{'rule': rule_names[rule], 'steps': found} for rule, found in sorted(grouped.items())]


def percent(rate):
    """Write a rate in ppm as percent without needless zeros."""
    return ('%.4f' % (rate / 10000)).rstrip('0').rstrip('.')
