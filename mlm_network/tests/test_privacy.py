# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import NetworkCommon
from .traces import traces


@tagged('post_install', '-at_install')
class TestPrivacy(NetworkCommon):
    """Who asks to be forgotten is, and the tree stays what it was, today and on every past day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old = cls.since('2024-01-01', 'Old Sponsor')
        cls.person = cls.since(
            '2024-02-01', 'Zofia Zapomniana', cls.old, email='zofia@example.com', phone='+48 600 100 200', street='Ulica 1',
            city='Warszawa', comment='Likes tea', vat='/', function='Nurse', website='https://zofia.example.com',
            country_id=cls.env.ref('base.pl').id, child_ids=[(0, 0, {'name': 'Delivery Zofia', 'email': 'door@example.com'})])
        cls.below = cls.since('2024-03-01', 'Below', cls.person)
        cls.place(cls.person, '2024-05-01', 'Zofia asked for it', mlm_sponsor_id=cls.otto.id)
        cls.env['res.partner.bank'].create({'partner_id': cls.person.id, 'acc_number': 'PL61109010140000071219812874'})
        cls.env['ir.attachment'].create({
            'name': 'zofia.pdf', 'res_model': 'res.partner', 'res_id': cls.person.id, 'raw': b'Zofia'})
        cls.person.message_post(body='Zofia called')

    def look_up(self, name='Zofia Zapomniana', email='zofia@example.com'):
        """As an administrator, who is not the superuser of these tests."""
        wizard = self.env['privacy.lookup.wizard'].with_user(self.env.ref('base.user_admin')).create({
            'name': name, 'email': email})
        wizard.action_lookup()
        return wizard.line_ids

    def tables_with(self, *words):
        """``{(table, word)}``: where the words are still found."""
        return {(table, word) for table, found in traces(self.env, words).items() for word in found}

    def test_agent_is_found_and_becomes_nameless(self):
        words = ('zofia', '600 100 200', 'Ulica 1', 'Likes tea', '61109010140000071219812874')
        self.assertTrue(self.tables_with(*words))
        code = self.person.mlm_agent_code
        trees = {day: self.env.execute_query(self.env['mlm.sponsorship']._tree_sql(day))
                 for day in ('2024-02-15', '2024-04-01', '2024-06-01', '2030-01-01')}
        lines = self.look_up()
        found = {(line.res_model, line.res_id) for line in lines}
        self.assertIn(('res.partner', self.person.id), found)
        self.assertLessEqual({('mlm.sponsorship', row.id) for row in self.person.mlm_sponsorship_ids}, found)
        self.assertIn(('mlm.sponsorship', self.below.mlm_sponsorship_ids.id), found, 'where the person is the sponsor')
        lines.action_unlink_all()
        self.env.invalidate_all()
        self.assertRecordValues(self.person, [{
            'name': f'Anonymous {code}', 'mlm_agent_code': code, 'active': False, 'email': False, 'phone': False, 'street': False,
            'mlm_sponsor_id': self.otto.id, 'mlm_agent_state': 'active'}])
        self.assertEqual(self.tables_with(*words, 'door@example.com'), set())
        self.assertEqual(self.below.mlm_sponsor_id, self.person)
        for day, rows in trees.items():
            self.assertEqual(sorted(self.env.execute_query(self.env['mlm.sponsorship']._tree_sql(day))), sorted(rows))
        self.assertEqual(len(self.person.mlm_sponsorship_ids), 2)
        # again: nothing more is found but the log
        self.assertFalse(self.look_up().filtered(lambda line: line.res_model == 'res.partner'))

    def test_details_say_what_was_done(self):
        lines = self.look_up()
        lines.action_unlink_all()
        told = {line.res_model: line.execution_details for line in lines}
        self.assertRegex(told['res.partner'], 'Anonymized')
        self.assertRegex(told['mlm.sponsorship'], 'Kept')

    def test_what_customers_asked_and_bought_is_theirs(self):
        """Inquiries and orders of the agent's customers are not about the agent; the agent's own are."""
        customer = self.customer('Kunde Karl', self.person, email='karl@example.com')
        leads = self.env['crm.lead'].create([
            {'name': 'Inquiry of Karl', 'partner_id': customer.id, 'mlm_agent_id': self.person.id},
            {'name': 'Own inquiry', 'partner_id': self.person.id, 'mlm_agent_id': self.person.id},
            {'name': 'By mail', 'email_from': 'Zofia <zofia@example.com>', 'mlm_agent_id': self.person.id}])
        orders = self.env['sale.order'].create([
            {'partner_id': customer.id, 'mlm_agent_id': self.person.id}, {'partner_id': self.person.id}])
        change = self.env['mlm.place.change'].create({
            'partner_ids': self.below.ids, 'sponsor_id': self.person.id, 'reason': 'Closer'})
        change.action_submit()
        lines = self.look_up()
        found = {(line.res_model, line.res_id) for line in lines}
        self.assertEqual({id_ for model, id_ in found if model == 'crm.lead'}, set(leads[1:].ids))
        self.assertEqual({id_ for model, id_ in found if model == 'sale.order'}, {orders[1].id})
        lines.action_unlink_all()
        self.assertEqual((leads.exists(), orders.exists()), (leads[0], orders[0]))
        self.assertEqual(leads[0].mlm_agent_id, self.person)
        self.assertEqual(change.exists().state, 'done')

    def test_customer_with_a_sponsor_stays_nameless(self):
        customer = self.since('2024-03-01', 'Kunde Karl', self.person, 'none', email='karl@example.com')
        self.look_up('Kunde Karl', 'karl@example.com').action_unlink_all()
        self.assertTrue(customer.exists())
        self.assertEqual((customer.name, customer.mlm_sponsor_id), (f'Anonymous {customer.id}', self.person))

    def test_contact_outside_the_network_is_deleted(self):
        contact = self.customer('Nobody Known', email='nobody@example.com')
        self.look_up('Nobody Known', 'nobody@example.com').action_unlink_all()
        self.assertFalse(contact.exists())

    def test_login_of_the_portal_is_gone(self):
        user = new_test_user(self.env, 'zofia@example.com', 'base.group_portal')
        user.partner_id.write({'name': 'Portal Zofia', 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.otto.id})
        partner = user.partner_id
        self.look_up('Portal Zofia', 'zofia@example.com').filtered(
            lambda line: line.res_model == 'res.partner' and line.res_id == partner.id).action_unlink()
        self.assertFalse(user.active)
        self.assertNotIn('zofia', user.login)
        self.assertFalse(partner.active)

    def test_staff_is_refused(self):
        user = new_test_user(self.env, 'privacy_staff', 'base.group_user', email='staff@example.com')
        user.partner_id.write({'name': 'Staff Member', 'mlm_agent_state': 'active'})
        with self.refused('is one of your users', UserError):
            self.look_up('Staff Member', 'staff@example.com').filtered(
                lambda line: line.res_model == 'res.partner').action_unlink()

    def test_names_in_changes(self):
        """A change of the network says in words what it did."""
        change = self.env['mlm.place.change'].create({
            'partner_ids': self.person.ids, 'sponsor_id': self.anna.id, 'reason': 'Zofia is ill'})
        change.action_submit()
        self.assertIn('Zofia', change.result)
        self.look_up().action_unlink_all()
        self.env.invalidate_all()
        self.assertNotIn('Zofia', change.result)
        self.assertIn(f'Anonymous {self.person.mlm_agent_code}', change.result)
        self.assertEqual(change.state, 'done')
        self.assertEqual(self.person.mlm_sponsor_id, self.anna)

    def test_applications_are_forgotten(self):
        """With the contact, or by themselves: an approved one stays nameless, others go."""
        values = {'name': 'Zofia Zapomniana', 'email': 'zofia@example.com', 'phone': '600 100 200', 'note': 'Zofia again'}
        approved, refused = self.env['mlm.application'].create([
            {**values, 'partner_id': self.person.id, 'state': 'approved'}, {**values, 'state': 'refused', 'refusal': 'Zofia'}])
        for application in approved + refused:
            application.message_post(body='Zofia called')
        found = {(line.res_model, line.res_id) for line in self.look_up()}
        self.assertLessEqual({('mlm.application', application.id) for application in approved + refused}, found)
        for line in self.look_up().filtered(lambda line: line.res_model == 'mlm.application'):
            line.action_unlink()
        self.assertFalse(refused.exists())
        self.assertRecordValues(approved, [{'phone': False, 'note': False, 'state': 'approved', 'message_ids': []}])
        approved.write(values)
        self.person._mlm_anonymize()
        tables = {table for table, _word in self.tables_with('zofia', '600 100 200')}
        self.assertFalse(tables & {'mlm_application', 'mail_message'})

    def test_notes_about_others(self):
        """Who stood under the person has notes of that: they stay, and name nobody."""
        tracked = {'tracking_disable': False, 'mail_notrack': False, 'mail_create_nolog': True}
        other = self.customer('Lena', self.otto).with_context(**tracked)
        self.flush_tracking()
        other.mlm_sponsor_id = self.person
        self.flush_tracking()
        other.mlm_sponsor_id = self.otto
        self.flush_tracking()
        other.message_post(body='Called back', author_id=self.person.id, email_from='"Zofia" <zofia@example.com>')
        self.assertLessEqual({'mail_tracking_value', 'mail_message'}, {table for table, _word in self.tables_with('zofia')})
        self.look_up().action_unlink_all()
        self.env.invalidate_all()
        self.assertEqual(self.tables_with('zofia'), set())
        tracking = other.message_ids.tracking_value_ids.filtered(lambda v: v.field_id.name == 'mlm_sponsor_id')
        code = self.person.mlm_agent_code
        self.assertEqual({(v.old_value_char, v.new_value_char) for v in tracking}, {
            ('Otto', f'Anonymous {code}'), (f'Anonymous {code}', 'Otto')})

    def test_what_was_sent(self):
        """A mail to the agent about somebody's inquiry, and one to the customer on the agent's behalf: kept without the name."""
        lead = self.env['crm.lead'].create({
            'name': 'Inquiry', 'email_from': 'karl@example.com', 'mlm_agent_id': self.person.id})
        to_agent = self.env['mail.message'].create({
            'model': 'crm.lead', 'res_id': lead.id, 'subject': 'For Zofia Zapomniana', 'body': 'Hello Zofia Zapomniana, a lead',
            'message_type': 'email_outgoing', 'outgoing_email_to': 'zofia@example.com', 'partner_ids': self.person.ids})
        mail = self.env['mail.mail'].create({
            'mail_message_id': to_agent.id, 'body_html': 'Hello Zofia Zapomniana', 'email_to': 'zofia@example.com'})
        to_customer = lead.message_post(body='Zofia Zapomniana made an offer for you')
        self.person._mlm_anonymize()
        self.assertFalse({table for table, _word in self.tables_with('zofia')} & {'mail_message', 'mail_mail'})
        name = self.person.name
        self.assertEqual(to_agent.exists().subject, f'For {name}')
        self.assertIn(f'Hello {name}', mail.exists().body_html)
        self.assertIn(f'{name} made an offer', to_customer.exists().body)

    def test_what_must_not_be_deleted(self):
        """A confirmed order of the agent stays, nameless with its contact; a draft goes. A contact outside is refused by Odoo."""
        product = self.env['product.product'].create({'name': 'Soap'})
        orders = self.env['sale.order'].create([{
            'partner_id': self.person.id, 'order_line': [(0, 0, {'product_id': product.id})]} for _order in range(2)])
        orders[0].action_confirm()
        lines = self.look_up()
        lines.action_unlink_all()
        self.assertEqual(orders.exists(), orders[0])
        self.assertRegex(self.person.name, '^Anonymous')
        self.assertRegex(lines.filtered(
            lambda line: (line.res_model, line.res_id) == ('sale.order', orders[0].id)).execution_details, 'Kept')
        outside = self.customer('Nobody Known', email='nobody@example.com')
        order = self.env['sale.order'].create({
            'partner_id': outside.id, 'order_line': [(0, 0, {'product_id': product.id})]})
        order.action_confirm()
        with self.refused('confirmed', UserError):
            self.look_up('Nobody Known', 'nobody@example.com').filtered(
                lambda line: line.res_model == 'sale.order').action_unlink()
        self.assertTrue(outside.exists())

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.flush()
