# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
{
    'name': 'Network Commissions',
    'summary': 'Commissions on several levels from invoices: plans, periods, statements, bills, and an answer to "why?"',
    'version': '19.0.1.0.0',
    'category': 'Sales/Commissions',
    'author': 'MLM Suite contributors',
    'website': 'https://github.com/odoo-mlm/mlm-suite',
    'license': 'LGPL-3',
    'depends': ['mlm_network', 'account', 'sale_management'],
    'external_dependencies': {'python': ['numpy']},
    'data': [
        'security/mlm_commission_security.xml',
        'security/ir.model.access.csv',
        'data/ir_sequence_data.xml',
        'data/product_data.xml',
        'views/explanation_templates.xml',
    ],
    'demo': [
        'demo/commission_demo.xml',
    ],
    'uninstall_hook': 'uninstall_hook',
    'application': True,
}
