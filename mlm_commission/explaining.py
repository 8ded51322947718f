# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""From the engine's steps to what a person reads: who was considered for a sale, who was paid, who was not, why.

The steps come from the engine that paid, on what the run had read; here they only get names and a language.
"""
from odoo.tools import formatLang, get_lang

from . import engine
from .engine.explain import AMOUNTS, PERCENTS
from .engine.params import decimal_text


def sections(env, steps, rule_names, rules, viewer=None):
    """Group the steps of an explanation by rule and put them into words.

    :param steps: list of :class:`engine.Step`
    :param rule_names: the names of the plan's rules, in the plan's order
    :param rules: the :class:`engine.rule.Rule` instances of the plan
    :param viewer: `res.partner` record of the agent who reads, to whom some names are shortened; left out for staff
    :return: list of {'ordinal', 'rule', 'sponsors': whether the walk goes along the sponsors, 'steps': [{'partner',
        'name', 'code', 'level', 'paid', 'rate', 'base', 'amount', 'sentence', 'hidden'}]}, from the seller upward,
        rates as text with their unit, amounts in the currency
    """
    # The names and codes of an upline are part of the answer, also for an agent who may not open them.
    agents = env['res.partner'].sudo().browse({step.agent for step in steps if step.agent}).exists()
    partners, names = {partner.id: partner for partner in agents}, agents._mlm_names_for(viewer or agents.browse())
    grouped, climbs = {}, {}
    for step in steps:
        climbs[step.rule] = engine.rules.get(step.kind).climbs
        template, values = engine.sentence(step)
        partner = partners.get(step.agent)
        name = names[partner.id] if partner else values.get('agent')
        minor = 10 ** step.digits
        grouped.setdefault(step.rule, []).append({
            'partner': env['res.partner'].browse(partner.id if partner else ()),
            'name': name if step.agent else '',
            'code': (partner.mlm_agent_code or '' if partner else '')[-5:],
            'level': step.level,
            'paid': step.paid,
            'rate': rate_text(env, rules[step.rule], rules[step.rule].values, step.level, step.rate, step.digits),
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


def rate_text(env, kind, values, level, rate, digits):
    """Write the rate of a commission with its unit, such as ``12 %``, ``40 ‰`` or ``5.00 per unit``.

    :param kind: :class:`engine.rule.Rule` or an instance of it
    :param dict values: its parsed parameters
    :param int digits: decimals of the currency
    :return: text, empty if there is no rate
    """
    return _words(env, kind.tell_rate(values, level, rate, digits))


def base_text(env, kind, values, base, currency):
    """Write the base of a commission, money or units.

    :param base: as the engine counts it
    :param currency: `res.currency` record
    """
    return _words(env, kind.tell_base(values, base)) or formatLang(
        env, base / 10 ** currency.decimal_places, currency_obj=currency)


def _words(env, told):
    if not told:
        return ''
    rules = env['mlm.plan.rule']
    return rules._translate(told[0]) % {name: rules._localize_number(value) for name, value in told[1].items()}


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
