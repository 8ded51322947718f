# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The book extract (section 87c of the German commercial code): every sale that concerns an agent, from what was stored.

Nothing is computed anew: sales, cancellations and commissions are read as they were written, also those of years gone by.
A sale concerns an agent who made it, or who was paid for it.

The agent's version names the customers of the agent's own sales only, and of commissions only the agent's own: what others
earn, and to whom they sell, is theirs. The staff's version names everybody.
"""
from collections import defaultdict

from odoo.tools import SQL

from .storing import ROW_TABLE


def header(env):
    _ = env._
    return [
        _('Date'), _('Document'), _('Order'), _('Event'), _('Reason'), _('Corrects'), _('Seller Code'), _('Seller'),
        _('Customer'), _('Product'), _('Quantity'), _('Net Amount'), _('Points'), _('Beneficiary Code'), _('Beneficiary'),
        _('Plan'), _('Commission'), _('Level'), _('Base'), _('Rate (%)'), _('Amount'), _('Currency'), _('Statement'),
    ]


def entries(agent, company, first, last, full):
    """Read the extract.

    :param agent: `res.partner` record; whether the user may have the extract was checked
    :param company: `res.company` record
    :param first: first day, of the sales or of what corrects them
    :param last: last day
    :param bool full: the staff's version
    :return: list of {'fact': {...}, 'commissions': [{...}]} in the order of the sales, each with what corrects it after it;
        last, without a fact, what was paid for whole periods
    """
    # The extract is one agent's, and read from tables that the agent has no other way to.
    env = agent.env(su=True)
    env.flush_all()
    facts = _facts(env, agent, company, first, last)
    commissions = _commissions(env, agent, company, facts, full)
    whole = _whole_periods(env, agent, company, first, last)
    return _named(env, agent, facts, commissions, whole, full)


def rows(found):
    """Turn :func:`entries` into rows of a table, a commission each; a sale without one has a row all the same."""
    for entry in found:
        fact = entry['fact'] or dict.fromkeys(
            ('date', 'source', 'order', 'event', 'reason', 'corrects', 'seller_code', 'seller', 'customer', 'product',
             'quantity', 'net', 'points'))
        for commission in entry['commissions'] or [dict.fromkeys(
                ('code', 'name', 'plan', 'rule', 'level', 'base', 'rate', 'amount', 'currency', 'statement', 'date'))]:
            yield [
                fact['date'] or commission['date'], fact['source'], fact['order'], fact['event'], fact['reason'],
                fact['corrects'], fact['seller_code'], fact['seller'], fact['customer'], fact['product'], fact['quantity'],
                fact['net'], fact['points'], commission['code'], commission['name'], commission['plan'], commission['rule'],
                commission['level'], commission['base'], commission['rate'], commission['amount'], commission['currency'],
                commission['statement'],
            ]


def _facts(env, agent, company, first, last):
    return env.execute_query_dict(SQL(
        """
        WITH mine AS (
            SELECT id FROM mlm_volume WHERE agent_id = %(agent)s AND company_id = %(company)s
            UNION
            SELECT c.volume_id FROM %(rows)s c JOIN mlm_run r ON r.id = c.run_id JOIN mlm_period p ON p.id = r.period_id
             WHERE c.beneficiary_id = %(agent)s AND c.volume_id <> 0 AND p.state = 'closed'
        ), days AS (
            SELECT v.id, v.origin_id FROM mlm_volume v JOIN mine ON mine.id = v.id
             WHERE v.date BETWEEN %(first)s AND %(last)s AND v.company_id = %(company)s
        )
        SELECT v.id, v.date, v.source, v.move_id, v.event, v.trigger, v.origin_id, o.source AS corrects, v.agent_id,
               v.partner_id, v.product_id, v.quantity::float, v.net::float, v.points::float
          FROM mlm_volume v LEFT JOIN mlm_volume o ON o.id = v.origin_id
         WHERE v.id IN (SELECT id FROM days UNION SELECT origin_id FROM days WHERE origin_id IS NOT NULL)
         ORDER BY COALESCE(o.date, v.date), COALESCE(v.origin_id, v.id), v.date, v.id
        """,
        agent=agent.id, company=company.id, first=first, last=last, rows=SQL.identifier(ROW_TABLE)))


def _commissions(env, agent, company, facts, full):
    """The final commissions for the facts: {volume id: [row]}."""
    ids = [fact['id'] for fact in facts]
    found = defaultdict(list)
    if not ids:
        return found
    whose = SQL('TRUE') if full else SQL('c.beneficiary_id = %s', agent.id)
    for row in _rows(env, company, SQL('c.volume_id IN %s', tuple(ids)), whose):
        found[row['volume_id']].append(row)
    return found


def _whole_periods(env, agent, company, first, last):
    return _rows(env, company, SQL('c.volume_id = 0 AND c.beneficiary_id = %s', agent.id),
                 SQL('p.date_to BETWEEN %s AND %s', first, last))


def _rows(env, company, *conditions):
    return env.execute_query_dict(SQL(
        """
        SELECT c.volume_id, c.rule_id, r.plan_id, c.level, c.beneficiary_id, c.rate / 10000.0::float AS rate,
               (c.base / r.minor_units)::float AS base, (c.amount / r.minor_units)::float AS amount, r.currency_id,
               s.name AS statement, p.date_to AS date
          FROM %(rows)s c
          JOIN mlm_run r ON r.id = c.run_id
          JOIN mlm_period p ON p.id = r.period_id
          LEFT JOIN mlm_statement s ON s.period_id = p.id AND s.agent_id = c.beneficiary_id
         WHERE p.state = 'closed' AND p.company_id = %(company)s AND %(conditions)s
         ORDER BY c.run_id, c.id
        """,
        rows=SQL.identifier(ROW_TABLE), company=company.id, conditions=SQL(' AND ').join(conditions)))


def _named(env, agent, facts, commissions, whole, full):
    """Put names for numbers, and leave out whose names the reader has no claim to."""
    rows_ = [row for found in commissions.values() for row in found] + whole
    partners = _names(env['res.partner'].browse(
        {fact[name] for fact in facts for name in ('agent_id', 'partner_id')} | {row['beneficiary_id'] for row in rows_} - {0}),
        'name')
    codes = _names(env['res.partner'].browse(
        {fact['agent_id'] for fact in facts} | {row['beneficiary_id'] for row in rows_} - {0}), 'mlm_agent_code')
    products = _names(env['product.product'].browse({fact['product_id'] for fact in facts} - {None}), 'display_name')
    rules = _names(env['mlm.plan.rule'].browse({row['rule_id'] for row in rows_}), 'name')
    plans = _names(env['mlm.plan'].browse({row['plan_id'] for row in rows_}), 'name')
    currencies = _names(env['res.currency'].browse({row['currency_id'] for row in rows_}), 'name')
    events = dict(env['mlm.volume']._fields['event']._description_selection(env))
    moves = env['account.move'].browse({fact['move_id'] for fact in facts} - {None})
    orders = {move.id: move.invoice_origin or '' for move in moves}
    reasons = {credit.name: credit.ref or '' for credit in moves.reversal_move_ids}

    def commission(row):
        return {'code': codes.get(row['beneficiary_id'], ''), 'name': partners.get(row['beneficiary_id'], ''),
                'plan': plans[row['plan_id']], 'rule': rules[row['rule_id']], 'level': row['level'],
                'base': row['base'] if row['volume_id'] else None, 'rate': row['rate'] if row['volume_id'] else None,
                'amount': row['amount'], 'currency': currencies[row['currency_id']], 'statement': row['statement'] or '',
                'date': row['date']}

    found = [{
        'fact': {
            'date': fact['date'], 'source': fact['source'], 'order': orders.get(fact['move_id'], ''),
            'event': events[fact['event']], 'reason': reasons.get(fact['source'], '') if fact['origin_id'] else '',
            'corrects': fact['corrects'] or '', 'seller_code': codes[fact['agent_id']], 'seller': partners[fact['agent_id']],
            'customer': partners[fact['partner_id']] if full or fact['agent_id'] == agent.id else '',
            'product': products.get(fact['product_id'], ''), 'quantity': fact['quantity'], 'net': fact['net'],
            'points': fact['points'],
        },
        'commissions': [commission(row) for row in commissions.get(fact['id'], ())],
    } for fact in facts]
    return found + [{'fact': None, 'commissions': [commission(row)]} for row in whole]


def _names(records, field):
    return {record.id: record[field] or '' for record in records.with_context(active_test=False)}
