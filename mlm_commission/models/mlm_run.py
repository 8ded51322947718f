# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import base64
import hashlib
import json

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import engine, explaining, loading
from ..tools import copy
from .mlm_commission import ROW_COLUMNS, ROW_TABLE, ROWS_PER_RUN


class MlmRun(models.Model):
    """One plan's calculation of one period.

    All of it is one transaction: claim the facts, freeze what the engine reads, compute, stream the rows into a
    partition of their own, check them in SQL, attach. A number of statements that does not depend on the number of
    agents or sales.
    """
    _name = 'mlm.run'
    _description = 'Commission Run'
    _order = 'id desc'
    _rec_name = 'plan_id'

    period_id = fields.Many2one('mlm.period', string='Period', required=True, index=True, ondelete='cascade')
    plan_id = fields.Many2one('mlm.plan', string='Plan', required=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(related='period_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='plan_id.currency_id', store=True)
    # Power of ten between the currency and what the rows hold; numeric, so that the view divides exactly.
    minor_units = fields.Float(digits=(6, 0), compute='_compute_minor_units', store=True)
    volume_count = fields.Integer(string='Sales', readonly=True)
    commission_count = fields.Integer(string='Commissions', readonly=True)
    total = fields.Monetary(string='Commission', readonly=True)
    plan_data = fields.Json(string='Plan as Read', readonly=True)
    snapshot = fields.Binary(string='Network as Read', attachment=True, readonly=True)
    plan_text = fields.Text(string='Plan as Text', compute='_compute_plan_text')
    columns = fields.Json(string='Columns of Rates', readonly=True)
    carried = fields.Json(string='Handed to the Next Period', readonly=True)
    input_digest = fields.Char(string='Digest of the Input', readonly=True)
    output_digest = fields.Char(string='Digest of the Result', readonly=True)

    _period_plan_unique = models.UniqueIndex('(period_id, plan_id)', 'A plan is calculated once for a period.')

    # === COMPUTE METHODS === #

    @api.depends('currency_id')
    def _compute_minor_units(self):
        for run in self:
            run.minor_units = 10 ** run.currency_id.decimal_places

    @api.depends('plan_data')
    def _compute_plan_text(self):
        for run in self:
            run.plan_text = json.dumps(run.plan_data, indent=2, ensure_ascii=False) if run.plan_data else False

    # === CRUD METHODS === #

    def init(self):
        """Create the claims: which fact was settled under which plan (whatever its version), by which run.

        The key is what makes it impossible to pay for a fact twice.
        """
        super().init()
        self.env.cr.execute(SQL(
            """
            CREATE TABLE IF NOT EXISTS mlm_claim (
                volume_id int4 NOT NULL, plan_id int4 NOT NULL, run_id int4 NOT NULL,
                PRIMARY KEY (volume_id, plan_id)
            );
            CREATE INDEX IF NOT EXISTS mlm_claim_run_id_index ON mlm_claim (run_id)
            """))

    # === BUSINESS METHODS === #

    def _discard(self):
        """Throw drafts away: rows, claims and the runs themselves."""
        for run in self:
            if run.period_id.state == 'closed':
                raise UserError(self.env._('Period %s is closed; its runs stay.', run.period_id.name))
            self.env.cr.execute(SQL('DROP TABLE IF EXISTS %s', run._partition()))
            self.env.cr.execute(SQL('DELETE FROM mlm_claim WHERE run_id = %s', run.id))
        # Runs are made and replaced by whoever may calculate, and deleted by nobody else.
        self.sudo().unlink()

    def _calculate(self):
        """Settle the plan's unclaimed facts up to the period's last day.

        :raise UserError: in words, if what was read does not fit together
        """
        self.ensure_one()
        self.env.flush_all()
        self._claim()
        try:
            plan = self.plan_id._parse()
            sold = self._read_sales(SQL('v.origin_id IS NULL'))
            changed = self._read_sales(SQL('v.origin_id IS NOT NULL'))
            network = loading.load_network(self.env, self.period_id.date_to)
            terms, columns = loading.load_terms(
                self.plan_id, network, *(np.concatenate([sold[name], changed[name]]) for name in ('day', 'category')))
            snapshot = engine.pack(plan, network, terms)
            stream = engine.prepare(plan, network, terms).stream(
                loading.to_sales(network, sold, columns), state=self._state_before())
            stream.collect(loading.to_sales(network, changed, columns))
            result = self._store(stream, changed)
        except engine.EngineError as error:
            raise UserError(self.env._(
                'Plan "%(plan)s" cannot be calculated: %(reason)s', plan=self.plan_id.name, reason=error)) from error
        self.write({
            'volume_count': len(sold['id']) + len(changed['id']),
            'commission_count': result['count'],
            'total': result['total'] / 10 ** self.currency_id.decimal_places,
            'plan_data': plan.to_dict(),
            'snapshot': base64.b64encode(snapshot),
            'columns': columns.to_json(),
            'carried': stream.state.to_dict(),
            'input_digest': engine.snapshot.digest(snapshot),
            'output_digest': result['digest'],
        })

    def _state_before(self):
        """What the plan's run of the last closed period handed over, such as the carry of a binary tree.

        :return: :class:`engine.State`
        """
        before = self.search([
            ('plan_id', '=', self.plan_id.id), ('period_id.state', '=', 'closed'),
            ('period_id.date_to', '<', self.period_id.date_from),
        ], order='id desc', limit=1)
        return engine.State.from_dict(before.carried or {})

    # === ANSWERS === #

    @api.private
    def _explain(self, volume):
        """Ask the engine that paid, on what the run had read, who was considered for a sale and why.

        :param volume: `mlm.volume` record; of an adjustment the sale it adjusts is explained
        :return: list of sections, see :func:`explaining.sections`; empty if the run did not settle that sale
        """
        self.ensure_one()
        sale = volume.origin_id or volume
        # What a run read is not for everyone's eyes; the answer about one sale is.
        run = self.sudo()._settled_by(sale)
        if not run:
            return []
        plan, network, terms = engine.unpack(base64.b64decode(run.with_context(bin_size=False).snapshot))
        rows = loading.read_sales(run.plan_id, SQL(
            'v.id = %s AND %s', sale.id, loading.not_excluded(run.plan_id)))
        if not len(rows['id']):
            return []
        sales = loading.to_sales(network, rows, loading.Columns.from_json(run.columns))
        steps = engine.explain(engine.prepare(plan, network, terms), sale.id, sales)
        return explaining.sections(self.env, steps, run.plan_id.rule_ids.mapped('name'))

    @api.private
    def _explain_period(self, agent):
        """Ask the engine what the rules that look at the whole period found for an agent.

        :param agent: `res.partner` record
        :return: list of sections, see :func:`explaining.sections`
        """
        self.ensure_one()
        run = self.sudo()  # as in `_explain`
        plan, network, terms = engine.unpack(base64.b64decode(run.with_context(bin_size=False).snapshot))
        columns = loading.Columns.from_json(run.columns)
        sold, changed = (
            loading.to_sales(network, run._read_sales(kind), columns)
            for kind in (SQL('v.origin_id IS NULL'), SQL('v.origin_id IS NOT NULL')))
        steps = engine.explain_period(
            engine.prepare(plan, network, terms), sold, run._state_before(), agent.id, changes=changed)
        return explaining.sections(self.env, steps, run.plan_id.rule_ids.mapped('name'))

    @api.private
    def _explain_html(self, volume, highlight=None, rule=None, viewer=None):
        """The answer as a picture of the upline with a sentence for everyone in it.

        :param highlight: `res.partner` record to point out
        :param rule: `mlm.plan.rule` record, to tell only what this rule did
        :param viewer: `res.partner` record of the agent who asks and must not learn what others earn, see
            :func:`explaining.seen_by`; left out for staff
        """
        self.ensure_one()
        sections = self._explain(volume) if volume else self._explain_period(highlight)
        if rule:
            ordinal = self.plan_id.rule_ids.ids.index(rule.id)
            sections = [section for section in sections if section['ordinal'] == ordinal]
        if viewer:
            sections = explaining.seen_by(self.env, sections, viewer)
        return self.env['ir.qweb']._render('mlm_commission.explanation', {
            'volume': volume,
            'sale': volume.origin_id or volume,
            'sections': sections,
            'highlight': highlight,
            'viewer': viewer,
            'currency': self.currency_id,
            'taken_back': -volume.net / volume.origin_id.net if volume.origin_id.net else 0,
        })

    def _settled_by(self, sale):
        """The run of the same plan that settled a sale: this one, or an earlier one for an adjustment."""
        self.env.cr.execute(SQL(
            'SELECT run_id FROM mlm_claim WHERE volume_id = %s AND plan_id = %s', sale.id, self.plan_id.root_id.id))
        found = self.env.cr.fetchone()
        return self.browse(found) if found else self.browse()

    # === CLAIMS === #

    def _claimable(self):
        """Condition on ``mlm_volume v``: a sale or an adjustment this run may settle, claimed or not.

        An anti-join on what is not claimed, never a window of dates: what was posted late belongs to the next run.
        An adjustment follows what it adjusts to the version that paid it, whatever its own date.
        """
        plan, period = self.plan_id, self.period_id
        return SQL(
            """
            v.company_id = %(company)s AND v.trigger = %(trigger)s AND v.date <= %(until)s
            AND NOT EXISTS (SELECT 1 FROM mlm_claim c WHERE c.volume_id = v.id AND c.plan_id = %(plan)s)
            AND CASE WHEN v.origin_id IS NULL THEN v.date >= %(first)s AND v.date <= %(last)s
                ELSE EXISTS (SELECT 1 FROM mlm_claim o JOIN mlm_run r ON r.id = o.run_id
                              WHERE o.volume_id = v.origin_id AND o.plan_id = %(plan)s AND r.plan_id = %(version)s) END
            """,
            company=self.company_id.id, trigger=plan.trigger, until=period.date_to, plan=plan.root_id.id, version=plan.id,
            first=plan.date_from, last=plan.date_to or period.date_to,
        )

    def _claim(self):
        """Take the facts. Twice: an adjustment can be claimed once what it adjusts is."""
        for _pass in ('sales', 'adjustments'):
            self.env.cr.execute(SQL(
                'INSERT INTO mlm_claim (volume_id, plan_id, run_id) SELECT v.id, %s, %s FROM mlm_volume v WHERE %s',
                self.plan_id.root_id.id, self.id, self._claimable(),
            ))

    def _count_unclaimed(self):
        """How many facts came up for this run after it was calculated."""
        self.ensure_one()
        self.env.flush_all()
        return self.env.execute_query(SQL('SELECT count(*) FROM mlm_volume v WHERE %s', self._claimable()))[0][0]

    def _read_sales(self, kind):
        where = SQL(
            'v.id IN (SELECT volume_id FROM mlm_claim WHERE run_id = %s) AND %s AND %s',
            self.id, kind, loading.not_excluded(self.plan_id))
        return loading.read_sales(self.plan_id, where)

    # === ROWS === #

    def _partition(self):
        return SQL.identifier(self._partition_name())

    def _partition_name(self):
        return f'{ROW_TABLE}_{self.id}'

    def _store(self, entries, changed):
        """Stream the commissions into a partition of their own, check it and attach it.

        :param entries: iterable of :class:`engine.Entries` for what was sold
        :param changed: what was credited, reset and so on, see ``loading.SALE_COLUMNS``
        :return: {'count', 'total' in minor units, 'digest'}
        """
        cr = self.env.cr
        partition = self._partition()
        cr.execute(SQL('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS)', partition, SQL.identifier(ROW_TABLE)))
        rule_ids = np.array(self.plan_id.rule_ids.ids, np.int64)
        writer = _Writer(self.id, rule_ids)
        copy.write(cr, self._partition_name(), ROW_COLUMNS, writer.chunks(entries))
        if len(changed['id']):
            copy.write(cr, self._partition_name(), ROW_COLUMNS, writer.chunks(self._clawbacks(changed, rule_ids)))
        cr.execute(SQL('ALTER TABLE %s ADD PRIMARY KEY (id)', partition))
        cr.execute(SQL('CREATE UNIQUE INDEX ON %s (volume_id, rule_id, level, beneficiary_id, reason)', partition))
        cr.execute(SQL('CREATE INDEX ON %s (beneficiary_id)', partition))
        self._verify(writer)
        cr.execute(SQL(
            'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES IN (%s)', SQL.identifier(ROW_TABLE), partition, self.id))
        return {'count': writer.count, 'total': writer.total, 'digest': writer.digest}

    def _clawbacks(self, changed, rule_ids):
        """Reverse what was paid for facts that are worth less now, pro rata: same people, same rates.

        What was paid for them may lie in earlier runs or in this one. How much of a fact was reversed before and
        after an adjustment is counted in the measure that says how much of it there is.

        :return: iterable of :class:`engine.Entries`
        """
        self.env.cr.execute(SQL('ANALYZE %s', self._partition()))
        facts = copy.read(self.env, SQL(
            """
            SELECT v.id::int4, v.origin_id::int4, m.size, -m.part, -(sum(m.part) OVER w - m.part)::int8
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
            """,
            plan=self.plan_id.root_id.id, run=self.id, minor=10 ** self.currency_id.decimal_places,
        ), [('id', 4), ('origin', 4), ('size', 8), ('part', 8), ('before', 8)])
        mine = np.isin(facts['id'], changed['id'])
        facts = {name: values[mine] for name, values in facts.items()}
        paid = copy.read(self.env, SQL(
            """
            WITH origin AS (
                SELECT DISTINCT v.origin_id AS id FROM mlm_volume v JOIN mlm_claim c ON c.volume_id = v.id
                 WHERE c.run_id = %(run)s AND v.origin_id IS NOT NULL
            ), paid AS (
                SELECT * FROM %(table)s UNION ALL SELECT * FROM %(partition)s
            )
            SELECT paid.volume_id, paid.rule_id, paid.level, paid.beneficiary_id, paid.rate, paid.base, paid.amount,
                   paid.reason
              FROM paid JOIN origin ON origin.id = paid.volume_id JOIN mlm_plan_rule r ON r.id = paid.rule_id
             WHERE r.plan_id = %(plan)s
             ORDER BY paid.volume_id, paid.rule_id, paid.level, paid.beneficiary_id, paid.reason
            """,
            run=self.id, plan=self.plan_id.id, table=SQL.identifier(ROW_TABLE), partition=self._partition(),
        ), [(name, size) for name, size in ROW_COLUMNS if name not in ('id', 'run_id')])
        return [_adjustments(facts, paid, rule_ids)] if len(paid['volume_id']) else []

    def _verify(self, writer):
        """Check the rows independently of the engine, before anything becomes visible.

        :raise UserError: saying which check failed; the transaction then leaves nothing behind
        """
        [row] = self.env.execute_query(SQL(
            """
            SELECT count(*), COALESCE(sum(c.amount), 0),
                   count(*) FILTER (WHERE abs(c.amount - c.base::numeric * c.rate / 1000000) > %(unit)s
                                      AND c.volume_id <> 0 AND c.rate <> 0 AND v.origin_id IS NULL),
                   count(*) FILTER (WHERE k.volume_id IS NULL AND c.volume_id <> 0),
                   count(*) FILTER (WHERE c.volume_id <> 0 AND c.rate > 0 AND sign(c.amount) * sign(c.base) < 0)
              FROM %(partition)s c
              LEFT JOIN mlm_claim k ON k.volume_id = c.volume_id AND k.run_id = %(run)s
              LEFT JOIN mlm_volume v ON v.id = c.volume_id
            """,
            unit=self.plan_id.rounding_unit, partition=self._partition(), run=self.id,
        ))
        count, total, not_rate, unclaimed, wrong_sign = row
        if count != writer.count or total != writer.total or not_rate or unclaimed or wrong_sign:
            raise UserError(self.env._(
                'The calculation did not pass its own check and was undone: %(count)s rows of %(expected)s, '
                '%(not_rate)s not at their rate, %(unclaimed)s without a sale, %(sign)s with a wrong sign. '
                'Please report this.', count=count, expected=writer.count, not_rate=not_rate, unclaimed=unclaimed,
                sign=wrong_sign))


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
                'run_id': np.full(size, self.run_id),
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


def _adjustments(facts, paid, rule_ids):
    """Have the engine compute the rows that reverse, or give back, parts of what was paid.

    :param facts: {'id', 'origin', 'size', 'part' (positive: taken away), 'before'}: one entry an adjustment
    :param paid: the rows that were paid for the origins, ascending by volume
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
        original, fact, facts['id'].astype(np.int64), facts['size'], facts['before'], facts['before'] + facts['part'])
