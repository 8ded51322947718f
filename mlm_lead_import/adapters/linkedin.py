# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""LinkedIn Lead Sync: webhook, retrieval and polling.

Known from secondary sources only, one of which doubts that notifications are signed, so a source of this kind starts
only where an administrator switched experimental vendors on. Not checked against a live account.
"""
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from .base import (
    AccessLost,
    Adapter,
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
from .text import as_bool, as_dict, as_id, as_list, as_text

CONTACT = {
    'FIRST_NAME': 'first_name', 'LAST_NAME': 'last_name', 'EMAIL': 'email', 'WORK_EMAIL': 'email', 'PHONE_NUMBER': 'phone',
    'WORK_PHONE_NUMBER': 'phone', 'CITY': 'city', 'STATE': 'state', 'COUNTRY': 'country', 'ZIP_CODE': 'zip',
    'COMPANY_NAME': 'company', 'JOB_TITLE': 'function',
}
FIELDS = ('owner,leadType,leadMetadata,associatedEntity,versionedLeadGenFormUrn,id,submittedAt,testLead,formResponse,'
          'form:(hiddenFields,name,id,content)')
PAGE_SIZE = 50
KEPT = timedelta(days=364)  # LinkedIn deletes leads after a year


class LinkedIn(Adapter):
    code = 'linkedin'
    label = _('LinkedIn (experimental)')
    sequence = 40
    has_webhook = True
    can_poll = True
    experimental = True
    utm_source, utm_medium = 'LinkedIn', 'LinkedIn'
    params = (
        Param('client_secret', _('Client secret'), _('Answers LinkedIn\'s challenge and checks its signatures.'), secret=True,
              required=True),
        Param('access_token', _('Access token'), secret=True, required=True),
        Param('signed', _('Insist on signatures'), _('1 refuses calls without X-LI-Signature. 0 only if LinkedIn turns out '
              'not to sign them: then anybody who knows the address can announce leads, but not their answers.'), '1'),
        Param('owner', _('Owner'), _('For polling: whose leads, as urn:li:sponsoredAccount:... of the ad account, or '
              'urn:li:organization:... of the page.')),
        Param('lead_type', _('Kind of leads'), _('For polling: SPONSORED for ads; COMPANY, EVENT or ORGANIZATION_PRODUCT for '
              'forms of a page.'), 'SPONSORED'),
        Param('api_version', _('API version'), _('LinkedIn keeps a version alive for about a year.'), '202611'),
        Param('api_url', _('API address'), default='https://api.linkedin.com'),
    )

    def handshake(self, request):
        challenge = as_text(request.query.get('challengeCode'), 100)
        if not self.config['client_secret'] or not re.fullmatch(r'[0-9A-Za-z-]{8,100}', challenge):
            raise Refused(403, _('This is no challenge of LinkedIn.'))
        answer = sign(self.config['client_secret'], challenge.encode())
        return Reply(200, f'{{"challengeCode": "{challenge}", "challengeResponse": "{answer}"}}')

    def receive(self, request):
        secret, given = self.config['client_secret'], as_text(request.headers.get('x-li-signature')).lower()
        given = given.removeprefix('hmacsha256=')
        if self.config['signed'] != '0' or given:
            if not secret or not same(given, sign(secret, b'hmacsha256=' + request.body)):
                raise Refused(403, _('The signature does not fit the body and the client secret of this source.'))
        data = decode(request.body)
        external_id = as_text(data.get('leadGenFormResponse'), 500).rpartition(':')[2]
        if data.get('type') != 'LEAD_ACTION' or not external_id:
            return []
        return [Inbound(
            external_id, {'notification': data}, deleted=data.get('leadAction') == 'DELETED',
            form_id=as_text(data.get('leadGenForm'), 200), submitted_at=from_epoch(data.get('occurredAt')))]

    # --- asking ---

    def _get(self, path):
        if not self.config['access_token']:
            raise AccessLost(_('The access token is missing.'))
        status, headers, data = self.http('GET', f'{self.config["api_url"]}/rest/{path}', headers={
            'Authorization': f'Bearer {self.config["access_token"]}', 'LinkedIn-Version': self.config['api_version'],
            'X-Restli-Protocol-Version': '2.0.0'})
        data = as_dict(data)
        reason = self.http.mask(data.get('message') or status)
        if status == 200 and data:
            return data
        if status in (401, 403):
            raise AccessLost(_('LinkedIn refuses access: %(reason)s'), reason=reason)
        if status == 429:
            raise Temporary(_('LinkedIn asks to slow down.'), retry_after=int(as_id(headers.get('Retry-After')) or 900))
        if status >= 500 or status == 200:
            raise Temporary(_('LinkedIn answered %(status)s.'), status=status)
        raise Unreadable(_('LinkedIn does not give this lead: %(reason)s'), reason=reason)

    def needs_fetch(self, payload):
        return 'lead' not in payload and 'row' not in payload

    def fetch(self, payload):
        urn = as_text(as_dict(payload.get('notification')).get('leadGenFormResponse'), 500)
        lead = self._get('leadFormResponses/' + quote(urn.rpartition(':')[2], safe=''))
        payload = {**payload, 'lead': lead}
        form = re.search(r'leadGenForm:(\d+)', as_text(lead.get('versionedLeadGenFormUrn')))
        if form:
            try:
                payload['form'] = self._get(f'leadForms/{form[1]}')
            except Unreadable:
                pass  # answers then carry the number of their question instead of its text
        return payload

    def _search(self, since, start=0, count=PAGE_SIZE, until=None):
        """One page of the owner's leads.

        :return: its rows, and how many there are in all (None if LinkedIn does not tell)
        """
        owner = re.fullmatch(r'urn:li:(sponsoredAccount|organization):(\d+)', self.config['owner'])
        if not owner:
            raise AccessLost(_('For polling the owner must be urn:li:sponsoredAccount: or urn:li:organization: and a number.'))
        until = until or datetime.now(UTC)
        data = self._get(
            f'leadFormResponses?q=owner&owner=({owner[1]}:{quote(owner[0], safe="")})'
            f'&leadType=(leadType:{quote(self.config["lead_type"], safe="")})&limitedToTestLeads=false'
            f'&submittedAtTimeRange=(start:{_millis(since)},end:{_millis(until)})&fields={FIELDS}&count={count}&start={start}')
        total = as_dict(data.get('paging')).get('total')
        return [as_dict(row) for row in as_list(data.get('elements'))], total if isinstance(total, int) else None

    def poll(self, forms, overlap):
        form = forms.get('account') or Form('account')
        until = datetime.now(UTC)  # one moment for all pages: what arrives meanwhile would shift them
        since = max(until - KEPT, form.watermark - overlap) if form.watermark else until - KEPT
        start, seen, last = 0, set(), False
        while not last:
            rows, total = self._search(since, start, until=until)
            inbounds = [self._polled(row) for row in rows if as_text(row.get('id'))]
            fresh = {inbound.external_id for inbound in inbounds} - seen
            start, seen = start + len(rows), seen | fresh
            last = not fresh or (total is not None and start >= total)
            yield Page(form, inbounds, last)

    def _polled(self, row):
        return Inbound(
            as_text(row['id'], 500), {'lead': row, 'form': as_dict(row.get('form'))}, is_test=row.get('testLead') is True,
            form_id=as_text(row.get('versionedLeadGenFormUrn'), 200), submitted_at=from_epoch(row.get('submittedAt')))

    def check(self):
        if not self.config['owner']:
            yield Finding(False, _('The owner is empty: pushed leads arrive, but nothing is polled.'))
            return
        recent = datetime.now(UTC) - timedelta(days=30)
        rows, total = self._search(recent, count=1)
        yield Finding(True, _('LinkedIn answers; it holds %(count)s leads since %(date)s.'),
                      {'count': len(rows) if total is None else total, 'date': recent.date()})

    # --- understanding ---

    def parse_payload(self, payload):
        data, form = as_dict(payload.get('lead')), as_dict(payload.get('form'))
        response = as_dict(data.get('formResponse'))
        if not response:
            raise Unreadable(_('The lead has no answers.'))
        campaign = as_dict(as_dict(data.get('leadMetadata')).get('sponsoredLeadMetadata')).get('campaign')
        lead = Lead(
            as_text(data.get('id'), 500), from_epoch(data.get('submittedAt')), data.get('testLead') is True,
            form_id=as_text(data.get('versionedLeadGenFormUrn'), 200), form_name=as_text(form.get('name'), 300),
            campaign_id=as_id(as_text(campaign, 300).rpartition(':')[2]),
            ad_id=as_id(as_text(as_dict(data.get('associatedEntity')).get('associatedCreative'), 300).rpartition(':')[2]))
        content = as_dict(form.get('content'))
        questions = {as_text(item.get('questionId')): item for item in map(as_dict, as_list(content.get('questions')))}
        for item in map(as_dict, as_list(response.get('answers'))):
            number = as_text(item.get('questionId'), 50)
            question = questions.get(number, {})
            field = as_text(question.get('predefinedField'), 100)
            localized = [as_text(text, 300) for text in as_dict(as_dict(question.get('question')).get('localized')).values()]
            label = next(filter(None, localized), '') or as_text(question.get('name'), 300)
            lead.put(CONTACT.get(field) or _guess(item), _answer(item), field or f'question_{number}', label)
        for item in map(as_dict, as_list(form.get('hiddenFields'))):
            name = as_text(item.get('name'), 300)
            lead.put('agent_code' if name == 'agent_code' else None, as_list(item.get('value')), name or 'hidden', name)
        for item in map(as_dict, as_list(response.get('consentResponses'))):
            lead.consents.append(Consent(as_text(item.get('consentId'), 100), '', as_bool(item.get('accepted')),
                lead.submitted_at))
        return lead


def _answer(item):
    details = as_dict(item.get('answerDetails'))
    return [value for detail in details.values() for value in as_dict(detail).values()]


def _guess(item):
    """An address of mail is one, whatever the question was called."""
    values = _answer(item)
    return 'email' if len(values) == 1 and re.fullmatch(r'[^@\s]+@[^@\s]+\.[^@\s]+', as_text(values[0])) else None


def _millis(moment):
    return int(moment.timestamp() * 1000)
