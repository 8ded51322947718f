# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import date

from odoo import api, fields, models

FIGURES = ('leads', 'offers', 'won', 'orders', 'turnover')


class ResPartner(models.Model):
    """The monthly report that a company wants from its agents."""
    _inherit = 'res.partner'

    # === ACTION METHODS === #

    def action_mlm_performance(self):
        """Open what the agents brought, month by month."""
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_network.mlm_performance_action')
        return {**action, 'domain': [('agent_id', 'in', self.ids)], 'context': {}}

    # === BUSINESS METHODS === #

    @api.private
    def _mlm_performance(self, year=None):
        """What the agent brought in a year, month by month, in the company of the environment.

        :param int year: by default the current one; of another one all months are told, of this one those that began
        :return: {'year', 'years': those that can be chosen, 'company', 'rows': list of {'date', 'conversion' (0 to 1, None
            without offers)} and `FIGURES`, 'total': the same of the whole year}
        :rtype: dict
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        company = self.env.company
        # Whoever asks may know what this one agent brought; it takes leads and orders, which agents do not read.
        groups = self.env['mlm.performance'].sudo()._read_group(
            [('agent_id', '=', self.id), ('company_id', 'in', (False, company.id))], ['date:month'],
            [f'{name}:sum' for name in FIGURES])
        found = {month: dict(zip(FIGURES, figures)) for month, *figures in groups}
        years = sorted({today.year, *(month.year for month in found)}, reverse=True)
        year = year if year in years else today.year
        months = [date(year, month, 1) for month in range(1, 13) if date(year, month, 1) <= today]
        rows = [{'date': month, **{name: found.get(month, {}).get(name) or 0 for name in FIGURES}} for month in months]
        total = {name: sum(row[name] for row in rows) for name in FIGURES}
        for row in (*rows, total):
            row['conversion'] = row['won'] / row['offers'] if row['offers'] else None
        return {'year': year, 'years': years, 'company': company.sudo(), 'rows': rows, 'total': total}
