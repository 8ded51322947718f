# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models

from ..providers import PROVIDERS


class MlmSignSetting(models.Model):
    """One setting of an account. What settings there are, the provider's file declares."""

    _name = 'mlm.sign.setting'
    _description = 'Setting of a Signature Provider'
    _order = 'account_id, sequence, id'
    _rec_name = 'key'

    account_id = fields.Many2one('mlm.sign.account', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer()
    key = fields.Char(required=True)
    value = fields.Char()
    label = fields.Char(string='Setting', compute='_compute_label')
    hint = fields.Char(string='What It Is', compute='_compute_label')

    _account_key_uniq = models.UniqueIndex('(account_id, key)', 'This setting is there already.')

    @api.depends('key', 'account_id.provider')
    def _compute_label(self):
        for setting in self:
            cls = PROVIDERS.get(setting.account_id.provider)
            declared = {declared.key: declared for declared in cls.settings} if cls else {}
            setting.label = declared[setting.key].label if setting.key in declared else setting.key
            setting.hint = declared[setting.key].help if setting.key in declared else False
