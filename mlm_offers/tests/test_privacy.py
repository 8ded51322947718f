# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.tests import tagged

from .common import PNG, OffersCommon


@tagged('post_install', '-at_install')
class TestPrivacy(OffersCommon):
    def test_contract_is_kept(self):
        """A signed contract is evidence and stays as it was signed; the contact behind it becomes nameless."""
        self.template.mlm_contract_template_id = self.make_contract_template()
        contract = self.make_offer()._mlm_get_or_make_contract()
        contract.party_ids._sign('Kim K.', PNG, '203.0.113.7', 'Phone')
        partner = contract.partner_id
        before = contract.signed_sha256, contract.signed_document, contract.party_ids.signed_by
        wizard = self.env['privacy.lookup.wizard'].create({'name': partner.name, 'email': partner.email})
        wizard.action_lookup()
        lines = wizard.line_ids.filtered(lambda line: line.res_model in ('res.partner', 'mlm.contract', 'mlm.contract.party'))
        self.assertEqual(
            {(line.res_model, line.res_id) for line in lines},
            {('res.partner', partner.id), ('mlm.contract', contract.id), ('mlm.contract.party', contract.party_ids.id)},
        )
        lines.action_unlink_all()
        self.env.invalidate_all()
        self.assertRegex(partner.name, '^Anonymous ')
        self.assertFalse(partner.email)
        self.assertEqual((contract.signed_sha256, contract.signed_document, contract.party_ids.signed_by), before)
        self.assertEqual(contract.state, 'signed')
