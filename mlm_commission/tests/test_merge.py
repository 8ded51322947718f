# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.exceptions import UserError
from odoo.tests import tagged

from .. import auditing
from .common import CommissionCommon
from .test_ranks import MARCH, RanksCommon


def _merge(gone, stays):
    """As staff do: contacts chosen in the list, Merge, the one that stays, Merge."""
    wizard = stays.env['base.partner.merge.automatic.wizard'].with_context(
        active_model='res.partner', active_ids=(gone + stays).ids).create({})
    wizard.dst_partner_id = stays
    wizard.action_merge()
    stays.env.invalidate_all()


@tagged('post_install', '-at_install')
class TestMerge(CommissionCommon):
    """Two contacts turn out to be one: what was sold and agreed goes along, what was paid stays where it is."""

    def _merge(self, gone, stays):
        _merge(gone, stays)

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

    def test_both_are_settled(self):
        """There is no other way round, and the answer does not send people in a circle."""
        self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        march.action_close()
        for gone, stays in ((self.dan, self.ben), (self.ben, self.dan)):
            with self.assertRaisesRegex(UserError, 'both have commissions or ranks.*terminate one'), self.env.cr.savepoint():
                self._merge(gone, stays)
        self.assertEqual(self._earned(march), {self.dan: 50, self.cleo: 70, self.ben: 80, self.anna: 100})

    def test_why_and_the_chain_after_a_merge(self):
        """Somebody without terms stood between in a closed month, and is merged away with a customer who bought.

        Walk: Dan 5, the twin nothing, Cleo 12 less 5, Ben 20 less 12, Anna 30 less 20 percent of 1,000.
        """
        twin = self._agent('Cleo once more', self.cleo)
        self.dan.with_context(mlm_date='2023-02-01').mlm_sponsor_id = twin
        self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        march.action_close()
        earned = {self.dan: 50, self.cleo: 70, self.ben: 80, self.anna: 100}
        self.assertEqual(self._earned(march), earned)
        other = self.env['res.partner'].create({'name': 'The same customer', 'mlm_sponsor_id': self.dan.id})
        self._merge(self.customer, other)
        self._merge(twin, self.cleo)
        self.assertEqual((self.dan.mlm_sponsor_id, self.cleo.mlm_sponsor_id), (self.cleo, self.ben))
        self.assertEqual(self._earned(march), earned)
        self.assertEqual(auditing.verify(march), [])
        for commission in self.env['mlm.commission'].search([('period_id', '=', march.id)]):
            self.assertIn('Cleo', commission.explanation)
        # the next month pays the same people, by the tree of today
        self._invoice(self.dan, 1000, day='2024-04-10', partner=other)
        april = self._period(4)
        april.action_calculate()
        self.assertEqual(self._earned(april), earned)

    def test_calculated_but_not_closed(self):
        """Calculated again after a merge, a draft pays the one that stays."""
        twin = self._agent('Dan once more', self.cleo)
        invoice = self._invoice(twin, 1000)
        march = self._period(3)
        march.action_calculate()
        self.assertEqual(self._earned(march), {self.cleo: 120, self.ben: 80, self.anna: 100})
        self._merge(twin, self.dan)
        self.assertEqual(self._volume(invoice), {self.dan: 1000})
        march.action_calculate()
        self.assertEqual(self._earned(march), {self.dan: 50, self.cleo: 70, self.ben: 80, self.anna: 100})


@tagged('post_install', '-at_install')
class TestMergeRanks(RanksCommon):

    def test_ranks_keep_their_agent(self):
        """Eve is Silver by agreement and sold nothing: a rank of a closed month, without a cent."""
        eve = self._agent('Eve', self.dan)
        self._agree(eve, 0, rank_id=self.silver.id)
        twin = self._agent('Eve once more', self.dan)
        march = self._month(3, dan=300)
        self.assertEqual(self._standing(march, eve).highest_id, self.silver)
        self.assertNotIn(eve, self._earned(march))
        with self.assertRaisesRegex(UserError, 'Merge the other way round, so that Eve stays'), self.env.cr.savepoint():
            _merge(eve, twin)
        with self.assertRaisesRegex(UserError, 'both have commissions or ranks'), self.env.cr.savepoint():
            _merge(eve, self.dan)
        _merge(twin, eve)
        self.assertEqual(self._standing(march, eve).highest_id, self.silver)

    def test_volumes_without_a_rank(self):
        """The twin above Dan had a group and no rank: its row goes, no list names somebody who is gone."""
        twin = self._agent('Cleo once more', self.cleo)
        self.dan.with_context(mlm_date='2023-02-01').mlm_sponsor_id = twin
        march = self._month(3, **MARCH)
        self.assertEqual(self._standing(march, twin).group_points, 300)
        earned = self._earned(march)
        _merge(twin, self.cleo)
        standings = self.env['mlm.standing'].search([('period_id', '=', march.id)])
        self.assertEqual(standings.agent_id, self.anna + self.ben + self.cleo + self.dan)
        self.assertEqual(self._standing(march, self.cleo).group_points, 700)
        self.assertEqual((self._earned(march), auditing.verify(march)), (earned, []))
