# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import Command
from odoo.tests import tagged

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestHooks(CommissionCommon):
    """What other addons ask without knowing plans, agreements and periods."""

    def test_rank_of_today(self):
        """The highest rank of the agreements that hold today in this company; 0 without any."""
        silver, gold = self.env['mlm.rank'].create([{'name': 'Silver', 'level': 801}, {'name': 'Gold', 'level': 802}])
        self.assertEqual(self.dan._mlm_rank_level(), 0)
        self.agreements[self.dan].rank_id = silver
        self.assertEqual(self.dan._mlm_rank_level(), 801)
        other = self._plan('Other', 'differential', {'source': 'agreement'})
        second = self._agree(self.dan, 5, other, rank_id=gold.id)
        self.assertEqual(self.dan._mlm_rank_level(), 802)
        second.date_to = '2024-06-30'
        self.assertEqual(self.dan._mlm_rank_level(), 801, 'an agreement that has ended gives no rank')
        second.write({'date_to': False, 'date_from': '2999-01-01'})
        self.assertEqual(self.dan._mlm_rank_level(), 801, 'nor does one that has not begun')
        self.assertEqual(self.dan.with_company(self.env['res.company'].create({'name': 'O'}))._mlm_rank_level(), 0)
        self.assertEqual(self.cleo._mlm_rank_level(), 0)

    def _earned(self, order):
        self.env.flush_all()
        self.env.cr.execute(self.env['sale.order']._mlm_sql_commission())
        return {row[0]: tuple(map(float, row[1:])) for row in self.env.cr.fetchall()}.get(order.id, (0, 0))

    def test_commission_of_an_order(self):
        """1,000 through Dan pays 30 percent in all (the top's rate); a credit of 300 takes 90 back. Other sales are others'."""
        order = self.env['sale.order'].create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'order_line': [Command.create({
                'product_id': self.product_a.id, 'product_uom_qty': 1, 'price_unit': price, 'tax_ids': [Command.clear()]})
                for price in (600, 400)]})
        order.action_confirm()
        order.order_line.qty_delivered = 1
        invoice = order._create_invoices()
        invoice.write({'invoice_date': '2024-03-10', 'date': '2024-03-10'})
        invoice.action_post()
        self._invoice(self.dan, 5000)
        self.assertEqual(self._earned(order), (0, 0))
        march = self._period(3)
        march.action_calculate()
        self.assertEqual(self._earned(order), (0, 300))
        march.action_close()
        self.assertEqual(self._earned(order), (300, 0))
        self._credit(invoice, 300)
        self._period(4).action_calculate()
        self.assertEqual(self._earned(order), (300, -90))
