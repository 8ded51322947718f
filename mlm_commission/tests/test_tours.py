# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.tests import HttpCase, new_test_user, tagged

# The module, not its classes: a test runner takes up every test case it finds here.
from odoo.addons.web.tests import test_js

from .common import CommissionCommon


class ToursCommon(CommissionCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Debian's package of Odoo lacks this file, which its manifest still names; elsewhere this changes nothing.
        cls.env['ir.asset'].create({
            'name': 'Not part of Debian\'s package', 'bundle': 'web.assets_backend', 'directive': 'remove',
            'path': 'mail/static/lib/selfie_segmentation/selfie_segmentation.js',
        })

    @classmethod
    def _user(cls, login, groups, **values):
        return new_test_user(cls.env, login=login, groups=groups, company_id=cls.company.id,
                             company_ids=[(6, 0, cls.company.ids)], **values)


@tagged('post_install', '-at_install')
class TestTours(ToursCommon):
    """A month through the screens, everybody with no more rights than the job needs."""

    def test_manager_takes_a_plan_from_the_gallery(self):
        self._user('mlm_gallery', 'base.group_user,mlm_network.group_manager')
        self.start_tour('/odoo/commission-gallery', 'mlm_commission_gallery', login='mlm_gallery')
        plan = self.env['mlm.plan'].search([('company_id', '=', self.company.id)], order='id desc', limit=1)
        self.assertEqual((plan.name, plan.state), ('Cleaning products: three levels', 'active'))
        self.assertEqual(plan._parse().rules[0].values['own_rate'], 250_000)

    def test_manager_makes_a_plan(self):
        self._user('mlm_manager', 'base.group_user,mlm_network.group_manager')
        self.start_tour('/odoo/commission-plans/new', 'mlm_commission_plan', login='mlm_manager')
        plan = self.env['mlm.plan'].search([('name', '=', 'Two levels')])
        self.assertEqual(plan.state, 'active')
        self.assertEqual(plan.rule_ids.name, 'Upline')
        self.assertEqual(plan.rule_ids.kind, 'level')
        # As they were typed, so that the engine reads exactly that.
        self.assertEqual([row['rate'] for row in plan.rule_ids.params['rates']], ['5', '2.5'])
        self.assertEqual(plan.rule_ids.params['compression'], 'standard')
        self.assertEqual(plan.rule_ids.params['own_rate'], '10')

    def test_officer_settles_manager_closes_and_accountant_bills(self):
        self._invoice(self.dan, 1000)
        march = self._period(3)
        self._user('mlm_officer', 'base.group_user,mlm_network.group_officer')
        self.start_tour(f'/odoo/commission-periods/{march.id}', 'mlm_commission_settle', login='mlm_officer')
        self.assertEqual(march.state, 'calculated')
        self._user('mlm_closer', 'base.group_user,mlm_network.group_manager')
        self.start_tour(f'/odoo/commission-periods/{march.id}', 'mlm_commission_close', login='mlm_closer')
        self.assertEqual(march.state, 'closed')
        self.assertEqual(sum(march.statement_ids.mapped('payable')), 300)
        self._user('mlm_accountant', 'base.group_user,account.group_account_invoice')
        self.start_tour('/odoo', 'mlm_commission_bill', login='mlm_accountant')
        bill = march.statement_ids.bill_id
        self.assertEqual((bill.move_type, bill.partner_id, bill.amount_untaxed), ('in_invoice', self.anna, 100))

    def test_auditor_looks_at_the_tree(self):
        """The tree with its panel, and contacts without a button that changes a place."""
        self._user('mlm_tree_auditor', 'base.group_user,mlm_commission.group_auditor')
        wide = self._agent('Wide Tour', self.dan)
        for number in range(1, 4):
            self._agent('Leaf %02d & Co' % number, wide)
        self.start_tour('/odoo/network-tree', 'mlm_network_tree_read', login='mlm_tree_auditor')

    def test_officer_colors_the_tree(self):
        self.agreements[self.dan].rank_id = self.env['mlm.rank'].create({'name': 'Gold of the Tour', 'level': 90})
        self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        march.action_close()
        self._user('mlm_colors', 'base.group_user,mlm_network.group_officer')
        self.start_tour('/odoo/network-tree', 'mlm_commission_tree_colors', login='mlm_colors')

    def test_widget_of_parameters(self):
        """The unit tests of the field widget, in a browser."""
        suite = test_js.HOOTCommon._generate_hash(self, '@mlm_commission')
        self.browser_js(
            f'/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={suite}', '', '', login='admin', timeout=120,
            success_signal='[HOOT] Test suite succeeded', error_checker=test_js.unit_test_error_checker)


@tagged('post_install', '-at_install')
class TestToursAgent(ToursCommon):

    def test_agent_asks_why(self):
        self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        march.action_close()
        self._user('ben', 'base.group_portal', partner_id=self.ben.id, name='Ben')
        self.start_tour('/my', 'mlm_commission_portal', login='ben')

    def test_agent_finds_reserve_and_book_extract(self):
        """10 % of Dan's 50.00 is held until the contract of 10 March is three months old."""
        self.company.mlm_book_in_portal = True
        self.product_a.mlm_liability_id = self.env['mlm.liability'].create({
            'name': 'Three months', 'kind': 'full', 'months': 3, 'reserve_rate': 10})
        self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        march.action_close()
        self._user('dan', 'base.group_portal', partner_id=self.dan.id, name='Dan')
        self.start_tour('/my/statements', 'mlm_commission_reserve', login='dan')
        self.start_tour('/my/statements', 'mlm_commission_book', login='dan')


@tagged('post_install', '-at_install')
class TestToursAgentPhone(TestToursAgent):
    browser_size = '390x844'
    touch_enabled = True
