# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..standing import ROW_TABLE as STANDING_TABLE
from ..storing import ROW_TABLE


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Keep settled money and ranks where they are: Odoo deletes what a key forbids to move, statements among it."""
        for partner in src_partners:
            self._mlm_check_money(partner, dst_partner)
        super()._update_foreign_keys(src_partners, dst_partner)
        # Rows without a rank tell the volumes of somebody who is gone now; the ledger keeps what was sold.
        self.env.cr.execute(SQL(
            'DELETE FROM %s WHERE agent_id = ANY(%s)', SQL.identifier(STANDING_TABLE), src_partners.ids))

    def _mlm_check_money(self, partner, dst_partner):
        """Refuse a merge that would move or lose what an agent was paid or has agreed.

        :raise UserError: naming the contacts and the way out
        """
        # Whoever merges contacts need not be allowed to read what they earn.
        self = self.sudo()
        if self._mlm_is_settled(partner):
            if self._mlm_is_settled(dst_partner):
                raise UserError(self.env._(
                    '%(agent)s and %(other)s both have commissions or ranks of calculated periods, which stay under the '
                    'contact that they were settled for. Instead of merging them, terminate one and move who stands directly '
                    'below to the other.', agent=partner.display_name, other=dst_partner.display_name))
            raise UserError(self.env._(
                '%(agent)s has commissions or ranks that are settled under this contact. Merge the other way round, so that '
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

    def _mlm_is_settled(self, partner):
        """Whether rows of calculated periods name the contact; they have no key that would follow it."""
        return bool(self.env.execute_query(SQL(
            '''SELECT 1 FROM %(paid)s WHERE beneficiary_id = %(id)s
               UNION ALL SELECT 1 FROM %(ranked)s WHERE agent_id = %(id)s AND highest_id + achieved_id + paid_id > 0 LIMIT 1''',
            paid=SQL.identifier(ROW_TABLE), ranked=SQL.identifier(STANDING_TABLE), id=partner.id,
        )) or self.env['mlm.statement'].search_count([('agent_id', '=', partner.id)], limit=1))
