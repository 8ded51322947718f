# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import io
import re

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import SQL
from odoo.tools.pdf import PdfReader

from .common import NetworkCommon


class PerformanceCommon(NetworkCommon):
    """Bert's 2024. January: three leads; two offers sent, one of them ordered in February for 100, the other declined.
    February: that order, and one of 250 that was never sent before. March: one offer sent, not answered.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.partner_id.tz = 'Europe/Berlin'
        cls.ken = cls.customer('Ken', cls.bert)
        for number in range(3):
            cls.lead(cls.bert, '2024-01-%02d 10:00:00' % (number + 5))
        won, lost = cls.offer(100, '2024-01-10'), cls.offer(70, '2024-01-11')
        with freeze_time('2024-02-03'):
            won.action_confirm()
            cls.env.flush_all()
        lost._action_cancel()
        direct = cls.order(250)
        with freeze_time('2024-02-20'):
            direct.action_confirm()
            cls.env.flush_all()
        cls.offer(999, '2024-03-02')
        cls.order(500)  # a draft is no offer
        cls.env.flush_all()

    @classmethod
    def lead(cls, agent, moment, **values):
        lead = cls.env['crm.lead'].create({'name': 'Inquiry', 'mlm_agent_id': agent.id, **values})
        cls.env.flush_all()
        cls.env.cr.execute(SQL('UPDATE crm_lead SET create_date = %s WHERE id = %s', moment, lead.id))
        return lead

    @classmethod
    def order(cls, amount, **values):
        product = cls.env['product.product'].create({'name': 'Thing', 'taxes_id': False, 'invoice_policy': 'order'})
        return cls.env['sale.order'].create({'partner_id': cls.ken.id, 'order_line': [Command.create({
            'product_id': product.id, 'price_unit': amount, 'tax_ids': False})], **values})

    @classmethod
    def offer(cls, amount, day, **values):
        order = cls.order(amount, **values)
        with freeze_time(day):
            order.action_quotation_sent()
            cls.env.flush_all()
        return order

    def figures(self, agent, year=2024):
        with freeze_time('2024-06-15'):
            performance = agent._mlm_performance(year)
        return {row['date'].month: [row[name] for name in ('leads', 'offers', 'won', 'orders', 'turnover', 'conversion')]
                for row in performance['rows'] if any(row[name] for name in ('leads', 'offers', 'orders'))}


@tagged('post_install', '-at_install')
class TestPerformance(PerformanceCommon):

    def test_a_year(self):
        self.assertEqual(self.figures(self.bert), {
            1: [3, 2, 1, 0, 0, .5], 2: [0, 1, 1, 2, 350, 1], 3: [0, 1, 0, 0, 0, 0]})
        with freeze_time('2024-06-15'):
            performance = self.bert._mlm_performance()
        self.assertEqual((performance['year'], performance['years'], len(performance['rows'])), (2024, [2024], 6))
        self.assertEqual({name: performance['total'][name] for name in ('leads', 'offers', 'orders', 'turnover', 'conversion')}, {
            'leads': 3, 'offers': 4, 'orders': 2, 'turnover': 350, 'conversion': .5})
        self.assertEqual(self.figures(self.anna), {})

    def test_months_are_those_of_the_company(self):
        """23:30 in London on the last day of January is February in Berlin."""
        self.lead(self.bert, '2024-01-31 23:30:00', company_id=self.env.company.id)
        self.assertEqual(self.figures(self.bert)[2][0], 1)
        self.env.company.partner_id.tz = 'Europe/London'
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.figures(self.bert)[1][0], 4)

    def test_lost_leads_count(self):
        self.lead(self.bert, '2024-01-20 10:00:00', active=False)
        self.assertEqual(self.figures(self.bert)[1][0], 4)

    def test_an_order_in_another_currency(self):
        """An order of 100 at 2 units for one of the company's is a turnover of 50."""
        order = self.order(100)
        order.action_confirm()
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "UPDATE sale_order SET date_order = '2024-04-02', currency_rate = 2 WHERE id = %s", order.id))
        self.env.invalidate_all()
        self.assertEqual(self.figures(self.bert)[4][3:5], [1, 50])

    def test_sent_on_stays(self):
        order = self.offer(10, '2024-05-02')
        order._action_cancel()
        order.action_draft()
        with freeze_time('2024-06-02'):
            order.action_quotation_sent()
            self.env.flush_all()
        self.assertEqual(str(order.mlm_sent_on), '2024-05-02 00:00:00')
        self.assertFalse(order.copy().mlm_sent_on)

    def test_a_share_of_many_is_not_the_mean_of_shares(self):
        """January 1 of 2, February 1 of 1, March 0 of 1: 2 of 4, not (1/2 + 1 + 0) / 3."""
        [[conversion, offers]] = self.env['mlm.performance']._read_group(
            [('agent_id', '=', self.bert.id)], [], ['conversion:avg', 'offers:sum'])
        self.assertEqual((conversion, offers), (.5, 4))

    def test_one_agent_is_asked_of_leads_and_orders(self):
        """The condition reaches the three scans, so that their index on the agent can serve it."""
        query = self.env['mlm.performance'].sudo()._search([('agent_id', '=', self.bert.id)])
        self.env.cr.execute(SQL('EXPLAIN %s', query.select()))
        plan = '\n'.join(row for row, in self.env.cr.fetchall())
        self.assertEqual(plan.count('mlm_agent_id = %d' % self.bert.id), 3, plan)

    def test_other_companies(self):
        other = self.env['res.company'].create({'name': 'Other'})
        officer = new_test_user(self.env, 'mlm_perf_officer', 'mlm_network.group_officer')
        self.lead(self.bert, '2024-05-05 10:00:00', company_id=other.id)
        mine = self.env['mlm.performance'].with_user(officer)
        self.assertEqual(mine.search([('agent_id', '=', self.bert.id), ('date', '=', '2024-05-01')]), mine)
        self.assertEqual(len(mine.search([('agent_id', '=', self.bert.id)])), 3)
        self.assertNotIn(5, self.figures(self.bert))

    def test_reports_of_staff(self):
        salesman = new_test_user(self.env, 'mlm_perf_sales', 'sales_team.group_sale_salesman')
        with self.assertRaises(AccessError):
            self.env['mlm.performance'].with_user(salesman).search([])
        officer = new_test_user(self.env, 'mlm_perf_officer2', 'mlm_network.group_officer')
        action = self.bert.with_user(officer).action_mlm_performance()
        self.assertEqual(len(self.env['mlm.performance'].with_user(officer).search(action['domain'])), 3)
        printed = self.env['ir.actions.report'].with_user(officer)._render_qweb_html(
            'mlm_network.mlm_performance_report', self.bert.ids, data={'year': 2024})[0].decode()
        self.assertIn('Bert', printed)
        self.assertIn('350.00', printed)


@tagged('post_install', '-at_install')
class TestPortalPerformance(PerformanceCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for login, partner in (('bert', cls.bert), ('anna', cls.anna), ('stranger', cls.customer('Stranger'))):
            new_test_user(cls.env, 'mlm_perf_' + login, 'base.group_portal', partner_id=partner.id, name=partner.name)

    def page(self, login, url):
        self.authenticate('mlm_perf_' + login, 'mlm_perf_' + login)
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        return re.sub(r'\s+', ' ', re.sub(r'<(script|style).*?</\1>|<[^>]*>', ' ', response.text, flags=re.DOTALL))

    def test_own_figures(self):
        page = self.page('bert', '/my/performance?year=2024')
        for text in ('Monthly Report 2024', ' Jan 3 2 0 ', ' Dec 0 0 0 ', '350.00', '50 %', '100 %'):
            self.assertIn(text, page)
        self.assertIn('Monthly Report 2024', self.page('bert', '/my/performance?year=2024&partner_id=%d' % self.anna.id))
        for year in ('1', '9999', 'x', '-2024', '20240'):
            self.assertIn('Monthly Report %s' % fields.Date.today().year, self.page('bert', '/my/performance?year=' + year))

    def test_sponsors_and_strangers_do_not_see_them(self):
        for url in ('/my/performance?year=2024', '/my/performance?agent=%d&year=2024' % self.bert.id):
            self.assertNotIn('350.00', self.page('anna', url))
        self.assertIn('You are not an agent of the network yet', self.page('stranger', '/my/performance?year=2024'))
        self.authenticate(None, None)
        self.assertIn('/web/login', self.url_open('/my/performance', allow_redirects=False).headers['Location'])

    def test_rpc_says_nothing(self):
        self.authenticate('mlm_perf_bert', 'mlm_perf_bert')
        for method, args in (('search_read', [[]]), ('formatted_read_group', [[], ['agent_id'], ['turnover:sum']])):
            with self.assertRaisesRegex(Exception, 'AccessError'):
                self.make_jsonrpc_request(f'/web/dataset/call_kw/mlm.performance/{method}', {
                    'model': 'mlm.performance', 'method': method, 'args': args, 'kwargs': {}})
        with self.assertRaisesRegex(Exception, 'AccessError'):
            self.make_jsonrpc_request('/web/dataset/call_kw/res.partner/_mlm_performance', {
                'model': 'res.partner', 'method': '_mlm_performance', 'args': [self.anna.ids], 'kwargs': {}})

    def test_print_for_real(self):
        """Several agents at once, which Debian's wkhtmltopdf cannot print in one go; as text, not as drawn shapes."""
        report = self.env['ir.actions.report'].with_context(force_report_rendering=True)
        if report.get_wkhtmltopdf_state() not in ('ok', 'upgrade', 'workers'):
            self.skipTest('wkhtmltopdf is not installed')
        printed, _kind = report._render_qweb_pdf(
            'mlm_network.mlm_performance_report', (self.bert + self.anna).ids, data={'year': 2024})
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(printed)).pages]
        self.assertEqual(len(pages), 2)
        self.assertIn('Bert', pages[0])
        self.assertIn('350.00', pages[0])
        self.assertIn('Anna', pages[1])

    def test_print(self):
        self.authenticate('mlm_perf_bert', 'mlm_perf_bert')
        response = self.url_open('/my/performance?year=2024&report_type=pdf')
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers['Content-Type'], 'application/pdf')
        self.assertIn(self.bert.mlm_agent_code, response.headers['Content-Disposition'])
        self.assertIn('350.00', response.text)  # in tests Odoo gives the page that it would print
