# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.tools import SQL, format_date


class MlmPerformance(models.Model):
    """What an agent brought in a month: a query over leads and orders, one row for each agent, company and month.

    An offer counts in the month in which it was first sent, an order in the month in which it was ordered, both in the
    time zone of the company.
    """
    _name = 'mlm.performance'
    _description = 'Monthly Performance of an Agent'
    _auto = False
    _order = 'date desc, agent_id'
    _rec_name = 'agent_id'
    _depends = {
        'crm.lead': ['company_id', 'create_date', 'mlm_agent_id'],
        'sale.order': ['amount_untaxed', 'company_id', 'currency_rate', 'date_order', 'mlm_agent_id', 'mlm_sent_on', 'state'],
    }

    agent_id = fields.Many2one('res.partner', string='Agent', readonly=True)
    date = fields.Date(string='Month', readonly=True, help='The first day of the month.')
    month = fields.Char(string='Name of the Month', compute='_compute_month')
    company_id = fields.Many2one('res.company', string='Company', readonly=True)
    currency_id = fields.Many2one('res.currency', string='Currency', readonly=True)
    leads = fields.Integer(string='Leads', readonly=True, help='Inquiries that came in the month, lost ones included.')
    offers = fields.Integer(string='Offers', readonly=True, help='Quotations first sent in the month, declined ones included.')
    won = fields.Integer(string='Offers Won', readonly=True, help='Of the offers of the month, those that were ordered since.')
    orders = fields.Integer(string='Orders', readonly=True, help='Orders of the month.')
    turnover = fields.Monetary(
        string='Turnover', readonly=True, help='Of the orders of the month, without taxes, in the currency of the company.')
    conversion = fields.Float(
        string='Conversion', readonly=True, aggregator='avg',
        help='The share of the offers of the month that were ordered since.')

    # === COMPUTE METHODS === #

    @api.depends('date')
    @api.depends_context('lang')
    def _compute_month(self):
        for row in self:
            row.month = row.date and format_date(self.env, row.date, date_format='LLLL y')

    # === CRUD METHODS === #

    @property
    def _table_query(self):
        # The id says what the row is of, and does not depend on which others there are: that way a condition on the agent
        # reaches the indexes of leads and orders.
        return SQL(
            """
            SELECT (agent_id::int8 << 22) + ((EXTRACT(YEAR FROM date)::int8 * 12 + EXTRACT(MONTH FROM date)::int8 - 23641) << 10)
                   + COALESCE(company_id, 0) %% 1024 AS id,
                   agent_id, date, company_id, currency_id, sum(leads)::int4 AS leads, sum(offers)::int4 AS offers,
                   sum(won)::int4 AS won, sum(orders)::int4 AS orders, sum(turnover) AS turnover,
                   COALESCE(sum(won)::float / NULLIF(sum(offers), 0), 0) AS conversion
              FROM (
                SELECT l.mlm_agent_id AS agent_id, %(lead_month)s AS date, l.company_id, c.currency_id,
                       1 AS leads, 0 AS offers, 0 AS won, 0 AS orders, 0::numeric AS turnover
                  FROM crm_lead l LEFT JOIN res_company c ON c.id = l.company_id LEFT JOIN res_partner z ON z.id = c.partner_id
                 UNION ALL
                SELECT o.mlm_agent_id, %(offer_month)s, o.company_id, c.currency_id, 0, 1, (o.state = 'sale')::int, 0, 0
                  FROM sale_order o JOIN res_company c ON c.id = o.company_id JOIN res_partner z ON z.id = c.partner_id
                 WHERE o.mlm_sent_on IS NOT NULL
                 UNION ALL
                SELECT o.mlm_agent_id, %(order_month)s, o.company_id, c.currency_id, 0, 0, 0, 1,
                       o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1)
                  FROM sale_order o JOIN res_company c ON c.id = o.company_id JOIN res_partner z ON z.id = c.partner_id
                 WHERE o.state = 'sale'
              ) AS event
             WHERE agent_id IS NOT NULL
             GROUP BY agent_id, date, company_id, currency_id
            """,
            lead_month=self._sql_month('l', 'create_date'), offer_month=self._sql_month('o', 'mlm_sent_on'),
            order_month=self._sql_month('o', 'date_order'))

    def _sql_month(self, alias, name):
        """The first day of the month of a moment, where the company (its contact is ``z``) is at home."""
        return SQL(
            "date_trunc('month', %s AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(z.tz, 'UTC'))::date", SQL.identifier(alias, name))

    def _read_group_select(self, aggregate_spec, query):
        """A share of several rows is that of their sums."""
        if aggregate_spec != 'conversion:avg':
            return super()._read_group_select(aggregate_spec, query)
        return SQL('COALESCE(SUM(%s)::float / NULLIF(SUM(%s), 0), 0)', *(
            self._field_to_sql(self._table, name, query) for name in ('won', 'offers')))
