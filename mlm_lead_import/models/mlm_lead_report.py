# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.tools import SQL

COMMISSION = ('commission', 'commission_estimate')


class MlmLeadReport(models.Model):
    """One row for each imported lead: what it cost, how fast somebody reacted, what was sold."""
    _name = 'mlm.lead.report'
    _description = 'Leads and Their Results'
    _auto = False
    _order = 'date desc'
    _rec_name = 'lead_id'

    lead_id = fields.Many2one('crm.lead', readonly=True)
    date = fields.Datetime(string='Received', readonly=True)
    source_id = fields.Many2one('mlm.lead.source', string='Lead Source', readonly=True)
    campaign_id = fields.Many2one('utm.campaign', string='Campaign', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    team_id = fields.Many2one('crm.team', string='Sales Team', readonly=True)
    agent_id = fields.Many2one('res.partner', string='Agent', readonly=True)
    interest = fields.Char(readonly=True)
    lead_count = fields.Integer(string='Leads', readonly=True)
    is_contacted = fields.Integer(string='Contacted', readonly=True)
    hours_to_contact = fields.Float(readonly=True, aggregator='avg')
    is_won = fields.Integer(string='Won', readonly=True)
    quotation_count = fields.Integer(string='Offers', readonly=True)
    order_count = fields.Integer(string='Orders', readonly=True)
    order_amount = fields.Monetary(string='Ordered', readonly=True, help='Untaxed.')
    cost = fields.Monetary(readonly=True, help='Its share of what the campaign cost.')
    # what agents earn is not for everybody who sees what was sold
    commission = fields.Monetary(
        readonly=True, groups='mlm_network.group_officer', help='Of its orders, in closed periods, less what was clawed back.')
    commission_estimate = fields.Monetary(
        string='Commission, Estimated', readonly=True, groups='mlm_network.group_officer',
        help='Of its orders, in periods that are calculated but not closed.')

    # === CRUD METHODS === #

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Without an addon that pays commission there is none, which is not the same as a commission of 0."""
        result = super().fields_get(allfields, attributes)
        if not self._pays_commission():
            for name in COMMISSION:
                result.pop(name, None)
        return result

    @api.model
    def _get_view(self, view_id=None, view_type='form', **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if not self._pays_commission():
            for node in arch.xpath(' | '.join(f"//field[@name='{name}']" for name in COMMISSION)):
                node.getparent().remove(node)
        return arch, view

    @api.model
    def _pays_commission(self):
        return self.env['sale.order']._mlm_sql_commission() is not None

    @property
    def _table_query(self):
        commission = self.env['sale.order']._mlm_sql_commission() or SQL(
            'SELECT NULL::int4 AS order_id, 0 AS final, 0 AS estimate WHERE false')
        return SQL('''
            SELECT l.id, l.id AS lead_id, 1 AS lead_count, l.create_date AS date,
                   l.mlm_lead_source_id AS source_id, l.campaign_id,
                   l.company_id, c.currency_id, l.team_id, l.mlm_agent_id AS agent_id, l.mlm_interest AS interest,
                   (l.mlm_contacted_at IS NOT NULL)::int AS is_contacted,
                   EXTRACT(EPOCH FROM l.mlm_contacted_at - l.create_date) / 3600 AS hours_to_contact,
                   (l.won_status = 'won')::int AS is_won,
                   COALESCE(o.quotations, 0) AS quotation_count, COALESCE(o.orders, 0) AS order_count,
                   COALESCE(o.amount, 0) AS order_amount,
                   COALESCE(e.final, 0) AS commission, COALESCE(e.estimate, 0) AS commission_estimate,
                   COALESCE(k.cost / NULLIF(COUNT(*) OVER (PARTITION BY l.mlm_lead_source_id, l.campaign_id), 0), 0) AS cost
              FROM crm_lead l
              JOIN res_company c ON c.id = l.company_id
              LEFT JOIN (
                   SELECT opportunity_id, COUNT(*) AS quotations, COUNT(*) FILTER (WHERE state = 'sale') AS orders,
                          SUM(amount_untaxed / COALESCE(NULLIF(currency_rate, 0), 1)) FILTER (WHERE state = 'sale') AS amount
                     FROM sale_order WHERE opportunity_id IS NOT NULL AND state != 'cancel' GROUP BY opportunity_id
              ) o ON o.opportunity_id = l.id
              LEFT JOIN (
                   SELECT so.opportunity_id, SUM(c.final) AS final, SUM(c.estimate) AS estimate
                     FROM (%s) c JOIN sale_order so ON so.id = c.order_id
                    WHERE so.opportunity_id IS NOT NULL GROUP BY so.opportunity_id
              ) e ON e.opportunity_id = l.id
              LEFT JOIN (
                   SELECT source_id, campaign_id, SUM(cost) AS cost FROM mlm_lead_campaign GROUP BY source_id, campaign_id
              ) k ON k.source_id = l.mlm_lead_source_id AND k.campaign_id = l.campaign_id
             WHERE l.mlm_lead_source_id IS NOT NULL''', commission)
