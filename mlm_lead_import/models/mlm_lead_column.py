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
        return [
            ('external_id', self.env._('Id of the lead')), ('submitted_at', self.env._('Time')),
            ('form_id', self.env._('Form: id')), ('form_name', self.env._('Form: name')),
            ('campaign_id', self.env._('Campaign: id')), ('campaign_name', self.env._('Campaign: name')),
            ('adset_id', self.env._('Ad set: id')), ('adset_name', self.env._('Ad set: name')),
            ('ad_id', self.env._('Ad: id')), ('ad_name', self.env._('Ad: name')),
            ('click_id', self.env._('Click id')), ('platform', self.env._('Platform')),
            ('is_organic', self.env._('Without an ad')), ('consent', self.env._('Consent')),
            ('full_name', self.env._('Name')), ('first_name', self.env._('First name')), ('last_name', self.env._('Last name')),
            ('email', self.env._('E-mail')), ('phone', self.env._('Phone')), ('company', self.env._('Company')),
            ('function', self.env._('Job title')), ('street', self.env._('Street')), ('street2', self.env._('Street 2')),
            ('zip', self.env._('Postal code')), ('city', self.env._('City')), ('state', self.env._('State')),
            ('country', self.env._('Country')), ('lang', self.env._('Language')), ('website', self.env._('Website')),
            ('agent_code', self.env._('Agent code')), ('interest', self.env._('Interest')),
            ('skip', self.env._('Leave out')),
        ]

    @api.model
    def _get_meanings(self):
        """:return: ``{header in lower case: meaning}``, the technical names among them"""
        meanings = {name: name for name in (*rows.IDS, *rows.PLAIN, *rows.CONTACT, *rows.OTHER)}
        meanings.update((column.name.casefold(), column.meaning) for column in self.search([]))
        return meanings
