# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import http
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import LeadImportCommon


@tagged('post_install', '-at_install')
class TestAccess(LeadImportCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.json = cls.source('json')
        cls.anna, cls.bert = cls.agent('Anna'), cls.agent('Bert')
        cls.anna_user = cls.user('lead_anna', 'base.group_portal', partner_id=cls.anna.id, password='lead_anna')
        cls.bert_user = cls.user('lead_bert', 'base.group_portal', partner_id=cls.bert.id, password='lead_bert')
        cls.stranger = cls.user('lead_stranger', 'base.group_portal', password='lead_stranger')
        cls.plain = cls.user('lead_plain', 'base.group_user')
        cls.salesman = cls.user('lead_salesman', 'sales_team.group_sale_salesman')
        cls.all_leads = cls.user('lead_all', 'sales_team.group_sale_salesman_all_leads')
        cls.officer = cls.user('lead_officer', 'mlm_network.group_officer,sales_team.group_sale_salesman')
        cls.manager = cls.user('lead_manager', 'mlm_network.group_manager')
        cls.admin = cls.user('lead_admin', 'base.group_system')
        cls.other = cls.env['res.company'].create({'name': 'Other'})
        cls.foreign = cls.user(
            'lead_foreign', 'mlm_network.group_manager,sales_team.group_sale_salesman_all_leads', company_id=cls.other.id,
            company_ids=[Command.set(cls.other.ids)])

    def setUp(self):
        super().setUp()
        self.event = self.become_json(
            self.json, contact={'full_name': 'Ida Inquirer', 'phone': '600100200', 'email': 'ida@example.com',
                'zip': '00-001', 'city': 'Warszawa',
                                'interest': 'Accident'},
            answers=[{'key': 'q', 'label': 'Since when?', 'values': ['Monday']}],
            consents=[{'key': 'phone', 'text': 'You may call me', 'accepted': True}])
        self.lead = self.event.lead_id

    def sees(self, user, record=None):
        record = record or self.lead
        try:
            return bool(record.with_user(user).with_company(user.company_id).search([('id', '=', record.id)]))
        except AccessError:
            return False

    # --- records ---

    def test_pool_is_not_for_everybody(self):
        """Odoo shows leads without a salesperson to every salesperson."""
        everybody = (self.anna_user, self.bert_user, self.stranger, self.plain, self.salesman, self.all_leads,
            self.officer, self.foreign)
        self.assertEqual([user.login for user in everybody if self.sees(user)], ['lead_all', 'lead_officer'])
        ordinary = self.Lead.create({'name': 'Not imported', 'user_id': False})
        self.assertTrue(self.sees(self.salesman, ordinary), 'others are as they were')

    def test_assigned(self):
        self.lead.mlm_agent_id = self.anna
        everybody = (self.anna_user, self.bert_user, self.stranger, self.plain, self.salesman, self.all_leads,
            self.officer, self.foreign)
        self.assertEqual([user.login for user in everybody if self.sees(user)], ['lead_anna', 'lead_all', 'lead_officer'])
        self.lead.user_id = self.salesman
        self.assertTrue(self.sees(self.salesman))

    def test_portal_reads_and_no_more(self):
        self.lead.mlm_agent_id = self.anna
        own = self.lead.with_user(self.anna_user)
        self.assertEqual(own.phone, '+48600100200')
        for act in (lambda: own.write({'name': 'x'}), own.unlink, lambda: own.read(['mlm_event_ids']), own.mlm_consent_ids.read,
                    lambda: own.create({'name': 'x'}), own.action_mlm_erase):
            with self.assertRaises(AccessError):
                act()
        ordinary = self.Lead.create({'name': 'Not imported', 'mlm_agent_id': self.anna.id})
        self.assertFalse(self.sees(self.anna_user, ordinary))

    def test_rights_of_each_role(self):
        """Every model of the addon, every role: r(ead), w(rite), c(reate), d(elete), before any record rule."""
        sales, officer, manager, admin = ('salesman', 'all_leads', 'boss', 'officer'), ('officer',), ('manager',), ('admin',)
        wanted = {
            'mlm.lead.source': {**dict.fromkeys(sales, 'r'), 'manager': 'rwcd', 'admin': 'rwcd'},
            'mlm.lead.setting': {'admin': 'rw'},
            'mlm.lead.event': dict.fromkeys(manager + admin, 'r'),
            'mlm.lead.form': dict.fromkeys(manager + admin, 'r'),
            'mlm.lead.column': {'manager': 'rwcd'},
            'mlm.lead.mapping': {'manager': 'rwcd', 'admin': 'r'},
            'mlm.lead.campaign': {'manager': 'rwcd', 'admin': 'r'},
            'mlm.lead.rule': {**dict.fromkeys(officer, 'r'), 'manager': 'rwcd'},
            'mlm.lead.rule.member': {**dict.fromkeys(officer, 'r'), 'manager': 'rwcd'},
            'mlm.lead.consent': dict.fromkeys(sales, 'r'),
            'mlm.lead.assignment': dict.fromkeys(sales, 'r'),
            'mlm.lead.report': {'manager': 'r', 'boss': 'r'},
            'mlm.lead.file': {'manager': 'rwcd'},
            'mlm.lead.file.column': {'manager': 'rwcd'},
        }
        roles = {
            'agent': self.anna_user, 'stranger': self.stranger, 'plain': self.plain, 'salesman': self.salesman,
            'all_leads': self.all_leads, 'boss': self.user('lead_boss', 'sales_team.group_sale_manager'),
            'officer': self.officer, 'manager': self.manager, 'admin': self.admin,
            'accountant': self.user('lead_accountant', 'base.group_user,account.group_account_invoice'),
        }
        own = {name for name, model in self.env.items()
            if model._original_module == 'mlm_lead_import' and not model._abstract}
        self.assertEqual(own, set(wanted), 'a new model is missing in the table')
        letters = {'r': 'read', 'w': 'write', 'c': 'create', 'd': 'unlink'}
        for name, table in wanted.items():
            for role, user in roles.items():
                model = self.env[name].with_user(user)
                found = ''.join(letter for letter, operation in letters.items() if model.has_access(operation))
                self.assertEqual(found, table.get(role, ''), (name, role))

    def test_inbox_and_credentials(self):
        allowed = {'mlm.lead.event': {'lead_manager', 'lead_admin'}, 'mlm.lead.setting': {'lead_admin'},
                   'mlm.lead.source': {'lead_salesman', 'lead_all', 'lead_officer', 'lead_manager', 'lead_admin'}}
        users = self.anna_user + self.stranger + self.plain + self.salesman + self.all_leads + self.officer
        users += self.manager + self.admin + self.foreign
        for model, logins in allowed.items():
            record = {'mlm.lead.event': self.event, 'mlm.lead.setting': self.json.setting_ids[0],
                'mlm.lead.source': self.json}[model]
            self.assertEqual({user.login for user in users if self.sees(user, record)}, logins, model)
        with self.assertRaises(AccessError):
            self.event.with_user(self.manager).read(['payload'])
        with self.assertRaises(AccessError):
            self.json.with_user(self.manager).read(['setting_ids'])
        with self.assertRaises(AccessError):
            self.json.with_user(self.salesman).read(['token'])
        self.assertEqual(self.json.with_user(self.salesman).done_count, 1)
        for user in (self.manager, self.admin):
            with self.assertRaises(AccessError):
                self.event.with_user(user).write({'state': 'done'})

    def test_stopping_tells_no_secret(self):
        self.json.with_user(self.manager).action_check()
        self.assertNotIn('a-long-secret', self.json.check_result)

    def test_copy_has_no_credentials(self):
        copied = self.json.copy()
        self.assertFalse(copied.setting_ids.filtered('secret'))
        self.assertNotEqual(copied.token, self.json.token)
        self.assertEqual(copied.state, 'draft')

    # --- the portal ---

    def page(self, login, path='/my/leads', **data):
        self.authenticate(login, login)
        if data:
            token = http.Request.csrf_token(self)
            return self.url_open(path, data={'csrf_token': token, **data})
        return self.url_open(path)

    def test_agent_sees_and_acts(self):
        self.lead.mlm_agent_id = self.anna
        page = self.page('lead_anna').text
        for text in ('Ida Inquirer', 'Accident', 'Warszawa'):
            self.assertIn(text, page)
        page = self.page('lead_anna', f'/my/leads/{self.lead.id}').text
        for text in ('tel:+48600100200', 'mailto:ida@example.com', 'Since when?', 'Monday', 'You may call me'):
            self.assertIn(text, page)
        page = self.page('lead_anna', f'/my/leads/{self.lead.id}/note', note='Call <b>back</b> on Friday').text
        self.assertIn('Call &lt;b&gt;back&lt;/b&gt; on Friday', page)
        self.env.invalidate_all()
        self.assertTrue(self.lead.mlm_contacted_at)
        self.assertEqual(self.lead.message_ids[0].author_id, self.anna)

    def test_agent_contacts(self):
        self.lead.mlm_agent_id = self.anna
        self.page('lead_anna', f'/my/leads/{self.lead.id}/contacted', x='1')
        self.env.invalidate_all()
        self.assertEqual((bool(self.lead.mlm_contacted_at), self.lead.mlm_assignment_ids.result), (True, 'contacted'))

    def test_agent_gives_back(self):
        self.rule(self.anna, self.bert)
        self.lead.mlm_agent_id = self.anna
        self.page('lead_anna', f'/my/leads/{self.lead.id}/decline', x='1')
        self.env.invalidate_all()
        self.assertEqual(self.lead.mlm_agent_id, self.bert)
        self.assertEqual(self.lead.mlm_assignment_ids.sorted('id').mapped('result'), ['declined', 'open'])

    def test_others_see_and_do_nothing(self):
        self.lead.mlm_agent_id = self.anna
        self.assertNotIn('Ida', self.page('lead_all', f'/my/leads/{self.lead.id}').text, 'staff work in the CRM')
        for login in ('lead_bert', 'lead_stranger'):
            self.assertNotIn('Ida', self.page(login).text)
            self.assertNotIn('Ida', self.page(login, f'/my/leads/{self.lead.id}').text)
            for act in ('contacted', 'note', 'decline'):
                self.assertNotIn('Ida', self.page(login, f'/my/leads/{self.lead.id}/{act}', note='x').text)
        self.authenticate(None, None)
        self.assertIn('/web/login', self.url_open(f'/my/leads/{self.lead.id}').url)
        self.env.invalidate_all()
        self.assertRecordValues(self.lead, [{'mlm_agent_id': self.anna.id, 'mlm_contacted_at': False}])

    def test_acts_need_a_token_of_the_page(self):
        self.lead.mlm_agent_id = self.anna
        self.authenticate('lead_anna', 'lead_anna')
        self.assertEqual(self.url_open(f'/my/leads/{self.lead.id}/decline', data={'x': '1'}).status_code, 400)
        self.env.invalidate_all()
        self.assertEqual(self.lead.mlm_agent_id, self.anna)

    def test_nonsense(self):
        self.lead.mlm_agent_id = self.anna
        for path in ('/my/leads?filterby=nonsense', '/my/leads/0', '/my/leads/999999999', '/my/leads/page/99'):
            self.assertEqual(self.page('lead_anna', path).status_code, 200)
