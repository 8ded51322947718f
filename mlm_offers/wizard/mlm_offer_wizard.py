# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import UserError


class MlmOfferWizard(models.TransientModel):
    _name = 'mlm.offer.wizard'
    _description = 'New Offer'

    lead_id = fields.Many2one('crm.lead', string='Opportunity')
    partner_id = fields.Many2one(
        'res.partner',
        string='Customer',
        compute='_compute_partner_id',
        store=True,
        readonly=False,
        help='Left empty, a contact is made of the opportunity.',
    )
    company_id = fields.Many2one('res.company', compute='_compute_company_id')
    template_id = fields.Many2one(
        'sale.order.template',
        string='Offer',
        compute='_compute_template_id',
        store=True,
        readonly=False,
        required=True,
        domain="[('mlm_is_offer', '=', True), ('company_id', 'in', [False, company_id])]",
    )
    agent_id = fields.Many2one(
        'res.partner',
        string='Agent',
        compute='_compute_agent_id',
        store=True,
        readonly=False,
        domain=[('mlm_agent_state', 'in', ('active', 'suspended'))],
    )
    discount = fields.Float(string='Discount (%)')

    @api.depends('lead_id')
    def _compute_partner_id(self):
        for wizard in self:
            wizard.partner_id = wizard.partner_id or wizard.lead_id.partner_id

    @api.depends('lead_id')
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.lead_id.company_id or self.env.company

    @api.depends('partner_id', 'lead_id')
    def _compute_template_id(self):
        for wizard in self:
            if wizard.template_id:
                continue
            templates = self.env['sale.order.template'].search(
                [('mlm_is_offer', '=', True), ('company_id', 'in', [False, wizard.company_id.id])]
            )
            partner = wizard.partner_id
            kinds = {'any', 'company' if partner.is_company else 'person'} if partner else {'any', 'company', 'person'}
            fitting = templates.filtered(lambda template: template.mlm_audience in kinds)
            same = fitting.filtered(
                lambda template: partner.industry_id and template.mlm_industry_id == partner.industry_id
            )
            wizard.template_id = (same or fitting)[:1]

    @api.depends('partner_id', 'lead_id')
    def _compute_agent_id(self):
        for wizard in self:
            found = wizard.partner_id._mlm_get_selling_agents(wizard.company_id).get(wizard.partner_id)
            wizard.agent_id = wizard.lead_id.mlm_agent_id or found

    def action_create_offer(self):
        """Make the offer and open it."""
        self.ensure_one()
        lead = self.lead_id
        if not self.partner_id and lead:
            if not (lead.partner_name or lead.contact_name or lead.email_from):
                raise UserError(
                    self.env._(
                        'The opportunity "%(lead)s" names nobody. Choose a customer, or enter a contact name there.',
                        lead=lead.name,
                    )
                )
            lead._handle_partner_assignment(create_missing=True)
            self.partner_id = lead.partner_id
        if not self.partner_id:
            raise UserError(self.env._('Choose the customer of the offer.'))
        if not 0 <= self.discount <= 100:
            raise UserError(self.env._('A discount is from 0 to 100 percent.'))
        if lead and lead.type == 'lead':
            lead.convert_opportunity(self.partner_id)
        order = self.template_id._mlm_create_offer(
            self.partner_id, lead=lead, agent=self.agent_id, discount=self.discount
        )
        return {'type': 'ir.actions.act_window', 'res_model': 'sale.order', 'res_id': order.id, 'view_mode': 'form'}
