# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import NetworkCommon


@tagged('post_install', '-at_install')
class TestAccess(NetworkCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env['res.company'].create({'name': 'Other'})
        contacts = 'base.group_user,base.group_partner_manager'
        cls.users = {
            'agent': new_test_user(cls.env, 'mlm_agent', 'base.group_portal', name='Bert', partner_id=cls.bert.id),
            'stranger': new_test_user(cls.env, 'mlm_stranger', 'base.group_portal'),
            'public': cls.env.ref('base.public_user'),
            'plain': new_test_user(cls.env, 'mlm_plain', 'base.group_user'),
            'clerk': new_test_user(cls.env, 'mlm_clerk', contacts),
            'sales': new_test_user(cls.env, 'mlm_sales', contacts + ',sales_team.group_sale_salesman'),
            'officer': new_test_user(cls.env, 'mlm_officer', 'mlm_network.group_officer'),
            'manager': new_test_user(cls.env, 'mlm_manager', 'mlm_network.group_manager'),
            'other': new_test_user(
                cls.env, 'mlm_other', 'mlm_network.group_officer,sales_team.group_sale_manager',
                company_id=cls.other_company.id, company_ids=[Command.set(cls.other_company.ids)]),
        }
        cls.everybody.company_id = cls.env.company
        cls.env.flush_all()

    def as_role(self, role, record):
        self.env.invalidate_all()
        # Commands on one2many fields are run as whoever began the transaction.
        self.addCleanup(setattr, self.env.transaction, 'default_env', self.env.transaction.default_env)
        self.env.transaction.default_env = record.with_user(self.users[role]).env
        return record.with_user(self.users[role]).with_context(allowed_company_ids=self.users[role].company_id.ids)

    def denied(self):
        return self.refused('', AccessError)

    # --- who may write a place ---

    def test_places_of_agents(self):
        for role, may in [('agent', False), ('stranger', False), ('public', False), ('plain', False), ('clerk', False),
                          ('sales', False), ('other', False), ('officer', True), ('manager', True)]:
            for vals in ({'mlm_sponsor_id': self.otto.id}, {'mlm_sponsor_id': False}, {'mlm_agent_state': 'suspended'},
                         {'mlm_agent_code': 'MINE'}):
                with self.subTest(role=role, vals=vals):
                    if may:
                        self.as_role(role, self.carl).write(vals)
                        row = self.carl.mlm_sponsorship_ids.sorted('date_from')[-1]
                        self.assertEqual(row.agent_state, self.carl.mlm_agent_state)
                    else:
                        with self.denied():
                            self.as_role(role, self.carl).write(vals)
                    self.carl.write({'mlm_sponsor_id': self.bert.id, 'mlm_agent_state': 'active', 'mlm_agent_code': 'CARL'})

    def test_an_agents_own_place(self):
        for vals in ({'mlm_sponsor_id': False}, {'mlm_agent_state': 'terminated'}, {'mlm_agent_code': 'ME'}, {'name': 'Me'}):
            with self.subTest(vals=vals), self.denied():
                self.as_role('agent', self.bert).write(vals)

    def test_becoming_an_agent(self):
        for role, may in [('clerk', False), ('sales', False), ('officer', True)]:
            for number, action in enumerate((
                    lambda partner: partner.write({'mlm_agent_state': 'active'}),
                    lambda partner: partner.create({'name': 'New', 'mlm_agent_state': 'candidate'}),
                    lambda partner: partner.create({'name': 'New', 'mlm_agent_code': 'NEW-%s' % partner.env.uid}),
                    lambda partner: partner.with_context(default_mlm_agent_state='active').create({'name': 'New'}),
                    lambda partner: partner.browse(self.bert.id).write({'mlm_sponsored_ids': [
                        Command.create({'name': 'New', 'mlm_agent_state': 'active'})]}),
                    lambda partner: partner.browse(self.bert.id).write({'mlm_sponsored_ids': [Command.link(self.otto.id)]}),
            )):
                with self.subTest(role=role, number=number):
                    if may:
                        action(self.as_role(role, self.kim))
                    else:
                        with self.denied():
                            action(self.as_role(role, self.kim))

    def test_customers_are_free(self):
        for role in ('clerk', 'sales', 'officer'):
            with self.subTest(role=role):
                kim = self.as_role(role, self.kim)
                kim.mlm_sponsor_id = self.dora.id
                kim.mlm_sponsor_id = False
                new = kim.create({'name': 'New', 'mlm_sponsor_id': self.dora.id})
                self.assertEqual(self.history(new.sudo())[-1][:2], ('Dora', 'none'))
        with self.denied():
            self.as_role('plain', self.kim).mlm_sponsor_id = self.dora.id

    def test_new_agents_are_offered_to_officers(self):
        for role, may in [('sales', False), ('officer', True)]:
            for name in ('list', 'kanban'):
                view = self.env.ref('mlm_network.res_partner_view_%s_agent' % name)
                arch = self.as_role(role, self.Partner).get_view(view.id, name)['arch']
                with self.subTest(role=role, view=name):
                    self.assertEqual('create="0"' not in arch, may)

    def test_deleting_an_agent(self):
        leaf = self.agent('Leaf', self.dora)
        for role in ('clerk', 'sales'):
            with self.subTest(role=role), self.denied():
                self.as_role(role, leaf).unlink()
        self.as_role('officer', leaf).unlink()
        self.as_role('clerk', self.kim).unlink()

    def test_sponsor_of_another_company(self):
        """An id that was guessed neither works nor tells a name."""
        hidden = self.agent('Hidden', company_id=self.other_company.id)
        shared = self.customer('Shared')
        for role in ('sales', 'officer'):
            with self.subTest(role=role):
                with self.assertRaises(UserError) as caught, self.cr.savepoint():
                    self.as_role(role, shared).mlm_sponsor_id = hidden.id
                self.assertNotIn('Hidden', str(caught.exception))

    def test_code_of_another_company(self):
        self.agent('Hidden', company_id=self.other_company.id, mlm_agent_code='TAKEN')
        with self.refused('TAKEN belongs to another contact'):
            self.as_role('officer', self.carl).mlm_agent_code = 'taken'

    # --- history ---

    def test_history_is_read_only(self):
        row = self.carl.mlm_sponsorship_ids
        for role in self.users:
            with self.subTest(role=role):
                for action in (
                    lambda history: history.write({'sponsor_id': self.otto.id}),
                    lambda history: history.unlink(),
                    lambda history: history.create({
                        'partner_id': self.otto.id, 'agent_state': 'active', 'date_from': '2020-01-01'}),
                    lambda history: history.partner_id.browse(self.carl.id).write({
                        'mlm_sponsorship_ids': [Command.delete(row.id)]}),
                    lambda history: history.partner_id.browse(self.carl.id).write({
                        'mlm_sponsorship_ids': [Command.update(row.id, {'reason': 'x'})]}),
                ):
                    with self.denied():
                        action(self.as_role(role, row))
        self.assertTrue(row.exists())
        self.assertFalse(row.reason)

    def test_who_reads_the_history(self):
        for role, may in [('agent', False), ('stranger', False), ('public', False), ('plain', False), ('clerk', False),
                          ('sales', True), ('officer', True), ('manager', True), ('other', False)]:
            with self.subTest(role=role):
                rows = self.as_role(role, self.carl.mlm_sponsorship_ids)
                if may:
                    self.assertEqual(rows.sponsor_id.name, 'Bert')
                    continue
                with self.denied():
                    rows.read(['sponsor_id'])
                if role == 'other':  # may read history, but of the own company
                    self.assertFalse(rows.search([('partner_id', 'in', self.everybody.ids)]))
                    self.assertFalse(rows._read_group([('partner_id', 'in', self.everybody.ids)], [], ['__count'])[0][0])
                else:
                    with self.denied():
                        rows.formatted_read_group([], ['sponsor_id'], ['__count'])
                    with self.refused('', UserError):
                        rows.export_data(['sponsor_id/name'])

    def test_private_methods(self):
        """What the code alone may call cannot be called by anybody's RPC."""
        from odoo.service.model import get_public_method
        for model, names in {
            'mlm.sponsorship': ['_record', '_tree_sql', '_has_loop', '_check_no_loop'],
            'res.partner': ['_mlm_get_selling_agents', '_mlm_draw_codes', '_mlm_apply'],
            'mlm.network.version': ['_bump'],
        }.items():
            for name in names:
                with self.subTest(model=model, name=name), self.denied():
                    get_public_method(self.env[model], name)

    # --- the portal ---

    def test_portal_reads_its_own_place(self):
        bert = self.as_role('agent', self.bert)
        values = bert.read([
            'mlm_agent_state', 'mlm_frontline_count', 'mlm_customer_count', 'mlm_downline_count', 'mlm_depth'])
        self.assertEqual(values[0], {
            'id': self.bert.id, 'mlm_agent_state': 'active', 'mlm_frontline_count': 2, 'mlm_customer_count': 0,
            'mlm_downline_count': 3, 'mlm_depth': 2})
        self.assertTrue(bert.mlm_since)

    def test_portal_reads_nobody_else(self):
        for role in ('agent', 'stranger', 'public'):
            for partner in self.everybody - self.bert:
                with self.subTest(role=role, partner=partner.name), self.denied():
                    self.as_role(role, partner).read(['mlm_agent_state'])
            Partner = self.as_role(role, self.Partner)
            own = self.bert if role == 'agent' else self.Partner
            self.assertEqual(Partner.search([('id', 'in', self.everybody.ids)]), own)
            self.assertEqual(Partner.search([('mlm_agent_state', '!=', 'none')]), own)
            self.assertEqual(
                [(state, count) for state, count in Partner._read_group(
                    [('mlm_agent_state', '!=', 'none')], ['mlm_agent_state'], ['__count'])],
                [('active', 1)] if own else [])

    def test_portal_hidden_fields(self):
        for role in ('agent', 'stranger', 'public'):
            Partner = self.as_role(role, self.Partner)
            bert = Partner.browse(self.bert.id)
            for name in ('mlm_upline_ids', 'mlm_downline_ids'):
                with self.subTest(role=role, field=name):
                    self.assertNotIn(name, Partner.fields_get())
                    with self.denied():
                        bert.read([name])
                    with self.refused('', UserError):
                        bert.export_data([name + '/name'])
                    with self.denied():
                        Partner.search([(name, 'in', self.anna.ids)])
                    with self.denied():
                        Partner.search([(name + '.email', 'ilike', 'a')])

    def test_portal_cannot_guess_notes(self):
        """What the staff wrote about an agent is not told letter by letter, by domains, to that agent."""
        self.bert.message_post(body='Complains a lot', subtype_xmlid='mail.mt_note')
        Partner = self.as_role('agent', self.Partner)
        self.assertEqual(Partner.search([('id', '=', self.bert.id)]), self.bert)
        for name in ('message_ids', 'website_message_ids'):
            with self.subTest(name):
                self.assertNotIn(name, Partner.fields_get())
                for domain in ([(f'{name}.body', 'like', 'Complains')], [(name, 'ilike', 'Complains')]):
                    with self.denied():
                        Partner.search(domain)
        self.assertFalse(Partner.env['mail.message'].search([('body', 'like', 'Complains')]))

    def test_portal_cannot_probe_its_sponsor(self):
        """A domain through the sponsor tells nothing about a contact that may not be read."""
        self.anna.email = 'anna@example.com'
        Partner = self.as_role('agent', self.Partner)
        self.assertFalse(Partner.search([('mlm_sponsor_id.email', '=', 'anna@example.com')]))
        self.assertFalse(Partner.search([('mlm_sponsored_ids.name', '=', 'Carl')]))
        self.assertFalse(Partner.browse(self.bert.id).mlm_sponsored_ids)
        with self.denied():
            Partner.browse(self.bert.id).mlm_sponsor_id.email  # noqa: B018
        self.assertFalse(Partner.hierarchy_read([('id', '=', self.anna.id)], {'name': {}}, 'mlm_sponsor_id'))
        self.assertEqual([card['name'] for card in Partner.mlm_read_frontline(self.anna.id, {'name': {}})], ['Bert'])
        self.assertFalse(Partner.mlm_read_frontline(self.bert.id, {'name': {}}))
        with self.denied():
            Partner.hierarchy_read([('id', '=', self.bert.id)], {'name': {}}, 'mlm_sponsor_id')

    def test_record_rule_over_the_line(self):
        """A rule may open the downline to the portal, though the portal may not search by it."""
        self.env['ir.rule'].create({
            'name': 'Downline', 'model_id': self.env['ir.model']._get_id('res.partner'),
            'groups': [Command.set(self.env.ref('base.group_portal').ids)],
            'domain_force': "[('mlm_upline_ids', 'in', user.partner_id.ids)]",
        })
        Partner = self.as_role('agent', self.Partner)
        self.assertEqual(
            Partner.search([('id', 'in', self.everybody.ids)], order='id'), self.bert + self.carl + self.dora + self.cleo)
        self.assertEqual(Partner.browse(self.dora.id).name, 'Dora')
        with self.denied():
            Partner.browse(self.anna.id).name  # noqa: B018

    # --- other companies ---

    def test_other_company(self):
        Partner = self.as_role('other', self.Partner)
        self.assertFalse(Partner.search([('id', 'in', (self.everybody - self.bert).ids)]))
        shared = self.customer('Shared')
        shared.mlm_sponsor_id = self.carl
        shared = self.as_role('other', shared)
        self.assertFalse(shared.mlm_upline_ids & shared.browse(self.carl.ids), 'left out, not an error')
        found = Partner.search([('id', '=', shared.id), ('mlm_upline_ids', 'ilike', 'Carl')])
        self.assertFalse(found, 'no search by a name that may not be read')
        self.assertFalse(Partner.mlm_read_frontline(self.carl.id, {'name': {}}))
        self.assertFalse(self.as_role('other', self.env['mlm.sponsorship']).search([('sponsor_id.name', '=', 'Bert')]))
