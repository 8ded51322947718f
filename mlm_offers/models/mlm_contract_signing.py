# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..providers import PROVIDERS
from ..tools.pdf import html_to_pdf, merge


class MlmContract(models.Model):
    """Making the document of a contract, and signing it in the portal."""

    _inherit = 'mlm.contract'

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
            raise UserError(
                self.env._(
                    'The contract %(contract)s asks for the signature "%(level)s", which %(provider)s '
                    'cannot do. Choose another account '
                    'or another template.',
                    contract=self.name,
                    level=level,
                    provider=provider.label,
                )
            )
        for party in self.party_ids:
            if not party.email:
                raise UserError(
                    self.env._(
                        '%(party)s has no valid e-mail address to sign %(contract)s. Enter one in the contact.',
                        party=party.partner_id.name,
                        contract=self.name,
                    )
                )
            if level == 'sms' and not party.phone:
                raise UserError(
                    self.env._(
                        '%(party)s has no valid phone number to sign %(contract)s. Enter one in the contact.',
                        party=party.partner_id.name,
                        contract=self.name,
                    )
                )
        plan = self.plan_ref
        if plan and 'company_id' in plan._fields and plan.company_id not in (self.company_id, plan.company_id.browse()):
            raise UserError(
                self.env._(
                    'The plan "%(plan)s" belongs to %(other)s, the contract %(contract)s to %(company)s. Choose a plan of that '
                    'company.',
                    plan=plan.display_name,
                    other=plan.company_id.name,
                    contract=self.name,
                    company=self.company_id.name,
                )
            )
        if not self.party_ids:
            raise UserError(self.env._('Nobody is to sign %(contract)s. Add its parties.', contract=self.name))

    def _freeze(self):
        """Write the text with its fields filled in, and the PDF of it with its hash."""
        self.ensure_one()
        lang = self.partner_id.lang or self.env.lang
        # sudo: a template's text is written by managers and read by who makes contracts of it
        body = (
            self.template_id.sudo()
            .with_context(lang=lang)
            ._render_field(
                'body', self.ids, engine='qweb', compute_lang=False, set_lang=lang, options={'post_process': True}
            )[self.id]
        )
        pdf = html_to_pdf(
            self.env(context=self.env.context | {'lang': lang}),
            'mlm_offers.contract_document',
            {'contract': self, 'body': body},
        )
        self.write(
            {
                'body': body,
                'document': base64.b64encode(pdf),
                'document_sha256': hashlib.sha256(pdf).hexdigest(),
                'document_total': self.order_id.amount_total,
                'document_terms': self._digest_terms(),
            }
        )

    @api.private
    def _format_rate(self):
        """The own rate as people write it, without idle zeros."""
        self.ensure_one()
        digits = len(f'{self.own_rate:g}'.partition('.')[2])
        return formatLang(self.env, self.own_rate, digits=digits)

    def _digest_terms(self):
        """A digest of what is sold at which price, so that a changed offer is noticed even if its total stays."""
        self.ensure_one()
        order = self.order_id
        lines = [
            (line.product_id.id, line.name, line.product_uom_qty, line.price_unit, line.discount, line.tax_ids.ids)
            for line in order.order_line.sorted('id')
        ]
        return hashlib.sha256(repr((order.currency_id.name, order.amount_total, lines)).encode()).hexdigest()

    def _read_document(self, signed=False):
        """A PDF of the contract, proven to be the one that was stored.

        :rtype: bytes
        :raise UserError: if it was changed since
        """
        self.ensure_one()
        pdf = base64.b64decode((self.signed_document if signed else self.document) or b'')
        if not pdf or hashlib.sha256(pdf).hexdigest() != (self.signed_sha256 if signed else self.document_sha256):
            raise UserError(
                self.env._(
                    'The document of the contract %(contract)s is not the one that was made: its SHA-256 differs. '
                    'Do not use it; restore '
                    'it from a backup.',
                    contract=self.name,
                )
            )
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
                    party.id, email_layout_xmlid='mail.mail_notification_light'
                )

    def _check_signable(self):
        self.ensure_one()
        if self.state != 'sent' or self.account_id:
            raise UserError(self.env._('The contract %(contract)s is not open for signing.', contract=self.name))
        if self.deadline and self.deadline < fields.Date.today():
            raise UserError(
                self.env._('The time to sign the contract %(contract)s is over. Ask for a new one.', contract=self.name)
            )
        self._read_document()
        if self.order_id.state == 'cancel':
            raise UserError(
                self.env._(
                    'The offer %(offer)s can no longer be accepted. Ask for a new one.', offer=self.order_id.name
                )
            )
        if self.order_id and self._digest_terms() != self.document_terms:
            raise UserError(
                self.env._(
                    'The offer %(offer)s changed after the contract %(contract)s was made. Ask for a new contract.',
                    offer=self.order_id.name,
                    contract=self.name,
                )
            )

    def _party_signed(self):
        """Go on after a signature in the portal: the next party, or the end."""
        self.ensure_one()
        if self._get_next_party():
            self._invite_next()
            return
        document = self._read_document()
        evidence = html_to_pdf(self.env, 'mlm_offers.contract_evidence', {'contract': self})
        self._complete(merge(document, evidence))
