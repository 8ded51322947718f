# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import base64
import hashlib
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..providers import PROVIDERS
from ..providers.base import Envelope, SignError, SignLost, SignTemporary
from ..tools.pdf import html_to_pdf, merge

# Only the methods below change these, never a form or a call from outside.
PROTECTED = {
    'state', 'body', 'document', 'document_sha256', 'document_total', 'signed_document', 'signed_sha256', 'certificate',
    'signed_on', 'withdrawn_on', 'provider_ref', 'send_progress', 'send_tried', 'access_level', 'template_id', 'partner_id', 'order_id',
}
# Once written, never again: a contract is what was signed.
WRITE_ONCE = {'body', 'document', 'document_sha256', 'signed_document', 'signed_sha256', 'certificate', 'signed_on'}
POLL_MINUTES = 30


class MlmContract(models.Model):
    _name = 'mlm.contract'
    _description = 'Contract'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'id desc'
    _check_company_auto = True

    name = fields.Char(string='Number', required=True, readonly=True, default='/', copy=False)
    template_id = fields.Many2one('mlm.contract.template', required=True, index=True, ondelete='restrict')
    kind = fields.Selection(related='template_id.kind', store=True)
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one('res.partner', string='Other Party', required=True, index=True, tracking=True)
    agent_id = fields.Many2one('res.partner', string='Agent', index='btree_not_null', help='The agent who brought the customer.')
    order_id = fields.Many2one('sale.order', string='Offer', index='btree_not_null', check_company=True, ondelete='restrict')
    account_id = fields.Many2one(
        'mlm.sign.account', string='Signed with', compute='_compute_account_id', store=True, readonly=False, index='btree_not_null',
        check_company=True, ondelete='restrict', help='Empty: signed in the portal of this Odoo.')
    party_ids = fields.One2many('mlm.contract.party', 'contract_id', string='Parties')
    state = fields.Selection(
        [('draft', 'Draft'), ('sending', 'Being Sent'), ('sent', 'To Sign'), ('signed', 'Signed'), ('declined', 'Declined'),
         ('withdrawn', 'Withdrawn From'), ('expired', 'Expired'), ('cancel', 'Cancelled'), ('review', 'To Check')],
        required=True, default='draft', readonly=True, copy=False, tracking=True, index=True)
    deadline = fields.Date(string='To Sign Until', copy=False)
    body = fields.Html(string='Text', sanitize=False, readonly=True, copy=False)
    document = fields.Binary(string='Document', attachment=True, readonly=True, copy=False)
    document_name = fields.Char(compute='_compute_names')
    document_sha256 = fields.Char(string='SHA-256 of the Document', readonly=True, copy=False)
    document_total = fields.Monetary(string='Total', readonly=True, copy=False, help='What the offer came to in the document.')
    currency_id = fields.Many2one('res.currency', compute='_compute_currency_id')
    signed_document = fields.Binary(attachment=True, readonly=True, copy=False)
    signed_name = fields.Char(compute='_compute_names')
    signed_sha256 = fields.Char(string='SHA-256 of the Signed Document', readonly=True, copy=False)
    certificate = fields.Binary(attachment=True, readonly=True, copy=False, help='What the provider adds as proof.')
    certificate_name = fields.Char(readonly=True, copy=False)
    signed_on = fields.Datetime(string='Signed', readonly=True, copy=False)
    withdraw_until = fields.Date(string='Withdrawal Possible Until', compute='_compute_withdraw_until', store=True)
    withdrawn_on = fields.Datetime(readonly=True, copy=False)
    withdrawal_reason = fields.Char(readonly=True, copy=False)
    provider_ref = fields.Char(string='Number at the Provider', readonly=True, copy=False, index='btree_not_null')
    provider_state = fields.Char(string='State at the Provider', readonly=True, copy=False)
    send_progress = fields.Json(copy=False, groups='base.group_system')
    send_tried = fields.Boolean(copy=False, groups='base.group_system', help='The next step was begun and its end is not known.')
    send_after = fields.Datetime(copy=False, groups='base.group_system')
    poll_on = fields.Datetime(string='Next Look at the Provider', readonly=True, copy=False, index='btree_not_null')
    error = fields.Char(string='Problem', readonly=True, copy=False)

    # === COMPUTE METHODS === #

    @api.depends('template_id')
    def _compute_account_id(self):
        for contract in self:
            contract.account_id = contract.template_id.account_id

    @api.depends('name')
    def _compute_names(self):
        for contract in self:
            name = (contract.name or '').replace('/', '-')
            contract.document_name, contract.signed_name = f'{name}.pdf', f'{name}-signed.pdf'

    @api.depends('order_id.currency_id', 'company_id')
    def _compute_currency_id(self):
        for contract in self:
            contract.currency_id = contract.order_id.currency_id or contract.company_id.currency_id

    @api.depends('signed_on', 'template_id.withdrawal_days')
    def _compute_withdraw_until(self):
        for contract in self:
            days = contract.template_id.withdrawal_days
            contract.withdraw_until = contract.signed_on and days and contract.signed_on.date() + timedelta(days=days)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not self.env.su and (PROTECTED - {'template_id', 'partner_id', 'order_id'}) & vals.keys():
                raise UserError(self.env._('A contract begins as a draft, without document or signature.'))
            if vals.get('name', '/') == '/':
                vals['name'] = self.env['ir.sequence'].next_by_code('mlm.contract') or '/'
        contracts = super().create(vals_list)
        contracts.filtered(lambda contract: not contract.party_ids)._make_parties()
        return contracts

    def write(self, vals):
        if PROTECTED & vals.keys():
            for contract in self:
                if not self.env.su and (contract.state != 'draft' or (PROTECTED - {'template_id', 'partner_id', 'order_id'}) & vals.keys()):
                    raise UserError(self.env._(
                        'The contract %(contract)s is out: its parties, document and state change only by signing, declining and '
                        'withdrawing. Cancel it and make a new one.', contract=contract.name))
                if any(contract[name] and name in vals for name in WRITE_ONCE):
                    raise UserError(self.env._('The document of the contract %(contract)s cannot change any more.', contract=contract.name))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_out(self):
        for contract in self:
            if contract.state not in ('draft', 'cancel') or contract.signed_on:
                raise UserError(self.env._('The contract %(contract)s went out and stays on file. Cancel it instead.', contract=contract.name))

    # === ACTION METHODS === #

    def action_send(self):
        """Freeze text and document, and ask the parties to sign."""
        self.check_access('write')
        for contract in self:
            if contract.state not in ('draft', 'review'):
                raise UserError(self.env._('The contract %(contract)s was sent already.', contract=contract.name))
            contract._check_parties()
            contract = contract.sudo()  # protected fields; the user may write the contract
            if not contract.document:
                contract._freeze()
            contract.write({
                'deadline': contract.deadline or fields.Date.today() + timedelta(days=contract.template_id.days_to_sign), 'error': False})
            if contract.account_id:
                contract.write({'state': 'sending', 'send_after': False})
                self.env.ref('mlm_offers.cron_contract_send')._trigger()
            else:
                contract.state = 'sent'
                contract._invite_next()

    def action_cancel(self):
        self.check_access('write')
        for contract in self:
            if contract.state in ('signed', 'withdrawn'):
                raise UserError(self.env._('The contract %(contract)s is signed. Use Withdraw, or agree on its end in writing.', contract=contract.name))
            if contract.account_id and contract.state == 'sent' and contract.provider_ref:
                try:
                    contract.account_id._get_provider().withdraw(contract.provider_ref)
                except SignError as error:
                    raise UserError(str(error)) from error
            contract.sudo().write({'state': 'cancel', 'poll_on': False})  # the user may write the contract

    def action_remind(self):
        self.check_access('write')
        for contract in self.filtered(lambda contract: contract.state == 'sent' and not contract.account_id):
            contract.sudo()._invite_next()

    def action_refresh(self):
        """Look at the provider as soon as the scheduler runs."""
        self.check_access('write')
        self._request_poll()

    def action_withdraw(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_offers.action_contract_withdraw')
        return action | {'context': {'default_contract_id': self.id}}

    # === BUSINESS METHODS: MAKING === #

    def _make_parties(self):
        for contract in self:
            parties = [{'partner_id': contract.partner_id.id, 'sequence': 1}]
            signer = contract.template_id.company_signer_id.sudo().partner_id  # only the address of a colleague
            if signer:
                parties.append({'partner_id': signer.id, 'sequence': 2})
            self.env['mlm.contract.party'].create([party | {'contract_id': contract.id} for party in parties])

    def _check_parties(self):
        self.ensure_one()
        provider = PROVIDERS[self.account_id.provider if self.account_id else 'odoo']
        level = self.template_id.level
        if level not in provider.levels:
            raise UserError(self.env._(
                'The contract %(contract)s asks for the signature "%(level)s", which %(provider)s cannot do. Choose another account '
                'or another template.', contract=self.name, level=level, provider=provider.label))
        for party in self.party_ids:
            if not party.email:
                raise UserError(self.env._('%(party)s has no valid e-mail address to sign %(contract)s. Enter one in the contact.',
                                           party=party.partner_id.name, contract=self.name))
            if level == 'sms' and not party.phone:
                raise UserError(self.env._('%(party)s has no valid phone number to sign %(contract)s. Enter one in the contact.',
                                           party=party.partner_id.name, contract=self.name))
        if not self.party_ids:
            raise UserError(self.env._('Nobody is to sign %(contract)s. Add its parties.', contract=self.name))

    def _freeze(self):
        """Write the text with its fields filled in, and the PDF of it with its hash."""
        self.ensure_one()
        lang = self.partner_id.lang or self.env.lang
        # sudo: a template's text is written by managers and read by who makes contracts of it
        body = self.template_id.sudo().with_context(lang=lang)._render_field(
            'body', self.ids, engine='qweb', compute_lang=False, set_lang=lang, options={'post_process': True})[self.id]
        pdf = html_to_pdf(self.env(context=self.env.context | {'lang': lang}), 'mlm_offers.contract_document', {'contract': self, 'body': body})
        self.write({
            'body': body, 'document': base64.b64encode(pdf), 'document_sha256': hashlib.sha256(pdf).hexdigest(),
            'document_total': self.order_id.amount_total})

    def _read_document(self, signed=False):
        """A PDF of the contract, proven to be the one that was stored.

        :rtype: bytes
        :raise UserError: if it was changed since
        """
        self.ensure_one()
        pdf = base64.b64decode((self.signed_document if signed else self.document) or b'')
        if not pdf or hashlib.sha256(pdf).hexdigest() != (self.signed_sha256 if signed else self.document_sha256):
            raise UserError(self.env._(
                'The document of the contract %(contract)s is not the one that was made: its SHA-256 differs. Do not use it; restore '
                'it from a backup.', contract=self.name))
        return pdf

    # === BUSINESS METHODS: SIGNED HERE === #

    def _get_next_party(self):
        self.ensure_one()
        return self.party_ids.filtered(lambda party: party.state == 'pending').sorted('sequence')[:1]

    def _invite_next(self):
        """Write to whose turn it is."""
        for contract in self:
            party = contract._get_next_party()
            if party:
                contract.env.ref('mlm_offers.mail_template_contract').send_mail(
                    party.id, email_layout_xmlid='mail.mail_notification_light')

    def _check_signable(self):
        self.ensure_one()
        if self.state != 'sent' or self.account_id:
            raise UserError(self.env._('The contract %(contract)s is not open for signing.', contract=self.name))
        if self.deadline and self.deadline < fields.Date.today():
            raise UserError(self.env._('The time to sign the contract %(contract)s is over. Ask for a new one.', contract=self.name))
        self._read_document()
        if self.order_id and self.currency_id.compare_amounts(self.order_id.amount_total, self.document_total):
            raise UserError(self.env._(
                'The offer %(offer)s changed after the contract %(contract)s was made. Ask for a new contract.',
                offer=self.order_id.name, contract=self.name))

    def _party_signed(self):
        """Go on after a signature in the portal: the next party, or the end."""
        self.ensure_one()
        if self._get_next_party():
            self._invite_next()
            return
        document = self._read_document()
        evidence = html_to_pdf(self.env, 'mlm_offers.contract_evidence', {'contract': self})
        self._complete(merge(document, evidence))

    # === BUSINESS METHODS: SIGNED ELSEWHERE === #

    def _get_envelope(self):
        self.ensure_one()
        signers = tuple(party._get_signer(self.template_id.level) for party in self.party_ids.sorted('sequence'))
        return Envelope(
            title=f'{self.template_id.name} {self.name}', filename=self.document_name, document=self._read_document(),
            signers=signers, language=(self.partner_id.lang or 'en')[:2])

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
            self.write({'send_tried': repeated, 'send_after': fields.Datetime.now() + timedelta(seconds=wait), 'error': str(error)})
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
        for party in self.party_ids:
            state, reason = status.signers.get(party.email.lower(), ('pending', ''))
            if party.state == 'pending' and state != 'pending':
                party.write({'state': 'signed' if state == 'signed' else 'declined', 'signed_on': fields.Datetime.now(), 'reason': reason})
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

    def _ask_for_review(self, text):
        user = self.order_id.user_id or self.create_uid
        if user.share or not user.active:
            user = self.template_id.create_uid
        self.activity_schedule('mail.mail_activity_data_warning', summary=self.env._('Check the contract'), note=text, user_id=user.id)

    # === BUSINESS METHODS: WHAT FOLLOWS === #

    def _complete(self, signed, certificate=None, certificate_name=None):
        """Store what was signed, unchanged, and let it take effect."""
        self.ensure_one()
        if self.state != 'sent':
            return
        self.write({
            'state': 'signed', 'signed_on': fields.Datetime.now(), 'poll_on': False, 'error': False,
            'signed_document': base64.b64encode(signed), 'signed_sha256': hashlib.sha256(signed).hexdigest(),
            'certificate': certificate and base64.b64encode(certificate), 'certificate_name': certificate_name,
        })
        self.party_ids.filtered(lambda party: party.state == 'pending').write({'state': 'signed', 'signed_on': self.signed_on})
        self.message_post(body=self.env._('The contract is signed. SHA-256: %(hash)s', hash=self.signed_sha256))
        self.env.ref('mlm_offers.mail_template_contract_signed').send_mail(
            self.id, email_layout_xmlid='mail.mail_notification_light',
            email_values={'attachments': [(self.signed_name, self.signed_document)]})
        if self.kind == 'agent':
            self.partner_id.commercial_partner_id._mlm_agreement_signed(self)
        elif self.order_id:
            self._confirm_order()

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
                'mail.mail_activity_data_warning', user_id=(order.user_id or order.create_uid).id, note=str(error),
                summary=self.env._('The contract %(contract)s is signed, but the order could not be confirmed', contract=self.name))
            return
        order._mlm_tell_agent(
            self.env._('%(customer)s signed: %(offer)s', customer=order.partner_id.name, offer=order.name),
            self.env._('%(customer)s signed the contract %(contract)s. The order %(offer)s is confirmed.',
                       customer=order.partner_id.name, contract=self.name, offer=order.name))

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
                reason or self.env._('No reason was given.'))

    def _expire(self):
        self.filtered(lambda contract: contract.state == 'sent').write({'state': 'expired', 'poll_on': False})

    @api.private
    def _withdraw(self, reason):
        """Record that the other party withdrew within the legal days, and undo what the signature did.

        :raise UserError: if the contract is not signed, or the days are over
        """
        self.ensure_one()
        if self.state != 'signed':
            raise UserError(self.env._('The contract %(contract)s is not signed, so nobody can withdraw from it.', contract=self.name))
        if not self.withdraw_until or fields.Date.today() > self.withdraw_until:
            raise UserError(self.env._(
                'The time to withdraw from the contract %(contract)s is over (%(date)s). It can end by agreement only.',
                contract=self.name, date=self.withdraw_until or self.env._('there is none')))
        self.write({'state': 'withdrawn', 'withdrawn_on': fields.Datetime.now(), 'withdrawal_reason': reason})
        self.message_post(body=self.env._('Withdrawn from: %(reason)s', reason=reason or '-'))
        self.env.ref('mlm_offers.mail_template_contract_withdrawn').send_mail(
            self.id, email_layout_xmlid='mail.mail_notification_light')
        if self.kind == 'agent':
            self.partner_id.commercial_partner_id._mlm_agreement_withdrawn(self)
            return
        order = self.order_id
        if not order:
            return
        invoices = order.invoice_ids.filtered(lambda move: move.state == 'posted')
        order._action_cancel()
        text = self.env._('%(customer)s withdrew from the contract %(contract)s. The order %(offer)s is cancelled.',
                          customer=self.partner_id.name, contract=self.name, offer=order.name)
        order._mlm_tell_agent(self.env._('Withdrawal: %(offer)s', offer=order.name), text)
        if invoices:
            user = order.user_id or order.create_uid
            order.activity_schedule(
                'mail.mail_activity_data_warning', user_id=user.id, summary=self.env._('Credit the invoices'),
                note=self.env._('%(text)s Credit: %(invoices)s', text=text, invoices=', '.join(invoices.mapped('name'))))
