# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..adapters import ADAPTERS
from ..adapters.base import AdapterError
from ..adapters.http import Http

SETTERS = 'mlm_network.group_manager,base.group_system'


class MlmLeadSource(models.Model):
    _name = 'mlm.lead.source'
    _description = 'Lead Source'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'sequence, id'

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(selection='_selection_kind', required=True, default='google', tracking=True)
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company)
    user_id = fields.Many2one(
        'res.users', string='Responsible', required=True, default=lambda self: self.env.user,
        domain=[('share', '=', False)], help='Is told when the vendor no longer lets us in.')
    state = fields.Selection(
        [('draft', 'Off'), ('running', 'Running'), ('stopped', 'Stopped by an Error')],
        required=True, default='draft', readonly=True, copy=False, tracking=True)
    token = fields.Char(
        required=True, readonly=True, copy=False, default=lambda self: secrets.token_urlsafe(24), groups=SETTERS)
    webhook_url = fields.Char(string='Address for Calls', compute='_compute_webhook_url', groups=SETTERS)
    has_webhook = fields.Boolean(compute='_compute_abilities')
    can_poll = fields.Boolean(compute='_compute_abilities')
    setting_ids = fields.One2many('mlm.lead.setting', 'source_id', string='Credentials', groups='base.group_system', copy=False)
    mapping_ids = fields.One2many('mlm.lead.mapping', 'source_id', string='Questions', copy=True)
    campaign_ids = fields.One2many('mlm.lead.campaign', 'source_id', string='Campaigns')
    form_ids = fields.One2many('mlm.lead.form', 'source_id', string='Forms')
    event_ids = fields.One2many('mlm.lead.event', 'source_id', string='Events')

    # what its leads get
    team_id = fields.Many2one(
        'crm.team', string='Sales Team', check_company=True, domain="[('company_id', 'in', [company_id, False])]")
    lead_type = fields.Selection([('lead', 'Lead'), ('opportunity', 'Opportunity')], required=True, default='opportunity')
    tag_ids = fields.Many2many('crm.tag', string='Tags')
    utm_source_id = fields.Many2one('utm.source', string='UTM Source')
    utm_medium_id = fields.Many2one('utm.medium', string='UTM Medium')
    country_id = fields.Many2one('res.country', string='Usual Country', help='Reads phone numbers that lack the +.')
    lang_id = fields.Many2one('res.lang', string='Usual Language')
    duplicate_mode = fields.Selection(
        [('merge', 'Note it on the open lead'), ('new', 'Make another lead')], string='Somebody Asks Again', required=True,
        default='merge', help='The same person by e-mail or phone, while an earlier lead is open.')
    customer_mode = fields.Selection(
        [('lead', 'Make a lead of the customer'), ('note', 'Only note it on the customer')], string='A Customer Asks',
        required=True, default='lead')
    deadline_hours = fields.Float(
        string='Hours to React', default=24, help='An agent who has not reacted by then loses the lead. 0: never.')
    on_deadline = fields.Selection(
        [('next', 'The next agent'), ('pool', 'Back to the pool')], string='Who Gets It Then', required=True, default='next')
    notify_sms = fields.Boolean(string='Tell Agents by SMS, Too')
    retention_days = fields.Integer(
        string='Keep What Arrived For', default=90, required=True,
        help='Days. Then the received data is deleted, except for a digest by which it is not imported again.')

    # polling
    poll_enabled = fields.Boolean(string='Poll', help='Also ask the vendor regularly for leads that were not pushed.')
    poll_minutes = fields.Integer(string='Every', default=30, help='Minutes.')
    poll_overlap_hours = fields.Integer(string='Read Again', default=24, help='Hours before the newest stored lead.')
    next_poll = fields.Datetime(readonly=True, copy=False)

    # health
    last_success = fields.Datetime(readonly=True, copy=False, help='When the vendor last answered or a lead was last understood.')
    last_error = fields.Text(readonly=True, copy=False)
    last_error_at = fields.Datetime(readonly=True, copy=False)
    token_expires = fields.Datetime(
        string='Token Expires', copy=False, help='Three weeks and one week before, the responsible gets an activity.')
    last_received = fields.Datetime(compute='_compute_counts', compute_sudo=True)
    pending_count = fields.Integer(string='Waiting', compute='_compute_counts', compute_sudo=True)
    failed_count = fields.Integer(string='Failed', compute='_compute_counts', compute_sudo=True)
    done_count = fields.Integer(string='Leads', compute='_compute_counts', compute_sudo=True)
    test_count = fields.Integer(string='Tests', compute='_compute_counts', compute_sudo=True)
    check_result = fields.Html(string='Self-Test', readonly=True, copy=False)
    check_date = fields.Datetime(readonly=True, copy=False)
    preview_event_id = fields.Many2one(
        'mlm.lead.event', string='Preview On', store=False,
        domain="[('source_id', '=', id), ('stripped', '=', False), ('state', '!=', 'test')]")
    preview = fields.Html(compute='_compute_preview')

    _token_uniq = models.UniqueIndex('(token)', 'Two sources cannot share an address.')
    _check_numbers = models.Constraint(
        'CHECK (deadline_hours >= 0 AND retention_days >= 1 AND poll_minutes >= 5 AND poll_overlap_hours >= 0)',
        'Hours may not be negative, data is kept for one day or more, and polling waits five minutes or more.')

    # === COMPUTE METHODS === #

    @api.depends('kind')
    def _compute_abilities(self):
        for source in self:
            adapter = ADAPTERS.get(source.kind)
            source.has_webhook = bool(adapter and adapter.has_webhook)
            source.can_poll = bool(adapter and adapter.can_poll)

    @api.depends('token', 'kind')
    def _compute_webhook_url(self):
        for source in self:
            source.webhook_url = source.has_webhook and f'{source.get_base_url()}/mlm/lead/{source.token}'

    @api.depends('event_ids.state')
    def _compute_counts(self):
        Event = self.env['mlm.lead.event']
        counts = {(source.id, state): count for source, state, count in Event._read_group(
            [('source_id', 'in', self.ids)], ['source_id', 'state'], ['__count'])}
        received = {source.id: date for source, date in Event._read_group(
            [('source_id', 'in', self.ids)], ['source_id'], ['create_date:max'])}
        for source in self:
            for state in ('pending', 'failed', 'done', 'test'):
                source[f'{state}_count'] = counts.get((source._origin.id, state), 0)
            source.last_received = received.get(source._origin.id)

    @api.depends('preview_event_id', 'mapping_ids', 'campaign_ids', 'team_id', 'country_id', 'lang_id')
    def _compute_preview(self):
        for source in self:
            source.preview = source._preview(source.preview_event_id._origin) if source.preview_event_id else False

    # === SELECTION METHODS === #

    @api.model
    def _selection_kind(self):
        return [(code, self.env._(adapter.label)) for code, adapter in ADAPTERS.items()]  # pylint: disable=gettext-variable

    # === CONSTRAINTS === #

    @api.constrains('company_id', 'team_id')
    def _check_team(self):
        for source in self:
            if source.team_id.company_id and source.team_id.company_id != source.company_id:
                raise ValidationError(self.env._(
                    'The sales team %(team)s of %(sender)s belongs to %(company)s. Choose a team of the same company.',
                    team=source.team_id.name, sender=source.name, company=source.team_id.company_id.name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        sources = super().create(vals_list)
        sources._make_settings()
        sources._make_utm()
        return sources

    def write(self, vals):
        if 'kind' in vals and self.sudo().event_ids and any(source.kind != vals['kind'] for source in self):  # only counts
            raise UserError(self.env._(
                'Something has arrived from %(sender)s already, so its vendor stays. Make another source.',
                sender=self[:1].display_name))
        result = super().write(vals)
        if 'kind' in vals:
            self._make_settings()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_events(self):
        for source in self:
            if source.sudo().event_ids:  # only counts
                raise UserError(self.env._(
                    'Leads have arrived from %(sender)s. Archive it instead: its digests keep them from being imported again.',
                    sender=source.name))

    # === ACTIONS === #

    def action_start(self):
        """Switch on, or on again after an error; what waits is tried at once."""
        for source in self:
            adapter = ADAPTERS[source.kind]
            if adapter.experimental and not self.env['ir.config_parameter'].sudo().get_param('mlm_lead_import.experimental'):
                raise UserError(self.env._(
                    '%(vendor)s is experimental: its interface was never tried. An administrator may allow it under '
                    'Settings / CRM / Experimental Lead Sources.', vendor=dict(self._selection_kind())[source.kind]))
            missing = source._missing_settings()
            if missing:
                raise UserError(self.env._(
                    '%(sender)s cannot start without: %(names)s. An administrator enters them under Credentials.',
                    sender=source.name, names=', '.join(missing)))
        self.write({'state': 'running', 'next_poll': False})
        waiting = self.env['mlm.lead.event'].sudo().search([('source_id', 'in', self.ids), ('state', '=', 'pending')])
        waiting.next_try = fields.Datetime.now()  # sudo: events are read by few, but whoever may start may let them run
        self.env['mlm.lead.event']._wake_up()

    def action_stop(self):
        """Switch off: calls are refused and nothing is asked; what has arrived is still worked through."""
        self.write({'state': 'draft'})

    def action_poll(self):
        """Ask the vendor at the next opportunity, which is within a minute."""
        self.write({'next_poll': False})
        self.env.ref('mlm_lead_import.ir_cron_poll').sudo()._trigger()  # sudo: only wakes the job

    def action_open_events(self):
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_lead_import.mlm_lead_event_action')
        state = self.env.context.get('event_state')
        return {**action, 'domain': [('source_id', 'in', self.ids), *([('state', '=', state)] if state else [])], 'context': {}}

    # === BUSINESS METHODS === #

    def _make_settings(self):
        """A line for each parameter of the vendor; those of another vendor go."""
        # sudo: the lines are made empty; only administrators fill and read them
        for source in self.sudo():
            params = ADAPTERS[source.kind].params
            source.setting_ids.filtered(lambda s, p=params: s.name not in {param.name for param in p}).unlink()
            present = set(source.setting_ids.mapped('name'))
            source.setting_ids = [
                fields.Command.create({'name': param.name, 'sequence': number, 'value': param.default})
                for number, param in enumerate(params) if param.name not in present]

    def _make_utm(self):
        """Where leads of this vendor come from, unless somebody said so."""
        Builder = self.env['mlm.lead.builder'].sudo()  # sudo: names of vendors, and no more
        for source in self:
            adapter = ADAPTERS[source.kind]
            if adapter.utm_source and not source.utm_source_id:
                source.utm_source_id = Builder._find_utm('utm.source', adapter.utm_source)
            if adapter.utm_medium and not source.utm_medium_id:
                source.utm_medium_id = Builder._find_utm('utm.medium', adapter.utm_medium)

    def _missing_settings(self):
        # sudo: tells names, not values
        return [setting.label for setting in self.sudo().setting_ids if setting.is_required and not setting.value]

    @api.private
    def _get_adapter(self, http=True):
        """The vendor's adapter with this source's credentials.

        :rtype: odoo.addons.mlm_lead_import.adapters.base.Adapter
        """
        self.ensure_one()
        # sudo: who may use a source need not see its credentials; the adapter masks them in whatever it says
        settings = self.sudo().setting_ids
        hidden = [setting.value for setting in settings if setting.is_secret and setting.value]
        config = {setting.name: setting.value for setting in settings}
        return ADAPTERS[self.kind](config, Http(hidden) if http else None)

    @api.private
    def _explain(self, error):
        """An error of an adapter in the user's language."""
        if isinstance(error, AdapterError):
            text = self.env._(error.template)  # pylint: disable=gettext-variable
            return text % error.values if error.values else text
        return str(error)

    @api.private
    def _stop(self, error):
        """Ask no more, tell the responsible, keep what waits. Does nothing where it is known already."""
        self.ensure_one()
        text = self.with_context(lang=self.user_id.lang)._explain(error)
        self.write({'last_error': text, 'last_error_at': fields.Datetime.now()})
        if self.state == 'stopped':
            return
        self.state = 'stopped'
        self.activity_schedule(
            'mail.mail_activity_data_warning', user_id=self.user_id.id,
            summary=self.env._('%(sender)s no longer lets us in', sender=self.name), note=text)
        self.message_post(
            body=self.env._('Stopped: %(reason)s What waits is kept. Repair the credentials, then press Start.', reason=text),
            partner_ids=self.user_id.partner_id.ids, subtype_xmlid='mail.mt_comment')

    @api.private
    def _preview(self, event):
        """What a stored event would become, as HTML."""
        self.ensure_one()
        event.check_access('read')
        if event.source_id != self._origin:
            return False
        try:
            # sudo: shows a manager what a lead, which managers read, would hold; nothing is made
            return self.sudo()._get_builder()._preview(self.sudo(), event.sudo())
        except AdapterError as error:
            return self._explain(error)

    def _get_builder(self):
        """The maker of leads, which writes in the language of the responsible."""
        return self.env['mlm.lead.builder'].with_company(self.company_id).with_context(lang=self.user_id.lang)

    @api.model
    def _cron_warn_expiry(self):
        """Remind the responsible of tokens that end soon."""
        today = fields.Date.today()
        soon = self.search([
            ('state', '=', 'running'), ('token_expires', '!=', False),
            ('token_expires', '<', fields.Datetime.now() + timedelta(21))])
        for source in soon:
            summary = self.env._('The token of %(sender)s expires on %(date)s', sender=source.name,
                date=source.token_expires.date())
            known = source.activity_ids.filtered(lambda a, text=summary: a.summary == text)
            week = source.token_expires.date() - today < timedelta(8)
            if not known or (week and max(known.mapped('date_deadline')) > today + timedelta(7)):
                source.activity_schedule(
                    'mail.mail_activity_data_warning', user_id=source.user_id.id, summary=summary,
                    date_deadline=today if week else today + timedelta(14))
