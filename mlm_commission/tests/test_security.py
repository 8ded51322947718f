# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestSecurity(CommissionCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = {'company_id': cls.company.id, 'company_ids': [Command.set(cls.company.ids)]}
        cls.users = {
            'manager': new_test_user(cls.env, 'm', groups='mlm_network.group_manager', **companies),
            'officer': new_test_user(cls.env, 'o', groups='mlm_network.group_officer', **companies),
            'accountant': new_test_user(cls.env, 'a', groups='account.group_account_invoice', **companies),
            'auditor': new_test_user(cls.env, 'au', groups='mlm_commission.group_auditor', **companies),
            'salesperson': new_test_user(cls.env, 's', groups='sales_team.group_sale_salesman', **companies),
            'employee': new_test_user(cls.env, 'e', groups='base.group_user', **companies),
            'agent': cls._portal('p', cls.cleo),
            'below': cls._portal('b', cls.dan),
            'stranger': cls._portal('t', cls.env['res.partner'].create({'name': 'Stranger'})),
            'public': cls.env.ref('base.public_user'),
        }
        other = cls.env['res.company'].create({'name': 'Other company'})
        cls.users['abroad'] = new_test_user(
            cls.env, 'x', groups='mlm_network.group_manager,account.group_account_invoice', company_id=other.id,
            company_ids=[Command.set(other.ids)])
        category = cls.product_a.categ_id
        cls.agreements[cls.cleo].rate_ids = [Command.create({'categ_id': category.id, 'rate': 12})]
        cls.product_a.mlm_liability_id = cls.env['mlm.liability'].create({
            'name': 'Two years', 'kind': 'steps', 'reserve_rate': 10,
            'step_ids': [Command.create({'months': 24, 'percent': 50})]})
        kind = cls.env['mlm.adjustment.type'].create({'name': 'Prize', 'company_id': cls.company.id})
        cls.env['mlm.adjustment'].create({
            'agent_id': cls.cleo.id, 'type_id': kind.id, 'amount': 1,
            'date': '2024-04-01', 'reason': 'Test', 'company_id': cls.company.id})
        cls.env['mlm.rank'].search([]).active = False
        rank = cls.env['mlm.rank'].create({'name': 'Leader', 'level': 1, 'company_id': cls.company.id})
        cls.env['mlm.plan.rank'].create({'plan_id': cls.plan.id, 'rank_id': rank.id, 'shares': 2})
        cls._invoice(cls.dan, 1000)
        cls.period = cls._period(3)
        cls.period.action_calculate()
        cls.period.action_close()
        cls._invoice(cls.dan, 1000, day='2024-04-02')
        cls.draft = cls._period(4)
        cls.draft.action_calculate()
        cls.env.flush_all()

    @classmethod
    def _portal(cls, login, partner):
        return new_test_user(cls.env, login, groups='base.group_portal', partner_id=partner.id)

    def test_an_agent_reads_what_a_line_is_called(self):
        """Also through RPC, though the plan's rules are not for agents."""
        statement = self.env['mlm.statement'].search([('agent_id', '=', self.cleo.id)], limit=1)
        lines = statement.line_ids.filtered(lambda line: line.kind == 'commission')
        own = lines.with_user(self.users['agent'])
        self.env.invalidate_all()
        self.assertEqual(own.mapped('display_name'), lines.rule_id.mapped('name'))
        with self.assertRaises(AccessError), mute_logger('odoo.addons.base.models.ir_rule', 'odoo.models'):
            own.rule_id.mapped('name')

    def test_rights_hold_through_the_orm(self):
        """Not only said: tried, by reading, searching, grouping and exporting."""
        statement = self.env['mlm.statement'].search([('agent_id', '=', self.cleo.id)], limit=1)
        for role in ('below', 'stranger', 'public', 'employee', 'salesperson', 'abroad'):
            user = self.users[role]
            with self.subTest(role=role), mute_logger('odoo.addons.base.models.ir_rule'):
                with self.assertRaises(AccessError):
                    statement.with_user(user).read(['payable'])
                with self.assertRaises(UserError):  # an AccessError, or no right to export anything
                    statement.with_user(user).export_data(['payable'])
                if role in ('below', 'stranger', 'abroad'):
                    found = self.env['mlm.statement'].with_user(user).search([('agent_id', '=', self.cleo.id)])
                    self.assertFalse(found)
                    self.assertFalse(self.env['mlm.commission'].with_user(user)._read_group(
                        [('beneficiary_id', '=', self.cleo.id)], ['beneficiary_id'], ['amount:sum']))
                else:
                    with self.assertRaises(AccessError):
                        self.env['mlm.statement'].with_user(user).search([])

    def test_an_agent_sees_own_final_figures_only(self):
        commissions = self.env['mlm.commission'].with_user(self.users['agent']).search([])
        self.assertEqual(commissions.mapped('amount'), [70.0], 'neither the draft nor what others get')
        self.assertEqual(commissions.period_id.ids, self.period.ids)
        statements = self.env['mlm.statement'].with_user(self.users['agent']).search([])
        self.assertEqual(statements.sudo().agent_id, self.cleo)
        agreements = self.env['mlm.agreement'].with_user(self.users['agent']).search([])
        self.assertEqual(agreements.sudo().agent_id, self.cleo)
        for model in ('mlm.volume', 'mlm.plan', 'mlm.run', 'mlm.period'):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.users['agent']).search([])

    def test_officer_calculates_manager_closes_and_accountant_bills(self):
        officer = self.users['officer']
        self.draft.with_user(officer).action_calculate()
        with self.assertRaises(AccessError):
            self.draft.with_user(self.users['accountant']).action_calculate()
        for role in ('officer', 'accountant', 'auditor'):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.draft.with_user(self.users[role]).action_close()
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.draft.with_user(self.users[role]).write({'state': 'closed'})
        self.assertEqual(self.draft.state, 'calculated')
        self.draft.with_user(self.users['manager']).action_close()
        for state in ('open', 'calculated'):
            with self.assertRaisesRegex(UserError, 'stays'):
                self.draft.with_user(self.users['manager']).write({'state': state})
        statement = self.draft.statement_ids[:1]
        with self.assertRaises(AccessError):
            statement.with_user(officer).action_bill()
        with self.assertRaises(AccessError):
            statement.with_user(self.users['auditor']).action_bill()
        with self.assertRaisesRegex(AccessError, 'accountants'):
            statement.with_user(officer).write({'bill_id': self.draft.company_id.id})
        statement.with_user(self.users['accountant']).action_bill()
        self.assertTrue(statement.bill_id)

    def test_auditor_reads_everything_and_changes_nothing(self):
        auditor = self.users['auditor']
        for model in self.env.values():
            if model._module == 'mlm_commission' and not model._transient and not model._abstract \
                    and model._name.startswith('mlm.') or model._name in ('mlm.sponsorship', 'mlm.placement'):
                with self.subTest(model=model._name):
                    own = model.with_user(auditor)
                    self.assertTrue(own.has_access('read'))
                    self.assertFalse(any(own.has_access(right) for right in ('write', 'create', 'unlink')))
        commission = self.env['mlm.commission'].search(
            [('beneficiary_id', '=', self.cleo.id), ('state', '=', 'closed')], limit=1).with_user(auditor)
        self.assertIn('Anna', commission.explanation)
        commission.move_id.invoice_line_ids.mapped('price_unit')
        with mute_logger('odoo.addons.base.models.ir_model'):
            for change in (
                lambda: self.draft.with_user(auditor).action_calculate(),
                lambda: self.draft.with_user(auditor).action_discard(),
                lambda: self.env['mlm.adjustment'].search([('agent_id', '=', self.cleo.id)]).with_user(auditor).action_confirm(),
                lambda: self.agreements[self.cleo].with_user(auditor).write({'note': 'Mine'}),
                lambda: self.plan.with_user(auditor).write({'name': 'Mine'}),
                lambda: commission.move_id.write({'ref': 'Mine'}),
            ):
                with self.assertRaises(AccessError):
                    change()

    def test_nobody_writes_the_ledger_or_a_commission(self):
        volume = self.env['mlm.volume'].search([], limit=1)
        for role in ('manager', 'officer', 'accountant', 'agent'):
            with self.subTest(role=role), mute_logger('odoo.addons.base.models.ir_model'):
                with self.assertRaises(AccessError):
                    self.env['mlm.volume'].with_user(self.users[role]).create([{'net': 1}])
                with self.assertRaises(AccessError):
                    self.env['mlm.commission'].with_user(self.users[role]).create([{'amount': 1}])
                self.assertFalse(volume.with_user(self.users[role]).has_access('write'))
