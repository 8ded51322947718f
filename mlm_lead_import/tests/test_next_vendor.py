# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import json
import sys
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.tests import Form, HttpCase, tagged

from .. import adapters
from .common import LeadImportCommon
from .vendor import vendor


@tagged('post_install', '-at_install')
class TestNextVendor(LeadImportCommon, HttpCase):
    """The next ad platform is one new file: found by itself, and every part of the addon works with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        before = dict(adapters.ADAPTERS)
        with patch.object(adapters, '__path__', [*adapters.__path__, str(Path(__file__).parent / 'next_vendor')]):
            found = adapters.load_adapters()
        assert set(found) - set(before) == {'pigeon'}
        adapters.ADAPTERS.update(found)
        cls.addClassCleanup(cls.forget, before)

    @classmethod
    def forget(cls, before):
        # The class stays known to Python until it is collected; without its code it is no vendor.
        adapters.ADAPTERS.pop('pigeon').code = ''
        sys.modules.pop('odoo.addons.mlm_lead_import.adapters.pigeon')
        assert dict(adapters.ADAPTERS) == before == adapters.load_adapters()

    def test_everything(self):
        with vendor() as loft:
            loft.on('/notes', [{'number': 2, 'who': 'Paul', 'text': 'From the loft'}, {'number': 1, 'who': 'x', 'text': 'x'}])
            with Form(self.env['mlm.lead.source']) as form:
                form.name, form.kind = 'Our pigeons', 'pigeon'
            source = form.save()
            self.assertEqual(source.setting_ids.mapped('label'), ['Ring of the pigeon', 'Address of the loft'])
            self.assertEqual(source._missing_settings(), ['Ring of the pigeon'])
            source.setting_ids[0].secret = 'r1ng-of-the-pigeon'
            source.setting_ids[1].value = loft.url
            source.action_start()
            source.action_check()
            self.assertIn('The loft has 7 holes.', source.check_result)
            url, body = f'/mlm/lead/{source.token}', json.dumps({'number': 1, 'who': 'Paula', 'text': 'Please call'})
            self.assertEqual(self.url_open(url, data=body, headers={'X-Ring': 'wrong'}).status_code, 403)
            for _again in range(2):
                self.assertEqual(self.url_open(url, data=body, headers={
                    'X-Ring': 'r1ng-of-the-pigeon', 'Content-Type': 'application/json'}).status_code, 200)
            source.write({'poll_enabled': True, 'next_poll': False})
            with patch.object(type(self.env['ir.cron']), '_commit_progress', lambda *args, **kwargs: float('inf')):
                self.env['mlm.lead.source']._cron_poll()
        self.work()
        self.env.invalidate_all()
        events = self.Event.search([('source_id', '=', source.id)], order='id')
        self.assertEqual(events.mapped('state'), ['done', 'done'], 'what was pushed and polled is one')
        self.assertEqual(events.lead_id.sorted('id').mapped('contact_name'), ['Paula', 'Paul'])
        self.assertIn('Please call', events[0].lead_id.description)
        self.assertGreater(source.next_poll, fields.Datetime.now())
