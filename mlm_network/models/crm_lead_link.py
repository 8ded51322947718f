# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, plaintext2html


class CrmLead(models.Model):
    """Inquiries of visitors who followed an agent's link."""
    _inherit = 'crm.lead'

    @api.model
    @api.private
    def _mlm_inquire(self, code, values, company):
        """Make an inquiry of what a visitor entered; the same twice within a day is one.

        :param str code: of the link
        :param dict values: texts ``name``, ``email``, ``phone``, ``about``; ``agreed``, and ``wording`` of what to
        :param company: to whom it falls
        :return: the lead, or none if it came before
        :raise UserError: telling what is missing or wrong
        """
        values = {key: (values.get(key) or '').strip()[:length] for key, length in (
            ('name', 100), ('email', 254), ('phone', 40), ('about', 2000), ('agreed', 1), ('wording', 1000))}
        self._mlm_check_visitor(values)
        day = Domain('create_date', '>', fields.Datetime.now() - timedelta(days=1)) & Domain('mlm_referral_code', '=', code)
        if self.search_count(day) >= company.mlm_link_entries:
            raise UserError(self.env._(
                'Too many inquiries came by this link today. Please try again tomorrow, or get in touch with %(company)s.',
                company=company.name))
        same = Domain('email_normalized', '=', email_normalize(values['email'])) if values['email'] else Domain(
            'phone', '=', values['phone'])
        if self.search_count(day & same, limit=1):
            return self.browse()
        lead = self.with_company(company).create({
            'name': self.env._('Inquiry of %(name)s', name=values['name']), 'contact_name': values['name'],
            'email_from': values['email'], 'phone': values['phone'], 'country_id': company.country_id.id,
            'description': plaintext2html(values['about']), 'company_id': company.id, 'mlm_referral_code': code,
            'user_id': False, 'type': 'lead' if self.env['mlm.agent.entry']._uses_leads() else 'opportunity'})
        lead.message_post(body=self.env._('Agreed to: %(wording)s', wording=values['wording']))
        lead._mlm_tell_of_inquiry()
        return lead

    def _mlm_check_visitor(self, values):
        """Refuse what a visitor left out or mistyped."""
        if not values['name']:
            raise UserError(self.env._('Please enter your name.'))
        if not values['email'] and not values['phone']:
            raise UserError(self.env._('Please enter your e-mail address or your phone number.'))
        if values['email'] and not email_normalize(values['email']):
            raise UserError(self.env._('"%(email)s" is no e-mail address. Please correct it.', email=values['email']))
        if not values['agreed']:
            raise UserError(self.env._('Please agree that we process your data, or we cannot answer you.'))

    def _mlm_tell_of_inquiry(self):
        """Tell the agent; without one the company has to find somebody."""
        agent = self.mlm_agent_id
        if not agent:
            self.activity_schedule(
                'mail.mail_activity_data_todo', user_id=self.company_id.mlm_intake_user_id.id,
                summary=self.env._('Inquiry without an agent'),
                note=self.env._('Nobody may take on people under the code "%(code)s".', code=self.mlm_referral_code))
            return
        entries = self.env['mlm.agent.entry']
        entries.create({'agent_id': agent.id, 'lead_id': self.id, 'company_id': self.company_id.id, 'by_visitor': True})
        entries.env.ref('mlm_network.ir_cron_check_entries')._trigger()
        link = f'{self.get_base_url()}/my/inquiries/{self.id}'
        self.with_context(lang=agent.lang).message_notify(
            partner_ids=agent.ids, subject=self.env._('A new inquiry by your link'),
            body=self.with_context(lang=agent.lang).env._(
                '%(name)s followed your link and asks to be called back: %(link)s', name=self.contact_name, link=link))
