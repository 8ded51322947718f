# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import NetworkCommon

SPECIFICATION = {'name': {}, 'mlm_frontline_count': {}, 'mlm_customer_count': {}, 'avatar_128': {}}


@tagged('post_install', '-at_install')
class TestHierarchy(NetworkCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Partner.create([
            {'name': 'Recruit %04d' % i, 'mlm_agent_state': 'active', 'mlm_sponsor_id': cls.carl.id} for i in range(2000)])

    def read(self, *domain, **kwargs):
        cards = self.Partner.hierarchy_read(
            [('mlm_agent_state', '!=', 'none'), *domain], dict(SPECIFICATION), 'mlm_sponsor_id', None,
            'complete_name ASC', **kwargs)
        return {card['name']: card for card in cards}

    def test_one_agent(self):
        """The upline, the agent and the first of the frontline; no siblings, no customers."""
        cards = self.read(('id', '=', self.carl.id))
        self.assertEqual({name for name in cards if not name.startswith('Recruit')}, {'Anna', 'Bert', 'Carl', 'Dora'})
        self.assertEqual(len(cards), 3 + 24)
        self.assertEqual(cards['Carl']['mlm_frontline_count'], 2001)
        self.assertEqual(len(cards['Carl']['__child_ids__']), 24)
        shown = {card['id'] for card in cards.values() if card['mlm_sponsor_id'] and card['mlm_sponsor_id']['id'] == self.carl.id}
        self.assertEqual(shown, set(cards['Carl']['__child_ids__']), 'those on the screen')
        self.assertNotIn('__child_ids__', cards['Dora'])
        self.assertNotIn('Kim', self.read(('id', '=', self.anna.id)))

    def test_far_below(self):
        sponsor = self.dora
        for i in range(20):
            sponsor = self.agent('Deep %d' % i, sponsor)
        cards = self.read(('id', '=', sponsor.id))
        self.assertEqual(set(cards), {'Deep %d' % i for i in range(7, 20)})

    def test_search_is_capped(self):
        self.assertEqual(len(self.read(('name', 'like', 'Recruit'))), 80)
        ids = self.carl.mlm_sponsored_ids.ids[:120]
        cards = self.Partner.hierarchy_read([('id', 'in', ids)], dict(SPECIFICATION), 'mlm_sponsor_id')
        self.assertEqual(len(cards), 120, 'a reload')

    def test_nothing(self):
        self.assertEqual(self.read(('name', '=', 'Nobody')), {})

    def test_frontline(self):
        cards = self.Partner.mlm_read_frontline(self.carl.id, dict(SPECIFICATION), 'complete_name ASC')
        self.assertEqual([card['name'] for card in cards], ['Dora'] + ['Recruit %04d' % i for i in range(23)])
        cards = self.Partner.mlm_read_frontline(self.anna.id, dict(SPECIFICATION), None)
        self.assertEqual([card['name'] for card in cards], ['Bert'], 'no customers')
        self.assertEqual(set(cards[0]['__child_ids__']), set((self.carl + self.cleo).ids))
        self.assertEqual(self.Partner.mlm_read_frontline(self.anna.id, dict(SPECIFICATION), None, self.bert.ids), [])

    def test_nothing_of_another_company(self):
        """Whoever may not read an agent sees neither card nor code, not even through the one above or below."""
        other = self.env['res.company'].create({'name': 'Elsewhere'})
        self.carl.mlm_sponsored_ids.company_id = self.env.company
        self.carl.company_id = self.env.company
        stranger = new_test_user(
            self.env, 'tree_stranger', 'mlm_network.group_officer', company_id=other.id, company_ids=[(6, 0, other.ids)])
        partners = self.Partner.with_user(stranger)
        cards = partners.hierarchy_read(
            [('id', '=', self.bert.id)], dict(SPECIFICATION), 'mlm_sponsor_id', None, 'complete_name ASC')
        self.assertEqual({card['name'] for card in cards}, {'Anna', 'Bert', 'Cleo'})
        self.assertEqual(partners.hierarchy_read([('id', '=', self.carl.id)], dict(SPECIFICATION), 'mlm_sponsor_id'), [])
        shown = partners.mlm_read_frontline(self.bert.id, dict(SPECIFICATION), 'complete_name ASC')
        self.assertEqual({card['name'] for card in shown}, {'Cleo'})
        for read in (lambda: partners.browse(self.carl.id).mlm_read_figures(),
                     lambda: partners.browse(self.carl.id).mlm_read_colors('state')):
            with self.refused('', AccessError):
                read()

    def test_archived_agents_stay_in_the_tree(self):
        self.bert.active = False
        self.assertIn('Bert', self.read(('id', '=', self.carl.id)))
        self.assertIn('Bert', self.read(('id', '=', self.anna.id)))

    def test_queries(self):
        """As many queries for one with 2,000 recruits as for one with two."""
        costs = []
        for agent in (self.bert, self.carl):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.read(('id', '=', agent.id))
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*costs)
        self.assertLessEqual(costs[1], 15)

    def test_other_hierarchies_are_left_alone(self):
        parent = self.customer('Parent', is_company=True)
        children = self.Partner.create([{'name': 'Child %d' % i, 'parent_id': parent.id} for i in range(100)])
        cards = self.Partner.hierarchy_read([('id', '=', parent.id)], {'name': {}}, 'parent_id', 'child_ids')
        self.assertEqual({card['id'] for card in cards}, {parent.id, *children.ids})

    def test_actions(self):
        action = self.carl.action_mlm_open_tree()
        self.assertEqual(action['context']['hierarchy_res_id'], self.carl.id)
        action = self.bert.action_mlm_open_downline()
        below = self.Partner.with_context(active_test=False).search(action['domain'])
        self.assertEqual(len(below), 2003)
        self.assertIn(self.dora, below)
