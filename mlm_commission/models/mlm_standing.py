# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.tools import SQL

from ..standing import ROW_TABLE


class MlmStanding(models.Model):
    """Which rank an agent had in a period, and the volumes that made it.

    Read-only by construction, like commissions: a query over narrow rows that a run writes in one stream. A draft's rows
    go with the draft; those of a closed period never change.
    """
    _name = 'mlm.standing'
    _description = 'Rank of a Period'
    _auto = False
    _order = 'id desc'
    _rec_name = 'agent_id'
    _depends = {
        'mlm.period': ['company_id', 'date_to', 'state'],
        'mlm.run': ['currency_id', 'minor_units', 'period_id', 'plan_id'],
    }

    run_id = fields.Many2one('mlm.run', string='Run', readonly=True, groups='base.group_user')
    period_id = fields.Many2one('mlm.period', string='Period', readonly=True)
    state = fields.Selection(
        [('open', 'Open'), ('calculated', 'Calculated'), ('closed', 'Closed')], string='Status', readonly=True)
    date = fields.Date(string='Date', readonly=True)
    plan_id = fields.Many2one('mlm.plan', string='Plan', readonly=True)
    company_id = fields.Many2one('res.company', string='Company', readonly=True)
    currency_id = fields.Many2one('res.currency', string='Currency', readonly=True)
    agent_id = fields.Many2one('res.partner', string='Agent', readonly=True)
    paid_id = fields.Many2one('mlm.rank', string='Paid as', readonly=True)
    achieved_id = fields.Many2one(
        'mlm.rank', string='Achieved', readonly=True, help='What the volumes of the period reach by themselves.')
    highest_id = fields.Many2one(
        'mlm.rank', string='Highest Rank', readonly=True, help='Ever held, this period included.')
    is_active = fields.Boolean(string='Active for Pay', readonly=True)
    personal_points = fields.Float(string='Personal Points', digits=(16, 2), readonly=True)
    personal_value = fields.Monetary(string='Personal Sales', readonly=True)
    group_points = fields.Float(
        string='Group Points', digits=(16, 2), readonly=True, help='Own and of everybody below.')
    group_value = fields.Monetary(string='Group Sales', readonly=True, help='Own and of everybody below.')
    explanation = fields.Html(
        string='Why', compute='_compute_explanation', sanitize=False, groups='base.group_user')

    # === COMPUTE METHODS === #

    @api.depends('run_id', 'agent_id')
    @api.depends_context('lang')
    def _compute_explanation(self):
        for standing in self:
            standing.explanation = self.env['ir.qweb']._render('mlm_commission.rank_explanation', {
                'rank': standing.run_id._explain_rank(standing.agent_id)})

    @api.depends('agent_id', 'period_id')
    def _compute_display_name(self):
        for standing in self:
            standing.display_name = ' · '.join(
                filter(None, [standing.agent_id.display_name, standing.period_id.display_name]))

    # === CRUD METHODS === #

    def init(self):
        """Create the partitioned rows; Odoo itself only knows plain tables."""
        super().init()
        self.env.cr.execute(SQL(
            """
            CREATE TABLE IF NOT EXISTS %s (
                id int8 NOT NULL, run_id int4 NOT NULL, agent_id int4 NOT NULL, achieved_id int4 NOT NULL,
                highest_id int4 NOT NULL, paid_id int4 NOT NULL, active int2 NOT NULL, personal_points int8 NOT NULL,
                personal_value int8 NOT NULL, group_points int8 NOT NULL, group_value int8 NOT NULL
            ) PARTITION BY LIST (run_id)
            """,
            SQL.identifier(ROW_TABLE),
        ))

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT s.id, s.run_id, r.period_id, p.state, p.date_to AS date, r.plan_id, p.company_id, r.currency_id,
                   s.agent_id, NULLIF(s.paid_id, 0) AS paid_id, NULLIF(s.achieved_id, 0) AS achieved_id,
                   NULLIF(s.highest_id, 0) AS highest_id, s.active > 0 AS is_active,
                   s.personal_points / 100.0 AS personal_points, s.personal_value / r.minor_units AS personal_value,
                   s.group_points / 100.0 AS group_points, s.group_value / r.minor_units AS group_value
              FROM %s s
              JOIN mlm_run r ON r.id = s.run_id
              JOIN mlm_period p ON p.id = r.period_id
            """,
            SQL.identifier(ROW_TABLE),
        )
