# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models

from ..const import OPEN_STATES


class CrmLead(models.Model):
    _name = 'crm.lead'
    _inherit = ['crm.lead', 'mlm.referral.mixin']

    mlm_agent_id = fields.Many2one(
        'res.partner', string='Agent', compute='_compute_mlm_agent_id', store=True, precompute=True, readonly=False,
        index='btree_not_null', tracking=True, domain=[('mlm_agent_state', 'in', OPEN_STATES)],
        help='Who brought this lead: the customer if it is an agent, else the nearest agent above the customer, else who is '
             'named by the code of the link.')
    # Whoever reads the record could find out by domains what internal notes say: Odoo does not ask for the rights on messages.
    message_ids = fields.One2many(groups='base.group_user')
    website_message_ids = fields.One2many(groups='base.group_user')

    # Only the customer and the link: a lead stays with who brought it, however the network changes later.
    @api.depends('partner_id', 'mlm_referral_code')
    def _compute_mlm_agent_id(self):
        named = self._mlm_agents_of_codes()
        for company, leads in self.grouped('company_id').items():
            agents = leads.partner_id._mlm_get_selling_agents(company)
            for lead in leads:
                # In a form: the stored lead had an agent before it had a customer.
                stored = lead._origin if lead != lead._origin else self.browse()
                if not (stored.mlm_agent_id and not stored.partner_id):
                    lead.mlm_agent_id = agents.get(lead.partner_id) or named[lead]

    def write(self, vals):
        if not vals.get('partner_id') or 'mlm_agent_id' in vals:
            return super().write(vals)
        # Who brought a lead before anybody knew the customer keeps it.
        kept = self.filtered(lambda lead: lead.mlm_agent_id and not lead.partner_id)
        with self.env.protecting([self._fields['mlm_agent_id']], kept):
            return super().write(vals)

    def _prepare_customer_values(self, partner_name, is_company=False, parent_id=False):
        """The new customer belongs to who brought the inquiry; a contact of a company shares the company's place."""
        values = super()._prepare_customer_values(partner_name, is_company=is_company, parent_id=parent_id)
        agent = self.mlm_agent_id
        # sudo: only compares companies
        fits = not agent.sudo().company_id or agent.sudo().company_id == self.company_id
        if not parent_id and agent.mlm_agent_state in OPEN_STATES and fits:
            values['mlm_sponsor_id'] = agent.id
        return values

    @api.private
    def _mlm_get_consents(self):
        """What the people behind leads agreed to or objected to. A hook: who receives declarations with leads gives them.

        :return: for each lead, oldest first, dicts with ``channel`` (email, sms or phone), ``accepted`` (yes or no), ``date``,
            ``wording`` and ``source``
        :rtype: dict
        """
        return {lead: [] for lead in self}

    def _merge_get_fields(self):
        return [*super()._merge_get_fields(), 'mlm_agent_id', 'mlm_referral_code']

    def _merge_dependences(self, opportunities):
        """What agents planned and entered goes on with the lead that is left."""
        super()._merge_dependences(opportunities)
        # sudo: whoever may merge leads need not be allowed to change what agents planned
        for name in ('mlm.agent.task', 'mlm.agent.entry'):
            self.env[name].sudo().search([('lead_id', 'in', opportunities.ids)]).lead_id = self
