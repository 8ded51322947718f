# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import models


class SmsSms(models.Model):
    _inherit = 'sms.sms'

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
