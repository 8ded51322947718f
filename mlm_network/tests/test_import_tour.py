# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.tests import HttpCase, tagged

from .test_import import ImportCommon


@tagged('post_install', '-at_install')
class TestImportTour(ImportCommon, HttpCase):
    """A whole network on Odoo's own import screen, with no more rights than an officer has."""

    def tour(self, name):
        self.start_tour('/odoo/agents', name, login='import_officer')
        self.env.invalidate_all()

    def test_csv(self):
        """Wrong: told by row and nothing stored. Corrected: stored with its history. Again: nothing changes."""
        self.tour('mlm_network_import')
        self.assertEqual(self.places('T-1', 'T-2', 'T-3'), {'T-1': False, 'T-2': 'T-1', 'T-3': 'T-1'})
        self.assertEqual(self.history(self.by_code('T-3')), [
            ('Second Tour', 'active', '2024-03-01', '2025-01-01'), ('First Tour', 'active', '2025-01-01', None)])
        people = self.Partner.search([('mlm_agent_code', 'like', 'T-')])
        rows = people.mlm_sponsorship_ids
        self.assertEqual((len(people), len(rows)), (3, 4))
        self.tour('mlm_network_import_again')
        self.assertEqual(self.Partner.search([('mlm_agent_code', 'like', 'T-')]), people)
        self.assertEqual(people.mlm_sponsorship_ids, rows)

    def test_xlsx(self):
        self.tour('mlm_network_import_xlsx')
        self.assertEqual(self.history(self.by_code('A101')), [
            ('Anna Example', 'active', '2024-02-01', '2025-03-01'), ('Anna Example', 'suspended', '2025-03-01', None)])
