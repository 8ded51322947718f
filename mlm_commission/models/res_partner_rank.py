# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.tools import SQL

from ..standing import ROW_TABLE


class ResPartner(models.Model):
    """An agent's rank: now, ever, and what is missing for the next one."""
    _inherit = 'res.partner'

    mlm_rank_id = fields.Many2one(
        'mlm.rank', string='Paid as', compute='_compute_mlm_ranks', groups='base.group_user',
        help='The rank the agent was paid as in the last closed period.')
    mlm_highest_rank_id = fields.Many2one(
        'mlm.rank', string='Highest Rank', compute='_compute_mlm_ranks', groups='base.group_user')
    # What the agent's rank gave, so that a price list that somebody agreed with the agent is never overwritten.
    mlm_rank_pricelist_id = fields.Many2one(
        'product.pricelist', string='Price List by Rank', company_dependent=True, copy=False, readonly=True,
        groups='base.group_user')

    _mlm_rank_pricelist_index = models.Index('(id) WHERE mlm_rank_pricelist_id IS NOT NULL')

    # === COMPUTE METHODS === #

    @api.depends_context('company')
    def _compute_mlm_ranks(self):
        """Of several plans the higher rank counts."""
        ranks = self.env['mlm.rank'].sudo().with_context(active_test=False)
        # Only the rank is told; whoever sees a contact need not be allowed to read what agents sold.
        found = {}
        for agent_id, paid_id, highest_id in self.env.execute_query(SQL(
            """
            SELECT DISTINCT ON (s.agent_id, plan.root_id) s.agent_id, s.paid_id, s.highest_id
              FROM %s s JOIN mlm_run r ON r.id = s.run_id
              JOIN mlm_period p ON p.id = r.period_id JOIN mlm_plan plan ON plan.id = r.plan_id
             WHERE s.agent_id = ANY(%s) AND p.state = 'closed' AND p.company_id = %s
             ORDER BY s.agent_id, plan.root_id, p.date_to DESC, s.run_id DESC
            """,
            SQL.identifier(ROW_TABLE), self.ids, self.env.company.id,
        )):
            for name, rank_id in (('paid', paid_id), ('highest', highest_id)):
                rank = ranks.browse(rank_id or ()).exists()
                found[agent_id, name] = max(rank, found.get((agent_id, name), rank), key=lambda rank: rank.level)
        for partner in self:
            partner.mlm_rank_id = found.get((partner._origin.id, 'paid'), False)
            partner.mlm_highest_rank_id = found.get((partner._origin.id, 'highest'), False)

    # === ACTION METHODS === #

    def action_mlm_standings(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_commission.mlm_standing_action')
        return {**action, 'domain': [('agent_id', '=', self.id)], 'context': {}}

    # === BUSINESS METHODS === #

    @api.private
    def _mlm_rank_level(self):
        """The higher of the rank agreed and the one paid as in the last closed period."""
        # As in `_compute_mlm_ranks`.
        return max(super()._mlm_rank_level(), self.sudo().mlm_rank_id.level)

    @api.private
    def _mlm_rank_outlook(self):
        """Tell how far the agent is from the next rank, under each plan by which ranks are earned.

        It is about the last calculation: of the period that is open, if it was calculated, else of the last one that was
        closed. Whoever shows it to an agent must know that the agent may see it; figures of a draft are an estimate.

        :return: list of dicts, see :func:`outlook.of`, with 'state', the state of the period
        """
        self.ensure_one()
        found = []
        # What decides lies in runs, which agents do not read; the answer is about the agent alone.
        for plan in self._mlm_current_plans():
            run = plan._last_standing_run()
            rank = run and run._explain_rank(self)
            if rank and rank['qualified']:
                found.append({**rank, 'state': run.period_id.state})
        return found

    @api.model
    @api.private
    def _mlm_give_rank_pricelists(self, period):
        """Give agents the price list of the rank they were paid as in a period that closes.

        Odoo's own `partnership` was considered: a grade with a price list. It is one grade for all companies, has no
        history, renames partners to members, and overwrites the price list whenever the grade is written. Here the rank
        decides only over what a rank gave before: a price list that was agreed with an agent stays.

        :param period: `mlm.period` record
        """
        self.env.flush_all()
        company = period.company_id
        # Whoever closes a period need not be allowed to change contacts; nothing but the price list changes.
        partners = self.sudo().with_company(company)
        [[used]] = self.env.execute_query(SQL(
            'SELECT EXISTS (SELECT FROM mlm_rank WHERE pricelist_id IS NOT NULL) '
            'OR EXISTS (SELECT FROM res_partner WHERE mlm_rank_pricelist_id IS NOT NULL)'))
        if not used:
            return
        lists = {}
        for agent_id, wanted_id in self.env.execute_query(SQL(
            """
            WITH held AS (
                SELECT DISTINCT ON (s.agent_id) s.agent_id, k.pricelist_id AS wanted
                  FROM %(rows)s s LEFT JOIN mlm_rank k ON k.id = s.paid_id AND k.pricelist_id IS NOT NULL
                 WHERE s.run_id = ANY(%(runs)s) ORDER BY s.agent_id, k.level DESC NULLS LAST
            ), concerned AS (
                SELECT agent_id FROM held WHERE wanted IS NOT NULL
                 UNION SELECT id FROM res_partner WHERE mlm_rank_pricelist_id IS NOT NULL
            ), known AS (
                SELECT held.*, (p.specific_property_product_pricelist->>%(company)s)::int AS has,
                       (p.mlm_rank_pricelist_id->>%(company)s)::int AS given
                  FROM held JOIN concerned USING (agent_id) JOIN res_partner p ON p.id = held.agent_id
            )
            SELECT agent_id, wanted FROM known
             WHERE has IS DISTINCT FROM wanted AND has IS NOT DISTINCT FROM given
            """,
            rows=SQL.identifier(ROW_TABLE), runs=period.run_ids.ids, company=str(company.id),
        )):
            lists.setdefault(wanted_id, []).append(agent_id)
        for wanted_id, agent_ids in lists.items():
            agents = partners.browse(agent_ids)
            agents.write({'specific_property_product_pricelist': wanted_id, 'mlm_rank_pricelist_id': wanted_id})
            pricelist = self.env['product.pricelist'].sudo().browse(wanted_id or ())
            body = self.env._(
                'Price list %(pricelist)s: it comes with the rank of %(period)s.',
                pricelist=pricelist.display_name, period=period.display_name,
            ) if pricelist else self.env._(
                'The usual price list again: the rank of %s comes with none.', period.display_name)
            agents._message_log_batch(bodies=dict.fromkeys(agents.ids, body))
