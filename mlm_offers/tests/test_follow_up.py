# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import OffersCommon


@tagged('post_install', '-at_install')
class TestFollowUp(OffersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        mail = cls.env.ref('mlm_offers.mail_template_reminder')
        sms = cls.env.ref('mlm_offers.sms_template_reminder')
        cls.template.mlm_step_ids = [
            Command.create({'delay_days': 3, 'channel': 'email', 'mail_template_id': mail.id}),
            Command.create({'delay_days': 7, 'channel': 'sms', 'sms_template_id': sms.id}),
        ]
        cls.first, cls.second = cls.template.mlm_step_ids.sorted('delay_days')
        cls.order = cls.make_offer()

    def outcome(self):
        return [(row.step_id, row.outcome) for row in self.order.mlm_reminder_ids.sorted('id')]

    def test_nothing_is_due_yet(self):
        self.assertEqual(self.order.mlm_next_step_on, fields.Datetime.add(self.order.mlm_sent_on, days=3))
        self.run_cron('cron_follow_up')
        self.assertEqual(self.outcome(), [])

    def test_steps_once_each(self):
        self.age(self.order, 3)
        self.run_cron('cron_follow_up')
        self.run_cron('cron_follow_up')
        self.assertEqual(self.outcome(), [(self.first, 'sent')])
        mails = self.mails_to('kim@customers.example.com')
        self.assertEqual(len(mails), 1)
        self.assertIn(f'/my/orders/{self.order.id}/mlm_stop', mails.body_html)
        self.age(self.order, 7)
        self.run_cron('cron_follow_up')
        self.run_cron('cron_follow_up')
        self.assertEqual(self.outcome(), [(self.first, 'sent'), (self.second, 'sent')])
        sms = self.env['sms.sms'].search([('partner_id', '=', self.kim.id)])
        self.assertEqual(sms.mapped('number'), ['+48600100200'])
        self.assertIn(self.order.name, sms.body)
        self.assertFalse(self.order.mlm_next_step_on)

    def test_late_start_sends_only_the_last(self):
        self.age(self.order, 8)
        self.run_cron('cron_follow_up')
        self.assertEqual(self.outcome(), [(self.first, 'skipped'), (self.second, 'sent')])

    def assert_stopped(self):
        self.assertFalse(self.order.mlm_next_step_on)
        self.run_cron('cron_follow_up')
        self.assertEqual(self.outcome(), [])
        self.assertFalse(self.mails_to('kim@customers.example.com'))

    def test_stopped_by_an_answer(self):
        self.order.message_post(
            body='Later', author_id=self.kim.id, message_type='comment', subtype_xmlid='mail.mt_comment'
        )
        self.age(self.order, 3)
        self.env['mail.mail'].search([]).unlink()
        self.assert_stopped()

    def test_not_stopped_by_others(self):
        self.order.message_post(
            body='Note', author_id=self.anna.id, message_type='comment', subtype_xmlid='mail.mt_comment'
        )
        self.order.message_post(
            body='Seen', author_id=self.kim.id, message_type='notification', subtype_xmlid='mail.mt_note'
        )
        self.assertTrue(self.order.mlm_next_step_on)

    def test_stopped_by_a_signature(self):
        self.order.signature = (
            'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=='
        )
        self.age(self.order, 3)
        self.assert_stopped()

    def test_stopped_by_hand(self):
        self.order.action_mlm_stop_follow_up()
        self.age(self.order, 3)
        self.assert_stopped()

    def test_stopped_by_expiry(self):
        self.age(self.order, 3)
        self.order.validity_date = fields.Date.subtract(fields.Date.today(), days=1)
        self.assert_stopped()

    def test_stopped_by_the_end(self):
        self.age(self.order, 3)
        self.order._action_cancel()
        self.assert_stopped()

    def test_blacklists(self):
        self.env['mail.blacklist']._add('kim@customers.example.com')
        self.age(self.order, 3)
        self.run_cron('cron_follow_up')
        self.assertEqual(self.outcome(), [(self.first, 'skipped')])
        self.assertIn('blacklist', self.order.mlm_reminder_ids.note)
        self.env['phone.blacklist']._add(['+48600100200'])
        self.age(self.order, 7)
        self.run_cron('cron_follow_up')
        self.assertEqual(self.outcome(), [(self.first, 'skipped'), (self.second, 'skipped')])
        self.assertFalse(self.env['sms.sms'].search([('partner_id', '=', self.kim.id)]))
        self.assertFalse(self.mails_to('kim@customers.example.com'))

    def test_no_address(self):
        self.kim.email = False
        self.age(self.order, 3)
        self.run_cron('cron_follow_up')
        self.assertEqual(self.outcome(), [(self.first, 'skipped')])

    def test_other_quotations_are_left_alone(self):
        self.template.write({'mlm_is_offer': False, 'mlm_agent_use': False})
        self.age(self.order, 3)
        self.assert_stopped()
