# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models

from .sms_composer import TARGETS


class MailComposeMessage(models.TransientModel):
    _inherit = 'mail.compose.message'

    mlm_consent_only = fields.Boolean(
        string='Only with Consent',
        default=lambda self: self.env.company.mlm_consent_only,
        help='Leave out customers who have not agreed to hear of offers by e-mail. Untick it for what is not advertising, such '
        'as a date that changed.',
    )

    def _process_mail_values_state(self, mail_values_dict):
        mail_values_dict = super()._process_mail_values_state(mail_values_dict)
        if self.composition_mode == 'mass_mail' and self.use_exclusion_list and self.model in TARGETS:
            records = self.env[self.model].browse(mail_values_dict)
            for record_id in records._mlm_get_unwilling('email', self.mlm_consent_only):
                values = mail_values_dict[record_id]
                if not values.get('failure_type'):
                    # as for the blacklist: not sent, and not in the chatter either
                    values.update(state='cancel', failure_type='mail_optout', is_notification=False)
        return mail_values_dict
