# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestPlacement(CommissionCommon):
    """Plans that pay along the placement tree: Anna on top, Ben left and Cleo right of her, Dan left of Ben."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.action_draft()
        cls.company.write({'mlm_placement_strategy': 'manual', 'mlm_placement_width': 2})
        for agent, above, seat in (
                (cls.anna, None, 0), (cls.ben, cls.anna, 1), (cls.cleo, cls.anna, 2), (cls.dan, cls.ben, 1)):
            cls._seat(agent, above, seat)
        cls.product_a.write({'mlm_points': 1, 'invoice_policy': 'order'})

    @classmethod
    def _seat(cls, agent, above, seat, day='2023-01-01'):
        agent.with_company(cls.company).with_context(mlm_date=day, mlm_with_branch=True).write({
            'mlm_placed': True, 'mlm_placement_id': above and above.id, 'mlm_placement_slot': seat})

    def _binary(self, **values):
        plan = self._plan('Binary', 'binary', {'ranks': [{'rank': -1, 'rate': '10'}]}, **values)
        plan.rule_ids.base = 'points'
        for agent in (self.anna, self.ben, self.cleo, self.dan):
            self._agree(agent, 0, plan)
        return plan

    def _matrix(self, **params):
        plan = self._plan('Matrix', 'matrix', {'width': 3, 'rates': [{'rate': '5'}, {'rate': '4'}], **params})
        for agent in (self.anna, self.ben, self.cleo, self.dan):
            self._agree(agent, 0, plan)
        return plan

    def _settle(self, month):
        period = self._period(month)
        period.action_calculate()
        return period

    def test_binary_carries_over_and_takes_refunds_back(self):
        """March: 700 left (Ben 300, Dan 400), 500 right: 10 % of 500, 200 are carried. April: 250 more on the right
        pair with the 200: 20, 50 are carried. May: 100 of the right leg come back; the 50 fill half of the gap: -5."""
        self._binary().action_activate()
        self._invoice(self.ben, 300, quantity=300, day='2024-03-10')
        self._invoice(self.dan, 400, quantity=400, day='2024-03-10')
        right = self._invoice(self.cleo, 1, quantity=500, day='2024-03-10')
        march = self._settle(3)
        self.assertEqual(self._earned(march), {self.anna: 50})
        march.action_close()
        self._invoice(self.cleo, 1, quantity=250, day='2024-04-10')
        april = self._settle(4)
        self.assertEqual(self._earned(april), {self.anna: 20})
        april.action_close()
        credit = self._credit(right, 100, day='2024-05-05')
        self.assertEqual(sum(right.mlm_volume_ids.mapped('points')), 400, credit.name)
        may = self._settle(5)
        self.assertEqual(self._earned(may), {self.anna: -5})
        may.action_close()

    def test_a_period_reads_the_seats_of_its_last_day(self):
        """Dan moves from Ben's left to Cleo's left in April: what he sells is on Anna's left in March, right in April."""
        self._binary().action_activate()
        self._seat(self.dan, self.cleo, 1, day='2024-04-15')
        for day in ('2024-03-10', '2024-04-10'):
            self._invoice(self.dan, 1, quantity=100, day=day)
            self._invoice(self.ben, 1, quantity=100, day=day)
            self._invoice(self.cleo, 1, quantity=30, day=day)
        march = self._settle(3)
        self.assertEqual(self._earned(march), {self.anna: 3}, '200 left, 30 right')
        march.action_close()
        april = self._settle(4)
        # 170 carried + 100 left, 130 right
        self.assertEqual(self._earned(april), {self.anna: 13})

    def test_preview_and_why_climb_the_placement_tree(self):
        """Dan sells 100: Ben above him 5, Anna above Ben 4. By sponsors it would be Cleo and Ben."""
        plan = self._matrix()
        plan.action_activate()
        order = self.env['sale.order'].create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'mlm_agent_id': self.dan.id,
            'order_line': [Command.create({
                'product_id': self.product_a.id, 'price_unit': 100, 'tax_ids': [Command.clear()]})]})
        [preview] = order._mlm_preview_plans()
        self.assertFalse(preview['error'])
        self.assertEqual([(row['name'], row['amount']) for row in preview['rows']], [('Ben', 5), ('Anna', 4)])
        invoice = self._invoice(self.dan, 100)
        period = self._settle(3)
        self.assertEqual(self._earned(period), {self.ben: 5, self.anna: 4})
        [section] = period.run_ids._explain(invoice.mlm_volume_ids)
        self.assertEqual([step['name'] for step in section['steps'] if step['paid']], ['Ben', 'Anna'])
        self.assertFalse(section['sponsors'])

    def test_plan_needs_a_tree_of_its_width(self):
        self.company.mlm_placement_width = 3
        with self.assertRaisesRegex(ValidationError, 'Binary: binary.*pays for 2 seats.*have 3'):
            self._binary().action_activate()
        self._matrix().action_activate()
        self.company.mlm_placement_width = 4
        with self.assertRaisesRegex(ValidationError, 'Matrix: matrix.*pays for 3 seats.*have 4'):
            self._matrix().action_activate()
        self.company.mlm_placement_strategy = 'off'
        with self.assertRaisesRegex(ValidationError, 'Matrix: matrix.*placement tree.*Settings / Network / Placement'):
            self._matrix().action_activate()

    def test_newcomers_go_where_volume_is_missing(self):
        """Left has more people, right has sold more: the newcomer goes left."""
        self._binary().action_activate()
        self.company.mlm_placement_strategy = 'weak_volume'
        self._invoice(self.cleo, 1, quantity=100)
        self._invoice(self.dan, 1, quantity=60)
        new = self.env['res.partner'].with_company(self.company).create(
            {'name': 'New', 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.anna.id})
        self.assertEqual((new.mlm_placement_id, new.mlm_placement_slot), (self.dan, 1))
        self._invoice(self.dan, 1, quantity=60)
        other = new.copy({'name': 'Other'})
        other.write({'mlm_sponsor_id': self.anna.id, 'mlm_agent_state': 'active'})
        self.assertEqual((other.mlm_placement_id, other.mlm_placement_slot), (self.cleo, 2))
