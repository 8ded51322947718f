# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# A request bills this many statements itself; more are left to the job in the background.
BILLED_AT_ONCE = 50


class MlmStatement(models.Model):
    """From the statement to what accounting pays: a bill that the company writes, or the agent's own invoice."""
    _inherit = 'mlm.statement'

    bill_id = fields.Many2one('account.move', string='Bill', readonly=True, index='btree_not_null', copy=False,
                              ondelete='set null')
    payment_state = fields.Selection(related='bill_id.payment_state', string='Payment')
    bill_state = fields.Selection(
        [('nothing', 'Nothing to pay'), ('to_bill', 'To bill'), ('draft', 'Draft bill'), ('billed', 'Billed'),
         ('paid', 'Paid')],
        string='Status', compute='_compute_bill_state', store=True)
    bill_queued = fields.Boolean(string='Waiting to Be Billed', readonly=True, copy=False)
    bill_error = fields.Char(string='Why It Was Not Billed', readonly=True, copy=False)
    self_billing = fields.Boolean(
        string='Self-billing', compute='_compute_self_billing', search='_search_self_billing',
        help='The agent agreed that the company writes the bill; otherwise the agent sends an invoice.')

    bill_position = fields.Integer(
        string='Place on the Bill', readonly=True, copy=False, aggregator=None,
        help='An agent\'s own invoice may be for several statements: which of them this is.')

    # Of two who match the same invoice at the same time only one can.
    _bill_unique = models.UniqueIndex(
        '(bill_id, COALESCE(bill_position, 0)) WHERE bill_id IS NOT NULL',
        'Somebody has just matched the same bill to another statement. Look again, then repeat it.')
    _bill_queue_index = models.Index('(id) WHERE bill_queued')

    # === COMPUTE METHODS === #

    # Bills tell of themselves, see `account.move`: depending on their state would have every invoice of every customer
    # look for a statement, several times.
    @api.depends('payable', 'bill_id')
    def _compute_bill_state(self):
        for statement in self:
            bill = statement.bill_id
            if not statement.payable:
                statement.bill_state = 'nothing'
            elif not statement._is_billed():
                statement.bill_state = 'to_bill'
            elif bill.payment_state in ('paid', 'in_payment'):
                statement.bill_state = 'paid'
            else:
                statement.bill_state = 'draft' if bill.state == 'draft' else 'billed'

    @api.depends('agent_id', 'company_id', 'date_from', 'date_to')
    def _compute_self_billing(self):
        # Access to the statements was checked; whether the agent agreed is looked up in contracts.
        willing = self.sudo().search([('id', 'in', self.ids), ('self_billing', '=', True)])
        for statement in self:
            statement.self_billing = statement._origin.id in willing._ids

    def _search_self_billing(self, operator, value):
        """An agent agreed in some agreement, and did not refuse in one that was valid in the statement's days."""
        if operator != 'in':
            return NotImplemented
        agreements = self.env['mlm.agreement']
        willing = Domain.custom(to_sql=lambda model, alias, query: SQL(
            """
            EXISTS (SELECT 1 FROM mlm_agreement a
                     WHERE a.agent_id = %(agent)s AND a.company_id = %(company)s AND a.state = 'active' AND a.self_billing
                       AND a.date_from <= %(last)s)
            AND NOT EXISTS (SELECT 1 FROM mlm_agreement a
                     WHERE a.agent_id = %(agent)s AND a.company_id = %(company)s AND a.state = 'active'
                       AND a.self_billing IS NOT TRUE AND a.date_from <= %(last)s
                       AND (a.date_to IS NULL OR a.date_to >= %(first)s))
            """,
            agent=SQL.identifier(alias, 'agent_id'), company=SQL.identifier(alias, 'company_id'),
            first=SQL.identifier(alias, 'date_from'), last=SQL.identifier(alias, 'date_to'),
            to_flush=[agreements._fields[name] for name in (
                'agent_id', 'company_id', 'state', 'self_billing', 'date_from', 'date_to')]))
        return Domain.OR([willing] * (True in value) + [~willing] * (False in value))

    # === ACTION METHODS === #

    def action_bill(self):
        """Make the vendor bill of each statement; of many in the background.

        :raise UserError: naming the statement, if one cannot be billed
        """
        self.check_access('write')
        for statement in self:
            statement._check_billable()
        if len(self) > BILLED_AT_ONCE:
            return self._queue_bills()
        bills = self._make_bills()
        if len(bills) == 1:
            return bills._get_records_action()
        # Accounting's own list, with vendors and what can be done with several bills at once.
        action = self.env['ir.actions.act_window']._for_xml_id('account.action_move_in_invoice_type')
        return {**action, 'domain': [('id', 'in', bills.ids)], 'context': {'default_move_type': 'in_invoice', 'create': False}}

    def action_match(self):
        """Match the agent's own invoice, for one statement or several of the agent."""
        for statement in self:
            statement._check_open()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Match the Agent\'s Invoice'),
            'res_model': 'mlm.statement.match',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_statement_id': self[:1].id,
                        **({'default_also_ids': self[1:].ids} if len(self) > 1 else {})},
        }

    def action_view_bill(self):
        self.ensure_one()
        return self.bill_id._get_records_action()

    # === BUSINESS METHODS === #

    def _look_at_bill(self):
        """Have it found out anew what the bill says."""
        self.env.add_to_compute(self._fields['bill_state'], self)

    def _is_billed(self):
        """Whether a bill stands for the statement: one that was cancelled, or reversed, no longer does."""
        self.ensure_one()
        return bool(self.bill_id) and self.bill_id.state != 'cancel' and self.bill_id.payment_state != 'reversed'

    def _is_billable(self):
        self.ensure_one()
        return bool(self.payable) and not self._is_billed() and self.self_billing

    def _check_open(self):
        self.ensure_one()
        if not self.payable:
            raise UserError(self.env._('Statement %s has nothing to pay.', self.name))
        if self._is_billed():
            raise UserError(self.env._(
                'Statement %(statement)s is billed already: %(bill)s.',
                statement=self.name, bill=self.bill_id.display_name))

    def _check_billable(self):
        self._check_open()
        if not self.self_billing:
            raise UserError(self.env._(
                '%(agent)s did not agree that the company writes the bill for statement %(statement)s. Match the '
                'agent\'s own invoice, or tick "Self-billing" in the agreement once the consent is there.',
                agent=self.agent_id.display_name, statement=self.name))

    def _queue_bills(self):
        """Leave the bills to the job in the background."""
        self.write({'bill_queued': True, 'bill_error': False})
        self.env.ref('mlm_commission.ir_cron_bill_statements')._trigger()
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'message': self.env._('%s bills are made in the background.', len(self)),
                'type': 'info',
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    def _make_bills(self):
        bills = self.env['account.move'].create([statement._prepare_bill() for statement in self])
        for statement, bill in zip(self, bills):
            statement.write({'bill_id': bill.id, 'bill_queued': False, 'bill_error': False})
        return bills

    @api.model
    def _cron_bill(self, batch=BILLED_AT_ONCE):
        """Bill what waits, a batch per transaction; where a batch fails, one by one, and what fails is told at it."""
        waiting = [('bill_queued', '=', True)]
        cron = self.env['ir.cron']
        cron._commit_progress(remaining=self.search_count(waiting))
        while statements := self.search(waiting, order='company_id, id', limit=batch):
            # Somebody else may be billing some of them right now.
            found = len(statements)
            statements = statements.try_lock_for_update().filtered_domain(waiting)
            if not statements._bill_together():
                for statement in statements:
                    statement._bill_together()
            if not cron._commit_progress(found) or not statements:
                break

    def _bill_together(self):
        """Make these bills or none.

        :return: whether they are made; why one alone was not is noted at it
        """
        try:
            with self.env.cr.savepoint():
                for company, statements in self.grouped('company_id').items():
                    statements = statements.with_company(company)
                    done = statements.filtered(lambda statement: statement._is_billed())
                    done.write({'bill_queued': False})
                    for statement in statements - done:
                        statement._check_billable()
                    (statements - done)._make_bills()
            return True
        except OperationalError:
            raise  # another transaction was first: Odoo repeats the job
        except Exception as error:  # noqa: BLE001 whatever is wrong with one statement is told at it
            self.env.invalidate_all()
            if len(self) == 1:
                _logger.info('statement %s could not be billed', self.name, exc_info=True)
                self.write({'bill_queued': False, 'bill_error': str(error)[:500]})
            return False

    def _prepare_bill(self):
        """The values of the vendor bill: a line per kind of commission, taxes by the agent's fiscal position.

        What an agent owes is billed the other way round, as the vendor's credit note.
        """
        self.ensure_one()
        company = self.company_id
        position = self.agent_id._mlm_fiscal_position(company)
        return {
            'move_type': 'in_invoice' if self.payable > 0 else 'in_refund',
            'company_id': company.id,
            'journal_id': company._mlm_self_billing_journal().id,
            'partner_id': self.agent_id.id,
            'currency_id': self.payout_currency_id.id,
            'invoice_date': fields.Date.context_today(self),
            'ref': self.name,
            'invoice_origin': self.name,
            **({'fiscal_position_id': position.id} if position else {}),
            'invoice_line_ids': [Command.create(values) for values in self._prepare_bill_lines()],
        }

    def _prepare_bill_lines(self):
        """The values of the bill's lines, in the payout's currency; together they are the payout to the cent."""
        self.ensure_one()
        product = self.company_id._mlm_commission_product()
        # Whoever bills need not be allowed to read adjustments; of their type only the product is read.
        parts = [(line.sudo().adjustment_id.type_id.product_id or product, line.display_name, line.amount)
                 for line in self.line_ids if line.amount]
        if self.opening:
            parts.append((product, self.env._('Brought forward'), self.opening))
        lines, sofar, given = [], 0.0, 0.0
        sign = 1 if self.payable > 0 else -1
        for item, name, amount in parts:
            # Round what was reached so far and take the difference, so that nothing is lost on the way.
            sofar += amount
            reached = self.payout_currency_id.round(sofar * self.payout_rate)
            lines.append({
                'product_id': item.id,
                'name': name,
                'quantity': 1,
                'price_unit': sign * self.payout_currency_id.round(reached - given),
            })
            given = reached
        return lines
