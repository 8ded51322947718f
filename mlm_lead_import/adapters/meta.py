# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Meta (Facebook, Instagram) Lead Ads: webhook, retrieval by id, polling.

Shapes: developers.facebook.com, Lead Ads / Webhooks / Graph API error handling. Not checked against a live account.
"""
import hashlib
import json

from .base import (
    AccessLost,
    Adapter,
    AdapterError,
    Consent,
    Finding,
    Form,
    Inbound,
    Lead,
    Page,
    Param,
    Refused,
    Reply,
    Temporary,
    Unreadable,
    _,
    decode,
    from_epoch,
    same,
    sign,
)
from .text import as_bool, as_dict, as_id, as_list, as_text, as_time

LEAD_FIELDS = (
    'id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,field_data,'
    'custom_disclaimer_responses,is_organic,platform')
CONTACT = {
    'full_name': 'full_name', 'first_name': 'first_name', 'last_name': 'last_name', 'email': 'email', 'work_email': 'email',
    'phone_number': 'phone', 'phone': 'phone', 'work_phone_number': 'phone', 'street_address': 'street', 'city': 'city',
    'state': 'state', 'province': 'state', 'zip_code': 'zip', 'post_code': 'zip', 'postal_code': 'zip', 'zip': 'zip',
    'country': 'country', 'company_name': 'company', 'job_title': 'function', 'website': 'website', 'agent_code': 'agent_code',
}
PAGE_SIZE = 100  # a larger one makes the Graph API fail with HTTP 500
TEST_ID = '444444444444'  # of the "Test" button in the app's dashboard; it can never be read
BUSY = {4, 17, 32, 341, 613, 80001, 80005}
LOST = {10, 102, 190, 368, *range(200, 300)}


class Meta(Adapter):
    code = 'meta'
    label = _('Meta (Facebook, Instagram)')
    sequence = 20
    has_webhook = True
    can_poll = True
    utm_source, utm_medium = 'Facebook', 'Facebook'
    params = (
        Param('app_secret', _('App secret'), _('Of the app in Meta for Developers; it signs every call.'), secret=True,
              required=True),
        Param('verify_token', _('Verify token'), _('Any text that you also type into the webhook\'s form at Meta.'),
              secret=True, required=True),
        Param('access_token', _('Page access token'), _('Of a system user or a long-lived one: a short-lived one dies within '
              'hours. It needs leads_retrieval, pages_show_list, pages_read_engagement, pages_manage_ads, ads_management.'),
              secret=True, required=True),
        Param('page_id', _('Page id'), _('Of the page whose forms are polled.')),
        Param('api_version', _('API version'), _('Meta retires a version about two years after its release.'), 'v26.0'),
        Param('api_url', _('API address'), default='https://graph.facebook.com'),
    )

    # --- webhook ---

    def handshake(self, request):
        query = request.query
        if query.get('hub.mode') != 'subscribe' or not same(query.get('hub.verify_token'), self.config['verify_token']):
            raise Refused(403, _('The verify token is not the one of this source.'))
        # Bare and as plain text: as HTML the challenge would be a script of whoever calls.
        return Reply(200, as_text(query.get('hub.challenge'), 200), 'text/plain')

    def receive(self, request):
        given = as_text(request.headers.get('x-hub-signature-256')).removeprefix('sha256=').lower()
        secret = self.config['app_secret']
        if not secret or not same(given, sign(secret, request.body)):
            raise Refused(403, _('The signature does not fit the body and the app secret of this source.'))
        inbounds = []
        for entry in map(as_dict, as_list(decode(request.body).get('entry'))):
            for change in map(as_dict, as_list(entry.get('changes'))):
                if change.get('field') == 'leadgen':
                    inbounds.append(self._notified(entry, as_dict(change.get('value'))))
        return inbounds

    def _notified(self, entry, value):
        external_id = as_id(value.get('leadgen_id'))
        # Signed by Meta but without an id: kept for a person to look at.
        digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
        return Inbound(
            external_id or f'unknown-{digest}', {'notification': value, 'page': as_id(entry.get('id'))},
            is_test=external_id == TEST_ID, form_id=as_id(value.get('form_id')),
            submitted_at=from_epoch(value.get('created_time')))

    # --- asking ---

    def _get(self, path, **params):
        """One GET of the Graph API. The token goes into a header, never into an address.

        :raises AdapterError: by the table of the error's code
        """
        if not self.config['access_token']:
            raise AccessLost(_('The page access token is missing.'))
        url = '{api_url}/{api_version}/'.format(**self.config) + path
        status, headers, data = self.http(
            'GET', url, params=params, headers={'Authorization': f'Bearer {self.config["access_token"]}'})
        data = as_dict(data)
        if status == 200 and 'error' not in data and data:
            return data
        error = as_dict(data.get('error'))
        code, text = error.get('code'), self.http.mask(error.get('message') or error.get('error_user_msg') or status)
        if isinstance(code, str) and code.isdecimal():
            code = int(code)
        elif isinstance(code, list | dict):
            code = None  # no code that is known
        if code in BUSY or status == 429:
            raise Temporary(_('Meta asks to slow down (error %(code)s): %(reason)s'), code=code, reason=text,
                            retry_after=_regain(headers) or 900)
        if code in LOST or status in (401, 403):
            raise AccessLost(_('Meta refuses access (error %(code)s, %(subcode)s): %(reason)s'), code=code or status,
                             subcode=error.get('error_subcode') or '-', reason=text)
        if code in (1, 2) or error.get('is_transient') is True or status >= 500 or not error:
            raise Temporary(_('Meta has a fault at the moment (error %(code)s): %(reason)s'), code=code or status, reason=text)
        # Code 100 is a test lead, a deleted lead, or a missing right to this lead: only a person can tell which.
        raise Unreadable(_('Meta does not give this lead (error %(code)s): %(reason)s Check in the Lead Access Manager of the '
                           'business whether this app may read leads, then press Retry.'), code=code or status, reason=text)

    def _pages(self, path, **params):
        """Follow the cursors; ``paging.next`` holds the token and is not used."""
        after, seen = None, set()
        while True:
            data = self._get(path, **params, **({'after': after} if after else {}))
            paging = as_dict(data.get('paging'))
            after = as_text(as_dict(paging.get('cursors')).get('after'))
            more = bool(after) and 'next' in paging and after not in seen
            seen.add(after)
            yield [as_dict(row) for row in as_list(data.get('data'))], not more
            if not more:
                return

    def needs_fetch(self, payload):
        return 'lead' not in payload and 'row' not in payload

    def fetch(self, payload):
        lead_id = as_id(as_dict(payload.get('notification')).get('leadgen_id'))
        if not lead_id:
            raise Unreadable(_('Meta announced a lead without an id.'))
        payload = {**payload, 'lead': self._get(lead_id, fields=LEAD_FIELDS)}
        form_id = as_id(payload['lead'].get('form_id'))
        if form_id and payload['lead'].get('custom_disclaimer_responses'):
            # The wording that was consented to. Without it the lead is still a lead.
            try:
                payload['form'] = self._get(form_id, fields='name,legal_content')
            except Unreadable:
                pass
        return payload

    def poll(self, forms, overlap):
        if not self.config['page_id']:
            raise AccessLost(_('For polling the page id is missing.'))
        # Archived forms hold leads, too.
        for rows, _last in self._pages(f'{self.config["page_id"]}/leadgen_forms', fields='id,name,status,leads_count',
                limit=PAGE_SIZE):
            for row in rows:
                if form_id := as_id(row.get('id')):
                    known = forms.get(form_id)
                    form = Form(form_id, as_text(row.get('name'), 300), known and known.watermark)
                    yield from self._poll_form(form, overlap, row.get('leads_count'))

    def _poll_form(self, form, overlap, count):
        params = {'fields': LEAD_FIELDS, 'limit': PAGE_SIZE}
        if form.watermark:
            since = int((form.watermark - overlap).timestamp())
            params['filtering'] = json.dumps([{'field': 'time_created', 'operator': 'GREATER_THAN', 'value': since}])
        try:
            for rows, last in self._pages(f'{form.external_id}/leads', **params):
                inbounds = [
                    Inbound(as_id(row['id']), {'lead': row, 'form': {'name': form.name}}, form_id=form.external_id,
                            submitted_at=as_time(row.get('created_time')))
                    for row in rows if as_id(row.get('id'))]
                yield Page(form, inbounds, last, count=count if isinstance(count, int) else None)
        except Unreadable as error:
            yield Page(form, [], error=error)  # this form only; the others go on

    def check(self):
        try:
            me = self._get('me', fields='id,name')
            yield Finding(True, _('The token belongs to %(name)s.'), {'name': as_text(me.get('name'))})
            page = self.config['page_id']
            if not page:
                yield Finding(False, _('The page id is empty: pushed leads arrive, but nothing is polled.'))
                return
            apps = as_list(self._get(f'{page}/subscribed_apps').get('data'))
            subscribed = any('leadgen' in as_list(as_dict(app).get('subscribed_fields')) for app in apps)
            yield Finding(subscribed, _('The page pushes leads to an app.') if subscribed else _(
                'The page does not push leads yet: subscribe it to the field leadgen in the app\'s webhook settings.'))
            forms = [row for rows, _last in self._pages(f'{page}/leadgen_forms', fields='id', limit=PAGE_SIZE) for row in rows]
            yield Finding(bool(forms), _('The page has %(count)s lead forms.'), {'count': len(forms)})
        except AdapterError as error:
            yield Finding(False, error.template, error.values)

    # --- understanding ---

    def parse_payload(self, payload):
        data, form = as_dict(payload.get('lead')), as_dict(payload.get('form'))
        if not data:
            raise Unreadable(_('The lead has no data.'))
        lead = Lead(
            as_id(data.get('id')), as_time(data.get('created_time')), is_organic=data.get('is_organic') is True,
            form_id=as_id(data.get('form_id')), form_name=as_text(form.get('name'), 300),
            campaign_id=as_id(data.get('campaign_id')), campaign_name=as_text(data.get('campaign_name'), 300),
            adset_id=as_id(data.get('adset_id')), adset_name=as_text(data.get('adset_name'), 300),
            ad_id=as_id(data.get('ad_id')), ad_name=as_text(data.get('ad_name'), 300), platform=as_text(data.get('platform'), 20))
        for item in map(as_dict, as_list(data.get('field_data'))):
            key = as_text(item.get('name'), 300)
            lead.put(CONTACT.get(key.lower()), as_list(item.get('values')), key or 'answer')
        wordings = _wordings(form)
        for item in map(as_dict, as_list(data.get('custom_disclaimer_responses'))):
            key = as_text(item.get('checkbox_key'), 300)
            # An empty text is an unchecked box; nothing at all is unknown.
            checked = item.get('is_checked')
            lead.consents.append(Consent(
                key, wordings.get(key, ''), False if checked == '' else as_bool(checked), lead.submitted_at))
        texts = [*lead.contact.values(), *(value for answer in lead.answers for value in answer.values)]
        lead.is_test = lead.external_id == TEST_ID or any(text.startswith('<test lead') for text in texts)
        if not lead.campaign_id and not lead.is_organic:
            lead.warnings.append(_('Meta did not tell the campaign: the token lacks ads_management, or the person who gave '
                                   'it is no advertiser of this account.'))
        return lead


def _wordings(form):
    """``{checkbox key: text}`` of a form's legal content, whatever part of it is there."""
    custom = as_dict(as_dict(form.get('legal_content')).get('custom_disclaimer'))
    return {
        as_text(box.get('key'), 300): as_text(box.get('text'))
        for box in map(as_dict, as_list(custom.get('checkboxes')))}


def _regain(headers):
    """Seconds until the business use case may call again, by the header that the API sends."""
    try:
        usage = json.loads(headers.get('X-Business-Use-Case-Usage') or '{}')
        minutes = [
            float(as_dict(row).get('estimated_time_to_regain_access') or 0)
            for rows in as_dict(usage).values() for row in as_list(rows)]
        return min(max([0, *minutes]) * 60, 86400)
    except (TypeError, ValueError):
        return 0

