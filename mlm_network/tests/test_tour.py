# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.tests import HttpCase, new_test_user, tagged


class TourCommon(HttpCase):

    def make_tree(self):
        Partner = self.env['res.partner']
        top = Partner.create({'name': 'Tour Top', 'mlm_agent_state': 'active'})
        wide = Partner.create({'name': 'Wide Tour', 'mlm_agent_state': 'active', 'mlm_sponsor_id': top.id})
        return Partner.create([{
            'name': 'Leaf %02d & Co' % (number + 1), 'mlm_sponsor_id': wide.id,
            'mlm_agent_state': 'suspended' if number % 5 == 0 else 'active'} for number in range(60)])


@tagged('post_install', '-at_install')
class TestTour(TourCommon):

    def test_end_of_an_agent_by_rpc(self):
        """The look at what others have committed meanwhile works inside a request, too."""
        new_test_user(self.env, 'mlm_rpc_officer', 'mlm_network.group_officer')
        agent = self.env['res.partner'].create({'name': 'Leaver', 'mlm_agent_state': 'active'})
        self.authenticate('mlm_rpc_officer', 'mlm_rpc_officer')
        result = self.make_jsonrpc_request('/web/dataset/call_kw/res.partner/write', {
            'model': 'res.partner', 'method': 'write', 'args': [agent.ids, {'mlm_agent_state': 'none'}], 'kwargs': {}})
        self.assertTrue(result)
        self.env.invalidate_all()
        self.assertEqual(agent.mlm_agent_state, 'none')

    def test_officer(self):
        """In the browser: an agent is created under a sponsor, and found in tree and downline."""
        new_test_user(self.env, 'mlm_tour_officer', 'mlm_network.group_officer')
        Partner = self.env['res.partner']
        top = Partner.create({'name': 'Tour Top', 'mlm_agent_state': 'active'})
        sponsor = Partner.create({'name': 'Tour Sponsor', 'mlm_agent_state': 'active', 'mlm_sponsor_id': top.id})
        Partner.create([
            {'name': 'Tour Sibling %02d' % i, 'mlm_agent_state': 'active', 'mlm_sponsor_id': sponsor.id} for i in range(30)])
        self.start_tour('/odoo', 'mlm_network_tour', login='mlm_tour_officer')
        recruit = Partner.search([('name', '=', 'Tour Recruit')])
        self.assertRecordValues(recruit, [{'mlm_sponsor_id': sponsor.id, 'mlm_agent_state': 'active'}])
        self.assertEqual(recruit.mlm_sponsorship_ids.sponsor_id, sponsor)

    def test_tree(self):
        """In the browser: search, side panel, paging, colours, pictures."""
        new_test_user(self.env, 'mlm_tree_officer', 'mlm_network.group_officer')
        self.make_tree()
        self.start_tour('/odoo/network-tree', 'mlm_network_tree_tour', login='mlm_tree_officer')

    def test_tree_of_a_salesperson(self):
        """Sees the tree, and has no button that changes a place."""
        new_test_user(self.env, 'mlm_tree_sales', 'sales_team.group_sale_salesman_all_leads')
        self.make_tree()
        self.start_tour('/odoo/network-tree', 'mlm_network_tree_read', login='mlm_tree_sales')


@tagged('post_install', '-at_install')
class TestTourPhone(TourCommon):
    browser_size = '390x844'
    touch_enabled = True

    def test_tree(self):
        new_test_user(self.env, 'mlm_tree_phone', 'mlm_network.group_officer')
        self.make_tree()
        self.start_tour('/odoo/network-tree', 'mlm_network_tree_phone', login='mlm_tree_phone')
