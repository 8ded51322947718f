# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import json
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon

from ..adapters.base import Inbound

SECRETS = {
    'google': {'google_key': 'a-long-key-of-google'},
    'meta': {'app_secret': 'test_app_secret', 'verify_token': 'meatyhamhock', 'access_token': 'SECRET-PAGE-TOKEN',
        'page_id': '123123123'},
    'json': {'secret': 'a-long-secret-of-make'},
    'linkedin': {'client_secret': 'test_client_secret', 'access_token': 'SECRET-LINKEDIN'},
    'file': {},
}


class LeadImportCommon(BaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.poland, cls.germany = cls.env.ref('base.pl'), cls.env.ref('base.de')
        cls.env.company.country_id = cls.poland
        cls.Event, cls.Lead = cls.env['mlm.lead.event'], cls.env['crm.lead']
        # Not what happens to stand in the database.
        cls.env['mlm.lead.rule'].search([]).active = False
        cls.Lead.search([]).active = False
        cls.env['mlm.lead.source'].search([]).write({'state': 'draft', 'active': False})
        cls.env.cr.execute("UPDATE mlm_lead_event SET state = 'test' WHERE state = 'pending'")
        cls.Event.invalidate_model()
        cls.google = cls.source('google')

    @classmethod
    def source(cls, kind, config=None, **vals):
        source = cls.env['mlm.lead.source'].create({'name': f'A source of {kind}', 'kind': kind,
            'country_id': cls.poland.id, **vals})
        for name, value in {**SECRETS[kind], **(config or {})}.items():
            source.setting_ids.filtered(lambda s, n=name: s.name == n).value = value
        source.state = 'running'
        return source

    @classmethod
    def agent(cls, name, **vals):
        return cls.env['res.partner'].create({
            'name': name, 'mlm_agent_state': 'active', 'email': f'{name.lower()}@agents.example.com', **vals})

    @classmethod
    def rule(cls, *agents, **vals):
        return cls.env['mlm.lead.rule'].create({
            'name': 'A rule', **vals, 'member_ids': [Command.create({'agent_id': agent.id}) for agent in agents]})

    def put(self, source, payload, external_id='x-1', **vals):
        """An event as if it had arrived, in the transaction of the test."""
        self.Event._insert(self.cr, source, [Inbound(external_id, payload, **vals)], 'push')
        return self.Event.search([('source_id', '=', source.id)], order='id desc', limit=1)

    def put_json(self, source, external_id='x-1', **lead):
        return self.put(source, {'lead': {'external_id': external_id, **lead}}, external_id)

    def work(self, now=None):
        """Run the job once, as the scheduler does."""
        cron = type(self.env['ir.cron'])
        with patch.object(cron, '_commit_progress', lambda *args, **kwargs: float('inf')):
            self.env['mlm.lead.event'].with_user(self.env.ref('base.user_root'))._cron_process()

    def become(self, source, payload, external_id='x-1', **vals):
        """:return: the event after the job"""
        event = self.put(source, payload, external_id, **vals)
        self.work()
        return event

    def become_json(self, source, external_id='x-1', **lead):
        return self.become(source, {'lead': {'external_id': external_id, **lead}}, external_id)

    def later(self, events):
        """Let the waiting time of events pass."""
        events.next_try = fields.Datetime.now()

    @classmethod
    def user(cls, login, groups, **vals):
        return new_test_user(cls.env, login, groups=groups, **vals)

    def payload(self, event):
        return json.loads(event.payload)
