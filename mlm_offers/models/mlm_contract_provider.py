# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..providers.base import Envelope, SignError, SignLost, SignTemporary

POLL_MINUTES = 30


class MlmContract(models.Model):
    """Contracts that are signed at a provider: sending them, and reading how they stand."""

    _inherit = 'mlm.contract'

    def _get_envelope(self):
        self.ensure_one()
        signers = tuple(party._get_signer(self.template_id.level) for party in self.party_ids.sorted('sequence'))
        return Envelope(
            title=f'{self.template_id.name} {self.name}',
            filename=self.document_name,
            document=self._read_document(),
            signers=signers,
            language=(self.partner_id.lang or 'en')[:2],
        )

    @api.model
    def _cron_send(self):
        """Send what is to be sent, step by step. What is about to be tried is committed before it is tried, so that
        after a crash or a lost answer the provider is looked at before anything is repeated."""
        now = fields.Datetime.now()
        contracts = self.search([('state', '=', 'sending'), '|', ('send_after', '=', False), ('send_after', '<=', now)])
        self.env['ir.cron']._commit_progress(remaining=len(contracts))
        for contract in contracts:
            for _step in range(10):
                if not contract._send_step():
                    break
            if not self.env['ir.cron']._commit_progress(1):
                break

    def _send_step(self):
        """One step of sending.

        :return: whether another step follows at once
        :rtype: bool
        """
        self.ensure_one()
        repeated, progress = self.send_tried, self.send_progress or {}
        try:
            provider, envelope = self.account_id._get_provider(), self._get_envelope()
        except UserError as error:
            self.write({'state': 'review', 'error': str(error)})
            return False
        self.send_tried = True
        self.env['ir.cron']._commit_progress()  # see _cron_send
        try:
            progress = provider.advance(envelope, progress, repeated)
        except SignTemporary as error:
            wait = max(error.retry_after, 300)
            self.write(
                {
                    'send_tried': repeated,
                    'send_after': fields.Datetime.now() + timedelta(seconds=wait),
                    'error': str(error),
                }
            )
            return False
        except SignLost as error:
            self.write({'send_after': fields.Datetime.now() + timedelta(minutes=5), 'error': str(error)})
            return False
        except SignError as error:
            self.write({'state': 'review', 'send_tried': repeated, 'error': str(error)})
            self._ask_for_review(str(error))
            return False
        values = {'send_tried': False, 'send_progress': progress, 'provider_ref': progress.get('ref'), 'error': False}
        done = progress.get('step') == 'done'
        if done:
            values |= {'state': 'sent', 'poll_on': fields.Datetime.now() + timedelta(minutes=POLL_MINUTES)}
        self.write(values)
        return not done

    @api.private
    def _request_poll(self):
        """Have the provider asked soon. Callbacks and users end here; only _cron_poll changes states."""
        # sudo: a callback has no user, and the worst it can do is a look at the provider
        waiting = self.sudo().filtered(lambda contract: contract.state == 'sent' and contract.account_id)
        if waiting:
            waiting.poll_on = fields.Datetime.now()
            self.env.ref('mlm_offers.cron_contract_poll').sudo()._trigger()

    @api.model
    def _cron_poll(self):
        now = fields.Datetime.now()
        self.search([('state', '=', 'sent'), ('account_id', '=', False), ('deadline', '<', now.date())])._expire()
        contracts = self.search([('state', '=', 'sent'), ('poll_on', '<=', now)], order='poll_on, id')
        self.env['ir.cron']._commit_progress(remaining=len(contracts))
        for contract in contracts:
            contract = contract.try_lock_for_update()
            if contract:
                contract._poll()
            if not self.env['ir.cron']._commit_progress(1):
                break

    def _poll(self):
        """Read how the contract stands at the provider, and do what follows from it. Each change of state happens once."""
        self.ensure_one()
        values = {'poll_on': fields.Datetime.now() + timedelta(minutes=POLL_MINUTES), 'error': False}
        files = None
        try:
            provider = self.account_id._get_provider()
            status = provider.fetch(self.provider_ref)
            if status.state == 'completed':
                files = provider.fetch_files(self.provider_ref)
        except SignError as error:
            self.write(values | {'error': str(error)})
            return
        self.write(values | {'provider_state': status.raw})
        self.account_id.sudo().last_success = fields.Datetime.now()
        self._read_parties(status)
        if status.state == 'completed':
            signed, certificate, certificate_name = files
            self._complete(signed, certificate, certificate_name)
        elif status.state == 'rejected':
            self._decline(next((reason for state, reason in status.signers.values() if state == 'rejected'), ''))
        elif status.state == 'withdrawn':
            self.write({'state': 'cancel', 'poll_on': False})
        elif status.state == 'expired':
            self._expire()
        elif status.state in ('failed', 'unknown'):
            text = self.env._('%(provider)s says "%(state)s".', provider=self.account_id.name, state=status.raw)
            if self.error != text:
                self.error = text
                self._ask_for_review(text)

    def _read_parties(self, status):
        for party in self.party_ids:
            state, reason = status.signers.get(party.email.lower(), ('pending', ''))
            if party.state == 'pending' and state != 'pending':
                party.write(
                    {
                        'state': 'signed' if state == 'signed' else 'declined',
                        'signed_on': fields.Datetime.now(),
                        'reason': reason,
                    }
                )

    def _remind_at_provider(self):
        """Have the provider remind who has not signed yet.

        :raise UserError: if it refuses, or cannot be reached
        """
        self.ensure_one()
        provider = self.account_id._get_provider()
        if not provider.can_remind:
            raise UserError(self.env._('%(provider)s sends no reminders when asked.', provider=self.account_id.name))
        pending = self.party_ids.filtered(lambda party: party.state == 'pending')
        try:
            provider.remind(self.provider_ref, [party.email.lower() for party in pending])
        except SignLost as error:
            # Not repeated: better one reminder too few than two.
            self.message_post(
                body=self.env._('It is not known whether the reminder went out. %(reason)s', reason=str(error))
            )
        except SignError as error:
            raise UserError(str(error)) from error
        else:
            self.message_post(body=self.env._('Reminded: %(names)s', names=', '.join(pending.partner_id.mapped('name'))))

    def _ask_for_review(self, text, summary=None):
        user = self.order_id.user_id or self.create_uid
        if user.share or not user.active:
            user = self.template_id.create_uid
        self.activity_schedule(
            'mail.mail_activity_data_warning', summary=summary or self.env._('Check the contract'), note=text, user_id=user.id
        )
