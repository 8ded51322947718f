# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .. import providers
from .common import OffersCommon, decode

# A whole provider, as somebody would write one: this is all it takes.
FILE = '''
from odoo.addons.mlm_offers.providers.base import Setting, SignProvider, Status

ENVELOPES = {}


class PaperProvider(SignProvider):
    name = 'paper'
    label = 'Paper and Pen'
    levels = frozenset({'basic'})
    settings = (Setting('office', 'Office', 'Berlin', 'Where people sign.'),)

    def check(self):
        if not self.config['office']:
            raise self.Error('There is no office.')

    def advance(self, envelope, progress, repeated):
        ref = f'{self.config["office"]}-{len(ENVELOPES) + 1}'
        ENVELOPES[ref] = envelope
        return {'step': 'done', 'ref': ref}

    def fetch(self, ref):
        return Status('completed', 'in the drawer', {signer.email: ('signed', '') for signer in ENVELOPES[ref].signers})

    def fetch_files(self, ref):
        return ENVELOPES[ref].document + b'% signed', None, None

    def withdraw(self, ref):
        del ENVELOPES[ref]
'''


@tagged('post_install', '-at_install')
class TestNextProvider(OffersCommon):
    """Another provider is one more file in the folder of providers."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        Path(folder.name, 'paper.py').write_text(FILE)
        providers.__path__.append(folder.name)
        self.addCleanup(providers.__path__.remove, folder.name)
        found = providers.find_providers()
        self.addCleanup(sys.modules.pop, f'{providers.__name__}.paper')
        self.startPatcher(patch.dict(providers.PROVIDERS, found))

    def test_from_the_file_to_the_signature(self):
        account = self.env['mlm.sign.account'].create({'name': 'The office', 'provider': 'paper'})
        self.assertIn(('paper', 'Paper and Pen'), account._selection_provider())
        self.assertEqual(account.setting_ids.mapped(lambda row: (row.label, row.value)), [('Office', 'Berlin')])
        self.assertEqual(account.action_test()['params']['type'], 'success')
        self.template.mlm_contract_template_id = self.make_contract_template(account_id=account.id)
        contract = self.make_offer()._mlm_get_or_make_contract().sudo()
        self.run_cron('cron_contract_send')
        self.assertEqual((contract.state, contract.provider_ref), ('sent', 'Berlin-1'))
        with self.refused('sends no reminders', UserError):
            contract.action_remind()
        contract._request_poll()
        self.run_cron('cron_contract_poll')
        self.assertEqual((contract.state, contract.provider_state), ('signed', 'in the drawer'))
        self.assertEqual(decode(contract.signed_document), decode(contract.document) + b'% signed')
        self.assertEqual(contract.order_id.state, 'sale')

    def test_a_level_it_does_not_have(self):
        account = self.env['mlm.sign.account'].create({'name': 'The office', 'provider': 'paper'})
        self.template.mlm_contract_template_id = self.make_contract_template(account_id=account.id, level='qualified')
        with self.refused('Paper and Pen', UserError):
            self.make_offer()._mlm_get_or_make_contract()
