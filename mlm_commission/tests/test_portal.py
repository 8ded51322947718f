# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .. import explaining
from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestPortal(CommissionCommon, HttpCase):
    """What agents see of their money in the portal, and what they do not.

    March: Dan sells 1,000 and Ben 500. Dan earns 50, Cleo 70, Ben 80 and 100, Anna 100 and 50.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._invoice(cls.dan, 1000)
        cls._invoice(cls.ben, 500, partner=cls.env['res.partner'].create({'name': 'Friend of Ben'}))
        cls.march = cls._period(3)
        cls.march.action_calculate()
        cls.march.action_close()
        for agent, login in ((cls.ben, 'ben'), (cls.dan, 'dan')):
            new_test_user(cls.env, login=login, name=agent.name, groups='base.group_portal', partner_id=agent.id,
                          company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)])
        new_test_user(cls.env, login='stranger', groups='base.group_portal', company_id=cls.company.id,
                      company_ids=[(6, 0, cls.company.ids)])
        cls.of_ben = cls.march.statement_ids.filtered(lambda statement: statement.agent_id == cls.ben)
        cls.of_anna = cls.march.statement_ids.filtered(lambda statement: statement.agent_id == cls.anna)
        cls.of_dan = cls.march.statement_ids.filtered(lambda statement: statement.agent_id == cls.dan)

    def _get(self, path, login=None):
        self.authenticate(login, login)
        return self.url_open(path)

    def _commission(self, agent, seller):
        return self.env['mlm.commission'].search([
            ('period_id', '=', self.march.id), ('beneficiary_id', '=', agent.id), ('seller_id', '=', seller.id)])

    def test_home_counts_statements(self):
        self.authenticate('ben', 'ben')
        counters = self.make_jsonrpc_request('/my/counters', {'counters': ['mlm_statement_count']})
        self.assertEqual(counters['mlm_statement_count'], 1)
        self.assertIn('/my/statements', self.url_open('/my').text)

    def test_list_shows_own_statements_only(self):
        page = self._get('/my/statements', 'ben').text
        self.assertIn(self.of_ben.name, page)
        self.assertIn('180.00', page)
        self.assertNotIn(self.of_anna.name, page)
        for sorting in ('date', 'oldest', 'amount', 'nonsense'):
            self.assertIn(self.of_ben.name, self._get(f'/my/statements?sortby={sorting}', 'ben').text)

    def test_staff_see_no_statements_of_others(self):
        new_test_user(self.env, login='officer_portal', groups='base.group_user,mlm_network.group_officer',
                      company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        self.assertNotIn(self.of_ben.name, self._get('/my/statements', 'officer_portal').text)
        # The preview of one shows what the agent sees, and the way back.
        self.assertIn('/odoo/agent-statements/', self._get(self.of_ben.access_url, 'officer_portal').text)
        self.assertNotIn('/odoo/agent-statements/', self._get(self.of_ben.access_url, 'ben').text)
        why = self._get(f'{self.of_ben.access_url}/commissions/{self._commission(self.ben, self.dan).id}', 'officer_portal')
        self.assertIn('Cleo', why.text)
        self.assertNotIn('Anna', why.text)

    def test_statement_unfolds_to_commissions(self):
        page = self._get(self.of_ben.access_url, 'ben').text
        for text in (self.of_ben.name, self.sale.name, '180.00', '80.00', '100.00', 'sold by D.', 'your own sale'):
            self.assertIn(text, page)
        self.assertNotIn('Dan', page, 'whoever stands below the frontline is not named')
        of_cleo = self.march.statement_ids.filtered(lambda statement: statement.agent_id == self.cleo)
        token = of_cleo._portal_ensure_token()
        self.env.flush_all()
        self.assertIn('sold by Dan', self._get(f'{of_cleo.access_url}?access_token={token}').text)

    def test_customers_of_others_are_not_named(self):
        self.assertNotIn('Customer of Dan', self._get(self.of_ben.access_url, 'ben').text)
        self.assertIn('Friend of Ben', self._get(self.of_ben.access_url, 'ben').text)
        self.assertIn('Customer of Dan', self._get(self.of_dan.access_url, 'dan').text)

    def test_line_page(self):
        line = self.of_ben.line_ids
        page = self._get(f'{self.of_ben.access_url}/lines/{line.id}', 'ben').text
        self.assertIn(self.sale.name, page)
        strange = self._get(f'{self.of_ben.access_url}/lines/{self.of_anna.line_ids.id}', 'ben')
        self.assertURLEqual(strange.url, self.of_ben.access_url)

    def test_long_lines_are_cut_and_paged(self):
        for _number in range(21):
            self._invoice(self.ben, 10, day='2024-04-10')
        april = self._period(4)
        april.action_calculate()
        april.action_close()
        statement = april.statement_ids.filtered(lambda statement: statement.agent_id == self.ben)
        page = self._get(statement.access_url, 'ben').text
        self.assertEqual(page.count('o_mlm_portal_commission"'), 20)
        self.assertIn('Show all', page)
        page = self._get(f'{statement.access_url}/lines/{statement.line_ids.id}', 'ben').text
        self.assertEqual(page.count('o_mlm_portal_commission"'), 21)

    def test_strangers_are_sent_away(self):
        for login in ('dan', 'stranger'):
            for path in ('', f'/lines/{self.of_ben.line_ids.id}', f'/commissions/{self._commission(self.ben, self.dan).id}',
                         '?report_type=html'):
                answer = self._get(self.of_ben.access_url + path, login)
                self.assertURLEqual(answer.url, '/my', f'{login} {path}')
                self.assertNotIn(self.of_ben.name, answer.text)
        self.assertURLEqual(self._get('/my/statements/999999999', 'ben').url, '/my')
        self.assertIn('no statement for you yet', self._get('/my/statements', 'stranger').text)

    def test_public_needs_the_link(self):
        answer = self._get(self.of_ben.access_url)
        self.assertIn('/web/login', answer.url)
        answer = self._get(f'{self.of_ben.access_url}?access_token=wrong')
        self.assertIn('/web/login', answer.url)
        token = self.of_ben._portal_ensure_token()
        self.env.flush_all()
        answer = self._get(f'{self.of_ben.access_url}?access_token={token}')
        self.assertIn('180.00', answer.text)
        why = self._get(f'{self.of_ben.access_url}/commissions/{self._commission(self.ben, self.dan).id}?access_token={token}')
        self.assertIn('80.00', why.text)
        # The link opens this statement and no other.
        self.assertIn('/web/login', self._get(f'{self.of_anna.access_url}?access_token={token}').url)
        theirs = self._get(
            f'{self.of_ben.access_url}/commissions/{self._commission(self.anna, self.dan).id}?access_token={token}')
        self.assertNotIn('Why?</h4>', theirs.text)

    def test_why_tells_the_own_share_and_the_downline(self):
        page = self._get(f'{self.of_ben.access_url}/commissions/{self._commission(self.ben, self.dan).id}', 'ben').text
        for text in ('You', '80.00', 'Cleo', '70.00', 'D.', '50.00'):
            self.assertIn(text, page)
        self.assertNotIn('Dan', page, 'whoever stands below the frontline is not named')

    def test_why_keeps_the_upline_to_itself(self):
        page = self._get(f'{self.of_ben.access_url}/commissions/{self._commission(self.ben, self.dan).id}', 'ben').text
        self.assertIn(self.anna.mlm_agent_code[-5:], page)
        for secret in ('Anna', '100.00', '30 %', 'Customer of Dan'):
            self.assertNotIn(secret, page)
        page = self._get(f'{self.of_dan.access_url}/commissions/{self._commission(self.dan, self.dan).id}', 'dan').text
        for secret in ('Anna', 'Ben', 'Cleo', '70.00', '80.00'):
            self.assertNotIn(secret, page)
        self.assertIn('Customer of Dan', page)

    def test_commissions_of_a_whole_period(self):
        """A pool pays for no single sale: the pages, the print and the answer do without one."""
        pool = self._plan('Pool', 'pool', {'rate': '2'})
        for agent in (self.anna, self.ben):
            self._agree(agent, 0, plan=pool)
        pool.action_activate()
        self._invoice(self.dan, 1000, day='2024-04-10')
        april = self._period(4)
        april.action_calculate()
        april.action_close()
        statement = april.statement_ids.filtered(lambda statement: statement.agent_id == self.ben)
        commission = self.env['mlm.commission'].search([
            ('period_id', '=', april.id), ('beneficiary_id', '=', self.ben.id), ('volume_id', '=', False)])
        self.assertTrue(commission)
        page = self._get(statement.access_url, 'ben').text
        self.assertIn('For the whole period', page)
        page = self._get(f'{statement.access_url}/commissions/{commission.id}', 'ben').text
        self.assertIn('o_mlm_own', page)
        self.assertNotIn('o_mlm_sale', page)
        self.assertNotIn('2 %', page, 'A share of a pool is not its rate of the pool.')
        self.assertNotIn('Anna', page)
        printed = self.env['ir.actions.report']._render_qweb_html(
            'mlm_commission.mlm_statement_report', statement.ids)[0].decode()
        self.assertIn('Whole period', printed)

    def test_placed_below_is_not_downline(self):
        """Of whom a placement tree put below an agent, the agent learns no more than of the upline."""
        step = {'code': '', 'level': 1, 'paid': True, 'rate': '5', 'base': 1, 'amount': 1, 'sentence': '', 'hidden': False}
        walk = [{**step, 'partner': partner, 'name': partner.name} for partner in (self.dan, self.ben, self.anna)]
        for sponsors, seen in ((True, ['Dan', 'Ben', '']), (False, ['', 'Ben', ''])):
            [section] = explaining.seen_by(self.env, [{'ordinal': 0, 'sponsors': sponsors, 'steps': walk}], self.ben)
            self.assertEqual([step['name'] for step in section['steps']], seen)
            self.assertEqual([step['amount'] for step in section['steps']], [bool(name) for name in seen])

    def test_why_of_somebody_else_is_not_shown(self):
        answer = self._get(f'{self.of_ben.access_url}/commissions/{self._commission(self.anna, self.dan).id}', 'ben')
        self.assertURLEqual(answer.url, self.of_ben.access_url)

    def test_records_say_no_more_than_the_pages(self):
        user = self.env['res.users'].search([('login', '=', 'ben')])
        commission = self._commission(self.ben, self.dan).with_user(user)
        self.assertEqual(commission.amount, 80)
        self.assertIn('Cleo', commission.explanation)
        self.assertNotIn('Anna', commission.explanation)
        with self.assertRaises(AccessError):
            commission.read(['partner_id'])
        with self.assertRaises(AccessError):
            self._commission(self.anna, self.dan).with_user(user).read(['explanation'])
        # Staff see the whole of it.
        self.assertIn('Anna', self._commission(self.ben, self.dan).explanation)

    def test_agent_may_ask(self):
        self.authenticate('ben', 'ben')
        for statement in (self.of_ben, self.of_anna):
            self.url_open('/mail/message/post', json={'params': {
                'thread_model': 'mlm.statement', 'thread_id': statement.id, 'post_data': {'body': 'Why so little?'}}})
        self.assertIn('Why so little?', ''.join(self.of_ben.message_ids.mapped('body')))
        self.assertNotIn('Why so little?', ''.join(self.of_anna.message_ids.mapped('body')))
