# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, models
from odoo.tools import formatLang


class ResPartner(models.Model):
    """What commissions say of an agent beside the card in the tree, and the colours of cards by rank and activity."""
    _inherit = 'res.partner'

    @api.private
    def _mlm_key_figures(self):
        return [*super()._mlm_key_figures(), *self._mlm_rank_figures(), *self._mlm_pay_figures()]

    @api.model
    @api.private
    def _mlm_color_modes(self):
        modes = super()._mlm_color_modes()
        if self.env['mlm.standing'].has_access('read'):
            modes += [('activity', self.env._('Active for Pay')), ('rank', self.env._('Rank'))]
        return modes

    @api.private
    def _mlm_colors(self, mode):
        if mode == 'rank':
            return {
                partner.id: (partner.mlm_rank_id.level, partner.mlm_rank_id.name) for partner in self if partner.mlm_rank_id}
        if mode == 'activity':
            labels = {True: (1, self.env._('Active')), False: (0, self.env._('Not active'))}
            return {
                standing.agent_id.id: labels[standing.is_active] for standing in self._mlm_last_standings().values()}
        return super()._mlm_colors(mode)

    # === TOOLING === #

    def _mlm_last_standings(self):
        """``{agent: the standing of its last period}``, as the user may see them."""
        standings = self.env['mlm.standing']
        if not standings.has_access('read'):
            return {}
        found = standings.search([('agent_id', 'in', self.ids), ('company_id', '=', self.env.company.id)], order='date, id')
        return {standing.agent_id: standing for standing in found}

    def _mlm_rank_figures(self):
        standing = self._mlm_last_standings().get(self)
        lines = [
            (self.env._('Paid as'), self.mlm_rank_id.name),
            (self.env._('Highest rank'), self.mlm_highest_rank_id.name),
        ]
        title = self.env._('Rank')
        if standing:
            title = self.env._('Rank in %s', standing.period_id.display_name)

            def money(amount):
                return formatLang(self.env, amount, currency_obj=standing.currency_id)
            if standing.state != 'closed':
                lines.insert(0, (self.env._('Estimated rank'), standing.paid_id.name))
            lines += [
                (self.env._('Active for pay'), self.env._('Yes') if standing.is_active else self.env._('No')),
                (self.env._('Personal sales'), money(standing.personal_value)),
                (self.env._('Group sales'), money(standing.group_value)),
                (self.env._('Personal points'), formatLang(self.env, standing.personal_points, 2)),
                (self.env._('Group points'), formatLang(self.env, standing.group_points, 2)),
            ]
        return [(title, lines)]

    def _mlm_pay_figures(self):
        """The last statement, and what an open period was calculated to pay."""
        groups = []
        statements = self.env['mlm.statement']
        if statements.has_access('read'):
            last = statements.search([('agent_id', '=', self.id), ('company_id', '=', self.env.company.id)], limit=1)
            if last:
                groups.append((self.env._('Statement of %s', last.period_id.display_name), [
                    (label, formatLang(self.env, amount, currency_obj=last.currency_id)) for label, amount in (
                        (self.env._('Earned'), last.earned), (self.env._('Payable'), last.payable),
                        (self.env._('Carried forward'), last.closing))]))
        commissions = self.env['mlm.commission']
        if commissions.has_access('read'):
            for period, currency, amount in commissions._read_group(
                [('beneficiary_id', '=', self.id), ('state', '=', 'calculated'), ('company_id', '=', self.env.company.id)],
                ['period_id', 'currency_id'], ['amount:sum'],
            ):
                groups.append((self.env._('Estimate for %s', period.display_name), [
                    (self.env._('Commissions'), formatLang(self.env, amount, currency_obj=currency))]))
        return groups
