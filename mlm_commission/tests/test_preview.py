# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestPreview(CommissionCommon):
    """A quotation tells before it is confirmed who would earn what."""

    def _order(self, **values):
        return self.env['sale.order'].create({
            'partner_id': self.customer.id,
            'order_line': [
                Command.create({'product_id': self.product_a.id, 'price_unit': 1000, 'tax_ids': [Command.clear()]}),
                Command.create({'product_id': self.product_a.id, 'price_unit': 33.33, 'tax_ids': [Command.clear()]}),
            ],
            **values,
        })

    def test_same_figures_as_the_settlement(self):
        order = self._order()
        self.assertEqual(order.mlm_agent_id, self.dan)
        [preview] = order._mlm_preview_plans()
        rows = {row['name']: (row['level'], row['rate'], row['amount']) for row in preview['rows']}
        # 1000: 50 / 70 / 80 / 100; 33.33: 1.67 / 2.33 / 2.67 / 3.33
        self.assertEqual(rows, {
            'Dan': (0, '5 %', 51.67), 'Cleo': (1, '7 %', 72.33), 'Ben': (2, '8 %', 82.67), 'Anna': (3, '10 %', 103.33)})
        self.assertEqual(preview['total'], 310)
        self.assertIn('103.33', order.mlm_preview)
        self.product_a.invoice_policy = 'order'
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.invoice_date = '2024-03-10'
        invoice.action_post()
        period = self._period(3)
        period.action_calculate()
        self.assertEqual({agent.name: amount for agent, amount in self._earned(period).items()},
                         {name: amount for name, (_level, _rate, amount) in rows.items()})

    def test_nothing_is_written(self):
        order = self._order()
        before = self.env['mlm.volume'].search_count([])
        order._mlm_preview_plans()
        self.assertEqual(self.env['mlm.volume'].search_count([]), before)

    def test_without_agent_or_commissionable_lines(self):
        self.assertIn('nobody earns', str(self._order(mlm_agent_id=False).mlm_preview))
        self.product_a.mlm_commissionable = False
        self.assertIn('Nothing on this order', str(self._order().mlm_preview))

    def test_salesperson_sees_it_without_a_right_to_the_plan(self):
        user = new_test_user(
            self.env, 'seller', groups='sales_team.group_sale_salesman', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)])
        order = self._order(user_id=user.id).with_user(user)
        self.assertIn('103.33', order.mlm_preview)
        self.assertFalse(self.env['mlm.plan'].with_user(user).has_access('read'))

    def test_discount_and_foreign_currency(self):
        foreign = self.setup_other_currency('CHF', rates=[('2024-01-01', 2.0)])
        pricelist = self.env['product.pricelist'].create({'name': 'CHF', 'currency_id': foreign.id})
        order = self._order(pricelist_id=pricelist.id)
        order.order_line[1].unlink()
        order.order_line.discount = 10
        [preview] = order._mlm_preview_plans()
        self.assertEqual(preview['total'], 135, '30 percent of 900 CHF, worth 450')
