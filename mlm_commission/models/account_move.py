# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models

from ..ledger import Worth, round_half_up, spread_credits

# What changes whose sale it is, what it is worth, or whether it is paid.
WATCHED = {'state', 'mlm_agent_id', 'partner_id', 'reversed_entry_id', 'matched_payment_ids'}
EVENT_OF_STATE = {'posted': 'posted', 'draft': 'reset', 'cancel': 'cancelled'}


class AccountMove(models.Model):
    _inherit = 'account.move'

    mlm_agent_id = fields.Many2one(
        'res.partner', string='Agent', compute='_compute_mlm_agent_id', store=True, readonly=False, precompute=True,
        copy=True, tracking=True, index='btree_not_null', ondelete='restrict',
        domain=[('mlm_agent_state', 'in', ('active', 'suspended', 'terminated'))],
        help='The agent who brought this sale. Commissions go up the network from here.',
    )
    mlm_contract_date = fields.Date(
        string='Contract Start', copy=False, help='Where the contract begins another day than the invoice\'s: liability '
                                                  'for cancellation runs from here.')
    mlm_cancel_date = fields.Date(
        string='Cancelled On', copy=False, help='The day on which the contract ended, if it is not the credit note\'s.')
    mlm_cancel_reason = fields.Char(string='Reason of the Cancellation', copy=False)
    mlm_cancel_measures = fields.Char(
        string='Done to Keep It', copy=False, help='What was done to keep the contract, such as a reminder, a visit, and that '
                                                   'the agent was told in time. The book extract says it.')
    mlm_volume_ids = fields.One2many('mlm.volume', 'move_id', string='Commissionable Volume', readonly=True)

    @api.depends('partner_id')
    def _compute_mlm_agent_id(self):
        """The agent of the order where there is one (see `sale.order._prepare_invoice`), else of the customer."""
        sales = self.filtered(lambda move: move.is_sale_document(include_receipts=True) and move.state == 'draft')
        agents = sales.partner_id._mlm_get_selling_agents()
        for move in self:
            if move not in sales:
                move.mlm_agent_id = move.mlm_agent_id
            elif move.line_ids.sale_line_ids.order_id.mlm_agent_id:
                move.mlm_agent_id = move.line_ids.sale_line_ids.order_id.mlm_agent_id[:1]
            else:
                move.mlm_agent_id = agents.get(move.partner_id)

    # === CRUD METHODS === #

    def write(self, vals):
        """Record what posting, resetting, cancelling or giving a sale to another agent means for commission."""
        if not vals.keys() & WATCHED:
            return super().write(vals)
        posting = vals.get('state') == 'posted'
        if posting:
            self._mlm_decide()
        fresh = self.filtered(lambda move: not move.posted_before) if posting else self.browse()
        old_states = {move: move.state for move in self}
        credited = self.reversed_entry_id
        result = super().write(vals)
        if 'state' in vals:
            changed = self.filtered(lambda move: move.state != old_states[move])
            credits = changed.filtered(lambda move: move.move_type == 'out_refund') if posting else self.browse()
            self.env['mlm.volume']._record(changed - credits, EVENT_OF_STATE[vals['state']], fresh - credits)
            self.env['mlm.volume']._record(credits, 'credited', fresh & credits)
        else:
            posted = self.filtered(lambda move: move.state == 'posted')
            event = 'paid' if 'matched_payment_ids' in vals else 'changed'
            self.env['mlm.volume']._record(posted | credited if 'reversed_entry_id' in vals else posted, event)
        return result

    def unlink(self):
        """Take back what was counted of a document that is deleted, however it could be."""
        counted = self.filtered('posted_before')
        credited = counted.reversed_entry_id - self
        if counted:
            # Before Odoo does it, so that nothing is told of a document that is half gone.
            counted.line_ids.remove_move_reconcile()
            self.env['mlm.volume']._record(counted, 'deleted', gone=counted)
        result = super().unlink()
        self.env['mlm.volume']._record(credited, 'deleted')
        return result

    def action_mlm_volumes(self):
        """Open the facts that were counted of these invoices."""
        action = self.env['ir.actions.act_window']._for_xml_id('mlm_commission.mlm_volume_action')
        return {**action, 'domain': [('move_id', 'in', self.ids)], 'context': {}}

    # === BUSINESS METHODS === #

    @api.private
    def _mlm_worth(self, recorded, lookup=True):
        """Tell what each line of a customer document is worth for commission now, paid or not.

        :param recorded: what is recorded already, from `mlm.volume._recorded`
        :param bool lookup: False for a document that was just posted for the first time: no credit notes yet
        :return: {line id: :class:`ledger.Worth`}
        """
        self.ensure_one()
        if self.state != 'posted' or not self.mlm_agent_id:
            return {}
        # What was sold is always recorded as invoiced: there the points and cost of that day are kept.
        sold = recorded[self.id, 'invoiced']
        lines = self._mlm_lines()
        full = {line.id: line._mlm_measures(sold.get(line.id, ())) for line in lines}
        whole = left = {line_ref: measures.document for line_ref, measures in full.items()}
        if self.move_type == 'out_refund' and self.reversed_entry_id.state == 'posted':
            # What it takes off the invoice it credits is recorded there; only what exceeds that is its own.
            over, returned = self.reversed_entry_id._mlm_credited()[1:]
            left = {line_ref: -over.get(line_ref, 0) for line_ref in left}
            free = dict.fromkeys(returned, 0)
        else:
            left, _over, free = self._mlm_credited() if lookup and self.reversal_move_ids else (left, {}, {})
        worth = {}
        for line in lines:
            measures = full[line.id]
            driver = measures.driver
            if driver is None:
                continue
            if whole[line.id]:
                # In the document's currency: another rate on the day of a credit note takes back no more or less.
                part = left[line.id]
            else:
                # Given away: what came back of it is counted in units.
                kept = free.get(line.id, measures.quantity)
                part = round_half_up(measures[driver] * kept, measures.quantity) if measures.quantity else measures[driver]
            worth[line.id] = Worth(
                (self.mlm_agent_id.id, self.commercial_partner_id.id, line.product_id.id), measures, part)
        return worth

    @api.private
    def _mlm_worth_paid(self, worth):
        """Tell how much of what the lines are worth is paid.

        :param worth: what :meth:`_mlm_worth` returned
        :return: the same, each part reduced to what is paid of it
        """
        if not worth:
            return {}
        paid, whole = self._mlm_paid_share()
        return {line_ref: one._replace(part=round_half_up(one.part * paid, whole)) for line_ref, one in worth.items()}

    def _mlm_lines(self):
        """The lines that can be worth something for commission."""
        return self._mlm_product_lines().filtered(lambda line: line._mlm_earns())

    def _mlm_product_lines(self):
        return self.invoice_line_ids.filtered(lambda line: line.display_type == 'product')

    @api.private
    def _mlm_decide(self):
        """Decide once for each line whether it may earn commission: a later change of the product rewrites nothing.

        What a credit note takes back is what was decided of the invoice it credits.
        """
        decided = {'yes': self.env['account.move.line'], 'no': self.env['account.move.line']}
        for move in self.reversed_entry_id | self if self.reversed_entry_id else self:
            if not move.is_sale_document(include_receipts=True):
                continue
            free = move.reversed_entry_id._mlm_product_lines()
            for line in move._mlm_product_lines().filtered(lambda line: not line.mlm_commissionable):
                origin = free.filtered(lambda candidate: candidate._mlm_is_origin_of(line))[:1]
                free -= origin
                decided['yes' if (origin or line)._mlm_earns() else 'no'] += line
            # Taxes and what is due earn nothing. Decided along with the rest they cost no statement of their own.
            decided['no'] += move.line_ids.filtered(lambda line: not line.mlm_commissionable) - move._mlm_product_lines()
        for answer, lines in decided.items():
            # Nothing else of the lines depends on it, so it is stored along with what posting changes anyway.
            with self.env.protecting([lines._fields['mlm_commissionable']], lines):
                lines.mlm_commissionable = answer

    def _mlm_credited(self):
        """Take the posted credit notes off this invoice's lines.

        :return: ({line id: net left in the invoice's currency}, {credit line id: net that found no line, in the credit
            note's currency}, {id of a line without a price, or of a line that returns it: quantity left})
        """
        lines = {line.id: line._mlm_document_net() for line in self._mlm_lines()}
        free = {line.id: line._mlm_measures().quantity for line in self._mlm_lines() if not lines[line.id]}
        credits, size = [], {}
        for credit_note in self.reversal_move_ids.filtered(
            lambda move: move.state == 'posted' and move.move_type == 'out_refund'
        ).sorted('id'):
            unmatched = self._mlm_lines()
            for line in credit_note._mlm_lines():
                origin = unmatched.filtered(lambda candidate: candidate._mlm_is_origin_of(line))[:1]
                unmatched -= origin
                if origin.id in free and not line._mlm_document_net():
                    free[origin.id] = max(0, free[origin.id] + line._mlm_measures().quantity)
                    free[line.id] = 0
                amount = -self._mlm_in_own_currency(line)
                size[line.id] = (amount, -line._mlm_document_net())
                credits.append((line.id, origin.id or None, amount))
        left, over = spread_credits(lines, credits)
        return left, {line_ref: round_half_up(amount * size[line_ref][1], size[line_ref][0])
                      for line_ref, amount in over.items()}, free

    def _mlm_in_own_currency(self, line):
        """The net amount of a line of a credit note in minor units of this invoice's currency."""
        self.ensure_one()
        if line.currency_id == self.currency_id:
            return line._mlm_document_net()
        # At the invoice's own rate, at which it was counted.
        return round(-line.balance * self.invoice_currency_rate * 10 ** self.currency_id.decimal_places)

    @api.private
    def _mlm_counting_payments(self):
        """The posted ones among these journal entries whose company has plans that pay on payment."""
        return self.filtered(
            lambda move: move.state == 'posted' and 'paid' in self.env['mlm.plan']._triggers(move.company_id.id))

    def _mlm_receivable_lines(self):
        return self.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')

    def _mlm_payments(self):
        """What is reconciled with a document, other than the credit notes of the same sale.

        :return: list of (counterpart `account.move`, amount in the document's currency, date)
        """
        self.ensure_one()
        sale = self.reversed_entry_id or self
        own = sale | sale.reversal_move_ids
        lines = self._mlm_receivable_lines()
        return [
            (move, amount, partial.max_date)
            for partials, side, amount_name in (
                (lines.matched_credit_ids, 'credit_move_id', 'debit_amount_currency'),
                (lines.matched_debit_ids, 'debit_move_id', 'credit_amount_currency'))
            for partial in partials
            for move, amount in [(partial[side].move_id, partial[amount_name])]
            if move not in own
        ]

    def _mlm_unbooked_payments(self):
        """Payments that Odoo registers without a journal entry, until the bank statement brings the money.

        :return: list of (`account.payment` state, amount in the document's currency, date)
        """
        self.ensure_one()
        found = []
        for payment in self.matched_payment_ids.filtered(
            lambda payment: not payment.move_id and payment.state in ('in_process', 'paid')
        ):
            left = payment.amount
            for invoice in payment.invoice_ids.sorted(lambda move: (move.invoice_date_due or move.date, move.id)):
                total = invoice.currency_id._convert(
                    invoice.amount_total, payment.currency_id, invoice.company_id, payment.date)
                share = min(left, total)
                left -= share
                if invoice == self and share:
                    found.append((payment.state, payment.currency_id._convert(
                        share, self.currency_id, self.company_id, payment.date), payment.date))
        return found

    @api.private
    def _mlm_payment_count(self):
        """How many payments came in for the contract: of this invoice and of the others of its orders."""
        self.ensure_one()
        invoices = (self | self.line_ids.sale_line_ids.order_id.invoice_ids).filtered(
            lambda move: move.state == 'posted' and move.move_type == 'out_invoice')
        return sum(
            len({move for move, _amount, _date in invoice._mlm_payments()}) + len(invoice._mlm_unbooked_payments())
            for invoice in invoices)

    def _mlm_settled(self):
        """How much of a document was paid, and how much of that has no journal entry yet, in its currency.

        A payment without a journal entry and the bank statement line that brings it are the same money: Odoo turns the
        payment from "in process" to "paid" when it finds the line.
        """
        self.ensure_one()
        reconciled = self._mlm_payments()
        settled = sum(amount for _move, amount, _date in reconciled)
        unmatched = sum(amount for move, amount, _date in reconciled if not move.origin_payment_id)
        pending = self._mlm_unbooked_payments()
        waiting = sum(amount for state, amount, _date in pending if state == 'in_process')
        arrived = sum(amount for state, amount, _date in pending if state == 'paid')
        unbooked = min(abs(self.amount_residual), waiting + max(0, arrived - unmatched))
        return settled + unbooked, unbooked

    def _mlm_paid_share(self):
        """Tell how much of a document is paid, its own credit notes set aside.

        What the customer got back for a credit note, in money or against another invoice, is not paid any more.

        :return: (paid, paid and open), in the document's minor units, 0 <= paid <= the whole
        """
        self.ensure_one()
        if self.currency_id.is_zero(self.amount_total):
            return (1, 1)  # nothing is left to pay
        credit_notes = self.reversal_move_ids.filtered(lambda move: move.state == 'posted')
        minor = 10 ** self.currency_id.decimal_places
        settled, unbooked = self._mlm_settled()
        returned = sum(
            note.currency_id._convert(note._mlm_settled()[0], self.currency_id, self.company_id, note.date)
            for note in credit_notes)
        credited = sum(
            note.currency_id._convert(note.amount_residual, self.currency_id, self.company_id, note.date)
            for note in credit_notes)
        paid = round((settled - returned) * minor)
        unpaid = max(0, round((self.amount_residual - unbooked - credited) * minor))
        return (paid, paid + unpaid) if paid > 0 else (0, 1)

    @api.private
    def _mlm_fact_date(self, trigger, event, moves, adjusts):
        """Tell the date a fact counts for.

        A sale counts on its invoice date or on the day it was paid; what takes it back counts on the credit note's
        date or today, never in the past.
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        if adjusts:
            credit_notes = moves & self.reversal_move_ids if event == 'credited' else self.browse()
            return max(credit_notes.mapped('invoice_date')) if credit_notes else today
        if trigger == 'paid':
            days = [day for _move, _amount, day in self._mlm_payments()]
            days += [day for _state, _amount, day in self._mlm_unbooked_payments()]
            return max(days, default=self.invoice_date or today)
        return self.invoice_date or self.date
