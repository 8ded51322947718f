# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models

from ..adapters import rows


class MlmLeadColumn(models.Model):
    """What the header of a file's column means; vendors translate and change them, so it is data."""
    _name = 'mlm.lead.column'
    _description = 'Column of Lead Files'
    _order = 'meaning, name'

    name = fields.Char(string='Header', required=True)
    meaning = fields.Selection(selection='_selection_meaning', required=True)

    _name_uniq = models.UniqueIndex('(lower(name))', 'This header has a meaning already.')

    @api.model
    def _selection_meaning(self):
        _ = self.env._
        meanings = {
            'external_id': _('Id of the lead'),
            'submitted_at': _('Time'),
            'form_id': _('Form: id'),
            'form_name': _('Form: name'),
            'campaign_id': _('Campaign: id'),
            'campaign_name': _('Campaign: name'),
            'adset_id': _('Ad set: id'),
            'adset_name': _('Ad set: name'),
            'ad_id': _('Ad: id'),
            'ad_name': _('Ad: name'),
            'click_id': _('Click id'),
            'platform': _('Platform'),
            'is_organic': _('Without an ad'),
            'consent': _('Consent'),
            'full_name': _('Name'),
            'first_name': _('First name'),
            'last_name': _('Last name'),
            'email': _('E-mail'),
            'phone': _('Phone'),
            'company': _('Company'),
            'function': _('Job title'),
            'street': _('Street'),
            'street2': _('Street 2'),
            'zip': _('Postal code'),
            'city': _('City'),
            'state': _('State'),
            'country': _('Country'),
            'lang': _('Language'),
            'website': _('Website'),
            'agent_code': _('Agent code'),
            'interest': _('Interest'),
            'skip': _('Leave out'),
        }
        return list(meanings.items())

    @api.model
    def _get_meanings(self):
        """:return: ``{header in lower case: meaning}``, the technical names among them"""
        meanings = {name: name for name in (*rows.IDS, *rows.PLAIN, *rows.CONTACT, *rows.OTHER)}
        meanings.update((column.name.casefold(), column.meaning) for column in self.search([]))
        return meanings
