# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""A vendor that does not exist: proof that one more file in the folder of adapters is all that one more vendor takes."""
from odoo.addons.mlm_lead_import.adapters.base import Adapter, Finding, Form, Inbound, Lead, Page, Param, Refused, decode, same


class Pigeon(Adapter):
    code = 'pigeon'
    label = 'Carrier Pigeon'
    has_webhook = True
    can_poll = True
    params = (
        Param('ring', 'Ring of the pigeon', 'Proves whose pigeon it is.', secret=True, required=True),
        Param('loft_url', 'Address of the loft', default='https://loft.example.com'),
    )

    def receive(self, request):
        if not same(request.headers.get('x-ring'), self.config['ring']):
            raise Refused(403, 'This is not our pigeon.')
        data = decode(request.body)
        return [Inbound(str(data['number']), {'note': data})]

    def poll(self, forms, overlap):
        _status, _headers, notes = self.http('GET', f'{self.config["loft_url"]}/notes')
        form = forms.get('loft') or Form('loft')
        yield Page(form, [Inbound(str(note['number']), {'note': note}) for note in notes], last=True)

    def parse_payload(self, payload):
        lead = Lead(str(payload['note']['number']))
        lead.put('full_name', [payload['note']['who']], 'who')
        lead.put(None, [payload['note']['text']], 'text', 'Note')
        return lead

    def check(self):
        yield Finding(True, 'The loft has %(count)s holes.', {'count': 7})
