# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""A scenario file as records: agents, agreements, a plan, orders, invoices, credit notes, calculated periods."""
import copy
import json
from pathlib import Path

from odoo import Command
from odoo.fields import Date

from ..plan_file_ranks import RANK_PARAMS
from .common import CommissionCommon

# Attributes of sales that come about by how, when and to whom they are sold.
ATTRIBUTES = {'product', 'enrolment', 'customer', 'seller_days', 'day'}
ACCOUNTS = {'account', 'remainder'}  # parameters of a rule that mean an agent


def read(path):
    return json.loads(Path(path).read_text(encoding='utf-8'))


def obstacle(data):
    """Say what of a scenario records cannot hold; None if they hold all of it."""
    periods = data.get('periods') or [data]
    sales = [sale for period in periods for sale in period.get('sales', ())]
    attributes = {name for sale in sales for name in sale.get('attributes') or ()}
    fields = {name for row in (*data['agents'], *sales) for name in row}
    for found, text in (
        ({'point_value'} & data['plan'].keys(), 'in Odoo a point is worth one unit of the currency'),
        ({'highest'} & fields, 'the highest rank of an agent is what closed periods found, nobody can state it'),
        (attributes - ATTRIBUTES, 'sales in Odoo do not have this'),
    ):
        if found:
            return f'{text}: {", ".join(sorted(found))}'
    return None


class ScenarioRecords(CommissionCommon):
    """Runs scenario files through records. The plan of the common class is put aside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.action_draft()
        cls.env['mlm.rank'].search([]).active = False
        cls.env.flush_all()

    def run_scenario(self, data, plan=None):
        """Sell, invoice, credit, calculate and close, month by month.

        :param dict data: scenario file
        :param plan: a draft plan to use instead of one made from the scenario
        :return: list of {agent's name, '' for the company: amount as text} by period
        """
        data = copy.deepcopy(data)
        self.products, self.invoices, self.customers, self.periods = {}, {}, {}, []
        self.newcomers = {sale['seller'] for period in data.get('periods') or [data] for sale in period.get('sales', ())
                          if 'seller_days' in (sale.get('attributes') or {})}
        self.agents = self._make_agents(data['agents'])
        # Ranks of records begin with 1.
        # A ladder is made by the import.
        zero = any(row.get('rank') == 0 for row in data['agents']) or 0 in self._ranks(data['plan'])
        self.shift = int(zero and 'ranks' not in data['plan'])
        plan = plan or self._make_plan(data['plan'])
        plan.date_from = '2024-01-01'
        plan.action_activate()
        self._make_agreements(plan, data['agents'])
        return [self._run_month(plan, period, month)
                for month, period in enumerate(data.get('periods') or [data], 1)]

    def _make_agents(self, rows):
        agents, waiting = {}, list(rows)
        while waiting:
            row = waiting.pop(0)
            if row.get('sponsor') and row['sponsor'] not in agents:
                waiting.append(row)
                continue
            agents[row['name']] = self._agent(row['name'], agents.get(row.get('sponsor'))) \
                if row['name'] not in self.newcomers else self._newcomer(row['name'], agents.get(row.get('sponsor')))
        if any(row.get('placement') for row in rows):
            self._place(rows, agents)
        for row in rows:
            if not row.get('active', True):
                agents[row['name']].with_context(mlm_date='2023-06-01').mlm_agent_state = 'suspended'
        return agents

    def _newcomer(self, name, sponsor):
        """Somebody who joins on the first day of the first period; sales tell how many days later they are."""
        return self.env['res.partner'].with_context(mlm_date='2024-01-01').create({
            'name': name, 'mlm_agent_state': 'active', 'mlm_sponsor_id': sponsor and sponsor.id})

    def _place(self, rows, agents):
        """Seat everybody as the file says, who is under nobody at the top."""
        self.company.write({
            'mlm_placement_width': max(2, *(row.get('seat', 0) + 1 for row in rows)), 'mlm_placement_strategy': 'manual'})
        waiting = list(rows)
        while waiting:
            row = waiting.pop(0)
            above = agents.get(row.get('placement'))
            if above and not above.mlm_placed:
                waiting.append(row)
                continue
            agents[row['name']].with_company(self.company).with_context(mlm_date='2023-01-01').write({
                'mlm_placed': True, 'mlm_placement_id': above and above.id, 'mlm_placement_slot': row.get('seat', 0) + 1})

    def _ranks(self, plan):
        return {value for rule in plan['rules'] for table in (rule.get('params') or {}).values()
                for row in (table if isinstance(table, list) else [{'rank': table}]) if isinstance(row, dict)
                for name, value in row.items() if name in RANK_PARAMS and isinstance(value, int)}

    def _make_plan(self, plan):
        for rule in plan['rules']:
            rule['params'] = self._renumber(rule.get('params') or {})
            only = rule.get('scope', {}).get('only', {})
            if 'product' in only:
                only['product'] = [self._product(code).default_code for code in only['product']]
            if only.get('customer') == {'min': 1}:  # customers have numbers, what agents buy themselves has 0
                del only['customer']
                only['own'] = [0]
        return self.env['mlm.plan'].with_company(self.company)._create_from_file({'plan': plan})

    def _renumber(self, value):
        """Ranks from 1, and accounts as numbers of partners."""
        if isinstance(value, list):
            return [self._renumber(item) for item in value]
        if not isinstance(value, dict):
            return value
        agents = list(self.agents.values())
        return {
            name: item + self.shift if name in RANK_PARAMS and item >= 0
            else (item and agents[item - 1].id) if name in ACCOUNTS
            else self._renumber(item)
            for name, item in value.items()}

    def _make_agreements(self, plan, rows):
        ranks, shares = {}, sorted({row['shares'] for row in rows if row.get('shares')})
        for row in rows:
            if not row.get('agreement', True):
                continue
            level = row.get('rank', -1) + self.shift
            if row.get('shares'):  # shares come with a rank: one for each number of shares
                self.assertNotIn('rank', row)
                level = 100 + shares.index(row['shares'])
            if level > 0 and level not in ranks:
                domain = [('level', '=', level), ('company_id', 'in', (False, self.company.id))]
                ranks[level] = self.env['mlm.rank'].search(domain) or self.env['mlm.rank'].create(
                    {'name': f'Rank {level}', 'level': level, 'company_id': self.company.id})
                if row.get('shares'):
                    plan.rank_ids = [Command.create({'rank_id': ranks[level].id, 'shares': row['shares']})]
            self._agree(self.agents[row['name']], float(row.get('rate', 0)), plan,
                        rank_id=ranks[level].id if level > 0 else False)

    def _product(self, code):
        if code not in self.products:
            self.products[code] = self.env['product.product'].create({
                'name': f'Product {code}', 'default_code': f'P-{code}', 'type': 'service',
                'invoice_policy': 'order', 'taxes_id': False})
        return self.products[code]

    def _run_month(self, plan, period, month):
        day = f'2024-{month:02}-10'
        last = None
        for sale in period.get('sales', ()):
            sold_on = self._sold_on(sale.get('attributes') or {}, day)
            last = max(last or sold_on, sold_on)
            self.invoices[sale['id']] = self._sell(sale, sold_on)
            if plan.trigger == 'paid':
                self._pay(self.invoices[sale['id']], day=day)
        for reversal in period.get('reversals', ()):
            self._credit(self.invoices[reversal['sale']], float(reversal['amount']), day=day)
        record = self._period(month)
        if last and Date.to_date(last) > record.date_to:
            record.date_to = Date.end_of(Date.to_date(last), 'month')
        self.periods.append(record)
        record.action_calculate()
        earned = self._earned(record)
        record.action_close()
        return {agent.name if agent else '': f'{amount:.2f}' for agent, amount in earned.items() if amount}

    def _sold_on(self, attributes, day):
        """The day of a sale: as its attributes say, else the given one."""
        if 'day' in attributes:
            return str(Date.add(Date.to_date('2000-01-01'), days=attributes['day']))
        if 'seller_days' in attributes:
            return str(Date.add(Date.to_date('2024-01-01'), days=attributes['seller_days']))
        return day

    def _sell(self, sale, day):
        """From an order to its posted invoice."""
        attributes = sale.get('attributes') or {}
        quantity, net = float(sale.get('quantity') or 1), float(sale.get('net', 0))
        product = self._product(attributes.get('product') or f'sale-{sale["id"]}')
        product.write({
            'mlm_points': float(sale.get('points', 0)) / quantity,
            'standard_price': (net - float(sale.get('margin', net))) / quantity,
            'mlm_commissionable': not attributes.get('enrolment')})
        agent = self.agents[sale['seller']]
        customer = self._customer(agent, attributes.get('customer'))
        order = self.env['sale.order'].create({
            'partner_id': customer.id, 'company_id': self.company.id, 'date_order': day, 'mlm_agent_id': agent.id,
            'order_line': [Command.create({
                'product_id': product.id, 'product_uom_qty': quantity, 'price_unit': net / quantity,
                'mlm_valuation_sum': float(sale.get('total', 0)),
                'tax_ids': [Command.clear()]})]})
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.write({'invoice_date': Date.to_date(day), 'date': Date.to_date(day)})
        invoice.action_post()
        self.assertEqual(invoice.mlm_agent_id, agent)
        return invoice

    def _customer(self, agent, code):
        """Who buys: somebody new, unless the file says who; 0 is the agent."""
        if code == 0:
            return agent
        if not code or code not in self.customers:
            self.customers[code] = self.env['res.partner'].create(
                {'name': f'Customer of {agent.name}', 'mlm_sponsor_id': agent.id})
        return self.customers[code]

    def check(self, data, outcomes):
        """Compare with what the file expects."""
        for number, (period, outcome) in enumerate(zip(data.get('periods') or [data], outcomes), 1):
            expected = period.get('expected', {})
            if 'agents' in expected:
                wanted = {name: f'{float(amount):.2f}' for name, amount in expected['agents'].items() if float(amount)}
                self.assertEqual(outcome, wanted, f'period {number}')
            if 'total' in expected:
                self.assertEqual(f'{sum(map(float, outcome.values())):.2f}', f'{float(expected["total"]):.2f}')
            for name, rank in expected.get('ranks', {}).items():
                standing = self.env['mlm.standing'].search([
                    ('period_id', '=', self.periods[number - 1].id), ('agent_id', '=', self.agents[name].id)])
                self.assertEqual(standing.paid_id.name or None, rank, f'{name}, period {number}')
