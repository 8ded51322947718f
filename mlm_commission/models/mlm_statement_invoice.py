# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class MlmStatement(models.Model):
    """The invoice that an agent who does not agree to self-billing sends in: a draft bill that accounting matches."""
    _inherit = 'mlm.statement'

    own_invoice_id = fields.Many2one(
        'account.move', string='Invoice Sent In', readonly=True, copy=False, index='btree_not_null', ondelete='set null',
        groups='base.group_user', help='What the agent sent in through the portal; match it once it was checked.')

    # === BUSINESS METHODS === #

    @api.private
    def _own_invoice(self):
        """The invoices that were sent in and that nobody refused."""
        return self.own_invoice_id.filtered(lambda bill: bill.state != 'cancel')

    @api.private
    def _awaits_invoice(self):
        """Whether the agent still has to send an invoice."""
        self.ensure_one()
        return self.payable > 0 and not self._is_billed() and not self.bill_queued and not self.self_billing \
            and not self._own_invoice()

    @api.private
    def _receive_invoice(self, number, day, amount, name, content):
        """Take in the agent's invoice for these statements: a draft bill with the document, proposed for matching.

        :param str number: the agent's number of the invoice
        :param day: its date
        :param float amount: what it comes to without taxes
        :param str name: of the file
        :param bytes content: a PDF, or an XML; one that Odoo can read fills in the bill's lines
        :raise UserError: naming the statement that no invoice is awaited for
        :return: the bill
        """
        company, agent = self.company_id, self.agent_id
        if len(company) != 1 or len(agent) != 1 or len(self.payout_currency_id) != 1:
            raise UserError(self.env._('One invoice is for statements of one company in one currency.'))
        for statement in self:
            if not statement._awaits_invoice():
                raise UserError(self.env._('For statement %s no invoice is awaited any more.', statement.name))
        # Whatever is missing is told before anything is kept.
        product, position = company._mlm_commission_product(), agent._mlm_fiscal_position(company)
        bill = self.env['account.move'].with_company(company).create({
            'move_type': 'in_invoice', 'company_id': company.id, 'partner_id': agent.id, 'invoice_date': day, 'ref': number,
            'currency_id': self.payout_currency_id.id, 'invoice_origin': ', '.join(self.mapped('name')),
            **({'fiscal_position_id': position.id} if position else {}),
        })
        self.write({'own_invoice_id': bill.id})
        for statement in self:
            # The file stands at both: the bill's is accounting's, the statement's is what was sent.
            statement.message_post(
                body=self.env._('Invoice %s was sent in.', number), author_id=agent.id, attachments=[(name, content)])
            if company.mlm_responsible_id:
                statement.activity_schedule(
                    'mail.mail_activity_data_todo', summary=self.env._('Check and match invoice %s', number),
                    user_id=company.mlm_responsible_id.id)
        document = self.env['ir.attachment'].create(
            {'name': name, 'raw': content, 'res_model': bill._name, 'res_id': bill.id})
        bill.message_main_attachment_id = document
        self._read_invoice(bill, document, number, day)
        if not bill.invoice_line_ids:
            bill.invoice_line_ids = [Command.create({
                'product_id': product.id, 'quantity': 1, 'price_unit': amount,
                'name': self.env._('Commission statement %s', ', '.join(self.mapped('name'))),
            })]
        bill.message_post(body=Markup('%s %s') % (
            self.env._('Sent in through the portal for commission statement %s.', ', '.join(self.mapped('name'))),
            self.env._('The agent says it comes to %s without taxes.', self.payout_currency_id.format(amount))))
        return bill

    def _read_invoice(self, bill, document, number, day):
        """Let Odoo read what it can of an electronic invoice; whose it is, and its number, is not the file's to say."""
        agent = bill.partner_id
        self.env.flush_all()  # Odoo commits before it reads, so whoever came second must fail before that
        bill._extend_with_attachments(bill._to_files_data(document) + bill._unwrap_attachments(bill._to_files_data(document)),
                                      new=True)
        wrong = {name: value for name, value in (
            ('partner_id', agent), ('invoice_date', day), ('ref', number)) if bill[name] != value}
        if bill.move_type != 'in_invoice':
            wrong['move_type'] = 'in_invoice'
        if wrong:
            bill.write({name: getattr(value, 'id', value) for name, value in wrong.items()})
