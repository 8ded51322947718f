# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.tests import HttpCase, tagged

from .common import OffersCommon


@tagged('post_install', '-at_install')
class TestToursDesktop(OffersCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new_user('off_anna', 'base.group_portal', partner_id=cls.anna.id, name='Anna')
        cls.anna.email = 'anna@agents.example.com'

    def test_from_the_agent_to_the_signature(self):
        self.start_tour('/my/offers', 'mlm_offers_agent', login='off_anna')
        order = self.env['sale.order'].search([('partner_id', '=', self.kim.id)])
        self.assertEqual((order.state, order.amount_total, order.mlm_agent_id), ('sent', 90.0, self.anna))
        self.start_tour(order.get_portal_url(), 'mlm_offers_customer')
        self.assertEqual((order.state, order.amount_total), ('sale', 162.0))
        self.assertTrue(order.mlm_view_ids)
        self.assertEqual(set(order.mlm_view_ids.mapped('device')), {'phone' if self.touch_enabled else 'desktop'})
        told = ' '.join(self.mails_to('anna@agents.example.com').mapped('subject'))
        self.assertIn('opened your offer', told)
        self.assertIn('accepted', told)

    def test_contract(self):
        self.template.mlm_contract_template_id = self.make_contract_template()
        order = self.make_offer()
        self.start_tour(order.get_portal_url(), 'mlm_offers_contract')
        self.assertEqual((order.state, order.mlm_contract_ids.state), ('sale', 'signed'))


@tagged('post_install', '-at_install')
class TestToursPhone(TestToursDesktop):
    browser_size = '390x844'
    touch_enabled = True


@tagged('post_install', '-at_install')
class TestTourStaff(OffersCommon, HttpCase):
    def test_two_clicks(self):
        self.template.sequence = -1
        lead = self.env['crm.lead'].create(
            {
                'name': 'Accident',
                'type': 'opportunity',
                'contact_name': 'Nina',
                'mlm_agent_id': self.bert.id,
                'user_id': self.clerk.id,
            }
        )
        self.start_tour(f'/odoo/crm.lead/{lead.id}', 'mlm_offers_staff', login='off_clerk')
        self.assertEqual(lead.order_ids.mlm_agent_id, self.bert)
        self.assertEqual(lead.order_ids.sale_order_template_id, self.template)
