# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import AccessError


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    mlm_lead_source_id = fields.Many2one(
        'mlm.lead.source', string='Lead Source', readonly=True, copy=False, index='btree_not_null', ondelete='restrict')
    mlm_interest = fields.Char(string='Interest')
    mlm_deadline = fields.Datetime(string='React Until', readonly=True, copy=False, index='btree_not_null')
    mlm_contacted_at = fields.Datetime(string='First Contact', copy=False, tracking=True)
    mlm_event_ids = fields.One2many('mlm.lead.event', 'lead_id', string='Received', groups='mlm_network.group_manager')
    mlm_event_count = fields.Integer(string='Received Count', compute='_compute_mlm_event_count',
        groups='mlm_network.group_manager')
    mlm_consent_ids = fields.One2many('mlm.lead.consent', 'lead_id', string='Consents')
    mlm_assignment_ids = fields.One2many('mlm.lead.assignment', 'lead_id', string='Handed Over')

    @api.depends('mlm_event_ids')
    def _compute_mlm_event_count(self):
        counts = dict(self.env['mlm.lead.event']._read_group([('lead_id', 'in', self.ids)], ['lead_id'], ['__count']))
        for lead in self:
            lead.mlm_event_count = counts.get(lead._origin, 0)

    @api.private
    def _mlm_get_consents(self):
        """Give what came with the lead; what is unknown, and what is about no channel, says nothing."""
        found = super()._mlm_get_consents()
        for lead in self:
            # sudo: whether a message may be sent does not depend on who sends it
            for consent in lead.sudo().mlm_consent_ids.filtered(
                    lambda row: row.accepted != 'unknown' and row.channel != 'other').sorted(
                    lambda row: (row.given_at or row.create_date, row.id)):
                found[lead].append({
                    'channel': consent.channel, 'accepted': consent.accepted,
                    'date': consent.given_at or consent.create_date,
                    'wording': consent.wording or consent.key or consent.form or lead.name,
                    'source': consent.form or consent.source_id.name or lead.name,
                })
        return found

    @api.depends('mlm_lead_source_id')
    def _compute_company_id(self):
        """Odoo takes the company from leads that have neither team nor salesperson. Imported ones wait in that of their
        source, or every company would see them."""
        def fits(lead):
            company = lead.sudo().mlm_lead_source_id.company_id  # only compared
            return company and (not lead.user_id or company in lead.user_id.sudo().company_ids) and (
                lead.team_id.sudo().company_id in (company, company.browse()))

        imported = self.filtered(fits)
        for lead in imported:
            lead.company_id = lead.sudo().mlm_lead_source_id.company_id
        super(CrmLead, self - imported)._compute_company_id()

    # === CRUD METHODS === #

    def write(self, vals):
        if self.env.context.get('mlm_distributing') or not {'mlm_agent_id', 'stage_id', 'mlm_contacted_at'} & vals.keys():
            return super().write(vals)
        moved = self.filtered(lambda lead: 'mlm_agent_id' in vals and lead.mlm_lead_source_id
            and lead.mlm_agent_id.id != vals['mlm_agent_id'])
        moved._mlm_end_assignment('moved')
        result = super().write(vals)
        if vals.get('mlm_agent_id'):
            # sudo: the record of a handing over is made, whoever hands over
            self.env['mlm.lead.assignment'].sudo().create([
                {'lead_id': lead.id, 'agent_id': vals['mlm_agent_id'], 'reason': 'manual'} for lead in moved])
            moved.with_context(mlm_distributing=True).write({'mlm_deadline': False})
        if vals.get('mlm_contacted_at'):
            self._mlm_end_assignment('contacted')
        elif 'stage_id' in vals:
            self._mlm_touch()
        return result

    def _message_post_after_hook(self, message, msg_vals):
        # An answer to the customer, a logged call: somebody takes care.
        if message.message_type == 'comment' and message.author_id and not self.env.su:
            self._mlm_touch()
        return super()._message_post_after_hook(message, msg_vals)

    # === ACTIONS === #

    def action_mlm_contacted(self):
        """The agent has reached the customer, or tried to."""
        self._mlm_touch()

    def action_mlm_erase(self):
        """Forget who it was, here and in what was received."""
        if not self.env.user.has_group('mlm_network.group_manager'):
            raise AccessError(self.env._('Only managers of the network may erase a person: ask one of them.'))
        self.check_access('write')
        events = self.sudo().mlm_event_ids  # sudo: checked above
        self.sudo()._mlm_erase()
        events._erase()

    def action_mlm_events(self):
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_lead_import.mlm_lead_event_action')
        return {**action, 'domain': [('lead_id', 'in', self.ids)], 'context': {}}

    # === BUSINESS METHODS === #

    def _mlm_touch(self):
        for lead in self.filtered(lambda lead: lead.mlm_lead_source_id and not lead.mlm_contacted_at):
            lead.mlm_contacted_at = fields.Datetime.now()

    def _mlm_end_assignment(self, result):
        # sudo: who works on a lead need not edit the record of its handing over
        open_ones = self.sudo().mlm_assignment_ids.filtered(lambda a: a.result == 'open')
        open_ones.write({'result': result, 'date_end': fields.Datetime.now()})
        if result in ('expired', 'moved', 'declined'):
            self.sudo().activity_unlink(['mlm_lead_import.mail_activity_contact'])
        elif result == 'contacted':
            self.sudo().activity_feedback(['mlm_lead_import.mail_activity_contact'])

    @api.private
    def _mlm_erase(self):
        """Blank everything that tells who it was, with messages and files; what remains are counts."""
        self._mlm_keep_objections()
        for lead in self:
            lead.mlm_consent_ids.unlink()
            lead.activity_ids.unlink()
            self.env['mlm.agent.task'].search([('lead_id', '=', lead.id)]).unlink()
            self.env['ir.attachment'].search([('res_model', '=', 'crm.lead'), ('res_id', '=', lead.id)]).unlink()
            lead.with_context(tracking_disable=True, mlm_distributing=True).write({
                'name': self.env._('Erased'), 'description': False, 'partner_id': False, 'contact_name': False,
                'partner_name': False, 'function': False, 'email_from': False, 'phone': False, 'website': False, 'street': False,
                'street2': False, 'zip': False, 'city': False, 'state_id': False, 'referred': False, 'mlm_interest': False,
                'email_cc': False, 'mlm_deadline': False, 'active': False})
            lead.message_ids.unlink()

    @api.private
    def _mlm_keep_objections(self):
        """Put whoever objected to a channel on Odoo's blacklist of it, before the objection itself is forgotten.

        The blacklist holds the address as it is, and nothing else of the person. A digest would not do: Odoo compares
        addresses, and only so does nobody write again to whom the next list brings back. Whoever agreed, or said nothing,
        leaves no trace.
        """
        for lead in self:
            last = {said['channel']: said['accepted'] for said in lead._mlm_get_consents()[lead]}
            refused = {channel for channel, accepted in last.items() if accepted == 'no'}
            if 'email' in refused and lead.email_normalized:
                self.env['mail.blacklist'].sudo()._add(lead.email_normalized)  # sudo: the wish of the person, not of the user
            if refused & {'sms', 'phone'} and lead.phone_sanitized:
                self.env['phone.blacklist'].sudo()._add([lead.phone_sanitized])

    def _merge_get_fields(self):
        return [*super()._merge_get_fields(), 'mlm_lead_source_id', 'mlm_interest', 'mlm_deadline', 'mlm_contacted_at']

    def _merge_dependences(self, opportunities):
        """What was received must know the lead that is left, or it would seem to have become none."""
        super()._merge_dependences(opportunities)
        # sudo: whoever may merge leads merges their history
        merged = opportunities.sudo()
        (merged.mlm_event_ids + merged.mlm_consent_ids.event_id).lead_id = self
        merged.mlm_consent_ids.lead_id = self
        merged.mlm_assignment_ids.lead_id = self
