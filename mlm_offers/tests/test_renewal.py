# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import date, datetime

from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import OffersCommon


@tagged('post_install', '-at_install')
class TestRenewal(OffersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template.write({'mlm_term_months': 12, 'mlm_renew_days': 30})

    def sell(self, day='2026-01-15', options=2, **values):
        """An offer that is sold on a day, with some of the option."""
        with freeze_time(f'{day} 10:00:00'):
            order = self.make_offer(**values)
            order.order_line[-1].product_uom_qty = options
            order.action_confirm()
        return order

    def test_the_term(self):
        order = self.sell()
        self.assertEqual(order.mlm_ends_on, date(2027, 1, 14))
        self.assertEqual(order.mlm_renew_on, date(2026, 12, 15))
        order.mlm_ends_on = '2027-02-28'
        self.assertEqual(order.mlm_renew_on, date(2027, 1, 29), 'the day can be set by hand')
        order.mlm_renew = False
        self.assertFalse(order.mlm_renew_on)
        self.template.mlm_term_months = 0
        self.assertFalse(self.sell().mlm_ends_on)

    def test_offered_again_once(self):
        order = self.sell(discount=10)
        with freeze_time('2026-12-14'):
            self.run_cron('cron_renew')
        self.assertFalse(order.mlm_renewal_ids)
        self.product.list_price = 110
        self.env['mail.mail'].search([]).unlink()
        for _time in range(2):
            with freeze_time('2026-12-15'):
                self.run_cron('cron_renew')
        renewal = order.mlm_renewal_ids
        self.assertEqual(len(renewal), 1)
        self.assertEqual((renewal.state, renewal.partner_id, renewal.mlm_agent_id), ('draft', self.kim, self.anna))
        self.assertEqual(renewal.amount_total, 110 + 2 * 40, 'what was chosen, at the prices of today')
        self.assertEqual(renewal.activity_ids.user_id, self.clerk)
        self.assertIn('not sent yet', self.mails_to('anna@agents.example.com').body_html)
        renewal._action_cancel()
        with freeze_time('2026-12-20'):
            self.run_cron('cron_renew')
        self.assertEqual(len(order.mlm_renewal_ids), 1, 'a renewal that was lost does not come back by itself')
        again = self.env['sale.order'].browse(order.action_mlm_renew()['res_id'])
        self.assertEqual(again.mlm_renewal_of_id, order)
        with self.refused('mlm_renewal_uniq', UniqueViolation), mute_logger('odoo.sql_db'):
            order._mlm_make_renewal()

    def test_sent_by_itself(self):
        other = self.make_template('Renewal', mlm_renew_send=True)
        self.template.mlm_renew_template_id = other
        order = self.sell()
        with freeze_time('2026-12-15'):
            self.run_cron('cron_renew')
        renewal = order.mlm_renewal_ids
        self.assertEqual((renewal.state, renewal.sale_order_template_id), ('sent', other))

    def test_not_sent_to_who_objects(self):
        self.template.mlm_renew_send = True
        order = self.sell()
        self.env['mlm.consent'].create(
            {'partner_id': self.kim.id, 'channel': 'email', 'accepted': 'no', 'wording': 'No', 'source': 'Letter'}
        )
        with freeze_time('2026-12-15'):
            self.run_cron('cron_renew')
        self.assertEqual(order.mlm_renewal_ids.state, 'draft')

    def test_an_agent_who_left_gets_no_renewal(self):
        order = self.sell()
        self.anna.mlm_agent_state = 'terminated'
        with freeze_time('2026-12-15'):
            self.run_cron('cron_renew')
        self.assertNotEqual(order.mlm_renewal_ids.mlm_agent_id, self.anna)

    def test_what_cannot_be_renewed(self):
        order = self.sell()
        self.template.active = False
        for _time in range(2):
            with freeze_time('2026-12-15'):
                self.run_cron('cron_renew')
        self.assertFalse(order.mlm_renewal_ids)
        told = order.activity_ids.filtered(lambda activity: 'could not be made' in activity.summary)
        self.assertEqual(len(told), 1, 'a person is told once')
        self.assertIn('is archived', told.note)
        with self.refused('no network offer that was sold', UserError):
            self.make_offer()._mlm_make_renewal()

    def test_withdrawn_is_not_renewed(self):
        self.template.mlm_contract_template_id = self.make_contract_template()
        order = self.make_offer()
        contract = order._mlm_get_or_make_contract()
        self.sign_all(contract)
        self.assertTrue(order.mlm_renew_on)
        contract._withdraw('No')
        self.assertFalse(order.mlm_renew_on)


@tagged('post_install', '-at_install')
class TestLinksEnd(OffersCommon):
    def test_links_of_ended_offers(self):
        order = self.make_offer()
        order.validity_date = '2026-01-31'
        with freeze_time('2026-05-01'):  # 90 days later
            self.assertFalse(order._mlm_is_link_over())
        with freeze_time('2026-05-02'):
            self.assertTrue(order._mlm_is_link_over())
            self.env.company.mlm_link_days = 0
            self.assertFalse(order._mlm_is_link_over())
        self.env.company.mlm_link_days = 90
        order.validity_date = False
        self.assertFalse(order._mlm_is_link_over(), 'without an end there is nothing to count from')
        order.action_confirm()
        order.write({'date_order': datetime(2026, 1, 31), 'mlm_ends_on': '2027-01-30'})
        with freeze_time('2027-04-30'):
            self.assertFalse(order._mlm_is_link_over(), 'as long as the term and 90 days')
        with freeze_time('2027-05-01'):
            self.assertTrue(order._mlm_is_link_over())
        plain = self.env['sale.order'].create({'partner_id': self.kim.id, 'validity_date': '2020-01-01'})
        self.assertFalse(plain._mlm_is_link_over(), 'other quotations are Odoo\'s matter')
