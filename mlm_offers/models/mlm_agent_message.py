# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

MESSAGE_LENGTH = {'email': 5000, 'sms': 459}  # three SMS


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
    def _mlm_claim(self, agent, partner, channel, company, order=None):
        """Count a message before it is sent.

        :param agent: who writes
        :param partner: the customer
        :param str channel: email or sms
        :param company: whose limits hold
        :param order: the offer it is about, if any
        :raise UserError: if the customer cannot or must not be written to, or the agent reached the company's limit of the last
            24 hours
        """
        partner._mlm_check_reachable(channel, company)
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
                'partner_id': partner.id,
                'order_id': order.id if order else False,
                'channel': channel,
                'company_id': company.id,
            }
        )

    @api.private
    def _mlm_write(self, agent, record, partner, channel, text, company):
        """Send what an agent writes to a customer, and log it on a record: the offer, or the customer.

        :param str text: plain text
        :raise UserError: if there is no text, it is too long, or `_mlm_claim` refuses it
        """
        limit, body = MESSAGE_LENGTH.get(channel), (text or '').strip()
        if not limit or not body:
            raise UserError(self.env._('Write a message first.'))
        if len(body) > limit:
            raise UserError(self.env._('The message is too long: %(limit)s characters at most.', limit=limit))
        order = record if record._name == 'sale.order' else None
        self._mlm_claim(agent, partner, channel, company, order)
        if channel == 'sms':
            record.with_company(company)._message_sms(
                body, partner_ids=partner.ids, put_in_queue=True, author_id=agent.id
            )
        else:
            record.message_post(
                body=plaintext2html(body),
                author_id=agent.id,
                partner_ids=partner.ids,
                message_type='comment',
                subtype_xmlid='mail.mt_comment',
                email_from=agent.email_formatted,
            )
