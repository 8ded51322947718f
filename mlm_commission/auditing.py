# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Statements under lock and key: digested in one pass when a period closes, and checked whenever somebody asks.

See :mod:`chain` for the digest itself. A period at a time is read, so memory is bounded by the largest one.
"""
from odoo.tools import SQL

from . import chain
from .kinds import KINDS, TOTALS
from .storing import ROW_TABLE
from .tools import copy

#: columns of a statement that its digest covers, and the name each has there
AMOUNTS = ('opening', *TOTALS, 'payable', 'closing', 'payout', 'payout_rate')
#: columns of a statement that nobody changes, see :func:`forbid_changes`
FINAL = ('name', 'period_id', 'company_id', 'currency_id', 'agent_id', 'date_from', 'date_to', 'payout_currency_id', 'digest',
         *AMOUNTS)
FINAL_LINE = ('statement_id', 'kind', 'plan_id', 'rule_id', 'adjustment_id', 'label', 'count', 'amount')
# The digests of a period that is closing; a table of that transaction only.
DIGESTS_TABLE = 'mlm_closing_digest'
DIGESTS = SQL.identifier(DIGESTS_TABLE)


def texts(statements, lines):
    """The canonical text of statements, see :func:`chain.canonical`; a million are written in seconds.

    :param SQL statements: where they stand
    :param SQL lines: where their lines stand, with the statement's id
    :return: SELECT of id, number, text in the order of the chain
    """
    values = {
        'number': _json('s.name'), 'company': SQL('s.company_id'), 'agent': SQL('s.agent_id'),
        'date_from': _json('s.date_from'), 'date_to': _json('s.date_to'),
        'currency': _json('c.name'), 'payout_currency': _json('p.name'),
        'lines': SQL("COALESCE(l.lines, '[]')"), **{name: _amount(f's.{name}') for name in AMOUNTS},
    }
    # One concatenation: with || every piece copies what is there already.
    text = SQL(", ',', ").join(SQL('%s, %s', f'"{name}":', values[name]) for name in sorted(values))
    line = SQL(
        "concat_ws(',', %s, %s, %s, %s, %s, %s, %s)", _json('l.kind'),
        *(SQL("COALESCE(%s, 'null')", value) for value in (
            SQL('l.plan_id::text'), SQL('l.rule_id::text'), SQL('l.adjustment_id::text'), _json('l.label'),
            SQL('l.count::text'))),
        _amount('l.amount'))
    return SQL(
        """
        SELECT s.id, s.name, concat('{', %(text)s, '}') AS text
          FROM %(statements)s s
          JOIN res_currency c ON c.id = s.currency_id
          JOIN res_currency p ON p.id = s.payout_currency_id
          LEFT JOIN (
                SELECT l.statement_id, concat('[', string_agg(concat('[', %(line)s, ']'), ',' ORDER BY l.id), ']') AS lines
                  FROM %(lines)s l GROUP BY l.statement_id
          ) l ON l.statement_id = s.id
         ORDER BY s.id
        """, text=text, line=line, statements=statements, lines=lines)


def _json(column):
    return SQL('to_json(%s::text)::text', SQL(column))


def _amount(column):
    return SQL("""'"' || trim_scale(%s)::text || '"'""", SQL(column))


def read(period):
    """Read what is digested of a period's statements, in the order of the chain.

    :param period: `mlm.period` record
    :return: list of (number, stored digest or None, canonical text)
    """
    period.env.flush_all()
    mine = SQL('(SELECT * FROM mlm_statement WHERE period_id = %s)', period.id)
    return period.env.execute_query(SQL(
        'SELECT t.name, s.digest, t.text FROM (%s) t JOIN mlm_statement s ON s.id = t.id ORDER BY t.id',
        texts(mine, SQL('(SELECT l.* FROM mlm_statement_line l JOIN %s s ON s.id = l.statement_id)', mine))))


def seal(period, statements, lines):
    """Digest the statements of a period that is closing, each chained to the one before.

    The digests stand in the temporary table ``DIGESTS`` (id, digest) afterwards, the last one on the period.

    :param period: `mlm.period` record
    :param SQL statements: see :func:`texts`
    :param SQL lines: see :func:`texts`
    :return: the digest of the last one, of an earlier period if this one has none
    """
    cr, ids, digests = period.env.cr, [], [before(period)]

    def take(statement_id, _number, text):
        ids.append(statement_id)
        digests.append(chain.digest(digests[-1], text))

    copy.read_texts(period.env, texts(statements, lines), take)
    cr.execute(SQL(
        'DROP TABLE IF EXISTS pg_temp.%s; CREATE TEMPORARY TABLE %s (id int4, digest varchar) ON COMMIT DROP', DIGESTS, DIGESTS))
    copy.write_texts(cr, DIGESTS_TABLE, zip(ids, digests[1:]))
    period.write({'chain_digest': digests[-1]})
    return digests[-1]


def before(period):
    """The digest of the last statement before a period's, empty for a company's first."""
    return period._last_closed_before().chain_digest or ''


def verify(period):
    """Check a closed period: digests, sums of the lines, and the commissions behind them.

    :param period: `mlm.period` record
    :return: list of (number of the statement or empty, what is wrong), empty if all is well
    """
    _ = period.env._
    problems = []
    head = before(period)
    for number, stored, text in read(period):
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
             WHERE c.run_id = ANY(%(runs)s) AND c.beneficiary_id <> 0
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
        """, rows=SQL.identifier(ROW_TABLE), period=period.id, runs=period.run_ids.ids))


def forbid_changes(env):
    """Have the database refuse to change or delete what was closed, also where Odoo is not asked."""
    for table, columns, sealed in (
        ('mlm_statement', FINAL, SQL('OLD.digest IS NOT NULL')),
        ('mlm_statement_line', FINAL_LINE, SQL(
            'EXISTS (SELECT 1 FROM mlm_statement WHERE digest IS NOT NULL AND id = OLD.statement_id)')),
    ):
        names = [SQL.identifier(name) for name in columns]
        env.cr.execute(SQL(
            """
            CREATE OR REPLACE FUNCTION %(trigger)s() RETURNS trigger LANGUAGE plpgsql AS $body$
            BEGIN
                IF %(sealed)s AND (TG_OP <> 'UPDATE' OR (%(new)s) IS DISTINCT FROM (%(old)s)) THEN
                    RAISE EXCEPTION 'Closed commission statements are final.';
                END IF;
                RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
            END $body$;
            DROP TRIGGER IF EXISTS %(trigger)s ON %(table)s;
            CREATE TRIGGER %(trigger)s BEFORE UPDATE OR DELETE ON %(table)s FOR EACH ROW EXECUTE FUNCTION %(trigger)s()
            """,
            trigger=SQL.identifier(f'{table}_final'), table=SQL.identifier(table), sealed=sealed,
            new=SQL(', ').join(SQL('NEW.%s', name) for name in names),
            old=SQL(', ').join(SQL('OLD.%s', name) for name in names)))
    # Once for all lines of an INSERT: closing writes a million. The ids between the first and the last are an index's work.
    env.cr.execute(SQL(
        """
        CREATE OR REPLACE FUNCTION mlm_statement_line_added() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            IF EXISTS (SELECT 1 FROM mlm_statement s
                        WHERE s.digest IS NOT NULL AND s.id >= (SELECT min(statement_id) FROM added)
                          AND s.id <= (SELECT max(statement_id) FROM added)
                          AND s.id IN (SELECT statement_id FROM added)) THEN
                RAISE EXCEPTION 'Closed commission statements are final.';
            END IF;
            RETURN NULL;
        END $body$;
        DROP TRIGGER IF EXISTS mlm_statement_line_added ON mlm_statement_line;
        CREATE TRIGGER mlm_statement_line_added AFTER INSERT ON mlm_statement_line REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION mlm_statement_line_added()
        """))
