# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import consteq, email_normalize, hmac

LENGTHS = {'name': 100, 'email': 254, 'phone': 40, 'street': 100, 'zip': 20, 'city': 60, 'note': 2000}
AGAIN = timedelta(hours=1)


class MlmApplication(models.Model):
    """How an application comes in: by an agent's link, or entered by the sponsor; and how it is confirmed."""
    _inherit = 'mlm.application'

    # === BUSINESS METHODS === #

    @api.model
    @api.private
    def _apply(self, values, company, sponsor, code=None):
        """Take an application, and ask the applicant by e-mail to confirm it.

        Whether there is one of that address already is not told: it is asked for again, but not too often.

        :param dict values: texts, see ``LENGTHS``; ``is_company``
        :param sponsor: the agent, or none
        :param str code: of the link; None if the sponsor enters it in the portal
        :raise UserError: telling what is missing or wrong, or that the limit is reached
        """
        clean = {key: (values.get(key) or '').strip()[:length] for key, length in LENGTHS.items()}
        if not clean['name']:
            raise UserError(self.env._('Enter the name.'))
        if not email_normalize(clean['email']):
            raise UserError(self.env._('"%(email)s" is no e-mail address. Correct it.', email=clean['email']))
        self._check_limit(company, sponsor, code)
        terms = self._prepare_terms(values, sponsor) if code is None else {}
        before = self.search([
            ('email_normalized', '=', email_normalize(clean['email'])), ('company_id', '=', company.id),
            ('state', 'in', ('new', 'review'))], limit=1)
        if before and (code is not None or before.sponsor_id == sponsor):
            if not before.confirmed_on and before.confirm_sent_on < fields.Datetime.now() - AGAIN:
                before._send_confirmation()
            return before
        application = self.create({
            **clean, **terms, 'is_company': bool(values.get('is_company')), 'sponsor_id': sponsor.id, 'company_id': company.id,
            'code': code, 'origin': 'agent' if code is None else 'link', 'lang': self.env.lang,
            'country_id': sponsor.country_id.id or company.country_id.id})
        if values.get('wording'):
            application.message_post(body=self.env._('Agreed to: %(wording)s', wording=values['wording']))
        application._send_confirmation()
        return application

    @api.private
    def _get_token(self):
        """What the link in the e-mail carries, so that only who reads that mailbox can confirm."""
        self.ensure_one()
        return hmac(self.env(su=True), 'mlm_network-application', (self.id, self.email_normalized))

    def _get_confirm_url(self):
        self.ensure_one()
        return f'{self.get_base_url()}/join/confirm/{self.id}/{self._get_token()}'

    @api.model
    @api.private
    def _find_by_token(self, id_, token):
        """The open application that a link names, with sudo; none if the link is wrong."""
        # sudo: the token proves it
        application = self.sudo().browse(id_).exists()
        return application if application and consteq(application._get_token(), token) else application.browse()

    @api.private
    def _confirm(self):
        """The applicant read the terms and agreed."""
        self.ensure_one()
        if self.confirmed_on or self.state not in ('new', 'review'):
            return
        self.write({'confirmed_on': fields.Datetime.now(), 'terms': self.company_id.mlm_application_terms})
        self.activity_schedule(
            'mail.mail_activity_data_todo', user_id=self.company_id.mlm_intake_user_id.id,
            summary=self.env._('%(name)s wants to become an agent', name=self.name))

    def _get_details(self):
        """What the applicant sees of the application: (label, text) pairs. A hook."""
        self.ensure_one()
        names = ('name', 'email', 'phone', 'street', 'zip', 'city')
        labels = self.fields_get(names, ['string'])
        return [(labels[name]['string'], self[name]) for name in names if self[name]]

    # === HOOKS === #

    @api.model
    @api.private
    def _prepare_terms(self, values, sponsor):
        """What the sponsor proposes beside the person. A hook: who keeps rates adds one.

        :param dict values: what was entered, as texts
        :raise UserError: if the sponsor cannot give that
        """
        return {}

    @api.model
    @api.private
    def _prepare_recruit_page(self, sponsor):
        """What the sponsor's form shows beside the person. A hook.

        :rtype: dict
        """
        return {}

    # === TOOLING === #

    def _check_limit(self, company, sponsor, code):
        day = Domain('create_date', '>', fields.Datetime.now() - timedelta(days=1)) & Domain('company_id', '=', company.id)
        if code is None:
            # Of two at the same moment one is refused; at worst the limit is passed by one.
            sponsor.lock_for_update(allow_referencing=True)
            mine, limit = Domain('sponsor_id', '=', sponsor.id) & Domain('origin', '=', 'agent'), company.mlm_agent_entries
        else:
            mine, limit = Domain('code', '=', code), company.mlm_link_entries
        if self.search_count(day & mine) >= limit:
            raise UserError(self.env._(
                'Too many applications came in today. Please try again tomorrow, or get in touch with %(company)s.',
                company=company.name))

    def _send_confirmation(self):
        self.confirm_sent_on = fields.Datetime.now()
        self._send('mlm_network.mail_template_application_confirm')
