# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""From the engine's steps to what a person reads: who was considered for a sale, who was paid, who was not, why.

The steps come from the engine that paid, on what the run had read; here they only get names and a language.
"""
from odoo.tools import formatLang, get_lang

from . import engine
from .engine.explain import AMOUNTS, PERCENTS
from .engine.params import decimal_text


def sections(env, steps, rule_names):
    """Group the steps of an explanation by rule and put them into words.

    :param steps: list of :class:`engine.Step`
    :param rule_names: the names of the plan's rules, in the plan's order
    :return: list of {'ordinal', 'rule', 'sponsors': whether the walk goes along the sponsors, 'steps': [{'partner',
        'name', 'code', 'level', 'paid', 'rate', 'base', 'amount', 'sentence', 'hidden'}]}, from the seller upward,
        rates in percent as text, amounts in the currency
    """
    # The names and codes of an upline are part of the answer, also for an agent who may not open them.
    partners = {partner.id: partner for partner in env['res.partner'].sudo().browse(
        {step.agent for step in steps if step.agent}).exists()}
    grouped, climbs = {}, {}
    for step in steps:
        climbs[step.rule] = engine.rules.get(step.kind).climbs
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
            'rate': percent(step.rate, env),
            'base': step.base / minor,
            'amount': step.amount / minor,
            'sentence': env['mlm.plan.rule']._translate(template) % {**_localize(env, step, values), 'agent': name},
            'hidden': False,
        })
    return [{'ordinal': rule, 'rule': rule_names[rule], 'sponsors': climbs[rule] == 'sponsor', 'steps': found}
            for rule, found in sorted(grouped.items())]


def with_scopes(sections, rules, sale, records):
    """Add to the explanation of a sale for which sales the rules hold that do not hold for it.

    :param sections: what :func:`sections` returned
    :param rules: the :class:`engine.rule.Rule` of the plan, in its order
    :param sale: the one sale, :class:`engine.Sales`
    :param records: the `mlm.plan.rule` records, in the same order
    :return: the same sections; those of such rules have a 'note'
    """
    return [section if rules[section['ordinal']].mask(sale).all() else {
        **section, 'note': records[section['ordinal']]._scope_words()} for section in sections]


def seen_by(env, sections, viewer):
    """Leave out what an agent must not learn: names, rates and amounts of whoever does not stand below.

    Whoever is met before the agent on the walk along the sponsors stood below. Who was only placed below is no downline.

    :param sections: what :func:`sections` returned
    :param viewer: `res.partner` record of the agent
    :return: sections of the same form; of the others the code is left, and whether they were paid
    """
    known = viewer
    for section in sections:
        walk = [step['partner'] for step in section['steps']]
        if viewer in walk and section['sponsors']:
            known = known.union(*walk[:walk.index(viewer)])
    return [{**section, 'note': '', 'steps': [
        step if step['partner'] in known else {
            **step, 'partner': step['partner'].browse(), 'name': '', 'rate': '', 'base': 0, 'amount': 0, 'hidden': True,
            'sentence': env._('Was paid for this sale as well.') if step['paid']
            else env._('Was not paid for this sale.'),
        } for step in section['steps']]} for section in sections]


def percent(rate, env=None):
    """Write a rate in ppm as percent without needless zeros, with the user's decimal point if an `env` is given."""
    text = decimal_text(rate, 4)
    return text.replace('.', get_lang(env).decimal_point) if env else text


def _localize(env, step, values):
    """Write the numbers of a sentence as the user's language does."""
    point = get_lang(env).decimal_point
    localized = {name: value.replace('.', point) if name in PERCENTS else value
                 for name, value in values.items()}
    for name in AMOUNTS:
        localized[name] = formatLang(env, getattr(step, name) / 10 ** step.digits, digits=step.digits)
    return localized
