# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
{
    'name': 'Network Lead Import',
    'summary': 'Inquiries from Google Ads, Meta and others become leads of the right agent: none lost, none doubled',
    'version': '19.0.1.0.0',
    'category': 'Sales/CRM',
    'author': 'MLM Suite contributors',
    'website': 'https://github.com/odoo-mlm/mlm-suite',
    'license': 'LGPL-3',
    'depends': ['mlm_network', 'crm_sms', 'base_import', 'privacy_lookup'],
    # Without phonenumbers Odoo compares phone numbers as they were typed, and neither duplicates nor blacklists work.
    'external_dependencies': {'python': ['phonenumbers', 'requests']},
    'data': [
        'security/mlm_lead_import_security.xml',
        'security/ir.model.access.csv',
        'data/ir_cron_data.xml',
        'data/mail_template_data.xml',
        'data/mail_activity_type_data.xml',
        'data/mlm_lead_column_data.xml',
        'wizard/mlm_lead_file_views.xml',
        'views/mlm_lead_event_views.xml',
        'views/mlm_lead_source_views.xml',
        'views/mlm_lead_rule_views.xml',
        'views/mlm_lead_report_views.xml',
        'views/crm_lead_views.xml',
        'views/privacy_lookup_wizard_views.xml',
        'views/res_config_settings_views.xml',
        'views/portal_templates.xml',
        'views/menus.xml',
    ],
    'demo': [
        'demo/mlm_lead_import_demo.xml',
    ],
    'assets': {
        'web.assets_tests': [
            'mlm_lead_import/static/tests/tours/**/*',
        ],
    },
    'post_init_hook': 'post_init_hook',
    'application': True,
}
