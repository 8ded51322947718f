# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.tests import freeze_time, tagged

from .common import CommissionCommon


@tagged('post_install', '-at_install')
@freeze_time('2024-05-15 12:00:00')
class TestPrivacy(CommissionCommon):
    """Who is forgotten takes no cent along: what was sold, settled and paid stays, nameless."""

    def look_up(self, name, email):
        wizard = self.env['privacy.lookup.wizard'].create({'name': name, 'email': email})
        wizard.action_lookup()
        return wizard.line_ids.filtered(lambda line: line.res_model == 'res.partner' or line.res_model.startswith('mlm.'))

    def test_agent_in_the_middle(self):
        self.cleo.write({'name': 'Cleo Cerulean', 'email': 'cleo@example.com'})
        invoice = self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        march.action_close()
        earned, payable = self._earned(march), {s.agent_id: s.payable for s in march.statement_ids}
        # 12 less 5 percent of 1,000
        self.assertEqual((earned[self.cleo], payable[self.cleo]), (70, 70))
        digest = march.statement_ids.mapped('digest')
        lines = self.look_up('Cleo Cerulean', 'cleo@example.com')
        statement = march.statement_ids.filtered(lambda s: s.agent_id == self.cleo)
        self.assertLessEqual(
            {('mlm.statement', statement.id), ('mlm.agreement', self.agreements[self.cleo].id)},
            {(line.res_model, line.res_id) for line in lines})
        lines.action_unlink_all()
        self.env.invalidate_all()
        self.assertRegex(self.cleo.name, '^Anonymous A')
        self.assertEqual(self._earned(march), earned)
        self.assertEqual({s.agent_id: s.payable for s in march.statement_ids}, payable)
        self.assertEqual(march.statement_ids.mapped('digest'), digest)
        # a refund afterwards takes back from the same people, also from the nameless one
        self._credit(invoice)
        april = self._period(4)
        april.action_calculate()
        self.assertEqual(self._earned(april)[self.cleo], -70)

    def test_customer_who_bought(self):
        customer = self.customer
        customer.write({'name': 'Kunde Karl', 'email': 'karl@example.com'})
        invoice = self._invoice(self.dan, 100)
        customer.mlm_sponsor_id = False
        lines = self.look_up('Kunde Karl', 'karl@example.com')
        self.assertIn('mlm.volume', lines.mapped('res_model'))
        lines.action_unlink_all()
        self.assertEqual(customer.name, f'Anonymous {customer.id}')
        self.assertEqual(self._volume(invoice), {self.dan: 100})
