# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The reserve for cancellations: what is held back of a contract's commissions until its own liability ends.

A contract is a fact of the ledger of volume, for one agent under one plan. One query tells every move of a period: held
of what was earned, used or forfeited for what was clawed back, released when the contract's time is over. A fixed number
of statements, whatever the number of contracts; a draft asks the same query for its estimate.
"""
from odoo.tools import SQL

from .storing import ROW_TABLE


def moves(period):
    """Tell the moves of the reserve that closing a period makes.

    :param period: `mlm.period` record with its runs
    :return: SELECT of agent_id, plan_id, volume_id, agreement_id, kind, amount (the change of the reserve, in the
        company's currency), due_date, position
    """
    return SQL(
        """
        WITH terms (id, months, last_day, rate) AS (%(terms)s),
        run AS (
            SELECT r.id, r.minor_units, p.root_id AS plan_id, p.liability_id
              FROM mlm_run r JOIN mlm_plan p ON p.id = r.plan_id WHERE r.period_id = %(period)s
        ), moved AS (
            SELECT c.beneficiary_id AS agent_id, run.plan_id, o.id AS volume_id,
                   min(COALESCE(o.liability_id, run.liability_id)) AS liability_id,
                   COALESCE(sum(c.amount) FILTER (WHERE v.origin_id IS NULL), 0) / max(run.minor_units) AS earned,
                   COALESCE(sum(c.amount) FILTER (WHERE v.origin_id IS NOT NULL), 0) / max(run.minor_units) AS changed
              FROM %(rows)s c
              JOIN run ON run.id = c.run_id
              JOIN mlm_volume v ON v.id = c.volume_id
              JOIN mlm_volume o ON o.id = COALESCE(v.origin_id, v.id)
             WHERE c.beneficiary_id <> 0 AND COALESCE(o.liability_id, run.liability_id) IN (SELECT id FROM terms)
             GROUP BY c.beneficiary_id, run.plan_id, o.id
        ), kept AS (
            SELECT agent_id, plan_id, volume_id, sum(amount) AS balance, max(due_date) AS due_date, count(*) AS moves,
                   -COALESCE(sum(amount) FILTER (WHERE kind IN ('used', 'forfeited') AND reason IS NULL), 0) AS taken
              FROM mlm_reserve WHERE company_id = %(company)s
             GROUP BY agent_id, plan_id, volume_id
        ), both_sides AS (
            SELECT agent_id, plan_id, volume_id, m.liability_id, m.earned, COALESCE(m.changed, 0) AS changed, k.due_date,
                   COALESCE(k.balance, 0) AS balance, COALESCE(k.taken, 0) AS taken, COALESCE(k.moves, 0) AS moves
              FROM moved m FULL JOIN kept k USING (agent_id, plan_id, volume_id)
             WHERE m.volume_id IS NOT NULL OR (k.balance <> 0 AND k.due_date <= %(until)s)
        ), contract AS (
            SELECT b.agent_id, b.plan_id, b.volume_id, b.balance, b.taken, b.moves, b.changed, a.id AS agreement_id,
                   a.reserve_max, CASE a.reserve_covers WHEN 'forfeit' THEN 'forfeited' ELSE 'used' END AS covering,
                   COALESCE(b.due_date, LEAST(t.last_day, (COALESCE(o.liability_from, o.date)
                            + make_interval(months => t.months))::date - 1)) AS due_date,
                   GREATEST(round(b.earned * CASE a.reserve WHEN 'own' THEN a.reserve_rate WHEN 'terms' THEN t.rate ELSE 0 END
                                  / 100, %(digits)s), 0) AS wanted
              FROM both_sides b
              JOIN mlm_volume o ON o.id = b.volume_id
              LEFT JOIN terms t ON t.id = b.liability_id
              LEFT JOIN LATERAL (
                    SELECT g.id, g.reserve, g.reserve_rate, g.reserve_max, g.reserve_covers FROM mlm_agreement g
                     WHERE g.agent_id = b.agent_id AND g.plan_id = b.plan_id AND g.state = 'active'
                       AND g.date_from <= o.date AND (g.date_to IS NULL OR g.date_to >= o.date)
                     LIMIT 1
              ) a ON TRUE
        ), held AS (
            SELECT *, CASE WHEN due_date > %(until)s THEN COALESCE(wanted, 0) ELSE 0 END AS asked FROM contract
        ), limited AS (
            -- Where a maximum was agreed, the oldest contracts fill what room there is.
            SELECT h.*, CASE WHEN COALESCE(reserve_max, 0) = 0 THEN asked
                        ELSE GREATEST(0, LEAST(asked, reserve_max - COALESCE(total.balance, 0)
                                               - (sum(asked) OVER w - asked))) END AS hold
              FROM held h
              LEFT JOIN (SELECT agent_id, plan_id, sum(balance) AS balance FROM kept GROUP BY agent_id, plan_id) total
                   USING (agent_id, plan_id)
            WINDOW w AS (PARTITION BY agent_id, plan_id ORDER BY volume_id)
        ), covered AS (
            -- A clawback takes the contract's reserve first; a clawback undone puts it back.
            SELECT *, CASE WHEN changed < 0 THEN LEAST(balance + hold, -changed)
                           ELSE -LEAST(changed, taken) END AS cover
              FROM limited
        ), step AS (
            SELECT c.*, s.number, s.kind, s.amount
              FROM covered c
              CROSS JOIN LATERAL (VALUES
                    (1, 'held', hold), (2, covering, -cover),
                    (3, 'released', CASE WHEN due_date <= %(until)s THEN -(balance + hold - cover) ELSE 0 END)
              ) s (number, kind, amount)
             WHERE s.amount <> 0
        )
        SELECT agent_id, plan_id, volume_id, agreement_id, kind, amount, due_date,
               moves + row_number() OVER (PARTITION BY agent_id, plan_id, volume_id ORDER BY number) AS position
          FROM step
        """,
        terms=_terms(period.env), period=period.id, company=period.company_id.id, until=period.date_to,
        digits=period.currency_id.decimal_places, rows=SQL.identifier(ROW_TABLE),
    )


def _any(period):
    """Whether something was ever held back in the company."""
    return bool(period.env['mlm.reserve'].sudo().search_count([('company_id', '=', period.company_id.id)], limit=1))


def _terms(env):
    """The terms of liability that end at some day: only for these something can be held back until then."""
    rows = _terms_rows(env)
    if not rows:
        return SQL('SELECT NULL::int4, NULL::int4, NULL::date, NULL::numeric WHERE FALSE')
    return SQL('VALUES %s', SQL(', ').join(rows))


def _terms_rows(env):
    rows = []
    # Terms are no secret of those who close; archived ones still hold for what was sold under them.
    for liability in env['mlm.liability'].sudo().with_context(active_test=False).search([]):
        terms = liability._to_engine()
        months = terms.months if terms.kind in ('full', 'time') else terms.steps[-1][0] if terms.kind == 'steps' else 0
        if terms.kind != 'none' and (months or terms.last_day):
            rows.append(SQL('(%s, %s::int4, %s::date, %s::numeric)', liability.id, months or None, terms.last_day,
                            liability.reserve_rate))
    return rows


def move(period):
    """Write the moves of a period that is closing."""
    period.env.cr.execute(SQL(
        """
        INSERT INTO mlm_reserve (
            agent_id, plan_id, volume_id, agreement_id, kind, amount, due_date, position, period_id, company_id,
            currency_id, date, create_uid, create_date, write_uid, write_date)
        SELECT m.*, %(period)s, %(company)s, %(currency)s, %(date)s, %(user)s, now() AT TIME ZONE 'UTC', %(user)s,
               now() AT TIME ZONE 'UTC'
          FROM (%(moves)s) m
        """,
        moves=moves(period), period=period.id, company=period.company_id.id, currency=period.currency_id.id,
        date=period.date_to, user=period.env.uid,
    ))
    period.env['mlm.reserve'].invalidate_model()


def lines(period):
    """Move the reserve, and tell what statements show of it; see :class:`closing.Source`."""
    if _terms_rows(period.env) or _any(period):
        move(period)
    return SQL(
        """
        SELECT agent_id, CASE kind WHEN 'held' THEN 'reserve_held' WHEN 'used' THEN 'reserve_used'
                         ELSE 'reserve_released' END AS kind,
               plan_id, NULL::int4, count(*), -sum(amount)
          FROM mlm_reserve
         WHERE company_id = %(company)s AND statement_id IS NULL AND kind <> 'forfeited'
         GROUP BY agent_id, 2, plan_id
        """,
        company=period.company_id.id,
    )


def take(period):
    """Mark what the statements of a period show, also what was released by hand since the last ones."""
    period.env.cr.execute(SQL(
        """
        UPDATE mlm_reserve r SET statement_id = s.id
          FROM mlm_statement s
         WHERE s.period_id = %(period)s AND s.agent_id = r.agent_id AND r.company_id = %(company)s
           AND r.statement_id IS NULL
        """,
        period=period.id, company=period.company_id.id,
    ))
    period.env['mlm.reserve'].invalidate_model()


def estimate(period):
    """What closing a calculated period would hold, use and release.

    :return: {kind: amount, the change of the reserve}
    """
    period.env.flush_all()
    return dict(period.env.execute_query(SQL('SELECT kind, sum(amount) FROM (%s) m GROUP BY kind', moves(period))))
