# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import OPEN_STATES, SPONSOR_STATES
from ..tools.tree import read_edges, walk_up


class ResPartner(models.Model):
    """Changes of sponsor and state with date, reason and, where the company wants it, a second person."""
    _inherit = 'res.partner'

    mlm_sponsor_left = fields.Boolean(
        string='Sponsor Left', compute='_compute_mlm_sponsor_left', search='_search_mlm_sponsor_left', compute_sudo=True)
    mlm_change_count = fields.Integer(
        string='Changes', compute='_compute_mlm_change_count', groups='mlm_network.group_officer')

    # === COMPUTE METHODS === #

    @api.depends('mlm_sponsor_id.mlm_agent_state')
    def _compute_mlm_sponsor_left(self):
        for partner in self:
            partner.mlm_sponsor_left = partner.mlm_sponsor_id.mlm_agent_state == 'terminated'

    def _search_mlm_sponsor_left(self, operator, value):
        if operator != 'in':
            return NotImplemented
        # Only whether the sponsor left is asked, not who it is.
        left = [('mlm_sponsor_id', 'any!', [('mlm_agent_state', '=', 'terminated')])]
        return left if set(value) == {True} else ['!', *left]

    def _compute_mlm_change_count(self):
        for partner in self:
            partner.mlm_change_count = self.env['mlm.place.change'].search_count([('partner_ids', 'in', partner.ids)])

    # === CRUD METHODS === #

    def write(self, vals):
        if {'mlm_sponsor_id', 'mlm_agent_state'} & vals.keys() and not self.env.su:
            self._mlm_check_approved(vals)
        return super().write(vals)

    # === ACTION METHODS === #

    def action_mlm_change(self):
        """Open the change that the context names, by default one of the sponsor, for these agents."""
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_network.mlm_place_change_action_new')
        return {**action, 'context': {
            'default_partner_ids': self.ids, 'default_kind': self.env.context.get('mlm_kind', 'sponsor'),
            'default_sponsor_mode': self.env.context.get('mlm_sponsor_mode', 'other')}}

    def action_mlm_open_changes(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_network.mlm_place_change_action')
        return {**action, 'domain': [('partner_ids', 'in', self.ids)], 'context': {}}

    # === BUSINESS METHODS === #

    def _mlm_wants_approval(self):
        """Those whose company wants a second person for a change of place. Of an agent of all companies each may want it."""
        # Whether another company wants it is no secret, and must not depend on the company the user looks at.
        companies = self.env['res.company'].sudo().search([('mlm_change_approval', '=', True)])
        if not companies:
            return self.browse()
        own = {company: companies & company.parent_ids for company in self.sudo().company_id}
        return self.filtered(lambda p: own.get(p.sudo().company_id, companies))

    def _mlm_check_approved(self, vals):
        """Refuse to change the place of established agents directly where a second person has to approve."""
        def changes(agent):
            return any(name in vals and (agent[name].id if name == 'mlm_sponsor_id' else agent[name]) != (vals[name] or False)
                       for name in ('mlm_sponsor_id', 'mlm_agent_state'))

        agents = self.filtered(lambda p: p.mlm_agent_state in SPONSOR_STATES and changes(p))._mlm_wants_approval()
        if agents:
            raise UserError(self.env._(
                'A second person has to approve when %(agent)s changes sponsor or state. Use the buttons "Change Sponsor", '
                '"Suspend", "Terminate" or "Bring Back" on the contact.', agent=agents[0].display_name))

    def _mlm_next_open_above(self, but):
        """The nearest agent above who may take on people, none if there is none.

        :param but: agents who are about to leave and do not count
        """
        self.ensure_one()
        edges = read_edges(self, self.ids)
        for id_ in walk_up(edges, self.id):
            if edges[id_][1] in OPEN_STATES and id_ not in but.ids:
                return self.browse(id_)
        return self.browse()

    @api.private
    def _mlm_check_change_date(self, date):
        """Refuse a day from which on the place of these agents must not change any more. A hook: who settles periods
        refuses what lies in a closed one.

        :param date date: the first day of the new place
        :raise UserError: naming the period and the first possible day
        """

    @api.private
    def _mlm_describe_estimates(self, date):
        """What has to be estimated anew if these agents change place on a day. A hook.

        :rtype: list[str]
        """
        return []
