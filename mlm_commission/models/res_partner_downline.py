# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, models
from odoo.tools import SQL, format_datetime, formatLang

from ..standing import ROW_TABLE

ROWS = SQL.identifier(ROW_TABLE)


class ResPartner(models.Model):
    """Ranks and volumes on the pages where an agent of the portal sees the own downline."""
    _inherit = 'res.partner'

    # === BUSINESS METHODS === #

    @api.private
    def _mlm_current_plans(self):
        """The plans that the agent has an agreement under today, in the company of the environment."""
        self.ensure_one()
        # Agents do not read plans; which ones their own agreements follow is no secret.
        return self.sudo()._mlm_agreements_today(self.env.company).plan_id

    @api.private
    def _mlm_standing_runs(self):
        """The calculations that tell this agent about ranks and volumes: of the first of the agent's
        plans that was calculated.

        :return: (the last one of a closed period, which ranks are told from; the last one, maybe a draft, which volumes
            are told from): `mlm.run` records, maybe empty
        """
        for plan in self._mlm_current_plans().sorted('id'):
            last = plan._last_standing_run()
            if last:
                return plan._last_standing_run([('period_id.state', '=', 'closed')]), last
        nothing = self.env['mlm.run'].sudo()  # as the others
        return nothing, nothing

    @api.private
    def _mlm_downline_figures(self, agents):
        """Rank and volumes, by one query for all of them."""
        figures = super()._mlm_downline_figures(agents)
        closed, last = self._mlm_standing_runs()
        if not last:
            return figures
        rows = self.env.execute_query_dict(SQL(
            """SELECT agent_id, run_id, paid_id, personal_points, personal_value, group_points, group_value
                 FROM %s WHERE run_id IN %s AND agent_id = ANY(%s)""",
            ROWS, (last.id, closed.id or last.id), [*agents.ids, self.id]))
        volumes = {row['agent_id']: row for row in rows if row['run_id'] == last.id}
        paid = {row['agent_id']: row['paid_id'] for row in rows if row['run_id'] == closed.id}
        # Names of ranks are no secret; archived ones may still be held.
        names = {rank.id: rank.name for rank in
                 self.env['mlm.rank'].sudo().with_context(active_test=False).browse(set(paid.values()) - {0}).exists()}
        # The group of whoever looks holds everybody below: without points there are none in the plan.
        unit = 'points' if volumes.get(self.id, {}).get('group_points') else 'value'
        for agent in agents:
            row = volumes.get(agent.id, {})
            figures[agent.id] = {
                'rank': names.get(paid.get(agent.id), ''),
                'figures': [(label, self._mlm_volume_text(last, row.get(f'{kind}_{unit}', 0), unit)) for kind, label in (
                    ('personal', self.env._('Personal volume')), ('group', self.env._('Group volume')))],
            }
        if self in agents:
            figures[self.id]['note'] = self._mlm_figures_note(closed, last)
        return figures

    @api.private
    def _mlm_downline_filters(self):
        filters = super()._mlm_downline_filters()
        closed, last = self._mlm_standing_runs()
        ranks = self.env['mlm.rank'].sudo()._of_company(self.env.company)  # their names are no secret
        if closed and ranks:
            filters.append({
                'name': 'rank', 'label': self.env._('Rank'),
                'choices': [*((str(rank.id), rank.name) for rank in ranks), ('none', self.env._('No rank'))],
                'condition': lambda value: SQL(
                    'id NOT IN (SELECT agent_id FROM %s WHERE run_id = %s AND paid_id > 0)', ROWS, closed.id,
                ) if value == 'none' else SQL(
                    'id IN (SELECT agent_id FROM %s WHERE run_id = %s AND paid_id = %s)', ROWS, closed.id, int(value))})
        if last:
            filters.append({
                'name': 'sold', 'label': self.env._('Own sales'),
                'choices': [('yes', self.env._('With own sales')), ('no', self.env._('Without own sales'))],
                'condition': lambda value: SQL(
                    'id %s (SELECT agent_id FROM %s WHERE run_id = %s AND (personal_points > 0 OR personal_value > 0))',
                    SQL('IN') if value == 'yes' else SQL('NOT IN'), ROWS, last.id)})
        return filters

    # === TOOLING === #

    def _mlm_volume_text(self, run, amount, unit):
        """A volume for people: hundredths of points, or minor units of the run's currency."""
        if unit == 'points':
            return formatLang(self.env, amount / 100, digits=2 if amount % 100 else 0)
        return formatLang(self.env, amount / run.minor_units, currency_obj=run.currency_id)

    def _mlm_figures_note(self, closed, last):
        """Which calculations the figures come from."""
        period = last.period_id
        note = self.env._('Volumes of %(period)s.', period=period.display_name) if period.state == 'closed' else self.env._(
            'Volumes of %(period)s so far, as of %(time)s: an estimate until the period is closed.',
            period=period.display_name, time=format_datetime(self.env, period.calculated_at, dt_format='short'))
        if not closed:
            return note
        return self.env._('%(note)s Ranks as paid in %(period)s.', note=note, period=closed.period_id.display_name)
