# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.tests import freeze_time, tagged

from odoo.addons.mlm_network.tests.traces import traces

from .. import auditing
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

    # What bookkeeping has to keep as it was written: bills with their postings, and what a closed statement says.
    KEPT_TABLES = {'account_move', 'account_move_line', 'account_payment', 'mlm_statement_line'}

    def test_no_name_is_left(self):
        """Statement sent, billed and paid, an adjustment, an agreement with notes: no text of any table names Cleo afterwards,
        but the bill and its postings, and the chain of digests is whole."""
        self.cleo.write({
            'name': 'Cleo Cerulean', 'email': 'cleo@cerulean.example.com', 'phone': '+49 30 5550123', 'street': 'Azure Alley 7'})
        bank = self.env['res.partner.bank'].create({
            'partner_id': self.cleo.id, 'acc_number': 'DE89370400440532013000', 'allow_out_payment': True})
        agreement = self.agreements[self.cleo]
        agreement.write({'note': '<p>Cleo Cerulean asked for 12</p>', 'self_billing': True})
        agreement.message_post(body='Spoke with Cleo Cerulean, cleo@cerulean.example.com')
        adjustment = self.env['mlm.adjustment'].create({
            'agent_id': self.cleo.id, 'company_id': self.company.id, 'date': '2024-03-20', 'amount': 10,
            'type_id': self.env['mlm.adjustment.type'].search([], limit=1).id, 'reason': 'Cleo Cerulean won the contest'})
        self.company.mlm_adjustment_limit = 100
        adjustment.action_confirm()
        self._invoice(self.dan, 1000)
        march = self._period(3)
        march.action_calculate()
        march.action_close()
        statement = march.statement_ids.filtered(lambda s: s.agent_id == self.cleo)
        self.assertEqual((adjustment.state, statement.payable), ('settled', 80))
        statement.message_post(body='Called Cleo Cerulean about it')
        statement.action_queue_mail()
        statement._send_mail()
        statement.action_bill()
        bill = statement.bill_id
        bill.partner_bank_id = bank
        own = self._invoice(self.anna, 100, partner=self.cleo, day='2024-04-10')  # posted, what she bought herself
        words = ('cerulean', '5550123', 'Azure Alley', 'DE89370400440532013000')
        self.assertLessEqual({'mlm_agreement', 'mlm_adjustment', 'mail_message', 'res_partner'}, set(traces(self.env, words)))
        sums = {s.agent_id: s.payable for s in march.statement_ids}
        wizard = self.env['privacy.lookup.wizard'].create({'name': 'Cleo Cerulean', 'email': 'cleo@cerulean.example.com'})
        wizard.action_lookup()
        self.assertIn('account.move', wizard.line_ids.mapped('res_model'))
        wizard.line_ids.action_unlink_all()
        self.env.invalidate_all()
        left = traces(self.env, words)
        self.assertEqual(set(left) - self.KEPT_TABLES, set(), left)
        self.assertEqual({s.agent_id: s.payable for s in march.statement_ids}, sums)
        self.assertEqual(auditing.verify(march), [])
        self.assertEqual((adjustment.reason, agreement.note), ('-', False))
        self.assertIn('contest', statement.line_ids.filtered('adjustment_id').label, 'as the agent was told')
        self.assertEqual((bill.exists().amount_untaxed, bill.partner_id), (statement.payable, self.cleo))
        self.assertEqual((own.exists().state, self.cleo.active), ('posted', False))
