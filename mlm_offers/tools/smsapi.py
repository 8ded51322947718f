# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import logging

import requests

from odoo.tools.misc import hmac

from odoo.addons.sms.tools.sms_api import SmsApiBase

_logger = logging.getLogger(__name__)

# https://docs.smsapi.com/#error-codes
ERRORS = {
    11: 'incompatible_content',  # too long, or forbidden characters
    12: 'incompatible_content',  # more parts than allowed
    13: 'wrong_number_format',  # no valid number
    14: 'smsapi_sender',
    17: 'incompatible_content',
    101: 'smsapi_account',
    102: 'smsapi_account',
    103: 'smsapi_credit',
    105: 'smsapi_account',  # this address is not on the account's list
    110: 'smsapi_account',
    1000: 'smsapi_account',
    1001: 'smsapi_account',
}
# The message with this id was taken earlier: its answer was lost, not the message.
TAKEN_ALREADY = 53
# What a delivery report says: (state of the SMS, reason for a failure). Other names change nothing; nor do UNKNOWN and
# NOT_FOUND, by which the operator gave no report or SMSAPI has it no longer: the SMS may well have arrived.
REPORTS = {
    'QUEUE': ('pending', ''),
    'ACCEPTED': ('pending', ''),
    'SENT': ('pending', ''),
    'DELIVERED': ('sent', ''),
    'EXPIRED': ('error', 'expired'),
    'UNDELIVERED': ('error', 'not_delivered'),
    'FAILED': ('error', 'not_delivered'),
    'REJECTED': ('error', 'rejected'),
    'STOP': ('error', 'not_allowed'),
}
# The same states as numbers, for a report that carries no name.
REPORT_CODES = {
    '402': 'EXPIRED',
    '403': 'SENT',
    '404': 'DELIVERED',
    '405': 'UNDELIVERED',
    '406': 'FAILED',
    '407': 'REJECTED',
    '409': 'QUEUE',
    '410': 'ACCEPTED',
    '412': 'STOP',
}


def read_report(name, code):
    """What a delivery report says.

    :param str name: the name of the state, such as DELIVERED
    :param str code: its number, such as 404
    :return: (state of the SMS, reason for a failure); ('', '') where the report changes nothing
    """
    return REPORTS.get(name.strip().upper() or REPORT_CODES.get(code.strip(), ''), ('', ''))


def sign_report(env, uuid):
    """What proves that a delivery report comes from whom the SMS was handed to.

    :param str uuid: of the SMS
    :rtype: str
    """
    return hmac(env(su=True), 'mlm_offers-smsapi', uuid)  # su: signs with the database's secret


class SmsApiPl(SmsApiBase):
    """Send SMS through SMSAPI (POST /sms.do), one request for each number."""

    PROVIDER_TO_SMS_FAILURE_TYPE = SmsApiBase.PROVIDER_TO_SMS_FAILURE_TYPE | {
        'incompatible_content': 'sms_server',
        'smsapi_account': 'sms_acc',
        'smsapi_credit': 'sms_credit',
        'smsapi_sender': 'sms_acc',
    }
    TIMEOUT = 15

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        """See the base class.

        The id of each SMS goes along as `idx` with `check_idx`: SMSAPI takes an id once in 24 hours, so trying again after a
        lost answer cannot send twice.
        """
        company = self.company.sudo()  # the token is for administrators; here it only signs the request
        session = requests.Session()
        session.headers['Authorization'] = f'Bearer {company.mlm_smsapi_token or ""}'
        self._mlm_reports = company.mlm_smsapi_reports and company.get_base_url()
        return [
            self._mlm_send_one(session, company, number['number'], message.get('content') or '', number['uuid'])
            for message in messages
            for number in message.get('numbers') or []
        ]

    def _mlm_send_one(self, session, company, number, content, uuid):
        data = {'to': number, 'message': content, 'format': 'json', 'encoding': 'utf-8', 'idx': uuid, 'check_idx': 1}
        if company.mlm_smsapi_sender:
            data['from'] = company.mlm_smsapi_sender
        if company.mlm_smsapi_test:
            data['test'] = 1
        if self._mlm_reports:
            data['notify_url'] = f'{self._mlm_reports}/mlm/sms/smsapi/{uuid}/{sign_report(self.env, uuid)}'
        url = (company.mlm_smsapi_url or '').rstrip('/') + '/sms.do'
        for attempt in (1, 2):
            try:
                response = session.post(url, data=data, timeout=self.TIMEOUT)
                answer = response.json()
            except (requests.RequestException, ValueError) as error:
                _logger.warning('SMSAPI did not answer (attempt %s): %s', attempt, type(error).__name__)
                continue
            code = answer.get('error') if isinstance(answer, dict) else -1
            if not code and response.ok or code == TAKEN_ALREADY:
                return {'uuid': uuid, 'state': 'sent', 'failure_reason': False, 'failure_type': False}
            state = ERRORS.get(code, 'server_error')
            return {
                'uuid': uuid,
                'state': state,
                'failure_type': state,
                'failure_reason': answer.get('message') if isinstance(answer, dict) else False,
            }
        return {
            'uuid': uuid,
            'state': 'server_error',
            'failure_type': 'server_error',
            'failure_reason': 'SMSAPI did not answer.',
        }

    def _get_sms_api_error_messages(self):
        return super()._get_sms_api_error_messages() | {
            'incompatible_content': self.env._('SMSAPI refused the text of the message.'),
            'smsapi_account': self.env._('SMSAPI refused the token, or this server\'s address.'),
            'smsapi_credit': self.env._('The SMSAPI account has no credit left.'),
            'smsapi_sender': self.env._('SMSAPI does not know the sender name.'),
            'wrong_number_format': self.env._('The number is not correctly formatted.'),
        }
