# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _update_foreign_keys(self, src_partners, dst_partner):
        """An agent stands in a rule once: of two who become one, whoever stays keeps the own place, else takes the first."""
        self.env['mlm.lead.rule.member'].flush_model()
        # Only double places go, whoever may merge these contacts.
        self.env.cr.execute(SQL(
            '''DELETE FROM mlm_lead_rule_member WHERE id IN (
                SELECT id FROM (
                    SELECT id, row_number() OVER (
                        PARTITION BY rule_id ORDER BY agent_id != %(stays)s, sequence, id) AS number
                      FROM mlm_lead_rule_member WHERE agent_id = ANY(%(ids)s)) AS place
                 WHERE number > 1)''',
            stays=dst_partner.id, ids=(src_partners + dst_partner).ids,
        ))
        super()._update_foreign_keys(src_partners, dst_partner)
