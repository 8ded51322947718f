# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The month through records: the demo's data and the demo's own job, checked against what was worked out by hand."""
import importlib.util
from pathlib import Path

from odoo.tests import TransactionCase, tagged

from odoo.addons.mlm_commission import auditing
from odoo.addons.mlm_network.tests.traces import traces

from . import expected

SETUP = Path(__file__).parents[2] / 'setup'
spec = importlib.util.spec_from_file_location('mlm_setup_month', SETUP / 'month.py')
month = importlib.util.module_from_spec(spec)
spec.loader.exec_module(month)


def text(amount):
    return f'{amount:.2f}'


@tagged('post_install', '-at_install')
class TestMonth(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(user=cls.env.ref('base.user_admin'))
        month.sell(cls.env)
        cls.period = month.settle(cls.env)
        cls.rules = cls.env.ref('mlm_commission.demo_plan').rule_ids

    def _agent(self, code):
        return self.env.ref(f'mlm_network.demo_agent_{code.lower()}')

    def test_orders_belong_to_the_sellers(self):
        for order, (seller, lines) in expected.SALES.items():
            record = self.env.ref(f'mlm_commission.demo_order_{order}')
            self.assertEqual(record.mlm_agent_id.mlm_agent_code, seller)
            self.assertEqual([text(line.price_subtotal) for line in record.order_line], [net for _p, net in lines])

    def test_every_commission(self):
        for rule, table in zip(self.rules, (expected.DIFFERENTIAL, expected.SPONSOR_BONUS)):
            rows = self.env['mlm.commission'].search([('period_id', '=', self.period.id), ('rule_id', '=', rule.id)])
            paid = {}
            for row in rows:
                order = row.move_id.line_ids.sale_line_ids.order_id
                key = (self._xmlid(order), self._xmlid(row.product_id))
                paid.setdefault(key, {})[row.beneficiary_id.mlm_agent_code] = text(row.amount)
            self.assertEqual(paid, table)

    def _xmlid(self, record):
        [name] = record.get_external_id().values()
        return name.rpartition('_')[2]

    def test_every_statement(self):
        found = {}
        for statement in self.period.statement_ids:
            amounts = [sum(statement.line_ids.filtered(lambda line: line.rule_id == rule).mapped('amount'))
                       for rule in self.rules]
            found[statement.agent_id.mlm_agent_code] = (*map(text, amounts), text(statement.payable))
            self.assertEqual((statement.opening, statement.clawed_back, statement.closing), (0, 0, 0))
        self.assertEqual(found, expected.STATEMENTS)

    def test_every_bill(self):
        bills = {statement.agent_id.mlm_agent_code: statement.bill_id for statement in self.period.statement_ids}
        self.assertEqual({code: text(bill.amount_untaxed) for code, bill in bills.items()},
                         {code: payable for code, (_d, _b, payable) in expected.STATEMENTS.items()})
        for code, bill in bills.items():
            differential, bonus, _payable = expected.STATEMENTS[code]
            self.assertEqual(
                sorted(text(line.price_unit) for line in bill.invoice_line_ids),
                sorted(amount for amount in (differential, bonus) if amount != '0.00'), 'a line per kind')
            self.assertEqual(bill.partner_id, self._agent(code))
            self.assertEqual((bill.state, bill.move_type), ('posted', 'in_invoice'))
            self.assertTrue(bill.journal_id.is_self_billing)

    def test_late_payment_and_credit_note_land_in_the_month_after(self):
        before = {statement.agent_id: statement.payable for statement in self.period.statement_ids}
        after = month.afterwards(self.env)
        found = {}
        sums = self.env['mlm.commission']._read_group(
            [('period_id', '=', after.id)], ['beneficiary_id', 'rule_id', 'is_clawback'], ['amount:sum'])
        for agent, rule, back, amount in sums:
            row = found.setdefault(agent.mlm_agent_code, [0, 0, 0])
            row[2 if back else list(self.rules).index(rule)] += amount
        self.assertEqual({code: tuple(map(text, row)) for code, row in found.items()}, expected.AFTERWARDS)
        self.assertEqual(after.state, 'calculated')
        self.assertEqual({statement.agent_id: statement.payable for statement in self.period.statement_ids}, before,
                         'a closed period does not change')

    def test_doing_it_again_changes_nothing(self):
        runs, statements = self.period.run_ids, self.period.statement_ids
        invoices = self.env['account.move'].search_count([])
        month.sell(self.env)
        self.assertEqual(month.settle(self.env), self.period)
        self.assertEqual((self.period.run_ids, self.period.statement_ids), (runs, statements))
        self.assertEqual(self.env['account.move'].search_count([]), invoices)

    def test_the_table_that_the_demo_prints(self):
        lines = month.table(self.period)
        self.assertEqual(len(lines), 2 + len(expected.STATEMENTS))
        for line, (code, amounts) in zip(lines[2:], sorted(expected.STATEMENTS.items())):
            self.assertTrue(line.startswith(code))
            for amount in amounts:
                self.assertIn(f'{float(amount):,.2f}', line)

    def test_why_the_suspended_agent_got_nothing(self):
        volume = self.env['mlm.volume'].search([
            ('agent_id', '=', self._agent('F1').id), ('trigger', '=', 'paid')])
        steps = [(step['code'], step['paid']) for step in self.period.run_ids._explain(volume)[0]['steps']]
        self.assertEqual(steps, [('F1', False), ('B3', True)])

    def test_an_agent_is_forgotten(self):
        """Two agents with all that the demo has of them, through Odoo's look-up: no text of any table names them afterwards
        but bookkeeping's, the example in mail templates and contracts, which are evidence; every sum stays.
        """
        kept = {'account_move', 'account_move_line', 'mail_template', 'mlm_contract', 'mlm_contract_party'}
        before = self._sums()
        for code in ('B2', 'E1'):
            agent = self._agent(code)
            words = [word for word in (agent.name, agent.email, agent.phone, agent.street) if word]
            self.assertIn('res_partner', traces(self.env, words))
            wizard = self.env['privacy.lookup.wizard'].create({'name': agent.name, 'email': agent.email})
            wizard.action_lookup()
            wizard.line_ids.action_unlink_all()
            self.env.invalidate_all()
            self.assertRegex(agent.name, f'^Anonymous {agent.mlm_agent_code}$')
            self.assertEqual(set(traces(self.env, words)) - kept, set(), code)
        self.assertEqual(self._sums(), before)
        self.assertEqual(auditing.verify(self.period), [])

    def _sums(self):
        return (
            self.env['mlm.commission']._read_group([], ['beneficiary_id'], ['amount:sum']),
            self.env['mlm.volume']._read_group([], ['agent_id'], ['net:sum']),
            [(statement.agent_id, statement.payable, statement.digest, statement.bill_id)
             for statement in self.env['mlm.statement'].search([], order='id')])
