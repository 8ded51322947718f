# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..storing import ROW_TABLE


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Keep settled money where it is: Odoo deletes what a key forbids to move, statements among it."""
        for partner in src_partners:
            self._mlm_check_money(partner, dst_partner)
        super()._update_foreign_keys(src_partners, dst_partner)

    def _mlm_check_money(self, partner, dst_partner):
        """Refuse a merge that would move or lose what an agent was paid or has agreed.

        :raise UserError: naming the contacts and the way out
        """
        # Whoever merges contacts need not be allowed to read what they earn.
        self = self.sudo()
        settled = self.env.execute_query(SQL(
            'SELECT 1 FROM %s WHERE beneficiary_id = %s LIMIT 1', SQL.identifier(ROW_TABLE), partner.id,
        )) or self.env['mlm.statement'].search_count([('agent_id', '=', partner.id)], limit=1)
        if settled:
            raise UserError(self.env._(
                '%(agent)s has commissions that are settled under this contact. Merge the other way round, so that '
                '%(agent)s stays and %(other)s goes.', agent=partner.display_name, other=dst_partner.display_name))
        for agreement in self.env['mlm.agreement'].search([('agent_id', '=', partner.id), ('state', '=', 'active')]):
            domain = Domain('agent_id', '=', dst_partner.id) & Domain('plan_id', '=', agreement.plan_id.id) \
                & Domain('state', '=', 'active') \
                & (Domain('date_to', '=', False) | Domain('date_to', '>=', agreement.date_from))
            if agreement.date_to:
                domain &= Domain('date_from', '<=', agreement.date_to)
            other = self.env['mlm.agreement'].search(domain, limit=1)
            if other:
                raise UserError(self.env._(
                    '%(agent)s and %(other)s both have an agreement for the plan "%(plan)s": %(first)s and %(second)s. '
                    'Cancel or end one of them before you merge the contacts.',
                    agent=partner.display_name, other=dst_partner.display_name, plan=agreement.plan_id.display_name,
                    first=agreement.name, second=other.name))
