# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import hashlib
import json

from psycopg2.errors import RaiseException

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .. import auditing, chain
from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestChain(CommissionCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(cls.dan, 1000)
        cls.march = cls._close_month(3)
        cls._invoice(cls.dan, 500.5, day='2024-04-02')
        cls.april = cls._close_month(4)

    @classmethod
    def _close_month(cls, month):
        period = cls._period(month)
        period.action_calculate()
        period.action_close()
        return period

    def _tamper(self, query, *args):
        """Change by SQL what the database would refuse, as its owner can."""
        for table in ('mlm_statement', 'mlm_statement_line'):
            self.env.cr.execute(SQL('ALTER TABLE %s DISABLE TRIGGER USER', SQL.identifier(table)))
        self.env.cr.execute(query, args)
        for table in ('mlm_statement', 'mlm_statement_line'):
            self.env.cr.execute(SQL('ALTER TABLE %s ENABLE TRIGGER USER', SQL.identifier(table)))
        self.env.invalidate_all()

    def _numbers(self, period):
        return {number for number, _problem in auditing.verify(period)}

    def test_recomputed_from_the_description(self):
        """The digest of the first statement, from what the page of documentation says and nothing else."""
        first = self.march.statement_ids.sorted('id')[0]
        content = {
            'number': first.name, 'company': self.company.id, 'agent': first.agent_id.id, 'date_from': '2024-03-01',
            'date_to': '2024-03-31', 'currency': 'USD', 'payout_currency': 'USD', 'opening': '0', 'earned': '100',
            'clawed_back': '0', 'reserve_held': '0', 'reserve_released': '0', 'adjusted': '0', 'payable': '100',
            'closing': '0', 'payout': '100', 'payout_rate': '1',
            'lines': [['commission', self.plan.id, self.plan.rule_ids.id, None, None, 1, '100']],
        }
        text = json.dumps(content, sort_keys=True, separators=(',', ':'), ensure_ascii=False)
        self.assertEqual(first.agent_id, self.anna)
        self.assertEqual(first.digest, hashlib.sha256(b'\n' + text.encode()).hexdigest())
        second = self.march.statement_ids.sorted('id')[1]
        [text] = [text for number, _digest, text in auditing.read(self.march) if number == second.name]
        self.assertEqual(second.digest, hashlib.sha256(f'{first.digest}\n{text}'.encode()).hexdigest())

    def test_untouched(self):
        for period in self.march + self.april:
            self.assertEqual(auditing.verify(period), [])
        self.assertEqual(auditing.before(self.april), self.march.statement_ids.sorted('id')[-1].digest)
        self.assertEqual((self.march + self.april).action_verify()['params']['type'], 'success')

    def test_changes_are_found(self):
        first, second, third, _last = self.march.statement_ids.sorted('id')
        for query, args, found in (
            ('UPDATE mlm_statement SET earned = earned + 1, payable = payable + 1 WHERE id = %s', [first.id], {first.name}),
            ('UPDATE mlm_statement SET agent_id = %s WHERE id = %s', [self.customer.id, third.id], {third.name}),
            ('UPDATE mlm_statement SET payout = payout + 0.001 WHERE id = %s', [third.id], {third.name}),
            ('UPDATE mlm_statement_line SET label = %s WHERE statement_id = %s', ['x', second.id], {second.name}),
            ('UPDATE mlm_statement SET digest = NULL WHERE id = %s', [second.id], {second.name, third.name}),
        ):
            with self.subTest(query=query), self.env.cr.savepoint() as savepoint:
                self._tamper(query, *args)
                self.assertLessEqual(found, self._numbers(self.march))
                self.assertEqual(self.march.action_verify()['params']['type'], 'danger')
                savepoint.rollback()
                self.env.invalidate_all()

    def test_removed_statements_are_found(self):
        statements = self.march.statement_ids.sorted('id')
        for statement, found in ((statements[1], statements[2].name), (statements[-1], '')):
            with self.subTest(statement=statement.name), self.env.cr.savepoint() as savepoint:
                self._tamper('DELETE FROM mlm_statement_line WHERE statement_id = %s; '
                             'DELETE FROM mlm_statement WHERE id = %s', statement.id, statement.id)
                self.assertIn(found, self._numbers(self.march))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_chain_made_to_fit_is_found_by_its_commissions(self):
        """Somebody pays more and computes every digest anew: the commissions behind it still say less."""
        first = self.march.statement_ids.sorted('id')[0]
        self._tamper('UPDATE mlm_statement_line SET amount = amount + 1 WHERE statement_id = %s; '
                     'UPDATE mlm_statement SET earned = earned + 1, payable = payable + 1 WHERE id = %s', first.id, first.id)
        with mute_logger('odoo.sql_db'):
            self._tamper('UPDATE mlm_statement SET digest = NULL WHERE period_id = %s', self.march.id)
        head = ''
        for number, _digest, text in auditing.read(self.march):
            head = chain.digest(head, text)
            self._tamper('UPDATE mlm_statement SET digest = %s WHERE period_id = %s AND name = %s', head, self.march.id, number)
        self.march.sudo().chain_digest = head
        self.assertEqual(self._numbers(self.march), {first.name})

    def test_database_refuses(self):
        statement = self.march.statement_ids[0]
        for query in (
            'UPDATE mlm_statement SET payable = 0, closing = 100 WHERE id = %s',
            'UPDATE mlm_statement SET digest = NULL WHERE id = %s',
            'DELETE FROM mlm_statement WHERE id = %s',
            'UPDATE mlm_statement_line SET amount = 1 WHERE statement_id = %s',
            'DELETE FROM mlm_statement_line WHERE statement_id = %s',
            'INSERT INTO mlm_statement_line (statement_id, kind, amount) VALUES (%s, \'commission\', 1)',
        ):
            with self.subTest(query=query), mute_logger('odoo.sql_db'), self.assertRaisesRegex(RaiseException, 'final'), \
                    self.env.cr.savepoint():
                self.env.cr.execute(query, [statement.id])
        # What happens to it afterwards may be written.
        self.env.cr.execute('UPDATE mlm_statement SET bill_state = \'paid\' WHERE id = %s', [statement.id])

    def test_file_for_an_outsider(self):
        new_test_user(self.env, 'auditor', groups='mlm_commission.group_auditor', company_id=self.company.id,
                      company_ids=[(6, 0, self.company.ids)])
        new_test_user(self.env, 'accountant_x', groups='account.group_account_invoice', company_id=self.company.id,
                      company_ids=[(6, 0, self.company.ids)])
        self.authenticate('auditor', 'auditor')
        answer = self.url_open(f'/commission/chain/{self.april.id}')
        lines = answer.content.decode().splitlines(keepends=True)
        self.assertEqual(chain.check(lines), (4, [], self.april.chain_digest))
        forged = [line.replace('"earned":"50.05"', '"earned":"50.06"') for line in lines]
        self.assertNotEqual(forged, lines)
        self.assertEqual(len(chain.check(forged)[1]), 1)
        self.authenticate('accountant_x', 'accountant_x')
        with mute_logger('odoo.http'):
            self.assertEqual(self.url_open(f'/commission/chain/{self.april.id}').status_code, 403)

    def test_text_is_canonical(self):
        """What the database writes is what the description says, whatever stands in a label."""
        reason = 'a "quoted" \\ back\\nslash, a\ttab, two\nlines, \x01\x7f, \u017c\U0001f600, {}[],:'
        self.company.mlm_adjustment_limit = 100
        self.env['mlm.adjustment'].create({
            'agent_id': self.anna.id, 'company_id': self.company.id, 'amount': -0.05,
            'type_id': self.env.ref('mlm_commission.adjustment_type_correction').id, 'date': '2024-05-02',
            'reason': reason}).action_confirm()
        may = self._close_month(5)
        [[number, digest, text]] = auditing.read(may)
        content = json.loads(text)
        self.assertEqual(text, chain.canonical(content))
        [line] = content['lines']
        self.assertTrue(line[4].endswith(': ' + reason), line)
        adjustment = may.statement_ids.line_ids.adjustment_id
        self.assertEqual(line[:4] + line[5:], ['adjustment', None, None, adjustment.id, None, '-0.05'])
        self.assertEqual(digest, chain.digest(self.april.chain_digest, text))
        self.assertEqual((number, may.chain_digest), (may.statement_ids.name, digest))
