# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import UserError


class MlmStatementMatch(models.TransientModel):
    """Match the invoice that an agent wrote to the statement that it is about."""
    _name = 'mlm.statement.match'
    _description = 'Match an Agent\'s Invoice'

    statement_id = fields.Many2one('mlm.statement', string='Statement', required=True, readonly=True)
    agent_id = fields.Many2one(related='statement_id.agent_id')
    company_id = fields.Many2one(related='statement_id.company_id')
    currency_id = fields.Many2one(related='statement_id.payout_currency_id')
    open_ids = fields.Many2many('mlm.statement', compute='_compute_open_ids')
    also_ids = fields.Many2many(
        'mlm.statement', string='Also for', compute='_compute_also_ids', store=True, readonly=False,
        domain='[(\'id\', \'in\', open_ids)]', help='Other statements that the same invoice is for.')
    expected = fields.Monetary(string='Payout by the Statements', compute='_compute_expected', currency_field='currency_id')
    candidate_ids = fields.Many2many('account.move', compute='_compute_candidate_ids')
    bill_id = fields.Many2one('account.move', string='Agent\'s Invoice', required=True, compute='_compute_bill_id',
                              store=True, readonly=False, domain='[(\'id\', \'in\', candidate_ids)]')
    bill_currency_id = fields.Many2one(related='bill_id.currency_id', string='Currency of the Invoice')
    invoiced = fields.Monetary(string='Invoiced, without Taxes', compute='_compute_difference', currency_field='bill_currency_id')
    difference = fields.Monetary(string='Difference', compute='_compute_difference', currency_field='currency_id')
    problem = fields.Char(string='What Does Not Fit', compute='_compute_difference')
    note = fields.Char(string='Why It Is Right All the Same')

    # === COMPUTE METHODS === #

    @api.depends('statement_id')
    def _compute_open_ids(self):
        """The agent's other statements that an invoice is still awaited for."""
        for wizard in self:
            wizard.open_ids = self.env['mlm.statement'].search([
                ('agent_id', '=', wizard.agent_id.id), ('company_id', '=', wizard.company_id.id),
                ('payout_currency_id', '=', wizard.currency_id.id), ('bill_state', '=', 'to_bill'),
                ('self_billing', '=', False), ('id', '!=', wizard.statement_id.id)])

    @api.depends('open_ids')
    def _compute_also_ids(self):
        """Propose what was sent in as one invoice, else all that are open where an invoice comes to just that."""
        for wizard in self:
            others, sent = wizard.open_ids._origin, wizard.statement_id._own_invoice()
            together = wizard.statement_id.payout + sum(others.mapped('payout'))
            if sent:
                wizard.also_ids = others.filtered(lambda statement: statement._own_invoice() == sent)
            elif others and not wizard._fitting(wizard.statement_id.payout) and len(wizard._fitting(together)) == 1:
                wizard.also_ids = others
            else:
                wizard.also_ids = False

    @api.depends('statement_id', 'also_ids')
    def _compute_expected(self):
        for wizard in self:
            wizard.expected = sum(wizard._statements().mapped('payout'))

    @api.depends('expected')
    def _compute_candidate_ids(self):
        for wizard in self:
            wizard.candidate_ids = wizard._candidates(wizard.expected)

    @api.depends('candidate_ids')
    def _compute_bill_id(self):
        """Propose the one that was sent in or names the statement, else the one of just that amount."""
        for wizard in self:
            bills = wizard.candidate_ids._origin
            named = bills & wizard.statement_id._own_invoice() or bills.filtered(
                lambda bill: wizard.statement_id.name in (bill.ref or ''))
            fitting = bills.filtered(lambda bill: not wizard._differs(bill))
            wizard.bill_id = (named or fitting if len(named or fitting) == 1 else bills.browse())[:1]

    @api.depends('bill_id', 'expected')
    def _compute_difference(self):
        for wizard in self:
            bill = wizard.bill_id
            wizard.invoiced = bill.amount_untaxed
            same = bill.currency_id == wizard.currency_id
            wizard.difference = bill.amount_untaxed - abs(wizard.expected) if bill and same else 0
            wizard.problem = wizard._differs(bill) if bill else False

    # === ACTION METHODS === #

    def action_match(self):
        """Let the statements be billed by the invoice.

        :raise UserError: naming what does not fit, unless it is said why it is right
        """
        self.ensure_one()
        statements, bill = self._statements(), self.bill_id
        for statement in statements:
            statement._check_open()
        if self.also_ids - self.open_ids:
            raise UserError(self.env._(
                'One invoice can only be for statements of one agent that are paid in one currency and wait for the agent\'s '
                'own invoice; %s does not.', (self.also_ids - self.open_ids)[:1].name))
        if bill not in self.candidate_ids:
            raise UserError(self.env._(
                '%(bill)s is no bill of %(agent)s that could still be matched.', bill=bill.display_name,
                agent=self.agent_id.display_name))
        if self.problem and not self.note:
            raise UserError(self.env._(
                '%s Have the agent correct the invoice, or say why it is right all the same.', self.problem))
        message = self.env._('Matched to the agent\'s invoice %s.', bill.display_name)
        if self.problem:
            message += ' ' + self.env._('%(problem)s Reason given: %(note)s', problem=self.problem, note=self.note)
        for position, statement in enumerate(statements):
            statement.write({'bill_id': bill.id, 'bill_position': position, 'bill_error': False, 'bill_queued': False})
            statement.message_post(body=message)
        bill.message_post(body=self.env._('Matched to commission statement %s.', ', '.join(statements.mapped('name'))))
        return {'type': 'ir.actions.act_window_close'}

    # === BUSINESS METHODS === #

    def _statements(self):
        return self.statement_id | self.also_ids._origin

    def _candidates(self, expected):
        """The agent's bills that no statement has."""
        bills = self.env['account.move'].search([
            ('company_id', '=', self.company_id.id),
            ('commercial_partner_id', '=', self.agent_id.commercial_partner_id.id),
            ('move_type', '=', 'in_invoice' if expected >= 0 else 'in_refund'), ('state', '!=', 'cancel'),
        ])
        # Whoever bills may know which bills are taken.
        return bills - self.env['mlm.statement'].sudo().search([('bill_id', 'in', bills.ids)]).bill_id

    def _fitting(self, expected):
        """The bills that come to just this amount."""
        return self._candidates(expected).filtered(
            lambda bill: bill.currency_id == self.currency_id
            and not self.currency_id.compare_amounts(bill.amount_untaxed, abs(expected)))

    def _differs(self, bill):
        """What about a bill is not as the statement says, in words; False if it fits."""
        currency, expected = self.currency_id, abs(self.expected)
        if bill.currency_id != currency:
            return self.env._('The invoice is in %(found)s, the statement pays %(expected)s.',
                              found=bill.currency_id.name, expected=currency.name)
        if currency.compare_amounts(bill.amount_untaxed, expected):
            return self.env._(
                'The invoice says %(found)s without taxes, the statement %(expected)s: %(difference)s.',
                found=currency.format(bill.amount_untaxed), expected=currency.format(expected),
                difference=currency.format(bill.amount_untaxed - expected))
        return False
