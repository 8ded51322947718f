# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models


class SmsSms(models.Model):
    _inherit = 'sms.sms'

    mlm_company_id = fields.Many2one(
        'res.company', string='Sent for', default=lambda self: self.env.company, ondelete='set null'
    )

    def _get_sms_company(self):
        return self.mail_message_id.record_company_id or self.mlm_company_id or super()._get_sms_company()

    def _split_by_api(self):
        todo = self.browse()
        for company, messages in self.grouped(lambda sms: sms._get_sms_company()).items():
            if company.mlm_sms_gateway != 'smsapi':
                todo += messages
                continue
            api = company._get_sms_api_class()(self.env)
            api._set_company(company)
            yield api, messages
        if todo:
            yield from super(SmsSms, todo)._split_by_api()

    def _send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        # Odoo's queue comes straight here with the messages of all companies; each goes out by its own company's gateway.
        if self.env.context.get('sms_api'):
            return super()._send(unlink_failed=unlink_failed, unlink_sent=unlink_sent, raise_exception=raise_exception)
        for api, messages in self._split_by_api():
            super(SmsSms, messages.with_context(sms_api=api))._send(
                unlink_failed=unlink_failed, unlink_sent=unlink_sent, raise_exception=raise_exception
            )
