# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, plaintext2html

LENGTHS = {'name': 100, 'email': 254, 'phone': 40, 'about': 200, 'note': 5000}
CHECKED_AT_ONCE = 200


class MlmAgentEntry(models.Model):
    """What agents entered in the portal: the log by which the company's limit is kept and duplicates are found.

    An agent is told only of duplicates among the own customers and inquiries. Whether anybody else knows a person is
    looked up by a job afterwards, so that neither words nor waiting time tell it.
    """
    _name = 'mlm.agent.entry'
    _description = 'Entry of an Agent'
    _order = 'id DESC'
    _rec_name = 'agent_id'

    agent_id = fields.Many2one('res.partner', string='Agent', required=True, readonly=True, index=True, ondelete='cascade')
    partner_id = fields.Many2one('res.partner', string='Customer', readonly=True, index='btree_not_null', ondelete='cascade')
    lead_id = fields.Many2one('crm.lead', string='Inquiry', readonly=True, index='btree_not_null', ondelete='cascade')
    company_id = fields.Many2one('res.company', string='Company', required=True, readonly=True, index=True)
    by_visitor = fields.Boolean(
        string='By the Visitor', readonly=True, help='Somebody who followed the agent\'s link entered it.')
    state = fields.Selection(
        [('new', 'To Check'), ('unique', 'Not Known Before'), ('known', 'Known Before')], string='Status', required=True,
        default='new', readonly=True)

    _to_check_index = models.Index("(id) WHERE state = 'new'")

    # === BUSINESS METHODS === #

    @api.model
    @api.private
    def _enter(self, agent, kind, values, company):
        """Make what an agent entered in the portal: a customer, or an inquiry.

        :param agent: who enters it, with sudo
        :param str kind: customer or inquiry
        :param dict values: texts ``name``, ``email``, ``phone``, ``about``, ``note``; ``is_company`` and ``agreed``
        :param company: whose limit holds
        :return: the contact or the lead
        :raise UserError: telling what is missing or wrong, or that the limit is reached
        """
        values = self._clean(values)
        self._check_values(values)
        self._check_limit(agent, company)
        record = self._make_customer(agent, values) if kind == 'customer' else self._make_inquiry(agent, values, company)
        self.create({
            'agent_id': agent.id, 'company_id': company.id,
            'partner_id': record.id if kind == 'customer' else False, 'lead_id': False if kind == 'customer' else record.id})
        if values['note']:
            record.message_post(
                body=plaintext2html(values['note']), author_id=agent.id, message_type='comment', subtype_xmlid='mail.mt_note')
        self.env.ref('mlm_network.ir_cron_check_entries')._trigger()
        return record

    @api.model
    @api.private
    def _find_own(self, agent, values):
        """Those of the agent's customers and open inquiries that have the same e-mail address or phone number.

        :return: contacts and leads
        :rtype: tuple
        """
        values = self._clean(values)
        same = self._same_domain(
            email_normalize(values['email']), agent._phone_format(number=values['phone'], country=agent.country_id))
        if same is None:
            return agent.browse(), self.env['crm.lead']
        return (
            agent.search(self._own_domain(agent) & same, limit=5).commercial_partner_id,
            self.env['crm.lead'].search(Domain('mlm_agent_id', '=', agent.id) & same, limit=5))

    @api.model
    def _cron_check(self):
        """Look up whether somebody else knows those whom agents entered, and ask the company to sort it out."""
        entries = self.search([('state', '=', 'new')], order='id', limit=CHECKED_AT_ONCE)
        for entry in entries:
            entry._check_known()
        # Odoo calls again at once if any are left.
        self.env['ir.cron']._commit_progress(len(entries), remaining=self.search_count([('state', '=', 'new')]))

    # === TOOLING === #

    def _clean(self, values):
        return {
            **{key: (values.get(key) or '').strip()[:length] for key, length in LENGTHS.items()},
            'is_company': bool(values.get('is_company')), 'agreed': bool(values.get('agreed'))}

    def _check_values(self, values):
        if not values['name']:
            raise UserError(self.env._('Enter the name.'))
        if not values['email'] and not values['phone']:
            raise UserError(self.env._('Enter an e-mail address or a phone number of %(name)s.', name=values['name']))
        if values['email'] and not email_normalize(values['email']):
            raise UserError(self.env._('"%(email)s" is no e-mail address. Correct it.', email=values['email']))
        if not values['agreed']:
            raise UserError(self.env._(
                'Confirm that %(name)s knows that you enter these data here. Without that you may not.', name=values['name']))

    def _check_limit(self, agent, company):
        # Of two entries at the same moment one is refused; at worst the limit is passed by one.
        agent.lock_for_update(allow_referencing=True)
        limit = company.mlm_agent_entries
        made = self.search_count([
            ('agent_id', '=', agent.id), ('company_id', '=', company.id), ('by_visitor', '=', False),
            ('create_date', '>', fields.Datetime.now() - timedelta(days=1))])
        if made >= limit:
            raise UserError(self.env._(
                'You have made %(count)s entries in 24 hours, which is the limit of %(company)s. Go on later, or ask the '
                'company to raise it.', count=made, company=company.name))

    def _make_customer(self, agent, values):
        return agent.create({
            'name': values['name'], 'email': values['email'], 'phone': values['phone'], 'is_company': values['is_company'],
            'mlm_sponsor_id': agent.id, 'company_id': agent.company_id.id, 'country_id': agent.country_id.id,
            'lang': agent.lang, 'user_id': False})

    def _make_inquiry(self, agent, values, company):
        return self.env['crm.lead'].with_company(company).create({
            'name': values['about'] or values['name'], 'type': 'lead' if self._uses_leads() else 'opportunity',
            'partner_name' if values['is_company'] else 'contact_name': values['name'],
            'email_from': values['email'], 'phone': values['phone'], 'country_id': agent.country_id.id,
            'company_id': company.id, 'mlm_agent_id': agent.id, 'user_id': False})

    def _uses_leads(self):
        # What the company's salespeople see: without the group, the menu of leads is not there.
        return self.env.ref('crm.group_use_lead') in self.env.ref('base.group_user').all_implied_ids

    def _same_domain(self, email, phone):
        """A condition for contacts and leads alike; None if there is nothing to find them by."""
        known_by = {'email_normalized': email, 'phone_sanitized': phone}
        conditions = [Domain(name, '=', value) for name, value in known_by.items() if value]
        return Domain.OR(conditions) if conditions else None

    def _own_domain(self, agent):
        """The agent's customers, and the contacts of those that are companies."""
        return Domain('commercial_partner_id.mlm_sponsor_id', '=', agent.id) & Domain(
            'commercial_partner_id.mlm_agent_state', '=', 'none')

    def _check_known(self):
        self.ensure_one()
        record, agent = self.partner_id or self.lead_id, self.agent_id
        same = self._same_domain(record.email_normalized, record.phone_sanitized)
        partners, leads = agent.browse(), self.env['crm.lead']
        if same is not None:
            # Who is known to the agent alone was told to the agent; the company sorts out the others.
            same &= Domain('company_id', 'in', [False, self.company_id.id])
            partners = agent.search(same & ~self._own_domain(agent) & Domain('id', '!=', agent.id), limit=5)
            leads = leads.search(same & Domain('mlm_agent_id', '!=', agent.id), limit=5)
        self.state = 'known' if partners or leads else 'unique'
        if self.state == 'known':
            links = Markup(', ').join(known._get_html_link() for known in [*partners, *leads])
            record.activity_schedule(
                'mail.mail_activity_data_todo', user_id=self.company_id.mlm_intake_user_id.id,
                summary=self.env._('Entered by %(agent)s, but known before', agent=agent.name),
                note=self.env._('Whose customer is it? Merge, or leave both. Known: %(links)s', links=links))
