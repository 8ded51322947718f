# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import NetworkCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-06-15 12:00:00')
class TestPlaceChange(NetworkCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(cls.env, 'mlm_change_officer', 'mlm_network.group_officer')
        cls.second = new_test_user(cls.env, 'mlm_change_second', 'mlm_network.group_officer')
        with freeze_time('2026-01-01 12:00:00'):
            cls.top = cls.agent('Top')
            cls.mid = cls.agent('Mid', cls.top)
            cls.low = cls.agent('Low', cls.mid)
            cls.leaf = cls.agent('Leaf', cls.low)
            cls.buyer = cls.customer('Buyer', cls.low)
            cls.side = cls.agent('Side', cls.top)

    def change(self, agents, kind='sponsor', user=None, **vals):
        return self.env['mlm.place.change'].with_user(user or self.officer).create({
            'kind': kind, 'partner_ids': [Command.set(agents.ids)], 'date': '2026-03-01', 'reason': 'On request', **vals})

    # --- change of sponsor ---

    def test_sponsor_with_date_and_reason(self):
        change = self.change(self.low, sponsor_id=self.side.id)
        self.assertEqual(change.preview, 'Low: from Mid to Side (agents below: 1)')
        change.action_submit()
        self.assertRecordValues(change, [{
            'state': 'done', 'requested_by_id': self.officer.id, 'decided_by_id': self.officer.id, 'preview': False,
            'result': 'Low: from Mid to Side (agents below: 1)'}])
        self.assertEqual(self.history(self.low), [
            ('Mid', 'active', '2026-01-01', '2026-03-01'), ('Side', 'active', '2026-03-01', None)])
        row = self.low.mlm_sponsorship_ids.filtered(lambda row: not row.date_to)
        self.assertRecordValues(row, [{'reason': 'On request', 'create_uid': self.officer.id}])
        self.assertEqual(self.tree('2026-02-28')['Low'], 'Mid')
        self.assertEqual(self.tree('2026-03-01')['Low'], 'Side')
        self.assertEqual(self.leaf.mlm_sponsor_id, self.low)

    def test_preview_in_the_dialog(self):
        action = self.low.with_user(self.officer).action_mlm_change()
        form = Form(self.env['mlm.place.change'].with_user(self.officer).with_context(**action['context']),
                    view='mlm_network.mlm_place_change_view_form_new')
        self.assertEqual(form.preview, '')
        form.sponsor_id = self.side
        self.assertEqual(form.preview, 'Low: from Mid to Side (agents below: 1)')
        form.kind = 'terminate'
        self.assertEqual(
            form.preview, 'Low: Active → Terminated\nDirectly below Low stay: agents 1, customers 1')

    def test_dates_that_cannot_be(self):
        for date, message in [('2026-06-16', 'in the future'), ('2025-12-31', 'would come before that')]:
            with self.subTest(date), self.refused(message, UserError):
                self.change(self.low, sponsor_id=self.side.id, date=date).action_submit()
        with self.refused('in the future', UserError):
            self.change(self.mid, 'suspend', date='2026-06-16').action_submit()
        self.assertEqual(self.low.mlm_sponsor_id, self.mid)

    def test_no_loop(self):
        with self.refused('nobody can be part of the own upline'):
            self.change(self.mid, sponsor_id=self.leaf.id).action_submit()

    def test_hook_of_closed_periods(self):
        seen = []

        def check(partners, date):
            seen.append((partners.ids, str(date)))
            raise UserError('Closed.')  # noqa: EM101
        change = self.change(self.low, sponsor_id=self.side.id)
        with patch.object(type(self.env['res.partner']), '_mlm_check_change_date', check), self.refused('Closed', UserError):
            change.action_submit()
        self.assertEqual(seen, [(self.low.ids, '2026-03-01')])
        self.assertEqual((change.state, self.low.mlm_sponsor_id), ('draft', self.mid))

    # --- leaving and coming back ---

    def test_leaving_who_stands_below(self):
        for kind, state in (('suspend', 'suspended'), ('terminate', 'terminated')):
            for mode, above in (('stay', self.low), ('up', self.mid), ('other', self.side)):
                with self.subTest(kind=kind, mode=mode):
                    savepoint = self.cr.savepoint()
                    self.change(self.low, kind, below_mode=mode, sponsor_id=self.side.id).action_submit()
                    self.assertEqual(self.low.mlm_agent_state, state)
                    self.assertEqual(self.leaf.mlm_sponsor_id, above)
                    self.assertEqual(self.buyer.mlm_sponsor_id, above)
                    self.assertEqual(self.leaf.mlm_since.isoformat(), '2026-01-01')
                    self.assertEqual(self.tree('2026-02-28')['Leaf'], 'Low')
                    self.assertEqual(self.tree('2026-03-01')['Leaf'], above.name)
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()

    def test_leaving_together(self):
        """Two who leave at once: nobody moves to one of them."""
        self.change(self.low + self.mid, 'terminate', below_mode='up').action_submit()
        self.assertEqual(self.leaf.mlm_sponsor_id, self.top)
        self.assertEqual(self.low.mlm_sponsor_id, self.mid, 'who leaves keeps the place')

    def test_archived_people_move_along(self):
        self.leaf.active = False
        self.change(self.low, 'terminate', below_mode='up').action_submit()
        self.assertEqual(self.leaf.mlm_sponsor_id, self.mid)

    def test_coming_back(self):
        self.change(self.low, 'terminate').action_submit()
        self.assertEqual(self.buyer._mlm_get_selling_agents()[self.buyer], self.mid, 'pay passes to the next above')
        self.change(self.low, 'return', date='2026-04-01').action_submit()
        self.assertEqual(self.history(self.low), [
            ('Mid', 'active', '2026-01-01', '2026-03-01'), ('Mid', 'terminated', '2026-03-01', '2026-04-01'),
            ('Mid', 'active', '2026-04-01', None)])
        self.assertEqual(self.buyer._mlm_get_selling_agents()[self.buyer], self.low)
        with self.refused('Low is "Active"; this change is for agents who are: Suspended, Terminated', UserError):
            self.change(self.low, 'return').action_submit()

    def test_sponsor_left(self):
        Partner = self.Partner.with_user(self.officer)
        self.assertFalse(Partner.search([('mlm_sponsor_left', '=', True), ('id', 'in', (self.leaf + self.buyer).ids)]))
        self.change(self.low, 'terminate').action_submit()
        self.change(self.mid, 'terminate').action_submit()
        left = Partner.search([('mlm_sponsor_left', '=', True)])
        self.assertEqual(left & (self.low + self.leaf + self.buyer + self.side + self.mid), self.low + self.leaf + self.buyer)
        self.assertEqual(left.mapped('mlm_sponsor_left'), [True] * len(left))
        self.assertIn(self.side, Partner.search([('mlm_sponsor_left', '=', False)]))
        self.change(self.leaf + self.buyer, sponsor_mode='up', date='2026-03-02').action_submit()
        self.assertEqual((self.leaf + self.buyer).mlm_sponsor_id, self.top)
        self.assertFalse(self.leaf.mlm_sponsor_left)

    # --- a second person ---

    def test_second_person(self):
        self.env.company.mlm_change_approval = True
        change = self.change(self.low, sponsor_id=self.side.id)
        change.action_submit()
        self.assertEqual((change.state, self.low.mlm_sponsor_id), ('waiting', self.mid))
        with self.refused('Another officer of the network has to approve', UserError):
            change.action_approve()
        with self.refused('To Approve', UserError):
            change.with_user(self.second).write({'sponsor_id': self.top.id})
        with self.refused('', AccessError):
            change.with_user(self.second).unlink()
        change.with_user(self.second).action_approve()
        self.assertRecordValues(change, [{
            'state': 'done', 'requested_by_id': self.officer.id, 'decided_by_id': self.second.id}])
        self.assertEqual(self.low.mlm_sponsor_id, self.side)
        with self.refused('"Done"', UserError):
            change.with_user(self.second).action_approve()

    def test_refused(self):
        self.env.company.mlm_change_approval = True
        change = self.change(self.low, 'terminate')
        change.action_submit()
        change.with_user(self.second).action_refuse()
        self.assertEqual((change.state, change.decided_by_id, self.low.mlm_agent_state), ('refused', self.second, 'active'))
        with self.refused('"Refused"', UserError):
            change.with_user(self.second).action_approve()

    def test_no_way_around_the_second_person(self):
        self.env.company.mlm_change_approval = True
        low = self.low.with_user(self.officer)
        for vals in ({'mlm_sponsor_id': self.side.id}, {'mlm_sponsor_id': False}, {'mlm_agent_state': 'terminated'}):
            with self.subTest(vals), self.refused('A second person has to approve', UserError):
                low.write(vals)
        # Commands on one2many fields are run as whoever began the transaction.
        self.addCleanup(setattr, self.env.transaction, 'default_env', self.env.transaction.default_env)
        self.env.transaction.default_env = low.env
        with self.refused('A second person has to approve', UserError):
            self.side.with_user(self.officer).write({'mlm_sponsored_ids': [Command.link(self.low.id)]})
        for vals in ({'state': 'waiting'}, {'requested_by_id': self.second.id}, {'decided_by_id': self.second.id}):
            with self.subTest(vals), self.refused('', AccessError):
                self.change(self.low, sponsor_id=self.side.id, **vals)
            with self.subTest(vals), self.refused('', AccessError):
                self.change(self.low, sponsor_id=self.side.id).write(vals)
        # what is no change, new agents and customers are free
        low.write({'mlm_sponsor_id': self.mid.id, 'mlm_agent_state': 'active', 'mlm_agent_code': 'LOW'})
        new = low.create({'name': 'New', 'mlm_agent_state': 'candidate', 'mlm_sponsor_id': self.low.id})
        new.mlm_agent_state = 'active'
        self.buyer.with_user(self.officer).mlm_sponsor_id = self.mid.id

    def test_the_company_of_the_agent_wants_it(self):
        other = self.env['res.company'].create({'name': 'Other', 'mlm_change_approval': True})
        self.low.with_user(self.officer)._mlm_check_approved({'mlm_sponsor_id': self.low.mlm_sponsor_id.id})
        self.assertEqual(self.low._mlm_wants_approval(), self.low, 'an agent of all companies')
        (self.top + self.mid + self.low + self.leaf + self.side).company_id = self.env.company
        self.assertFalse(self.low._mlm_wants_approval())
        other.mlm_change_approval = False
        self.env.company.mlm_change_approval = True
        self.assertEqual(self.low._mlm_wants_approval(), self.low)

    # --- who may ---

    def test_contacts_of_another_company(self):
        other = self.env['res.company'].create({'name': 'Other'})
        hidden = self.agent('Hidden', company_id=other.id)
        for vals in ({'partner_ids': [Command.set(hidden.ids)]}, {'sponsor_id': hidden.id}):
            with self.subTest(vals), self.assertRaises(AccessError) as caught, self.cr.savepoint():
                self.change(self.low, **vals)
            self.assertNotIn('Hidden', str(caught.exception))
            change = self.change(self.low)
            with self.subTest(vals), self.assertRaises(AccessError), self.cr.savepoint():
                change.write(vals)
        below = self.customer('Below', self.low, company_id=other.id)
        with self.refused('', AccessError):
            self.change(self.low, 'terminate', below_mode='up').action_submit()
        self.assertEqual(below.mlm_sponsor_id, self.low)

    def test_roles(self):
        change = self.change(self.low)
        for role, groups in {
            'sales': 'sales_team.group_sale_manager,base.group_partner_manager', 'plain': 'base.group_user',
            'portal': 'base.group_portal', 'public': 'base.group_public',
        }.items():
            user = new_test_user(self.env, 'mlm_change_%s' % role, groups)
            for action in (
                lambda change: change.read(['reason']), lambda change: change.search([]),
                lambda change: change.write({'reason': 'x'}), lambda change: change.action_submit(),
                lambda change: change.formatted_read_group([], ['kind'], ['__count']),
                lambda change: change.create({'kind': 'terminate', 'partner_ids': self.low.ids, 'reason': 'x'}),
            ):
                with self.subTest(role), self.refused('', AccessError):
                    action(change.with_user(user))
        self.assertEqual((self.low.mlm_sponsor_id, self.low.mlm_agent_state), (self.mid, 'active'))

    def test_missing(self):
        with self.refused('Choose the new sponsor', UserError):
            self.change(self.low).action_submit()
        with self.refused('Choose the agents', UserError):
            self.change(self.Partner, sponsor_id=self.side.id).action_submit()
        with self.refused('not an active agent', ValidationError):
            self.change(self.low, sponsor_id=self.agent('Cand', state='candidate').id, date='2026-06-15').action_submit()
