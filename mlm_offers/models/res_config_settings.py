# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    mlm_agreement_template_id = fields.Many2one(related='company_id.mlm_agreement_template_id', readonly=False)
    mlm_agent_mails = fields.Integer(related='company_id.mlm_agent_mails', readonly=False)
    mlm_agent_sms = fields.Integer(related='company_id.mlm_agent_sms', readonly=False)
    mlm_link_days = fields.Integer(related='company_id.mlm_link_days', readonly=False)
    mlm_consent_only = fields.Boolean(related='company_id.mlm_consent_only', readonly=False)
    mlm_sms_gateway = fields.Selection(related='company_id.mlm_sms_gateway', readonly=False, required=True)
    mlm_smsapi_token = fields.Char(related='company_id.mlm_smsapi_token', readonly=False)
    mlm_smsapi_sender = fields.Char(related='company_id.mlm_smsapi_sender', readonly=False)
    mlm_smsapi_url = fields.Char(related='company_id.mlm_smsapi_url', readonly=False)
    mlm_smsapi_reports = fields.Boolean(related='company_id.mlm_smsapi_reports', readonly=False)
    mlm_smsapi_test = fields.Boolean(related='company_id.mlm_smsapi_test', readonly=False)
