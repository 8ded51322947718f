# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..adapters import ADAPTERS


class MlmLeadSetting(models.Model):
    """What a vendor needs to know from us: one line for each parameter that its adapter declares."""
    _name = 'mlm.lead.setting'
    _description = 'Credential of a Lead Source'
    _order = 'source_id, sequence, id'
    _rec_name = 'label'

    source_id = fields.Many2one('mlm.lead.source', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer()
    name = fields.Char(string='Technical Name', required=True, readonly=True)
    label = fields.Char(compute='_compute_label', string='Setting')
    help = fields.Char(compute='_compute_label', string='Explanation')
    is_secret = fields.Boolean(compute='_compute_label')
    is_required = fields.Boolean(compute='_compute_label')
    value = fields.Char(groups='base.group_system')
    secret = fields.Char(compute='_compute_secret', inverse='_inverse_secret', groups='base.group_system')

    _name_uniq = models.UniqueIndex('(source_id, name)', 'A source has each setting once.')

    @api.depends('name', 'source_id.kind')
    @api.depends_context('lang')
    def _compute_label(self):
        for setting in self:
            param = setting._get_param()
            setting.label = self.env._(param.label) if param else setting.name  # pylint: disable=gettext-variable
            setting.help = param and param.help and self.env._(param.help)  # pylint: disable=gettext-variable
            setting.is_secret = bool(param and param.secret)
            setting.is_required = bool(param and param.required)

    @api.depends('value')
    def _compute_secret(self):
        for setting in self:
            setting.secret = setting.is_secret and setting.value

    def _inverse_secret(self):
        for setting in self.filtered('is_secret'):
            setting.value = setting.secret

    @api.constrains('value')
    def _check_value(self):
        for setting in self:
            if setting.value and (setting.value != setting.value.strip() or '\n' in setting.value):
                raise ValidationError(self.env._(
                    '"%(setting)s" of %(sender)s begins or ends with a blank. Copy it again without.',
                    setting=setting.label, sender=setting.source_id.display_name))
            if setting.value and setting.name.endswith('_url') and not setting.value.startswith(('https://', 'http://127.0.0.1:')):
                raise ValidationError(self.env._(
                    '"%(setting)s" of %(sender)s must begin with https://, since the access token is sent there.',
                    setting=setting.label, sender=setting.source_id.display_name))

    def _get_param(self):
        self.ensure_one()
        adapter = ADAPTERS.get(self.source_id.kind)
        return next((param for param in adapter.params if param.name == self.name), None) if adapter else None
