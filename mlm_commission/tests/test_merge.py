# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestMerge(CommissionCommon):
    """Two contacts turn out to be one: what was sold and agreed goes along, what was paid stays where it is."""

    def _merge(self, gone, stays):
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((gone + stays).ids, stays, extra_checks=False)

    def test_customers_are_merged_with_what_they_bought(self):
        invoice = self._invoice(self.dan, 100)
        other = self.env['res.partner'].create({'name': 'The same customer', 'mlm_sponsor_id': self.dan.id})
        gone = self.customer
        self._merge(gone, other)
        self.assertFalse(gone.exists())
        self.assertEqual(invoice.mlm_volume_ids.partner_id, other)
        self.assertEqual(self._volume(invoice), {self.dan: 100})

    def test_agent_without_settled_money_takes_agreement_and_sales_along(self):
        twin = self._agent('Dan once more', self.cleo)
        other = self.env['mlm.plan'].create({'name': 'Other', 'company_id': self.company.id})
        agreement = self._agree(twin, 8, other)
        invoice = self._invoice(twin, 100)
        self._merge(twin, self.dan)
        self.assertEqual(agreement.agent_id, self.dan)
        self.assertEqual(self._volume(invoice), {self.dan: 100})
        march = self._period(3)
        march.action_calculate()
        self.assertEqual(self._earned(march)[self.dan], 5)

    def test_settled_agent_stays(self):
        self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        march.action_close()
        twin = self._agent('Dan once more', self.cleo)
        with self.assertRaisesRegex(UserError, 'Merge the other way round, so that Dan stays'), self.env.cr.savepoint():
            self._merge(self.dan, twin)
        self._merge(twin, self.dan)
        self.assertEqual(march.statement_ids.filtered(lambda statement: statement.agent_id == self.dan).payable, 50)
        self.assertEqual(self._earned(march)[self.dan], 50)

    def test_two_agreements_for_one_plan(self):
        twin = self._agent('Dan once more', self.cleo)
        agreement = self._agree(twin, 8)
        with self.assertRaisesRegex(UserError, 'both have an agreement'), self.env.cr.savepoint():
            self._merge(twin, self.dan)
        agreement.action_cancel()
        self._merge(twin, self.dan)
        self.assertFalse(twin.exists())
