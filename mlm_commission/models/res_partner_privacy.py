# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, models
from odoo.tools import SQL

# What was agreed, sold, settled and paid: bookkeeping that has to be kept, by ids and without names.
KEPT = {
    'mlm.adjustment', 'mlm.agreement', 'mlm.agreement.rate', 'mlm.reserve', 'mlm.statement', 'mlm.statement.line', 'mlm.volume',
}


class ResPartner(models.Model):
    _inherit = 'res.partner'

    @api.model
    @api.private
    def _mlm_kept_models(self):
        return super()._mlm_kept_models() | KEPT

    @api.model
    @api.private
    def _mlm_credit_fields(self):
        return {**super()._mlm_credit_fields(), 'account.move': 'mlm_agent_id'}

    @api.private
    def _mlm_is_kept(self):
        return super()._mlm_is_kept() or bool(self.env.execute_query(SQL(
            '''SELECT 1 FROM mlm_volume WHERE agent_id = %(id)s OR partner_id = %(id)s
               UNION ALL SELECT 1 FROM mlm_statement WHERE agent_id = %(id)s
               UNION ALL SELECT 1 FROM mlm_agreement WHERE agent_id = %(id)s LIMIT 1''', id=self.id)))
