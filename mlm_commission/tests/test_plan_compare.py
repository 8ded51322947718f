# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from lxml import html

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestPlanCompare(CommissionCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.rule_ids = [
            Command.create({'name': 'Sponsor', 'kind': 'level', 'params': {'rates': ['1']}}),
            Command.create({'name': 'Leaders', 'kind': 'infinity', 'params': {'layers': [{'rank': 3, 'rate': '1'}]}})]
        cls.second = cls.env['mlm.plan'].browse(cls.plan.action_new_version()['res_id'])

    def _rows(self, **values):
        wizard = self.env['mlm.plan.compare'].create({'plan_id': self.second.id, **values})
        rows = html.fromstring(wizard.comparison).xpath('//tbody/tr')
        return {row.xpath('string(./td[1]/text())').strip(): (
            'table-warning' in (row.get('class') or ''), row.xpath('string(./td[1]/div)').strip(),
            *(' '.join(cell.itertext()).strip() for cell in row.xpath('./td')[1:])) for row in rows}

    def test_a_copy_differs_in_its_dates_only(self):
        differing = [label for label, row in self._rows().items() if row[0]]
        self.assertEqual(differing, ['Sales From'])

    def test_what_differs_is_marked(self):
        self.second.rounding_mode = 'half_even'
        self.second.excluded_product_ids = self.product_a
        sponsor = self.second.rule_ids.filtered(lambda rule: rule.name == 'Sponsor')
        sponsor.params = {'rates': ['2', '1']}
        sponsor.base = 'margin'
        self.second.rule_ids.filtered(lambda rule: rule.name == 'Leaders').unlink()
        self.second.rule_ids = [Command.create({'name': 'Retail', 'kind': 'retail', 'base': 'margin', 'params': {}})]
        rows = self._rows()
        self.assertEqual(rows['Rounding'], (True, 'changed', 'Half up', 'Half to even'))
        self.assertEqual(rows['Excluded Products'][2], '–')
        self.assertIn('product_a', rows['Excluded Products'][3])
        self.assertFalse(rows['Pays When'][0])
        self.assertFalse(rows['Test plan: differential'][0])
        self.assertEqual(rows['Sponsor'][:2], (True, 'changed'))
        self.assertIn('1 %', rows['Sponsor'][2])
        self.assertIn('Net amount', rows['Sponsor'][2])
        self.assertIn('2 / 1 %', rows['Sponsor'][3])
        self.assertIn('Margin', rows['Sponsor'][3])
        self.assertEqual(rows['Leaders'][:2], (True, 'dropped'))
        self.assertEqual(rows['Retail'][:2], (True, 'new'))
        self.assertNotIn('Pays When', self._rows(only_changes=True))

    def test_a_renamed_rule_is_the_same_rule(self):
        self.second.rule_ids.filtered(lambda rule: rule.kind == 'infinity').name = 'Directors'
        rows = self._rows()
        self.assertEqual(rows['Directors'][:2], (True, 'changed'))
        self.assertNotIn('Leaders', rows)

    def test_opened_from_a_version(self):
        officer = new_test_user(self.env, 'compare_officer', groups='mlm_network.group_officer',
                                company_id=self.company.id, company_ids=self.company.ids)
        wizard = Form(self.env['mlm.plan.compare'].with_user(officer).with_context(default_plan_id=self.second.id))
        self.assertEqual(wizard.other_id, self.plan)
        self.assertIn('Sales From', wizard.comparison)
        for groups in ('base.group_user', 'base.group_portal'):
            user = new_test_user(self.env, f'compare_{groups[-6:]}', groups=groups)
            with self.assertRaises(AccessError):
                self.env['mlm.plan.compare'].with_user(user).create({'plan_id': self.second.id})
