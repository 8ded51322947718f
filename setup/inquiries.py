# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The demo's inquiries, received as a company receives them.

Google Ads and Meta are played by servers on loopback: they call the webhook with their keys and signatures, and answer
the jobs that poll and that read announced leads. So each state of a received lead comes from what a vendor sent. Run by
``setup/demo`` inside ``odoo shell``; doing it again changes nothing, since the inbox knows every lead already.
"""
import hashlib
import hmac
import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import requests
from werkzeug.serving import make_server

from odoo import fields
from odoo.http import root

from odoo.addons.mlm_lead_import.tests.vendor import google_lead, meta_call, meta_error, meta_lead, vendor

GOOGLE_FORM, GOOGLE_CAMPAIGN, GOOGLE_CUSTOMER = 40000000001, 20000000001, '1234567890'
META_FORM, META_CAMPAIGN, META_TEST = '12312312312', '11911911911', '444444444444'
FORM_NAME = 'Unfallhilfe Rückruf'
WORDINGS = {'einwilligung_telefon': 'Ich möchte zu meiner Anfrage angerufen werden.',
            'einwilligung_email': 'Ich möchte Neuigkeiten per E-Mail erhalten.'}
NOT_GIVEN, SLOWED_DOWN, FORGOTTEN = '90004', '90005', '90006'

#: id -> (minutes ago, name, e-mail, phone, postal code, [(question, answer)])
PUSHED_BY_GOOGLE = {
    'demo-google-1': (55, 'Jan Kowalski', 'jan.kowalski@example.com', '+48600100200', '61-770', [
        ('Czego dotyczy zapytanie?', 'Wypadek samochodowy'), ('Kiedy doszło do wypadku?', 'W zeszłym tygodniu'),
        ('Czy możemy zadzwonić?', 'Tak')]),
    'demo-google-2': (180, 'Anna Nowak', 'anna.nowak@example.com', '601 202 303', '62-200', [
        ('Czego dotyczy zapytanie?', 'Wypadek w pracy'), ('Czy możemy zadzwonić?', 'Nie')]),
    'demo-google-4': (20, 'Jan Kowalski', 'jan.kowalski@example.com', '600 100 200', '61-770', [
        ('Czego dotyczy zapytanie?', 'Kiedy ktoś zadzwoni?')]),
}
TEST_OF_GOOGLE = ('demo-google-5', (600, 'Test', 'test@example.com', '+48600000000', '00-000', []))
POLLED_FROM_GOOGLE = ('demo-google-3', (260, 'Piotr Zieliński', 'piotr.zielinski@example.com', '+48 602 303 404', '00-001', [
    ('Czego dotyczy zapytanie?', 'Błąd medyczny')]))

#: id -> (minutes ago, name, e-mail, phone, city, postal code, what it is about, boxes that are checked)
READ_FROM_META = {
    '90001': (35, 'Sabine Schäfer', 'sabine.schaefer@example.com', '+492211234567', 'Köln', '50667',
              ['Verkehrsunfall', 'Schmerzensgeld'], ['einwilligung_telefon']),
    '90002': (95, 'Jürgen Groß', 'juergen.gross@example.com', '0228 123456', 'Bonn', '53111', ['Arbeitsunfall'], list(WORDINGS)),
    FORGOTTEN: (400, 'Karin Vogt', 'karin.vogt@example.com', '0221 7654321', 'Köln', '50668', ['Verkehrsunfall'], []),
}
POLLED_FROM_META = ('90003', (150, 'Heike Lang', 'heike.lang@example.com', '0341 2345678', 'Leipzig', '04109',
                              ['Verkehrsunfall'], []))


def receive(env):
    """Let the vendors' leads in, work through them, and forget who asked for it."""
    google, meta = env.ref('mlm_lead_import.demo_source_google'), env.ref('mlm_lead_import.demo_source_meta')
    with vendor() as played, connected(google, meta, played.url), serving() as url:
        google_answers(google, played)
        meta_answers(meta, played)
        google_calls(google, url)
        meta_calls(meta, url)
        work(env, 'ir_cron_poll')
        time.sleep(1)  # the inbox's job counts in whole seconds: what came in this second is not due yet
        work(env, 'ir_cron_process')
        forget(env, *READ_FROM_META[FORGOTTEN][1:3])
    # Beata has already called the first one who asked in her region.
    env['crm.lead'].search([
        ('mlm_lead_source_id', '=', google.id), ('email_normalized', '=', 'anna.nowak@example.com')])._mlm_touch()
    # Nobody plays Meta any more when this one's turn would come; the demo shows for good what waits.
    meta.event_ids.filtered(lambda event: event.external_id == SLOWED_DOWN).next_try = fields.Datetime.now() + timedelta(3650)
    check(meta)
    env.cr.commit()


def check(source):
    """A demo that lacks a state is not shown as if it were complete."""
    wanted = {state for state, _label in source.env['mlm.lead.event']._fields['state'].selection}
    if missing := wanted - set(source.event_ids.mapped('state')):
        raise RuntimeError(f'{source.name} has no received lead that is {", ".join(sorted(missing))}; see the log above.')


# --- this side ---

@contextmanager
def connected(google, meta, url):
    """Sources that ask the played vendors; afterwards everything that was set for it is as it was."""
    sources = google | meta
    values = {google: {'api_url': url, 'token_url': f'{url}/token', 'customer_id': GOOGLE_CUSTOMER, 'developer_token': 'demo',
                       'client_id': 'demo', 'client_secret': 'demo', 'refresh_token': 'demo'}, meta: {'api_url': url}}
    settings = {setting: values[source][setting.name] for source in sources for setting in source.setting_ids
                if setting.name in values[source]}
    before = {setting: setting.value for setting in settings}
    try:
        for setting, value in settings.items():
            setting.value = value
        sources.write({'poll_enabled': True, 'next_poll': False})
        sources.env.cr.commit()  # what calls and what polls are other transactions
        yield
    finally:
        sources.env.cr.rollback()
        for setting, value in before.items():
            setting.value = value
        sources.write({'poll_enabled': False, 'next_poll': False})
        sources.env.cr.commit()  # no address of a played vendor stays, whatever went wrong


@contextmanager
def serving():
    """Odoo's own web server for the calls, on any free port."""
    server = make_server('127.0.0.1', 0, root, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f'http://127.0.0.1:{server.server_port}'
    finally:
        server.shutdown()
        server.server_close()


def call(source, url, data, secret=None):
    """One call of a vendor, signed as Meta does if there is a secret."""
    body = json.dumps(data).encode()
    signature = {'X-Hub-Signature-256': f'sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}'} if secret else {}
    with requests.Session() as session:
        session.trust_env = False
        session.post(f'{url}/mlm/lead/{source.token}', data=body, timeout=120,
                     headers={'Content-Type': 'application/json', **signature}).raise_for_status()


def work(env, name):
    """Run one of the addon's jobs now."""
    env.ref(f'mlm_lead_import.{name}').method_direct_trigger()
    env.cr.commit()  # the job has a transaction of its own; only a new one here sees what it did


def forget(env, name, email):
    """Odoo's privacy look-up, used as an administrator does."""
    wizard = env['privacy.lookup.wizard'].create({'name': name, 'email': email})
    wizard.action_lookup()
    for line in wizard.line_ids.filtered(lambda line: line.res_model in ('crm.lead', 'mlm.lead.event')):
        line.action_unlink()
    env.cr.commit()  # not lost where the played vendors are left


# --- Google's side ---

def google_calls(source, url):
    key = config(source, 'google_key')
    for id_, inquiry in [*PUSHED_BY_GOOGLE.items(), TEST_OF_GOOGLE]:
        minutes, name, email, phone, zip_code, answers = inquiry
        contact = {'FULL_NAME': name, 'EMAIL': email, 'PHONE_NUMBER': phone, 'POSTAL_CODE': zip_code}
        call(source, url, google_lead(
            lead_id=id_, google_key=key, form_id=GOOGLE_FORM, campaign_id=GOOGLE_CAMPAIGN, gcl_id=f'click-{id_}',
            lead_submit_time=ago(minutes).isoformat(), is_test=id_ == TEST_OF_GOOGLE[0],
            user_column_data=[
                *({'column_id': column, 'string_value': value} for column, value in contact.items()),
                *({'column_id': f'QUESTION_{number}', 'column_name': question, 'string_value': answer}
                  for number, (question, answer) in enumerate(answers, 1))]))


def google_answers(source, played):
    """What the account tells who polls it, in the shape of the REST API."""
    id_, (minutes, name, email, phone, zip_code, answers) = POLLED_FROM_GOOGLE
    account = f'customers/{GOOGLE_CUSTOMER}'
    contact = {'FULL_NAME': name, 'EMAIL': email, 'PHONE_NUMBER': phone, 'POSTAL_CODE': zip_code}
    played.on('/token', {'access_token': 'demo', 'expires_in': 3599, 'token_type': 'Bearer'})
    played.on(f'/{config(source, "api_version")}/{account}/googleAds:searchStream', [{'results': [{
        'leadFormSubmissionData': {
            'resourceName': f'{account}/leadFormSubmissionData/{id_}', 'id': id_, 'asset': f'{account}/assets/{GOOGLE_FORM}',
            'campaign': f'{account}/campaigns/{GOOGLE_CAMPAIGN}', 'gclid': f'click-{id_}',
            'submissionDateTime': ago(minutes).isoformat(),
            'leadFormSubmissionFields': [{'fieldType': key, 'fieldValue': value} for key, value in contact.items()],
            'customLeadFormSubmissionFields': [
                {'questionText': question, 'fieldValue': answer} for question, answer in answers]},
        'campaign': {'id': str(GOOGLE_CAMPAIGN), 'name': 'PL_jesien_wypadki'},
        'asset': {'name': 'Formularz wypadkowy'}}]}])


# --- Meta's side ---

def meta_calls(source, url):
    """Announce what may be read, what may not, and what the button "Test" sends."""
    ages = {**{id_: inquiry[0] for id_, inquiry in READ_FROM_META.items()}, NOT_GIVEN: 300, SLOWED_DOWN: 10, META_TEST: 700}
    for id_, minutes in ages.items():
        call(source, url, meta_call(id_, form_id=META_FORM, created_time=int(ago(minutes).timestamp())),
             secret=config(source, 'app_secret'))


def meta_answers(source, played):
    """The Graph API. It does not know the lead that is not given: the answer to that is the played server's own."""
    version = config(source, 'api_version')
    boxes = [{'key': key, 'text': text} for key, text in WORDINGS.items()]
    played.on(f'/{version}/{META_FORM}', {
        'id': META_FORM, 'name': FORM_NAME, 'legal_content': {'custom_disclaimer': {'checkboxes': boxes}}})
    for id_, inquiry in READ_FROM_META.items():
        played.on(f'/{version}/{id_}', graph_lead(id_, inquiry))
    usage = {config(source, 'page_id'): [{'type': 'leadgen', 'call_count': 100, 'estimated_time_to_regain_access': 1440}]}
    played.on(f'/{version}/{SLOWED_DOWN}', meta_error(
        4, message='Application request limit reached', headers={'X-Business-Use-Case-Usage': json.dumps(usage)}))
    played.on(f'/{version}/{config(source, "page_id")}/leadgen_forms', {
        'data': [{'id': META_FORM, 'name': FORM_NAME, 'status': 'ACTIVE', 'leads_count': len(READ_FROM_META) + 3}]})
    played.on(f'/{version}/{META_FORM}/leads', {'data': [graph_lead(*POLLED_FROM_META)]})


def graph_lead(id_, inquiry):
    minutes, name, email, phone, city, zip_code, about, checked = inquiry
    answers = {'full_name': [name], 'email': [email], 'phone_number': [phone], 'city': [city], 'post_code': [zip_code],
               'worum_geht_es?': about}
    return meta_lead(
        id_, created_time=ago(minutes).isoformat(), form_id=META_FORM, campaign_id=META_CAMPAIGN,
        campaign_name='Herbst_2026 Rheinland', ad_name='Video 2', adset_name='DE 30-50',
        field_data=[{'name': key, 'values': values} for key, values in answers.items()],
        custom_disclaimer_responses=[{'checkbox_key': key, 'is_checked': '1' if key in checked else ''} for key in WORDINGS])


def config(source, name):
    return source.setting_ids.filtered(lambda setting: setting.name == name).value


def ago(minutes):
    return datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=minutes)
