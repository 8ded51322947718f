# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models

from ..ledger import Worth, round_half_up, spread_credits

EVENT_OF_STATE = {'posted': 'posted', 'draft': 'reset', 'cancel': 'cancelled'}


class AccountMove(models.Model):
    _inherit = 'account.move'

    mlm_agent_id = fields.Many2one(
        'res.partner', string='Agent', compute='_compute_mlm_agent_id', store=True, readonly=False, precompute=True,
        copy=True, tracking=True, index='btree_not_null', ondelete='restrict',
        domain=[('mlm_agent_state', 'in', ('active', 'suspended', 'terminated'))],
        help='The agent who brought this sale. Commissions go up the network from here.',
    )
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
        if not vals.keys() & {'state', 'mlm_agent_id', 'partner_id'}:
            return super().write(vals)
        posting = vals.get('state') == 'posted'
        if posting:
            self._mlm_decide()
        fresh = self.filtered(lambda move: not move.posted_before) if posting else self.browse()
        old_states = {move: move.state for move in self}
        result = super().write(vals)
        if 'state' in vals:
            changed = self.filtered(lambda move: move.state != old_states[move])
            credits = changed.filtered(lambda move: move.move_type == 'out_refund') if posting else self.browse()
            self.env['mlm.volume']._record(changed - credits, EVENT_OF_STATE[vals['state']], fresh - credits)
            self.env['mlm.volume']._record(credits, 'credited', fresh & credits)
        else:
            self.env['mlm.volume']._record(self.filtered(lambda move: move.state == 'posted'), 'changed')
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
        left = {line_ref: measures.net for line_ref, measures in full.items()}
        if self.move_type == 'out_refund' and self.reversed_entry_id.state == 'posted':
            # What it takes off the invoice it credits is recorded there; only what exceeds that is its own.
            over = self.reversed_entry_id._mlm_credited()[1]
            left = {line_ref: -over.get(line_ref, 0) for line_ref in left}
        elif lookup and self.reversal_move_ids:
            left = self._mlm_credited()[0]
        worth = {}
        for line in lines:
            measures = full[line.id]
            driver = measures.driver
            if driver is None:
                continue
            worth[line.id] = Worth(
                (self.mlm_agent_id.id, self.commercial_partner_id.id, line.product_id.id),
                measures, left[line.id] if driver == 0 else measures[driver],
            )
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
        for answer, lines in decided.items():
            # Nothing else of the lines depends on it, so it is stored along with what posting changes anyway.
            with self.env.protecting([lines._fields['mlm_commissionable']], lines):
                lines.mlm_commissionable = answer

    def _mlm_credited(self):
        """Take the posted credit notes off this invoice's lines.

        :return: see :func:`ledger.spread_credits`
        """
        lines = {line.id: line._mlm_net() for line in self._mlm_lines()}
        credits = []
        for credit_note in self.reversal_move_ids.filtered(
            lambda move: move.state == 'posted' and move.move_type == 'out_refund'
        ).sorted('id'):
            free = self._mlm_lines()
            for line in credit_note._mlm_lines():
                origin = free.filtered(lambda candidate: candidate._mlm_is_origin_of(line))[:1]
                free -= origin
                credits.append((line.id, origin.id or None, -line._mlm_net()))
        return spread_credits(lines, credits)

    def _mlm_paid_share(self):
        """Tell how much of a document is paid, its own credit notes set aside.

        :return: (paid, paid and open), in the document's minor units, 0 <= paid <= the whole
        """
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        own = self.reversal_move_ids | self.reversed_entry_id
        paid = 0.0
        for partial in lines.matched_credit_ids:
            if partial.credit_move_id.move_id not in own:
                paid += partial.debit_amount_currency
        for partial in lines.matched_debit_ids:
            if partial.debit_move_id.move_id not in own:
                paid += partial.credit_amount_currency
        credited = sum(self.reversal_move_ids.filtered(lambda move: move.state == 'posted').mapped('amount_residual'))
        minor = 10 ** self.currency_id.decimal_places
        paid = round(paid * minor)
        unpaid = max(0, round((self.amount_residual - credited) * minor))
        return (paid, paid + unpaid) if paid > 0 else (0, 1)

    @api.private
    def _mlm_fact_date(self, trigger, moves, adjusts):
        """Tell the date a fact counts for.

        A sale counts on its invoice date or on the day it was paid; what takes it back counts on the credit note's
        date or today, never in the past.
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        if adjusts:
            credit_notes = moves & self.reversal_move_ids
            return max(credit_notes.mapped('invoice_date')) if credit_notes else today
        if trigger == 'paid':
            partials = self.line_ids.matched_credit_ids | self.line_ids.matched_debit_ids
            return max(partials.mapped('max_date'), default=today)
        return self.invoice_date or self.date
