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

    # === TOOLING === #

    def _mlm_forget_traces(self, names):
        """What stands in words at agreements, adjustments and statements of these contacts.

        Documents that were sent or signed stay as they are, as bookkeeping has to keep them, but no search finds a name in
        them any more.
        """
        super()._mlm_forget_traces(names)
        for model in ('mlm.agreement', 'mlm.adjustment', 'mlm.statement'):
            # Whoever may forget people forgets what is kept of them, too: only administrators get here.
            records = self.env[model].sudo().with_context(active_test=False).search([('agent_id', 'in', self.ids)])
            if 'activity_ids' in records._fields:
                records.activity_ids.unlink()
            records.message_ids.unlink()
            self.env.flush_all()
            self.env.cr.execute(SQL(
                'UPDATE ir_attachment SET index_content = NULL WHERE res_model = %s AND res_id = ANY(%s)', model, records.ids))
        # What is in force or paid takes no new values; these are but remarks.
        self.env.cr.execute(SQL(
            '''UPDATE mlm_agreement SET note = NULL WHERE agent_id = ANY(%(ids)s);
               UPDATE mlm_adjustment SET reason = '-' WHERE agent_id = ANY(%(ids)s);
               UPDATE mlm_reserve SET reason = NULL WHERE agent_id = ANY(%(ids)s);
               UPDATE mlm_statement SET mail_error = NULL, bill_error = NULL
                WHERE agent_id = ANY(%(ids)s) AND (mail_error IS NOT NULL OR bill_error IS NOT NULL)''', ids=self.ids))
        self.env.invalidate_all()
