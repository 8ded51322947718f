# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.tests import HttpCase, new_test_user, tagged

from .common import CommissionCommon

PAGES = ('/my', '/my/business', '/my/network', '/my/network/list', '/my/customers', '/my/inquiries', '/my/statements',
         '/my/reserve', '/my/performance', '/my/invite', '/my/recruit')
MORE = 20


@tagged('post_install', '-at_install')
class TestPortalQueries(CommissionCommon, HttpCase):
    """No page of the portal asks the database once for each agent, customer, inquiry or sale."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_test_user(cls.env, 'queries_ben', 'base.group_portal', partner_id=cls.ben.id, company_id=cls.company.id,
                      company_ids=[(6, 0, cls.company.ids)])
        cls.partners = cls.env['res.partner']
        # Everything is there once before it is there often.
        cls.bring(1)
        cls._invoice(cls.dan, 1000)
        cls.march = cls._period(3)
        cls.march.action_calculate()
        cls.march.action_close()
        cls._invoice(cls.dan, 500, day='2024-04-02')
        cls.april = cls._period(4)
        cls.april.action_calculate()

    @classmethod
    def bring(cls, number):
        """Frontline, each with somebody below; customers with a next step, orders and inquiries; applications."""
        for i in range(number):
            near = cls._agent(f'Near {number}-{i}', cls.ben)
            far = cls._agent(f'Far {number}-{i}', near)
            customer = cls.partners.create({'name': f'Customer {number}-{i}', 'mlm_sponsor_id': cls.ben.id})
            for agent, rate in ((near, 10), (far, 5)):
                cls._agree(agent, rate)
            cls.env['mlm.agent.task']._plan(cls.ben, customer, '2030-01-01', 'Call')
            cls.env['crm.lead'].create({
                'name': 'Inquiry', 'contact_name': f'Lead {number}-{i}', 'mlm_agent_id': cls.ben.id,
                'company_id': cls.company.id})
            cls.env['sale.order'].create({'partner_id': customer.id, 'company_id': cls.company.id, 'order_line': [(0, 0, {
                'product_id': cls.product_a.id, 'product_uom_qty': 1, 'price_unit': 10})]}).action_confirm()
            cls.env['mlm.application'].create({
                'name': f'Applicant {number}-{i}', 'email': f'a{number}.{i}@example.com', 'sponsor_id': cls.ben.id,
                'company_id': cls.company.id})
        cls.env.flush_all()

    def _count(self, ask):
        ask()  # what is loaded once for all, as views are
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        answer = ask()
        return self.cr.sql_log_count - before, answer

    def _counts(self):
        counts = {page: self._count(lambda page=page: self.url_open(page))[0] for page in PAGES}
        counts['below'] = self._count(lambda: self.make_jsonrpc_request(
            '/my/network/below', {'code': self.cleo.mlm_agent_code}))[0]
        statement = self.march.statement_ids.filtered(lambda one: one.agent_id == self.ben)
        counts['statement'] = self._count(lambda: self.url_open(statement.access_url))[0]
        return counts

    def test_pages_do_not_ask_for_each(self):
        self.authenticate('queries_ben', 'queries_ben')
        few = self._counts()
        self.bring(MORE)
        for i in range(MORE):
            self._agent(f'Below {i}', self.cleo)
        self.april.action_calculate()
        many = self._counts()
        self.assertIn('Near %d-%d' % (MORE, MORE - 1), self.url_open('/my/network').text)
        self.assertIn('Customer %d-%d' % (MORE, MORE - 1), self.url_open('/my/customers').text)
        for page, count in many.items():
            with self.subTest(page=page, few=few[page], many=count):
                self.assertLess(count - few[page], MORE / 2)
