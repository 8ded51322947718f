# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from odoo.addons.mlm_network.tools.seats import sql_legs


class ResPartner(models.Model):
    _inherit = 'res.partner'

    mlm_agreement_ids = fields.One2many(
        'mlm.agreement', 'agent_id', string='Agreements', groups='mlm_network.group_officer,mlm_commission.group_auditor')
    mlm_agreement_count = fields.Integer(
        string='Active Agreements', compute='_compute_mlm_agreement_count',
        groups='mlm_network.group_officer,mlm_commission.group_auditor')
    mlm_statement_count = fields.Integer(
        string='Commission Statements', compute='_compute_mlm_statement_count',
        groups='mlm_network.group_officer,account.group_account_invoice,mlm_commission.group_auditor')

    mlm_tax_status = fields.Selection(
        [('vat', 'Charges VAT'), ('small', 'Small business, no VAT'), ('foreign', 'Abroad, reverse charge')],
        string='Tax Status', groups='mlm_network.group_officer,account.group_account_invoice,mlm_commission.group_auditor',
        help='Picks the fiscal position of the agent\'s bills. A fiscal position of the contact itself goes first.')

    mlm_reserve_count = fields.Integer(
        string='Contracts with Reserve', compute='_compute_mlm_reserve_count',
        groups='mlm_network.group_officer,account.group_account_invoice')

    # === COMPUTE METHODS === #

    @api.depends('mlm_agreement_ids.state')
    def _compute_mlm_agreement_count(self):
        counts = dict(self.env['mlm.agreement']._read_group(
            [('agent_id', 'in', self.ids), ('state', '=', 'active')], ['agent_id'], ['__count']))
        for partner in self:
            partner.mlm_agreement_count = counts.get(partner._origin, 0)

    def _compute_mlm_statement_count(self):
        counts = dict(self.env['mlm.statement']._read_group(
            [('agent_id', 'in', self.ids)], ['agent_id'], ['__count']))
        for partner in self:
            partner.mlm_statement_count = counts.get(partner._origin, 0)

    def _compute_mlm_reserve_count(self):
        counts = dict(self.env['mlm.reserve.contract']._read_group(
            [('agent_id', 'in', self.ids), ('is_open', '=', True)], ['agent_id'], ['__count']))
        for partner in self:
            partner.mlm_reserve_count = counts.get(partner._origin, 0)

    # === CONSTRAINTS === #

    @api.constrains('company_id')
    def _check_mlm_company_of_money(self):
        """Who belongs to one company alone cannot be paid by another any more: no bill of it may name the contact."""
        for agent in self.sudo().filtered('company_id'):  # what is owed binds whoever edits the contact
            elsewhere = ~Domain('company_id', 'child_of', agent.company_id.id) & ~Domain(
                'company_id', 'parent_of', agent.company_id.id)
            today = fields.Date.context_today(self)
            agreement = self.env['mlm.agreement'].sudo().search(
                Domain('agent_id', '=', agent.id) & Domain('state', '=', 'active') & elsewhere
                & (Domain('date_to', '=', False) | Domain('date_to', '>=', today)), limit=1)
            if agreement:
                raise ValidationError(self.env._(
                    '%(agent)s cannot come to belong to %(company)s alone: agreement %(agreement)s with %(other)s still holds. '
                    'End it first, or leave the company of the contact empty.', agent=agent.display_name,
                    company=agent.company_id.name, agreement=agreement.name, other=agreement.company_id.name))
            owed = self.env['mlm.statement'].sudo().search(
                Domain('agent_id', '=', agent.id) & Domain('bill_id', '=', False) & Domain('payable', '!=', 0) & elsewhere,
                limit=1)
            if owed:
                raise ValidationError(self.env._(
                    '%(agent)s cannot come to belong to %(company)s alone: statement %(statement)s of %(other)s is not billed '
                    'yet. Bill it first, or leave the company of the contact empty.', agent=agent.display_name,
                    company=agent.company_id.name, statement=owed.name, other=owed.company_id.name))

    # === HOOKS OF THE NETWORK === #

    @api.model
    def _mlm_get_plan_models(self):
        return [*super()._mlm_get_plan_models(), ('mlm.plan', self.env._('Plan'))]

    @api.private
    def _mlm_on_agreement_signed(self, terms):
        return super()._mlm_on_agreement_signed(terms) or self.env['mlm.agreement']._take_signed_terms(self, terms)

    @api.private
    def _mlm_on_agreement_withdrawn(self, record):
        super()._mlm_on_agreement_withdrawn(record)
        if record is not None and record._name == 'mlm.agreement':
            record._end_after_withdrawal()

    @api.private
    def _mlm_check_change_date(self, date):
        """A place counts from its day on, so it must not begin before the end of a closed period."""
        super()._mlm_check_change_date(date)
        closed = self._mlm_periods(date, [('state', '=', 'closed')])[:1]
        if closed:
            raise UserError(self.env._(
                'Period %(period)s of %(company)s is closed and stays as it is. Choose %(date)s or a later day.',
                period=closed.display_name, company=closed.company_id.display_name,
                date=format_date(self.env, closed.date_to + timedelta(days=1))))

    @api.private
    def _mlm_describe_estimates(self, date):
        return super()._mlm_describe_estimates(date) + [
            self.env._('Period %s is calculated: its estimate changes when it is calculated again.', period.display_name)
            for period in self._mlm_periods(date, [('state', '=', 'calculated')])]

    def _mlm_periods(self, date, domain):
        """The periods of these contacts' companies that last until a day or longer, the latest first."""
        # Only dates are looked at, and they bind whoever changes the network; of a contact of all companies each counts.
        companies = self.env['res.company'].sudo()
        if all(partner.sudo().company_id for partner in self):
            companies = companies.search([('id', 'child_of', self.sudo().company_id.ids)])
            domain = [*domain, ('company_id', 'in', companies.ids)]
        return self.env['mlm.period'].sudo().search([*domain, ('date_to', '>=', date)], order='date_to DESC')

    def _mlm_leg_weights(self, strategy):
        """By volume: what was ever sold in the leg, in what the binary plan counts. Pairs that were paid took the same
        off both legs, so the weaker leg is the one whose carry is smaller."""
        if strategy != 'weak_volume':
            return super()._mlm_leg_weights(strategy)
        company = self._mlm_placement_company()
        # Where somebody is seated tells nothing of what was sold.
        rules = self.env['mlm.plan.rule'].sudo().search([
            ('plan_id.company_id', '=', company.id), ('plan_id.state', '=', 'active'), ('kind', '=', 'binary')], limit=1)
        volumes = self.env['mlm.volume']
        base = rules.base if rules.base in ('net', 'margin') else 'points'
        return dict(self.env.execute_query(SQL(
            '''SELECT leg.seat, COALESCE(sum(%(base)s), 0) FROM (%(legs)s) AS leg LEFT JOIN mlm_volume v
                 ON v.agent_id = leg.id AND v.company_id = %(company)s AND v.trigger = 'invoiced' GROUP BY leg.seat''',
            base=SQL.identifier('v', base), legs=sql_legs(self.env['res.partner'], self.id), company=company.id,
            to_flush=[volumes._fields[name] for name in ('agent_id', 'company_id', 'trigger', base)])))

    # === BUSINESS METHODS === #

    def _mlm_fiscal_position(self, company):
        """The fiscal position that the agent's tax status picks for the bills of commissions.

        :param company: `res.company` record
        :return: `account.fiscal.position` record; empty: Odoo's own rules decide
        :raise UserError: if the status needs a position that the company has not set
        """
        self.ensure_one()
        # Of the contact only the status is read, also where the one who bills may not see it.
        partner = self.sudo().with_company(company)
        needed = {'small': 'mlm_small_business_position_id', 'foreign': 'mlm_reverse_charge_position_id'}.get(
            partner.mlm_tax_status)
        if not needed or partner.property_account_position_id:
            return self.env['account.fiscal.position']
        if not company[needed]:
            raise UserError(self.env._(
                '%(agent)s has the tax status "%(status)s", and %(company)s has no fiscal position for it. Choose one in the '
                'settings of commissions.', agent=self.display_name, company=company.name,
                status=dict(self._fields['mlm_tax_status']._description_selection(self.env))[partner.mlm_tax_status]))
        return company[needed]

    # === ACTION METHODS === #

    def action_mlm_reserve(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_commission.mlm_reserve_contract_action')
        return {**action, 'domain': [('agent_id', '=', self.id)], 'context': {'search_default_open': 1}}

    def action_mlm_agreements(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_commission.mlm_agreement_action')
        return {**action, 'domain': [('agent_id', '=', self.id)], 'context': {'default_agent_id': self.id}}

    def action_mlm_statements(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_commission.mlm_statement_action')
        return {**action, 'domain': [('agent_id', '=', self.id)], 'context': {}}

    # === BUSINESS METHODS === #

    @api.private
    def _mlm_rank_level(self):
        """The highest rank of the agreements that hold today."""
        today = fields.Date.context_today(self)
        # sudo: only the level is told; who hands out leads by rank need not read agreements
        agreements = self.env['mlm.agreement'].sudo().search([
            ('agent_id', '=', self.id), ('state', '=', 'active'), ('company_id', '=', self.env.company.id),
            ('rank_id', '!=', False), ('date_from', '<=', today), '|', ('date_to', '=', False), ('date_to', '>=', today)])
        return max(agreements.rank_id.mapped('level'), default=super()._mlm_rank_level())
