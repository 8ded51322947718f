# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Google Ads lead forms: the webhook, and polling by the REST API.

Shapes: developers.google.com/google-ads/webhook/docs/implementation and the API's enum
LeadFormFieldUserInputType. Not checked against a live account.
"""
from datetime import UTC, datetime, timedelta

from .base import (
    AccessLost,
    Adapter,
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
    same,
)
from .text import as_dict, as_id, as_list, as_text, as_time

# Ids of Google's columns that are fields of a contact. All others, and the many to come, are answers.
CONTACT = {
    'FULL_NAME': 'full_name', 'FIRST_NAME': 'first_name', 'LAST_NAME': 'last_name', 'GIVEN_NAME': 'first_name',
    'FAMILY_NAME': 'last_name', 'EMAIL': 'email', 'WORK_EMAIL': 'email', 'PHONE_NUMBER': 'phone', 'WORK_PHONE': 'phone',
    'POSTAL_CODE': 'zip', 'STREET_ADDRESS': 'street', 'CITY': 'city', 'REGION': 'state', 'COUNTRY': 'country',
    'COMPANY_NAME': 'company', 'JOB_TITLE': 'function', 'PRODUCT': 'interest', 'SERVICE': 'interest',
}
QUERY = '''SELECT lead_form_submission_data.resource_name, lead_form_submission_data.id, lead_form_submission_data.asset,
 lead_form_submission_data.campaign, lead_form_submission_data.ad_group, lead_form_submission_data.ad_group_ad,
 lead_form_submission_data.gclid, lead_form_submission_data.submission_date_time,
 lead_form_submission_data.lead_form_submission_fields, lead_form_submission_data.custom_lead_form_submission_fields,
 campaign.id, campaign.name, asset.name FROM lead_form_submission_data'''


class GoogleAds(Adapter):
    code = 'google'
    label = _('Google Ads')
    sequence = 10
    has_webhook = True
    can_poll = True
    utm_source, utm_medium = 'Google', 'Google Ads'
    params = (
        Param('google_key', _('Webhook key'), _('The key that you type into the lead form in Google Ads, too. It is the only '
              'proof that a call comes from Google, so it must be long and may not be empty.'), secret=True, required=True),
        Param('customer_id', _('Customer id'), _('For polling: the ten digits of the Google Ads account, without dashes.')),
        Param('login_customer_id', _('Manager account id'), _('For polling through a manager account.')),
        Param('developer_token', _('Developer token'), _('For polling.'), secret=True),
        Param('client_id', _('OAuth client id'), _('For polling.')),
        Param('client_secret', _('OAuth client secret'), _('For polling.'), secret=True),
        Param('refresh_token', _('OAuth refresh token'), _('For polling.'), secret=True),
        Param('api_version', _('API version'), _('Google keeps only about four versions alive: raise it every year.'), 'v26'),
        Param('api_url', _('API address'), default='https://googleads.googleapis.com'),
        Param('token_url', _('Token address'), default='https://oauth2.googleapis.com/token'),
    )

    # --- webhook ---

    def receive(self, request):
        data = decode(request.body)
        if not same(data.pop('google_key', ''), self.config['google_key']):
            raise Refused(403, _('The key is not the one of this source.'))
        external_id = as_text(data.get('lead_id'))
        if not external_id:
            raise Refused(400, _('The lead_id is missing.'))
        return [Inbound(
            external_id, {'lead': data}, is_test=data.get('is_test') in (True, 'true', 'True'),
            form_id=as_id(data.get('form_id')), submitted_at=as_time(data.get('lead_submit_time')))]

    def acknowledge(self):
        return Reply(200, '{}')

    def parse_payload(self, payload):
        if 'submission' in payload:
            return self._parse_submission(payload)
        data = as_dict(payload.get('lead'))
        lead = Lead(
            as_text(data.get('lead_id')), as_time(data.get('lead_submit_time')),
            is_test=data.get('is_test') in (True, 'true', 'True'), form_id=as_id(data.get('form_id')),
            campaign_id=as_id(data.get('campaign_id')), adset_id=as_id(data.get('adgroup_id')),
            ad_id=as_id(data.get('creative_id')), click_id=as_text(data.get('gcl_id') or data.get('gclid'), 500))
        for column in map(as_dict, as_list(data.get('user_column_data'))):
            key = as_text(column.get('column_id'), 300)
            name = as_text(column.get('column_name'), 300)
            values = as_list(column.get('string_value'))
            lead.put(CONTACT.get(key.upper()), values, key or name or 'answer', name or key)
        return lead

    # --- polling ---

    def _token(self):
        wanted = ('client_id', 'client_secret', 'refresh_token', 'developer_token', 'customer_id')
        missing = [param.label for param in self.params if param.name in wanted and not self.config[param.name]]
        if missing:
            raise AccessLost(_('For polling these settings are missing: %(names)s.'), names=', '.join(missing))
        status, _headers, data = self.http('POST', self.config['token_url'], data={
            'grant_type': 'refresh_token', **{name: self.config[name] for name in wanted[:3]}})
        data = as_dict(data)
        if status == 200 and data.get('access_token'):
            self.http.secrets.append(as_text(data['access_token']))
            return data['access_token']
        if status in (400, 401, 403):
            raise AccessLost(_('Google refuses the sign-in: %(reason)s. Create a new refresh token.'),
                             reason=self.http.mask(data.get('error_description') or data.get('error') or status))
        raise Temporary(_('Google\'s sign-in answered %(status)s.'), status=status)

    def _search(self):
        headers = {'Authorization': f'Bearer {self._token()}', 'developer-token': self.config['developer_token']}
        if self.config['login_customer_id']:
            headers['login-customer-id'] = self.config['login_customer_id'].replace('-', '')
        url = '{api_url}/{api_version}/customers/{id}/googleAds:searchStream'.format(
            id=self.config['customer_id'].replace('-', ''), **self.config)
        status, answer, data = self.http('POST', url, headers=headers, json={'query': QUERY})
        if status == 200 and isinstance(data, (dict, list)):
            return [row for chunk in as_list(data) for row in as_list(as_dict(chunk).get('results'))]
        errors = [as_dict(as_dict(item).get('error')) for item in as_list(data)] or [{}]
        reason = self.http.mask(errors[0].get('message') or status)
        if status in (401, 403):
            raise AccessLost(_('Google Ads refuses access: %(reason)s'), reason=reason)
        if status == 429:
            raise Temporary(_('Google Ads asks to slow down: %(reason)s'), reason=reason,
                            retry_after=int(as_id(answer.get('Retry-After')) or 900))
        if status >= 500 or status == 200:
            raise Temporary(_('Google Ads answered %(status)s.'), status=status)
        raise AccessLost(_('Google Ads does not understand the question, perhaps because the API version %(version)s is no '
                           'longer alive: %(reason)s'), version=self.config['api_version'], reason=reason)

    def poll(self, forms, overlap):
        """All submissions, which Google keeps for 30 days. All of them each time: one that shows up late is older than the
        watermark, and those that are stored already are known by their id."""
        inbounds = []
        for row in map(as_dict, self._search()):
            data = as_dict(row.get('leadFormSubmissionData'))
            external_id = as_text(data.get('id') or data.get('resourceName'))
            if external_id:
                inbounds.append(Inbound(
                    external_id, {'submission': row}, form_id=_last(data.get('asset')),
                    submitted_at=as_time(data.get('submissionDateTime'))))
        yield Page(forms.get('account') or Form('account'), inbounds, last=True)

    def _parse_submission(self, payload):
        row = as_dict(payload['submission'])
        data, campaign = as_dict(row.get('leadFormSubmissionData')), as_dict(row.get('campaign'))
        if not data:
            raise Unreadable(_('The submission has no data.'))
        lead = Lead(
            as_text(data.get('id') or data.get('resourceName')), as_time(data.get('submissionDateTime')),
            form_id=_last(data.get('asset')), form_name=as_text(as_dict(row.get('asset')).get('name'), 300),
            campaign_id=as_id(campaign.get('id')) or _last(data.get('campaign')),
            campaign_name=as_text(campaign.get('name'), 300), adset_id=_last(data.get('adGroup')),
            ad_id=_last(data.get('adGroupAd')), click_id=as_text(data.get('gclid'), 500))
        for item in map(as_dict, as_list(data.get('leadFormSubmissionFields'))):
            key = as_text(item.get('fieldType'), 300)
            lead.put(CONTACT.get(key), as_list(item.get('fieldValue')), key or 'answer')
        for item in map(as_dict, as_list(data.get('customLeadFormSubmissionFields'))):
            question = as_text(item.get('questionText'), 300)
            lead.put(None, as_list(item.get('fieldValue')), question or 'answer', question)
        return lead

    def check(self):
        key = self.config['google_key']
        yield Finding(len(key) >= 16, _('The webhook key has 16 characters or more.') if len(key) >= 16 else
                      _('The webhook key is shorter than 16 characters: choose a longer one, here and in Google Ads.'))
        if self.config['refresh_token']:
            rows = self._search()
            recent = datetime.now(UTC) - timedelta(days=30)
            yield Finding(True, _('Google Ads answers; it holds %(count)s leads since %(date)s.'),
                          {'count': len(rows), 'date': recent.date()})


def _last(resource):
    """``customers/1/adGroupAds/150~700`` -> ``700``"""
    return as_id(as_text(resource, 500).rpartition('/')[2].rpartition('~')[2])
