# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.fields import Domain

from ..const import OPEN_STATES, PLACEMENT_FIELDS
from ..tools.tree import PLACEMENT, count_downline, read_edges, sql_downline, walk_up


class ResPartner(models.Model):
    """The second tree: where an agent sits, beside who recruited it. Only binary and matrix plans need it."""
    _name = 'res.partner'
    _inherit = ['res.partner', 'mlm.seat.mixin']

    mlm_placement_id = fields.Many2one(
        'res.partner', string='Placed Under', index='btree_not_null', ondelete='restrict', copy=False, tracking=True,
        domain=[('mlm_placed', '=', True)], help='The agent directly above in the placement tree.')
    mlm_placement_slot = fields.Integer(
        string='Seat', copy=False, tracking=True, aggregator=None,
        help='Which seat under that agent; 1 is the leftmost.')
    mlm_placed = fields.Boolean(
        string='Has a Seat', copy=False, help='Whether the agent has a seat in the placement tree, if only at its top.')
    mlm_placement_seat = fields.Char(string='Seat Name', compute='_compute_mlm_placement_seat')
    mlm_placement_deadline = fields.Date(
        string='To Be Placed Until', copy=False,
        help='Until then the sponsor or an officer may choose a seat; afterwards one is found.')
    mlm_placement_leg = fields.Selection(
        [('left', 'Left'), ('right', 'Right')], string='Preferred Leg', default='left', copy=False,
        help='Where new agents of this sponsor go if the company places them in the leg that the sponsor prefers.')
    mlm_placement_waiting = fields.Boolean(string='Waits for a Seat', compute='_compute_mlm_placement_waiting')
    mlm_placed_ids = fields.One2many(
        'res.partner', 'mlm_placement_id', string='Placed Directly Below', context={'active_test': False})
    mlm_placed_count = fields.Integer(
        string='Seats Taken', compute='_compute_mlm_placed_count', compute_sudo=True,
        help='Agents directly below in the placement tree.')
    mlm_placed_total = fields.Integer(
        string='Placed Below', compute='_compute_mlm_placed_total', compute_sudo=True,
        help='Agents below in the placement tree, at any depth.')
    mlm_placement_ids = fields.One2many('mlm.placement', 'partner_id', string='Placement History', readonly=True)
    mlm_placement_upline_ids = fields.Many2many(
        'res.partner', string='Placement Upline', compute='_compute_mlm_placement_upline_ids',
        search='_search_mlm_placement_upline_ids', context={'active_test': False}, groups='base.group_user',
        help='Everybody above in the placement tree.')

    _mlm_seat_uniq = models.UniqueIndex(
        '(mlm_placement_id, mlm_placement_slot) WHERE mlm_placement_id IS NOT NULL',
        'This seat has just been taken. Choose another one.',
    )

    # === COMPUTE METHODS === #

    @api.depends('mlm_placement_slot', 'company_id')
    def _compute_mlm_placement_seat(self):
        for partner in self:
            partner.mlm_placement_seat = partner._mlm_seat_name(partner.mlm_placement_slot)

    @api.depends('mlm_placed', 'mlm_agent_state', 'company_id')
    def _compute_mlm_placement_waiting(self):
        for partner in self:
            partner.mlm_placement_waiting = (
                not partner.mlm_placed and partner.mlm_agent_state in OPEN_STATES
                and partner._mlm_placement_company().mlm_placement_strategy != 'off')

    @api.depends('mlm_placed_ids')
    def _compute_mlm_placed_count(self):
        groups = self.env['res.partner'].with_context(active_test=False)._read_group(
            [('mlm_placement_id', 'in', self.ids)], ['mlm_placement_id'], ['__count'])
        counts = {above.id: count for above, count in groups}
        for partner in self:
            partner.mlm_placed_count = counts.get(partner._origin.id, 0)

    @api.depends('mlm_placed_count')
    def _compute_mlm_placed_total(self):
        below = count_downline(self, self.ids, above=PLACEMENT)
        for partner in self:
            partner.mlm_placed_total = below.get(partner._origin.id, 0)

    @api.depends('mlm_placement_id')
    def _compute_mlm_placement_upline_ids(self):
        edges = read_edges(self, self.ids, above=PLACEMENT)
        # what the user may not read is left out, as from any relation
        visible = set(self.browse(edges)._filtered_access('read').ids)
        for partner in self:
            partner.mlm_placement_upline_ids = self.browse(
                id_ for id_ in walk_up(edges, partner._origin.id) if id_ in visible)

    def _search_mlm_placement_upline_ids(self, operator, value):
        # a search method is not guarded by groups
        self._check_field_access(self._fields['mlm_placement_upline_ids'], 'read')

        def below(model, others):
            return sql_downline(model, others, above=PLACEMENT)
        return self._mlm_search_line(operator, value, below, Domain('mlm_placement_id', '=', False))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        places = [{name: vals[name] for name in PLACEMENT_FIELDS & vals.keys()} for vals in vals_list]
        partners = super().create([
            {name: value for name, value in vals.items() if name not in PLACEMENT_FIELDS} for vals in vals_list])
        for partner, place in zip(partners, places):
            if place.get('mlm_placed') or place.get('mlm_placement_id'):
                partner.write(place)
        partners.filtered(lambda p: p.mlm_agent_state == 'active' and not p.mlm_placed)._mlm_settle()
        return partners

    def write(self, vals):
        state = vals.get('mlm_agent_state', 'none') or 'none'
        entering = leaving = self.browse()
        if 'mlm_agent_state' in vals:
            entering = self.filtered(
                lambda p: state == 'active' and p.mlm_agent_state not in OPEN_STATES and not p.mlm_placed)
            leaving = self.filtered(lambda p: state == 'none' and p.mlm_placed)
        if not PLACEMENT_FIELDS & vals.keys():
            result = super().write(vals)
        elif len(self) != 1:
            # Seats are found, checked and taken one after the other.
            return all([partner.write(vals) for partner in self])
        else:
            result = self._mlm_write_seat(vals, super().write)
        leaving.write({'mlm_placed': False})
        (entering - entering.filtered('mlm_placed'))._mlm_settle()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_mlm_placed(self):
        # Rows that the user may not read keep the contact, too.
        self.env['mlm.placement'].sudo()._check_nobody_ever_below(self)

    # === ACTION METHODS === #

    def action_mlm_place(self):
        """Choose seats for these agents."""
        return {**self.env['ir.actions.act_window']._for_xml_id('mlm_network.mlm_placement_wizard_action'),
                'context': {'default_partner_ids': self.ids}}

    def action_mlm_open_placement_tree(self):
        """Open the placement tree at this agent."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_network.res_partner_action_placement_tree')
        action['context'] = {'active_test': False, 'hierarchy_res_id': self.id}
        return action

    # === TOOLING === #

    def _mlm_write_seat(self, vals, write):
        """Change the seat of one agent: check, store, keep history.

        :param dict vals: at least one of ``PLACEMENT_FIELDS``
        :param write: stores the values
        """
        self.ensure_one()
        vals = self._mlm_complete_seat(vals)
        seat = {name: vals[name] for name in PLACEMENT_FIELDS}
        # Who may not write at all is told so first.
        self.check_access('write')
        if seat == {name: getattr(self[name], 'id', self[name]) for name in PLACEMENT_FIELDS}:
            return write(vals)
        self._mlm_check_may_change(lambda p: True)
        self._mlm_check_date()
        # Of two who are seated at once the second fails to serialise, and is seated anew on what the first left.
        self.env['mlm.network.version']._bump()
        self._mlm_check_branch(seat)
        self._mlm_check_seat({'mlm_agent_state': self.mlm_agent_state, **vals})
        result = write({**vals, 'mlm_placement_deadline': False})
        self._mlm_check_no_loop(PLACEMENT)
        history = self.env['mlm.placement']
        history._record(self)
        history._check_above_since(self)
        history._check_no_loop(self)
        if not self.mlm_placed:
            history._check_nobody_below(self)
        # This depends on the whole tree, not only on the records that the ORM would look at.
        self.invalidate_model(['mlm_placement_upline_ids', 'mlm_placed_count', 'mlm_placed_total'], flush=False)
        return result

    def _mlm_complete_seat(self, vals):
        """The three values of a seat from those that are given: under somebody one has a seat, without a seat one is
        under nobody."""
        above = vals.get('mlm_placement_id', self.mlm_placement_id.id) or False
        if not vals.get('mlm_placed', True) or ('mlm_placement_id' in vals and not above and not vals.get('mlm_placed')):
            return {**vals, 'mlm_placement_id': False, 'mlm_placement_slot': 0, 'mlm_placed': False}
        if not above:
            return {**vals, 'mlm_placement_id': False, 'mlm_placement_slot': 0, 'mlm_placed': True}
        slot = vals.get('mlm_placement_slot') or (above == self.mlm_placement_id.id and self.mlm_placement_slot)
        return {**vals, 'mlm_placement_id': above, 'mlm_placed': True,
                'mlm_placement_slot': slot or self.browse(above)._mlm_free_seat()}
