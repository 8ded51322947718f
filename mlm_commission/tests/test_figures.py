# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .test_ranks import MARCH, RanksCommon


@tagged('post_install', '-at_install')
class TestFigures(RanksCommon):
    """What stands beside the tree: rank, volumes and commissions, for those who may see them. Figures as in test_ranks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = {'company_id': cls.company.id, 'company_ids': [Command.set(cls.company.ids)]}
        cls.officer = new_test_user(cls.env, 'figures_officer', 'mlm_network.group_officer', **company)
        cls.clerk = new_test_user(
            cls.env, 'figures_clerk', 'base.group_partner_manager,sales_team.group_sale_salesman', **company)

    def figures(self, agent, user):
        groups = agent.with_user(user).mlm_read_figures()['groups']
        return {group['title']: dict(group['lines']) for group in groups}

    @freeze_time('2024-05-15 12:00:00')
    def test_panel(self):
        self._month(3, **MARCH)
        self._month(4, close=False, dan=1000)
        found = self.figures(self.dan, self.officer)
        self.assertEqual(found['Place']['Sponsor'], 'Cleo')
        self.assertEqual(found['Place']['Agents below'], '0')
        rank = found['Rank in April 2024']
        self.assertEqual((rank['Paid as'], rank['Personal points'], rank['Group points']), ('Bronze', '1,000.00', '1,000.00'))
        self.assertEqual((rank['Active for pay'], rank['Estimated rank']), ('Yes', 'Bronze'))
        # 5 % of 300 in March, which is closed; 5 % of 1,000 in April, which is not
        self.assertIn('15.00', found['Statement of March 2024']['Earned'])
        self.assertIn('50.00', found['Estimate for April 2024']['Commissions'])
        self.assertEqual(self.figures(self.anna, self.officer)['Place']['Agents below'], '3')

    @freeze_time('2024-05-15 12:00:00')
    def test_who_may_not_read_money_sees_none(self):
        self._month(3, **MARCH)
        found = self.figures(self.ben, self.clerk)
        self.assertEqual(set(found), {'Place', 'Rank'})
        self.assertEqual(found['Rank'], {'Paid as': 'Silver', 'Highest rank': 'Silver'})
        self.assertEqual([key for key, _label in self.env['res.partner'].with_user(self.clerk).mlm_read_color_modes()], ['state'])
        portal = new_test_user(self.env, 'figures_portal', 'base.group_portal')
        portal.partner_id.write({'mlm_agent_state': 'active', 'mlm_sponsor_id': self.dan.id})
        for attempt in (
            lambda: portal.partner_id.with_user(portal).mlm_read_figures(),
            lambda: portal.partner_id.with_user(portal).mlm_read_colors('rank'),
        ):
            with self.assertRaises(AccessError):
                attempt()

    @freeze_time('2024-05-15 12:00:00')
    def test_colors(self):
        self._month(3, **MARCH)
        agents = (self.anna + self.ben + self.cleo + self.dan + self.customer).with_user(self.officer)
        self.assertEqual([key for key, _label in agents.mlm_read_color_modes()], ['state', 'activity', 'rank'])
        self.assertEqual(agents.mlm_read_colors('rank'), {
            self.anna.id: [3, 'Gold'], self.ben.id: [2, 'Silver'], self.cleo.id: [1, 'Bronze'], self.dan.id: [1, 'Bronze']})
        self.assertEqual(agents.mlm_read_colors('activity'), {agent.id: [1, 'Active'] for agent in agents[:4]})
        self.assertEqual(agents.mlm_read_colors('state')[self.customer.id], [0, 'Not an Agent'])
        self.assertEqual(
            agents.with_user(self.clerk).mlm_read_colors('activity'), {}, 'what a run found is not for everybody')
