# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NetworkCommon

EMAIL = 'same@example.com'


@tagged('post_install', '-at_install')
@freeze_time('2026-06-15 12:00:00')
class TestMergeAround(NetworkCommon):
    """Two contacts are merged while something is under way about them: a change, an application, tasks, inquiries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(cls.env, 'mlm_merge_officer', 'mlm_network.group_officer,base.group_partner_manager')
        cls.second = new_test_user(cls.env, 'mlm_merge_second', 'mlm_network.group_officer')
        cls.twin = cls.agent('Carl once more', cls.otto)
        (cls.everybody + cls.twin).email = EMAIL  # others only an administrator may merge

    def merge(self, dst, *src, user=None):
        """As staff do: contacts chosen in the list, Merge, the one that stays, Merge."""
        wizard = self.env['base.partner.merge.automatic.wizard'].with_user(user or self.officer).with_context(
            active_model='res.partner', active_ids=dst.union(*src).ids).create({})
        wizard.dst_partner_id = dst
        wizard.action_merge()
        self.env.invalidate_all()
        self.assertEqual(dst.union(*src).exists(), dst)

    def waiting(self, agents, **values):
        self.env.company.mlm_change_approval = True
        change = self.env['mlm.place.change'].with_user(self.officer).create({
            'partner_ids': [Command.set(agents.ids)], 'date': '2026-06-15', 'reason': 'On request', **values})
        change.action_submit()
        self.assertEqual(change.state, 'waiting')
        return change.with_user(self.second)

    def test_change_that_waits(self):
        """Asked for one of the two: approved afterwards, it moves the one that stays."""
        change = self.waiting(self.twin, sponsor_id=self.anna.id)
        self.merge(self.carl, self.twin)
        self.assertEqual(change.partner_ids, self.carl)
        self.assertEqual(change.preview, 'Carl: from Bert to Anna (agents below: 1)')
        change.action_approve()
        self.assertEqual((change.state, self.carl.mlm_sponsor_id, self.dora.mlm_sponsor_id), ('done', self.anna, self.carl))

    def test_change_that_names_both(self):
        change = self.waiting(self.carl + self.twin, sponsor_id=self.anna.id)
        self.merge(self.carl, self.twin)
        self.assertEqual(change.partner_ids, self.carl)
        change.action_approve()
        self.assertEqual(self.carl.mlm_sponsor_id, self.anna)

    def test_change_to_one_of_them(self):
        """The agent was to move to who is now the same person: that cannot be, and can be refused."""
        change = self.waiting(self.carl, sponsor_id=self.twin.id)
        self.merge(self.carl, self.twin)
        self.assertEqual((change.partner_ids, change.sponsor_id), (self.carl, self.carl))
        with self.refused('cannot be the own sponsor', ValidationError):
            change.action_approve()
        change.action_refuse()
        self.assertEqual((change.state, self.carl.mlm_sponsor_id), ('refused', self.bert))

    def test_change_that_is_done(self):
        self.env['mlm.place.change'].with_user(self.officer).create({
            'kind': 'suspend', 'partner_ids': [Command.set(self.twin.ids)], 'date': '2026-06-15', 'reason': 'Rest',
        }).action_submit()
        change = self.env['mlm.place.change'].search([('partner_ids', 'in', self.twin.ids)])
        self.merge(self.carl, self.twin)
        self.assertRecordValues(change, [{'state': 'done', 'partner_ids': self.carl.ids, 'reason': 'Rest'}])
        self.assertEqual(self.carl.mlm_agent_state, 'active', 'who stays keeps the state')
        self.assertEqual(self.carl.with_user(self.officer).mlm_change_count, 1)

    def test_applications(self):
        """Of the person, and of others who applied to the person."""
        own, other = self.env['mlm.application'].create([
            {'name': 'Carl', 'email': EMAIL, 'sponsor_id': self.bert.id, 'partner_id': self.twin.id},
            {'name': 'Nora', 'email': 'nora@example.com', 'sponsor_id': self.twin.id, 'confirmed_on': fields.Datetime.now()}])
        self.merge(self.carl, self.twin)
        self.assertEqual((own.partner_id, other.sponsor_id), (self.carl, self.carl))
        other.with_user(self.officer).action_approve()
        self.assertEqual(other.partner_id.mlm_sponsor_id, self.carl)

    def test_what_was_brought(self):
        """Inquiries, orders, tasks and the log of entries go along; customers' sponsor is the one that stays."""
        customer = self.customer('Lena', self.twin)
        lead = self.env['crm.lead'].create({'name': 'Inquiry', 'partner_id': customer.id})
        order = self.env['sale.order'].create({'partner_id': customer.id})
        self.assertEqual(lead.mlm_agent_id | order.mlm_agent_id, self.twin)
        task = self.env['mlm.agent.task'].create({
            'agent_id': self.twin.id, 'partner_id': customer.id, 'note': 'Call', 'date': '2026-06-20'})
        entry = self.env['mlm.agent.entry'].create({
            'agent_id': self.twin.id, 'partner_id': customer.id, 'company_id': self.env.company.id})
        self.merge(self.carl, self.twin)
        self.assertEqual(customer.mlm_sponsor_id, self.carl)
        self.assertEqual([record.exists()[name] for record, name in (
            (lead, 'mlm_agent_id'), (order, 'mlm_agent_id'), (task, 'agent_id'), (entry, 'agent_id'))], [self.carl] * 4)

    def test_agent_and_own_customer(self):
        """Kim was Anna's customer with orders, and turns out to be the agent Dora: both histories are one."""
        order = self.env['sale.order'].create({'partner_id': self.kim.id})
        self.assertEqual(order.mlm_agent_id, self.anna)
        self.merge(self.dora, self.kim)
        self.assertEqual((order.partner_id, order.mlm_agent_id), (self.dora, self.anna), 'what was credited stays')
        self.assertEqual((self.dora.mlm_sponsor_id, self.dora.mlm_agent_state), (self.carl, 'active'))

    def test_who_waits_for_a_seat(self):
        """Of two, one sits in the placement tree and one waits to be placed: one seat, nobody waits."""
        self.env.company.write({'mlm_placement_width': 2, 'mlm_placement_strategy': 'manual'})
        self.anna.mlm_placed = True
        self.carl.write({'mlm_placement_id': self.anna.id, 'mlm_placement_slot': 2})
        self.twin.mlm_placement_deadline = '2026-06-30'
        self.assertTrue(self.twin.mlm_placement_waiting)
        self.merge(self.twin, self.carl)
        self.assertRecordValues(self.twin, [{
            'mlm_placement_id': self.anna.id, 'mlm_placement_slot': 2, 'mlm_placed': True, 'mlm_placement_waiting': False}])
        waiting = self.Partner.search(self.Partner._mlm_waiting_domain())
        self.assertNotIn(self.twin, waiting)

    def test_who_may(self):
        """Salespeople merge customers with the wizard, and agents not; an officer's merge needs no administrator."""
        clerk = new_test_user(self.env, 'mlm_merge_clerk', 'sales_team.group_sale_salesman,base.group_partner_manager')
        with self.refused('Only officers of the network', AccessError):
            self.merge(self.carl, self.twin, user=clerk)
        other = self.customer('Kim once more', self.bert, email=EMAIL)
        self.merge(self.kim, other, user=clerk)
        self.assertEqual(self.kim.mlm_sponsor_id, self.anna)
        self.merge(self.carl, self.twin)
