# Part of the MLM suite. See LICENSE file for full copyright and licensing details.


def post_init_hook(env):
    """Keep the mail domains of new leads in the house: Odoo would send them to its enrichment service by itself."""
    cron = env.ref('crm_iap_enrich.ir_cron_lead_enrichment', raise_if_not_found=False)
    if cron:
        cron.active = False
        env['ir.config_parameter'].set_param('crm.iap.lead.enrich.setting', 'manual')
