# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import UserError


class MlmPlacementWizard(models.TransientModel):
    _name = 'mlm.placement.wizard'
    _description = 'Choose a Seat'

    partner_ids = fields.Many2many('res.partner', string='Agents', required=True, context={'active_test': False})
    partner_id = fields.Many2one('res.partner', string='Agent', compute='_compute_partner_id')
    sponsor_id = fields.Many2one(related='partner_id.mlm_sponsor_id')
    mode = fields.Selection(
        [('find', 'Find a free seat'), ('seat', 'Choose a seat'), ('top', 'At the top of the tree')],
        string='Seat', required=True, default='find')
    above_id = fields.Many2one(
        'res.partner', string='Below', compute='_compute_above_id', store=True, readonly=False,
        domain="[('mlm_placed', '=', True)]", help='The seat is found below this agent, by the way of placement of the company.')
    slot = fields.Integer(string='Number of the Seat', help='1 is the leftmost. 0: the first free one.')
    with_branch = fields.Boolean(
        string='The whole branch moves along', help='Everybody who is placed below stays below.')
    below_count = fields.Integer(related='partner_id.mlm_placed_total')
    date = fields.Date(
        string='From', required=True, default=fields.Date.context_today,
        help='The first day of the new seat. What was settled before stays as it is.')
    reason = fields.Char(string='Reason')
    preview = fields.Char(string='New Seat', compute='_compute_preview')

    # === COMPUTE METHODS === #

    @api.depends('partner_ids')
    def _compute_partner_id(self):
        for wizard in self:
            wizard.partner_id = wizard.partner_ids._origin if len(wizard.partner_ids) == 1 else False

    @api.depends('partner_id')
    def _compute_above_id(self):
        for wizard in self:
            wizard.above_id = wizard.partner_id._mlm_nearest_placed() if wizard.partner_id else False

    @api.depends('partner_id', 'mode', 'above_id', 'slot')
    def _compute_preview(self):
        for wizard in self:
            above, slot = wizard._find() if wizard.partner_id and wizard.mode != 'top' else (None, None)
            wizard.preview = self.env._(
                '%(seat)s under %(above)s', seat=wizard.partner_id._mlm_seat_name(slot), above=above.display_name,
            ) if above and slot else False

    # === ACTION METHODS === #

    def action_place(self):
        """Give the agents their seats."""
        self.ensure_one()
        agents = self.partner_ids.with_context(
            mlm_date=self.date, mlm_reason=self.reason, mlm_with_branch=self.with_branch)
        if self.mode == 'top':
            agents.write({'mlm_placed': True, 'mlm_placement_id': False})
        elif self.partner_id:
            above, slot = self._find()
            if not above:
                raise UserError(self.env._(
                    'No sponsor of %s has a seat. Choose below whom the seat is to be found, or the top of the tree.',
                    self.partner_id.display_name))
            agents.write({'mlm_placement_id': above.id, 'mlm_placement_slot': slot})
        else:
            self._place_all(agents)
        return {'type': 'ir.actions.act_window_close'}

    # === BUSINESS METHODS === #

    def _place_all(self, agents):
        """Find a seat for each, below the own sponsor; sponsors before their recruits."""
        waiting = agents.filtered(lambda agent: not agent.mlm_placed).sorted('id')
        while waiting:
            placed = waiting.browse(agent.id for agent in waiting if agent._mlm_place_by_itself())
            if not placed:
                raise UserError(self.env._(
                    '%(agent)s cannot be placed: the sponsor %(sponsor)s has no seat yet. Place the sponsor first, or place '
                    '%(agent)s alone.', agent=waiting[0].display_name, sponsor=waiting[0].mlm_sponsor_id.display_name))
            waiting -= placed

    def _find(self):
        """The seat that was chosen, or the one that is found: (`res.partner` above, seat)."""
        above = self.above_id._origin
        if not above or self.mode == 'find':
            return above._mlm_find_seat() if above else (above, 0)
        return above, self.slot or above._mlm_free_seat()
