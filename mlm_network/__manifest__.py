# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
{
    'name': 'MLM Network',
    'version': '19.0.1.0.0',
    'category': 'Sales/Network',
    'summary': 'Who stands under whom: sponsors, agents and their customers',
    'author': 'MLM Suite contributors',
    'license': 'LGPL-3',
    'external_dependencies': {'python': ['qrcode']},
    'depends': ['contacts', 'portal', 'sale_crm', 'sale_management', 'web_hierarchy'],
    'data': [
        'security/mlm_network_security.xml',
        'security/ir.model.access.csv',
        'data/ir_sequence_data.xml',
        'data/ir_cron_data.xml',
        'wizard/mlm_placement_wizard_views.xml',
        'views/res_partner_views.xml',
        'views/res_partner_placement_views.xml',
        'views/mlm_place_change_views.xml',
        'views/mlm_sponsorship_views.xml',
        'views/mlm_placement_views.xml',
        'views/res_config_settings_views.xml',
        'views/crm_lead_views.xml',
        'views/sale_order_views.xml',
        'views/mlm_agent_entry_views.xml',
        'views/portal_templates.xml',
        'views/portal_customers_templates.xml',
        'views/join_templates.xml',
        'views/portal_downline_templates.xml',
        'views/menus.xml',
    ],
    'demo': [
        'demo/res_partner_demo.xml',
        'demo/res_users_demo.xml',
    ],
    'assets': {
        'web.assets_backend_lazy': [
            'mlm_network/static/src/views/**/*',
        ],
        'web.assets_frontend': [
            'mlm_network/static/src/interactions/**/*',
            'mlm_network/static/src/scss/portal.scss',
        ],
        'web.assets_tests': [
            'mlm_network/static/tests/tours/**/*',
        ],
    },
    'application': True,
}
