# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    @api.private
    def _mlm_agreements_today(self, company):
        """The agreements by which this agent works today, the highest rate first.

        :param company: whose
        """
        if not self:
            return self.env['mlm.agreement']
        today = fields.Date.context_today(self)
        return self.env['mlm.agreement'].search([
            ('agent_id', '=', self.id), ('company_id', '=', company.id), ('state', '=', 'active'), ('date_from', '<=', today),
            '|', ('date_to', '=', False), ('date_to', '>=', today)], order='rate DESC, id')

    @api.private
    def _mlm_agreement_today(self, company, plan=None):
        """The agreement by which this agent works today.

        :param company: whose
        :param plan: the plan it must follow; without one, the agreement with the highest rate is meant
        :return: the agreement, or none
        """
        agreements = self._mlm_agreements_today(company)
        return (agreements.filtered(lambda agreement: agreement.plan_id == plan) if plan else agreements)[:1]
