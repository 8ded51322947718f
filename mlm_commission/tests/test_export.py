# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import csv
import io

from openpyxl import load_workbook

from odoo.tests import HttpCase, new_test_user, tagged

from .. import exporting
from .test_statement_bill import StatementBillCommon


@tagged('post_install', '-at_install')
class TestExport(StatementBillCommon, HttpCase):
    """March: Dan sells 1,000 to a customer with a dangerous name; Ben 80 and 10 by hand in April."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.name = '=HYPERLINK("x")'
        companies = {'company_id': cls.company.id, 'company_ids': [(6, 0, cls.company.ids)]}
        for agent, login in ((cls.ben, 'ben'), (cls.dan, 'dan')):
            new_test_user(cls.env, login=login, groups='base.group_portal', partner_id=agent.id, name=agent.name, **companies)
        new_test_user(cls.env, 'officer_x', groups='mlm_network.group_officer', **companies)
        new_test_user(cls.env, 'seller_x', groups='sales_team.group_sale_salesman', **companies)

    def _table(self, path, login):
        self.authenticate(login, login)
        answer = self.url_open(path)
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.content.startswith(b'\xef\xbb\xbf'))
        return list(csv.DictReader(io.StringIO(answer.content.decode('utf-8-sig'))))

    def test_agent_takes_the_own_statement(self):
        statement = self.statements[self.dan]
        [row] = self._table(f'{statement.access_url}/commissions.csv', 'dan')
        self.assertEqual((row['Statement'], row['Amount'], row['Base'], row['Rate (%)'], row['Level'], row['Seller']),
                         (statement.name, '50.0', '1000.0', '5.0', '0', 'Dan'))
        self.assertEqual(row['Customer'], '\'=HYPERLINK("x")', 'no formula for the spreadsheet')
        # Ben learns what Dan sold, not to whom, nor Dan's whole name: he stands below Ben's frontline.
        [row] = self._table(f'{self.statements[self.ben].access_url}/commissions.csv', 'ben')
        self.assertEqual((row['Seller'], row['Customer'], row['Amount']), ('D.', '', '80.0'))
        # And nothing of others.
        self.assertURLEqual(self.url_open(f'{statement.access_url}/commissions.csv').url, '/my')

    def test_excel(self):
        self.authenticate('dan', 'dan')
        answer = self.url_open(f'{self.statements[self.dan].access_url}/commissions.xlsx')
        sheet = load_workbook(io.BytesIO(answer.content)).active
        found = dict(zip([cell.value for cell in sheet[1]], [cell.value for cell in sheet[2]]))
        self.assertEqual((found['Amount'], found['Customer']), (50, '=HYPERLINK("x")'))
        self.assertEqual(sheet[2][10].data_type, 's', 'text, no formula')

    def test_staff_take_the_period(self):
        rows = self._table(f'/commission/statements/{self.march.id}/csv', 'officer_x')
        self.assertEqual(sorted(row['Amount'] for row in rows), ['100.0', '50.0', '70.0', '80.0'])
        self.assertEqual({row['Customer'] for row in rows}, {'\'=HYPERLINK("x")'})
        self.authenticate('seller_x', 'seller_x')
        self.assertEqual(self.url_open(f'/commission/statements/{self.march.id}/csv').status_code, 403)
        self.authenticate('dan', 'dan')
        self.assertEqual(self.url_open(f'/commission/statements/{self.march.id}/csv').status_code, 403)

    def test_rows_add_up_to_the_statement(self):
        """Commissions, clawbacks and adjustments: together what the statement added to what was brought forward."""
        invoice = self.env['account.move'].search([('mlm_agent_id', '=', self.dan.id)], limit=1)
        self._credit(invoice, 500)
        self.company.mlm_adjustment_limit = 100
        self.env['mlm.adjustment'].create({
            'agent_id': self.ben.id, 'type_id': self.env.ref('mlm_commission.adjustment_type_bonus').id, 'amount': 10,
            'date': '2024-04-01', 'reason': 'Help', 'company_id': self.company.id}).action_confirm()
        self._invoice(self.ben, 100, day='2024-04-02')
        april = self._period(4)
        april.action_calculate()
        april.action_close()
        statement = april.statement_ids.filtered(lambda statement: statement.agent_id == self.ben)
        rows = list(exporting.rows(statement, staff=True))
        # 20 % of 100, half of 80 back, 10 by hand.
        self.assertEqual([row[3] for row in rows], ['Commission', 'Clawback', 'Adjustment'])
        self.assertEqual([row[14] for row in rows], [20, -40, 10])
        self.assertEqual(sum(row[14] for row in rows), statement.earned + statement.clawed_back + statement.adjusted)
