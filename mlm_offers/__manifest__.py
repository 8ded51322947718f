# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
{
    'name': 'MLM Offers',
    'version': '19.0.1.0.0',
    'category': 'Sales/Network',
    'summary': 'Offers that agents make and follow up, contracts signed in the portal or with Autenti, SMS',
    'author': 'MLM Suite contributors',
    'website': 'https://github.com/odoo-mlm/mlm-suite',
    'license': 'LGPL-3',
    'depends': ['mlm_network', 'sale_management', 'sale_crm', 'sale_pdf_quote_builder', 'sms'],
    'data': [
        'security/ir.model.access.csv',
        'security/mlm_offers_security.xml',
        'report/contract_templates.xml',
        'report/offer_report.xml',
        'data/mlm_offers_data.xml',
        'data/mail_template_data.xml',
        'wizard/wizard_views.xml',
        'views/other_views.xml',
        'views/consent_views.xml',
        'views/sale_order_template_views.xml',
        'views/sale_order_views.xml',
        'views/mlm_contract_views.xml',
        'views/mlm_sign_account_views.xml',
        'views/portal_order_templates.xml',
        'views/portal_offer_templates.xml',
        'views/portal_contract_templates.xml',
        'views/menus.xml',
    ],
    'demo': [
        'demo/offers_demo.xml',
    ],
    'assets': {
        'web.assets_tests': [
            'mlm_offers/static/tests/tours/*.js',
        ],
        'web.assets_frontend': [
            'mlm_offers/static/src/interactions/*.js',
        ],
    },
}
