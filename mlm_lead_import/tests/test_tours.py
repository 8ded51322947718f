# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.tests import HttpCase, tagged

from .common import LeadImportCommon
from .vendor import meta_lead, vendor


class ToursCommon(LeadImportCommon, HttpCase):
    bundles = ('web.assets_web', 'web.assets_tests')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Debian's package of Odoo lacks this file, which its manifest still names; elsewhere this changes nothing.
        cls.env['ir.asset'].create({
            'name': 'Not part of Debian\'s package', 'bundle': 'web.assets_backend', 'directive': 'remove',
            'path': 'mail/static/lib/selfie_segmentation/selfie_segmentation.js',
        })
        # Made here, since on a busy machine that takes longer than a request of the browser may wait for another.
        for name in cls.bundles:
            bundle = cls.env['ir.qweb']._get_asset_bundle(name)
            bundle.js()
            bundle.css()
        cls.json = cls.source('json')

    def inquiry(self):
        return self.become_json(
            self.json, contact={'full_name': 'Ida Inquirer', 'phone': '600100200', 'zip': '00-001', 'city': 'Warszawa',
                                'interest': 'Accident on the road, with a very long description of what happened there'},
            answers=[{'key': 'q', 'label': 'Since when?', 'values': ['Monday']}],
            consents=[{'key': 'phone', 'text': 'You may call me', 'accepted': True}]).lead_id


@tagged('post_install', '-at_install')
class TestTours(ToursCommon):
    """Each with no more rights than the job needs."""

    def test_administrator_connects_a_source(self):
        self.user('lead_tour_admin', 'base.group_system,mlm_network.group_manager')
        self.env['ir.config_parameter'].set_param('web.base.url', self.base_url())
        self.start_tour('/odoo/lead-sources/new', 'mlm_lead_connect', login='lead_tour_admin')
        source = self.env['mlm.lead.source'].search([('name', '=', 'Tour Google')])
        self.assertEqual((source.kind, source.state), ('google', 'running'))
        self.assertEqual(source.setting_ids[0].value, 'a-key-of-the-tour-1234')

    def test_manager_mends_what_failed(self):
        with vendor() as graph:
            meta = self.source('meta', {'api_url': graph.url})
            event = self.become(meta, {'notification': {'leadgen_id': '123123123123'}}, '123123123123')
            self.assertEqual(event.state, 'failed')
            self.user('lead_tour_manager', 'mlm_network.group_manager,sales_team.group_sale_salesman_all_leads')
            graph.on('/v26.0/123123123123', meta_lead())
            self.start_tour('/odoo/received-leads', 'mlm_lead_mend', login='lead_tour_manager')
            self.work()
        self.start_tour('/odoo/received-leads', 'mlm_lead_mended', login='lead_tour_manager')
        self.assertEqual((event.state, event.lead_id.contact_name), ('done', 'Anna Nowak'))

    def test_staff_in_the_crm(self):
        agent = self.agent('Tour Agent')
        user = self.user('lead_tour_sales', 'sales_team.group_sale_salesman', partner_id=agent.id, name='Tour Agent')
        self.env['crm.team.member'].create({
            'user_id': user.id, 'crm_team_id': self.env['crm.team'].create({'name': 'Tour Team'}).id})
        self.rule(agent)
        lead = self.inquiry()
        self.assertEqual(lead.user_id, user)
        self.start_tour('/odoo/action-crm.crm_lead_action_pipeline', 'mlm_lead_staff', login='lead_tour_sales')
        self.assertTrue(lead.mlm_contacted_at)


@tagged('post_install', '-at_install')
class TestToursAgent(ToursCommon):
    bundles = ('web.assets_frontend', 'web.assets_frontend_lazy', 'web.assets_tests')

    def test_agent_in_the_portal(self):
        agent = self.agent('Tour Agent')
        self.user('lead_tour_agent', 'base.group_portal', partner_id=agent.id, name='Tour Agent')
        self.rule(agent)
        lead = self.inquiry()
        self.assertEqual(lead.mlm_agent_id, agent)
        self.start_tour('/my', 'mlm_lead_portal', login='lead_tour_agent')
        self.assertEqual((bool(lead.mlm_contacted_at), lead.mlm_assignment_ids.result), (True, 'contacted'))


@tagged('post_install', '-at_install')
class TestToursAgentPhone(TestToursAgent):
    browser_size = '390x844'
    touch_enabled = True
