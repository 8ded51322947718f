# Part of the MLM suite. See LICENSE file for full copyright and licensing details.


def uninstall_hook(env):
    """Drop the tables that Odoo does not know of."""
    env.cr.execute('DROP TABLE IF EXISTS mlm_commission_row, mlm_standing_row, mlm_claim CASCADE')
