# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The month through the screens in a real browser, everybody with the rights of the demo's users and no more."""
from odoo import fields
from odoo.tests import HttpCase, tagged

from . import expected
from .test_records import month, text


@tagged('post_install', '-at_install')
class TestMonthInTheBrowser(HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Debian's package of Odoo lacks this file, which its manifest still names; elsewhere this changes nothing.
        cls.env['ir.asset'].create({
            'name': 'Not part of Debian\'s package', 'bundle': 'web.assets_backend', 'directive': 'remove',
            'path': 'mail/static/lib/selfie_segmentation/selfie_segmentation.js',
        })

    def test_confirm_invoice_pay_calculate_close_bill(self):
        """E1's sale of 1,234.56 on the screens: E1 148.15, D1 74.07 and a bonus of 12.35, C2 49.38, B2 74.08."""
        order = self.env.ref('mlm_commission.demo_order_e1')
        first, last = month.last_month(self.env)
        self.start_tour(f'/odoo/action-sale.action_quotations_with_onboarding/{order.id}', 'mlm_month_sell', login='sales')
        self.start_tour(f'/odoo/action-sale.action_orders/{order.id}', 'mlm_month_invoice', login='admin')
        invoice = order.invoice_ids
        self.assertEqual(invoice.payment_state, 'paid')
        # Paid today on the screen; it belongs to the month of the test from here on.
        [volume] = invoice.mlm_volume_ids.filtered(lambda fact: fact.trigger == 'paid')
        self.assertEqual((volume.agent_id.mlm_agent_code, text(volume.net)), ('E1', '1234.56'))
        today = fields.Date.context_today(order)
        period = month.period(self.env, first, last)
        self.env.cr.execute('UPDATE mlm_volume SET date = %s WHERE id = %s', [last, volume.id])
        self.assertLess(last, today)
        self.start_tour(f'/odoo/commission-periods/{period.id}', 'mlm_month_settle', login='officer')
        self.start_tour(f'/odoo/commission-periods/{period.id}', 'mlm_month_close', login='admin')
        self.assertEqual(period.state, 'closed')
        paid = {row.beneficiary_id.mlm_agent_code: text(row.amount) for row in self.env['mlm.commission'].search([
            ('period_id', '=', period.id), ('rule_id', '=', self.env.ref('mlm_commission.demo_rule_differential').id)])}
        self.assertEqual(paid, expected.DIFFERENTIAL['e1', 'settlement'])
        statement = period.statement_ids.filtered(lambda statement: statement.agent_id.mlm_agent_code == 'D1')
        self.start_tour(f'/odoo/agent-statements/{statement.id}', 'mlm_month_bill', login='accountant')
        # 74.07 and the sponsor's bonus of 12.35
        self.assertEqual(text(statement.bill_id.amount_untaxed), '86.42')
        self.assertEqual(statement.bill_state, 'billed')
