# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import gc
import os
from contextlib import closing

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import SQL

from .. import auditing
from ..ledger import round_half_up
from ..storing import ROW_TABLE
from .history import HistoryCommon

STEPS = int(os.environ.get('MLM_HISTORY_STEPS', 120))
LENGTH = int(os.environ.get('MLM_HISTORY_LENGTH', 40))
SEED = int(os.environ.get('MLM_HISTORY_SEED', 2024))


def cents(amount):
    return round(amount * 100)


@tagged('post_install', '-at_install')
class TestRandomHistory(HistoryCommon):
    """Whatever happens to invoices, in whatever order: the ledger follows, nothing is paid twice, nothing closed moves.

    After each event an independent reckoning, straight from the documents, is compared with the ledger. At the end of a
    history everybody was paid exactly for what is left; then, where the seed is even, all of it is taken back, and nobody
    keeps a cent.

    By default a few short histories. ``MLM_HISTORY_STEPS=10000 MLM_HISTORY_SEED=1`` for more of them, each of
    ``MLM_HISTORY_LENGTH`` steps (40) with a seed of its own, SEED, SEED + 1 and so on: a failure names its seed, and
    ``MLM_HISTORY_SEED=<it> MLM_HISTORY_STEPS=40`` is that history again. See CONTRIBUTING.md for the command.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        gc.collect()
        gc.freeze()  # what is there now stays, and need not be looked at again
        cls.addClassCleanup(gc.unfreeze)

    def test_random_histories(self):
        happened = set()
        with freeze_time('2024-03-01') as clock:
            for first in range(0, STEPS, LENGTH):
                seed = SEED + first // LENGTH
                with self.subTest(seed=seed), closing(self.env.cr.savepoint()):
                    self._begin(seed, clock)
                    happened.update(self._history(min(LENGTH, STEPS - first)))
                    # Of two histories one goes on to its bitter end.
                    if not seed % 2:
                        self._check_the_end()
                # Odoo's environments refer to each other; with thousands of them alive each new one takes long.
                gc.collect()
        self.assertGreater(len(happened), 9, 'the histories had something of everything')

    def _history(self, steps):
        self.closed, done = {}, []
        for step in range(steps):
            done.append(self._next())
            try:
                # What did not happen to an invoice is looked at now and then.
                self._check_ledger(self.invoices if not step % 10 or step == steps - 1 else self.touched)
                if done[-1] == 'close_month':
                    self._check_closed(self.closed)
            except AssertionError as error:
                raise AssertionError(f'step {step}, after {done[-5:]}, {self.touched.mapped("name")}: {error}') from error
        rest = self.env['mlm.period'].create({
            'company_id': self.company.id, 'date_from': f'2024-{self.month:02}-01', 'date_to': '2025-12-31'})
        rest.action_calculate()
        self._check_paid_for_what_is_left(self.plan, self._differential)
        self._check_paid_for_what_is_left(self.levels, self._levels)
        return done

    def _check_the_end(self):
        rest = self.env['mlm.period'].search([('company_id', '=', self.company.id), ('state', '=', 'calculated')])
        rest.action_discard()
        self._take_everything_back()
        self._check_ledger(self.invoices)
        rest.action_calculate()
        self.clock.move_to('2026-01-15')
        rest.action_close()
        self._check_closed(self.closed)
        self._check_nobody_keeps_a_cent()

    # === THE LEDGER === #

    def _check_ledger(self, invoices):
        """The facts of each invoice against its documents, in cents."""
        facts = {}
        for fact in self.env['mlm.volume'].search_fetch([('move_id', 'in', invoices.ids)]):
            sums = facts.setdefault((fact.move_id.id, fact.trigger, fact.agent_id.id, fact.partner_id.id), [0, 0, 0])
            for place, amount in enumerate((fact.document_net, fact.net, fact.points)):
                sums[place] += cents(amount)
        for invoice in invoices:
            counted = {trigger: {key[2:]: sums for key, sums in facts.items()
                                 if key[:2] == (invoice.id, trigger) and any(sums)} for trigger in ('invoiced', 'paid')}
            self._check_invoice(invoice, counted['invoiced'], counted['paid'])
        lost = self.env.execute_query(SQL(
            """
            SELECT line_ref FROM mlm_volume WHERE company_id = %s AND move_id IS NULL
             GROUP BY line_ref, trigger, agent_id, partner_id HAVING sum(net) <> 0 OR sum(document_net) <> 0
            """, self.company.id))
        self.assertFalse(lost, 'what is deleted is worth nothing')

    def _check_invoice(self, invoice, invoiced, paid):
        """
        :param invoiced: {(agent, customer): [document, net, points]} of what counts as sold, in cents
        :param paid: the same of what counts as paid
        """
        whole = cents(self._net(invoice)), cents(self._net(invoice, 'balance'))
        left = cents(self._left(invoice)) if invoice.state == 'posted' else 0
        whose = (invoice.mlm_agent_id.id, invoice.commercial_partner_id.id)
        # Each line is rounded by itself: at most half a cent a line from the share of the whole.
        slack = 0.5 * len(invoice.invoice_line_ids) + 0.01
        self.assertEqual({key: sums[0] for key, sums in invoiced.items() if sums[0]}, {whose: left} if left else {})
        self.assertLessEqual(invoiced.keys() | paid.keys(), {whose})
        _document, net, points = invoiced.get(whose, (0, 0, 0))
        self._check_near(net, whole, left, slack)
        if left == whole[0]:
            lines = invoice.invoice_line_ids.filtered('product_id')
            self.assertEqual(points, sum(round(1.5 * line.quantity * 100) for line in lines if self._is_goods(line)))
        share, of_what = self._paid_share(invoice)
        wanted = left * share / of_what if share > 0 and left else 0
        document, net, _points = paid.get(whose, (0, 0, 0))
        self.assertLessEqual(abs(document - wanted), slack, 'paid')
        self._check_near(net, whole, wanted, 2 * slack)

    def _is_goods(self, line):
        return not any(line.sale_line_ids.mapped('is_downpayment'))

    def _check_near(self, net, whole, left, slack):
        """In the company's currency the same share is left, at the rate of the invoice; to the cent of all and of nothing."""
        if left in (0, whole[0]):
            self.assertEqual(net, whole[1] if left else 0)
        else:
            self.assertLessEqual(abs(net - left * whole[1] / whole[0]), slack)

    def _paid_share(self, invoice):
        """How much of what is left is paid: what came in less what went back for credit notes, and what is still open.

        Credit notes of other sales are as good as money.
        """
        sale = invoice + invoice.reversal_move_ids
        paid = sum(cents(partial.debit_amount_currency)
                   for partial in self._receivable(invoice).matched_credit_ids
                   if self._is_money(partial.credit_move_id.move_id, sale))
        back = sum(cents(partial.credit_amount_currency)
                   for partial in self._receivable(self._credits(invoice)).matched_debit_ids
                   if self._is_money(partial.debit_move_id.move_id, sale))
        open_credits = sum(cents(credit.amount_residual) for credit in self._credits(invoice))
        unpaid = max(0, cents(invoice.amount_residual) - open_credits)
        return paid - back, paid - back + unpaid

    def _is_money(self, move, sale):
        return bool(move.origin_payment_id) or (move.is_invoice() and move not in sale)

    # === WHAT IS PAID === #

    def _rows(self, *conditions):
        """Commissions as stored: {'plan_id', 'period_id', 'fact', 'base_id', 'beneficiary_id', 'level', 'amount' in cents}."""
        return self.env.execute_query_dict(SQL(
            """
            SELECT r.plan_id, r.period_id, c.volume_id AS fact, COALESCE(v.origin_id, v.id) AS base_id, c.beneficiary_id,
                   c.level, c.amount
              FROM %s c JOIN mlm_run r ON r.id = c.run_id JOIN mlm_period p ON p.id = r.period_id
              JOIN mlm_volume v ON v.id = c.volume_id
             WHERE p.company_id = %s AND c.amount <> 0 AND %s
             ORDER BY c.id
            """,
            SQL.identifier(ROW_TABLE), self.company.id, SQL(' AND ').join(conditions or [SQL('TRUE')])))

    def _check_closed(self, closed):
        """What was closed before is as it was; what was closed now says what its commissions come to.

        :param closed: {period: figures}, completed
        """
        periods = self.env['mlm.period'].search([('company_id', '=', self.company.id), ('state', '=', 'closed')])
        for period in periods.sorted('date_to'):
            rows = self._rows(SQL('r.period_id = %s', period.id))
            figures = (sorted(map(repr, rows)), [(statement.digest, statement.payable) for statement in period.statement_ids])
            if period not in closed:
                self._check_statements(period, rows, list(closed))
            self.assertEqual(closed.setdefault(period, figures), figures, 'a closed period changed')
            self.assertFalse(auditing.verify(period))

    def _check_statements(self, period, rows, before):
        sums = {}
        for row in rows:
            kind = 'earned' if row['fact'] == row['base_id'] else 'clawed_back'
            key = (row['beneficiary_id'], kind)
            sums[key] = sums.get(key, 0) + row['amount']
        carried = {statement.agent_id: statement.closing for statement in before[-1].statement_ids} if before else {}
        found = {}
        for statement in period.statement_ids:
            agent = statement.agent_id
            for kind in ('earned', 'clawed_back'):
                found[agent.id, kind] = cents(statement[kind])
            self.assertEqual(cents(statement.opening), cents(carried.get(agent, 0)))
            balance = sum(cents(statement[name]) for name in (
                'opening', 'earned', 'clawed_back', 'reserve_held', 'reserve_released'))
            self.assertEqual((cents(statement.payable), cents(statement.closing)),
                             (balance, 0) if balance >= 500 else (0, balance), 'below 5.00 is carried')
            rate = statement.payout_currency_id._get_rates(self.company, period.date_to)[statement.payout_currency_id.id]
            self.assertAlmostEqual(statement.payout, statement.payable * rate, delta=0.00501)
        self.assertEqual({key: amount for key, amount in found.items() if amount},
                         {key: amount for key, amount in sums.items() if amount})
        reserve = self.env['mlm.reserve'].search([('company_id', '=', self.company.id)])
        for contract in reserve.grouped(lambda move: (move.volume_id, move.agent_id, move.plan_id)).values():
            self.assertGreaterEqual(cents(sum(contract.mapped('amount'))), 0)

    def _differential(self, seller, net):
        """Each agent's rate times the net amount, rounded as it adds up from the seller to the top: 5, 12, 20, 30."""
        rates = {self.dan: 5, self.cleo: 12, self.ben: 20, self.anna: 30}
        chain = [self.dan, self.cleo, self.ben, self.anna]
        shares, so_far = {}, 0
        for agent in chain[chain.index(seller):]:
            shares[agent.id], so_far = round_half_up(net * rates[agent], 100) - so_far, round_half_up(net * rates[agent], 100)
        return shares

    def _levels(self, seller, net):
        return {agent.id: round_half_up(net * rate, 100) for agent, rate in (
            (seller.mlm_sponsor_id, 4), (seller.mlm_sponsor_id.mlm_sponsor_id, 2)) if agent}

    def _check_paid_for_what_is_left(self, plan, definition):
        """Each fact has cost exactly its part of what the plan's definition gives for the whole of it."""
        now, facts = {}, {}
        for fact in self.env['mlm.volume'].search_fetch(
            [('company_id', '=', self.company.id), ('trigger', '=', plan.trigger)],
        ):
            base = fact.origin_id.id or fact.id
            now[base] = now.get(base, 0) + cents(fact.net)
            if not fact.origin_id:
                facts[fact.id] = fact
        paid = {}
        for row in self._rows(SQL('r.plan_id = %s', plan.id)):
            key = (row['base_id'], row['beneficiary_id'])
            paid[key] = paid.get(key, 0) + row['amount']
        wanted = {}
        for base, fact in facts.items():
            net = cents(fact.net)
            for agent, amount in definition(fact.agent_id, net).items():
                if net:
                    wanted[base, agent] = amount - round_half_up(amount * (net - now[base]), net)
        self.assertEqual({key: amount for key, amount in paid.items() if amount},
                         {key: amount for key, amount in wanted.items() if amount})

    def _check_nobody_keeps_a_cent(self):
        sums = {}
        for row in self._rows():
            key = (row['plan_id'], row['base_id'], row['beneficiary_id'])
            sums[key] = sums.get(key, 0) + row['amount']
        self.assertFalse({key: amount for key, amount in sums.items() if amount})
        for agent in self.agents:
            statements = self.env['mlm.statement'].search(
                [('agent_id', '=', agent.id), ('company_id', '=', self.company.id)], order='date_to')
            got = sum(cents(statement.payable) for statement in statements)
            self.assertEqual(got + sum(cents(statement.closing) for statement in statements[-1:]), 0)
        reserve = self.env['mlm.reserve'].search([('company_id', '=', self.company.id)])
        self.assertEqual(cents(sum(reserve.mapped('amount'))), 0)
