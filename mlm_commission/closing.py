# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Closing a period: what each agent gets, line by line, from brought forward to payable and carried forward.

A fixed number of statements in SQL, whatever the number of agents. What a statement adds up comes from ``SOURCES``: each
tells the lines of a period, and afterwards marks what it gave as taken. A new kind of line takes an entry in ``KINDS``
and an entry in ``SOURCES``; nothing else here changes.
"""
from collections.abc import Callable
from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.tools import SQL

from . import auditing, reserving
from .kinds import KINDS, TOTALS
from .storing import Rows
from .tools.bulk import MANY

#: what a source tells of a line, with PostgreSQL's types; what does not apply is NULL, or left out at the end
LINE_COLUMNS = {
    'agent_id': 'int4', 'kind': 'varchar', 'plan_id': 'int4', 'rule_id': 'int4', 'count': 'int4', 'amount': 'numeric',
    'adjustment_id': 'int4', 'label': 'varchar',
}
# Lines and statements while they are gathered; tables of this transaction only. Both go to their place when they are
# whole, so nothing that has indexes is written twice.
GATHERED = SQL.identifier('mlm_closing_line')
DECIDED = SQL.identifier('mlm_closing_statement')


class Source(NamedTuple):
    """Where lines of statements come from.

    ``lines(period)`` returns a SELECT of ``LINE_COLUMNS`` in this order, amounts in the company's currency.
    ``take(period)`` runs after the statements are written, and marks what was told as settled; None if there is nothing
    to mark.
    """
    lines: Callable
    take: Callable | None = None


def write(period):
    """Write the statements of a period that was just closed: one per agent with anything to show.

    :param period: `mlm.period` record
    """
    env = period.env
    env.flush_all()
    env.cr.execute(SQL(
        """
        DROP TABLE IF EXISTS pg_temp.%(lines)s, pg_temp.%(statements)s;
        CREATE TEMPORARY TABLE %(lines)s (%(columns)s, id int8 GENERATED ALWAYS AS IDENTITY) ON COMMIT DROP
        """, lines=GATHERED, statements=DECIDED,
        columns=SQL(', ').join(SQL('%s %s', SQL.identifier(name), SQL(kind)) for name, kind in LINE_COLUMNS.items())))
    for source in SOURCES:
        env.cr.execute(SQL('INSERT INTO %s %s', GATHERED, source.lines(period)))
    _decide(period)
    auditing.seal(period, DECIDED, SQL(
        '(SELECT s.id AS statement_id, l.* FROM %s l JOIN %s s ON s.agent_id = l.agent_id)', GATHERED, DECIDED))
    # The lines first: the database takes none for a statement that has its digest.
    _insert_lines(period)
    _insert_statements(period)
    for source in SOURCES:
        if source.take:
            source.take(period)
    if sum(period.run_ids.mapped('commission_count')) >= MANY:
        # What a hundred thousand rows came to is not known to the planner yet, and they are read right away.
        env.cr.execute('ANALYZE mlm_statement (period_id, agent_id, bill_state, mail_state);'
                       'ANALYZE mlm_statement_line (statement_id)')
    period.invalidate_recordset()


def _decide(period):
    """Add up the gathered lines by kind, and decide what of the balance is paid now.

    What is brought forward stands in the statements of the period before: whoever has a balance gets a statement.
    """
    sums = SQL(', ').join(
        SQL('COALESCE(sum(amount) FILTER (WHERE kind IN %s), 0) AS %s',
            tuple(kind for kind, total in KINDS.items() if total == name), SQL.identifier(name))
        for name in TOTALS)
    company = period.company_id
    period.env.cr.execute(SQL(
        """
        CREATE TEMPORARY TABLE %(decided)s ON COMMIT DROP AS
        WITH gathered AS (
            SELECT agent_id, sum(amount) AS moved, %(sums)s FROM %(lines)s GROUP BY agent_id
        ), before AS (
            SELECT agent_id, closing FROM mlm_statement WHERE period_id = %(before)s AND closing <> 0
        ), balance AS (
            SELECT COALESCE(g.agent_id, b.agent_id) AS agent_id, COALESCE(b.closing, 0) AS opening,
                   COALESCE(b.closing, 0) + COALESCE(g.moved, 0) AS amount, %(coalesced)s
              FROM gathered g FULL JOIN before b ON b.agent_id = g.agent_id
        ), decided AS (
            SELECT b.*, c.id AS payout_currency_id, c.rate, c.digits,
                   CASE WHEN b.amount < 0 AND COALESCE(t.negative_balance, %(negative)s) = 'bill' THEN b.amount
                        WHEN b.amount > 0 AND (b.amount >= COALESCE(t.minimum, %(minimum)s) OR t.ended) THEN b.amount
                        ELSE 0 END AS payable
              FROM balance b
              LEFT JOIN (%(terms)s) t ON t.agent_id = b.agent_id
              JOIN (%(currencies)s) c ON c.id = COALESCE(t.payout_currency_id, %(currency)s)
        )
        SELECT nextval('mlm_statement_id_seq')::int4 AS id,
               %(code)s || '-' || to_char(row_number() OVER (), 'FM999999900000') AS name,
               %(period)s AS period_id, %(company)s AS company_id, %(currency)s AS currency_id, agent_id,
               %(first)s::date AS date_from, %(last)s::date AS date_to, opening, %(totals)s, payable,
               amount - payable AS closing, payout_currency_id, rate AS payout_rate,
               round(payable * rate, digits) AS payout,
               CASE WHEN payable <> 0 THEN 'to_bill' ELSE 'nothing' END AS bill_state
          FROM (SELECT * FROM decided ORDER BY agent_id) AS decided
        """,
        decided=DECIDED, sums=sums, totals=_names(TOTALS), lines=GATHERED, terms=_terms(period),
        currencies=_currencies(period), coalesced=SQL(', ').join(
            SQL('COALESCE(g.%s, 0) AS %s', SQL.identifier(name), SQL.identifier(name)) for name in TOTALS),
        before=period._last_closed_before().id or 0, period=period.id, company=company.id, code=period.code,
        currency=period.currency_id.id, first=period.date_from, last=period.date_to,
        negative=company.mlm_negative_balance, minimum=company.mlm_minimum_payout,
    ))


def _insert_lines(period):
    columns = [name for name in LINE_COLUMNS if name != 'agent_id']
    period.env.cr.execute(SQL(
        """
        INSERT INTO mlm_statement_line (statement_id, %(columns)s)
        SELECT s.id, %(columns)s FROM %(lines)s l JOIN %(statements)s s ON s.agent_id = l.agent_id
         ORDER BY s.id, l.id
        """, columns=_names(columns), lines=GATHERED, statements=DECIDED))


def _insert_statements(period):
    # Who closed stands on the period: a user on every statement would be looked up for every statement.
    columns = ['id', 'name', 'period_id', 'company_id', 'currency_id', 'agent_id', 'date_from', 'date_to', 'opening', *TOTALS,
               'payable', 'closing', 'payout_currency_id', 'payout_rate', 'payout', 'bill_state', 'digest']
    period.env.cr.execute(SQL(
        """
        INSERT INTO mlm_statement (%(columns)s, create_date, write_date)
        SELECT %(columns)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
          FROM %(statements)s JOIN %(digests)s USING (id)
         ORDER BY id
        """, columns=_names(columns), statements=DECIDED, digests=auditing.DIGESTS))


def _names(names):
    return SQL(', ').join(map(SQL.identifier, names))


def _terms(period):
    """What was agreed about payment with those in ``balance``: the newest agreement of each agent decides.

    Whoever has no agreement left after the period is paid whatever there is, also below the minimum.
    """
    return SQL(
        """
        SELECT DISTINCT ON (agent_id) agent_id, payout_currency_id, negative_balance, minimum, ended
          FROM (SELECT id, agent_id, date_from, payout_currency_id, negative_balance,
                       CASE WHEN own_minimum_payout THEN minimum_payout END AS minimum,
                       NOT bool_or(date_to IS NULL OR date_to > %(last)s) OVER (PARTITION BY agent_id) AS ended
                  FROM mlm_agreement
                 WHERE company_id = %(company)s AND state = 'active' AND agent_id IN (SELECT agent_id FROM balance)
                   -- Most have agreed nothing of the kind, and need not be sorted.
                   AND agent_id IN (
                        SELECT agent_id FROM mlm_agreement
                         WHERE date_to IS NOT NULL OR payout_currency_id IS NOT NULL OR negative_balance IS NOT NULL
                            OR own_minimum_payout)
               ) AS agreement
         WHERE date_from <= %(last)s
         ORDER BY agent_id, date_from DESC, id DESC
        """,
        company=period.company_id.id, last=period.date_to,
    )


def _currencies(period):
    """The currencies that agents are paid in, with the rate of the period's last day.

    :raise UserError: naming a currency without a rate, which would count as 1
    """
    company = period.company_id
    # Who closes need not be allowed to read agreements of every kind; only their currencies are read.
    agreed = period.env['mlm.agreement'].sudo()._read_group(
        [('company_id', '=', company.id), ('state', '=', 'active'), ('date_from', '<=', period.date_to),
         ('payout_currency_id', 'not in', (False, company.currency_id.id))], ['payout_currency_id'])
    rows = [SQL('(%s, %s::numeric, %s)', company.currency_id.id, 1, company.currency_id.decimal_places)]
    for [currency] in agreed:
        known = currency.rate_ids.filtered(
            lambda rate: rate.company_id in (company.root_id, company.browse()) and rate.name <= period.date_to)
        if not known:
            raise UserError(period.env._(
                'Agents are paid in %(currency)s, and there is no rate of it on %(date)s or before. '
                'Record one under Accounting, Currencies, then close period %(period)s again.',
                currency=currency.name, date=period.date_to, period=period.name))
        rate = currency._get_conversion_rate(company.currency_id, currency, company, period.date_to)
        rows.append(SQL('(%s, %s::numeric, %s)', currency.id, rate, currency.decimal_places))
    return SQL('SELECT * FROM (VALUES %s) AS c (id, rate, digits)', SQL(', ').join(rows))


# === SOURCES OF LINES === #

def _commissions(period):
    """What the period's runs paid and took back, a line per rule."""
    parts = [SQL(
        "SELECT agent_id, CASE WHEN adjusts THEN 'clawback' ELSE 'commission' END AS kind, adjusts, %s AS plan_id, rule_id, "
        'count, amount / %s AS amount FROM %s', run.plan_id.id, 10 ** run.currency_id.decimal_places, _sums(run))
        for run in period.run_ids]
    # A period without a plan has no runs, and no commissions.
    none = SQL("SELECT NULL::int4 AS agent_id, NULL AS kind, FALSE AS adjusts, NULL::int4 AS plan_id, NULL::int4 AS rule_id, "
               'NULL::int8 AS count, NULL::numeric AS amount WHERE FALSE')
    return SQL(
        'SELECT agent_id, kind, plan_id, rule_id, count, amount FROM (%s) AS c ORDER BY agent_id, adjusts, plan_id, rule_id',
        SQL(' UNION ALL ').join(parts or [none]))


def _sums(run):
    """Add up what a run paid and took back, by agent and rule.

    Only its partition is read, and of the ledger only what adjusts. It goes into a table of its own, for which PostgreSQL
    uses several processes; for an INSERT it never does.

    :return: the table's name
    """
    table, rows = SQL.identifier(f'mlm_closing_sum_{run.id}'), Rows(run)
    if run.commission_count >= MANY:
        # What each process adds up is much less than what it reads: the planner has to know that agents recur.
        run.env.cr.execute(SQL('ANALYZE %s (beneficiary_id, rule_id)', rows.partition))
    run.env.cr.execute(SQL(
        """
        DROP TABLE IF EXISTS pg_temp.%(table)s;
        CREATE TEMPORARY TABLE %(table)s ON COMMIT DROP AS
        SELECT c.beneficiary_id AS agent_id, c.rule_id, %(adjusts)s AS adjusts, count(*) AS count, sum(c.amount) AS amount
          FROM %(rows)s c %(adjusting)s
         WHERE c.beneficiary_id <> 0
         GROUP BY 1, 2, 3
        """, table=table, rows=rows.partition, adjusting=rows.adjusting(),
        adjusts=SQL('v.id IS NOT NULL') if run.adjusts else SQL('FALSE')))
    return table


def _adjustments(period):
    """What was confirmed by hand and counts from a day of this period or before, a line each."""
    return SQL(
        """
        SELECT a.agent_id, 'adjustment', NULL, NULL, NULL, a.amount, a.id,
               COALESCE(t.name ->> p.lang, t.name ->> 'en_US') || ': ' || a.reason
          FROM mlm_adjustment a
          JOIN mlm_adjustment_type t ON t.id = a.type_id
          JOIN res_partner p ON p.id = a.agent_id
         WHERE a.company_id = %(company)s AND a.state = 'approved' AND a.date <= %(last)s
         ORDER BY a.agent_id, a.id
        """,
        company=period.company_id.id, last=period.date_to,
    )


def _settle_adjustments(period):
    """Mark the adjustments. Whoever changed one of them meanwhile makes this transaction, or the own one, repeat."""
    period.env.cr.execute(SQL(
        """
        UPDATE mlm_adjustment a SET state = 'settled', statement_id = s.id
          FROM mlm_statement_line l JOIN mlm_statement s ON s.id = l.statement_id
         WHERE l.adjustment_id = a.id AND s.period_id = %s
        """,
        period.id))
    period.env['mlm.adjustment'].invalidate_model(['state', 'statement_id'])


SOURCES = [
    Source(_commissions),
    Source(reserving.lines, reserving.take),
    Source(_adjustments, _settle_adjustments),
]
