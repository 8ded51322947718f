# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from unittest.mock import patch

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import LeadImportCommon

MEASURES = ['lead_count:sum', 'is_contacted:sum', 'quotation_count:sum', 'order_count:sum', 'order_amount:sum', 'cost:sum']
EARNED = ['commission:sum', 'commission_estimate:sum']


@tagged('post_install', '-at_install')
class TestReport(LeadImportCommon):
    """Campaign, lead, offer, order, commission in one row each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.json = cls.source('json')
        cls.anna = cls.agent('Anna')
        cls.campaign = cls.env['utm.campaign'].create({'title': 'Autumn'})
        cls.json.campaign_ids = [Command.create({'external_id': '1', 'campaign_id': cls.campaign.id, 'cost': 90})]
        cls.product = cls.env['product.product'].create({'name': 'P', 'list_price': 100, 'taxes_id': False})
        cls.manager = cls.user('lead_manager', 'mlm_network.group_manager')
        cls.sales = cls.user('lead_sales_boss', 'sales_team.group_sale_manager')

    def leads(self, count):
        return self.Lead.union(*(self.become_json(
            self.json, f'r-{number}', contact={'full_name': f'R {number}'}, campaign={'id': '1'}).lead_id
            for number in range(count)))

    def order(self, lead, quantity, state='sale'):
        order = self.env['sale.order'].create({
            'partner_id': self.anna.id, 'opportunity_id': lead.id,
            'order_line': [Command.create({'product_id': self.product.id, 'product_uom_qty': quantity})]})
        order.state = state
        return order

    def figures(self, measures, user=None):
        self.env.flush_all()
        row, = self.env['mlm.lead.report'].with_user(user or self.manager)._read_group(
            [('campaign_id', '=', self.campaign.id)], ['campaign_id'], measures)
        return row[1:]

    def test_to_the_order(self):
        """Three leads of a campaign of 90; one was contacted and got an offer of 200, an order of 200, a cancelled one."""
        _first, second, _third = self.leads(3)
        second.action_mlm_contacted()
        for state in ('draft', 'sale', 'cancel'):
            self.order(second, 2, state)
        figures = self.figures(MEASURES)
        self.assertEqual(figures[:5], (3, 1, 2, 1, 200.0))
        self.assertAlmostEqual(figures[5], 90.0)

    def paying(self, amounts):
        """As if an addon paid commission: ``{order: (final, estimate)}``."""
        rows = SQL(', ').join(SQL('(%s, %s, %s)', order.id, *both) for order, both in amounts.items())
        return patch.object(type(self.env['sale.order']), '_mlm_sql_commission', lambda model: SQL(
            'SELECT * FROM (VALUES %s) AS v (order_id, final, estimate)', rows))

    def test_to_the_commission(self):
        """Two orders of one lead add up, and its figures are not multiplied by them; others' orders are not counted."""
        first, second = self.leads(2)
        orders = [self.order(first, 1), self.order(first, 3), self.order(second, 1)]
        other = self.order(self.Lead.create({'name': 'Not imported'}), 9)
        with self.paying({orders[0]: (30, 0), orders[1]: (-5, 7), orders[2]: (11, 2), other: (1000, 1000)}):
            self.assertEqual(self.figures([*MEASURES, *EARNED]), (2, 0, 3, 3, 500.0, 90.0, 36.0, 9.0))

    def test_commission_is_for_officers(self):
        first, = self.leads(1)
        with self.paying({self.order(first, 1): (30, 0)}):
            self.assertEqual(self.figures(['order_amount:sum'], self.sales), (100.0,))
            with self.assertRaises(AccessError):
                self.figures(['commission:sum'], self.sales)

    def view(self, user):
        Report = self.env['mlm.lead.report'].with_user(user)
        self.env.registry.clear_cache('templates')
        view = Report.get_view(self.env.ref('mlm_lead_import.mlm_lead_report_view_pivot').id, 'pivot')
        shown = set(etree.fromstring(view['arch']).xpath('//field/@name'))
        return {'commission', 'commission_estimate'} & shown, {'commission', 'commission_estimate'} & set(Report.fields_get())

    def test_nothing_pays_commission(self):
        """A column of zeros would say that nobody earned; so there is none."""
        with patch.object(type(self.env['sale.order']), '_mlm_sql_commission', lambda model: None):
            self.assertEqual(self.view(self.manager), (set(), set()))
            self.leads(1)
            self.assertEqual(self.figures(EARNED), (0.0, 0.0))
        both = {'commission', 'commission_estimate'}
        with self.paying({self.order(self.Lead, 1): (0, 0)}):
            self.assertEqual(self.view(self.manager), (both, both))
            self.assertEqual(self.view(self.sales), (set(), set()))

    def test_who_may(self):
        self.leads(1)
        self.figures(MEASURES)
        for groups in ('sales_team.group_sale_salesman', 'base.group_portal', 'mlm_network.group_officer'):
            with self.assertRaises(AccessError):
                self.env['mlm.lead.report'].with_user(self.user(groups.rpartition('.')[2], groups)).search([])
        other = self.env['res.company'].create({'name': 'Other'})
        foreign = self.user('lead_foreign', 'mlm_network.group_manager', company_id=other.id, company_ids=[(6, 0, other.ids)])
        self.assertFalse(self.env['mlm.lead.report'].with_user(foreign).search([('campaign_id', '=', self.campaign.id)]))
