# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    @api.private
    def _mlm_agreement_today(self, company, plan=None):
        """The agreement by which this agent works today.

        :param company: whose
        :param plan: the plan it must follow; without one, the agreement with the highest rate is meant
        :return: the agreement, or none
        """
        agreements = self.env['mlm.agreement']
        if not self:
            return agreements
        today = fields.Date.context_today(self)
        domain = [
            ('agent_id', '=', self.id), ('company_id', '=', company.id), ('state', '=', 'active'), ('date_from', '<=', today),
            '|', ('date_to', '=', False), ('date_to', '>=', today)]
        return agreements.search([*domain, *([('plan_id', '=', plan.id)] if plan else [])], order='rate DESC, id', limit=1)
