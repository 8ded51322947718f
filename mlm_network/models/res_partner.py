# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

from ..const import AGENT_STATES, OPEN_STATES, PLACE_FIELDS
from ..tools.tree import count_downline, read_downline, read_edges, sql_downline, sql_upline, walk_up

# So far people below are counted where a screenful of agents is shown.
DOWNLINE_LIMIT = 10_000


class ResPartner(models.Model):
    _name = 'res.partner'
    _inherit = ['res.partner', 'mlm.place.mixin', 'mlm.genealogy.mixin', 'mlm.key.figures.mixin']

    mlm_sponsor_id = fields.Many2one(
        'res.partner', string='Sponsor', index='btree_not_null', ondelete='restrict', copy=False, tracking=True,
        domain=[('mlm_agent_state', 'in', OPEN_STATES)],
        help='The agent who stands directly above: who recruited this agent, or brought this customer.')
    mlm_sponsored_ids = fields.One2many(
        'res.partner', 'mlm_sponsor_id', string='Directly Below', context={'active_test': False})
    mlm_agent_state = fields.Selection(
        AGENT_STATES, string='Agent State', required=True, default='none', copy=False, tracking=True)
    mlm_agent_code = fields.Char(
        string='Agent Code', copy=False, tracking=True,
        help='Names the agent in links and on documents. Left empty, the next number is drawn.')
    mlm_sponsorship_ids = fields.One2many('mlm.sponsorship', 'partner_id', string='Network History', readonly=True)
    mlm_upline_ids = fields.Many2many(
        'res.partner', string='Upline', compute='_compute_mlm_upline_ids', search='_search_mlm_upline_ids',
        context={'active_test': False}, groups='base.group_user', help='Everybody above, up to the top.')
    mlm_downline_ids = fields.Many2many(
        'res.partner', string='Downline', compute='_compute_mlm_downline_ids', search='_search_mlm_downline_ids',
        context={'active_test': False}, groups='base.group_user', help='Everybody below, agents and customers.')
    # Whoever reads the record could find out by domains what internal notes say: Odoo does not ask for the rights on messages.
    message_ids = fields.One2many(groups='base.group_user')
    website_message_ids = fields.One2many(groups='base.group_user')
    mlm_frontline_count = fields.Integer(
        string='Frontline', compute='_compute_mlm_direct_counts', compute_sudo=True, help='Agents directly below.')
    mlm_customer_count = fields.Integer(
        string='Own Customers', compute='_compute_mlm_direct_counts', compute_sudo=True, help='Customers directly below.')
    mlm_downline_count = fields.Integer(
        string='Downline Size', compute='_compute_mlm_downline_count', compute_sudo=True,
        help='Agents below, at any depth.')
    mlm_downline_size = fields.Char(
        string='Agents Below', compute='_compute_mlm_downline_size', compute_sudo=True,
        help='Agents below, at any depth; counted up to a limit, so that no screen waits for it.')
    mlm_depth = fields.Integer(
        string='Depth', compute='_compute_mlm_depth', help='1 at the top of the network; 0 for who is not in a network.')
    mlm_since = fields.Date(
        string='In the Network Since', compute='_compute_mlm_since', search='_search_mlm_since', compute_sudo=True)

    _mlm_agent_index = models.Index("(mlm_agent_state) WHERE mlm_agent_state != 'none'")
    _mlm_agent_code_uniq = models.UniqueIndex(
        '(mlm_agent_code) WHERE mlm_agent_code IS NOT NULL',
        'This agent code is given to somebody else already. Choose another one, or leave it empty to draw the next.',
    )

    @property
    def _rec_names_search(self):
        return [*super()._rec_names_search, 'mlm_agent_code']

    # === COMPUTE METHODS === #

    @api.depends('mlm_sponsor_id')
    def _compute_mlm_upline_ids(self):
        edges = read_edges(self, self.mlm_sponsor_id.ids)
        # what the user may not read is left out, as from any relation
        visible = set(self.browse(edges)._filtered_access('read').ids)
        for partner in self:
            sponsor = partner.mlm_sponsor_id
            above = [*sponsor.ids, *walk_up(edges, sponsor.id or sponsor._origin.id)]
            partner.mlm_upline_ids = self.browse(id_ for id_ in above if id_ in visible and id_ != partner._origin.id)

    def _search_mlm_upline_ids(self, operator, value):
        self._check_field_access(self._fields['mlm_upline_ids'], 'read')  # a search method is not guarded by groups
        return self._mlm_search_line(operator, value, sql_downline, Domain('mlm_sponsor_id', '=', False))

    @api.depends('mlm_sponsored_ids.mlm_sponsor_id')
    def _compute_mlm_downline_ids(self):
        below = read_downline(self, self.ids)
        visible = set(self.browse(set().union(*below.values()))._filtered_access('read').ids)
        for partner in self:
            partner.mlm_downline_ids = self.browse(sorted(visible.intersection(below[partner._origin.id])))

    def _search_mlm_downline_ids(self, operator, value):
        self._check_field_access(self._fields['mlm_downline_ids'], 'read')
        nobody = Domain.custom(to_sql=lambda model, alias, query: SQL(
            'NOT EXISTS (SELECT FROM res_partner below WHERE below.mlm_sponsor_id = %s)', SQL.identifier(alias, 'id'),
            to_flush=self._fields['mlm_sponsor_id']))
        return self._mlm_search_line(operator, value, sql_upline, nobody)

    @api.depends('mlm_sponsored_ids.mlm_sponsor_id', 'mlm_sponsored_ids.mlm_agent_state')
    def _compute_mlm_direct_counts(self):
        # archived people keep their place, so they count
        groups = self.env['res.partner'].with_context(active_test=False)._read_group(
            [('mlm_sponsor_id', 'in', self.ids)], ['mlm_sponsor_id', 'mlm_agent_state'], ['__count'])
        agents, customers = Counter(), Counter()
        for sponsor, state, count in groups:
            (customers if state == 'none' else agents)[sponsor.id] += count
        for partner in self:
            partner.mlm_frontline_count = agents[partner._origin.id]
            partner.mlm_customer_count = customers[partner._origin.id]

    @api.depends('mlm_frontline_count')
    def _compute_mlm_downline_count(self):
        below = count_downline(self, self.ids)
        for partner in self:
            partner.mlm_downline_count = below.get(partner._origin.id, 0)

    @api.depends('mlm_frontline_count')
    @api.depends_context('lang')
    def _compute_mlm_downline_size(self):
        below = count_downline(self, self.ids, DOWNLINE_LIMIT + 1)
        for partner in self:
            count = below.get(partner._origin.id, 0)
            partner.mlm_downline_size = formatLang(self.env, min(count, DOWNLINE_LIMIT), 0) + (
                '+' if count > DOWNLINE_LIMIT else '')

    @api.depends('mlm_sponsor_id', 'mlm_agent_state')
    def _compute_mlm_depth(self):
        edges = read_edges(self, self.mlm_sponsor_id.ids)
        depths = {}
        for partner in self:
            sponsor_id = partner.mlm_sponsor_id._origin.id
            if sponsor_id and sponsor_id not in depths:
                depths[sponsor_id] = 1 + sum(1 for _above in walk_up(edges, sponsor_id))
            partner.mlm_depth = depths.get(sponsor_id, 0) + (bool(sponsor_id) or partner.mlm_agent_state != 'none')

    @api.depends('mlm_sponsorship_ids.date_from')
    def _compute_mlm_since(self):
        groups = self.env['mlm.sponsorship']._read_group(
            [('partner_id', 'in', self.ids)], ['partner_id'], ['date_from:min'])
        since = {partner.id: date for partner, date in groups}
        for partner in self:
            partner.mlm_since = since.get(partner._origin.id)

    def _search_mlm_since(self, operator, value):
        if operator not in ('<', '<=', '>', '>='):
            return NotImplemented
        rows = Domain('mlm_sponsorship_ids', 'any!', [('date_from', '<=' if operator in ('<=', '>') else '<', value)])
        return rows if operator in ('<', '<=') else ~rows & Domain('mlm_sponsorship_ids', '!=', False)

    # === CONSTRAINTS === #

    @api.constrains('parent_id', 'is_company', 'mlm_sponsor_id', 'mlm_agent_state', 'company_id')
    def _check_mlm_commercial(self):
        for partner in self.filtered(lambda p: p.mlm_sponsor_id or p.mlm_agent_state != 'none'):
            company = partner.commercial_partner_id
            if company != partner:
                raise ValidationError(self.env._(
                    '%(contact)s is a contact of %(company)s and shares the place of %(company)s in the network. Set sponsor '
                    'and agent state there, or detach the contact from the company first.',
                    contact=partner.name, company=company.display_name))
            sponsor = partner.mlm_sponsor_id.sudo()  # only compares companies; the name was chosen by the user
            own, other = partner.sudo().company_id, sponsor.company_id
            if own and other and own not in other.parent_ids | other and other not in own.parent_ids:
                raise ValidationError(self.env._(
                    '%(contact)s belongs to %(company)s, but the sponsor %(sponsor)s to %(other)s. Choose a sponsor of the '
                    'same company, or leave the company of one of them empty.',
                    contact=partner.display_name, company=own.name, sponsor=sponsor.display_name, other=other.name))

    @api.constrains('company_id')
    def _check_mlm_company_below(self):
        for agent in self.sudo().filtered(lambda p: p.company_id and p.mlm_agent_state != 'none'):  # companies only
            below = agent.with_context(active_test=False).search(
                Domain('mlm_sponsor_id', '=', agent.id)
                & Domain('company_id', '!=', False)
                & ~Domain('company_id', 'child_of', agent.company_id.id)
                & ~Domain('company_id', 'parent_of', agent.company_id.id),
                limit=1)
            below._check_mlm_commercial()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # Contacts that are created along with an agent get nothing of the defaults meant for the agent.
        no_place = {'mlm_agent_state': 'none', 'mlm_sponsor_id': False}
        vals_list = [self._mlm_clean_values({**(no_place if vals.get('parent_id') else {}), **vals}) for vals in vals_list]
        self._mlm_check_codes([vals.get('mlm_agent_code') for vals in vals_list])
        days = [fields.Date.to_date(vals.pop('mlm_place_date', None)) for vals in vals_list]
        partners = super().create(vals_list)
        placed = partners.filtered(lambda p: p.mlm_sponsor_id or p.mlm_agent_state != 'none' or p.mlm_agent_code)
        if placed:
            placed._mlm_check_may_change(lambda p: p.mlm_agent_state != 'none' or p.mlm_agent_code)
            dates = {partner.id: day for partner, day in zip(partners, days) if day and partner in placed}
            placed._mlm_check_sponsors()
            placed._mlm_apply(dates)
            self.env['mlm.sponsorship']._check_sponsors_since(placed, dates)
        return partners

    def write(self, vals):
        if not PLACE_FIELDS & vals.keys():
            return super().write(vals)
        vals = self._mlm_clean_values(vals)
        # Judged before the values are stored; who may not write at all is told so first.
        self.check_access('write')
        changed, moved, entered, demoted = self._mlm_sort_changes(vals)
        if not changed:
            return super().write(vals)
        changed._mlm_check_may_change(
            lambda p: p.mlm_agent_state != 'none' or (PLACE_FIELDS - {'mlm_sponsor_id'}) & vals.keys())
        if vals.keys() & {'mlm_sponsor_id', 'mlm_agent_state'}:  # a code has no dates
            changed._mlm_check_date()
        if 'mlm_agent_code' in vals:
            self._mlm_check_codes([vals['mlm_agent_code']] * len(self), but=self)
        agents_moved = moved.filtered(lambda p: {p.mlm_agent_state, vals.get('mlm_agent_state', 'none')} != {'none'})
        if agents_moved:
            # Customers have nobody below, so they cannot close a loop and need not queue up here.
            self.env['mlm.network.version']._bump()
        result = super().write(vals)
        (moved | entered)._mlm_check_sponsors()
        agents_moved._mlm_check_no_loop()
        changed._mlm_apply()
        # Who stays under a sponsor who left meanwhile may still be suspended or come back.
        self.env['mlm.sponsorship']._check_sponsors_since(moved | entered)
        self.env['mlm.sponsorship']._check_no_loop(agents_moved)
        demoted._mlm_check_nobody_below()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_mlm_network(self):
        agents = self.filtered(lambda p: p.mlm_agent_state != 'none')
        agents._mlm_check_may_change(lambda p: True)
        # Rows of the history that the user may not read keep the contact, too; only a name is shown.
        below = self.env['mlm.sponsorship'].sudo().search(
            [('sponsor_id', 'in', self.ids), ('partner_id', 'not in', self.ids)], order='date_to DESC NULLS FIRST', limit=1)
        if below:
            raise ValidationError(self.env._(
                '%(sponsor)s cannot be deleted: %(contact)s stands, or stood, below. Archive %(sponsor)s instead, or merge '
                'it with the contact it duplicates.',
                sponsor=below.sponsor_id.display_name, contact=below.partner_id.display_name))
        # Only their own places are left, and those of one below the other; sudo: nobody else may delete history.
        self.env['mlm.sponsorship'].sudo().search([('partner_id', 'in', self.ids)]).unlink()
        self.env.cr.execute(SQL(
            'UPDATE res_partner SET mlm_sponsor_id = NULL WHERE id = ANY(%s) AND mlm_sponsor_id IS NOT NULL', self.ids))

    # === ACTION METHODS === #

    def action_mlm_open_downline(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_network.res_partner_action_downline')
        action['name'] = action['display_name'] = self.env._('Downline of %s', self.display_name)
        action['domain'] = [('mlm_upline_ids', 'in', self.ids)]
        return action

    def action_mlm_open_tree(self):
        """Open the tree at this agent."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_network.res_partner_action_tree')
        action['context'] = {'active_test': False, 'hierarchy_res_id': self.id}
        return action

    # === BUSINESS METHODS === #

    @api.private
    def _mlm_get_selling_agents(self, company=None):
        """Who is credited with what these contacts buy today: the contact itself if it is an agent,
        else the nearest agent above. Agents who are candidates or terminated are passed over.

        :param company: the selling company; agents of other companies are passed over
        :return: ``{partner: agent}`` for each of self, the agent an empty recordset if there is none
        :rtype: dict
        """
        edges = read_edges(self, self.commercial_partner_id.ids)
        companies = set((company.parent_ids | company).ids) if company else None
        agents = {}  # {partner_id: agent_id or False}, shared by everybody below
        result = {}
        for partner in self:
            path, agent_id = [], False
            start = partner.commercial_partner_id._origin.id
            for id_ in [start, *walk_up(edges, start)] if start in edges else []:
                if id_ in agents:
                    agent_id = agents[id_]
                    break
                path.append(id_)
                _sponsor_id, state, company_id = edges[id_]
                if state in OPEN_STATES and (companies is None or not company_id or company_id in companies):
                    agent_id = id_
                    break
            agents.update(dict.fromkeys(path, agent_id))
            result[partner] = self.browse(agent_id or [])
        return result

    @api.private
    def _mlm_rank_level(self):
        """The step of the career ladder on which the agent stands today in the company of the environment.

        Asked by whoever treats agents by rank without knowing how ranks are earned, which is another addon's matter.

        :return: the rank's level, 0 for an agent without a rank, and where nothing gives ranks
        :rtype: int
        """
        self.ensure_one()
        return 0

    @api.model
    def _mlm_get_plan_models(self):
        """Which models a cooperation agreement can name as the plan it follows. A hook: who keeps plans adds its model.

        :return: (model, label) pairs, as a reference field takes them
        :rtype: list[tuple[str, str]]
        """
        return []

    @api.private
    def _mlm_on_agreement_signed(self, terms):
        """The cooperation agreement of this agent was signed. A hook: who keeps terms of cooperation puts them into effect.

        :param dict terms: ``contract`` (its number), ``company``, ``plan`` (a record of one of the models above, or None),
            ``rate`` (percent, or None if it says nothing), ``date_from``, ``date_to`` (a date, or None for no end),
            ``self_billing`` (whether the agent agreed to it), ``signed_on`` (a date), ``document`` (the signed PDF, bytes),
            ``document_name``
        :return: the record that holds the terms from now on, or None
        :raise UserError: if the terms cannot hold beside what is there; the signature stands all the same
        """
        return None

    @api.private
    def _mlm_on_agreement_withdrawn(self, record):
        """The agent withdrew from the agreement. A hook.

        :param record: what `_mlm_on_agreement_signed` returned, or None
        """

    # === TOOLING === #

    def _mlm_search_line(self, operator, value, sql_line, domain_if_empty):
        """Search who stands in a line (up or down) of the partners that a condition names."""
        if operator in ('in', 'any', 'any!'):
            if operator == 'in':
                ids = [id_ for id_ in value if id_]
                others = SQL('%s', tuple(ids) or (0,))
                empty = domain_if_empty if False in value else Domain.FALSE
            else:
                query = value
                if isinstance(value, (Domain, list)):
                    partners = self.env['res.partner'].with_context(active_test=False)
                    # "any!" is how a condition says that access to the partners is no matter; rules come so
                    query = partners.sudo(operator == 'any!' or self.env.su)._search(value)
                others = query.subselect() if hasattr(query, 'subselect') else SQL('(%s)', query)
                empty = Domain.FALSE
            return empty | Domain.custom(to_sql=lambda model, alias, query: SQL(
                '%s IN %s', SQL.identifier(alias, 'id'), sql_line(self, others)))
        return NotImplemented
