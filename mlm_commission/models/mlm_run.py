# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import base64
import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import engine, explaining, loading, outlook, progress, standing, storing
from ..sold import Sold
from ..tools.bulk import bulk


class MlmRun(models.Model):
    """One plan's calculation of one period.

    All of it is one transaction: claim the facts, freeze what the engine reads, compute, stream the rows into a
    partition of their own, check them in SQL, attach. A number of statements that does not depend on the number of
    agents or sales. What is too large for that goes in slices, see :mod:`pacing`.
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
    # Whether some of them were credited, reset or not paid; known once the run has read them.
    adjusts = fields.Boolean(string='Adjusts Sales', default=True, readonly=True)
    commission_count = fields.Integer(string='Commissions', readonly=True)
    total = fields.Monetary(string='Commission', readonly=True)
    standing_count = fields.Integer(string='Agents with Ranks or Volumes', readonly=True)
    plan_data = fields.Json(string='Plan as Read', readonly=True)
    snapshot = fields.Binary(string='Network as Read', attachment=True, readonly=True)
    plan_text = fields.Text(string='Plan as Text', compute='_compute_plan_text')
    columns = fields.Json(string='Columns of Rates', readonly=True)
    carried = fields.Binary(string='Handed to the Next Period', attachment=True, readonly=True)
    # In slices: {'size': sales of a slice, 'stored': how many slices are}; what a process that is gone leaves to whoever goes on.
    marker = fields.Json(string='Done So Far', readonly=True)
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

        The key is what makes it impossible to pay for a fact twice. A run's claims lie side by side, so an index of ranges
        of pages finds them, and costs nothing while they are written.
        """
        super().init()
        self.env.cr.execute(SQL(
            """
            CREATE TABLE IF NOT EXISTS mlm_claim (
                volume_id int4 NOT NULL, plan_id int4 NOT NULL, run_id int4 NOT NULL,
                PRIMARY KEY (volume_id, plan_id)
            );
            DROP INDEX IF EXISTS mlm_claim_run_id_index;
            CREATE INDEX IF NOT EXISTS mlm_claim_run_id_brin ON mlm_claim USING brin (run_id) WITH (autosummarize = on)
            """))

    # === BUSINESS METHODS === #

    def _discard(self):
        """Throw drafts away: rows, claims and the runs themselves."""
        for run in self:
            if run.period_id.state == 'closed':
                raise UserError(self.env._('Period %s is closed; its runs stay.', run.period_id.name))
            storing.Rows(run).drop()
            standing.Rows(run).drop()
            self.env.cr.execute(SQL('DELETE FROM mlm_claim WHERE run_id = %s', run.id))
        # Runs are made and replaced by whoever may calculate, and deleted by nobody else.
        self.sudo().unlink()

    def _calculate(self, pace):
        """Settle the plan's unclaimed facts up to the period's last day.

        What a process that is gone has done is not done again: its claims stay, what it read is taken from the snapshot,
        and slices that are stored are computed, for the rules of the period need them, but not written.

        :param pace: :mod:`pacing`
        :raise UserError: in words, if what was read does not fit together
        """
        self.ensure_one()
        self.env.flush_all()
        try:
            if self.snapshot:
                sold, frozen = Sold(self, self.marker['size']), self._prepare_as_read()
            else:
                self._claim(pace)
                sold = Sold(self, pace.size)
                frozen = self._freeze(pace, sold)
            result = self._pay(pace, sold, *frozen)
        except engine.EngineError as error:
            raise UserError(self.env._(
                'Plan "%(plan)s" cannot be calculated: %(reason)s', plan=self.plan_id.name, reason=error)) from error
        progress.reach('record')
        self.write({
            'commission_count': result['count'],
            'total': result['total'] / 10 ** self.currency_id.decimal_places,
            'carried': base64.b64encode(engine.pack_state(result['state'])) if result['state'].values else False,
            'output_digest': result['digest'],
            'marker': False,
        })

    def _freeze(self, pace, sold):
        """Read what the engine needs and judge ranks, and keep it: from here on nothing is read but what was claimed.

        :return: (:class:`engine.Run`, :class:`loading.Columns`)
        """
        progress.reach('load')
        network = loading.load_network(
            self.env, self.period_id.date_to, placement=self.plan_id._climbs_placement())
        terms, columns = loading.load_terms(
            self.plan_id, network, *sold.days_and_categories(),
            ranks_within=(self.period_id.date_from, self.period_id.date_to))
        judged = standing.judge(self, self.plan_id._parse(), network, terms, chain(sold, [sold.changed]))
        progress.reach('freeze')
        with ThreadPoolExecutor(1) as aside:  # packed while PostgreSQL takes the ranks
            packing = aside.submit(engine.pack, judged.plan, network, judged.terms)
            prepared = engine.prepare(judged.plan, network, judged.terms)
            storing.Rows(self).create()
            standing_count = 0 if self._only_corrects() else standing.Rows(self).create(prepared.network, judged)
            snapshot = packing.result()
        self.write({
            'volume_count': sold.count,
            'adjusts': len(sold.changed['id']) > 0,
            'standing_count': standing_count,
            'plan_data': judged.plan.to_dict(),
            'snapshot': base64.b64encode(snapshot),
            'columns': columns.to_json(),
            'input_digest': engine.snapshot.digest(snapshot),
        })
        pace.done(self, size=pace.size, stored=0)
        return prepared, columns

    def _pay(self, pace, sold, prepared, columns):
        """Pay slice by slice, take back, settle the period; then check all of it and put it in place.

        :return: what `storing.Rows.finish` returned, and the 'state' that is handed on
        """
        stored = (self.marker or {}).get('stored', 0)
        rows, stream = storing.Rows(self), prepared.fed(state=self._state_before())
        stream.collect(loading.to_sales(prepared.network, sold.changed, columns))
        for number, part in enumerate(sold):
            entries = stream.pay(loading.to_sales(prepared.network, part, columns))
            watch = partial(progress.counted, 'compute', slice_number=number, slices=len(sold),
                            total=-(-len(part['id']) // stream.slice_size))
            if number < stored:
                rows.pass_over(watch(entries))
            else:
                rows.store(entries, watch)
                pace.done(self, stored=number + 1)
        result = rows.finish(stream, sold.changed)
        if not self._only_corrects():
            standing.Rows(self).attach()
        return {**result, 'state': stream.state}

    def _state_before(self):
        """What the plan's run of the last closed period handed over, such as the carry of a binary tree.

        :return: :class:`engine.State`
        """
        before = self.search([
            ('plan_id', '=', self.plan_id.id), ('period_id.state', '=', 'closed'),
            ('period_id.date_to', '<', self.period_id.date_from),
        ], order='id desc', limit=1)
        carried = before.with_context(bin_size=False).carried
        return engine.unpack_state(base64.b64decode(carried)) if carried else engine.State()

    def _only_corrects(self):
        """Whether the plan's version has ended before the period: it settles corrections of what it paid, and no more."""
        return bool(self.plan_id.date_to and self.plan_id.date_to < self.period_id.date_from)

    def _last_standing_run(self, closed=False):
        """The last run, of any version of the plan, that found ranks: before this one's period if it must be closed."""
        return self.plan_id._last_standing_run(
            [('period_id.state', '=', 'closed'), ('period_id.date_to', '<', self.period_id.date_from)] if closed else [])

    # === ANSWERS === #

    @api.private
    def _explain(self, volume, viewer=None):
        """Ask the engine that paid, on what the run had read, who was considered for a sale and why.

        :param volume: `mlm.volume` record; of an adjustment the sale it adjusts is explained
        :param viewer: `res.partner` record of the agent who asks, see :func:`explaining.sections`
        :return: list of sections, see :func:`explaining.sections`; empty if the run did not settle that sale
        """
        self.ensure_one()
        sale = volume.origin_id or volume
        # What a run read is not for everyone's eyes; the answer about one sale is.
        run = self.sudo()._settled_by(sale)
        if not run:
            return []
        prepared, columns = run._prepare_as_read()
        rows = loading.read_sales(run.plan_id, SQL(
            'v.id = %s AND %s', sale.id, loading.not_excluded(run.plan_id)))
        if not len(rows['id']):
            return []
        sold = loading.to_sales(prepared.network, rows, columns)
        steps = engine.explain(prepared, sale.id, sold)
        found = explaining.sections(
            self.env, steps, run.plan_id.rule_ids.mapped('name'), prepared.plan.rules, viewer)
        return explaining.with_scopes(found, prepared.plan.rules, sold, run.plan_id.rule_ids)

    @api.private
    def _explain_period(self, agent, viewer=None):
        """Ask the engine what the rules that look at the whole period found for an agent.

        :param agent: `res.partner` record
        :param viewer: as in `_explain`
        :return: list of sections, see :func:`explaining.sections`
        """
        self.ensure_one()
        run = self.sudo()  # as in `_explain`
        prepared, columns = run._prepare_as_read()
        claimed = Sold(run)
        sold, changed = (
            loading.to_sales(prepared.network, rows, columns) for rows in (next(iter(claimed)), claimed.changed))
        steps = engine.explain_period(
            prepared, sold, run._state_before(), agent.id, changes=changed, taken=storing.Rows(run).taken())
        return explaining.sections(self.env, steps, run.plan_id.rule_ids.mapped('name'), prepared.plan.rules, viewer)

    @api.private
    def _explain_rank(self, agent):
        """Tell why an agent was paid as which rank, and what is missing for the next one.

        :param agent: `res.partner` record
        :return: see :func:`outlook.of`; None if the run does not know the agent
        """
        self.ensure_one()
        # As in `_explain`: what a run read is not for everyone's eyes, the answer about one agent is.
        return outlook.of(self.sudo(), agent) if self else None

    def _prepare_as_read(self):
        """What the run had read, ready to pay again.

        :return: (:class:`engine.Run`, :class:`loading.Columns`)
        """
        snapshot = base64.b64decode(self.with_context(bin_size=False).snapshot)
        return engine.prepare(*engine.unpack(snapshot)), loading.Columns.from_json(self.columns)

    @api.private
    def _explain_html(self, volume, highlight=None, rule=None, viewer=None):
        """The answer as a picture of the upline with a sentence for everyone in it.

        :param highlight: `res.partner` record to point out
        :param rule: `mlm.plan.rule` record, to tell only what this rule did
        :param viewer: `res.partner` record of the agent who asks and must not learn what others earn, see
            :func:`explaining.seen_by`; left out for staff
        """
        self.ensure_one()
        sections = self._explain(volume, viewer) if volume else self._explain_period(highlight, viewer)
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
            'rank': None if volume else self._explain_rank(highlight),
            'currency': self.currency_id,
            'liability': self.sudo().plan_id._liability_of(volume),
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
        """Conditions on ``mlm_volume v``: the sales, then the adjustments, that this run may settle and nobody did yet.

        An anti-join on what is not claimed, never a window of dates: what was posted late belongs to the next run.
        An adjustment follows what it adjusts to the version that paid it, whatever its own date.

        :return: list of two SQL conditions; the second holds once the first is claimed
        """
        plan, period = self.plan_id, self.period_id
        condition = SQL(
            """
            v.company_id = %s AND v.trigger = %s AND v.date <= %s
            AND NOT EXISTS (SELECT 1 FROM mlm_claim c WHERE c.volume_id = v.id AND c.plan_id = %s)
            """, self.company_id.id, plan.trigger, period.date_to, plan.root_id.id)
        return [
            SQL('%s AND v.origin_id IS NULL AND v.date >= %s AND v.date <= %s',
                condition, plan.date_from, plan.date_to or period.date_to),
            SQL(
                """
                %s AND v.origin_id IS NOT NULL AND v.origin_id IN (
                    SELECT o.volume_id FROM mlm_claim o JOIN mlm_run r ON r.id = o.run_id
                     WHERE o.plan_id = %s AND r.plan_id = %s)
                """, condition, plan.root_id.id, plan.id),
        ]

    def _claim(self, pace):
        """Take the facts: first the sales, then the adjustments of what is claimed."""
        progress.reach('claim')
        if not pace.size:
            with bulk(self.env.cr):  # how many there are is known afterwards only; a small period does not mind
                for condition in self._claimable():
                    self._claim_facts(SQL('%s ORDER BY v.id', condition))
            return
        for condition in self._claimable():
            claimed = True
            while claimed:
                with bulk(self.env.cr):
                    claimed = self._claim_facts(SQL('%s ORDER BY v.id LIMIT %s', condition, pace.size)) == pace.size
                if claimed:
                    pace.done(self)

    def _claim_facts(self, condition):
        """Claim facts by a condition on ``mlm_volume v``; return how many."""
        self.env.cr.execute(SQL(
            'INSERT INTO mlm_claim (volume_id, plan_id, run_id) SELECT v.id, %s, %s FROM mlm_volume v WHERE %s',
            self.plan_id.root_id.id, self.id, condition))
        return self.env.cr.rowcount

    def _count_unclaimed(self):
        """How many facts came up for this run after it was calculated."""
        self.ensure_one()
        self.env.flush_all()
        with bulk(self.env.cr, self.volume_count):
            [[count]] = self.env.execute_query(SQL('SELECT %s', SQL(' + ').join(
                SQL('(SELECT count(*) FROM mlm_volume v WHERE %s)', condition) for condition in self._claimable())))
        return count
