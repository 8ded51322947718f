# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The book extract (section 87c of the German commercial code): every sale that concerns an agent, from what was stored.

Nothing is computed anew: sales, cancellations and commissions are read as they were written, also those of years gone by.
A sale concerns an agent who made it, or who was paid for it.

The agent's version names the customers of the agent's own sales only, shortens the names of sellers beyond the frontline, as
the portal's pages do, and of commissions has only the agent's own: what others earn, and to whom they sell, is theirs. The
staff's version names everybody.
"""
from collections import defaultdict

from odoo.tools import SQL, split_every

from .storing import ROW_TABLE

# Sales that are held in memory at once.
CHUNK = 2000
FACT = ('date', 'source', 'order', 'event', 'contract_start', 'cancelled_on', 'reason', 'measures', 'payments', 'corrects',
        'seller_code', 'seller', 'customer', 'product', 'pricelist', 'quantity', 'net', 'document_net', 'document_currency',
        'points', 'total')
COMMISSION = ('code', 'name', 'plan', 'rule', 'level', 'base', 'rate', 'amount', 'currency', 'statement')


def header(env):
    """The titles of the columns: of a sale as in ``FACT``, of a commission as in ``COMMISSION``."""
    _ = env._
    return [
        _('Date'), _('Document'), _('Order'), _('Event'), _('Contract Start'), _('Cancelled On'), _('Reason'),
        _('Done to Keep It'), _('Payments until Then'), _('Corrects'), _('Seller Code'), _('Seller'), _('Customer'),
        _('Product'), _('Pricelist'), _('Quantity'), _('Net Amount'), _('Net Amount Invoiced'), _('Invoice Currency'),
        _('Points'), _('Valuation Sum'), _('Beneficiary Code'), _('Beneficiary'), _('Plan'), _('Commission'), _('Level'),
        _('Base'), _('Rate (%)'), _('Amount'), _('Currency'), _('Statement'),
    ]


def entries(agent, company, first, last, full):
    """Read the extract.

    :param agent: `res.partner` record; whether the user may have the extract was checked
    :param company: `res.company` record
    :param first: first day, of the sales or of what corrects them
    :param last: last day
    :param bool full: the staff's version
    :return: iterator of {'fact': {...}, 'commissions': [{...}]} in the order of the sales, each with what corrects it after
        it; last, without a fact, what was paid for whole periods
    """
    # The extract is one agent's, and read from tables that the agent has no other way to.
    env = agent.env(su=True)
    env.flush_all()
    for ids in split_every(CHUNK, _fact_ids(env, agent, company, first, last)):
        facts = _facts(env, ids)
        yield from _named(env, agent, facts, _commissions(env, agent, company, facts, full), [], full)
    yield from _named(env, agent, [], {}, _whole_periods(env, agent, company, first, last), full)


def rows(found):
    """Turn :func:`entries` into rows of a table, a commission each; a sale without one has a row all the same."""
    for entry in found:
        fact = entry['fact'] or dict.fromkeys(FACT)
        for commission in entry['commissions'] or [dict.fromkeys((*COMMISSION, 'date'))]:
            yield [fact['date'] or commission['date'], *(fact[name] for name in FACT[1:]),
                   *(commission[name] for name in COMMISSION)]


def _fact_ids(env, agent, company, first, last):
    """The sales of these days that concern the agent, what they correct, and in which order they stand."""
    return [fact_id for [fact_id] in env.execute_query(SQL(
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
        SELECT v.id
          FROM mlm_volume v LEFT JOIN mlm_volume o ON o.id = v.origin_id
         WHERE v.id IN (SELECT id FROM days UNION SELECT origin_id FROM days WHERE origin_id IS NOT NULL)
         ORDER BY COALESCE(o.date, v.date), COALESCE(v.origin_id, v.id), v.date, v.id
        """,
        agent=agent.id, company=company.id, first=first, last=last, rows=SQL.identifier(ROW_TABLE)))]


def _facts(env, ids):
    return env.execute_query_dict(SQL(
        """
        SELECT v.id, v.date, v.source, v.move_id, v.event, v.origin_id, o.source AS corrects, v.agent_id,
               v.partner_id, v.product_id, v.pricelist_id, v.quantity::float, v.net::float, v.points::float, v.total::float,
               v.document_net::float, v.document_currency_id, v.liability_from AS contract_start,
               v.cancel_date AS cancelled_on, v.cancel_reason AS reason, v.cancel_measures AS measures, v.payments
          FROM mlm_volume v LEFT JOIN mlm_volume o ON o.id = v.origin_id
          JOIN unnest(%s) WITH ORDINALITY AS wanted (id, place) ON wanted.id = v.id
         ORDER BY wanted.place
        """, list(ids)))


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
        {fact['partner_id'] for fact in facts} | {row['beneficiary_id'] for row in rows_} - {0}),
        'name')
    sellers = env['res.partner'].browse({fact['agent_id'] for fact in facts})._mlm_names_for(agent.browse() if full else agent)
    codes = _names(env['res.partner'].browse(
        {fact['agent_id'] for fact in facts} | {row['beneficiary_id'] for row in rows_} - {0}), 'mlm_agent_code')
    products = _names(env['product.product'].browse({fact['product_id'] for fact in facts} - {None}), 'display_name')
    pricelists = _names(env['product.pricelist'].browse({fact['pricelist_id'] for fact in facts} - {None}), 'name')
    rules = _names(env['mlm.plan.rule'].browse({row['rule_id'] for row in rows_}), 'name')
    plans = _names(env['mlm.plan'].browse({row['plan_id'] for row in rows_}), 'name')
    currencies = _names(env['res.currency'].browse(
        {row['currency_id'] for row in rows_} | {fact['document_currency_id'] for fact in facts} - {None}), 'name')
    events = dict(env['mlm.volume']._fields['event']._description_selection(env))
    moves = env['account.move'].browse({fact['move_id'] for fact in facts} - {None})
    orders = {move.id: move.invoice_origin or '' for move in moves}

    def commission(row):
        return {'code': codes.get(row['beneficiary_id'], ''), 'name': partners.get(row['beneficiary_id'], ''),
                'plan': plans[row['plan_id']], 'rule': rules[row['rule_id']], 'level': row['level'],
                'base': row['base'] if row['volume_id'] else None, 'rate': row['rate'] if row['volume_id'] else None,
                'amount': row['amount'], 'currency': currencies[row['currency_id']], 'statement': row['statement'] or '',
                'date': row['date']}

    found = [{
        'fact': {
            **{name: fact[name] for name in (
                'date', 'source', 'contract_start', 'cancelled_on', 'quantity', 'net', 'document_net', 'points', 'total')},
            'order': orders.get(fact['move_id'], ''), 'event': events[fact['event']], 'reason': fact['reason'] or '',
            'measures': fact['measures'] or '', 'payments': fact['payments'] if fact['cancelled_on'] else None,
            'corrects': fact['corrects'] or '', 'seller_code': codes[fact['agent_id']], 'seller': sellers[fact['agent_id']],
            'customer': partners[fact['partner_id']] if full or fact['agent_id'] == agent.id else '',
            'product': products.get(fact['product_id'], ''), 'pricelist': pricelists.get(fact['pricelist_id'], ''),
            'document_currency': currencies.get(fact['document_currency_id'], ''),
        },
        'commissions': [commission(row) for row in commissions.get(fact['id'], ())],
    } for fact in facts]
    return found + [{'fact': None, 'commissions': [commission(row)]} for row in whole]


def _names(records, field):
    return {record.id: record[field] or '' for record in records.with_context(active_test=False)}
