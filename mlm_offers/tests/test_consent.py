# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import re
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools.safe_eval import safe_eval

from .common import OffersCommon


@tagged('post_install', '-at_install')
class TestConsent(OffersCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.karl.phone = '+48 600 100 299'
        cls.orders = cls.make_offer() + cls.make_offer(cls.karl)

    def declare(self, partner, accepted='yes', channel='sms', **values):
        return self.env['mlm.consent'].create(
            {
                'partner_id': partner.id,
                'channel': channel,
                'accepted': accepted,
                'wording': 'By letter',
                'source': 'Letter',
                **values,
            }
        )

    def sms(self, records, consent_only=None, **values):
        """Who gets an SMS that is sent to a list, and why the others do not."""
        composer = self.env['sms.composer'].with_user(self.clerk).create(
            {
                'composition_mode': 'mass',
                'res_model': records._name,
                'res_ids': repr(records.ids),
                'body': 'Hello',
                **({} if consent_only is None else {'mlm_consent_only': consent_only}),
                **values,
            }
        )
        composer._action_send_sms()
        found = self.env['sms.sms'].search([('body', '=', 'Hello')])
        result = {sms.partner_id.name or sms.number: sms.failure_type or sms.state for sms in found}
        found.unlink()
        return result

    def mails(self, records, **values):
        context = {'default_model': records._name, 'default_res_ids': records.ids, 'default_composition_mode': 'mass_mail'}
        composer = Form(self.env['mail.compose.message'].with_user(self.clerk).with_context(**context))
        composer.subject = 'News'
        composer.body = '<p>Hello</p>'
        for name, value in values.items():
            setattr(composer, name, value)
        composer.save()._action_send_mail()
        mails = self.env['mail.mail'].sudo().search([('subject', '=', 'News')])
        result = {mail.recipient_ids.name or mail.email_to: mail.failure_type or mail.state for mail in mails}
        mails.unlink()
        return result

    def test_advertising_needs_consent(self):
        self.assertEqual(self.sms(self.orders), {'Kim': 'sms_optout', 'Karl': 'sms_optout'}, 'silence is no consent')
        self.declare(self.kim)
        self.assertEqual(self.sms(self.orders), {'Kim': 'outgoing', 'Karl': 'sms_optout'})
        self.assertEqual(self.sms(self.kim + self.karl), {'Kim': 'outgoing', 'Karl': 'sms_optout'})
        self.assertEqual(self.mails(self.orders), {'Kim': 'mail_optout', 'Karl': 'mail_optout'}, 'per channel')
        self.declare(self.karl, channel='email')
        self.assertEqual(self.mails(self.orders), {'Kim': 'mail_optout', 'Karl': 'outgoing'})
        self.assertEqual(self.mails(self.kim + self.karl), {'Kim': 'mail_optout', 'Karl': 'outgoing'})

    def test_left_out_for_good(self):
        """A mail server that does not answer fails the whole batch; trying again reaches nobody who was left out."""
        self.declare(self.karl, channel='email')
        context = {'default_model': 'sale.order', 'default_res_ids': self.orders.ids, 'default_composition_mode': 'mass_mail'}
        composer = Form(self.env['mail.compose.message'].with_user(self.clerk).with_context(**context))
        composer.subject, composer.body = 'News', '<p>Hello</p>'
        composer.save()._action_send_mail()
        mails = self.env['mail.mail'].sudo().search([('subject', '=', 'News')])
        with patch.object(type(self.env['ir.mail_server']), '_connect__', side_effect=ConnectionRefusedError):
            mails.send()
        self.assertEqual({mail.recipient_ids.name: mail.state for mail in mails}, {'Kim': 'cancel', 'Karl': 'exception'})
        mails.action_retry()
        self.assertEqual({mail.recipient_ids.name: mail.state for mail in mails}, {'Kim': 'cancel', 'Karl': 'outgoing'})

    def test_what_is_no_advertising(self):
        self.declare(self.karl, 'no')
        self.assertEqual(self.sms(self.orders, False), {'Kim': 'outgoing', 'Karl': 'sms_optout'}, 'an objection holds')
        self.assertEqual(self.mails(self.orders, mlm_consent_only=False), {'Kim': 'outgoing', 'Karl': 'outgoing'})

    def test_the_company_decides(self):
        self.env.company.mlm_consent_only = False
        self.assertEqual(self.sms(self.orders), {'Kim': 'outgoing', 'Karl': 'outgoing'})

    def test_agents_hear_of_business(self):
        self.bert.write({'phone': '+48 600 100 202', 'email': 'bert@agents.example.com'})
        agents = self.anna + self.bert
        self.assertEqual(self.sms(agents), {'Anna': 'outgoing', 'Bert': 'outgoing'})
        self.declare(self.bert, 'no')
        self.assertEqual(self.sms(agents), {'Anna': 'outgoing', 'Bert': 'sms_optout'})
        self.anna.mlm_agent_state = 'terminated'
        self.assertEqual(self.sms(agents), {'Anna': 'sms_optout', 'Bert': 'sms_optout'}, 'who has left is no agent any more')

    def test_templates(self):
        """Who sells chooses a text; its fields are filled in for each recipient."""
        self.env.company.mlm_consent_only = False
        lead = self.env['crm.lead'].create(
            {'name': 'Accident', 'type': 'lead', 'partner_id': self.kim.id, 'mlm_agent_id': self.bert.id})
        for records, name, text in (
            (self.orders, 'reminder', self.orders[0].access_token or '/my/orders/'),
            (lead + lead.copy(), 'inquiry', 'Bert will call you'),
            (self.kim + self.karl, 'news', self.kim._mlm_get_consent_url()),
        ):
            context = {'default_res_model': records._name, 'default_res_ids': repr(records.ids)}
            composer = self.env['sms.composer'].with_user(self.clerk).with_context(default_composition_mode='mass', **context)
            composer = Form(composer)
            composer.template_id = self.env.ref(f'mlm_offers.sms_template_{name}')
            composer.save()._action_send_sms()
            sent = self.env['sms.sms'].search([('partner_id', '=', self.kim.id)])
            self.assertIn(text, sent[-1].body)
            self.assertNotIn('{{', ' '.join(sent.mapped('body')))
            sent.unlink()

    def test_the_chatter_tells_what_was_sent(self):
        self.declare(self.kim)
        for force in (False, True):
            with patch.object(type(self.env['sms.sms']), '_send', lambda sms, **kwargs: sms.write({'state': 'pending'})):
                self.sms(self.orders, mass_keep_log=True, mass_force_send=force)
            to_kim, to_karl = (
                order.message_ids.filtered(lambda message: message.message_type == 'sms') for order in self.orders)
            self.assertEqual(to_kim.notification_ids.res_partner_id, self.kim)
            self.assertEqual(to_kim[0].notification_ids.notification_status, 'ready')
            self.assertEqual(len(to_kim[0].notification_ids.sms_tracker_ids), 1)
            self.assertFalse(to_karl, 'who was left out got nothing')

    def test_one_person_who_objected(self):
        """Who writes to one person is told of the objection, and decides."""
        def composer(record):
            values = {'composition_mode': 'comment', 'res_model': record._name, 'res_id': record.id, 'body': 'Hello'}
            return self.env['sms.composer'].with_user(self.clerk).create(values)

        lead = self.env['crm.lead'].create({'name': 'Accident', 'type': 'lead', 'partner_id': self.kim.id})
        for record in (self.kim, self.orders[0], lead):
            self.assertFalse(composer(record).mlm_objection)
        self.declare(self.kim, 'no')
        for record in (self.kim, self.orders[0], lead):
            self.assertIn('Kim objected to offers by SMS', composer(record).mlm_objection)
        self.assertFalse(composer(self.karl).mlm_objection)

    def test_the_latest_declaration_holds(self):
        self.declare(self.kim, 'yes', date='2026-01-01')
        self.declare(self.kim, 'no', date='2026-03-01')
        self.declare(self.kim, 'yes', date='2026-02-01')
        self.assertEqual(self.sms(self.orders)['Kim'], 'sms_optout')
        self.declare(self.kim, 'yes', date='2026-04-01')
        self.assertEqual(self.sms(self.orders)['Kim'], 'outgoing')

    def test_a_company_has_its_own_consents(self):
        other = self.env['res.company'].create({'name': 'Other'})
        self.declare(self.kim, company_id=other.id)
        self.assertEqual(self.sms(self.orders)['Kim'], 'sms_optout')

    def test_blacklists_come_first(self):
        self.declare(self.kim)
        self.env['phone.blacklist']._add(['+48600100200'])
        self.assertEqual(self.sms(self.orders)['Kim'], 'sms_blacklist')
        composer = self.env['sms.composer'].create(
            {'composition_mode': 'comment', 'res_model': 'sale.order', 'res_id': self.orders[0].id, 'body': 'Hello'}
        )
        with self.refused('on the blacklist', UserError):
            composer._action_send_sms()

    def test_leads(self):
        lead, other = self.env['crm.lead'].create(
            [
                {'name': 'A', 'type': 'lead', 'phone': '+48600100301', 'email_from': 'a@example.com', 'user_id': self.clerk.id},
                {'name': 'B', 'type': 'lead', 'phone': '+48600100302', 'email_from': 'b@example.com', 'user_id': self.clerk.id},
            ]
        )
        said = [
            {'channel': 'sms', 'accepted': 'yes', 'date': fields.Datetime.now(), 'wording': 'I agree', 'source': 'Form 1'},
        ]

        def consents(leads):
            return {record: said if record == lead else [] for record in leads}

        with patch.object(type(lead), '_mlm_get_consents', consents):
            self.assertEqual(self.sms(lead + other), {'+48600100301': 'outgoing', '+48600100302': 'sms_optout'})
            for _time in range(2):
                self.template._mlm_create_offer(self.kim, lead=lead)
            self.assertEqual(self.kim.mlm_channel_consent_ids.mapped('wording'), ['I agree'], 'taken over once')
            lead.partner_id = self.kim
            self.declare(self.kim, 'no')
            self.assertEqual(self.sms(lead + other)['Kim'], 'sms_optout', 'the customer said no later')

    def test_reminders_and_agents_respect_an_objection(self):
        mail = self.env.ref('mlm_offers.mail_template_reminder')
        self.template.mlm_step_ids = [(0, 0, {'delay_days': 3, 'channel': 'email', 'mail_template_id': mail.id})]
        self.declare(self.kim, 'no', 'email')
        order = self.orders[0]
        self.age(order, 3)
        self.run_cron('cron_follow_up')
        self.assertEqual(order.mlm_reminder_ids.mapped('outcome'), ['skipped'])
        self.assertIn('objected', order.mlm_reminder_ids.note)
        self.new_user('off_anna', 'base.group_portal', partner_id=self.anna.id, name='Anna')
        self.authenticate('off_anna', 'off_anna')
        page = self.url_open(f'/my/offers/{order.id}').text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        page = self.url_open(
            f'/my/offers/{order.id}/message', data={'csrf_token': token, 'channel': 'email', 'text': 'Hi'}
        ).text
        self.assertIn('objected', page)

    def test_the_page_of_consents(self):
        url = self.kim._mlm_get_consent_url().replace(self.kim.get_base_url(), '')
        page = self.url_open(url)
        self.assertEqual(page.headers['Referrer-Policy'], 'no-referrer')
        self.assertNotIn('checked', page.text)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        self.assertFalse(self.kim.mlm_channel_consent_ids, 'opening the link declares nothing')
        page = self.url_open(url, data={'csrf_token': token, 'sms': '1'})
        self.assertIn('checked', page.text)
        declared = {row.channel: row.accepted for row in self.kim.mlm_channel_consent_ids}
        self.assertEqual(declared, {'email': 'no', 'sms': 'yes', 'phone': 'no'})
        self.assertIn('by SMS', self.kim.mlm_channel_consent_ids.filtered(lambda row: row.channel == 'sms').wording)
        self.url_open(url, data={'csrf_token': token, 'sms': '1'})
        self.assertEqual(len(self.kim.mlm_channel_consent_ids), 3, 'what stays as it is needs no new declaration')
        self.url_open(url, data={'csrf_token': token})
        self.assertEqual(self.sms(self.orders)['Kim'], 'sms_optout')
        for wrong in (url[:-1], url.replace(f'/{self.kim.id}/', f'/{self.karl.id}/')):
            self.assertEqual(self.url_open(wrong).status_code, 404)

    def test_a_declaration_stays(self):
        row = self.declare(self.kim)
        with self.refused('stays as it was made', UserError):
            row.accepted = 'no'
        row = row.with_user(self.clerk)
        with self.assertRaises(AccessError):
            row.unlink()
        row.create({'partner_id': self.kim.id, 'channel': 'sms', 'accepted': 'no', 'wording': 'x', 'source': 'Call'})
        plain = self.new_user('off_plain', 'base.group_user')
        portal = self.new_user('off_kim', 'base.group_portal', partner_id=self.kim.id)
        for user in (plain, portal):
            with self.assertRaises(AccessError):
                row.with_user(user).search([])
        other = self.env['res.company'].create({'name': 'Other'})
        stranger = self.new_user(
            'off_stranger',
            'base.group_user,sales_team.group_sale_manager',
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertFalse(row.with_user(stranger).search([('partner_id', '=', self.kim.id)]))

    def test_the_actions_of_lists(self):
        """Leads, customers, agents and offers have Odoo's composers in their lists."""
        for model in ('sale.order', 'crm.lead', 'res.partner'):
            bound = self.env['ir.actions.act_window'].search(
                [('binding_model_id.model', '=', model), ('res_model', 'in', ('sms.composer', 'mail.compose.message'))]
            ).filtered(lambda action: 'list' in action.binding_view_types.split(','))
            wanted = {'sms.composer'} if model == 'sale.order' else {'sms.composer', 'mail.compose.message'}
            self.assertEqual(set(bound.mapped('res_model')), wanted, model)
        orders = self.make_offer() + self.make_offer(self.karl)
        action = self.env.ref('sale.model_sale_order_send_mail').with_user(self.clerk).with_context(
            active_model='sale.order', active_ids=orders.ids)
        values = action.run()
        self.assertEqual(
            (values['res_model'], values['context']['default_composition_mode'], values['context']['default_res_ids']),
            ('mail.compose.message', 'mass_mail', orders.ids),
        )
        context = self.env['ir.actions.act_window']._for_xml_id('mlm_offers.sms_composer_action')['context']
        values = safe_eval(context, {'active_ids': [7, 8]})  # a button above a list knows no active_id
        self.assertEqual((values['default_res_ids'], values['default_use_exclusion_list']), ([7, 8], True))
        context = self.env['ir.actions.act_window']._for_xml_id('mlm_offers.sms_composer_action_single')['context']
        composer = Form(
            self.env['sms.composer'].with_user(self.clerk).with_context(**safe_eval(context, {'active_id': orders[0].id})))
        self.assertEqual((composer.recipient_single_number_itf, composer.mlm_objection), ('+48600100200', False))
        composer.body = 'Hello'
        composer.save().action_send_sms()
        sent = orders[0].message_ids.filtered(lambda message: message.message_type == 'sms')
        self.assertEqual(sent.notification_ids.res_partner_id, self.kim)
