# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, float_compare, format_date

from ..const import OPEN_STATES
from .mlm_exit_line import buyback_discount


class MlmExitWizard(models.TransientModel):
    """An agent leaves and gives goods back: credit notes for what was bought lately, then the termination.

    A credit note repeats the lines of the invoice with the quantity that comes back, at the share of the price that the
    company pays for it. Whoever reckons with credit notes, as commissions do, sees what was refunded of each invoice.
    """
    _name = 'mlm.exit.wizard'
    _description = 'Exit of an Agent'

    partner_id = fields.Many2one(
        'res.partner', string='Agent', required=True, readonly=True, context={'active_test': False}, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, readonly=True, default=lambda self: self.env.company)
    date = fields.Date(
        string='On', required=True, default=fields.Date.context_today,
        help='The day of the credit notes, and the first day on which the agent is terminated.')
    reason = fields.Char(string='Reason', required=True)
    percent = fields.Float(related='company_id.mlm_buyback_percent')
    months = fields.Integer(related='company_id.mlm_buyback_months')
    line_ids = fields.One2many(
        'mlm.exit.line', 'wizard_id', string='Goods', compute='_compute_line_ids', store=True, readonly=False,
        compute_sudo=False)
    may_credit = fields.Boolean(compute='_compute_may_credit')
    post = fields.Boolean(
        string='Post the credit notes', help='Otherwise they are drafts, to be posted once the goods are back.')
    terminate = fields.Boolean(
        string='Terminate the agent', compute='_compute_terminate', store=True, readonly=False)
    below_mode = fields.Selection(
        lambda self: self.env['mlm.place.change']._fields['below_mode']._description_selection(self.env),
        string='Who Stands Directly Below', required=True, default='stay')
    sponsor_id = fields.Many2one('res.partner', string='New Sponsor', domain=[('mlm_agent_state', 'in', OPEN_STATES)])

    # === COMPUTE METHODS === #

    @api.depends('partner_id')
    def _compute_terminate(self):
        for wizard in self:
            wizard.terminate = wizard.partner_id.mlm_agent_state in ('candidate', 'active', 'suspended')

    @api.depends_context('uid')
    def _compute_may_credit(self):
        self.may_credit = self.env['account.move'].has_access('create')

    @api.depends('partner_id', 'date', 'company_id')
    def _compute_line_ids(self):
        for wizard in self:
            returnable = wizard._returnable() if wizard.partner_id and wizard.date else {}
            wizard.line_ids = [Command.clear(), *(
                Command.create({'move_line_id': line.id, 'available': left})
                for line, left in returnable.items())]

    # === ACTION METHODS === #

    def action_apply(self):
        """Make the credit notes, terminate the agent, and show what was made."""
        self.ensure_one()
        self.partner_id.check_access('write')
        self._claim()
        if self.date > fields.Date.context_today(self):
            raise UserError(self.env._(
                'Nobody leaves in the future (%(date)s). Choose today or an earlier day.', date=format_date(self.env, self.date)))
        returned = self.line_ids.filtered('quantity')
        if not returned and not self.terminate:
            raise UserError(self.env._('Enter the quantities that %(agent)s gives back, or terminate the agent.',
                                       agent=self.partner_id.display_name))
        notes = self._make_credit_notes(returned)
        change = self._terminate() if self.terminate else None
        if notes:
            self.partner_id.message_post(body=self.env._(
                'Goods bought back at %(percent)s %%: %(notes)s', percent='%g' % self.percent,
                notes=', '.join(note.name if note.name and note.name != '/' else note.ref for note in notes)))
            return notes._get_records_action(name=self.env._('Goods Bought Back'))
        return change._get_records_action(name=self.env._('Exit'))

    # === BUSINESS METHODS === #

    def _claim(self):
        """Let no two exits of an agent run at a time, or both would credit the same goods.

        A written row, since a lock alone lets the second go on with what it saw before; so it fails to serialise, and Odoo
        runs it again.
        """
        self.env.cr.execute(SQL('UPDATE res_partner SET write_date = write_date WHERE id = %s', self.partner_id.id))

    def _returnable(self):
        """What the agent bought in the last months and has not given back.

        :return: {invoice line: quantity left}; empty if the user may not read invoices
        """
        self.ensure_one()
        lines = self.env['account.move.line']
        if not lines.has_access('read'):
            return {}
        invoices = self.env['account.move'].search([
            ('move_type', '=', 'out_invoice'), ('state', '=', 'posted'), ('company_id', '=', self.company_id.id),
            ('commercial_partner_id', '=', self.partner_id.id), ('invoice_date', '<=', self.date),
            ('invoice_date', '>', self.date - relativedelta(months=self.months))], order='invoice_date, id')
        returnable = {}
        for invoice in invoices:
            returnable.update(self._returnable_of(invoice))
        return returnable

    def _returnable_of(self, invoice):
        """The goods of an invoice less what its credit notes, drafts too, took back already."""
        gone = defaultdict(float)
        credits = invoice.reversal_move_ids.filtered(lambda move: move.state != 'cancel' and move.move_type == 'out_refund')
        for line in self._goods(credits):
            gone[self._key(line)] += line.quantity
        left = {}
        for line in self._goods(invoice):
            taken = min(line.quantity, gone[self._key(line)])
            gone[self._key(line)] -= taken
            if float_compare(line.quantity, taken, precision_rounding=line.product_uom_id.rounding or 0.01) > 0:
                left[line] = line.quantity - taken
        return left

    def _goods(self, moves):
        return moves.invoice_line_ids.filtered(
            lambda line: line.display_type == 'product' and line.product_id.type not in (False, 'service')
            and line.quantity > 0 and line.price_subtotal > 0)

    def _key(self, line):
        return line.sale_line_ids or line.product_id, line.product_uom_id

    def _make_credit_notes(self, returned):
        """One credit note for each invoice of which something comes back.

        :param returned: the wizard's lines with a quantity
        """
        notes = self.env['account.move']
        if not returned:
            return notes
        # Ids that a browser sends prove nothing: only what may come back now does.
        allowed = self._returnable()
        for line in returned:
            origin = line.move_line_id
            rounding = origin.product_uom_id.rounding or 0.01
            if (origin not in allowed or line.quantity < 0
                    or float_compare(line.quantity, allowed[origin], precision_rounding=rounding) > 0):
                raise UserError(self.env._(
                    '%(quantity)s of "%(product)s" cannot come back: of that line %(left)s are left within %(months)s months. '
                    'Correct the quantity.', quantity='%g' % line.quantity, product=origin.product_id.display_name,
                    left='%g' % allowed.get(origin, 0), months=self.months))
        for invoice, lines in returned.grouped(lambda line: line.move_line_id.move_id).items():
            notes += self._credit(invoice, {line.move_line_id: line.quantity for line in lines})
        if self.post:
            notes.action_post()
        return notes

    def _credit(self, invoice, quantities):
        """A draft credit note of some lines of an invoice.

        :param dict quantities: {invoice line: quantity}
        """
        note = invoice._reverse_moves([{
            'date': self.date, 'invoice_date': self.date, 'invoice_date_due': self.date, 'auto_post': 'no',
            'journal_id': invoice.journal_id.id, 'invoice_payment_term_id': False,
            'ref': self.env._('Bought back from %(invoice)s: %(reason)s', invoice=invoice.name, reason=self.reason)}])
        # A copy has the lines of its original in their order.
        pairs = list(zip(invoice.invoice_line_ids.sorted(_place), note.invoice_line_ids.sorted(_place), strict=True))
        note.write({'invoice_line_ids': [
            Command.update(copy.id, {
                'quantity': quantities[line], 'discount': buyback_discount(line.discount, self.percent),
                'name': self.env._('%(name)s (bought back at %(percent)s %%)', name=copy.name, percent='%g' % self.percent)})
            if line in quantities else Command.delete(copy.id)
            for line, copy in pairs]})
        self._check_value(invoice, note)
        return note

    def _check_value(self, invoice, note):
        """Refuse to credit more than is left of an invoice of which part was credited otherwise, as a price reduction."""
        credited = sum(invoice.reversal_move_ids.filtered(lambda move: move.state != 'cancel').mapped('amount_total'))
        if float_compare(credited, invoice.amount_total, precision_rounding=invoice.currency_id.rounding) > 0:
            raise UserError(self.env._(
                'Together with what was credited before, more would be credited of %(invoice)s than it came to. Look at its '
                'credit notes, and enter what is left there.', invoice=invoice.display_name))

    def _terminate(self):
        """End the agent through a change of place, which may need a second person."""
        change = self.env['mlm.place.change'].create({
            'kind': 'terminate', 'partner_ids': [Command.set(self.partner_id.ids)], 'date': self.date, 'reason': self.reason,
            'below_mode': self.below_mode, 'sponsor_id': self.below_mode == 'other' and self.sponsor_id.id,
            'company_id': self.partner_id.company_id.id or self.company_id.id})
        change.action_submit()
        return change


def _place(line):
    return line.sequence, line.id
