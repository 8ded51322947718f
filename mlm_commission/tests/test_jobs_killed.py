# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from unittest.mock import patch

from odoo.tests import tagged

from .test_statement_bill import StatementBillCommon


class Killed(BaseException):
    """As good as the end of the process: nothing that catches errors sees it."""


@tagged('post_install', '-at_install')
class TestJobsKilled(StatementBillCommon):
    """A job in the background dies with a batch half done: the next one goes on, nothing is made twice, nothing is lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for agent in cls.anna + cls.ben + cls.cleo + cls.dan:
            agent.email = f'{agent.name.lower()}@example.com'
        # Documents are printed in tests of their own.
        cls.env.ref('mlm_commission.mail_template_statement').report_template_ids = False

    def _run(self, job, step=None, kill_at=0):
        """Run a job as the scheduler would; what it committed stays when it is killed.

        :param str step: the method of statements after whose n-th call it is killed, before it can commit
        :return: whether it was killed
        """
        calls, statements = [], type(self.env['mlm.statement'])

        def commit(cron, *args, **kwargs):
            self.env.flush_all()
            self.env.cr.execute('SAVEPOINT committed')
            return 10.0

        def and_die(records, *args, **kwargs):
            result = original(records, *args, **kwargs)
            calls.append(records)
            if len(calls) == kill_at:
                self.env.flush_all()
                raise Killed
            return result

        original = getattr(statements, step) if step else None
        patches = [patch.object(type(self.env['ir.cron']), '_commit_progress', commit)]
        if step:
            patches.append(patch.object(statements, step, and_die))
        for one in patches:
            one.start()
        try:
            job()
        except Killed:
            self.env.cr.clear()
            self.env.cr.execute('ROLLBACK TO SAVEPOINT committed')
            return True
        finally:
            for one in patches:
                one.stop()
        return False

    def test_bills(self):
        statements = self.march.statement_ids
        statements._queue_bills()
        journal = self.company._mlm_self_billing_journal()
        self.env.flush_all()
        job = lambda: self.env['mlm.statement']._cron_bill(batch=2)
        self.assertTrue(self._run(job, '_make_bills', kill_at=2))
        self.assertEqual((len(statements.filtered('bill_id')), len(statements.filtered('bill_queued'))), (2, 2))
        self.assertFalse(self._run(job))
        bills = self.env['account.move'].search([('journal_id', '=', journal.id)])
        self.assertEqual((statements.bill_id, len(bills)), (bills, 4))
        self.assertEqual(sorted(bills.mapped('amount_untaxed')), [50, 70, 80, 100])
        self.assertFalse(statements.filtered('bill_queued'))

    def test_mails(self):
        statements = self.march.statement_ids
        statements.action_queue_mail()
        self.env.flush_all()
        job = self.env['mlm.statement']._cron_send
        self.assertTrue(self._run(job, '_send_mail', kill_at=3))
        mails = [('model', '=', 'mlm.statement'), ('res_id', 'in', statements.ids)]
        self.assertEqual(self.env['mail.mail'].search_count(mails), 2)
        self.assertEqual(sorted(state or '' for state in statements.mapped('mail_state')), ['queued', 'queued', 'sent', 'sent'])
        self.assertFalse(self._run(job))
        self.assertEqual(sorted(self.env['mail.mail'].search(mails).mapped('res_id')), sorted(statements.ids))
        self.assertEqual(set(statements.mapped('mail_state')), {'sent'})
