# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import CommissionCommon


@tagged('post_install', '-at_install')
@freeze_time('2024-05-15 12:00:00')
class TestContactChanges(CommissionCommon):
    """Contacts are archived, deleted, moved to another company: tree, history and money stay right."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company()['company']

    def settled(self, month):
        period = self._period(month)
        period.action_calculate()
        period.action_close()
        return period

    def state(self, *periods):
        """What must not change: the tree on two days, and what everybody got."""
        self.env.flush_all()
        trees = [sorted(self.env.execute_query(self.env['mlm.sponsorship']._tree_sql(day)), key=str)
                 for day in ('2024-03-31', '2024-05-15')]
        return trees, [self._earned(period) for period in periods], [
            sorted((statement.agent_id.id, statement.payable, statement.digest) for statement in period.statement_ids)
            for period in periods]

    def test_archived(self):
        """Everybody of the chain is archived: places stay, the next sale is paid, nobody comes back by accident."""
        self._invoice(self.dan, 1000)
        march = self.settled(3)
        before = self.state(march)
        (self.ben + self.cleo).active = False
        self.assertEqual(self.state(march), before)
        self._invoice(self.dan, 1000, day='2024-04-10')
        april = self.settled(4)
        # own rates 5, 12, 20, 30: differences of 5, 7, 8 and 10 percent of 1,000
        self.assertEqual(self._earned(april), {self.dan: 50, self.cleo: 70, self.ben: 80, self.anna: 100})
        self.ben.active = True
        self.assertEqual(self.ben.mlm_sponsor_id, self.anna)
        self.assertEqual(len(self.ben.mlm_sponsorship_ids), 1, 'archiving is no change of place')

    def test_deleted(self):
        """Who was settled, has an agreement or sold is not deleted, whatever the order of the attempts."""
        self._invoice(self.dan, 1000)
        march = self.settled(3)
        before = self.state(march)
        for contact in (self.anna, self.cleo, self.dan, self.customer, self.dan + self.customer):
            with self.subTest(contact.mapped('name')), mute_logger('odoo.sql_db'):
                savepoint = self.cr.savepoint()
                try:
                    contact.unlink()
                    self.env.flush_all()
                except (UserError, psycopg2.IntegrityError):
                    savepoint.close(rollback=True)
                else:
                    self.fail('deleted')
            self.env.invalidate_all()
            self.assertEqual(self.state(march), before)

    def test_deleted_without_traces(self):
        new = self._agent('Newcomer', self.dan)
        new.unlink()
        self.assertFalse(self.env['mlm.sponsorship'].search([('partner_id', '=', new.id)]))

    def test_to_another_company_while_an_agreement_holds(self):
        with self.assertRaisesRegex(ValidationError, 'Dan cannot come to belong to .* alone: agreement'), self.cr.savepoint():
            self.dan.company_id = self.other
        self.dan.company_id = self.company
        self.dan.company_id = False
        self.assertEqual(self.dan.mlm_sponsor_id, self.cleo)

    def test_to_another_company_while_money_is_owed(self):
        self._invoice(self.dan, 1000)
        march = self.settled(3)
        before = self.state(march)
        self.agreements[self.dan].date_to = '2024-05-01'
        with self.assertRaisesRegex(ValidationError, 'statement .* is not billed yet'), self.cr.savepoint():
            self.dan.company_id = self.other
        statement = march.statement_ids.filtered(lambda s: s.agent_id == self.dan)
        statement.action_bill()
        self.assertEqual(self.state(march), before)

    def test_to_another_company_of_a_sponsor(self):
        """The one above must stay reachable for the one below, who belongs to the first company."""
        self.dan.company_id = self.company
        self.agreements[self.cleo].action_cancel()
        with self.assertRaisesRegex(ValidationError, 'belongs to'), self.cr.savepoint():
            self.cleo.company_id = self.other
        self.assertEqual(self.cleo.company_id.id, False)

    def test_merged_after_a_month(self):
        """Two settled customers of two agents: each month stays what it was, the future belongs to one."""
        second = self.env['res.partner'].create({'name': 'Customer of Ben', 'mlm_sponsor_id': self.ben.id})
        self._invoice(self.dan, 1000)
        self._invoice(self.ben, 500, partner=second)
        march = self.settled(3)
        earned = self._earned(march)
        payable = {statement.agent_id: statement.payable for statement in march.statement_ids}
        self.env['base.partner.merge.automatic.wizard'].create({})._merge(
            (self.customer + second).ids, self.customer, extra_checks=False)
        self.assertFalse(second.exists())
        self.assertEqual(self._earned(march), earned)
        self.assertEqual({statement.agent_id: statement.payable for statement in march.statement_ids}, payable)
        self.assertEqual(self.customer.mlm_sponsor_id, self.dan)
        self.assertEqual(self.env['mlm.volume'].search([('agent_id', '=', self.ben.id)]).partner_id, self.customer)
        self.assertEqual(self.customer._mlm_get_selling_agents(self.company)[self.customer], self.dan)
