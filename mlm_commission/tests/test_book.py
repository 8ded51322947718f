# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import csv
import io

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .. import book
from ..wizard import mlm_book_extract
from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestBook(CommissionCommon, HttpCase):
    """March: Dan sells 1,000; 400 of it are credited in April. Cleo sells 200 in April, and nobody settles May."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._invoice(cls.dan, 1000, invoice_origin='S00042')
        cls._close(3)
        cls.credit = cls._credit(cls.sale, 400, post=False)
        cls.credit.write({'ref': 'Customer moved away', 'mlm_cancel_date': '2024-04-02', 'mlm_cancel_measures': 'Visited twice'})
        cls.credit.action_post()
        cls.friend = cls.env['res.partner'].create({'name': 'Friend of Cleo', 'mlm_sponsor_id': cls.cleo.id})
        cls.own = cls._invoice(cls.cleo, 200, day='2024-04-10', partner=cls.friend)
        cls._close(4)
        cls._invoice(cls.cleo, 300, day='2024-05-10', partner=cls.friend)
        companies = {'company_id': cls.company.id, 'company_ids': [(6, 0, cls.company.ids)]}
        for agent, login in ((cls.cleo, 'cleo'), (cls.dan, 'dan')):
            new_test_user(cls.env, login=login, groups='base.group_portal', partner_id=agent.id, name=agent.name, **companies)
        cls.officer = new_test_user(cls.env, 'officer_x', groups='mlm_network.group_officer', **companies)
        new_test_user(cls.env, 'accountant_x', groups='account.group_account_invoice', **companies)

    @classmethod
    def _close(cls, month):
        period = cls._period(month)
        period.action_calculate()
        period.action_close()

    def _extract(self, agent, first='2024-03-01', last='2024-12-31', full=False):
        return list(book.entries(agent, self.company, fields.Date.to_date(first), fields.Date.to_date(last), full))

    def test_every_sale_with_cancellation_and_commission(self):
        """Cleo: 7 % of Dan's 1,000, 28 of it back; 12 % of the own 200; 300 that nobody settled."""
        found = self._extract(self.cleo)
        self.assertEqual(
            [(entry['fact']['source'], entry['fact']['event'], entry['fact']['net'],
              [commission['amount'] for commission in entry['commissions']]) for entry in found],
            [(self.sale.name, 'Invoice posted', 1000, [70]), (self.credit.name, 'Credit note', -400, [-28]),
             (self.own.name, 'Invoice posted', 200, [24]), (found[3]['fact']['source'], 'Invoice posted', 300, [])])
        back = found[1]['fact']
        self.assertEqual(
            (back['corrects'], back['reason'], back['measures'], str(back['cancelled_on']), back['payments']),
            (self.sale.name, 'Customer moved away', 'Visited twice', '2024-04-02', 0))
        self.assertEqual(str(found[0]['fact']['contract_start']), '2024-03-10')
        self.assertIsNone(found[0]['fact']['payments'])
        self.assertEqual(found[0]['fact']['order'], 'S00042')
        [commission] = found[0]['commissions']
        self.assertEqual((commission['level'], commission['rate'], commission['base'], commission['statement'][:7]),
                         (1, 7, 1000, '2024-03'))

    def test_agent_learns_no_more_than_the_agents_own(self):
        found = self._extract(self.cleo)
        self.assertEqual({entry['fact']['customer'] for entry in found}, {'', 'Friend of Cleo'})
        self.assertEqual({commission['name'] for entry in found for commission in entry['commissions']}, {'Cleo'})

    def test_sellers_beyond_the_frontline_are_shortened(self):
        self.dan.name, self.cleo.name = 'Dan Deep', 'Cleo Close'
        for agent, full, sellers in (
            (self.ben, False, {'Dan D.', 'Cleo Close'}), (self.ben, True, {'Dan Deep', 'Cleo Close'}),
            (self.anna, False, {'Dan D.', 'Cleo C.'}), (self.cleo, False, {'Dan Deep', 'Cleo Close'}),
        ):
            with self.subTest(agent=agent.name, full=full):
                self.assertEqual({entry['fact']['seller'] for entry in self._extract(agent, full=full)}, sellers)

    def test_staff_see_every_beneficiary(self):
        found = self._extract(self.cleo, full=True)
        self.assertEqual({entry['fact']['customer'] for entry in found}, {'Customer of Dan', 'Friend of Cleo'})
        self.assertEqual({(commission['name'], commission['amount']) for commission in found[0]['commissions']},
                         {('Dan', 50), ('Cleo', 70), ('Ben', 80), ('Anna', 100)})

    def test_days(self):
        self.assertEqual([entry['fact']['net'] for entry in self._extract(self.dan, last='2024-03-31')], [1000])
        # The cancellation is of April; what it cancels stands with it.
        self.assertEqual([entry['fact']['net'] for entry in self._extract(self.dan, '2024-04-01')], [1000, -400])
        self.assertEqual(self._extract(self.dan, '2025-01-01', '2025-12-31'), [])
        self.assertEqual([entry['fact']['net'] for entry in self._extract(self.anna, '2024-04-06', '2024-04-30')], [200])

    def test_not_what_is_only_a_draft(self):
        may = self._period(5)
        may.action_calculate()
        self.assertEqual(self._extract(self.anna, '2024-05-01', '2024-05-31'), [])
        self.assertEqual(self._extract(self.cleo, '2024-05-01', '2024-05-31')[0]['commissions'], [])

    def test_as_it_was_stored(self):
        """Whatever becomes of rates and places afterwards, the extract of a year ago stays; but of whom the agent may know
        the name today."""
        before, full = self._extract(self.cleo, last='2024-04-30'), self._extract(self.cleo, last='2024-04-30', full=True)
        self.credit.write({'ref': 'Something else', 'mlm_cancel_reason': 'Another reason', 'mlm_cancel_measures': False})
        self.agreements[self.cleo].date_to = '2024-04-30'
        self._agree(self.cleo, 20, date_from='2024-05-01')
        self.dan.with_context(mlm_date='2024-05-01').mlm_sponsor_id = self.anna
        self.assertEqual(self._extract(self.cleo, last='2024-04-30', full=True), full)
        after = self._extract(self.cleo, last='2024-04-30')
        names = [(one['fact'].pop('seller'), other['fact'].pop('seller')) for one, other in zip(before, after, strict=True)]
        self.assertEqual(names, [('Dan', 'D.'), ('Dan', 'D.'), ('Cleo', 'Cleo')])
        self.assertEqual(after, before)

    def test_piece_by_piece(self):
        """However many sales are read at once, the extract is the same; nothing is left out."""
        before = self._extract(self.cleo, full=True)
        original, book.CHUNK = book.CHUNK, 1
        self.addCleanup(setattr, book, 'CHUNK', original)
        self.assertEqual(self._extract(self.cleo, full=True), before)
        self.assertEqual(len(list(book.rows(before))), 4 + 4 + 3 + 1)

    def test_columns(self):
        """Each column has its title: the number of both, and a few of them by name."""
        header = book.header(self.env)
        rows = [dict(zip(header, row, strict=True)) for row in book.rows(self._extract(self.cleo))]
        self.assertEqual((rows[1]['Document'], rows[1]['Reason'], rows[1]['Done to Keep It'], rows[1]['Net Amount'],
                          rows[1]['Amount'], rows[1]['Rate (%)']),
                         (self.credit.name, 'Customer moved away', 'Visited twice', -400, -28, 7))
        self.assertEqual((rows[0]['Product'], rows[0]['Quantity'], rows[0]['Statement'][:7], rows[0]['Beneficiary']),
                         (self.product_a.display_name, 1, '2024-03', 'Cleo'))

    # === STAFF === #

    def test_wizard(self):
        form = Form(self.env['mlm.book.extract'].with_user(self.officer))
        form.agent_id = self.cleo
        form.date_from, form.date_to = '2024-03-01', '2024-04-30'
        extract = form.save()
        self.authenticate('officer_x', 'officer_x')
        answer = self.url_open(extract.action_csv()['url'])
        rows = list(csv.DictReader(io.StringIO(answer.content.decode('utf-8-sig'))))
        self.assertEqual([row['Amount'] for row in rows], ['70.0', '-28.0', '24.0'])
        self.assertIn('spreadsheetml', self.url_open(extract.action_xlsx()['url']).headers['Content-Type'])
        self.authenticate('accountant_x', 'accountant_x')
        with mute_logger('odoo.http'):
            self.assertEqual(self.url_open(extract.action_csv()['url']).status_code, 403)
        page = self.env['ir.actions.report'].with_user(self.officer)._render_qweb_html(
            'mlm_commission.mlm_book_extract_report', extract.ids)[0].decode().replace('\ufeff', '').replace('\u2011', '-')
        for text in (self.sale.name, 'Customer moved away', 'S00042', '-28.00', 'Friend of Cleo', '12.00</span> %'):
            self.assertIn(text, page)
        self.assertNotIn('Customer of Dan', page)
        with self.assertRaises(ValidationError):
            extract.date_from = '2025-01-01'
        original, mlm_book_extract.PRINTED = mlm_book_extract.PRINTED, 2
        self.addCleanup(setattr, mlm_book_extract, 'PRINTED', original)
        with self.assertRaisesRegex(UserError, '3 rows, and 2'):
            extract.action_print()

    # === PORTAL === #

    def test_agent_helps_itself(self):
        self.authenticate('cleo', 'cleo')
        self.assertIn('/my/book', self.url_open('/my/statements').text)
        self.assertIn('mlm_book_from', self.url_open('/my/book').text)
        days = 'date_from=2024-03-01&date_to=2024-04-30'
        rows = list(csv.DictReader(io.StringIO(self.url_open(f'/my/book?{days}&kind=csv').content.decode('utf-8-sig'))))
        self.assertEqual([row['Amount'] for row in rows], ['70.0', '-28.0', '24.0'])
        self.assertEqual({row['Customer'] for row in rows}, {'', 'Friend of Cleo'})
        # Nothing in the address makes it somebody else's, or more of it.
        other = self.url_open(f'/my/book?{days}&kind=csv&agent_id={self.anna.id}&agent={self.anna.id}&full=1').text
        self.assertNotIn('Anna', other)
        self.assertNotIn('Customer of Dan', other)
        self.assertIn('cannot end before', self.url_open('/my/book?date_from=2024-05-01&date_to=2024-04-01&kind=csv').text)
        self.assertIn('mlm_book_from', self.url_open('/my/book?date_from=nonsense').text)
        original, mlm_book_extract.PRINTED = mlm_book_extract.PRINTED, 2
        self.addCleanup(setattr, mlm_book_extract, 'PRINTED', original)
        self.assertIn('3 rows, and 2 can be printed', self.url_open(f'/my/book?{days}&kind=pdf').text)

    def test_company_that_does_not_offer_it(self):
        self.company.mlm_book_in_portal = False
        self.authenticate('cleo', 'cleo')
        self.assertNotIn('/my/book', self.url_open('/my/statements').text)
        self.assertURLEqual(self.url_open('/my/book?kind=csv').url, '/my')
        with self.assertRaises(AccessError):
            self.env['mlm.book.extract'].with_user(self.env['res.users'].search([('login', '=', 'cleo')])).create(
                {'agent_id': self.cleo.id})

    # === DUE DATE === #

    def test_reminded_before_statements_are_due(self):
        may = self._period(5)
        self.assertEqual(may.statements_due, fields.Date.to_date('2024-06-30'))
        self.company.mlm_responsible_id = self.officer
        kind = self.env.ref('mlm_commission.mail_activity_statements_due')

        def remind(day):
            with freeze_time(day):
                self.env['mlm.period'].sudo()._cron_remind_due()
            return may.activity_ids.filtered(lambda activity: activity.activity_type_id == kind)

        self.assertFalse(remind('2024-06-19'))
        activity = remind('2024-06-20')
        self.assertEqual((activity.user_id, activity.date_deadline), (self.officer, may.statements_due))
        self.assertEqual(remind('2024-06-25'), activity, 'once')
        may.action_calculate()
        may.action_close()
        self.assertFalse(may.activity_ids)
