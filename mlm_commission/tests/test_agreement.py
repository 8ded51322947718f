# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
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
