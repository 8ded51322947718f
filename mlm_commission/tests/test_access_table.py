# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import Command
from odoo.tests import tagged

from odoo.addons.mlm_network.tests.access import AccessTableMixin

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestAccessTable(AccessTableMixin, CommissionCommon):

    def _one(self, model, *domain):
        return self.env[model].search(list(domain), limit=1)

    def test_every_cell(self):
        company = ('company_id', '=', self.company.id)
        self.agreements[self.cleo].rate_ids = [Command.create({'categ_id': self.product_a.categ_id.id, 'rate': 12})]
        liability = self.product_a.mlm_liability_id = self.env['mlm.liability'].create({
            'name': 'Two years', 'kind': 'steps', 'reserve_rate': 10,
            'step_ids': [Command.create({'months': 24, 'percent': 50})]})
        kind = self.env['mlm.adjustment.type'].create({'name': 'Prize', 'company_id': self.company.id})
        adjustment = self.env['mlm.adjustment'].create({
            'agent_id': self.cleo.id, 'type_id': kind.id, 'amount': 1, 'date': '2024-04-01', 'reason': 'Test',
            'company_id': self.company.id})
        self.env['mlm.rank'].search([]).active = False
        rank = self.env['mlm.rank'].create({'name': 'Leader', 'level': 1, 'company_id': self.company.id})
        plan_rank = self.env['mlm.plan.rank'].create({'plan_id': self.plan.id, 'rank_id': rank.id, 'shares': 2})
        self._invoice(self.dan, 1000)
        closed = self._period(3)
        closed.action_calculate()
        closed.action_close()
        self._invoice(self.dan, 1000, day='2024-04-02')
        draft = self._period(4)
        draft.action_calculate()
        job = self.env['mlm.job'].sudo().create({
            'period_id': draft.id, 'action': 'calculate', 'state': 'done', 'user_id': self.env.uid})
        bill = self.env['account.move'].create({'move_type': 'in_invoice', 'partner_id': self.cleo.id})
        users = self.make_users(self.company, self.cleo, Auditor='mlm_commission.group_auditor')
        self.env.flush_all()
        records = {
            ('mlm.rank', 'the company'): rank,
            ('mlm.liability', 'all companies'): liability,
            ('mlm.liability.step', 'all companies'): liability.step_ids,
            ('mlm.plan', 'the company'): self.plan,
            ('mlm.plan.rule', 'the company'): self.plan.rule_ids[:1],
            ('mlm.agreement', 'the agent'): self.agreements[self.cleo],
            ('mlm.agreement', 'further below'): self.agreements[self.dan],
            ('mlm.agreement.rate', 'the agent'): self.agreements[self.cleo].rate_ids,
            ('mlm.volume', 'frontline'): self._one('mlm.volume', company, ('agent_id', '=', self.dan.id)),
            ('mlm.adjustment', 'the agent'): adjustment,
            ('mlm.adjustment.type', 'the company'): kind,
            ('mlm.plan.rank', 'the company'): plan_rank,
            ('mlm.sponsorship', 'agent of all companies'): self.cleo.mlm_sponsorship_ids,
            ('mlm.place.change', 'the agent'): self.env['mlm.place.change'].create({
                'partner_ids': self.cleo.ids, 'reason': 'Table', 'company_id': self.company.id}),
            ('mlm.period', 'the company'): draft,
            ('mlm.job', 'the company'): job,
            ('mlm.run', 'the company'): draft.run_ids[:1],
        }
        for whose, agent in (('the agent', self.cleo), ('the sponsor', self.ben), ('frontline', self.dan)):
            mine = ('agent_id', '=', agent.id)
            for state, period in (('closed', closed), ('draft', draft)):
                records['mlm.commission', f'{whose}, {state}'] = self._one(
                    'mlm.commission', ('beneficiary_id', '=', agent.id), ('period_id', '=', period.id))
            records['mlm.standing', whose] = self._one('mlm.standing', mine, ('state', '=', 'closed'))
            for model in ('mlm.statement', 'mlm.reserve', 'mlm.reserve.contract'):
                records[model, whose] = self._one(model, mine)
            records['mlm.statement.line', whose] = self._one('mlm.statement.line', ('statement_id.agent_id', '=', agent.id))
        for model, values in (
            ('mlm.plan.import', {}), ('mlm.plan.gallery', {'key': 'x'}), ('mlm.simulation', {}),
            ('mlm.plan.compare', {'plan_id': self.plan.id, 'other_id': self.plan.id}),
            ('mlm.reserve.release', {'reason': 'Table'}),
            ('mlm.statement.match', {'statement_id': records['mlm.statement', 'the agent'].id, 'bill_id': bill.id}),
            ('mlm.book.extract', {'agent_id': self.cleo.id, 'date_from': '2024-01-01'}),
        ):
            records[model, 'another user'] = self.env[model].create(values)
        unused = ('the sponsor', 'the sponsor, draft', 'frontline, draft')
        records.update(self._records_of_the_network())
        self.try_table('mlm_commission', users, {line: record for line, record in records.items() if line[1] not in unused})

    def _records_of_the_network(self):
        """The models of `mlm_network`, for the role that it does not know: the auditor."""
        agent, home = self.cleo, {'company_id': self.company.id}
        self.company.write({'mlm_placement_width': 2, 'mlm_placement_strategy': 'manual'})
        placed = self.env['res.partner'].create({
            'name': 'Placed', 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.ben.id, 'mlm_placed': True, **home})
        customer = self.env['res.partner'].create({'name': 'Ken', 'mlm_sponsor_id': agent.id, **home})
        self.env['crm.lead'].create({'name': 'Table', 'mlm_agent_id': agent.id, **home})
        self.env['mlm.network.version']._bump()
        return {
            ('res.partner', 'customer of the agent'): customer,
            ('mlm.placement', 'the agent'): placed.mlm_placement_ids,
            ('mlm.agent.entry', 'the agent'): self.env['mlm.agent.entry'].sudo().create({
                'agent_id': agent.id, 'partner_id': customer.id, **home}),
            ('mlm.agent.task', 'agent of all companies'): self.env['mlm.agent.task']._plan(agent, customer, '2030-01-01', 'Call'),
            ('mlm.application', 'the agent'): self.env['mlm.application'].create({
                'name': 'Nora', 'email': 'nora@example.com', 'sponsor_id': agent.id, **home}),
            ('mlm.performance', 'the agent'): self._one('mlm.performance', ('agent_id', '=', agent.id)),
            ('mlm.exit.wizard', 'another user'): self.env['mlm.exit.wizard'].create({
                'partner_id': agent.id, 'reason': 'Table', **home}),
            ('mlm.placement.wizard', 'another user'): self.env['mlm.placement.wizard'].create({'partner_ids': placed.ids}),
            ('mlm.network.version', 'nobody'): self._one('mlm.network.version'),
        }
