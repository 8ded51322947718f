# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import re
from datetime import UTC

from odoo import api, fields, models


class MlmLeadAnswers(models.AbstractModel):
    """Where the answers to a vendor's questions go."""
    _name = 'mlm.lead.answers'
    _description = 'Answers of Received Leads'

    @api.model
    def _put_answer(self, source, record, built, key, label, answers):
        """Send an answer where its mapping says; whatever cannot go there stands in the description."""
        mapping = source.mapping_ids._find(key, label, record.form_id)
        text = ', '.join(answers)
        if mapping.target == 'ignore':
            return
        if mapping.target == 'interest':
            built.interest = ', '.join(filter(None, (built.interest, text)))
        elif mapping.target == 'agent':
            built.agent_code = text
        elif mapping.target == 'tag':
            built.tags += self._tags(answers)
        elif mapping.target == 'consent':
            built.consents.append(self._consent(
                record, key, mapping.channel, answers
                and bool(re.match(r'(?i)(1|y|yes|t|tak|ja|true|on|x|checked|zgadzam|ich stimme)\b', text)),
                mapping.wording or label, record.submitted_at))
        if mapping.target == 'field' and self._put_field(built, mapping.field_id.name, text):
            return
        built.facts.append((label or key, text))

    @api.model
    def _tags(self, names):
        Tag = self.env['crm.tag']
        return [(Tag.search([('name', '=', name[:100])], limit=1) or Tag.create({'name': name[:100]})).id
            for name in names[:10] if name]

    @api.model
    def _put_field(self, built, name, text):
        """:return: whether the field took it; several answers to one text field are joined"""
        if name == 'email_from':
            self._put_email(text, built)
            return True
        if name == 'phone':
            self._put_phone(self.env['mlm.lead.source'], text, built)
            return True
        values, lead_field = built.values, self.env['crm.lead']._fields[name]
        if lead_field.type in ('char', 'text'):
            joined = ' '.join(filter(None, (values.get(name), text)))
            if lead_field.type == 'char' and len(joined) > (lead_field.size or 300):
                return False
            values[name] = joined
            return True
        value = self._convert(lead_field, text)
        if value is None or (lead_field.type == 'many2one' and not value):
            return False
        values[name] = value
        return True

    @api.model
    def _convert(self, lead_field, text):
        """The value of an answer for a field that is no text, None if it fits none."""
        if lead_field.type == 'many2one':
            return self._look_up(self.env[lead_field.comodel_name], text)
        if lead_field.type == 'selection':
            options = lead_field._description_selection(self.env)
            return next((key for key, label in options if text.casefold() in (str(key).casefold(), str(label).casefold())), None)
        try:
            if lead_field.type == 'boolean':
                return {'1': True, 'true': True, 'yes': True, 'tak': True, 'ja': True, '0': False, 'false': False, 'no': False,
                        'nie': False, 'nein': False}.get(text.casefold())
            if lead_field.type in ('integer', 'float', 'monetary'):
                number = self._number(text)
                return None if abs(number) >= 1e9 else int(number) if lead_field.type == 'integer' else number
            return fields.Date.to_date(text[:10]) if lead_field.type == 'date' else fields.Datetime.to_datetime(text)
        except (ValueError, TypeError, OverflowError):
            return None

    @api.model
    def _look_up(self, model, text):
        """The record of that name in any language of this database, None if there is none or more than one."""
        for code, _name in self.env['res.lang'].get_installed():
            found = model.with_context(lang=code).name_search(text, operator='=', limit=2)
            if len(found) == 1:
                return found[0][0]
        return None

    @api.model
    def _number(self, text):
        """A number as people of any country write it: the last separator is the decimal one, unless it stands alone
        before three digits (1.500, 1,500)."""
        digits = re.sub(r'[^\d.,-]', '', text)
        if re.fullmatch(r'-?\d{1,3}([.,])\d{3}(\1\d{3})*', digits):
            return float(re.sub('[.,]', '', digits))
        whole, _separator, decimals = digits.replace(',', '.').rpartition('.')
        return float(f'{whole.replace(".", "")}.{decimals}' if whole else decimals)

    # === CONSENTS === #

    @api.model
    def _put_consent(self, source, record, built, consent):
        mapping = source.mapping_ids._find(consent.key, consent.text, record.form_id)
        channel = mapping.channel or (consent.channel if consent.channel in ('phone', 'sms', 'email')
            else self._channel(consent.key))
        built.consents.append(self._consent(
            record, consent.key, channel, consent.accepted, consent.text or mapping.wording, consent.given_at
            or record.submitted_at))

    @api.model
    def _channel(self, key):
        key = key.casefold()
        return next((channel for channel, words in (
            ('sms', ('sms',)), ('email', ('mail',)), ('phone', ('phone', 'tel', 'call', 'anruf')))
                if any(word in key for word in words)), 'other')

    @api.model
    def _consent(self, record, key, channel, accepted, wording, given_at):
        return {
            'form': record.form_name or record.form_id, 'key': key, 'channel': channel, 'wording': wording,
            'accepted': 'unknown' if accepted is None or accepted == [] else 'yes' if accepted else 'no',
            'given_at': given_at and given_at.astimezone(UTC).replace(tzinfo=None)}
