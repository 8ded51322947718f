# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from lxml import etree

from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .test_statement_bill import StatementBillCommon


@tagged('post_install', '-at_install')
class TestAnalysis(StatementBillCommon):
    """March: Dan sells 1,000, so Dan 50, Cleo 70, Ben 80, Anna 100. Anna > Ben > Cleo > Dan."""

    def _search(self, view, label, typed):
        """What a user finds who types into a search field."""
        model = self.env.ref(view).model
        arch = etree.fromstring(self.env[model].get_view(self.env.ref(view).id, 'search')['arch'])
        [field] = arch.xpath(f'//field[@string="{label}"]')
        domain = safe_eval(field.get('filter_domain'), {'self': typed})
        return self.env[model].search([*domain, ('company_id', '=', self.company.id)])

    def test_branch_of_the_tree(self):
        found = self._search('mlm_commission.mlm_statement_view_search', 'Branch Of', 'Cleo')
        self.assertEqual(set(found.agent_id.mapped('name')), {'Cleo', 'Dan'})
        found = self._search('mlm_commission.mlm_commission_view_search', 'Branch Of', 'Ben')
        self.assertEqual(sorted(found.mapped('amount')), [50, 70, 80])
        self._invoice(self.anna, 10, day='2024-03-20')
        found = self._search('mlm_commission.mlm_volume_view_search', 'Branch Of', 'Ben')
        self.assertEqual(found.mapped('net'), [1000])
        found = self._search('mlm_commission.mlm_commission_view_search', 'Sold in the Branch Of', 'Dan')
        self.assertEqual(len(found), 4)
        self.assertFalse(self._search('mlm_commission.mlm_commission_view_search', 'Sold in the Branch Of', 'Zoe'))

    def test_statements_of_a_rule(self):
        found = self._search('mlm_commission.mlm_statement_view_search', 'Rule', self.plan.rule_ids.name)
        self.assertEqual(found, self.march.statement_ids)

    def test_sums_by_whatever_is_asked(self):
        commissions = self.env['mlm.commission']
        domain = [('period_id', '=', self.march.id)]
        for group, count in (('beneficiary_id', 4), ('seller_id', 1), ('rule_id', 1), ('product_id', 1), ('partner_id', 1),
                             ('plan_id', 1), ('level', 4), ('date:month', 1)):
            with self.subTest(group=group):
                sums = commissions._read_group(domain, [group], ['amount:sum'])
                self.assertEqual((len(sums), sum(amount for _group, amount in sums)), (count, 300))

    def test_lists_do_not_ask_per_row(self):
        """As many queries for four commissions as for eight."""
        fields = {name: {} for name in ('date', 'source', 'rule_id', 'rate', 'base', 'amount', 'is_clawback', 'level')}

        def queries(count):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = self.env['mlm.commission'].web_search_read(
                [('company_id', '=', self.company.id)], fields, limit=count)
            self.assertEqual(len(found['records']), count)
            return self.env.cr.sql_log_count - before

        self._invoice(self.dan, 1000, day='2024-04-02')
        april = self._period(4)
        april.action_calculate()
        queries(8)
        self.assertEqual(queries(4), queries(8))
