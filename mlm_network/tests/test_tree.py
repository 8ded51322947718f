# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import tagged

from .common import NetworkCommon


@tagged('post_install', '-at_install')
class TestTree(NetworkCommon):

    def find(self, *condition):
        return self.Partner.search(Domain('id', 'in', self.everybody.ids) & Domain(*condition))

    def test_lines(self):
        self.assertEqual(self.dora.mlm_upline_ids, self.carl + self.bert + self.anna)
        self.assertEqual(self.anna.mlm_downline_ids, self.bert + self.carl + self.dora + self.cleo + self.kim)
        self.assertFalse(self.anna.mlm_upline_ids)
        self.assertFalse(self.otto.mlm_downline_ids)

    def test_numbers(self):
        self.assertRecordValues(self.everybody, [
            {'mlm_frontline_count': 1, 'mlm_customer_count': 1, 'mlm_downline_count': 4, 'mlm_depth': 1},  # Anna
            {'mlm_frontline_count': 2, 'mlm_customer_count': 0, 'mlm_downline_count': 3, 'mlm_depth': 2},  # Bert
            {'mlm_frontline_count': 1, 'mlm_customer_count': 0, 'mlm_downline_count': 1, 'mlm_depth': 3},  # Carl
            {'mlm_frontline_count': 0, 'mlm_customer_count': 0, 'mlm_downline_count': 0, 'mlm_depth': 4},  # Dora
            {'mlm_frontline_count': 0, 'mlm_customer_count': 0, 'mlm_downline_count': 0, 'mlm_depth': 3},  # Cleo
            {'mlm_frontline_count': 0, 'mlm_customer_count': 0, 'mlm_downline_count': 0, 'mlm_depth': 2},  # Kim
            {'mlm_frontline_count': 0, 'mlm_customer_count': 0, 'mlm_downline_count': 0, 'mlm_depth': 1},  # Otto
        ])
        self.assertEqual(self.customer('Stranger').mlm_depth, 0)

    def test_lines_follow_a_move_of_somebody_else(self):
        self.assertEqual(self.dora.mlm_depth, 4)
        self.assertEqual(self.dora.mlm_upline_ids, self.carl + self.bert + self.anna)
        self.assertEqual(self.otto.mlm_downline_count, 0)
        self.bert.mlm_sponsor_id = self.otto
        self.assertEqual(self.dora.mlm_upline_ids, self.carl + self.bert + self.otto)
        self.assertEqual(self.otto.mlm_downline_count, 4)
        self.bert.mlm_sponsor_id = False
        self.assertEqual(self.dora.mlm_depth, 3)

    def test_archived_people_keep_their_place(self):
        self.carl.active = False
        self.assertEqual(self.dora.mlm_upline_ids, self.carl + self.bert + self.anna)
        self.assertEqual(self.bert.mlm_frontline_count, 2)
        self.assertEqual(self.find('mlm_upline_ids', 'in', self.carl.ids), self.dora)

    def test_search_downline(self):
        for operator, value, expected in [
            ('in', self.bert.ids, self.carl + self.dora + self.cleo),
            ('in', (self.carl + self.otto).ids, self.dora),
            ('=', self.carl.id, self.dora),
            ('in', [], self.Partner),
            ('not in', self.anna.ids, self.anna + self.otto),
            ('!=', self.anna.id, self.anna + self.otto),
            ('=', False, self.anna + self.otto),
            ('!=', False, self.everybody - self.anna - self.otto),
            ('in', [False, self.carl.id], self.anna + self.otto + self.dora),
            ('not in', [False, self.carl.id], self.bert + self.carl + self.cleo + self.kim),
            ('ilike', 'bert', self.carl + self.dora + self.cleo),
            ('not ilike', 'bert', self.anna + self.bert + self.kim + self.otto),
            ('=', 'Carl', self.dora),
            ('any', [('name', '=', 'Bert')], self.carl + self.dora + self.cleo),
            ('any', [('name', '=', 'Nobody')], self.Partner),
            ('not any', [('name', '=', 'Anna')], self.anna + self.otto),
        ]:
            with self.subTest(operator=operator, value=value):
                self.assertEqual(self.find('mlm_upline_ids', operator, value).sorted('id'), expected.sorted('id'))

    def test_search_upline(self):
        for operator, value, expected in [
            ('in', self.carl.ids, self.anna + self.bert),
            ('=', False, self.dora + self.cleo + self.kim + self.otto),
            ('!=', False, self.anna + self.bert + self.carl),
            ('not in', self.carl.ids, self.carl + self.dora + self.cleo + self.kim + self.otto),
            ('ilike', 'dora', self.anna + self.bert + self.carl),
            ('any', [('mlm_agent_state', '=', 'candidate')], self.anna + self.bert),
        ]:
            with self.subTest(operator=operator, value=value):
                self.assertEqual(self.find('mlm_downline_ids', operator, value).sorted('id'), expected.sorted('id'))

    def test_search_by_code(self):
        self.assertEqual(self.find('mlm_upline_ids', 'ilike', self.carl.mlm_agent_code), self.dora)
        self.assertEqual(self.Partner.name_search(self.carl.mlm_agent_code)[0][0], self.carl.id)

    def test_search_through_relations_and_filtering(self):
        domain = [('mlm_sponsor_id.mlm_upline_ids', 'in', self.anna.ids)]
        self.assertEqual(self.find(*domain[0]), self.everybody.filtered_domain(domain))
        self.assertEqual(self.find(*domain[0]).sorted('id'), (self.carl + self.dora + self.cleo).sorted('id'))
        domain = Domain('mlm_upline_ids', 'in', self.bert.ids) & Domain('mlm_agent_state', '=', 'active')
        self.assertEqual(self.everybody.filtered_domain(domain), self.carl + self.dora)
        with self.assertRaises(UserError):
            self.find('mlm_upline_ids', '>', 3)

    def test_bad_data_cannot_loop(self):
        self.env.cr.execute('UPDATE res_partner SET mlm_sponsor_id = %s WHERE id = %s', [self.dora.id, self.anna.id])
        self.env.invalidate_all()
        self.assertEqual(self.anna.mlm_upline_ids, self.dora + self.carl + self.bert)
        self.assertEqual(self.find('mlm_upline_ids', 'in', self.anna.ids).sorted('id'), (self.everybody - self.otto).sorted('id'))
        self.assertEqual(self.anna.mlm_downline_count, 4)
        self.assertEqual(self.kim._mlm_get_selling_agents(), {self.kim: self.anna})

    def test_batch_queries(self):
        """The numbers of 80 records take as many queries as those of one."""
        agents = self.Partner.create([
            {'name': 'Agent %d' % i, 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.dora.id} for i in range(80)])
        counts = []
        for records in (agents[:1], agents):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            for agent in records:
                agent.mlm_upline_ids, agent.mlm_downline_ids, agent.mlm_depth  # noqa: B018
                agent.mlm_frontline_count, agent.mlm_downline_count, agent.mlm_since  # noqa: B018
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
        self.assertLessEqual(counts[1], 12)

    def test_since(self):
        old = self.since('2025-03-01', 'Old')
        self.place(old, '2025-06-01', mlm_sponsor_id=self.otto.id)
        self.assertEqual(str(old.mlm_since), '2025-03-01')
        find = lambda operator, value: self.Partner.search([('id', 'in', (old + self.otto).ids), ('mlm_since', operator, value)])  # noqa: E731
        self.assertEqual(find('>=', '2025-03-01'), old + self.otto)
        self.assertEqual(find('>', '2025-03-01'), self.otto)
        self.assertEqual(find('<=', '2025-03-01'), old)
        self.assertFalse(find('<', '2025-03-01'))
        self.assertEqual(find('>=', 'today =1d'), self.otto, 'the filter "New this Month"')
        self.assertFalse(self.Partner.search([('id', '=', self.customer('Stranger').id), ('mlm_since', '>', '2020-01-01')]))

    def test_selling_agents(self):
        self.kim.mlm_sponsor_id = self.carl
        self.carl.mlm_agent_state = 'terminated'
        shop = self.customer('Shop', self.dora, is_company=True)
        buyer = self.Partner.create({'name': 'Buyer', 'parent_id': shop.id})
        stranger = self.customer('Stranger')
        partners = self.kim + shop + buyer + stranger + self.cleo + self.dora
        self.env.flush_all()
        self.env.invalidate_all()
        partners.mapped('commercial_partner_id')
        with self.assertQueryCount(1):
            agents = partners._mlm_get_selling_agents()
        self.assertEqual(agents, {
            self.kim: self.bert,  # Carl is terminated
            shop: self.dora,
            buyer: self.dora,
            stranger: self.Partner,
            self.cleo: self.bert,  # a candidate
            self.dora: self.dora,
        })
        self.bert.mlm_agent_state = 'suspended'
        self.assertEqual(self.kim._mlm_get_selling_agents(), {self.kim: self.bert})

    def test_selling_agents_of_a_company(self):
        other = self.env['res.company'].create({'name': 'Other'})
        self.kim.mlm_sponsor_id = self.bert
        self.bert.company_id = other
        self.assertEqual(self.kim._mlm_get_selling_agents(self.env.company), {self.kim: self.anna})
        self.assertEqual(self.kim._mlm_get_selling_agents(other), {self.kim: self.bert})
