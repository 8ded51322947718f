# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    mlm_offer_level = fields.Integer(
        string='Offer Level',
        copy=False,
        groups='mlm_network.group_officer',
        help='Agents use the offers whose minimum rank level is not above their rank. A level entered here opens offers to an '
        'agent whose rank is lower, or where the company keeps no ranks.',
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
        """The level by which an agent may use offers: that of the rank, or a higher one the company gave by hand.

        :rtype: int
        """
        self.ensure_one()
        agent = self.sudo()  # one number, compared by the caller
        return max(agent._mlm_rank_level(), agent.mlm_offer_level)

    def action_mlm_new_offer(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_offers.action_offer_wizard')
        return action | {'context': {'default_partner_id': self.id}}

    def action_mlm_open_contracts(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_offers.action_contract')
        return action | {'domain': [('partner_id', '=', self.id)], 'context': {'default_partner_id': self.id}}
