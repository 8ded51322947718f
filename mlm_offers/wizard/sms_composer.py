# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

TARGETS = ('res.partner', 'crm.lead', 'sale.order')


class SmsComposer(models.TransientModel):
    _inherit = 'sms.composer'

    mlm_consent_only = fields.Boolean(
        string='Only with Consent',
        default=lambda self: self.env.company.mlm_consent_only,
        help='Leave out customers who have not agreed to hear of offers by SMS. Untick it for what is not advertising, such as '
        'a date that changed.',
    )
    mlm_objection = fields.Char(string='Objection', compute='_compute_mlm_objection')

    @api.depends('res_model', 'res_id', 'res_ids', 'composition_mode')
    def _compute_mlm_objection(self):
        """One person may be written to in spite of an objection, about what was ordered; who writes must know of it."""
        for composer in self:
            record = composer.comment_single_recipient and composer.res_model in TARGETS and composer._get_records()
            objected = record and record._mlm_get_unwilling('sms', False)
            composer.mlm_objection = bool(objected) and self.env._(
                '%(customer)s objected to offers by SMS. Write only about what was ordered.',
                customer=record.display_name if record._name == 'res.partner' else record.partner_id.name or record.display_name,
            )

    def _get_optout_record_ids(self, records, recipients_info):
        ids = super()._get_optout_record_ids(records, recipients_info)
        if self.use_exclusion_list and records._name in TARGETS:
            ids = [*ids, *records._mlm_get_unwilling('sms', self.mlm_consent_only)]
        return ids

    def _prepare_mass_sms(self, records, sms_record_values):
        sms_all = super()._prepare_mass_sms(records, sms_record_values)
        if not self.mass_keep_log or records._name not in TARGETS:
            return sms_all
        # Odoo logs the text with those who are left out as well, as if they had got it, and with nobody what became of it.
        # sudo: what the composer itself has just logged
        left_out = sms_all.filtered(lambda sms: sms.state == 'canceled')
        left_out.mail_message_id.sudo().unlink()
        self.env['mail.notification'].sudo().create(
            [
                {
                    'author_id': sms.mail_message_id.author_id.id,
                    'mail_message_id': sms.mail_message_id.id,
                    'res_partner_id': sms.partner_id.id,
                    'sms_number': sms.number,
                    'notification_type': 'sms',
                    'sms_id_int': sms.id,
                    'sms_tracker_ids': [Command.create({'sms_uuid': sms.uuid})],
                    'is_read': True,
                    'notification_status': 'ready',
                }
                for sms in sms_all - left_out
                if sms.mail_message_id
            ]
        )
        return sms_all

    def _action_send_sms_comment(self, records=None):
        # Odoo looks at the blacklist only where many are written to.
        records = records if records is not None else self._get_records()
        if self.use_exclusion_list and records and records._name in TARGETS:
            blocked = self._get_blacklist_record_ids(records, self._prepare_recipient_values(records))
            if blocked:
                raise UserError(
                    self.env._(
                        'The number of %(record)s is on the blacklist: no SMS may be sent to it.',
                        record=records.browse(blocked[0]).display_name,
                    )
                )
        return super()._action_send_sms_comment(records=records)
