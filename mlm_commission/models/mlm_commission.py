# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.tools import SQL

from .. import explaining
from ..storing import ROW_TABLE


class MlmCommission(models.Model):
    """Who gets how much for what, under which rule.

    Read-only by construction: a query over narrow rows that a run writes in one stream, one partition a run, without
    foreign keys to tables that people edit. Discarding a draft drops its partition.
    """
    _name = 'mlm.commission'
    _description = 'Commission'
    _auto = False
    _order = 'id desc'
    _rec_name = 'beneficiary_id'
    _depends = {
        'mlm.period': ['company_id', 'date_to', 'state'],
        'mlm.run': ['currency_id', 'minor_units', 'period_id', 'plan_id'],
        'mlm.volume': ['agent_id', 'date', 'move_id', 'origin_id', 'partner_id', 'product_id', 'source'],
    }

    run_id = fields.Many2one('mlm.run', string='Run', readonly=True)
    period_id = fields.Many2one('mlm.period', string='Period', readonly=True)
    state = fields.Selection(
        [('open', 'Open'), ('calculated', 'Calculated'), ('closed', 'Closed')], string='Status', readonly=True)
    plan_id = fields.Many2one('mlm.plan', string='Plan', readonly=True)
    rule_id = fields.Many2one('mlm.plan.rule', string='Rule', readonly=True)
    company_id = fields.Many2one('res.company', string='Company', readonly=True)
    currency_id = fields.Many2one('res.currency', string='Currency', readonly=True)
    beneficiary_id = fields.Many2one('res.partner', string='Beneficiary', readonly=True)
    volume_id = fields.Many2one('mlm.volume', string='Volume', readonly=True)
    # Agents of the portal read their own commissions, but neither whose money the downline's sales bring nor, as the pages
    # shorten it, the name of whoever sold.
    seller_id = fields.Many2one('res.partner', string='Seller', readonly=True, groups='base.group_user')
    partner_id = fields.Many2one('res.partner', string='Customer', readonly=True, groups='base.group_user')
    product_id = fields.Many2one('product.product', string='Product', readonly=True)
    move_id = fields.Many2one('account.move', string='Invoice', readonly=True, groups='base.group_user')
    source = fields.Char(string='Document', readonly=True)
    date = fields.Date(string='Date', readonly=True)
    level = fields.Integer(string='Level', readonly=True, aggregator=None, help='0 is the seller.')
    rate = fields.Float(string='Rate (%)', digits=(10, 4), readonly=True, aggregator=None)
    base = fields.Monetary(string='Base', readonly=True, aggregator=None)
    # What a rate is a part of, and what a base counts, is a matter of the rule.
    rate_text = fields.Char(string='Rate', compute='_compute_texts')
    base_text = fields.Char(string='Base in Words', compute='_compute_texts')
    amount = fields.Monetary(string='Commission', readonly=True)
    is_clawback = fields.Boolean(string='Clawback', readonly=True)
    reason = fields.Integer(string='Reason Code', readonly=True, aggregator=None)
    explanation = fields.Html(string='Why', compute='_compute_explanation', sanitize=False)

    # === COMPUTE METHODS === #

    @api.depends('rate', 'base', 'level', 'rule_id', 'currency_id')
    @api.depends_context('lang')
    def _compute_texts(self):
        # Agents read their commissions, not the rules; what a rate means is no secret.
        kinds = {rule.id: rule._parsed() for rule in self.sudo().rule_id}
        for commission in self:
            currency = commission.currency_id
            kind, values = kinds.get(commission.sudo().rule_id.id, (None, None))
            if not kind:
                commission.rate_text, commission.base_text = False, False
                continue
            base = round(commission.base * 10 ** currency.decimal_places)
            commission.rate_text = explaining.rate_text(
                self.env, kind, values, commission.level, round(commission.rate * 10000), currency.decimal_places)
            commission.base_text = explaining.base_text(self.env, kind, values, base, currency)

    @api.depends('run_id', 'volume_id')
    @api.depends_context('lang', 'uid')
    def _compute_explanation(self):
        """Why this amount; agents are not told what others earn."""
        self.check_access('read')
        staff = self.env.user._is_internal()
        for commission in self:
            commission.explanation = commission._explain_to(commission.beneficiary_id.browse() if staff
                                                            else commission.beneficiary_id)

    # === CRUD METHODS === #

    def init(self):
        """Create the partitioned rows; Odoo itself only knows plain tables."""
        super().init()
        self.env.cr.execute(SQL(
            """
            CREATE TABLE IF NOT EXISTS %s (
                id int8 NOT NULL, run_id int4 NOT NULL, volume_id int4 NOT NULL, rule_id int4 NOT NULL,
                level int4 NOT NULL, beneficiary_id int4 NOT NULL, rate int4 NOT NULL, base int8 NOT NULL,
                amount int8 NOT NULL, reason int2 NOT NULL
            ) PARTITION BY LIST (run_id)
            """,
            SQL.identifier(ROW_TABLE),
        ))

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT c.id, c.run_id, r.period_id, p.state, r.plan_id, c.rule_id, p.company_id, r.currency_id,
                   NULLIF(c.beneficiary_id, 0) AS beneficiary_id, NULLIF(c.volume_id, 0) AS volume_id,
                   v.agent_id AS seller_id, v.partner_id, v.product_id, v.move_id,
                   v.source, COALESCE(v.date, p.date_to) AS date, c.level, c.rate / 10000.0 AS rate,
                   c.base / r.minor_units AS base, c.amount / r.minor_units AS amount, v.origin_id IS NOT NULL AS is_clawback,
                   c.reason::int4 AS reason
              FROM %s c
              JOIN mlm_run r ON r.id = c.run_id
              JOIN mlm_period p ON p.id = r.period_id
              LEFT JOIN mlm_volume v ON v.id = c.volume_id
            """,
            SQL.identifier(ROW_TABLE),
        )

    # === ACTION METHODS === #

    def action_volume(self):
        """Open the sale behind the commission."""
        self.ensure_one()
        return self.volume_id._get_records_action()

    def action_invoice(self):
        """Open the invoice behind the commission."""
        self.ensure_one()
        return self.move_id._get_records_action()

    # === BUSINESS METHODS === #

    @api.private
    def _explain_to(self, viewer):
        """Tell why this commission is what it is.

        :param viewer: `res.partner` record of the agent who is told, empty for staff
        :return: Markup
        """
        self.ensure_one()
        # Runs, plans and sales stay closed to agents; the answer says only what the viewer may know.
        commission = self.sudo() if viewer else self
        return commission.run_id._explain_html(
            commission.volume_id, highlight=commission.beneficiary_id, rule=commission.rule_id, viewer=viewer)
