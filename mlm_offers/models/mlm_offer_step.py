# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MlmOfferStep(models.Model):
    _name = 'mlm.offer.step'
    _description = 'Step of an Offer\'s Follow-up'
    _order = 'template_id, delay_days, id'

    template_id = fields.Many2one('sale.order.template', string='Offer', required=True, index=True, ondelete='cascade')
    delay_days = fields.Integer(string='Days after Sending', required=True, default=3)
    channel = fields.Selection([('email', 'E-mail'), ('sms', 'SMS')], string='By', required=True, default='email')
    mail_template_id = fields.Many2one('mail.template', string='E-mail Template', domain=[('model', '=', 'sale.order')])
    sms_template_id = fields.Many2one('sms.template', string='SMS Template', domain=[('model', '=', 'sale.order')])

    _delay_positive = models.Constraint('CHECK (delay_days > 0)', 'A follow-up comes at least one day after sending.')

    @api.depends('delay_days', 'channel')
    def _compute_display_name(self):
        channels = dict(self._fields['channel']._description_selection(self.env))
        for step in self:
            step.display_name = self.env._(
                'Day %(day)s: %(channel)s', day=step.delay_days, channel=channels.get(step.channel, '')
            )

    @api.constrains('channel', 'mail_template_id', 'sms_template_id')
    def _check_text(self):
        for step in self:
            if not (step.mail_template_id if step.channel == 'email' else step.sms_template_id):
                raise ValidationError(
                    self.env._(
                        'The step "%(step)s" of "%(template)s" says nothing. Choose its e-mail or SMS template.',
                        step=step.display_name,
                        template=step.template_id.name,
                    )
                )
