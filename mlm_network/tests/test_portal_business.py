# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import re

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from .common import NetworkCommon


@tagged('post_install', '-at_install')
class TestPortalBusiness(NetworkCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dora.name = 'Dora Klein'
        for login, partner in (('bert', cls.bert), ('otto', cls.otto), ('stranger', cls.customer('Stranger'))):
            new_test_user(cls.env, 'mlm_business_' + login, 'base.group_portal', partner_id=partner.id, name=partner.name)
        cls.ken = cls.customer('Ken', cls.bert)
        cls.lead = cls.env['crm.lead'].create({'name': 'Inquiry', 'contact_name': 'Ines', 'mlm_agent_id': cls.bert.id})

    def page(self, login, url='/my/business'):
        self.authenticate('mlm_business_' + login, 'mlm_business_' + login)
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        return re.sub(r'\s+', ' ', re.sub(r'<(script|style).*?</\1>|<[^>]*>', ' ', response.text, flags=re.DOTALL))

    def task(self, agent, note, date='2030-05-06', **about):
        return self.env['mlm.agent.task'].create({'agent_id': agent.id, 'note': note, 'date': date, **about})

    def test_news_are_of_the_own_downline_and_shortened(self):
        page = self.page('bert')
        for text in ('Carl joined directly below you', 'Dora K. joined under Carl'):
            self.assertIn(text, page)
        for secret in ('Klein', 'Otto', 'Kim', 'Anna joined'):
            self.assertNotIn(secret, page)
        self.assertIn('Nothing new in the last 30 days.', self.page('otto'))

    def test_steps(self):
        self.task(self.bert, 'Call Ken', partner_id=self.ken.id)
        self.task(self.bert, 'Ask Ines', '2020-01-02', lead_id=self.lead.id)
        self.task(self.bert, 'Was done', partner_id=self.ken.id).done_on = fields.Datetime.now()
        self.task(self.otto, 'Of Otto', partner_id=self.kim.id)
        page = self.page('bert')
        for text in ('Ask Ines', 'Ines', 'Call Ken', '05/06/2030', '01/02/2020'):
            self.assertIn(text, page)
        self.assertLess(page.index('Ask Ines'), page.index('Call Ken'))
        for text in ('Was done', 'Of Otto'):
            self.assertNotIn(text, page)

    def test_steps_about_what_went_to_somebody_else_are_gone(self):
        self.task(self.bert, 'Call Ken', partner_id=self.ken.id)
        self.task(self.bert, 'Ask Ines', lead_id=self.lead.id)
        self.ken.mlm_sponsor_id = self.lead.mlm_agent_id = self.otto
        page = self.page('bert')
        self.assertNotIn('Ken', page)
        self.assertNotIn('Ines', page)

    def test_only_for_agents(self):
        page = self.page('stranger')
        self.assertIn('You are not an agent of the network yet', page)
        counters = {'counters': ['mlm_business_count']}
        self.assertEqual(self.make_jsonrpc_request('/my/counters', counters)['mlm_business_count'], 0)
        self.page('bert')
        self.assertEqual(self.make_jsonrpc_request('/my/counters', counters)['mlm_business_count'], 1)
        self.authenticate(None, None)
        self.assertIn('/web/login', self.url_open('/my/business', allow_redirects=False).headers['Location'])
