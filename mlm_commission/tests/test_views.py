# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.tests import Form, new_test_user, tagged

from .common import CommissionCommon

ACTIONS = [
    'mlm_plan_action', 'mlm_rank_action', 'mlm_agreement_action', 'mlm_period_action', 'mlm_volume_action',
    'mlm_commission_action', 'mlm_commission_action_analysis', 'mlm_statement_action', 'mlm_statement_action_analysis',
]


@tagged('post_install', '-at_install')
class TestViews(CommissionCommon):

    @classmethod
    def _user(cls, login, groups):
        return new_test_user(cls.env, login=login, groups=groups, company_id=cls.company.id,
                             company_ids=[(6, 0, cls.company.ids)])

    def _menus(self, user):
        visible = self.env['ir.ui.menu'].with_user(user).load_menus(False)
        return {name for name in (
            'menu_period', 'menu_statement', 'menu_commission', 'menu_agreement', 'menu_volume', 'menu_plan', 'menu_rank',
            'menu_account_statement',
        ) if self.env.ref(f'mlm_commission.{name}').id in visible}

    def test_every_action_has_a_path_and_says_what_to_do(self):
        for name in ACTIONS:
            action = self.env.ref(f'mlm_commission.{name}')
            self.assertTrue(action.path, name)
            self.assertIn('o_view_nocontent', action.help, name)

    def test_everybody_opens_what_the_menus_offer(self):
        officer = self._user('mlm_officer', 'base.group_user,mlm_network.group_officer')
        accountant = self._user('mlm_accountant', 'base.group_user,account.group_account_invoice')
        manager = self._user('mlm_manager', 'base.group_user,mlm_network.group_manager')
        for user, names in ((manager, ACTIONS), (officer, ACTIONS), (accountant, [
            'mlm_statement_action', 'mlm_commission_action', 'mlm_volume_action', 'mlm_period_action'])):
            for name in names:
                action = self.env.ref(f'mlm_commission.{name}')
                model = self.env[action.res_model].with_user(user)
                views = [(False, mode) for mode in action.view_mode.split(',')] + [(False, 'search')]
                loaded = model.get_views(views)
                self.assertEqual(set(loaded['views']), {mode for _view, mode in views}, name)
                specification = {field: {} for field in loaded['models'][action.res_model]['fields']
                                 if model._fields[field].store}
                model.web_search_read([], specification, limit=2)

    def test_menus_by_role(self):
        self.assertEqual(self._menus(self._user('mlm_officer', 'base.group_user,mlm_network.group_officer')), {
            'menu_period', 'menu_statement', 'menu_commission', 'menu_agreement', 'menu_volume'})
        self.assertLess({'menu_plan', 'menu_rank', 'menu_period'}, self._menus(
            self._user('mlm_manager', 'base.group_user,mlm_network.group_manager')))
        self.assertEqual(self._menus(
            self._user('mlm_accountant', 'base.group_user,account.group_account_invoice')), {'menu_account_statement'})
        self.assertFalse(self._menus(self._user('mlm_sales', 'base.group_user,sales_team.group_sale_salesman')))

    def test_another_way_of_paying_begins_with_its_defaults(self):
        form = Form(self.env['mlm.plan'])
        form.name = 'On the screen'
        with form.rule_ids.new() as rule:
            rule.kind = 'level'
            self.assertEqual(rule.name, 'Levels')
            rule.params = {'rates': [{'rate': '5'}]}
            self.assertIn('5 %', rule.explanation)
            rule.kind = 'differential'
            self.assertFalse(rule.params)
            self.assertEqual(rule.name, 'Differential')
            self.assertEqual({param['name'] for param in rule.params_declaration['params']} >= {'source', 'unqualified'}, True)
            rule.name = 'By agreement'
            rule.kind = 'level'
            self.assertEqual(rule.name, 'By agreement', 'A name that was given stays.')
            rule.params = {'rates': [{'rate': '150'}]}
            self.assertIn('Rates by level, row 1, Rate · 150', rule.explanation, 'What is wrong is said while one types.')
            rule.params = {'rates': [{'rate': '5'}, {'rate': '2.5'}]}
        plan = form.save()
        plan.action_activate()
        self.assertEqual(plan.state, 'active')

    def test_period_counts_what_is_to_bill(self):
        self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        march.action_close()
        self.assertEqual((march.statement_count, march.to_bill_count, march.payable_total), (4, 4, 300))
        march.statement_ids[0].action_bill()
        self.assertEqual((march.statement_count, march.to_bill_count), (4, 3))

    def test_officer_is_told_why_nothing_is_settled(self):
        """Also without any right to read invoices."""
        self._invoice(self.dan, 1000, post=False)
        march = self._period(3).with_user(self._user('mlm_officer', 'base.group_user,mlm_network.group_officer'))
        self.assertIn('drafts', march.action_calculate()['params']['message'])

    def test_buttons_on_the_contact(self):
        self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        march.action_close()
        self.assertEqual((self.ben.mlm_agreement_count, self.ben.mlm_statement_count), (1, 1))
        for action, model in ((self.ben.action_mlm_statements(), 'mlm.statement'),
                              (self.ben.action_mlm_agreements(), 'mlm.agreement')):
            self.assertEqual(self.env[model].search(action['domain']).agent_id, self.ben)

    def test_buttons_lead_to_the_commissions(self):
        self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        march.action_close()
        statement = march.statement_ids.filtered(lambda statement: statement.agent_id == self.ben)
        commissions = self.env['mlm.commission']
        self.assertEqual(sum(commissions.search(statement.action_commissions()['domain']).mapped('amount')), statement.earned)
        line = statement.line_ids
        self.assertEqual(sum(commissions.search(line.action_commissions()['domain']).mapped('amount')), line.amount)
        everything = commissions.search(march.statement_ids.action_commissions()['domain'])
        self.assertEqual(sum(everything.mapped('amount')), 300)
