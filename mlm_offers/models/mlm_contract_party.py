# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import base64
import binascii
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import consteq
from odoo.tools.image import image_process

from ..providers.base import Signer

PROTECTED = {
    'state',
    'signed_on',
    'signed_by',
    'signature',
    'signed_address',
    'signed_agent',
    'signed_sha256',
    'access_token',
    'contract_id',
    'code_digest',
    'code_sent_on',
    'code_count',
    'code_tries',
    'confirmed_on',
}
DAYS_AFTER = 30  # how long the link works after signing, if nobody can withdraw any longer


class MlmContractParty(models.Model):
    _name = 'mlm.contract.party'
    _description = 'Party of a Contract'
    _order = 'contract_id, sequence, id'
    _rec_name = 'partner_id'

    contract_id = fields.Many2one('mlm.contract', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(string='Turn', default=1, required=True)
    partner_id = fields.Many2one('res.partner', string='Party', required=True, index=True, ondelete='restrict')
    email = fields.Char(compute='_compute_contact', store=True, precompute=True)
    phone = fields.Char(compute='_compute_contact', store=True, precompute=True)
    state = fields.Selection(
        [('pending', 'To Sign'), ('signed', 'Signed'), ('declined', 'Declined')],
        required=True,
        default='pending',
        readonly=True,
        copy=False,
    )
    reason = fields.Char(readonly=True, copy=False)
    signed_on = fields.Datetime(readonly=True, copy=False)
    signed_by = fields.Char(string='Name', readonly=True, copy=False)
    signature = fields.Image(max_width=1024, max_height=1024, attachment=True, readonly=True, copy=False)
    signed_address = fields.Char(string='Network Address', readonly=True, copy=False)
    signed_agent = fields.Char(string='Browser', readonly=True, copy=False)
    signed_sha256 = fields.Char(string='Document Signed', readonly=True, copy=False)
    access_token = fields.Char(
        required=True,
        copy=False,
        readonly=True,
        default=lambda self: secrets.token_urlsafe(32),
        groups='base.group_system',
    )

    # As it was when the party was named; a later change of the contact does not redirect a contract.
    @api.depends('partner_id')
    def _compute_contact(self):
        for party in self:
            party.email = party.partner_id.email_normalized
            party.phone = party.partner_id.phone_sanitized

    @api.model_create_multi
    def create(self, vals_list):
        parties = super().create(vals_list)
        parties._check_open(
            [vals for vals in vals_list if PROTECTED - {'contract_id'} & vals.keys() and not self.env.su]
        )
        return parties

    def write(self, vals):
        self._check_open(not self.env.su and PROTECTED & vals.keys())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_out(self):
        self._check_open(False)

    def _check_open(self, forbidden):
        for party in self:
            if not self.env.su and (forbidden or party.contract_id.state != 'draft'):
                raise UserError(
                    self.env._(
                        'The parties of the contract %(contract)s cannot change any more. Cancel it and make a new one.',
                        contract=party.contract_id.name,
                    )
                )

    @api.private
    def _get_signer(self, level):
        self.ensure_one()
        first, _space, last = (self.partner_id.name or '').strip().partition(' ')
        return Signer(first, last or first, self.email or '', self.phone or '', level, self.sequence)

    @api.private
    def _get_url(self, suffix=''):
        self.ensure_one()
        token = self.sudo().access_token  # the link is for the party itself; callers send it to nobody else
        return f'{self.contract_id.get_base_url()}/mlm/contract/{self.id}/{token}{suffix}'

    @api.private
    def _check_token(self, token):
        """Whether a link still opens the contract for this party.

        :rtype: bool
        """
        if not self.exists() or not consteq(self.sudo().access_token, token or ''):  # sudo: compares a secret
            return False
        contract, today = self.contract_id, fields.Date.today()
        if contract.state == 'sent':
            return not contract.deadline or today <= contract.deadline
        if contract.state in ('signed', 'withdrawn'):
            last = max(filter(None, [contract.withdraw_until, contract.signed_on.date() + timedelta(days=DAYS_AFTER)]))
            return today <= last
        return False

    @api.private
    def _sign(self, name, signature, address, agent):
        """Put a signature under the contract.

        :param str name: as typed
        :param str signature: a PNG or JPEG, base64
        :param str address: network address of the signer
        :param str agent: what the browser calls itself
        :raise UserError: if it is not the party's turn, the contract is not open, its document or offer has changed
        """
        self.ensure_one()
        contract = self.contract_id
        contract.lock_for_update()
        self._check_turn()
        if self._needs_code():
            raise UserError(self.env._('Enter the code that was sent to your phone first.'))
        name = (name or '').strip()[:100]
        if not name or not signature:
            raise UserError(self.env._('Enter your name and sign.'))
        try:
            image_process(base64.b64decode(signature, validate=True), verify_resolution=True)
        except (binascii.Error, ValueError, UserError) as error:
            raise UserError(self.env._('The signature is not a picture.')) from error
        self.write(
            {
                'state': 'signed',
                'signed_on': fields.Datetime.now(),
                'signed_by': name,
                'signature': signature,
                'signed_address': address,
                'signed_agent': (agent or '')[:250],
                'signed_sha256': contract.document_sha256,
            }
        )
        contract.message_post(
            author_id=self.partner_id.id,
            body=self.env._('Signed by %(name)s (%(address)s)', name=name, address=address),
        )
        contract._party_signed()

    def _check_turn(self):
        contract = self.contract_id
        contract._check_signable()
        if contract._get_next_party() != self:
            raise UserError(self.env._('It is not your turn to sign %(contract)s.', contract=contract.name))

    @api.private
    def _refuse(self, reason):
        self.ensure_one()
        if self.contract_id.state == 'sent' and not self.contract_id.account_id and self.state == 'pending':
            self.write({'state': 'declined', 'reason': (reason or '')[:500]})
            self.contract_id._decline(reason)
