# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, models
from odoo.tools import SQL

from odoo.addons.mlm_network.tools.downline import SHOWN_NAME, with_below

from ..standing import ROW_TABLE as STANDING_TABLE
from ..storing import ROW_TABLE as COMMISSION_TABLE


class ResPartner(models.Model):
    """What an agent of the portal sees first of the own money and of the team's ranks."""
    _inherit = 'res.partner'

    # === BUSINESS METHODS === #

    @api.private
    def _mlm_earned_so_far(self):
        """What the agent earned in the period that comes next to be closed, if it was calculated: an estimate.

        The draft says what everybody earns; of that only the agent's own sum leaves this method.

        :return: ({'amount', 'period': `mlm.period` record, 'calculated_at'}; None if there is no draft)
        """
        self.ensure_one()
        # Agents do not read periods and drafts; whoever calls shows the agent its own sum and nothing else.
        period = self.env['mlm.period'].sudo().search([
            ('company_id', '=', self.env.company.id), ('state', '!=', 'closed')], order='date_to', limit=1)
        if period.state != 'calculated':
            return None
        [[amount]] = self.env.execute_query(SQL(
            """SELECT COALESCE(sum(c.amount / r.minor_units), 0) FROM %s c JOIN mlm_run r ON r.id = c.run_id
                WHERE c.run_id = ANY(%s) AND c.beneficiary_id = %s""",
            SQL.identifier(COMMISSION_TABLE), period.run_ids.ids, self.id))
        return {'amount': float(amount), 'period': period, 'calculated_at': period.calculated_at}

    @api.private
    def _mlm_rank_news(self, limit):
        """Whose rank below this agent changed with the last closed period, the highest first.

        :return: list of {'date', 'name' as it is shown to the agent, 'now', 'before': `mlm.rank` records, maybe empty}
        """
        self.ensure_one()
        last = self._mlm_standing_runs()[0]
        before = last and last.plan_id._last_standing_run([
            ('period_id.state', '=', 'closed'), ('period_id.date_to', '<', last.period_id.date_from)])
        if not before:
            return []
        rows = self._mlm_downline_read(SQL(
            """%(below)s, shown AS (SELECT id, level, %(name)s AS name FROM below)
            SELECT shown.name, now.paid_id AS now, COALESCE(earlier.paid_id, 0) AS before
              FROM %(rows)s now
              LEFT JOIN %(rows)s earlier ON earlier.run_id = %(before)s AND earlier.agent_id = now.agent_id
              JOIN shown ON shown.id = now.agent_id
              LEFT JOIN mlm_rank rank ON rank.id = now.paid_id
             WHERE now.run_id = %(last)s AND now.paid_id != COALESCE(earlier.paid_id, 0)
             ORDER BY rank.level DESC NULLS LAST, shown.level, shown.id LIMIT %(limit)s""",
            below=with_below(self, self.id), name=SHOWN_NAME, rows=SQL.identifier(STANDING_TABLE), before=before.id,
            last=last.id, limit=limit))
        ranks = self.env['mlm.rank'].sudo().with_context(active_test=False)  # their names are no secret
        return [{
            'date': last.period_id.date_to, 'name': row['name'],
            'now': ranks.browse(row['now'] or ()).exists(), 'before': ranks.browse(row['before'] or ()).exists(),
        } for row in rows]
