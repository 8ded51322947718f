# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.tools import SQL

from .mlm_reserve import KINDS

AGES = [('1', 'Up to 3 months'), ('2', '3 to 6 months'), ('3', '6 to 12 months'), ('4', '1 to 3 years'),
        ('5', 'More than 3 years')]


class MlmReserveContract(models.Model):
    """What is held of each contract for each agent, how long already, and until when."""
    _name = 'mlm.reserve.contract'
    _description = 'Reserve by Contract'
    _auto = False
    _order = 'due_date, id'
    _rec_name = 'source'
    _depends = {
        'mlm.reserve': [
            'agent_id', 'amount', 'company_id', 'currency_id', 'date', 'due_date', 'kind', 'plan_id', 'volume_id'],
        'mlm.volume': ['source'],
    }

    company_id = fields.Many2one('res.company', string='Company', readonly=True)
    currency_id = fields.Many2one('res.currency', string='Currency', readonly=True)
    agent_id = fields.Many2one('res.partner', string='Agent', readonly=True)
    plan_id = fields.Many2one('mlm.plan', string='Plan', readonly=True)
    volume_id = fields.Many2one('mlm.volume', string='Contract', readonly=True, groups='base.group_user')
    partner_id = fields.Many2one('res.partner', string='Customer', readonly=True, groups='base.group_user')
    product_id = fields.Many2one('product.product', string='Product', readonly=True)
    source = fields.Char(string='Document', readonly=True)
    date = fields.Date(string='Held Since', readonly=True)
    due_date = fields.Date(string='Held Until', readonly=True)
    age = fields.Selection(AGES, string='Age', readonly=True)
    is_open = fields.Boolean(string='Still Held', readonly=True)
    held = fields.Monetary(string='Held', readonly=True)
    used = fields.Monetary(string='Used', readonly=True)
    released = fields.Monetary(string='Released', readonly=True)
    forfeited = fields.Monetary(string='Forfeited', readonly=True)
    balance = fields.Monetary(string='Balance', readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT min(r.id) AS id, r.company_id, r.currency_id, r.agent_id, r.plan_id, r.volume_id, v.partner_id,
                   v.product_id, v.source, min(r.date) AS date, max(r.due_date) AS due_date, sum(r.amount) <> 0 AS is_open,
                   CASE WHEN age(min(r.date)) <= INTERVAL '3 months' THEN '1' WHEN age(min(r.date)) <= INTERVAL '6 months'
                        THEN '2' WHEN age(min(r.date)) <= INTERVAL '1 year' THEN '3'
                        WHEN age(min(r.date)) <= INTERVAL '3 years' THEN '4' ELSE '5' END AS age,
                   sum(r.amount) AS balance, %s
              FROM mlm_reserve r
              JOIN mlm_volume v ON v.id = r.volume_id
             GROUP BY r.company_id, r.currency_id, r.agent_id, r.plan_id, r.volume_id, v.id
            """,
            SQL(', ').join(
                SQL('%s COALESCE(sum(r.amount) FILTER (WHERE r.kind = %s), 0) AS %s',
                    SQL('' if kind == 'held' else '-'), kind, SQL.identifier(kind)) for kind, _label in KINDS),
        )

    # === ACTION METHODS === #

    def action_moves(self):
        """Open the moves of the contract."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_commission.mlm_reserve_action')
        return {**action, 'context': {}, 'domain': [
            ('volume_id', '=', self.volume_id.id), ('agent_id', '=', self.agent_id.id), ('plan_id', '=', self.plan_id.id)]}

    # === BUSINESS METHODS === #

    @api.private
    def _end(self, kind, reason):
        """Release or forfeit, ahead of time, what is still held of some contracts.

        :param str kind: 'released' or 'forfeited'
        :param str reason: why
        :return: the new `mlm.reserve` records
        """
        self.check_access('read')
        self.env['mlm.reserve'].flush_model()
        # Under REPEATABLE READ of two who do this at once one meets the unique number of the move.
        # Nobody has a right to write the ledger; whoever may use the wizard that calls may end a reserve.
        ledger = self.env['mlm.reserve'].sudo()
        counts = {(volume.id, agent.id, plan.id): count for volume, agent, plan, count in ledger._read_group(
            [('volume_id', 'in', self.volume_id.ids)], ['volume_id', 'agent_id', 'plan_id'], ['__count'])}
        return ledger.create([{
            'company_id': contract.company_id.id,
            'currency_id': contract.currency_id.id,
            'agent_id': contract.agent_id.id,
            'plan_id': contract.plan_id.id,
            'volume_id': contract.volume_id.id,
            'kind': kind,
            'date': fields.Date.context_today(self),
            'due_date': contract.due_date,
            'amount': -contract.balance,
            'reason': reason,
            'position': counts[contract.volume_id.id, contract.agent_id.id, contract.plan_id.id] + 1,
        } for contract in self if contract.balance])
