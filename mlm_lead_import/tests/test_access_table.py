# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mlm_network.tests.access import AccessTableMixin

from .common import LeadImportCommon


@tagged('post_install', '-at_install')
class TestAccessTable(AccessTableMixin, LeadImportCommon):

    def test_every_cell(self):
        company = self.env.company
        anna, otto = self.agent('Anna'), self.agent('Otto')
        users = self.make_users(company, anna)
        source = self.source('json')
        source.campaign_ids = [Command.create({
            'external_id': '1', 'campaign_id': self.env['utm.campaign'].create({'title': 'Table'}).id})]
        source.mapping_ids = [Command.create({'question': 'table', 'target': 'ignore'})]
        rule = self.rule(anna, company_id=company.id)
        leads = {}
        for whose, values in {
            'the agent': {'mlm_agent_id': anna.id, 'user_id': False},
            'another agent': {'mlm_agent_id': otto.id, 'user_id': False},
            'the salesperson': {'mlm_agent_id': otto.id, 'user_id': users['Salesperson'].id},
        }.items():
            leads[whose] = self.become_json(
                source, whose, contact={'full_name': whose.title(), 'email': whose.replace(' ', '') + '@example.com'},
                consents=[{'key': 'email', 'text': 'Table', 'accepted': True}]).lead_id
            leads[whose].write(values)
        file = self.env['mlm.lead.file'].create({'source_id': self.source('file').id})
        self.env.flush_all()
        records = {('crm.lead', whose): lead for whose, lead in leads.items()}
        for whose in ('the agent', 'the salesperson'):
            records['mlm.lead.consent', whose] = leads[whose].mlm_consent_ids
            records['mlm.lead.assignment', whose] = leads[whose].mlm_assignment_ids[:1]
        records.update({
            ('mlm.lead.source', 'the company'): source,
            ('mlm.lead.setting', 'the company'): source.setting_ids[:1],
            ('mlm.lead.event', 'the company'): leads['the agent'].mlm_event_ids,
            ('mlm.lead.form', 'the company'): self.env['mlm.lead.form'].create({'source_id': source.id, 'external_id': 'table'}),
            ('mlm.lead.mapping', 'the company'): source.mapping_ids,
            ('mlm.lead.campaign', 'the company'): source.campaign_ids,
            ('mlm.lead.column', 'all companies'): self.env['mlm.lead.column'].search([], limit=1),
            ('mlm.lead.rule', 'the company'): rule,
            ('mlm.lead.rule.member', 'the company'): rule.member_ids,
            ('mlm.lead.report', 'the company'): self.env['mlm.lead.report'].search([('lead_id', '=', leads['the agent'].id)]),
            ('mlm.lead.file', 'another user'): file,
            ('mlm.lead.file.column', 'another user'): self.env['mlm.lead.file.column'].create({'file_id': file.id}),
        })
        self.try_table('mlm_lead_import', users, records)

    def test_hidden_fields(self):
        """Neither a domain, nor grouping, nor an order tells what may not be read."""
        anna, otto = self.agent('Anna'), self.agent('Otto')
        users = self.make_users(self.env.company, anna)
        source = self.source('json')
        lead = self.become_json(source, contact={'full_name': 'Secret Sam', 'email': 'sam@example.com'}).lead_id
        lead.write({'mlm_agent_id': otto.id, 'user_id': False})
        for role in ('Agent', 'Salesperson'):
            leads = self.env['crm.lead'].with_user(users[role])
            self.assertFalse(leads.search([('email_from', '=like', 's%')]) & lead)
            with self.subTest(role), self.assertRaises(AccessError):
                leads.search([('mlm_lead_source_id.setting_ids.value', '!=', False)])
            groups = leads.formatted_read_group([('id', '=', lead.id)], ['email_from'], ['__count'])
            self.assertEqual(groups, [])
        # Of an own inquiry, the agent does not get at what the staff wrote about it.
        lead.mlm_agent_id = anna
        lead.message_post(body='Calls every week', subtype_xmlid='mail.mt_note')
        leads = self.env['crm.lead'].with_user(users['Agent'])
        self.assertEqual(leads.search([('email_from', '=like', 's%')]), lead)
        for name in ('message_ids', 'website_message_ids'):
            with self.subTest(name), self.assertRaises(AccessError):
                leads.search([(f'{name}.body', 'like', 'every week')])
        for role in ('Salesperson', 'Officer', 'Manager'):
            sources = self.env['mlm.lead.source'].with_user(users[role])
            with self.subTest(role), self.assertRaises(AccessError):
                sources.search([('setting_ids.value', '=like', 'a%')])
