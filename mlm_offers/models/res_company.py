# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models

from ..tools.smsapi import SmsApiPl


class ResCompany(models.Model):
    _inherit = 'res.company'

    mlm_agent_mails = fields.Integer(
        string='E-mails of an Agent',
        default=30,
        help='How many e-mails an agent may write from the portal in 24 hours.',
    )
    mlm_agent_sms = fields.Integer(
        string='SMS of an Agent', default=10, help='How many SMS an agent may send from the portal in 24 hours.'
    )
    mlm_link_days = fields.Integer(
        string='Links of Offers',
        default=90,
        help='How many days after its end the link of an offer still opens it: after it expired, was cancelled, was ordered, or '
        'its term ended. 0: for ever.',
    )
    mlm_consent_only = fields.Boolean(
        string='Advertise Only with Consent',
        default=True,
        help='Messages to many customers at once leave out who has not agreed to the channel, unless the sender says that it is '
        'no advertising.',
    )
    mlm_sms_gateway = fields.Selection(
        [('odoo', 'As Odoo is set up'), ('smsapi', 'SMSAPI')], string='SMS Gateway', default='odoo', required=True
    )
    mlm_smsapi_token = fields.Char(string='SMSAPI Token', groups='base.group_system')
    mlm_smsapi_sender = fields.Char(
        string='SMSAPI Sender', help='A sender name that SMSAPI has approved. Empty: the default of the account.'
    )
    mlm_smsapi_url = fields.Char(
        string='SMSAPI Address',
        default='https://api.smsapi.pl',
        groups='base.group_system',
        help='https://api.smsapi.pl, or https://api.smsapi.com for accounts outside Poland.',
    )
    mlm_smsapi_test = fields.Boolean(
        string='SMSAPI Test Mode', help='SMSAPI checks the messages but does not deliver or charge them.'
    )

    mlm_smsapi_reports = fields.Boolean(
        string='SMSAPI Delivery Reports',
        default=True,
        help='SMSAPI tells this Odoo what became of each SMS. Odoo must be reachable from the internet.',
    )

    mlm_agreement_template_id = fields.Many2one(
        'mlm.contract.template',
        string='Agreement of New Agents',
        domain=[('kind', '=', 'agent')],
        help='Sent for signature when an application is approved; the agent becomes active by signing. Empty: active at once.',
    )

    def _get_sms_api_class(self):
        self.ensure_one()
        return SmsApiPl if self.mlm_sms_gateway == 'smsapi' else super()._get_sms_api_class()
