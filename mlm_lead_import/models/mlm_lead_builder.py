# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import json
import re
from dataclasses import dataclass, field
from datetime import UTC

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import email_normalize
from odoo.tools.sql import escape_psql

from odoo.addons.phone_validation.tools import phone_validation

# What a contact of the normalised record is called on a lead.
FIELDS = {
    'company': 'partner_name', 'function': 'function', 'street': 'street', 'street2': 'street2', 'zip': 'zip', 'city': 'city',
    'website': 'website',
}


@dataclass
class Built:
    """What a record will become: values of a lead, and what stands beside them."""
    values: dict = field(default_factory=dict)
    facts: list = field(default_factory=list)  # (question, answer) for the description
    consents: list = field(default_factory=list)
    tags: list = field(default_factory=list)
    agent_code: str = ''
    interest: str = ''
    campaign: object = None


class MlmLeadBuilder(models.AbstractModel):
    """From the normalised record of an adapter to a lead."""
    _name = 'mlm.lead.builder'
    _description = 'Making of Leads'
    _inherit = ['mlm.lead.matcher', 'mlm.lead.answers']

    # === THE OUTCOME === #

    @api.model
    def _become(self, event, record):
        """Give the event one outcome: a new lead, or a note on the open lead or on the customer.

        :param record: :class:`~odoo.addons.mlm_lead_import.adapters.base.Lead`
        """
        source = event.source_id
        if record.submitted_at and not event.submitted_at:
            event.submitted_at = record.submitted_at.astimezone(UTC).replace(tzinfo=None)
        record.submitted_at = record.submitted_at or (event.submitted_at or event.create_date).replace(tzinfo=UTC)
        built = self._build(source, record)
        values = built.values
        email, phone = values.get('email_from'), values.get('phone')
        known = {'contact_name': values.get('contact_name'), 'email_normalized': email, 'phone_sanitized': phone,
                 'click_id': record.click_id or False, 'form_id': record.form_id or event.form_id}
        same = self._find_same_event(event, email, phone, record.click_id)
        if same:
            event._finish('done', outcome='repeated', lead_id=same.lead_id.id, partner_id=same.partner_id.id, **known)
            return
        customer = self._find_customer(source, email, phone)
        note = self._note(source, record, built)
        lead = source.duplicate_mode == 'merge' and self._find_open_lead(source, email, phone)
        if lead:
            self._note_on_lead(lead, values, note)
            outcome = 'merged'
        elif customer and source.customer_mode == 'note':
            customer.message_post(body=note, subtype_xmlid='mail.mt_note')
            outcome = 'noted'
        else:
            lead = self._create_lead(source, customer, values, note)
            outcome = 'created'
        event._finish('done', outcome=outcome, lead_id=lead and lead.id, partner_id=customer.id, **known)
        if lead:
            self.env['mlm.lead.consent'].create([
                {**consent, 'lead_id': lead.id, 'event_id': event.id, 'source_id': source.id} for consent in built.consents])
        if outcome == 'created':
            self.env['mlm.lead.distributor']._distribute(lead, code=built.agent_code)

    @api.model
    def _create_lead(self, source, customer, values, note):
        lead = self.env['crm.lead'].with_context(mail_create_nolog=True, mail_create_nosubscribe=True).create({
            **values,
            'description': note,
            'partner_id': customer.id,
            # Odoo's defaults are who is logged in: the job, or the public.
            'user_id': False,
            'company_id': source.company_id.id,
            'type': source.lead_type,
            'mlm_lead_source_id': source.id,
        })
        # A known customer brings an own address along; what the person just said is newer.
        lead.write({name: value for name, value in values.items() if name in ('email_from', 'phone', 'contact_name')})
        return lead

    @api.model
    def _note_on_lead(self, lead, values, note):
        """Fill what is empty, and note the rest."""
        names = ('contact_name', 'email_from', 'phone', 'partner_name', 'street', 'zip', 'city', 'country_id', 'lang_id')
        lead.write({name: values[name] for name in names if values.get(name) and not lead[name]})
        lead.description = Markup('%s%s') % (lead.description or '', note)
        lead.message_post(body=note, subtype_xmlid='mail.mt_note')
        if lead.mlm_agent_id:
            lead.with_context(lang=lead.mlm_agent_id.lang).message_notify(
                partner_ids=lead.mlm_agent_id.ids, subject=self.env._('%s has asked again', lead.contact_name or lead.name),
                body=self.env._('Open the inquiry: %s', f'{lead.get_base_url()}/my/leads/{lead.id}'))

    # === THE VALUES === #

    @api.model
    def _build(self, source, record, create=True):
        """:param create: False leaves unknown campaigns unmade
        :rtype: Built"""
        built = Built(campaign=self.env['mlm.lead.campaign']._get(source, record.campaign_id, record.campaign_name, create))
        self._put_contact(source, record, built)
        for answer in record.answers:
            self._put_answer(source, record, built, answer.key, answer.label, answer.values)
        for consent in record.consents:
            self._put_consent(source, record, built, consent)
        values = built.values
        campaign = built.campaign
        values.update(self._utm(source, record, campaign, create))
        values['team_id'] = (campaign.team_id or source.team_id).id
        values['tag_ids'] = [fields.Command.set((source.tag_ids | campaign.tag_ids).ids + built.tags)]
        built.interest = built.interest or campaign.interest or ''
        values['mlm_interest'] = built.interest[:300]
        built.agent_code = (built.agent_code or record.utm.get('agent') or record.utm.get('mlm_agent')
            or '').strip().upper()[:100]
        values.setdefault('name', self._title(source, record, values))
        return built

    @api.model
    def _utm(self, source, record, campaign, create):
        """What the link of this lead tells, else what stands on the source."""
        def find(model, default):
            name = record.utm.get(model.rpartition('.')[2], '').strip()
            return (self._find_utm(model, name, create) if name else default).id

        return {
            'campaign_id': campaign.campaign_id.id or find('utm.campaign', campaign.campaign_id),
            'source_id': find('utm.source', source.utm_source_id),
            'medium_id': find('utm.medium', source.utm_medium_id),
        }

    @api.model
    def _find_utm(self, model, name, create=True):
        """The record of exactly that name, in any case. Odoo's own helper takes _ and % for wildcards and fails at a blank."""
        found = self.env[model].search([('name', '=ilike', escape_psql(name[:100]))], limit=1)
        return found or (self.env[model].create({'name': name[:100]}) if create else found)

    @api.model
    def _put_contact(self, source, record, built):
        contact, values = dict(record.contact), built.values
        for key in [*contact]:
            # A question of the vendor's own may be sent elsewhere, too.
            if source.mapping_ids._find(key, '', record.form_id):
                self._put_answer(source, record, built, key, key, [contact.pop(key)])
        name = contact.pop('full_name', '') or ' '.join(
            part for part in (contact.pop('first_name', ''), contact.pop('last_name', '')) if part)
        if name:
            values.setdefault('contact_name', name[:300])
        for key in ('first_name', 'last_name'):
            if contact.get(key):
                built.facts.append((key, contact.pop(key)))
        values.setdefault('country_id', self._country(contact.pop('country', ''), built).id)
        self._put_phone(source, contact.pop('phone', ''), built)
        self._put_email(contact.pop('email', ''), built)
        values['country_id'] = values['country_id'] or source.country_id.id or source.company_id.country_id.id
        lang = self._lang(contact.pop('lang', ''), built) or source.lang_id
        if lang:
            values.setdefault('lang_id', lang.id)
        built.agent_code = built.agent_code or contact.pop('agent_code', '')
        built.interest = built.interest or contact.get('interest', '')
        self._put_rest(contact, built)

    @api.model
    def _put_rest(self, contact, built):
        values = built.values
        for key, text in contact.items():
            if key in FIELDS:
                values.setdefault(FIELDS[key], text[:300])
            if key == 'state' and values['country_id']:
                state = self.env['res.country.state'].search(
                    [('country_id', '=', values['country_id']), '|', ('code', '=', text), ('name', '=', text)], limit=1)
                values['state_id'] = state.id
            if key in ('state', 'interest') or len(text) > 300:
                built.facts.append((key, text))

    @api.model
    def _put_phone(self, source, text, built):
        text = re.sub(r'^p:', '', text)
        if not text:
            return
        country = self.env['res.country'].browse(built.values.get('country_id'))
        number = len(text) <= 40 and self.env['crm.lead']._phone_format(
            number=text, country=country or source.country_id or source.company_id.country_id)
        if not number:
            built.facts.append((self.env._('Phone, which is no valid number'), text))
            return
        built.values.setdefault('phone', number)
        if not built.values.get('country_id'):
            code = phone_validation.phone_get_region_data_for_number(number)['code']
            built.values['country_id'] = self.env['res.country'].search([('code', '=', code)], limit=1).id if code else False

    @api.model
    def _put_email(self, text, built):
        email = text and len(text) <= 254 and email_normalize(text)
        if email:
            built.values.setdefault('email_from', email)
        elif text:
            built.facts.append((self.env._('E-mail, which is no valid address'), text))

    @api.model
    def _country(self, text, built):
        """By its code, or its name in any language of this database."""
        Country = self.env['res.country']
        if not text:
            return Country
        found = Country.search([('code', '=', text.upper())], limit=1) if len(text) == 2 else Country
        for code, _name in [] if found else self.env['res.lang'].get_installed():
            found = found or Country.with_context(lang=code).search([('name', '=', text)], limit=1)
        if not found:
            built.facts.append(('country', text))
        return found

    @api.model
    def _lang(self, text, built):
        found = self.env['res.lang'].search([('code', '=', text)], limit=1) if text else self.env['res.lang']
        if text and not found:
            found = self.env['res.lang'].search([('iso_code', '=', text[:2].lower())], limit=1)
        if text and not found:
            built.facts.append(('lang', text))
        return found

    # === TEXTS === #

    @api.model
    def _title(self, source, record, values):
        who = values.get('contact_name') or values.get('email_from') or values.get('phone') or self.env._('Unknown')
        what = record.form_name or record.campaign_name or source.name
        return f'{who}: {what}'[:300]

    @api.model
    def _note(self, source, record, built):
        """Everything that was said, for the description or a note; HTML of strangers' texts, escaped."""
        rows = list(built.facts)
        for label, name, id_ in (
            (self.env._('Form'), record.form_name, record.form_id),
            (self.env._('Campaign'), record.campaign_name, record.campaign_id),
            (self.env._('Ad set'), record.adset_name, record.adset_id), (self.env._('Ad'), record.ad_name, record.ad_id),
            (self.env._('Platform'), record.platform, ''), (self.env._('Agent code'), built.agent_code, ''),
        ):
            text = f'{name} ({id_})' if name and id_ else name or id_
            if text:
                rows.append((label, text))
        rows += [(f'utm_{key}', text) for key, text in record.utm.items() if text]
        rows += [(self.env._('Remark'), self.env._(text)) for text in record.warnings]  # pylint: disable=gettext-variable
        cells = Markup().join(
            Markup('<tr><th>%s</th><td>%s</td></tr>') % (label, Markup('<br/>').join(text.splitlines()))
            for label, text in rows)
        heading = self.env._('Inquiry by %(sender)s, %(time)s', sender=source.name, time=(
            record.submitted_at or fields.Datetime.now()).strftime('%Y-%m-%d %H:%M UTC'))
        return Markup('<p>%s</p><table class="table table-sm"><tbody>%s</tbody></table>') % (heading, cells)

    @api.model
    def _preview(self, source, event):
        """What an event would become, as HTML; nothing is made."""
        adapter = source._get_adapter(http=False)
        payload = json.loads(event.payload)
        if adapter.needs_fetch(payload):
            return self.env._('The answers of this one are not fetched yet.')
        record = adapter.parse(payload)
        built = self._build(source, record, create=False)
        rows = []
        for name, value in built.values.items():
            lead_field = self.env['crm.lead']._fields[name]
            if lead_field.type == 'many2one' and value:
                value = self.env[lead_field.comodel_name].browse(value).display_name
            elif lead_field.type == 'many2many':
                value = ', '.join(self.env[lead_field.comodel_name].browse(value[0][2]).mapped('display_name'))
            if value:
                rows.append((lead_field._description_string(self.env), value))
        rows += [(self.env._('Consent'), f"{row['channel']}: {row['accepted']}") for row in built.consents]
        cells = Markup().join(Markup('<tr><th>%s</th><td>%s</td></tr>') % row for row in rows)
        return Markup('<table class="table table-sm"><tbody>%s</tbody></table><h4>%s</h4>%s') % (
            cells, self.env._('Description'), self._note(source, record, built))
