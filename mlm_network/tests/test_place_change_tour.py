# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.tests import HttpCase, new_test_user, tagged

from .common import NetworkCommon


@tagged('post_install', '-at_install')
class TestPlaceChangeTour(NetworkCommon, HttpCase):
    """A change of sponsor on the screen: asked for by one officer, approved by another."""
    tour = 'mlm_network_change'

    def test_in_the_browser(self):
        self.env.company.mlm_change_approval = True
        for login in ('mlm_tour_asks', 'mlm_tour_approves'):
            new_test_user(self.env, login, 'mlm_network.group_officer')
        top = self.since('2024-01-01', 'Top')
        mid, side = self.since('2024-01-01', 'Mid', top), self.since('2024-01-01', 'Side', top)
        low = self.since('2024-01-01', 'Low', mid)
        self.since('2024-01-01', 'Leaf', low)
        self.start_tour(f'/odoo/res.partner/{low.id}', self.tour, login='mlm_tour_asks')
        change = self.env['mlm.place.change'].search([('partner_ids', 'in', low.ids)])
        self.assertRecordValues(change, [{'state': 'waiting', 'sponsor_id': side.id, 'reason': 'Moved to another town'}])
        self.assertEqual(low.mlm_sponsor_id, mid)
        self.start_tour('/odoo/network-changes', 'mlm_network_change_approve', login='mlm_tour_approves')
        self.env.invalidate_all()
        self.assertEqual((change.state, low.mlm_sponsor_id), ('done', side))
        self.assertEqual(change.decided_by_id.login, 'mlm_tour_approves')
        self.assertEqual([row[:2] for row in self.history(low)], [('Mid', 'active'), ('Side', 'active')])


@tagged('post_install', '-at_install')
class TestPlaceChangeTourPhone(TestPlaceChangeTour):
    browser_size = '390x844'
    touch_enabled = True
    tour = 'mlm_network_change_phone'
