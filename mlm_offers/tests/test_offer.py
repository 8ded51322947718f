# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import OffersCommon


@tagged('post_install', '-at_install')
class TestOffer(OffersCommon):
    def test_offer_of_a_lead_in_two_clicks(self):
        lead = self.env['crm.lead'].create(
            {
                'name': 'Accident',
                'type': 'lead',
                'contact_name': 'Nina New',
                'email_from': 'nina@customers.example.com',
                'mlm_agent_id': self.bert.id,
                'user_id': self.clerk.id,
            }
        )
        Wizard = self.env['mlm.offer.wizard'].with_user(self.clerk)
        context = lead.with_user(self.clerk).action_mlm_new_offer()['context']
        wizard = Form(Wizard.with_context(**context))
        wizard.template_id = self.template
        action = wizard.save().action_create_offer()
        order = self.env['sale.order'].browse(action['res_id'])
        self.assertEqual(order.partner_id.email, 'nina@customers.example.com')
        self.assertEqual(order.opportunity_id, lead)
        self.assertEqual(lead.type, 'opportunity')
        self.assertEqual(order.mlm_agent_id, self.bert, 'who brought the lead brings the sale')
        self.assertTrue(order.mlm_is_offer)
        self.assertEqual(order.amount_total, 100.0)
        self.assertEqual(order.validity_date, fields.Date.add(fields.Date.today(), days=30))

    def test_offer_of_a_customer(self):
        context = self.kim.with_user(self.clerk).action_mlm_new_offer()['context']
        wizard = Form(self.env['mlm.offer.wizard'].with_user(self.clerk).with_context(**context))
        wizard.template_id = self.template
        wizard.discount = 5
        order = self.env['sale.order'].browse(wizard.save().action_create_offer()['res_id'])
        self.assertEqual(order.partner_id, self.kim)
        self.assertEqual(order.mlm_agent_id, self.anna)
        self.assertEqual(order.amount_total, 95.0)

    def test_wizard_prefers_the_industry(self):
        industry = self.env['res.partner.industry'].create({'name': 'Haulage'})
        self.kim.industry_id = industry
        special = self.make_template('Fleet', mlm_industry_id=industry.id, sequence=900)
        wizard = Form(self.env['mlm.offer.wizard'].with_context(default_partner_id=self.kim.id))
        self.assertEqual(wizard.template_id, special)

    def test_wizard_refuses_nobody(self):
        lead = self.env['crm.lead'].create({'name': 'Empty', 'type': 'lead'})
        wizard = self.env['mlm.offer.wizard'].create({'lead_id': lead.id, 'template_id': self.template.id})
        with self.refused('names nobody', UserError):
            wizard.action_create_offer()

    def test_terms_of_agents(self):
        def usable(partner=None):
            return self.template in self.template._mlm_filter_for_agent(self.anna, partner)

        self.assertTrue(usable())
        self.template.mlm_min_level = 3
        self.assertFalse(usable())
        self.anna.mlm_offer_level = 3
        self.assertTrue(usable())
        self.template.mlm_audience = 'company'
        self.assertTrue(usable(), 'without a customer, any audience')
        self.assertFalse(usable(self.kim))
        self.kim.is_company = True
        self.assertTrue(usable(self.kim))
        self.anna.mlm_agent_state = 'suspended'
        self.assertFalse(usable())
        self.anna.mlm_agent_state = 'active'
        self.template.mlm_agent_use = False
        self.assertFalse(usable())

    def test_discounts_of_agents(self):
        self.template._mlm_check_terms(self.anna, self.kim, 10)
        for discount in (10.01, -1, float('nan')):
            with self.refused('discount of', UserError):
                self.template._mlm_check_terms(self.anna, self.kim, discount)

    def test_agents_use_only_network_offers(self):
        with self.refused('only if it is a network offer'):
            self.env['sale.order.template'].create({'name': 'Plain', 'mlm_agent_use': True})

    def test_states(self):
        order = self.make_offer(sent=False)
        self.assertEqual(order.mlm_offer_state, 'draft')
        self.assertFalse(order.mlm_sent_on)
        order.action_quotation_sent()
        self.assertEqual(order.mlm_offer_state, 'sent')
        self.assertTrue(order.mlm_sent_on)
        sent_on = order.mlm_sent_on
        order._mlm_notify_opened()
        self.assertEqual(order.mlm_offer_state, 'opened')
        order.message_post(body='Hm', author_id=self.kim.id, message_type='comment', subtype_xmlid='mail.mt_comment')
        self.assertEqual(order.mlm_offer_state, 'answered')
        order.validity_date = fields.Date.subtract(fields.Date.today(), days=1)
        self.assertEqual(order.mlm_offer_state, 'expired')
        order.validity_date = False
        order.action_confirm()
        self.assertEqual(order.mlm_offer_state, 'won')
        self.assertEqual(order.mlm_sent_on, sent_on)

    def test_lost_with_a_reason(self):
        order = self.make_offer()
        reason = self.env['crm.lost.reason'].create({'name': 'Too dear'})
        wizard = (
            self.env['mlm.offer.lost'].with_user(self.clerk).create({'order_ids': order.ids, 'reason_id': reason.id})
        )
        wizard.action_lose()
        self.assertEqual((order.state, order.mlm_lost_reason_id), ('cancel', reason))
        with self.refused('no open offer', UserError):
            wizard.action_lose()

    def test_told_once(self):
        order = self.make_offer()
        Visit = self.env['mlm.offer.view']
        key = Visit._mlm_ping(order)
        self.assertEqual(Visit._mlm_ping(order, key), key, 'the same visit')
        Visit._mlm_ping(order)
        self.assertEqual(order.mlm_view_count, 2)
        self.assertEqual(len(self.mails_to('anna@agents.example.com')), 1)
        self.assertEqual(len(order.activity_ids), 1)
        self.assertEqual(order.activity_ids.user_id, self.clerk)

    def test_time_is_measured_by_the_server(self):
        order = self.make_offer()
        Visit = self.env['mlm.offer.view']
        key = Visit._mlm_ping(order)
        visit = order.mlm_view_ids
        Visit._mlm_ping(order, key)
        self.assertEqual(visit.seconds, 0, 'pings that come at once add nothing')
        visit.last_on = fields.Datetime.subtract(fields.Datetime.now(), seconds=15)
        Visit._mlm_ping(order, key)
        self.assertEqual(visit.seconds, 15)
        visit.last_on = fields.Datetime.subtract(fields.Datetime.now(), hours=3)
        Visit._mlm_ping(order, key)
        self.assertEqual(visit.seconds, 45, 'a long silence counts as 30 seconds')
        other = self.make_offer()
        self.assertNotEqual(Visit._mlm_ping(other, key), key, 'a key is good for its own offer')

    def test_visits_are_capped(self):
        order = self.make_offer()
        self.env['mlm.offer.view'].create([{'order_id': order.id, 'key': str(number)} for number in range(200)])
        self.assertEqual(self.env['mlm.offer.view']._mlm_ping(order), '')
        self.assertEqual(order.mlm_view_count, 200)

    def test_questions(self):
        order = self.make_offer()
        order._mlm_ask('Is <b>VAT</b> included?', self.kim)
        self.assertIn('&lt;b&gt;', order.message_ids[0].body)
        self.assertTrue(order.mlm_answered_on)
        self.assertEqual(len(self.mails_to('anna@agents.example.com')), 1)
        with self.refused('Write your question', UserError):
            order._mlm_ask('  ', self.kim)
        for number in range(19):
            order._mlm_ask(f'And {number}?', self.kim)
        with self.refused('asked a lot', UserError):
            order._mlm_ask('One more?', self.kim)

    def test_contact_as_agreed(self):
        order = self.make_offer()
        self.assertEqual(order._mlm_get_agent_card()['phone'], '+48 600 100 201')
        self.anna.mlm_show_phone = False
        card = order._mlm_get_agent_card()
        self.assertFalse(card['phone'])
        self.assertEqual(card['email'], 'anna@agents.example.com')

    def test_rights(self):
        order = self.make_offer()
        plain = self.new_user('off_plain', 'base.group_user')
        for model in (
            'mlm.offer.view',
            'mlm.offer.reminder',
            'mlm.agent.message',
            'mlm.contract',
            'mlm.sign.account',
            'mlm.offer.step',
        ):
            with self.assertRaises(AccessError):
                self.env[model].with_user(plain).search([])
        accountant = self.new_user('off_accountant', 'base.group_user,account.group_account_invoice')
        self.assertEqual(order.with_user(accountant).mlm_offer_state, 'sent')
        self.assertEqual(order.with_user(accountant).mlm_contract_count, 0)
        own = self.new_user('off_own', 'base.group_user,sales_team.group_sale_salesman')
        self.env['mlm.offer.view']._mlm_ping(order)
        self.assertFalse(
            self.env['mlm.offer.view'].with_user(own).search([('order_id', '=', order.id)]),
            'another salesperson\'s order',
        )
        self.assertTrue(self.env['mlm.offer.view'].with_user(self.clerk).search([('order_id', '=', order.id)]))
        with self.assertRaises(AccessError):
            order.mlm_view_ids.with_user(self.clerk).write({'seconds': 5})

    def test_bad_step(self):
        with self.refused('says nothing', ValidationError):
            self.env['mlm.offer.step'].create({'template_id': self.template.id, 'delay_days': 3, 'channel': 'sms'})

    def test_mailing_a_list_respects_the_blacklist(self):
        orders = self.make_offer() + self.make_offer(self.karl)
        self.env['mail.blacklist']._add('kim@customers.example.com')
        action = self.env.ref('sale.model_sale_order_send_mail').with_user(self.clerk)
        context = action.with_context(active_model='sale.order', active_ids=orders.ids).run()['context']
        composer = Form(self.env['mail.compose.message'].with_user(self.clerk).with_context(**context))
        composer.subject = 'News'
        composer.body = '<p>Hello</p>'
        composer.mlm_consent_only = False
        composer.save()._action_send_mail()
        states = {
            mail.recipient_ids.email or mail.email_to: mail.state
            for mail in self.env['mail.mail'].sudo().search([('subject', '=', 'News')])
        }
        self.assertEqual(states, {'kim@customers.example.com': 'cancel', 'karl@customers.example.com': 'outgoing'})
