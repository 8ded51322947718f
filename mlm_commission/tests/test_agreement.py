# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import base64
from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestAgreement(CommissionCommon):

    def test_no_two_at_once(self):
        with self.assertRaisesRegex(ValidationError, 'Dan already has agreement'), self.env.cr.savepoint():
            self._agree(self.dan, 7, date_from='2024-06-01')
        self.agreements[self.dan].date_to = '2024-05-31'
        self._agree(self.dan, 7, date_from='2024-06-01')
        self._agree(self.dan, 8, date_from='2024-03-01', state='draft')
        self._agree(self.dan, 8, self._plan('Other', 'differential', {}))

    @mute_logger('odoo.sql_db')
    def test_no_two_at_once_says_the_database_too(self):
        other = self._agree(self.dan, 8, state='draft')
        self.env.flush_all()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env.cr.execute(SQL("UPDATE mlm_agreement SET state = 'active' WHERE id = %s", other.id))
            self.agreements[self.cleo].date_to = '2024-12-31'
            self.env.flush_all()

    def test_only_for_agents(self):
        with self.assertRaisesRegex(ValidationError, 'is not an agent'):
            self._agree(self.partner_a, 5)

    @mute_logger('odoo.sql_db')
    def test_rates_and_dates(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.agreements[self.dan].rate = 101
            self.env.flush_all()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.agreements[self.dan].date_to = '2023-12-31'
            self.env.flush_all()

    def test_terms_that_were_paid_by_stay(self):
        self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        agreement = self.agreements[self.dan]
        agreement.rate = 6
        agreement.rate = 5
        march.action_calculate()
        march.action_close()
        agreement.write({'rate': 5, 'note': 'the same rate is no change'})
        for change in ({'rate': 6}, {'date_from': '2024-02-01'}, {'agent_id': self.cleo.id}, {'rate_ids': []}):
            with self.assertRaisesRegex(UserError, 'basis of the closed period 2024-03'):
                agreement.write(change)
        with self.assertRaisesRegex(UserError, 'basis of the closed period'):
            agreement.action_cancel()
        agreement.date_to = '2024-04-30'
        renewed = self.env['mlm.agreement'].browse(agreement.action_renew()['res_id'])
        self.assertEqual((str(renewed.date_from), renewed.state, renewed.rate), ('2024-05-01', 'draft', 5))
        renewed.rate = 9
        renewed.action_activate()

    def test_active_agreement_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, 'is active'):
            self.agreements[self.dan].unlink()
        draft = self._agree(self.dan, 8, state='draft')
        draft.unlink()

    def test_numbered(self):
        names = [agreement.name for agreement in self.agreements.values()]
        self.assertEqual(len(set(names)), 4)
        self.assertNotIn('/', names)

    def _sign(self, agent, **terms):
        return agent._mlm_on_agreement_signed({
            'contract': 'C/1', 'company': self.company, 'plan': self.plan, 'rate': None, 'date_from': date(2024, 7, 1),
            'date_to': None, 'self_billing': True, 'signed_on': date(2024, 6, 20), 'document': b'%PDF-1',
            'document_name': 'c.pdf', **terms})

    def test_signed_terms_follow_the_agreement_that_holds(self):
        old = self.agreements[self.dan]
        new = self._sign(self.dan, rate=7.5, date_to=date(2025, 6, 30))
        self.assertEqual(old.date_to, date(2024, 6, 30))
        self.assertEqual((new.state, new.agent_id, new.plan_id, new.rate), ('active', self.dan, self.plan, 7.5))
        self.assertEqual((new.date_from, new.date_to), (date(2024, 7, 1), date(2025, 6, 30)))
        self.assertEqual((new.self_billing, new.self_billing_date), (True, date(2024, 6, 20)))
        self.assertEqual((base64.b64decode(new.document), new.document_name), (b'%PDF-1', 'c.pdf'))
        self.assertIn('C/1', new.message_ids[0].body)
        self.dan._mlm_on_agreement_withdrawn(new)
        self.assertEqual(new.state, 'cancelled')

    def test_signed_terms_without_a_rate_keep_it(self):
        self.assertEqual(self._sign(self.dan, self_billing=False).rate, 5)

    def test_signed_terms_activate_the_draft_that_waits(self):
        self.agreements[self.dan].date_to = '2024-06-30'
        draft = self._agree(self.dan, 9, date_from='2024-03-01', state='draft')
        self.assertEqual(self._sign(self.dan, plan=None), draft)
        self.assertEqual((draft.state, draft.rate, draft.date_from), ('active', 9, date(2024, 7, 1)))
        self.assertIsNone(self._sign(self.cleo, plan=None), 'nothing says which plan')

    def test_signed_terms_of_somebody_new(self):
        new = self._agent('Eve', self.dan)
        agreement = self._sign(new, rate=3)
        self.assertEqual((agreement.agent_id, agreement.rate, agreement.state), (new, 3, 'active'))

    def test_signed_terms_that_overlap(self):
        with self.assertRaisesRegex(ValidationError, 'already has agreement'), self.env.cr.savepoint():
            self._sign(self.dan, date_from=self.agreements[self.dan].date_from)
