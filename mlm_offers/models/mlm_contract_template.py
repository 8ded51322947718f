# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import UserError

FROZEN = {'body', 'kind', 'withdrawal_days', 'company_signer_id', 'level'}


class MlmContractTemplate(models.Model):
    _name = 'mlm.contract.template'
    _description = 'Contract Template'
    _inherit = ['mail.render.mixin']
    _order = 'name, version desc, id desc'

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [('customer', 'Contract of a Customer'), ('agent', 'Cooperation Agreement of an Agent')],
        required=True,
        default='customer',
        help='A signed customer contract confirms the order; a signed cooperation agreement activates the agent.',
    )
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one(
        'mlm.contract.template',
        string='Previous Version',
        readonly=True,
        copy=False,
        index='btree_not_null',
        ondelete='restrict',
    )
    company_id = fields.Many2one('res.company', help='Empty: for all companies.')
    body = fields.Html(
        string='Text',
        render_engine='qweb',
        translate=True,
        sanitize='email_outgoing',
        help='Fields are written as in e-mail templates, for example <t t-out="object.partner_id.name"/>.',
    )
    level = fields.Selection(
        [('basic', 'Basic'), ('sms', 'Confirmed by SMS'), ('qualified', 'Qualified')],
        string='Signature',
        required=True,
        default='basic',
        help='What the law asks for. Not every provider can do each of them.',
    )
    account_id = fields.Many2one(
        'mlm.sign.account',
        string='Signed with',
        index='btree_not_null',
        help='Empty: signed in the portal of this Odoo.',
    )
    company_signer_id = fields.Many2one(
        'res.users',
        string='Countersigned by',
        domain=[('share', '=', False)],
        help='Who signs for the company, after the other party.',
    )
    days_to_sign = fields.Integer(string='Days to Sign', default=14, required=True)
    withdrawal_days = fields.Integer(
        string='Withdrawal Period (days)',
        default=14,
        required=True,
        help='How many days after signing the other party may withdraw. 14 for consumers in the European Union; 0 for none.',
    )
    plan_ref = fields.Reference(
        selection='_selection_plan', string='Plan', help='The commission plan that the agreement follows.'
    )
    own_rate = fields.Float(
        string='Own Rate (%)', digits=(7, 4), help='The rate on the agent\'s own sales. 0: the contract names none.'
    )
    months = fields.Integer(string='Duration (months)', help='0: until it is ended.')
    self_billing = fields.Boolean(
        string='Self-billing', default=True, help='The agent agrees that the company issues the bills for commissions.'
    )
    has_plans = fields.Boolean(compute='_compute_has_plans')
    contract_ids = fields.One2many('mlm.contract', 'template_id', string='Contracts')
    contract_count = fields.Integer(string='Number of Contracts', compute='_compute_contract_count')

    _days_positive = models.Constraint(
        'CHECK (days_to_sign > 0 AND withdrawal_days >= 0)',
        'The days to sign must be positive, the withdrawal period not negative.',
    )
    _terms_range = models.Constraint(
        'CHECK (months >= 0 AND own_rate >= 0 AND own_rate <= 100)',
        'A duration cannot be negative, and a rate is from 0 to 100 percent.',
    )

    def _compute_render_model(self):
        self.render_model = 'mlm.contract'

    @api.depends('contract_ids')
    def _compute_contract_count(self):
        counts = dict(
            self.env['mlm.contract']._read_group([('template_id', 'in', self.ids)], ['template_id'], ['__count'])
        )
        for template in self:
            template.contract_count = counts.get(template._origin, 0)

    @api.depends('name', 'version')
    def _compute_display_name(self):
        for template in self:
            template.display_name = self.env._(
                '%(name)s, version %(version)s', name=template.name, version=template.version
            )

    def _compute_has_plans(self):
        self.has_plans = bool(self._selection_plan())

    @api.model
    def _selection_plan(self):
        return self.env['res.partner']._mlm_get_plan_models()

    def write(self, vals):
        if FROZEN & vals.keys():
            # sudo: whether the text is in use does not depend on who asks
            used = self.sudo().filtered('contract_ids')
            if used:
                raise UserError(
                    self.env._(
                        'Contracts were made of "%(template)s", so its text stays as it is. Use New Version.',
                        template=used[0].display_name,
                    )
                )
        return super().write(vals)

    def copy_data(self, default=None):
        return [
            vals | ({} if default and 'name' in default else {'name': self.env._('%s (copy)', template.name)})
            for template, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def action_new_version(self):
        """Put a new version in the place of this one, which is archived."""
        self.ensure_one()
        new = self.copy({'name': self.name})
        new.write({'version': self.version + 1, 'previous_id': self.id})
        self.env['sale.order.template'].search(
            [('mlm_contract_template_id', '=', self.id)]
        ).mlm_contract_template_id = new
        self.active = False
        return {'type': 'ir.actions.act_window', 'res_model': self._name, 'res_id': new.id, 'view_mode': 'form'}
