# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import json

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.http import request

from ..providers import PROVIDERS


class MlmSignAccount(models.Model):
    _name = 'mlm.sign.account'
    _description = 'Account at a Signature Provider'
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    provider = fields.Selection('_selection_provider', required=True)
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company)
    setting_ids = fields.One2many('mlm.sign.setting', 'account_id', string='Settings', groups='base.group_system')
    tokens = fields.Json(groups='base.group_system', copy=False)
    last_error = fields.Char(readonly=True, copy=False)
    last_success = fields.Datetime(readonly=True, copy=False)
    callback_url = fields.Char(string='Address for Callbacks', compute='_compute_callback_url')

    @api.model
    def _selection_provider(self):
        return [(name, cls.label) for name, cls in PROVIDERS.items() if not cls.embedded]

    def _compute_callback_url(self):
        for account in self:
            account.callback_url = (
                account._origin and f'{account.get_base_url()}/mlm/sign/callback/{account._origin.id}'
            )

    @api.onchange('provider')
    def _onchange_provider(self):
        if self.provider:
            self.setting_ids = [fields.Command.clear()] + [
                fields.Command.create(vals) for vals in self._prepare_settings(self.provider)
            ]

    @api.model_create_multi
    def create(self, vals_list):
        self.browse().check_access('create')  # who may not is told so, whatever is missing in the values
        for vals in vals_list:
            given = {
                command[2].get('key'): command[2]
                for command in vals.get('setting_ids') or []
                if command[0] == fields.Command.CREATE
            }
            vals['setting_ids'] = [
                fields.Command.create(setting | given.get(setting['key'], {}))
                for setting in self._prepare_settings(vals['provider'])
            ]
        return super().create(vals_list)

    def write(self, vals):
        if 'provider' in vals and any(account.provider != vals['provider'] for account in self):
            raise UserError(self.env._('The provider of an account cannot change. Create another account.'))
        return super().write(vals)

    @api.model
    def _prepare_settings(self, provider):
        return [
            {'key': setting.key, 'value': setting.default, 'sequence': number}
            for number, setting in enumerate(PROVIDERS[provider].settings)
        ]

    def action_test(self):
        """Log in at the provider and say how it went."""
        self.ensure_one()
        self.env['ir.model.access'].check('mlm.sign.account', 'write')
        message, kind = self.env._('%(account)s answers.', account=self.name), 'success'
        try:
            self._get_provider().check()
        except self._get_provider().Error as error:
            message, kind = str(error), 'danger'
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {'type': kind, 'message': message, 'sticky': kind == 'danger'},
        }

    def action_log_in(self):
        """Go to the provider, where an administrator logs in and allows this Odoo to send."""
        self.ensure_one()
        self.env['ir.model.access'].check('mlm.sign.account', 'write')
        state = f'{self.id}-{request.csrf_token(time_limit=3600)}'
        url = self._get_provider().login_url(self._get_login_redirect(), state)
        if not url:
            raise UserError(
                self.env._('%(account)s does not log in that way. Enter its settings and test the login.', account=self.name)
            )
        return {'type': 'ir.actions.act_url', 'url': url, 'target': 'self'}

    @api.private
    def _get_login_redirect(self):
        return f'{self.get_base_url()}/mlm/sign/login'

    def action_register_callback(self):
        self.ensure_one()
        self.env['ir.model.access'].check('mlm.sign.account', 'write')
        provider = self._get_provider()
        try:
            provider.register_callback(self.callback_url)
        except provider.Error as error:
            raise UserError(str(error)) from error

    @api.private
    def _get_provider(self):
        """The provider behind this account, ready to be called.

        :rtype: odoo.addons.mlm_offers.providers.base.SignProvider
        """
        self.ensure_one()
        account = self.sudo()  # the settings are for administrators; they stay inside the provider
        config = {setting.key: setting.value or '' for setting in account.setting_ids}
        cls = PROVIDERS.get(account.provider)
        if cls is None:
            raise ValidationError(
                self.env._('There is no signature provider "%(name)s" any more.', name=account.provider)
            )
        return cls(config, tokens=account.tokens or {}, save_tokens=account._save_tokens)

    def _save_tokens(self, tokens):
        """Keep tokens in a transaction of their own: a refresh token works once, so a later rollback must not lose it."""
        with self.env.registry.cursor() as cr:
            cr.execute('UPDATE mlm_sign_account SET tokens = %s WHERE id = %s', (json.dumps(tokens), self.id))
        self.invalidate_recordset(['tokens'])
