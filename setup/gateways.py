# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Autenti and an SMS gateway, played on loopback for the demo's contracts and SMS. No address of them stays behind."""
import io
import zipfile
from contextlib import contextmanager
from datetime import timedelta

from odoo import fields

from odoo.addons.mlm_offers.tests.autenti_server import Autenti
from odoo.addons.mlm_offers.tests.sms_server import SmsApiServer

ELSEWHERE = 'https://autenti.example/api/v2'  # a name that leads nowhere: the demo calls nobody
LATER = timedelta(days=3650)  # nobody plays Autenti any more when its turn would come


@contextmanager
def smsapi(env):
    """A company whose SMS go out through SMSAPI; afterwards as it was."""
    server = SmsApiServer()
    values = {'mlm_sms_gateway': 'smsapi', 'mlm_smsapi_token': 'secret', 'mlm_smsapi_url': server.url,
              'mlm_smsapi_reports': False}
    before = {name: env.company[name] for name in values}
    env.company.write(values)
    try:
        yield server
    finally:
        env.company.write(before)
        server.close()


def sign_at_autenti(env, offer, keep, job):
    """Contracts at Autenti: signed there, to sign, being sent while Autenti asks for patience, and refused.

    :param offer: makes an offer: (env, name, template, customer, days)
    :param keep: gives a record an external id: (name, record)
    :param job: runs a scheduled action: (env, xmlid)
    """
    server = Autenti()
    account = env['mlm.sign.account'].create({'name': 'Autenti (demonstration)', 'provider': 'autenti'})
    keep('autenti', account)
    settings = {'base_url': server.url, 'client_id': 'demo', 'client_secret': 'secret', 'verify_callbacks': 'yes'}
    for setting in account.setting_ids.filtered(lambda setting: setting.key in settings):
        setting.value = settings[setting.key]
    try:
        signed = send(env, account, offer(env, 'autenti_signed', 'mandate', 'd1_1', 4))
        to_sign = send(env, account, offer(env, 'autenti_sent', 'mandate', 'd1_2', 2))
        job(env, 'mlm_offers.cron_contract_send')
        sign_there(server, signed)
        (signed + to_sign).action_refresh()
        job(env, 'mlm_offers.cron_contract_poll')
        server.fail = [('POST', '^/document-processes$', server.json({}, 402), False)]
        review = send(env, account, offer(env, 'autenti_review', 'mandate', 'e2_2', 3))
        job(env, 'mlm_offers.cron_contract_send')
        server.fail = [('POST', '^/document-processes$', server.json({}, 429, **{'Retry-After': '600'}), False)]
        sending = send(env, account, offer(env, 'autenti_sending', 'mandate', 'b1_1'))
        job(env, 'mlm_offers.cron_contract_send')
        sending.send_after = to_sign.poll_on = fields.Datetime.now() + LATER
        check(signed=signed, sent=to_sign, review=review, sending=sending)
    finally:
        account.setting_ids.filtered(lambda setting: setting.key == 'base_url').value = ELSEWHERE
        server.close()


def send(env, account, order):
    """The contract of an offer, made on the screen and sent to be signed at Autenti."""
    contract = env['mlm.contract'].create({
        'template_id': order.sale_order_template_id.mlm_contract_template_id.id, 'partner_id': order.partner_id.id,
        'order_id': order.id, 'agent_id': order.mlm_agent_id.id, 'account_id': account.id})
    contract.action_send()
    return contract


def sign_there(server, contract):
    """Everybody signs at Autenti, which adds its archive."""
    process = server.processes[contract.provider_ref]
    server.complete(contract.provider_ref, files=False)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, 'w') as file:
        file.writestr('readme.txt', 'What Autenti adds as proof would be here.')
    document = process['content'][process['files'][0]['id']]
    server.add_file(process, 'FILE-DTBS:1/DTBS', 'SIGNED_CONTENT_FILE', contract.signed_name, document)
    server.add_file(process, 'FILE-ARCH:1', 'CONTENT_ARCHIVE', f'{contract.name}.zip'.replace('/', '-'), archive.getvalue())


def check(**contracts):
    """A demo that lacks a state is not shown as if it were complete."""
    for state, contract in contracts.items():
        if contract.state != state:
            raise RuntimeError(f'The contract {contract.name} is {contract.state}, not {state}: {contract.error}')
