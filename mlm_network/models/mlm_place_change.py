# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..const import OPEN_STATES

KINDS = [
    ('sponsor', 'Change of Sponsor'),
    ('suspend', 'Suspension'),
    ('terminate', 'Termination'),
    ('return', 'Return'),
]
# kind: states from which it is possible, state to which it leads
STATES = {
    'suspend': (('active',), 'suspended'),
    'terminate': (('candidate', 'active', 'suspended'), 'terminated'),
    'return': (('suspended', 'terminated'), 'active'),
}
CONTENT = {'kind', 'partner_ids', 'sponsor_mode', 'below_mode', 'sponsor_id', 'date', 'reason', 'company_id'}
DECISION = {'state', 'requested_by_id', 'decided_by_id', 'decided_on', 'result'}


class MlmPlaceChange(models.Model):
    """A change of where agents stand: asked for, approved by a second person where the company wants it, kept."""
    _name = 'mlm.place.change'
    _description = 'Change in the Network'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date DESC, id DESC'

    kind = fields.Selection(KINDS, string='Change', required=True, default='sponsor')
    partner_ids = fields.Many2many(
        'res.partner', 'mlm_place_change_partner_rel', 'change_id', 'partner_id', string='Agents', required=True,
        context={'active_test': False})
    company_id = fields.Many2one(
        'res.company', string='Company', compute='_compute_company_id', store=True, required=True, index=True, precompute=True)
    sponsor_mode = fields.Selection(
        [('other', 'Another sponsor'), ('up', 'The next active agent above'), ('top', 'Nobody: the top of the network')],
        string='New Sponsor', required=True, default='other')
    below_mode = fields.Selection(
        [('stay', 'Stay below; commissions pass upwards'), ('up', 'Move to the next active agent above'),
         ('other', 'Move to another sponsor')],
        string='Who Stands Directly Below', required=True, default='stay',
        help='Whoever stays keeps the place. What they sell is credited and paid as the plan says for agents of that state: '
             'usually it passes to the next active agent above.')
    sponsor_id = fields.Many2one(
        'res.partner', string='Sponsor', domain=[('mlm_agent_state', 'in', OPEN_STATES)], index='btree_not_null',
        ondelete='restrict')
    date = fields.Date(
        string='From', required=True, default=fields.Date.context_today,
        help='The first day of the new place. Closed periods stay as they are.')
    reason = fields.Char(string='Reason', required=True)
    state = fields.Selection(
        [('draft', 'Draft'), ('waiting', 'To Approve'), ('done', 'Done'), ('refused', 'Refused')],
        string='Status', required=True, default='draft', readonly=True, copy=False, tracking=True)
    requested_by_id = fields.Many2one('res.users', string='Requested by', readonly=True, copy=False, index='btree_not_null')
    decided_by_id = fields.Many2one('res.users', string='Decided by', readonly=True, copy=False, index='btree_not_null')
    decided_on = fields.Datetime(string='Decided on', readonly=True, copy=False)
    needs_approval = fields.Boolean(compute='_compute_needs_approval')
    preview = fields.Text(string='What Changes', compute='_compute_preview')
    result = fields.Text(string='What Changed', readonly=True, copy=False)

    # === COMPUTE METHODS === #

    @api.depends('partner_ids')
    def _compute_company_id(self):
        for change in self:
            change.company_id = change.company_id or change.partner_ids.company_id[:1] or self.env.company

    @api.depends('partner_ids')
    def _compute_needs_approval(self):
        for change in self:
            change.needs_approval = bool(change.partner_ids._origin._mlm_wants_approval())

    @api.depends('kind', 'date')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for change in self:
            names = change.partner_ids.mapped('display_name')
            change.display_name = self.env._(
                '%(kind)s: %(agents)s from %(date)s', kind=kinds.get(change.kind),
                agents=', '.join(names[:3]) + (' …' if names[3:] else ''),
                date=format_date(self.env, change.date)) if change.date else kinds.get(change.kind)

    @api.depends('kind', 'partner_ids', 'sponsor_mode', 'below_mode', 'sponsor_id', 'date', 'state')
    def _compute_preview(self):
        for change in self:
            # What was decided is told by what changed then.
            change.preview = '\n'.join(change._describe()) if change.state in ('draft', 'waiting') else False

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(DECISION & vals.keys() for vals in vals_list):
            self._refuse_decision()
        changes = super().create(vals_list)
        changes._check_contacts()
        return changes

    def write(self, vals):
        if not self.env.su and DECISION & vals.keys():
            self._refuse_decision()
        if CONTENT & vals.keys():
            self._check_state('draft')
        result = super().write(vals)
        if {'partner_ids', 'sponsor_id'} & vals.keys():
            self._check_contacts()
        return result

    def _check_contacts(self):
        """Refuse contacts that the user may not read or change, whose ids were guessed."""
        # A relation leaves out what the user may not read, so all are found as superuser and judged as the user.
        self.sudo().partner_ids.sudo(self.env.su).check_access('write')
        self.sponsor_id.check_access('read')

    def _refuse_decision(self):
        raise AccessError(self.env._(
            'Whether a change is done follows from its buttons. Submit, approve or refuse it there.'))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._check_state('draft')

    # === ACTION METHODS === #

    def action_submit(self):
        """Do it, or ask a second person if the company wants that."""
        self._check_state('draft')
        for change in self:
            change.check_access('write')
            change._check()
            # The user may write the change, but nobody may write the decision by hand: hence sudo.
            change.sudo().requested_by_id = self.env.user
            if change.needs_approval:
                change.sudo().state = 'waiting'
            else:
                change._apply()
        return {'type': 'ir.actions.act_window_close'}

    def action_approve(self):
        """Do what another user asked for."""
        self._check_state('waiting')
        for change in self:
            change.check_access('write')
            if change.requested_by_id == self.env.user:
                raise UserError(self.env._(
                    'You asked for "%s" yourself. Another officer of the network has to approve it.', change.display_name))
            change._apply()
        return True

    def action_refuse(self):
        """Leave everything as it is; the request is kept."""
        self._check_state('waiting')
        self.check_access('write')
        # As in action_submit.
        self.sudo().write({'state': 'refused', 'decided_by_id': self.env.uid, 'decided_on': fields.Datetime.now()})
        return True

    # === BUSINESS METHODS === #

    def _check_state(self, state):
        for change in self:
            if change.state != state:
                labels = dict(self._fields['state']._description_selection(self.env))
                raise UserError(self.env._(
                    '"%(change)s" is "%(state)s", so this cannot be done now. Enter a new change if one is needed.',
                    change=change.display_name, state=labels[change.state]))

    def _check(self):
        """Refuse what cannot be done, before anybody is asked to approve it."""
        self.ensure_one()
        self._check_contacts()
        agents = self.partner_ids
        if not agents:
            raise UserError(self.env._('Choose the agents whose place is to change.'))
        agents._mlm_check_may_change(lambda p: True)
        if self._wants_sponsor() and not self.sponsor_id:
            raise UserError(self.env._('Choose the new sponsor.'))
        if self.date > fields.Date.context_today(self):
            raise UserError(self.env._(
                'A change of the network cannot be dated in the future (%(date)s). Choose today or an earlier day.',
                date=format_date(self.env, self.date)))
        sources, _state = STATES.get(self.kind, ((), None))
        labels = dict(agents._fields['mlm_agent_state']._description_selection(self.env))
        for agent in agents:
            if sources and agent.mlm_agent_state not in sources:
                raise UserError(self.env._(
                    '%(agent)s is "%(state)s"; this change is for agents who are: %(states)s.', agent=agent.display_name,
                    state=labels[agent.mlm_agent_state], states=', '.join(labels[state] for state in sources)))
        agents._mlm_check_change_date(self.date)
        # Who stands below may belong to somebody else's company: found in any case, then judged as the user.
        self._below().sudo(False).check_access('write')

    def _wants_sponsor(self):
        return (self.sponsor_mode if self.kind == 'sponsor' else self._below_mode()) == 'other'

    def _below_mode(self):
        return self.below_mode if self.kind in ('suspend', 'terminate') else 'stay'

    def _below(self):
        """Who moves because the one above leaves, as superuser."""
        below = self.partner_ids.browse()
        if self._below_mode() != 'stay':
            # Archived people keep their place, and nobody may be forgotten: hence sudo, checked by the caller.
            below = self.partner_ids._origin.sudo().with_context(active_test=False).mlm_sponsored_ids
        return below.sudo() - self.partner_ids._origin.sudo()

    def _moves(self):
        """``[(contacts, new sponsor or none)]``: who comes to stand where."""
        self.ensure_one()
        agents = self.partner_ids._origin.sudo()
        mode = self.sponsor_mode if self.kind == 'sponsor' else self._below_mode()
        moved = agents if self.kind == 'sponsor' else self._below()
        moves = {}
        for contact in moved if mode != 'stay' else ():
            sponsor = agents.browse()
            if mode == 'other':
                sponsor = self.sponsor_id._origin.sudo()
            elif mode == 'up':
                sponsor = contact._mlm_next_open_above(but=self.env['res.partner'] if self.kind == 'sponsor' else agents)
            moves[sponsor] = moves.get(sponsor, agents.browse()) | contact
        return [(contacts, sponsor) for sponsor, contacts in moves.items()]

    def _apply(self):
        """Change the places and keep what was changed."""
        self.ensure_one()
        self._check()
        result = '\n'.join(self._describe())
        # The user was checked above to be an officer who may write these contacts. Where the company wants a second
        # person, officers may not write places directly, and this is the way that had one: hence sudo.
        context = {'mlm_date': self.date, 'mlm_reason': self.reason}
        for contacts, sponsor in self._moves():
            contacts.sudo().with_context(**context).write({'mlm_sponsor_id': sponsor.id})
        if self.kind in STATES:
            self.partner_ids.sudo().with_context(**context).write({'mlm_agent_state': STATES[self.kind][1]})
        self.sudo().write({
            'state': 'done', 'decided_by_id': self.env.uid, 'decided_on': fields.Datetime.now(), 'result': result})

    # === TOOLING === #

    def _describe(self):
        """What changes, line by line."""
        self.ensure_one()
        agents = self.partner_ids._origin
        if not agents or not self.date:
            return []
        agents.check_access('read')
        lines = []
        state = STATES.get(self.kind, (None, None))[1]
        labels = dict(agents._fields['mlm_agent_state']._description_selection(self.env))
        for agent in agents if state else ():
            lines.append(self.env._(
                '%(agent)s: %(old)s → %(new)s', agent=agent.display_name, old=labels[agent.mlm_agent_state], new=labels[state]))
            if self._below_mode() == 'stay' and state != 'active':
                lines.append(self.env._(
                    'Directly below %(agent)s stay: agents %(agents)s, customers %(customers)s',
                    agents=agent.mlm_frontline_count, customers=agent.mlm_customer_count, agent=agent.display_name))

        def name(sponsor):
            visible = sponsor.sudo(False)._filtered_access('read').display_name
            return visible or (self.env._('another contact') if sponsor else self.env._('the top of the network'))

        if not self._wants_sponsor() or self.sponsor_id:
            for contacts, sponsor in self._moves():
                # Names of people whom the user may not read are not told, only counted.
                visible = contacts.sudo(False)._filtered_access('read')
                for contact in visible[:20]:
                    lines.append(self.env._(
                        '%(contact)s: from %(old)s to %(new)s (agents below: %(count)s)', contact=contact.display_name,
                        old=name(contact.sudo().mlm_sponsor_id), new=name(sponsor),
                        count=contact.mlm_downline_count))
                if len(contacts) > len(visible[:20]):
                    lines.append(self.env._(
                        'and %(count)s more to %(new)s', count=len(contacts) - len(visible[:20]), new=name(sponsor)))
        return lines + (agents | self._below().sudo(False))._mlm_describe_estimates(self.date)
