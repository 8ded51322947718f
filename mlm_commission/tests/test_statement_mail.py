# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from unittest.mock import patch

from odoo.tests import tagged

from .test_statement_bill import StatementBillCommon


@tagged('post_install', '-at_install')
class TestStatementMail(StatementBillCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dan.email = 'dan@example.com'
        cls.cleo.email = 'cleo@example.com'
        cls.ben.email = 'ben@example.com'
        # Documents are printed in tests of their own.
        cls.env.ref('mlm_commission.mail_template_statement').report_template_ids = False

    def _jobs(self, stop_after=None):
        """Run the job as the scheduler would, which may have time for so many only."""
        seen = []

        def progress(self, processed=0, **kwargs):
            seen.append(processed)
            return 0 if stop_after and sum(seen) >= stop_after else 10.0

        with patch.object(type(self.env['ir.cron']), '_commit_progress', progress):
            self.env['mlm.statement']._cron_send()
        return sum(seen)

    def _mails(self):
        return self.env['mail.mail'].search([('model', '=', 'mlm.statement'), ('res_id', 'in', self.march.statement_ids.ids)])

    def test_everybody_gets_one(self):
        self.march.action_send()
        self.assertEqual(self.march.mail_waiting_count, 4)
        self.assertFalse(self._mails(), 'nothing is sent by the button itself')
        self.assertEqual(self._jobs(), 4)
        self.assertEqual(set(self._mails().recipient_ids.mapped('name')), {'Dan', 'Cleo', 'Ben'})
        self.assertEqual(self.statements[self.dan].mail_state, 'sent')
        # Anna has no address, and it says so.
        anna = self.statements[self.anna]
        self.assertEqual(anna.mail_state, 'failed')
        self.assertIn('no e-mail address', anna.mail_error)
        self.anna.email = 'anna@example.com'
        self.march.action_send()
        self.assertEqual(self._jobs(), 1)
        self.assertEqual(len(self._mails()), 4, 'nobody twice')

    def test_resumed_where_it_stopped(self):
        self.anna.email = 'anna@example.com'
        self.march.action_send()
        self._jobs(stop_after=1)
        self.assertEqual((len(self._mails()), self.march.mail_waiting_count), (1, 3))
        self._jobs()
        self.assertEqual((len(self._mails()), self.march.mail_waiting_count), (4, 0))
        self._jobs()
        self.assertEqual(len(self._mails()), 4)

    def test_text(self):
        self.statements[self.dan].action_queue_mail()
        self._jobs()
        mail = self._mails()
        self.assertIn(self.statements[self.dan].name, mail.subject)
        self.assertIn('50.00', mail.body_html)
        self.assertNotIn('send us your invoice', mail.body_html)
        self.assertNotIn('access_token', mail.body_html)
        self.agreements[self.cleo].self_billing = False
        self.statements[self.cleo].action_queue_mail()
        self._jobs()
        self.assertIn('send us your invoice', (self._mails() - mail).body_html)

    def test_sent_by_closing_where_the_company_wants_it(self):
        self.assertFalse(self.march.statement_ids.filtered('mail_state'))
        self.company.mlm_send_statements = True
        self._invoice(self.dan, 1000, day='2024-04-02')
        april = self._period(4)
        april.action_calculate()
        april.action_close()
        self.assertEqual(set(april.statement_ids.mapped('mail_state')), {'queued'})

    def test_document_goes_with_it(self):
        if self.env['ir.actions.report'].get_wkhtmltopdf_state() not in ('ok', 'upgrade', 'workers'):
            self.skipTest('wkhtmltopdf is not installed')
        self.env.ref('mlm_commission.mail_template_statement').report_template_ids = self.env.ref(
            'mlm_commission.mlm_statement_report')
        statement = self.statements[self.dan].with_context(force_report_rendering=True)
        statement.action_queue_mail()
        statement._send_mail()
        self.assertEqual(statement.mail_error, False)
        [attachment] = self._mails().attachment_ids
        kept = self.env['ir.attachment'].search([('res_model', '=', 'mlm.statement'), ('res_id', '=', statement.id),
                                                 ('name', '=', f'{statement.name}.pdf')])
        self.assertEqual(attachment.raw, kept[:1].raw)
        self.assertTrue(attachment.raw.startswith(b'%PDF'))
