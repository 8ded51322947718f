# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize

from odoo.addons.phone_validation.tools import phone_validation

from ..const import OPEN_STATES

STATES = [('new', 'New'), ('review', 'In Review'), ('approved', 'Approved'), ('refused', 'Refused')]
# Only the buttons change these.
DECISION = {'state', 'decided_by_id', 'decided_on', 'confirmed_on', 'terms', 'code'}
UNCONFIRMED_DAYS = 30


class MlmApplication(models.Model):
    """Somebody wants to become an agent: asked for, confirmed by e-mail, decided by the company.

    Nothing is paid for it, by nobody and to nobody.
    """
    _name = 'mlm.application'
    _description = 'Application of an Agent'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'id DESC'

    name = fields.Char(string='Name', required=True)
    is_company = fields.Boolean(string='Is a Company')
    email = fields.Char(string='E-mail', required=True)
    email_normalized = fields.Char(compute='_compute_email_normalized', store=True, index=True)
    phone = fields.Char(string='Phone')
    phone_sanitized = fields.Char(compute='_compute_phone_sanitized', store=True)
    street = fields.Char(string='Street')
    zip = fields.Char(string='ZIP')
    city = fields.Char(string='City')
    country_id = fields.Many2one('res.country', string='Country', index='btree_not_null')
    lang = fields.Char(string='Language')
    note = fields.Text(string='Message')
    sponsor_id = fields.Many2one(
        'res.partner', string='Sponsor', index='btree_not_null', ondelete='restrict', tracking=True,
        domain=[('mlm_agent_state', 'in', OPEN_STATES)])
    code = fields.Char(string='Code of the Link', readonly=True, help='As it stood in the link, whoever has it.')
    origin = fields.Selection(
        [('link', 'By the link'), ('agent', 'Entered by the sponsor'), ('office', 'By the company')], string='Origin',
        required=True, default='office', readonly=True)
    company_id = fields.Many2one(
        'res.company', string='Company', required=True, index=True, default=lambda self: self.env.company)
    state = fields.Selection(
        STATES, string='Status', required=True, default='new', readonly=True, copy=False, tracking=True,
        group_expand='_expand_states')
    confirm_sent_on = fields.Datetime(string='Asked to Confirm on', readonly=True, copy=False)
    confirmed_on = fields.Datetime(string='Confirmed on', readonly=True, copy=False, tracking=True)
    terms = fields.Html(
        string='Agreed Terms', readonly=True, copy=False, help='What the applicant read and agreed to when confirming.')
    partner_id = fields.Many2one(
        'res.partner', string='Contact', index='btree_not_null', copy=False, tracking=True,
        help='Who becomes the agent. Empty: a new contact is made.')
    refusal = fields.Char(string='Reason of Refusal', copy=False, tracking=True)
    decided_by_id = fields.Many2one('res.users', string='Decided by', readonly=True, copy=False, index='btree_not_null')
    decided_on = fields.Datetime(string='Decided on', readonly=True, copy=False)
    known_ids = fields.Many2many(
        'res.partner', string='Known Contacts', compute='_compute_known', compute_sudo=False,
        help='Contacts with the same e-mail address or phone number.')
    same_count = fields.Integer(string='Other Applications', compute='_compute_known', compute_sudo=False)

    # === COMPUTE METHODS === #

    @api.depends('email')
    def _compute_email_normalized(self):
        for application in self:
            application.email_normalized = email_normalize(application.email)

    @api.depends('phone', 'country_id', 'company_id')
    def _compute_phone_sanitized(self):
        for application in self:
            country = application.country_id or application.company_id.country_id
            application.phone_sanitized = application.phone and phone_validation.phone_format(
                application.phone, country.code, country.phone_code, force_format='E164', raise_exception=False)

    @api.depends('email_normalized', 'phone_sanitized', 'partner_id')
    def _compute_known(self):
        partners = self.env['res.partner'].with_context(active_test=False)
        for application in self:
            same = application._same_domain()
            application.known_ids = partners.search(same & Domain('id', '!=', application.partner_id.id), limit=10)
            application.same_count = self.search_count(same & Domain('id', '!=', application._origin.id))

    def _same_domain(self):
        same = Domain('email_normalized', '=', self.email_normalized) if self.email_normalized else Domain.FALSE
        if self.phone_sanitized:
            same |= Domain('phone_sanitized', '=', self.phone_sanitized)
        return same

    @api.model
    def _expand_states(self, states, domain):
        return [state for state, _label in STATES]

    # === CONSTRAINTS === #

    @api.constrains('email')
    def _check_email(self):
        for application in self:
            if not application.email_normalized:
                raise UserError(self.env._('"%(email)s" is no e-mail address. Correct it.', email=application.email))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(DECISION & vals.keys() for vals in vals_list):
            self._refuse_decision()
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and DECISION & vals.keys():
            self._refuse_decision()
        return super().write(vals)

    def _refuse_decision(self):
        raise UserError(self.env._('What became of an application follows from its buttons. Use them.'))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        for application in self:
            if application.state == 'approved':
                raise UserError(self.env._(
                    'The application of %(name)s was approved and stays on file.', name=application.name))

    @api.autovacuum
    def _gc_unconfirmed(self):
        """Whoever never confirmed did perhaps not ask: forget it."""
        before = fields.Datetime.now() - timedelta(days=UNCONFIRMED_DAYS)
        self.search([
            ('state', '=', 'new'), ('confirmed_on', '=', False), ('confirm_sent_on', '<', before), ('origin', '!=', 'office')],
            limit=1000).unlink()

    # === ACTION METHODS === #

    def action_review(self):
        self._check_state('new')
        self.check_access('write')
        # As an officer may, through this button only: hence sudo.
        self.sudo().state = 'review'

    def action_send_confirmation(self):
        """Ask the applicant again to confirm."""
        self._check_state('new', 'review')
        self.check_access('write')
        for application in self.sudo():  # a protected field; the user may write the application
            application._send_confirmation()

    def action_confirm_by_hand(self):
        """The officer knows by other means that the applicant wants it, and has agreed to the terms."""
        self._check_state('new', 'review')
        self.check_access('write')
        for application in self.sudo():  # protected fields; the user may write the application
            application.confirmed_on = fields.Datetime.now()
            application.message_post(body=self.env._('Confirmed by hand: %(user)s', user=self.env.user.name))

    def action_approve(self):
        """Make the applicant an agent under the sponsor."""
        self._check_state('new', 'review')
        for application in self:
            application.check_access('write')
            application._approve()
        return True

    def action_refuse(self):
        self._check_state('new', 'review')
        self.check_access('write')
        for application in self:
            if not application.refusal:
                raise UserError(self.env._(
                    'Enter the reason why %(name)s is refused; the applicant is told it.', name=application.name))
            application._decide('refused')
            application._send('mlm_network.mail_template_application_refused')
        return True

    def action_open_partner(self):
        self.ensure_one()
        return self.partner_id._get_records_action(name=self.env._('Agent'))

    def action_open_same(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_network.mlm_application_action')
        return {**action, 'domain': list(self._same_domain() & Domain('id', '!=', self.id)), 'context': {}}

    # === BUSINESS METHODS === #

    def _check_state(self, *states):
        labels = dict(self._fields['state']._description_selection(self.env))
        for application in self:
            if application.state not in states:
                raise UserError(self.env._(
                    'The application of %(name)s is "%(state)s" already.', name=application.name,
                    state=labels[application.state]))

    def _decide(self, state):
        # The user may write the application, but nobody may write the decision by hand: hence sudo.
        self.sudo().write({'state': state, 'decided_by_id': self.env.uid, 'decided_on': fields.Datetime.now()})

    def _approve(self):
        self.ensure_one()
        if not self.confirmed_on:
            raise UserError(self.env._(
                '%(name)s has not confirmed the application yet. Send the e-mail again, or confirm by hand what you know.',
                name=self.name))
        self._check_partner()
        values = {'mlm_sponsor_id': self.sponsor_id.id, 'mlm_agent_state': 'candidate' if self._needs_signature() else 'active'}
        reason = {'mlm_reason': self.env._('Application of %(date)s', date=fields.Date.to_date(self.create_date))}
        if self.partner_id:
            self.partner_id.with_context(**reason).write(values)
        else:
            self.partner_id = self.env['res.partner'].with_context(**reason).create({**self._prepare_partner(), **values})
        self._decide('approved')
        self._begin()
        self._send('mlm_network.mail_template_application_approved')
        self._give_access()

    def _check_partner(self):
        """Refuse to make an agent of whom the company cannot, or of somebody else's customer."""
        partner, sponsor = self.partner_id, self.sponsor_id
        if not partner:
            return
        if partner.mlm_agent_state != 'none':
            raise UserError(self.env._(
                '%(contact)s is, or was, an agent already. Use the buttons on the contact, or choose another one.',
                contact=partner.display_name))
        if partner.mlm_sponsor_id not in (sponsor, sponsor.browse()):
            raise UserError(self.env._(
                '%(contact)s is a customer of %(agent)s, not of %(sponsor)s. Choose %(agent)s as the sponsor, or move the '
                'customer first if both agree.', contact=partner.display_name, agent=partner.mlm_sponsor_id.display_name,
                sponsor=sponsor.display_name or self.env._('nobody')))

    def _prepare_partner(self):
        return {
            'name': self.name, 'is_company': self.is_company, 'email': self.email, 'phone': self.phone, 'street': self.street,
            'zip': self.zip, 'city': self.city, 'country_id': self.country_id.id, 'lang': self.lang or self.env.lang,
            'company_id': self.sponsor_id.company_id.id}

    def _needs_signature(self):
        """Whether the agent begins only by signing a contract. A hook."""
        return False

    def _begin(self):
        """What the company has to do with a new agent. A hook: terms of cooperation, contracts."""

    def _get_terms(self):
        """What was agreed beside the place. A hook: who keeps terms adds ``plan`` (a record) and ``rate`` (percent).

        :rtype: dict
        """
        return {}

    def _give_access(self):
        """Invite the new agent to the portal, as Odoo's own button does; say so if that cannot be."""
        partner = self.partner_id
        if partner.with_context(active_test=False).user_ids:
            return
        try:
            with self.env.cr.savepoint():
                wizard = self.env['portal.wizard'].create({'partner_ids': partner.ids})
                wizard.user_ids.filtered(lambda line: line.partner_id == partner).action_grant_access()
        except UserError as problem:
            self.activity_schedule(
                'mail.mail_activity_data_warning', user_id=self.env.uid, note=str(problem),
                summary=self.env._('%(name)s has no access to the portal yet', name=partner.name))

    @api.private
    def _forget(self):
        """Take everything that tells who applied; that somebody did, under which terms, and who decided, stays."""
        self.env['ir.attachment'].search([('res_model', '=', self._name), ('res_id', 'in', self.ids)]).unlink()
        self.activity_ids.unlink()
        for application in self:
            application.with_context(tracking_disable=True).write({
                'name': self.env._('Anonymous %s', application.partner_id.mlm_agent_code or application.id),
                'email': f'anonymous-{application.id}@example.invalid',
                **dict.fromkeys(('phone', 'street', 'zip', 'city', 'note', 'refusal'), False)})
        self.message_ids.unlink()

    def _send(self, template):
        # The template is read, and the mail written, whatever the officer may otherwise do with mails: sudo.
        self.env.ref(template).sudo().send_mail(self.id, email_layout_xmlid='mail.mail_notification_light')
