# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, models
from odoo.fields import Domain


class MlmLeadMatcher(models.AbstractModel):
    """Who is it? By e-mail or phone, both normalised. Odoo's own search for duplicates does not look at the phone."""
    _name = 'mlm.lead.matcher'
    _description = 'Matching of Received Leads'

    @api.model
    def _who(self, email, phone):
        """:return: a domain that works on contacts, leads and received leads, or None if nothing is known"""
        parts = [Domain(name, '=', value) for name, value in (('email_normalized', email), ('phone_sanitized', phone)) if value]
        return Domain.OR(parts) if parts else None

    @api.model
    def _find_open_lead(self, source, email, phone):
        """The newest open lead of the person in the company of the source."""
        who = self._who(email, phone)
        if who is None:
            return self.env['crm.lead']
        return self.env['crm.lead'].search(
            who & Domain('won_status', '=', 'pending') & Domain('company_id', 'in', [source.company_id.id, False]),
            order='id desc', limit=1)

    @api.model
    def _find_customer(self, source, email, phone):
        """The contact of the person; of several the one by e-mail, then the one who stands in the network, then the oldest."""
        who = self._who(email, phone)
        if who is None:
            return self.env['res.partner']
        found = self.env['res.partner'].search(
            who & Domain('company_id', 'in', [source.company_id.id, False]), order='id', limit=20)
        return found.sorted(lambda p: (p.email_normalized != email, not p.commercial_partner_id.mlm_sponsor_id, p.id))[:1]

    @api.model
    def _find_same_event(self, event, email, phone, click_id):
        """The event by which the vendor told of the very same submission before, under another id: pushed and polled, or
        pushed and exported."""
        who = self._who(email, phone)
        same = Domain('submitted_at', '=', event.submitted_at) if event.submitted_at else Domain.FALSE
        if click_id:
            same |= Domain('click_id', '=', click_id) & (Domain('submitted_at', '=', False) if not event.submitted_at
                else Domain.FALSE)
        if who is None:
            return event.browse()
        return event.search(
            who & same & Domain('source_id', '=', event.source_id.id) & Domain('state', '=', 'done') & Domain('id', '!=',
                event.id),
            order='id', limit=1)
