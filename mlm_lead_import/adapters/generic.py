# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Our own contract for everything else: Make, Zapier, a web form, a vendor without an adapter."""
from .base import (
    Adapter,
    Consent,
    Finding,
    Inbound,
    Lead,
    Param,
    Refused,
    Unreadable,
    _,
    decode,
    same,
    sign,
)
from .text import as_bool, as_dict, as_list, as_text, as_time

CONTACT = {
    'full_name', 'first_name', 'last_name', 'email', 'phone', 'company', 'function', 'street', 'street2', 'zip', 'city', 'state',
    'country', 'lang', 'website', 'agent_code', 'interest',
}


class Generic(Adapter):
    code = 'json'
    label = _('JSON Webhook')
    sequence = 30
    has_webhook = True
    params = (
        Param('secret', _('Secret'), _('Signs each call: header X-Lead-Signature: sha256=<hex HMAC-SHA256 of the body>. A sender '
              'that cannot sign may send it as Authorization: Bearer <secret>.'), secret=True, required=True),
        Param('bearer', _('Accept the bare secret'), _('1 lets a sender that cannot sign send "Authorization: Bearer <secret>"; '
              '0 insists on the signature.'), '1'),
    )

    def receive(self, request):
        secret = self.config['secret']
        signature = as_text(request.headers.get('x-lead-signature')).removeprefix('sha256=')
        bearer = as_text(request.headers.get('authorization'))
        signed = secret and same(signature.lower(), sign(secret, request.body))
        trusted = self.config['bearer'] == '1' and bearer[:7].lower() == 'bearer ' and same(bearer[7:], secret)
        if not signed and not trusted:
            raise Refused(403, _('The signature does not fit the body and the secret of this source.'))
        data = decode(request.body)
        external_id = as_text(data.get('external_id'))
        if not external_id:
            raise Refused(400, _('The external_id is missing: without it a repeated call would double the lead.'))
        return [Inbound(
            external_id, {'lead': data}, is_test=as_bool(data.get('is_test')) or False, deleted=data.get('deleted') is True,
            form_id=as_text(as_dict(data.get('form')).get('id'), 200), submitted_at=as_time(data.get('submitted_at')))]

    def parse_payload(self, payload):
        data = as_dict(payload.get('lead'))
        form, campaign, ad, adset = (as_dict(data.get(name)) for name in ('form', 'campaign', 'ad', 'adset'))
        lead = Lead(
            as_text(data.get('external_id')), as_time(data.get('submitted_at')), as_bool(data.get('is_test')) or False,
            form_id=as_text(form.get('id'), 200), form_name=as_text(form.get('name'), 300),
            campaign_id=as_text(campaign.get('id'), 200), campaign_name=as_text(campaign.get('name'), 300),
            adset_id=as_text(adset.get('id'), 200), adset_name=as_text(adset.get('name'), 300),
            ad_id=as_text(ad.get('id'), 200), ad_name=as_text(ad.get('name'), 300), click_id=as_text(data.get('click_id'), 500),
            utm={key: as_text(value, 300) for key, value in as_dict(data.get('utm')).items()})
        contact = as_dict(data.get('contact'))
        for key, value in contact.items():
            lead.put(key if key in CONTACT else None, as_list(value), as_text(key, 300))
        for item in map(as_dict, as_list(data.get('answers'))):
            key, label = as_text(item.get('key'), 300), as_text(item.get('label'), 300)
            values = as_list(item.get('values') if 'values' in item else item.get('value'))
            lead.put(None, values, key or label or 'answer', label)
        for item in map(as_dict, as_list(data.get('consents'))):
            lead.consents.append(Consent(
                as_text(item.get('key'), 300), as_text(item.get('text')), as_bool(item.get('accepted')),
                as_time(item.get('given_at')), as_text(item.get('channel'), 20)))
        if not (lead.contact or lead.answers):
            raise Unreadable(_('The call has neither contact nor answers.'))
        return lead

    def check(self):
        good = len(self.config['secret']) >= 16
        yield Finding(good, _('The secret has 16 characters or more.') if good else
                      _('The secret is shorter than 16 characters: choose a longer one, here and at the sender.'))
