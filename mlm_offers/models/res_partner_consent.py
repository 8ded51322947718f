# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import hmac

from .mlm_consent import CHANNELS

NO_AGENT = ('none', 'terminated')


class ResPartner(models.Model):
    """What a contact wants to hear of, by which channel."""

    _inherit = 'res.partner'

    mlm_channel_consent_ids = fields.One2many(
        'mlm.consent', 'partner_id', string='Consents', groups='sales_team.group_sale_salesman'
    )

    @api.private
    def _mlm_get_unwilling(self, channel, consent_only, company=None):
        """Whom not to write to.

        :param str channel: email, sms or phone
        :param bool consent_only: leave out customers who said nothing as well. Agents work with the company and hear of its
            business unless they object, as long as they have not left it.
        :param company: who writes; left out, the company of the environment
        :rtype: list[int]
        """
        declared = self.env['mlm.consent']._mlm_read(
            self | self.commercial_partner_id, channel, company or self.env.company
        )
        unwilling = []
        for partner in self:
            head = partner.commercial_partner_id
            said = declared.get(partner.id) or declared.get(head.id)
            if said == 'no' or (consent_only and not said and head.mlm_agent_state in NO_AGENT):
                unwilling.append(partner.id)
        return unwilling

    @api.private
    def _mlm_check_reachable(self, channel, company):
        """Refuse to write to a contact that cannot or does not want to be reached.

        :raise UserError: saying why
        """
        self.ensure_one()
        if channel == 'email' and not self.email_normalized:
            raise UserError(self.env._('%(customer)s has no valid e-mail address.', customer=self.name))
        if channel == 'sms' and not self.phone_sanitized:
            raise UserError(self.env._('%(customer)s has no valid phone number.', customer=self.name))
        if channel == 'email' and self.is_blacklisted:
            raise UserError(self.env._('%(customer)s does not want e-mails.', customer=self.name))
        if channel == 'sms' and self.phone_sanitized_blacklisted:
            raise UserError(self.env._('%(customer)s does not want SMS.', customer=self.name))
        if self._mlm_get_unwilling(channel, False, company):
            raise UserError(self.env._('%(customer)s objected to messages by this channel.', customer=self.name))

    @api.private
    def _mlm_get_consent_wording(self, channel, company):
        """What a contact agrees to on the page of consents."""
        wordings = {
            'email': self.env._('I want to hear of offers of %(company)s by e-mail.', company=company.name),
            'sms': self.env._('I want to hear of offers of %(company)s by SMS.', company=company.name),
            'phone': self.env._('I want to hear of offers of %(company)s by phone.', company=company.name),
        }
        return wordings[channel]

    @api.private
    def _mlm_get_consent_form(self, company):
        """The channels as the page of consents shows them.

        :return: dicts with `key`, `wording` and `accepted`
        :rtype: list[dict]
        """
        self.ensure_one()
        read = self.env['mlm.consent']._mlm_read
        return [
            {
                'key': channel,
                'wording': self._mlm_get_consent_wording(channel, company),
                'accepted': read(self, channel, company).get(self.id) == 'yes',
            }
            for channel, _label in CHANNELS
        ]

    @api.private
    def _mlm_declare(self, answers, company):
        """Record what a contact chose on the page of consents. What is left open there is an objection.

        :param dict answers: channel: bool
        """
        self.ensure_one()
        Consent = self.env['mlm.consent'].sudo()  # the contact declares it for itself, and has no other right on the model
        for channel, agreed in answers.items():
            accepted = 'yes' if agreed else 'no'
            if Consent._mlm_read(self, channel, company).get(self.id) != accepted:
                Consent.create(
                    {
                        'partner_id': self.id,
                        'company_id': company.id,
                        'channel': channel,
                        'accepted': accepted,
                        'wording': self._mlm_get_consent_wording(channel, company),
                        'source': self.env._('Page of consents'),
                    }
                )

    @api.private
    def _mlm_take_consents(self, lead):
        """Take over what the person behind a lead declared, once."""
        self.ensure_one()
        Consent = self.env['mlm.consent'].sudo()  # the declarations of the lead whose customer this is
        company = lead.company_id or self.env.company
        for said in lead._mlm_get_consents()[lead]:
            values = {
                'partner_id': self.id,
                'company_id': company.id,
                'channel': said['channel'],
                'accepted': said['accepted'],
                'date': said['date'],
                'wording': said['wording'],
                'source': said['source'],
            }
            if not Consent.search_count([(name, '=', value) for name, value in values.items()], limit=1):
                Consent.create(values)

    @api.private
    def _mlm_get_consent_token(self):
        self.ensure_one()
        return hmac(self.env(su=True), 'mlm_offers-consent', str(self.id))  # su: signs with the database's secret

    @api.private
    def _mlm_get_consent_url(self):
        """The page on which the contact chooses, for the foot of messages."""
        self.ensure_one()
        return f'{self.get_base_url()}/mlm/consent/{self.id}/{self._mlm_get_consent_token()}'
