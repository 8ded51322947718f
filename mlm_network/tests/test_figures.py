# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..models import res_partner
from ..tools.tree import PLACEMENT, count_downline
from .common import NetworkCommon


@tagged('post_install', '-at_install')
class TestFigures(NetworkCommon):

    def test_sizes_are_capped(self):
        """Anna has Bert, Carl, Cleo and Dora below, and Kim, who is no agent."""
        partners = self.anna + self.bert + self.dora
        self.assertEqual(count_downline(self.Partner, partners.ids), {self.anna.id: 4, self.bert.id: 3, self.dora.id: 0})
        self.assertEqual(count_downline(self.Partner, partners.ids, 3), {self.anna.id: 3, self.bert.id: 3, self.dora.id: 0})
        self.assertEqual(count_downline(self.Partner, []), {})
        self.assertEqual(partners.mapped('mlm_downline_size'), ['4', '3', '0'])
        with patch.object(res_partner, 'DOWNLINE_LIMIT', 3):
            self.env.invalidate_all()
            self.assertEqual(partners.mapped('mlm_downline_size'), ['3+', '3', '0'])
        self.agent('New', self.dora)
        self.assertEqual(partners.mapped('mlm_downline_size'), ['5', '4', '1'])

    def test_counts_in_the_placement_tree(self):
        self.env.company.write({'mlm_placement_width': 2, 'mlm_placement_strategy': 'manual'})
        self.otto.mlm_placed = True
        self.anna.write({'mlm_placement_id': self.otto.id})
        self.bert.write({'mlm_placement_id': self.anna.id})
        self.assertEqual(count_downline(self.Partner, self.otto.ids, above=PLACEMENT), {self.otto.id: 2})

    def test_a_loop_in_the_data_ends(self):
        self.env.flush_all()
        self.env.cr.execute('UPDATE res_partner SET mlm_sponsor_id = %s WHERE id = %s', [self.dora.id, self.anna.id])
        self.assertEqual(count_downline(self.Partner, self.anna.ids), {self.anna.id: 4})

    def test_panel(self):
        officer = new_test_user(self.env, 'panel_officer', 'mlm_network.group_officer')
        found = self.bert.with_user(officer).mlm_read_figures()
        self.assertEqual((found['name'], found['state'], found['state_label']), ('Bert', 'active', 'Active'))
        self.assertEqual(dict(found['groups'][0]['lines'])['Sponsor'], 'Anna')
        self.assertEqual(dict(found['groups'][0]['lines'])['Agents below'], '3')
        self.assertEqual([key for key, _label in self.Partner.with_user(officer).mlm_read_color_modes()][0], 'state')
        self.assertEqual((self.bert + self.cleo).with_user(officer).mlm_read_colors('state'), {
            self.bert.id: [2, 'Active'], self.cleo.id: [1, 'Candidate']})

    def test_panel_is_for_staff_of_the_company(self):
        portal = new_test_user(self.env, 'panel_portal', 'base.group_portal')
        other = self.env['res.company'].create({'name': 'Elsewhere'})
        stranger = new_test_user(
            self.env, 'panel_stranger', 'mlm_network.group_officer', company_id=other.id, company_ids=[(6, 0, other.ids)])
        self.otto.company_id = self.env.company
        self.anna.company_id = self.env.company
        for partner, user in ((portal.partner_id, portal), (self.otto, portal), (self.otto, stranger)):
            with self.assertRaises(AccessError):
                partner.with_user(user).mlm_read_figures()
            with self.assertRaises(AccessError):
                partner.with_user(user).mlm_read_colors('state')
        # the name of a sponsor whom the user may not read is left out
        line = dict(self.bert.with_user(stranger).mlm_read_figures()['groups'][0]['lines'])
        self.assertNotIn('Sponsor', line)
        self.assertIn('Depth', line)
