# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import base64
import hashlib

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class MlmContract(models.Model):
    """What follows from a signature, a refusal, and a withdrawal."""

    _inherit = 'mlm.contract'

    def _complete(self, signed, certificate=None, certificate_name=None):
        """Store what was signed, unchanged, and let it take effect."""
        self.ensure_one()
        if self.state != 'sent':
            return
        self.write(
            {
                'state': 'signed',
                'signed_on': fields.Datetime.now(),
                'poll_on': False,
                'error': False,
                'signed_document': base64.b64encode(signed),
                'signed_sha256': hashlib.sha256(signed).hexdigest(),
                'certificate': certificate and base64.b64encode(certificate),
                'certificate_name': certificate_name,
            }
        )
        self.party_ids.filtered(lambda party: party.state == 'pending').write(
            {'state': 'signed', 'signed_on': self.signed_on}
        )
        self.message_post(body=self.env._('The contract is signed. SHA-256: %(hash)s', hash=self.signed_sha256))
        self.env.ref('mlm_offers.mail_template_contract_signed').send_mail(
            self.id,
            email_layout_xmlid='mail.mail_notification_light',
            email_values={'attachments': [(self.signed_name, self.signed_document)]},
        )
        if self.kind == 'agent':
            self._begin_cooperation()
        elif self.order_id:
            self._confirm_order()

    def _begin_cooperation(self):
        """Activate the agent, and hand the terms to who keeps them."""
        agent = self.partner_id.commercial_partner_id
        if agent.mlm_agent_state != 'active':
            agent.mlm_agent_state = 'active'
        try:
            with self.env.cr.savepoint():
                record = agent._mlm_on_agreement_signed(self._get_terms())
        except UserError as error:
            # The signature stands whatever stops the terms; a person must see to it.
            self._ask_for_review(str(error), self.env._('The contract is signed, but its terms could not take effect'))
            return
        if record:
            self.write({'agreement_model': record._name, 'agreement_id': record.id})

    def _get_terms(self):
        """What was agreed, in the form of the network's hook.

        :rtype: dict
        """
        self.ensure_one()
        signed_on = fields.Date.context_today(self, self.signed_on)
        date_from = self.date_from or signed_on
        date_to = self.date_to
        if not date_to and self.template_id.months:
            date_to = date_from + relativedelta(months=self.template_id.months, days=-1)
        return {
            'contract': self.name,
            'company': self.company_id,
            'plan': self.plan_ref or None,
            'rate': self.own_rate or None,
            'date_from': date_from,
            'date_to': date_to or None,
            'self_billing': self.self_billing,
            'signed_on': signed_on,
            'document': self._read_document(signed=True),
            'document_name': self.signed_name,
        }

    def _end_cooperation(self):
        agent = self.partner_id.commercial_partner_id
        if agent.mlm_agent_state == 'active':
            # A withdrawal takes effect at once, also where a second person approves what a company does by itself: sudo
            # only passes that question, whoever may not change agents is refused here.
            agent.check_access('write')
            agent._mlm_check_may_change(lambda partner: True)
            agent.sudo().mlm_agent_state = 'terminated'
        record = self.agreement_model in self.env and self.env[self.agreement_model].browse(self.agreement_id).exists()
        agent._mlm_on_agreement_withdrawn(record or None)

    def _confirm_order(self):
        order = self.order_id
        if order.state not in ('draft', 'sent') or order._has_to_be_paid():
            return
        try:
            with self.env.cr.savepoint():
                order._validate_order()
        except UserError as error:
            # The signature stands whatever stops the order; a person must see to it.
            order.activity_schedule(
                'mail.mail_activity_data_warning',
                user_id=(order.user_id or order.create_uid).id,
                note=str(error),
                summary=self.env._(
                    'The contract %(contract)s is signed, but the order could not be confirmed', contract=self.name
                ),
            )
            return
        order._mlm_tell_agent(
            self.env._('%(customer)s signed: %(offer)s', customer=order.partner_id.name, offer=order.name),
            self.env._(
                '%(customer)s signed the contract %(contract)s. The order %(offer)s is confirmed.',
                customer=order.partner_id.name,
                contract=self.name,
                offer=order.name,
            ),
        )

    def _decline(self, reason):
        self.ensure_one()
        if self.state != 'sent':
            return
        self.write({'state': 'declined', 'poll_on': False})
        self.message_post(body=self.env._('Declined: %(reason)s', reason=reason or '-'))
        if self.order_id:
            self.order_id.mlm_answered_on = fields.Datetime.now()
            self.order_id._mlm_tell_agent(
                self.env._('%(customer)s declined: %(offer)s', customer=self.partner_id.name, offer=self.order_id.name),
                reason or self.env._('No reason was given.'),
            )

    def _expire(self):
        self.filtered(lambda contract: contract.state == 'sent').write({'state': 'expired', 'poll_on': False})

    @api.private
    def _withdraw(self, reason):
        """Record that the other party withdrew within the legal days, and undo what the signature did.

        :raise UserError: if the contract is not signed, or the days are over
        """
        self.ensure_one()
        if self.state != 'signed':
            raise UserError(
                self.env._(
                    'The contract %(contract)s is not signed, so nobody can withdraw from it.', contract=self.name
                )
            )
        if not self.withdraw_until or fields.Date.today() > self.withdraw_until:
            raise UserError(
                self.env._(
                    'The time to withdraw from the contract %(contract)s is over (%(date)s). It can end by agreement only.',
                    contract=self.name,
                    date=self.withdraw_until or self.env._('there is none'),
                )
            )
        self.write({'state': 'withdrawn', 'withdrawn_on': fields.Datetime.now(), 'withdrawal_reason': reason})
        self.message_post(body=self.env._('Withdrawn from: %(reason)s', reason=reason or '-'))
        self.env.ref('mlm_offers.mail_template_contract_withdrawn').send_mail(
            self.id, email_layout_xmlid='mail.mail_notification_light'
        )
        if self.kind == 'agent':
            self._end_cooperation()
            return
        order = self.order_id
        if not order:
            return
        invoices = order.invoice_ids.filtered(lambda move: move.state == 'posted')
        order._action_cancel()
        text = self.env._(
            '%(customer)s withdrew from the contract %(contract)s. The order %(offer)s is cancelled.',
            customer=self.partner_id.name,
            contract=self.name,
            offer=order.name,
        )
        order._mlm_tell_agent(self.env._('Withdrawal: %(offer)s', offer=order.name), text)
        if invoices:
            user = order.user_id or order.create_uid
            order.activity_schedule(
                'mail.mail_activity_data_warning',
                user_id=user.id,
                summary=self.env._('Credit the invoices'),
                note=self.env._(
                    '%(text)s Credit: %(invoices)s', text=text, invoices=', '.join(invoices.mapped('name'))
                ),
            )
