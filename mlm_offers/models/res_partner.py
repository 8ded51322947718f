# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    mlm_offer_level = fields.Integer(
        string='Offer Level',
        copy=False,
        groups='mlm_network.group_officer',
        help='Which offers the agent may use in the portal: those whose minimum rank level is not higher.',
    )
    mlm_show_phone = fields.Boolean(
        string='Phone on Offers',
        default=True,
        groups='base.group_user',
        help='The agent agreed that offers show the phone number.',
    )
    mlm_show_email = fields.Boolean(
        string='E-mail on Offers',
        default=True,
        groups='base.group_user',
        help='The agent agreed that offers show the e-mail address.',
    )
    mlm_contract_ids = fields.One2many(
        'mlm.contract', 'partner_id', string='Contracts', groups='sales_team.group_sale_salesman'
    )
    mlm_contract_count = fields.Integer(compute='_compute_mlm_contract_count', groups='sales_team.group_sale_salesman')

    @api.depends('mlm_contract_ids')
    def _compute_mlm_contract_count(self):
        counts = dict(
            self.env['mlm.contract']._read_group([('partner_id', 'in', self.ids)], ['partner_id'], ['__count'])
        )
        for partner in self:
            partner.mlm_contract_count = counts.get(partner._origin, 0)

    @api.private
    def _mlm_get_offer_level(self):
        """The level by which an agent may use offers. A hook: where ranks are kept, they decide.

        :rtype: int
        """
        self.ensure_one()
        return self.sudo().mlm_offer_level  # sudo: one number, compared by the caller

    @api.private
    def _mlm_agreement_signed(self, contract):
        """Activate the agents whose cooperation agreement was signed. A hook for who keeps terms of cooperation."""
        for agent in self.filtered(lambda partner: partner.mlm_agent_state in ('none', 'candidate', 'suspended')):
            agent.mlm_agent_state = 'active'

    @api.private
    def _mlm_agreement_withdrawn(self, contract):
        """End the cooperation that a withdrawn agreement had begun. A hook like the one above."""
        self.filtered(lambda partner: partner.mlm_agent_state == 'active').mlm_agent_state = 'terminated'

    def action_mlm_open_contracts(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_offers.action_contract')
        return action | {'domain': [('partner_id', '=', self.id)], 'context': {'default_partner_id': self.id}}
