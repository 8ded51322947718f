# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestAdjustment(CommissionCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = {'company_id': cls.company.id, 'company_ids': [Command.set(cls.company.ids)]}
        cls.officer = new_test_user(cls.env, 'o', groups='mlm_network.group_officer', **companies)
        cls.manager = new_test_user(cls.env, 'm', groups='mlm_network.group_manager', **companies)
        cls.bonus = cls.env.ref('mlm_commission.adjustment_type_bonus')
        cls.correction = cls.env.ref('mlm_commission.adjustment_type_correction')
        cls.company.mlm_adjustment_limit = 100

    def _adjust(self, amount, agent=None, kind=None, user=None, **values):
        return self.env['mlm.adjustment'].with_user(user or self.officer).create({
            'agent_id': (agent or self.dan).id, 'type_id': (kind or self.correction).id, 'amount': amount,
            'date': '2024-03-15', 'reason': 'Agreed by phone', 'company_id': self.company.id, **values})

    def _close(self, month):
        period = self._period(month)
        period.action_calculate()
        period.action_close()
        return {statement.agent_id: statement for statement in period.statement_ids}

    def test_into_the_next_statement_once(self):
        """50 earned, 30 added: 80 in March, and nothing of it in April."""
        adjustment = self._adjust(30)
        adjustment.action_confirm()
        self._invoice(self.dan, 1000)
        march = self._close(3)[self.dan]
        self.assertRecordValues(march, [{'earned': 50, 'adjusted': 30, 'payable': 80}])
        line = march.line_ids.filtered('adjustment_id')
        self.assertEqual((line.kind, line.amount, line.display_name), ('adjustment', 30, 'Correction: Agreed by phone'))
        self.assertEqual((adjustment.state, adjustment.statement_id), ('settled', march))
        self.assertNotIn(self.dan, self._close(4))

    def test_without_a_sale_and_against_the_agent(self):
        self._adjust(-20).action_confirm()
        self.assertRecordValues(self._close(3)[self.dan], [{'adjusted': -20, 'payable': 0, 'closing': -20}])

    def test_counts_from_its_day(self):
        self._adjust(20, date='2024-04-01').action_confirm()
        self.assertNotIn(self.dan, self._close(3))
        self.assertEqual(self._close(4)[self.dan].payable, 20)

    def test_what_is_not_confirmed_is_not_taken(self):
        self._adjust(20)
        self._adjust(500).action_confirm()
        cancelled = self._adjust(20)
        cancelled.action_confirm()
        cancelled.action_cancel()
        self.assertNotIn(self.dan, self._close(3))

    def test_second_pair_of_eyes_above_the_limit(self):
        adjustment = self._adjust(100.01, user=self.manager)
        adjustment.action_confirm()
        self.assertEqual(adjustment.state, 'to_approve')
        with self.assertRaisesRegex(UserError, 'your own'):
            adjustment.action_approve()
        with self.assertRaises(AccessError):
            adjustment.with_user(self.officer).action_approve()
        other = new_test_user(self.env, 'm2', groups='mlm_network.group_manager', company_id=self.company.id,
                              company_ids=[Command.set(self.company.ids)])
        adjustment.with_user(other).action_approve()
        self.assertEqual((adjustment.state, adjustment.approver_id, adjustment.author_id), ('approved', other, self.manager))

    def test_limit_is_not_passed_in_parts(self):
        """60 and 40 are 100, the cent after that needs a manager."""
        for amount, state in ((60, 'approved'), (-40, 'approved'), (0.01, 'to_approve')):
            adjustment = self._adjust(amount)
            adjustment.action_confirm()
            self.assertEqual(adjustment.state, state)
        adjustment = self._adjust(60, agent=self.ben)
        adjustment.action_confirm()
        self.assertEqual(adjustment.state, 'approved', 'another agent')

    def test_who_changed_it_last_is_the_author(self):
        adjustment = self._adjust(200)
        adjustment.with_user(self.manager).amount = 300
        adjustment.action_confirm()
        with self.assertRaisesRegex(UserError, 'your own'):
            adjustment.with_user(self.manager).action_approve()

    def test_the_status_is_not_typed_in(self):
        adjustment = self._adjust(200)
        for vals in ({'state': 'approved'}, {'approver_id': self.manager.id}, {'author_id': self.manager.id}):
            for user in (self.officer, self.manager):
                with self.assertRaises(AccessError):
                    adjustment.with_user(user).write(vals)
                with self.assertRaises(AccessError):
                    self._adjust(1, user=user, **vals)

    def test_confirmed_stays(self):
        adjustment = self._adjust(20)
        adjustment.action_confirm()
        for name, value in (('amount', 2000), ('agent_id', self.ben.id), ('reason', 'x')):
            with self.assertRaisesRegex(UserError, 'is confirmed'):
                adjustment.write({name: value})
        with self.assertRaisesRegex(UserError, 'is confirmed'):
            adjustment.unlink()
        self._close(3)
        for step in (adjustment.action_draft, adjustment.action_cancel, adjustment.action_confirm):
            with self.assertRaisesRegex(UserError, 'Settled'):
                step()

    def test_what_cannot_be(self):
        with self.assertRaisesRegex(ValidationError, 'in favour'):
            self._adjust(-1, kind=self.bonus)
        with self.assertRaisesRegex(ValidationError, 'not an agent'):
            self._adjust(1, agent=self.customer)
        with mute_logger('odoo.sql_db'), self.assertRaises(CheckViolation):
            self._adjust(0.001)  # rounds to nothing

    def test_database_refuses_a_second_settlement(self):
        adjustment = self._adjust(20)
        adjustment.action_confirm()
        line = self._close(3)[self.dan].line_ids
        # Without what keeps closed statements final.
        self.env.cr.execute('ALTER TABLE mlm_statement_line DISABLE TRIGGER USER')
        with mute_logger('odoo.sql_db'), self.assertRaises(UniqueViolation):
            self.env['mlm.statement.line'].sudo().create({
                'statement_id': line.statement_id.id, 'kind': 'adjustment', 'amount': 20, 'adjustment_id': adjustment.id})

    def test_in_the_agents_language_on_paper_and_on_the_bill(self):
        self.env['res.lang']._activate_lang('de_DE')
        self.correction.with_context(lang='de_DE').name = 'Berichtigung'
        self.dan.lang = 'de_DE'
        product = self.env['product.product'].create({'name': 'Training', 'type': 'service'})
        self.correction.product_id = product
        self._adjust(20).action_confirm()
        self._invoice(self.dan, 1000)
        statement = self._close(3)[self.dan]
        printed = self.env['ir.actions.report']._render_qweb_html(
            'mlm_commission.mlm_statement_report', statement.ids)[0].decode()
        self.assertIn('Berichtigung: Agreed by phone', printed)
        statement.action_bill()
        self.assertIn(product, statement.bill_id.invoice_line_ids.product_id)
        self.assertEqual(statement.bill_id.amount_untaxed, 70)
