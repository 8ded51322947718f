# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import plaintext2html

OPEN_CONTRACT = ('draft', 'sending', 'sent', 'review')
QUESTION_LENGTH = 2000
QUESTIONS_A_DAY = 20


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    mlm_is_offer = fields.Boolean(related='sale_order_template_id.mlm_is_offer', string='Network Offer', store=True)
    mlm_discount = fields.Float(
        string='Discount of the Offer (%)', copy=False, readonly=True, help='What the offer gives on every product.'
    )
    mlm_offer_state = fields.Selection(
        [
            ('draft', 'Draft'),
            ('sent', 'Sent'),
            ('opened', 'Opened'),
            ('answered', 'Answered'),
            ('contract', 'Contract Out'),
            ('won', 'Won'),
            ('expired', 'Expired'),
            ('lost', 'Lost'),
        ],
        string='Offer State',
        compute='_compute_mlm_offer_state',
        compute_sudo=True,
    )
    mlm_answered_on = fields.Datetime(
        string='Answered', copy=False, readonly=True, help='When the customer last wrote about the offer.'
    )
    mlm_follow_up = fields.Boolean(string='Follow Up', default=True, copy=False, tracking=True)
    mlm_next_step_on = fields.Datetime(
        string='Next Reminder', compute='_compute_mlm_next_step_on', store=True, index='btree_not_null', copy=False
    )
    mlm_reminder_ids = fields.One2many('mlm.offer.reminder', 'order_id', string='Reminders', readonly=True)
    mlm_view_ids = fields.One2many('mlm.offer.view', 'order_id', string='Visits', readonly=True)
    mlm_view_count = fields.Integer(string='Times Opened', compute='_compute_mlm_views', compute_sudo=True)
    mlm_view_seconds = fields.Integer(string='Seconds Read', compute='_compute_mlm_views', compute_sudo=True)
    mlm_opened_on = fields.Datetime(string='First Opened', copy=False, readonly=True)
    mlm_lost_reason_id = fields.Many2one(
        'crm.lost.reason', string='Lost Reason', copy=False, tracking=True, index='btree_not_null', ondelete='restrict'
    )
    mlm_contract_ids = fields.One2many('mlm.contract', 'order_id', string='Contracts')
    mlm_contract_count = fields.Integer(compute='_compute_mlm_contract_count', compute_sudo=True)

    # === COMPUTE METHODS === #

    @api.depends('state', 'validity_date', 'mlm_opened_on', 'mlm_answered_on', 'mlm_contract_ids.state')
    def _compute_mlm_offer_state(self):
        today = fields.Date.today()
        for order in self:
            if order.state == 'sale':
                order.mlm_offer_state = 'won'
            elif order.state == 'cancel':
                order.mlm_offer_state = 'lost'
            elif order.validity_date and order.validity_date < today:
                order.mlm_offer_state = 'expired'
            elif order._mlm_get_open_contract():
                order.mlm_offer_state = 'contract'
            elif order.mlm_answered_on:
                order.mlm_offer_state = 'answered'
            elif order.mlm_opened_on:
                order.mlm_offer_state = 'opened'
            else:
                order.mlm_offer_state = order.state

    @api.depends(
        'state',
        'signature',
        'validity_date',
        'mlm_is_offer',
        'mlm_sent_on',
        'mlm_follow_up',
        'mlm_answered_on',
        'mlm_reminder_ids.step_id',
        'sale_order_template_id.mlm_step_ids.delay_days',
    )
    def _compute_mlm_next_step_on(self):
        for order in self:
            due = False
            if (
                order.state == 'sent'
                and order.mlm_is_offer
                and order.mlm_sent_on
                and order.mlm_follow_up
                and not order.mlm_answered_on
                and not order.signature
            ):
                steps = order.sale_order_template_id.mlm_step_ids - order.mlm_reminder_ids.step_id
                due = min((order.mlm_sent_on + timedelta(days=step.delay_days) for step in steps), default=False)
                if due and order.validity_date and due.date() > order.validity_date:
                    due = False
            order.mlm_next_step_on = due

    @api.depends('mlm_view_ids.seconds')
    def _compute_mlm_views(self):
        groups = self.env['mlm.offer.view']._read_group(
            [('order_id', 'in', self.ids)], ['order_id'], ['__count', 'seconds:sum']
        )
        views = {order: (count, seconds) for order, count, seconds in groups}
        for order in self:
            order.mlm_view_count, order.mlm_view_seconds = views.get(order._origin, (0, 0))

    @api.depends('mlm_contract_ids')
    def _compute_mlm_contract_count(self):
        counts = dict(self.env['mlm.contract']._read_group([('order_id', 'in', self.ids)], ['order_id'], ['__count']))
        for order in self:
            order.mlm_contract_count = counts.get(order._origin, 0)

    # === ACTION METHODS === #

    def action_mlm_lost(self):
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_offers.action_offer_lost')
        return action | {'context': {'default_order_ids': self.ids}}

    def action_mlm_open_contracts(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_offers.action_contract')
        return action | {
            'domain': [('order_id', '=', self.id)],
            'context': {
                'default_order_id': self.id,
                'default_partner_id': self.partner_id.id,
                'default_agent_id': self.mlm_agent_id.id,
            },
        }

    def action_mlm_stop_follow_up(self):
        self.mlm_follow_up = False

    # === ODOO'S HOOKS === #

    def _action_cancel(self):
        # A cancelled offer must not be signed any more. sudo: who may cancel the offer takes back its contract.
        for contract in self.sudo().mlm_contract_ids.filtered(lambda contract: contract.state in OPEN_CONTRACT):
            try:
                contract.action_cancel()
            except UserError as error:
                contract._ask_for_review(str(error))  # the provider cannot be reached; a person must see to it
        return super()._action_cancel()

    def _has_to_be_signed(self):
        # Where there is a contract, its signature takes the place of the quotation's, also while the payment is still due.
        # sudo: who may see the offer may know that there is a contract
        return super()._has_to_be_signed() and not self.sudo().sale_order_template_id.mlm_contract_template_id

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._mlm_needs_contract()

    def _is_confirmation_amount_reached(self):
        # A payment confirms an order; where a contract is due, it waits for the contract, whose signature confirms it then.
        return super()._is_confirmation_amount_reached() and not self._mlm_needs_contract()

    def _can_be_edited_on_portal(self):
        return super()._can_be_edited_on_portal() and not self._mlm_get_open_contract()

    def _message_post_after_hook(self, message, msg_vals):
        result = super()._message_post_after_hook(message, msg_vals)
        if (
            self.mlm_is_offer
            and message.message_type in ('comment', 'email')
            and message.author_id
            and message.author_id.commercial_partner_id == self.partner_id.commercial_partner_id
            and not message.subtype_id.internal
        ):
            # sudo: the customer answers in the portal and may not write orders; only the time is noted
            self.sudo().mlm_answered_on = fields.Datetime.now()
        return result

    # === BUSINESS METHODS: THE CUSTOMER === #

    @api.private
    def _mlm_get_open_contract(self):
        self.ensure_one()
        # sudo: who may see the offer may know that its contract is out
        return self.sudo().mlm_contract_ids.filtered(
            lambda contract: contract.state in OPEN_CONTRACT
        )[:1]

    @api.private
    def _mlm_needs_contract(self):
        """Whether a contract must be signed before the order is confirmed or paid."""
        self.ensure_one()
        order = self.sudo()  # as above
        return bool(order.sale_order_template_id.mlm_contract_template_id) and not any(
            contract.state == 'signed' for contract in order.mlm_contract_ids
        )

    @api.private
    def _mlm_get_or_make_contract(self):
        """The contract to sign for this offer, made and sent on the first call.

        :raise UserError: if the offer has expired, or is no offer any more
        """
        self.ensure_one()
        contract = self._mlm_get_open_contract()
        if contract:
            return contract
        if self.state not in ('draft', 'sent') or self.is_expired:
            raise UserError(
                self.env._('The offer %(offer)s can no longer be accepted. Ask for a new one.', offer=self.name)
            )
        contract = self.env['mlm.contract'].create(
            {
                'template_id': self.sale_order_template_id.mlm_contract_template_id.id,
                'partner_id': self.partner_id.id,
                'order_id': self.id,
                'agent_id': self.mlm_agent_id.id,
                'company_id': self.company_id.id,
            }
        )
        contract.action_send()
        return contract

    @api.private
    def _mlm_is_link_over(self):
        """Whether the link that the customer was sent is too old to open the offer without a login.

        :rtype: bool
        """
        self.ensure_one()
        days = self.company_id.mlm_link_days
        if not self.mlm_is_offer or not days:
            return False
        if self.state == 'sale':
            ends = [self.date_order.date(), self.mlm_ends_on]
        elif self.state == 'cancel':
            ends = [self.write_date.date()]
        else:
            ends = [self.validity_date]
        last = max(filter(None, ends), default=None)
        return bool(last) and fields.Date.today() > last + timedelta(days=days)

    @api.private
    def _mlm_get_agent_card(self):
        """What the customer sees of the agent: name and photo, and the contact data the agent agreed to show.

        :rtype: dict
        """
        self.ensure_one()
        agent = self.mlm_agent_id.sudo()  # what the page shows is chosen here
        if not agent:
            return {}
        return {
            'name': agent.name,
            'code': agent.mlm_agent_code,
            'image': agent.avatar_256,
            'phone': agent.mlm_show_phone and agent.phone,
            'email': agent.mlm_show_email and agent.email,
        }

    @api.private
    def _mlm_ask(self, question, author):
        """Pass a customer's question on to the agent and to who is in charge of the order.

        :param str question: plain text
        :param author: the asking partner
        :raise UserError: if there is no question, or there are too many
        """
        self.ensure_one()
        question = (question or '').strip()[:QUESTION_LENGTH]
        if not question:
            raise UserError(self.env._('Write your question first.'))
        asked = self.env['mail.message'].search_count(
            Domain(
                [
                    ('model', '=', self._name),
                    ('res_id', '=', self.id),
                    ('author_id', '=', author.id),
                    ('date', '>', fields.Datetime.now() - timedelta(days=1)),
                ]
            ),
            limit=QUESTIONS_A_DAY,
        )
        if asked >= QUESTIONS_A_DAY:
            raise UserError(self.env._('You have asked a lot today. Please wait for an answer, or call.'))
        self.message_post(
            body=plaintext2html(question), author_id=author.id, message_type='comment', subtype_xmlid='mail.mt_comment'
        )
        self._mlm_tell_agent(
            self.env._('Question about %(offer)s', offer=self.name),
            self.env._('%(customer)s asks about the offer %(offer)s:', customer=author.name, offer=self.name),
            question,
        )

    @api.private
    def _mlm_tell_agent(self, subject, text, quote=None):
        """Write an e-mail to the agent and plan a to-do for who is in charge of the order."""
        self.ensure_one()
        body = Markup('<p>%s</p>') % text
        if quote:
            body += Markup('<blockquote>%s</blockquote>') % plaintext2html(quote)
        agent = self.mlm_agent_id
        if agent.email:
            link = Markup('<p><a href="%s/my/offers/%s">%s</a></p>') % (
                self.get_base_url(),
                self.id,
                self.env._('Open the offer'),
            )
            self.env['mail.mail'].create(
                {
                    'subject': subject,
                    'body_html': body + link,
                    'email_to': agent.email_formatted,
                    'email_from': (self.company_id.email_formatted or self.env.user.email_formatted or ''),
                    'auto_delete': True,
                }
            )
        user = self.user_id or self.team_id.user_id
        if user and user.active and not user.share:
            self.activity_schedule('mail.mail_activity_data_todo', summary=subject, note=body, user_id=user.id)
