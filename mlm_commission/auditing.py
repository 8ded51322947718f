# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Statements under lock and key: digested in one pass when a period closes, and checked whenever somebody asks.

See :mod:`chain` for the digest itself. A period at a time is read, so memory is bounded by the largest one.
"""
from odoo.tools import SQL

from . import chain
from .closing import KINDS, TOTALS
from .storing import ROW_TABLE

#: columns of a statement that its digest covers, and the name each has there
AMOUNTS = ('opening', *TOTALS, 'payable', 'closing', 'payout', 'payout_rate')
#: columns of a statement that nobody changes, see :func:`forbid_changes`
FINAL = ('name', 'period_id', 'company_id', 'currency_id', 'agent_id', 'date_from', 'date_to', 'payout_currency_id', 'digest',
         *AMOUNTS)
FINAL_LINE = ('statement_id', 'kind', 'plan_id', 'rule_id', 'adjustment_id', 'label', 'count', 'amount')


def read(period):
    """Read what is digested of a period's statements, in the order of the chain.

    :param period: `mlm.period` record
    :return: iterable of (id, number, stored digest or None, canonical text)
    """
    env = period.env
    env.flush_all()
    amounts = SQL(', ').join(SQL('trim_scale(s.%s)::text', SQL.identifier(name)) for name in AMOUNTS)
    env.cr.execute(SQL(
        """
        SELECT s.id, s.name, s.digest, s.company_id, s.agent_id, s.date_from::text, s.date_to::text, c.name, p.name,
               l.lines, %(amounts)s
          FROM mlm_statement s
          JOIN res_currency c ON c.id = s.currency_id
          JOIN res_currency p ON p.id = s.payout_currency_id
          LEFT JOIN (
                SELECT l.statement_id, json_agg(json_build_array(
                           l.kind, l.plan_id, l.rule_id, l.adjustment_id, l.label, l.count, trim_scale(l.amount)::text)
                       ORDER BY l.id) AS lines
                  FROM mlm_statement_line l JOIN mlm_statement s ON s.id = l.statement_id
                 WHERE s.period_id = %(period)s
                 GROUP BY l.statement_id
          ) l ON l.statement_id = s.id
         WHERE s.period_id = %(period)s
         ORDER BY s.id
        """, amounts=amounts, period=period.id))
    names = ('company', 'agent', 'date_from', 'date_to', 'currency', 'payout_currency', 'lines', *AMOUNTS)
    for statement_id, number, stored, *values in env.cr.fetchall():
        content = dict(zip(names, values), number=number)
        content['lines'] = content['lines'] or []
        yield statement_id, number, stored, chain.canonical(content)


def seal(period):
    """Digest the statements of a period that was just closed, each chained to the one before.

    :return: the digest of the last one, of an earlier period if this one has none
    """
    head = before(period)
    ids, digests = [], []
    for statement_id, _number, _stored, text in read(period):
        head = chain.digest(head, text)
        ids.append(statement_id)
        digests.append(head)
    if ids:
        period.env.cr.execute(SQL(
            'UPDATE mlm_statement s SET digest = d.digest FROM unnest(%s, %s) AS d(id, digest) WHERE s.id = d.id',
            ids, digests))
        period.env['mlm.statement'].invalidate_model(['digest'])
    period.write({'chain_digest': head})
    return head


def before(period):
    """The digest of the last statement before a period's, empty for a company's first."""
    # The chain is the company's, whoever looks at a part of it.
    last = period.sudo().search([
        ('company_id', '=', period.company_id.id), ('state', '=', 'closed'), ('date_to', '<', period.date_from),
    ], order='date_to desc', limit=1)
    return last.chain_digest or ''


def verify(period):
    """Check a closed period: digests, sums of the lines, and the commissions behind them.

    :param period: `mlm.period` record
    :return: list of (number of the statement or empty, what is wrong), empty if all is well
    """
    _ = period.env._
    problems = []
    head = before(period)
    for _id, number, stored, text in read(period):
        if chain.digest(head, text) != stored:
            problems.append((number, _('its digest does not fit: it, or one before it, was changed, added or removed')))
        head = stored or ''
    if head != (period.chain_digest or ''):
        problems.append(('', _('the last statement is not the one with which the period was closed')))
    problems += [(number, _('its totals are not the sums of its lines')) for number in _wrong_sums(period)]
    problems += [(number, _('what is brought forward is not what the statement before carried')) for number
                 in _wrong_openings(period)]
    problems += [(number, _('its lines are not the sums of the commissions')) for number in _wrong_lines(period)]
    return problems


def _numbers(env, query):
    return [number for [number] in env.execute_query(query)]


def _wrong_sums(period):
    sums = SQL(' OR ').join(
        SQL('s.%s <> COALESCE(sum(l.amount) FILTER (WHERE l.kind IN %s), 0)', SQL.identifier(name),
            tuple(kind for kind, total in KINDS.items() if total == name))
        for name in TOTALS)
    return _numbers(period.env, SQL(
        """
        SELECT s.name FROM mlm_statement s LEFT JOIN mlm_statement_line l ON l.statement_id = s.id
         WHERE s.period_id = %s GROUP BY s.id HAVING %s ORDER BY s.id
        """, period.id, sums))


def _wrong_openings(period):
    return _numbers(period.env, SQL(
        """
        WITH before AS (
            SELECT DISTINCT ON (agent_id) agent_id, closing FROM mlm_statement
             WHERE company_id = %(company)s AND date_to < %(first)s ORDER BY agent_id, date_to DESC, id DESC
        )
        SELECT s.name FROM mlm_statement s LEFT JOIN before b ON b.agent_id = s.agent_id
         WHERE s.period_id = %(period)s AND s.opening <> COALESCE(b.closing, 0) ORDER BY s.id
        """, company=period.company_id.id, first=period.date_from, period=period.id))


def _wrong_lines(period):
    return _numbers(period.env, SQL(
        """
        WITH paid AS (
            SELECT c.beneficiary_id AS agent_id, c.rule_id, v.origin_id IS NOT NULL AS is_clawback, count(*) AS count,
                   sum(c.amount) / max(r.minor_units) AS amount
              FROM %(rows)s c JOIN mlm_run r ON r.id = c.run_id LEFT JOIN mlm_volume v ON v.id = c.volume_id
             WHERE r.period_id = %(period)s AND c.beneficiary_id <> 0
             GROUP BY c.beneficiary_id, c.rule_id, v.origin_id IS NOT NULL
        ), shown AS (
            SELECT s.agent_id, l.rule_id, l.kind = 'clawback' AS is_clawback, l.count, l.amount
              FROM mlm_statement_line l JOIN mlm_statement s ON s.id = l.statement_id
             WHERE s.period_id = %(period)s AND l.kind IN ('commission', 'clawback')
        ), differing AS (
            SELECT DISTINCT COALESCE(paid.agent_id, shown.agent_id) AS agent_id
              FROM paid FULL JOIN shown USING (agent_id, rule_id, is_clawback)
             WHERE paid.amount IS DISTINCT FROM shown.amount OR paid.count IS DISTINCT FROM shown.count
        )
        SELECT COALESCE(s.name, d.agent_id::text) FROM differing d
          LEFT JOIN mlm_statement s ON s.period_id = %(period)s AND s.agent_id = d.agent_id
         ORDER BY s.id
        """, rows=SQL.identifier(ROW_TABLE), period=period.id))


def forbid_changes(env):
    """Have the database refuse to change or delete what was closed, also where Odoo is not asked."""
    for table, columns, sealed in (
        ('mlm_statement', FINAL, SQL('OLD.digest IS NOT NULL')),
        ('mlm_statement_line', FINAL_LINE, SQL(
            'EXISTS (SELECT 1 FROM mlm_statement WHERE digest IS NOT NULL AND id = '
            'CASE WHEN TG_OP = \'INSERT\' THEN NEW.statement_id ELSE OLD.statement_id END)')),
    ):
        function, trigger = SQL.identifier(f'{table}_final'), SQL.identifier(f'{table}_final')
        names = [SQL.identifier(name) for name in columns]
        env.cr.execute(SQL(
            """
            CREATE OR REPLACE FUNCTION %(function)s() RETURNS trigger LANGUAGE plpgsql AS $body$
            BEGIN
                IF %(sealed)s THEN
                    IF TG_OP <> 'UPDATE' THEN
                        RAISE EXCEPTION 'Closed commission statements are final.';
                    ELSIF (%(new)s) IS DISTINCT FROM (%(old)s) THEN
                        RAISE EXCEPTION 'Closed commission statements are final.';
                    END IF;
                END IF;
                RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
            END $body$;
            DROP TRIGGER IF EXISTS %(trigger)s ON %(table)s;
            CREATE TRIGGER %(trigger)s BEFORE %(events)s ON %(table)s FOR EACH ROW EXECUTE FUNCTION %(function)s()
            """,
            function=function, trigger=trigger, table=SQL.identifier(table), sealed=sealed,
            events=SQL('UPDATE OR DELETE') if table == 'mlm_statement' else SQL('INSERT OR UPDATE OR DELETE'),
            new=SQL(', ').join(SQL('NEW.%s', name) for name in names),
            old=SQL(', ').join(SQL('OLD.%s', name) for name in names)))
