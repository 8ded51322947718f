# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""From the engine's entries to rows: streamed, clawed back, checked, and only then visible.

The rows of a run lie in a partition of their own, without foreign keys to tables that people edit; throwing a draft away
drops it. A fixed number of statements, whatever the number of rows.
"""
import hashlib

import numpy as np

from odoo.exceptions import UserError
from odoo.tools import SQL

from . import engine, progress
from .loading import EPOCH
from .tools import copy
from .tools.bulk import bulk

ROW_TABLE = 'mlm_commission_row'
# Name and bytes of the columns; see tools.copy.
ROW_COLUMNS = [
    ('id', 8), ('volume_id', 4), ('rule_id', 4), ('level', 4), ('beneficiary_id', 4), ('rate', 4), ('base', 8),
    ('amount', 8), ('reason', 2),
]
# A row's id is its run's id and its place in the run: below 2**53, so that JavaScript holds it exactly.
ROWS_PER_RUN = 2 ** 31


class Rows:
    """The rows of one run.

    :param run: `mlm.run` record
    """

    def __init__(self, run):
        self.env, self.run_id, self.plan, self.adjusts = run.env, run.id, run.plan_id, run.adjusts
        self.table = f'{ROW_TABLE}_{run.id}'
        self.partition = SQL.identifier(self.table)
        self.rule_ids = np.array(run.plan_id.rule_ids.ids, np.int64)
        self.writer = _Writer(self.run_id, self.rule_ids)

    def drop(self):
        """Throw the rows away when the transaction commits.

        Dropping a partition locks out everybody who reads commissions, whatever the period; so it is the very last
        thing, and not what a calculation of a minute begins with. Until then the rows are those of no run.
        """
        self.env.cr.precommit.add(lambda: self.env.cr.execute(SQL('DROP TABLE IF EXISTS %s', self.partition)))

    def create(self):
        """Make the table that the rows go into; nobody sees it before it is attached."""
        # With the check every row is looked at while it is written, and attaching need not read them again.
        self.env.cr.execute(SQL(
            'CREATE TABLE %(partition)s (LIKE %(table)s INCLUDING DEFAULTS, CHECK (run_id = %(run)s)); '
            'ALTER TABLE %(partition)s ALTER run_id SET DEFAULT %(run)s',
            partition=self.partition, table=SQL.identifier(ROW_TABLE), run=self.run_id))

    def store(self, entries, watch=iter):
        """Stream commissions into the table; they are computed while the ones before are written.

        :param entries: iterable of :class:`engine.Entries`
        :param watch: see :func:`copy.write`
        """
        copy.write(self.env.cr, self.table, ROW_COLUMNS, self.writer.chunks(entries), watch)

    def pass_over(self, entries):
        """Count commissions that are in the table already."""
        for _chunk in self.writer.chunks(entries):
            pass

    def finish(self, stream, changed):
        """Take back what was credited, settle the rules of the period, check all of it and attach it.

        Rules of the period that read what others paid, such as a matching bonus, read what is taken back too.

        :param stream: :class:`engine.settle.Stream` that has paid all sales
        :param changed: what was credited, reset and so on, see ``loading.SALE_COLUMNS``
        :return: {'count', 'total' in minor units, 'digest'}
        """
        cr, partition, writer = self.env.cr, self.partition, self.writer
        for taken in self._clawbacks(changed) if len(changed['id']) else ():
            self.store([taken])
            stream.read(taken)
        self.store(stream.by_period())
        with bulk(cr, writer.count):
            progress.reach('index')
            cr.execute(SQL('ALTER TABLE %s ADD PRIMARY KEY (id)', partition))
            cr.execute(SQL('CREATE UNIQUE INDEX ON %s (volume_id, rule_id, level, beneficiary_id, reason)', partition))
            cr.execute(SQL('CREATE INDEX ON %s (beneficiary_id)', partition))
            progress.reach('check')
            self._verify(writer)
        progress.reach('attach')
        cr.execute(SQL(
            'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES IN (%s)', SQL.identifier(ROW_TABLE), partition, self.run_id))
        return {'count': writer.count, 'total': writer.total, 'digest': writer.digest}

    def adjusting(self):
        """Join to rows ``c`` as ``v`` what adjusts a sale; nothing where the run adjusts none, as a join takes its time."""
        return SQL('LEFT JOIN (SELECT id FROM mlm_volume WHERE origin_id IS NOT NULL) v ON v.id = c.volume_id'
                   if self.adjusts else '')

    def taken(self):
        """What the run took back for adjustments.

        :return: :class:`engine.Entries`
        """
        rows = copy.read(self.env, SQL(
            """
            SELECT r.volume_id, r.rule_id, r.level, r.beneficiary_id, r.rate, r.base, r.amount, r.reason
              FROM %s r JOIN mlm_volume v ON v.id = r.volume_id WHERE v.origin_id IS NOT NULL ORDER BY r.id
            """, self.partition,
        ), [(name, size) for name, size in ROW_COLUMNS if name != 'id'])
        ordinal = np.argsort(self.rule_ids)[np.searchsorted(np.sort(self.rule_ids), rows['rule_id'])]
        return engine.Entries(
            rows['volume_id'], ordinal, rows['level'], rows['beneficiary_id'], rows['rate'], rows['base'], rows['amount'],
            rows['reason'])

    def _clawbacks(self, changed):
        """Reverse what was paid for facts that are worth less now, pro rata: same people, same rates.

        What was paid for them may lie in earlier runs or in this one. How much of a fact was reversed before and
        after an adjustment is counted in the measure that says how much of it there is.

        :return: iterable of :class:`engine.Entries`
        """
        self.env.cr.execute(SQL('ANALYZE %s', self.partition))
        facts = copy.read(self.env, SQL(
            """
            SELECT v.id::int4, v.origin_id::int4, m.size, -m.part, -(sum(m.part) OVER w - m.part)::int8,
                   COALESCE(o.liability_id, %(liability)s, 0)::int4, (v.event = 'credited')::int4,
                   (COALESCE(o.liability_from, o.date) - DATE '2000-01-01')::int4,
                   (COALESCE(v.cancel_date, v.date) - DATE '2000-01-01')::int4, COALESCE(v.payments, 0)::int4
              FROM mlm_volume v
              JOIN mlm_claim c ON c.volume_id = v.id AND c.plan_id = %(plan)s
              JOIN mlm_volume o ON o.id = v.origin_id
              CROSS JOIN LATERAL (
                    SELECT CASE WHEN o.net <> 0 THEN round(o.net * %(minor)s) WHEN o.points <> 0
                                THEN round(o.points * 100) ELSE round(o.quantity * 1000) END::int8 AS size,
                           CASE WHEN o.net <> 0 THEN round(v.net * %(minor)s) WHEN o.points <> 0
                                THEN round(v.points * 100) ELSE round(v.quantity * 1000) END::int8 AS part
              ) m
             WHERE v.origin_id IN (
                    SELECT u.origin_id FROM mlm_volume u JOIN mlm_claim d ON d.volume_id = u.id
                     WHERE d.run_id = %(run)s AND u.origin_id IS NOT NULL)
            WINDOW w AS (PARTITION BY v.origin_id ORDER BY c.run_id, v.id)
             ORDER BY v.origin_id, c.run_id, v.id
            """,
            plan=self.plan.root_id.id, run=self.run_id, minor=10 ** self.plan.currency_id.decimal_places,
            liability=self.plan.liability_id.id or None,
        ), [('id', 4), ('origin', 4), ('size', 8), ('part', 8), ('before', 8), ('liability', 4), ('credited', 4),
            ('start', 4), ('day', 4), ('payments', 4)])
        facts['after'] = facts['before'] + facts['part']
        self._weigh(facts)
        mine = np.isin(facts['id'], changed['id'])
        facts = {name: values[mine] for name, values in facts.items()}
        paid = copy.read(self.env, SQL(
            """
            WITH origin AS (
                SELECT DISTINCT v.origin_id AS id FROM mlm_volume v JOIN mlm_claim c ON c.volume_id = v.id
                 WHERE c.run_id = %(run)s AND v.origin_id IS NOT NULL
            ), paid AS (
                SELECT * FROM %(table)s WHERE run_id IN (SELECT id FROM mlm_run) UNION ALL SELECT * FROM %(partition)s
            )
            SELECT paid.volume_id, paid.rule_id, paid.level, paid.beneficiary_id, paid.rate, paid.base, paid.amount,
                   paid.reason
              FROM paid JOIN origin ON origin.id = paid.volume_id JOIN mlm_plan_rule r ON r.id = paid.rule_id
             WHERE r.plan_id = %(plan)s
             ORDER BY paid.volume_id, paid.rule_id, paid.level, paid.beneficiary_id, paid.reason
            """,
            run=self.run_id, plan=self.plan.id, table=SQL.identifier(ROW_TABLE), partition=self.partition,
        ), [(name, size) for name, size in ROW_COLUMNS if name != 'id'])
        return [_adjustments(facts, paid, self.rule_ids, self.plan.rounding_mode)] if len(paid['volume_id']) else []

    def _weigh(self, facts):
        """Have what is taken back count as the terms of liability say; see :mod:`engine.liability`.

        Only a credit note ends a contract; what is reset, cancelled or not paid was none, and is taken back whole.

        :param facts: all adjustments of some sales, in order; size, before and after are changed
        """
        limited = np.flatnonzero(facts['liability'])
        if not len(limited):
            return
        # Terms are no secret of those who calculate.
        terms = {
            liability.id: liability._to_engine() for liability in
            self.env['mlm.liability'].sudo().browse(np.unique(facts['liability'][limited]).tolist())}
        for name in ('size', 'before', 'after'):
            facts[name] = facts[name].copy()
        starts = np.flatnonzero(np.diff(facts['origin'][limited], prepend=0))
        for chain in np.split(limited, starts[1:]):
            liability = terms[int(facts['liability'][chain[0]])]
            start = _date(facts['start'][chain[0]])
            totals = engine.weigh([
                (int(facts['part'][place]),
                 liability.share(start, _date(facts['day'][place]), int(facts['payments'][place]))
                 if facts['credited'][place] else liability.whole)
                for place in chain])
            facts['size'][chain] *= liability.whole
            facts['before'][chain], facts['after'][chain] = [0, *totals[:-1]], totals

    def _verify(self, writer):
        """Check the rows independently of the engine, before anything becomes visible.
        What is taken back need not be at the rate.

        :raise UserError: saying which check failed; the transaction then leaves nothing behind
        """
        # Floats hold every whole number that a commission can be; numeric takes five times as long, and one numeric constant
        # makes the whole comparison numeric.
        paid = SQL('(c.base::float8 * c.rate / %s)', self._of_rule('rate_scale', 'float8'))
        [row] = self.env.execute_query(SQL(
            """
            SELECT count(*) FILTER (WHERE c.rule_id IN %(rules)s), COALESCE(sum(c.amount), 0),
                   count(*) FILTER (WHERE CASE WHEN %(limited)s THEN abs(c.amount) - abs(%(paid)s)
                                          ELSE abs(c.amount - %(paid)s) END
                                          > %(unit)s::float8 + abs(c.amount) * 1e-15::float8
                                      AND c.volume_id <> 0 AND c.rate <> 0 AND %(sold)s),
                   count(*) FILTER (WHERE k.volume_id IS NULL AND c.volume_id <> 0),
                   count(*) FILTER (WHERE c.amount::float8 * c.base < 0 AND c.rate > 0 AND c.volume_id <> 0)
              FROM %(partition)s c
              LEFT JOIN mlm_claim k ON k.volume_id = c.volume_id AND k.run_id = %(run)s
              %(adjusting)s
            """,
            paid=paid, limited=self._of_rule('limits', 'bool'), unit=self.plan.rounding_unit + 0.01,
            rules=tuple(self.plan.rule_ids.ids), partition=self.partition, run=self.run_id,
            sold=SQL('v.id IS NULL') if self.adjusts else SQL('TRUE'), adjusting=self.adjusting()))
        count, total, not_rate, unclaimed, wrong_sign = row
        if count != writer.count or total != writer.total or not_rate or unclaimed or wrong_sign:
            raise UserError(self.env._(
                'The calculation did not pass its own check and was undone: %(count)s rows of %(expected)s, '
                '%(not_rate)s not at their rate, %(unclaimed)s without a sale, %(sign)s with a wrong sign. '
                'Please report this.', count=count, expected=writer.count, not_rate=not_rate, unclaimed=unclaimed,
                sign=wrong_sign))

    def _of_rule(self, attribute, kind):
        """What the engine's class of a row's rule says: a constant where all rules of the plan say the same."""
        rules = {}
        for rule in self.plan.rule_ids:
            rules.setdefault(getattr(engine.rules.get(rule.kind), attribute), []).append(rule.id)
        *others, (value, _ids) = rules.items()
        cases = SQL(' ').join(SQL('WHEN c.rule_id = ANY(%s) THEN %s', ids, other) for other, ids in others)
        kind = SQL(kind)
        return SQL('(CASE %s ELSE %s END)::%s', cases, value, kind) if others else SQL('%s::%s', value, kind)


class _Writer:
    """Turns the engine's entries into rows and keeps count, sum and digest of what went by."""

    def __init__(self, run_id, rule_ids):
        self.run_id, self.rule_ids = run_id, rule_ids
        self.count, self.total = 0, 0
        self._digests = []

    def chunks(self, entries):
        for part in entries:
            size = len(part)
            if self.count + size >= ROWS_PER_RUN:
                raise engine.EngineError('too many commissions for one run')
            first = self.run_id * ROWS_PER_RUN + self.count + 1
            self._digests.append(part.digest())
            self.count += size
            self.total += part.total()
            yield {
                'id': np.arange(first, first + size, dtype=np.int64),
                'volume_id': part.sale,
                'rule_id': self.rule_ids[part.rule],
                'level': part.level,
                'beneficiary_id': part.beneficiary,
                'rate': part.rate,
                'base': part.base,
                'amount': part.amount,
                'reason': part.reason,
            }

    @property
    def digest(self):
        return hashlib.sha256(''.join(self._digests).encode()).hexdigest()


def _date(number):
    return (EPOCH + np.timedelta64(int(number), 'D')).item()


def _adjustments(facts, paid, rule_ids, mode):
    """Have the engine compute the rows that reverse, or give back, parts of what was paid.

    :param facts: {'id', 'origin', 'size', 'part' (positive: taken away), 'before', 'after'}: one entry an adjustment;
        size, before and after weighted as the liability says
    :param paid: the rows that were paid for the origins, ascending by volume
    :param str mode: how the plan rounds
    :return: :class:`engine.Entries`
    """
    first = np.searchsorted(paid['volume_id'], facts['origin'], side='left')
    count = np.searchsorted(paid['volume_id'], facts['origin'], side='right') - first
    fact = np.repeat(np.arange(len(facts['id'])), count)
    row = np.arange(len(fact)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    ordinal = np.argsort(rule_ids)[np.searchsorted(np.sort(rule_ids), paid['rule_id'][row])]
    original = engine.Entries(
        paid['volume_id'][row], ordinal, paid['level'][row], paid['beneficiary_id'][row], paid['rate'][row],
        paid['base'][row], paid['amount'][row], paid['reason'][row])
    return engine.adjust(
        original, fact, facts['id'].astype(np.int64), facts['size'], facts['before'], facts['after'],
        -facts['part'], mode)
