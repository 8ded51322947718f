# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from unittest.mock import patch

from odoo.tests import Form, tagged

from .common import NetworkCommon


@tagged('post_install', '-at_install')
class TestDocuments(NetworkCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lea = cls.customer('Lea', cls.carl)
        cls.stranger = cls.customer('Stranger')
        cls.Order = cls.env['sale.order']
        cls.Lead = cls.env['crm.lead']

    def test_order(self):
        orders = self.Order.create([{'partner_id': partner.id} for partner in self.lea + self.dora + self.stranger])
        self.assertEqual([order.mlm_agent_id for order in orders], [self.carl, self.dora, self.Partner])
        self.lea.mlm_sponsor_id = self.otto
        self.carl.mlm_agent_state = 'terminated'
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(orders[0].mlm_agent_id, self.carl, 'a move does not rewrite history')
        orders[0].partner_id = self.kim
        self.assertEqual(orders[0].mlm_agent_id, self.anna)
        orders[0].mlm_agent_id = self.otto
        self.env.flush_all()
        self.assertEqual(orders[0].mlm_agent_id, self.otto, 'staff may choose')
        self.assertEqual(self.Order.create({'partner_id': self.lea.id, 'mlm_agent_id': self.dora.id}).mlm_agent_id, self.dora)
        self.assertFalse(self.Order.create({'partner_id': self.lea.id, 'mlm_agent_id': False}).mlm_agent_id)

    def test_order_form(self):
        with Form(self.Order) as form:
            form.partner_id = self.lea
            self.assertEqual(form.mlm_agent_id, self.carl)
            form.partner_id = self.dora
            self.assertEqual(form.mlm_agent_id, self.dora)
            form.partner_id = self.stranger
            self.assertFalse(form.mlm_agent_id)

    def test_order_of_a_contact_person(self):
        self.lea.is_company = True
        person = self.Partner.create({'name': 'Buyer', 'parent_id': self.lea.id})
        self.assertEqual(self.Order.create({'partner_id': person.id}).mlm_agent_id, self.carl)

    def test_search_by_downline(self):
        orders = self.Order.create([{'partner_id': partner.id} for partner in self.lea + self.dora + self.kim])
        domain = [
            ('id', 'in', orders.ids),
            '|', ('mlm_agent_id', 'ilike', 'Bert'), ('mlm_agent_id.mlm_upline_ids', 'ilike', 'Bert')]
        self.assertEqual(set(self.Order.search(domain).ids), set(orders[:2].ids))

    def test_order_is_tracked(self):
        order = self.Order.create({'partner_id': self.lea.id}).with_context(tracking_disable=False, mail_notrack=False)
        self.flush_tracking()
        order.mlm_agent_id = self.otto
        self.flush_tracking()
        self.assertIn('mlm_agent_id', order.message_ids.tracking_value_ids.field_id.mapped('name'))

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.flush()

    def test_order_of_another_company(self):
        other = self.env['res.company'].create({'name': 'Other'})
        self.carl.company_id = other
        self.assertEqual(self.Order.create({'partner_id': self.lea.id}).mlm_agent_id, self.bert)

    def test_lead(self):
        lead = self.Lead.create({'name': 'Lead', 'partner_id': self.lea.id})
        self.assertEqual(lead.mlm_agent_id, self.carl)
        lead.partner_id = self.stranger
        self.assertFalse(lead.mlm_agent_id)
        self.assertFalse(self.Lead.create({'name': 'Lead'}).mlm_agent_id)

    def test_lead_without_customer_keeps_its_agent(self):
        vals = {'name': 'Lead', 'contact_name': 'Newcomer', 'email_from': 'newcomer@example.com', 'mlm_agent_id': self.dora.id}
        lead = self.Lead.create({**vals, 'type': 'lead'})
        lead.convert_opportunity(self.env['res.partner'])
        self.assertEqual(lead.mlm_agent_id, self.dora)
        lead._handle_partner_assignment(create_missing=True)
        self.assertTrue(lead.partner_id)
        self.assertEqual(lead.mlm_agent_id, self.dora)
        self.assertEqual(self.Order.create({'partner_id': lead.partner_id.id, 'opportunity_id': lead.id}).mlm_agent_id, self.dora)
        other = self.Lead.create(vals)
        other.partner_id = self.lea
        self.env.flush_all()
        self.assertEqual(other.mlm_agent_id, self.dora, 'even if the customer turns out to be known')
        other.partner_id = self.kim
        self.assertEqual(other.mlm_agent_id, self.anna, 'another customer is another agent')

    def test_lead_form(self):
        with Form(self.Lead.with_context(default_type='opportunity')) as form:
            form.name = 'Lead'
            form.partner_id = self.lea
            self.assertEqual(form.mlm_agent_id, self.carl)
            form.partner_id = self.kim
            self.assertEqual(form.mlm_agent_id, self.anna)
        lead = self.Lead.create({'name': 'Lead', 'type': 'opportunity', 'mlm_agent_id': self.dora.id})
        with Form(lead) as form:
            form.partner_id = self.lea
            self.assertEqual(form.mlm_agent_id, self.dora)
        self.assertEqual(lead.mlm_agent_id, self.dora)

    def test_lead_to_quotation(self):
        lead = self.Lead.create({'name': 'Lead', 'type': 'opportunity', 'partner_id': self.lea.id, 'mlm_agent_id': self.otto.id})
        with Form(self.Order.with_context(lead.action_new_quotation()['context'])) as form:
            self.assertEqual(form.mlm_agent_id, self.otto)
            form.partner_id = self.kim
            self.assertEqual(form.mlm_agent_id, self.anna, 'somebody else buys')
        lead.mlm_agent_id = False
        self.assertEqual(self.Order.create({'partner_id': self.lea.id, 'opportunity_id': lead.id}).mlm_agent_id, self.carl)

    def test_merged_leads(self):
        leads = self.Lead.create([
            {'name': 'One', 'email_from': 'x@example.com'},
            {'name': 'Two', 'email_from': 'x@example.com', 'mlm_agent_id': self.dora.id}])
        self.assertEqual(leads.merge_opportunity().mlm_agent_id, self.dora)

    def test_batch_queries(self):
        """The agents of a batch are found by one query, however many records there are."""
        customers = self.Partner.create([{'name': 'C%d' % i, 'mlm_sponsor_id': self.dora.id} for i in range(40)])
        for model, vals in ((self.Order, {}), (self.Lead, {'name': 'Lead'})):
            costs = []
            for size in (10, 40):
                records = model.create([{'partner_id': partner.id, **vals} for partner in customers[:size]])
                self.env.flush_all()
                self.env.invalidate_all()
                records.mapped('partner_id.commercial_partner_id'), records.mapped('company_id.parent_ids')  # noqa: B018
                if model == self.Order:
                    records.mapped('opportunity_id')
                before = self.env.cr.sql_log_count
                records._compute_mlm_agent_id()
                costs.append(self.env.cr.sql_log_count - before)
                self.assertEqual(records.mlm_agent_id, self.dora)
            self.assertLessEqual(costs[1], costs[0], model)
            self.assertLessEqual(costs[0], 3, model)

    def test_batch_create(self):
        """A batch that is created asks once for all its agents."""
        Partner = type(self.Partner)
        asked = []
        original = Partner._mlm_get_selling_agents

        def _mlm_get_selling_agents(partners, company=None):
            asked.append(len(partners))
            return original(partners, company)

        customers = self.Partner.create([{'name': 'C%d' % i, 'mlm_sponsor_id': self.dora.id} for i in range(20)])
        with patch.object(Partner, '_mlm_get_selling_agents', _mlm_get_selling_agents):
            for model, vals in ((self.Order, {}), (self.Lead, {'name': 'Lead', 'company_id': self.env.company.id})):
                asked.clear()
                records = model.create([{'partner_id': partner.id, **vals} for partner in customers])
                self.assertEqual(asked, [20], model)
                self.assertEqual(records.mlm_agent_id, self.dora)
