# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Agents read their own standings only: those of the downline name people in full, which pages shorten.

    Rules are not updated with a module, as a company may have changed them; this one let agents read too much.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    rule = env.ref('mlm_commission.mlm_standing_portal_rule', raise_if_not_found=False)
    if rule and 'mlm_upline_ids' in (rule.domain_force or ''):
        rule.domain_force = "[('agent_id', '=', user.commercial_partner_id.id), ('state', '=', 'closed')]"
