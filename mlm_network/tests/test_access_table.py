# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.tests import tagged

from .access import AccessTableMixin
from .common import NetworkCommon


@tagged('post_install', '-at_install')
class TestAccessTable(AccessTableMixin, NetworkCommon):

    def test_every_cell(self):
        self.env.company.write({'mlm_placement_width': 2, 'mlm_placement_strategy': 'manual'})
        self.bert.mlm_placed = True
        ken = self.customer('Ken', self.bert)
        (self.everybody + ken).company_id = self.env.company
        users = self.make_users(self.env.company, self.bert)
        change = self.env['mlm.place.change'].create({'partner_ids': self.bert.ids, 'reason': 'Table'})
        exit_wizard = self.env['mlm.exit.wizard'].create({'partner_id': self.bert.id, 'reason': 'Table'})
        self.env['mlm.network.version']._bump()
        self.env['crm.lead'].create({'name': 'Table', 'mlm_agent_id': self.bert.id, 'company_id': self.env.company.id})
        self.env.flush_all()
        self.try_table('mlm_network', users, {
            ('res.partner', 'the agent'): self.bert,
            ('res.partner', 'the sponsor'): self.anna,
            ('res.partner', 'frontline'): self.carl,
            ('res.partner', 'further below'): self.dora,
            ('res.partner', 'own customer'): ken,
            ('mlm.sponsorship', 'the agent'): self.bert.mlm_sponsorship_ids,
            ('mlm.sponsorship', 'further below'): self.dora.mlm_sponsorship_ids,
            ('mlm.placement', 'the agent'): self.bert.mlm_placement_ids,
            ('mlm.place.change', 'the agent'): change,
            ('mlm.agent.entry', 'the agent'): self.env['mlm.agent.entry'].create({
                'agent_id': self.bert.id, 'partner_id': ken.id, 'company_id': self.env.company.id}),
            ('mlm.agent.task', 'the agent'): self.env['mlm.agent.task']._plan(self.bert, ken, '2030-01-01', 'Call'),
            ('mlm.agent.task', 'the agent, inquiry of another salesperson'): self.env['mlm.agent.task'].create({
                'agent_id': self.bert.id, 'date': '2030-01-01', 'note': 'Call', 'lead_id': self.env['crm.lead'].create({
                    'name': 'Inquiry', 'mlm_agent_id': self.bert.id, 'user_id': users['Manager'].id}).id}),
            ('mlm.agent.task', 'the sponsor'): self.env['mlm.agent.task']._plan(self.anna, self.kim, '2030-01-01', 'Call'),
            ('mlm.application', 'the agent'): self.env['mlm.application'].create({
                'name': 'Nora', 'email': 'nora@example.com', 'sponsor_id': self.bert.id}),
            ('mlm.performance', 'the agent'): self.env['mlm.performance'].search([('agent_id', '=', self.bert.id)]),
            ('mlm.exit.wizard', 'another user'): exit_wizard,
            ('mlm.exit.line', 'another user'): self.env['mlm.exit.line'].create({'wizard_id': exit_wizard.id}),
            ('mlm.placement.wizard', 'another user'): self.env['mlm.placement.wizard'].create({'partner_ids': self.bert.ids}),
            ('mlm.network.version', 'nobody'): self.env['mlm.network.version'].search([], limit=1),
        })
