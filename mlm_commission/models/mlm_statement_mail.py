# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class MlmStatement(models.Model):
    """Statements on their way to the agents: queued, sent in the background, never twice."""
    _inherit = 'mlm.statement'

    mail_state = fields.Selection(
        [('queued', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed')], string='E-mail', readonly=True, copy=False)
    mail_date = fields.Datetime(string='Sent On', readonly=True, copy=False)
    mail_error = fields.Char(string='Why It Was Not Sent', readonly=True, copy=False)

    _mail_queue_index = models.Index('(id) WHERE mail_state = \'queued\'')

    # === ACTION METHODS === #

    def action_queue_mail(self):
        """Have the statements sent in the background: those that were not sent before."""
        self.check_access('write')
        # One statement in SQL, also for a month of 100,000; readers of the records see it afterwards.
        waiting = self.filtered(lambda statement: statement.mail_state not in ('queued', 'sent'))
        waiting.write({'mail_state': 'queued', 'mail_error': False})
        self.env.ref('mlm_commission.ir_cron_send_statements')._trigger()
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'message': self.env._('%s statements are sent in the background.', len(waiting)),
                'type': 'info',
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    # === BUSINESS METHODS === #

    @api.model
    def _cron_send(self, batch=100):
        """Send what waits, one by one: each with its document is committed before the next begins."""
        waiting = [('mail_state', '=', 'queued')]
        cron = self.env['ir.cron']
        cron._commit_progress(remaining=self.search_count(waiting))
        for statement in self.search(waiting, order='id', limit=batch):
            # Somebody else may be sending it right now.
            statement = statement.try_lock_for_update().filtered_domain(waiting)
            if statement:
                statement._send_mail()
            # The mail is in Odoo's own queue in the same transaction that marks the statement: neither without the other.
            if not cron._commit_progress(1):
                break

    def _send_mail(self):
        """Queue the mail of one statement, with the document that is kept; a failure is noted and holds up nobody else."""
        self.ensure_one()
        statement = self.with_company(self.company_id).with_context(lang=self.agent_id.lang)
        try:
            with self.env.cr.savepoint():
                if not statement.agent_id.email:
                    raise UserError(statement.env._('%s has no e-mail address.', statement.agent_id.display_name))
                self.env.ref('mlm_commission.mail_template_statement').send_mail(statement.id)
                statement.write({'mail_state': 'sent', 'mail_date': fields.Datetime.now(), 'mail_error': False})
        except OperationalError:
            raise  # another transaction was first: Odoo repeats the job
        except Exception as error:  # noqa: BLE001 whatever is wrong with one statement is told at it
            self.env.invalidate_all()
            _logger.info('statement %s could not be sent', statement.name, exc_info=True)
            statement.write({'mail_state': 'failed', 'mail_error': str(error)[:500]})
