# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class MlmAgentMessage(models.Model):
    """What agents wrote from the portal: the log by which the company's limits are kept."""

    _name = 'mlm.agent.message'
    _description = 'Message of an Agent'
    _order = 'id desc'
    _rec_name = 'partner_id'

    agent_id = fields.Many2one('res.partner', string='Agent', required=True, index=True, ondelete='cascade')
    partner_id = fields.Many2one('res.partner', string='Customer', required=True, index=True, ondelete='cascade')
    order_id = fields.Many2one('sale.order', string='Offer', index='btree_not_null', ondelete='set null')
    channel = fields.Selection([('email', 'E-mail'), ('sms', 'SMS')], required=True)
    company_id = fields.Many2one('res.company', required=True, index=True)

    @api.private
    def _mlm_claim(self, agent, order, channel):
        """Count a message before it is sent.

        :raise UserError: if the agent reached the company's limit of the last 24 hours
        """
        company = order.company_id
        limit = company.mlm_agent_mails if channel == 'email' else company.mlm_agent_sms
        # Of two messages at the same moment one is refused; at worst the limit is passed by one.
        agent.lock_for_update(allow_referencing=True)
        sent = self.search_count(
            [
                ('agent_id', '=', agent.id),
                ('channel', '=', channel),
                ('company_id', '=', company.id),
                ('create_date', '>', fields.Datetime.now() - timedelta(days=1)),
            ]
        )
        if sent >= limit:
            raise UserError(
                self.env._(
                    'You have written %(count)s messages in 24 hours, which is the limit of %(company)s. Go on later, or ask the '
                    'company to raise it.',
                    count=sent,
                    company=company.name,
                )
            )
        return self.create(
            {
                'agent_id': agent.id,
                'partner_id': order.partner_id.id,
                'order_id': order.id,
                'channel': channel,
                'company_id': company.id,
            }
        )
