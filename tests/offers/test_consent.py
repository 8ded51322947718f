# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What people declared in an ad's form reaches whoever writes to them: mlm_lead_import receives it, mlm_offers asks for it."""

from odoo.tests import tagged

from odoo.addons.mlm_offers.tests.common import OffersCommon


@tagged('post_install', '-at_install')
class TestConsentOfLeads(OffersCommon):
    def test_from_the_form_to_the_customer(self):
        lead, silent = self.env['crm.lead'].create(
            [
                {'name': name, 'type': 'lead', 'phone': phone, 'contact_name': name, 'email_from': f'{name}@example.com'.lower()}
                for name, phone in (('Nina', '+48600100301'), ('Igor', '+48600100302'))
            ]
        )
        self.env['mlm.lead.consent'].create(
            [
                {'lead_id': record.id, 'channel': channel, 'accepted': accepted, 'wording': f'{channel}?', 'form': 'Autumn'}
                for record, channel, accepted in (
                    (lead, 'sms', 'yes'),
                    (lead, 'email', 'no'),
                    (lead, 'phone', 'unknown'),
                    (lead, 'other', 'yes'),
                    (silent, 'sms', 'unknown'),
                )
            ]
        )
        leads = lead + silent
        self.assertEqual(leads._mlm_get_unwilling('sms', True), silent.ids, 'unknown is no consent')
        self.assertEqual(leads._mlm_get_unwilling('sms', False), [])
        self.assertEqual(leads._mlm_get_unwilling('email', False), lead.ids, 'an objection')
        lead._handle_partner_assignment(create_missing=True)
        self.template._mlm_create_offer(lead.partner_id, lead=lead)
        rows = lead.partner_id.mlm_channel_consent_ids
        self.assertEqual(
            {(row.channel, row.accepted, row.wording, row.source) for row in rows},
            {('sms', 'yes', 'sms?', 'Autumn'), ('email', 'no', 'email?', 'Autumn')},
        )
        self.assertEqual(lead.partner_id._mlm_get_unwilling('sms', True), [])
        self.assertEqual(lead.partner_id._mlm_get_unwilling('email', False), lead.partner_id.ids)
