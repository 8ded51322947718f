# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The auditor, whom mlm_commission brings, on the models of the addons that do not know the role."""
from odoo.tests import TransactionCase, new_test_user, tagged

ADDONS = ('mlm_network', 'mlm_offers', 'mlm_lead_import')
# What auditors read of them; everything else is to them as to anybody on the staff.
READ = {'mlm.sponsorship', 'mlm.placement', 'mlm.place.change', 'mlm.application'}


@tagged('post_install', '-at_install')
class TestAuditor(TransactionCase):

    def test_reads_the_network_and_changes_nothing(self):
        home = {'company_id': self.env.company.id, 'company_ids': [(6, 0, self.env.company.ids)]}
        auditor = new_test_user(self.env, 'month_auditor', 'mlm_commission.group_auditor', **home)
        employee = new_test_user(self.env, 'month_employee', 'base.group_user', **home)
        models = sorted(name for name, model in self.env.registry.items()
                        if model._original_module in ADDONS and not model._abstract)
        self.assertGreater(len(models), 25)
        for name in models:
            model = self.env[name]
            found = model.sudo().with_context(active_test=False).search([], limit=5)
            with self.subTest(name):
                self.assertEqual(model.with_user(auditor).has_access('read'),
                                 name in READ or model.with_user(employee).has_access('read'))
                if name in READ:
                    self.assertTrue(found.with_user(auditor).has_access('read'))
                for operation in ('write', 'create', 'unlink'):
                    allowed = model.with_user(auditor).has_access(operation)
                    self.assertEqual(allowed, model.with_user(employee).has_access(operation))
                    self.assertFalse(allowed and not model._transient, operation)
