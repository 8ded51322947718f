# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import consteq
from odoo.tools.misc import hmac

CODE_MINUTES = 10  # how long a code is good, and how long after it the signature may follow
PAUSE_SECONDS = 60
CODES = 5  # in all, for one contract
TRIES = 5  # of one code: one in 200,000 to guess it


class MlmContractParty(models.Model):
    """Signatures in the portal that are confirmed with a code sent by SMS."""

    _inherit = 'mlm.contract.party'

    code_digest = fields.Char(copy=False, readonly=True, groups='base.group_system')
    code_sent_on = fields.Datetime(copy=False, readonly=True, groups='base.group_system')
    code_count = fields.Integer(copy=False, readonly=True, groups='base.group_system')
    code_tries = fields.Integer(copy=False, readonly=True, groups='base.group_system')
    confirmed_on = fields.Datetime(
        string='Confirmed by SMS', copy=False, readonly=True, help='When the code sent to the phone number was entered.'
    )

    @api.private
    def _needs_code(self):
        """Whether a code must be entered before signing.

        :rtype: bool
        """
        self.ensure_one()
        contract = self.contract_id
        if contract.account_id or contract.template_id.level != 'sms':
            return False
        limit = fields.Datetime.now() - timedelta(minutes=CODE_MINUTES)
        return not self.confirmed_on or self.confirmed_on < limit

    @api.private
    def _get_masked_phone(self):
        """The number a code goes to, recognisable to its owner only."""
        self.ensure_one()
        phone = self.phone or ''
        return phone[:3] + '\N{BULLET}' * max(0, len(phone) - 6) + phone[-3:]

    def _digest_code(self, code):
        return hmac(self.env(su=True), 'mlm_offers-code', f'{self.id}:{code}')  # su: signs with the database's secret

    @api.private
    def _send_code(self):
        """Send a new code, which replaces the one before.

        :raise UserError: if it is not the party's turn, too early or too often, or the gateway does not take it
        """
        self.ensure_one()
        contract, now = self.contract_id, fields.Datetime.now()
        self._check_turn()
        if self.code_sent_on and now - self.code_sent_on < timedelta(seconds=PAUSE_SECONDS):
            raise UserError(self.env._('A code was sent a moment ago. Wait a minute before you ask for another one.'))
        if self.code_count >= CODES:
            raise UserError(
                self.env._('%(count)s codes were sent already. Ask for a new contract.', count=self.code_count)
            )
        code = f'{secrets.randbelow(10**6):06d}'
        self.write(
            {
                'code_digest': self._digest_code(code),
                'code_sent_on': now,
                'code_count': self.code_count + 1,
                'code_tries': 0,
            }
        )
        self.flush_recordset()  # who asks twice at once is refused here, before anything is sent
        lang = self.partner_id.lang or self.env.lang
        body = self.with_context(lang=lang).env._(
            '%(code)s is your code to sign %(contract)s. Do not pass it on.', code=code, contract=contract.name
        )
        # sudo: the party has no rights on SMS. The code itself is kept nowhere.
        sms = self.env['sms.sms'].sudo().with_company(contract.company_id).create({'number': self.phone, 'body': body})
        sms.send(unlink_failed=False, unlink_sent=False)
        if sms.state not in ('pending', 'process', 'sent'):
            raise UserError(self.env._('The SMS could not be sent. Try again later, or ask your agent.'))
        sms.unlink()

    @api.private
    def _enter_code(self, code):
        """Compare a code. A wrong one counts, so the caller must not roll back.

        :return: what is wrong, or an empty string
        :rtype: str
        """
        self.ensure_one()
        now = fields.Datetime.now()
        if not self.code_digest or now - self.code_sent_on > timedelta(minutes=CODE_MINUTES):
            return self.env._('The code is no longer good. Ask for a new one.')
        if self.code_tries >= TRIES:
            return self.env._('Too many wrong codes. Ask for a new one.')
        if not consteq(self.code_digest, self._digest_code((code or '').strip().replace(' ', ''))):
            self.code_tries += 1
            return self.env._('This is not the code that was sent.')
        self.write({'code_digest': False, 'confirmed_on': now})
        return ''
