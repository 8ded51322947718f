# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged('post_install', '-at_install')
class CommissionCommon(AccountTestInvoicingCommon):
    """A company with a chain of agents Anna > Ben > Cleo > Dan and a differential plan on their own rates.

    Rates: Anna 30, Ben 20, Cleo 12, Dan 5 percent of the net amount, paid when invoiced. Everything happens in 2024.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data['company']
        cls.env.user.group_ids += cls.env.ref('mlm_network.group_manager') + cls.env.ref('sales_team.group_sale_manager')
        cls.anna = cls._agent('Anna')
        cls.ben = cls._agent('Ben', cls.anna)
        cls.cleo = cls._agent('Cleo', cls.ben)
        cls.dan = cls._agent('Dan', cls.cleo)
        cls.customer = cls.env['res.partner'].create({'name': 'Customer of Dan', 'mlm_sponsor_id': cls.dan.id})
        cls.plan = cls._plan('Test plan', 'differential', {'source': 'agreement'})
        cls.agreements = {
            agent: cls._agree(agent, rate)
            for agent, rate in ((cls.anna, 30), (cls.ben, 20), (cls.cleo, 12), (cls.dan, 5))
        }
        cls.plan.action_activate()

    @classmethod
    def _agent(cls, name, sponsor=None, state='active'):
        return cls.env['res.partner'].with_context(mlm_date='2023-01-01').create({
            'name': name, 'mlm_agent_state': state, 'mlm_sponsor_id': sponsor.id if sponsor else False})

    @classmethod
    def _plan(cls, name, kind, params, **values):
        return cls.env['mlm.plan'].create({
            'name': name,
            'company_id': cls.company.id,
            'date_from': '2024-01-01',
            'rule_ids': [Command.create({'name': f'{name}: {kind}', 'kind': kind, 'params': params})],
            **values,
        })

    @classmethod
    def _agree(cls, agent, rate, plan=None, **values):
        return cls.env['mlm.agreement'].create({
            'agent_id': agent.id, 'plan_id': (plan or cls.plan).id, 'rate': rate, 'date_from': '2024-01-01',
            'state': 'active', **values})

    @classmethod
    def _invoice(cls, agent, amounts, day='2024-03-10', post=True, partner=None, product=None, quantity=1, **values):
        """A customer invoice without taxes; ``amounts`` is one price or a list of them."""
        amounts = amounts if isinstance(amounts, (list, tuple)) else [amounts]
        invoice = cls.env['account.move'].create({
            'move_type': 'out_invoice',
            'partner_id': (partner or cls.customer).id,
            'invoice_date': day,
            'date': day,
            'mlm_agent_id': agent.id if agent else False,
            'invoice_line_ids': [Command.create({
                'product_id': (product or cls.product_a).id,
                'price_unit': amount,
                'quantity': quantity,
                'tax_ids': [Command.clear()],
            }) for amount in amounts],
            **values,
        })
        if post:
            invoice.action_post()
        return invoice

    @classmethod
    def _credit(cls, invoice, amount=None, day='2024-04-05', post=True):
        """Credit an invoice through Odoo's wizard, in full or its first line by ``amount``."""
        wizard = cls.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=invoice.ids).create({
                'date': day, 'journal_id': invoice.journal_id.id})
        wizard.reverse_moves()
        credit_note = wizard.new_move_ids
        if amount is not None:
            credit_note.invoice_line_ids[1:].unlink()
            credit_note.invoice_line_ids.write({'price_unit': amount, 'quantity': 1})
        if post:
            credit_note.action_post()
        return credit_note

    @classmethod
    def _pay(cls, invoice, amount=None, day='2024-03-20'):
        values = {'payment_date': day}
        if amount is not None:
            values['amount'] = amount
        return cls.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids).create(values)._create_payments()

    @classmethod
    def _period(cls, month, year=2024):
        first = fields.Date.to_date(f'{year}-{month:02}-01')
        return cls.env['mlm.period'].create({
            'company_id': cls.company.id,
            'date_from': first,
            'date_to': fields.Date.end_of(first, 'month'),
        })

    def _volume(self, invoice, trigger='invoiced'):
        """The sum of an invoice's facts by agent: {agent: net}."""
        sums = self.env['mlm.volume']._read_group(
            [('move_id', '=', invoice.id), ('trigger', '=', trigger)], ['agent_id'], ['net:sum'])
        return {agent: round(net, 2) for agent, net in sums if round(net, 2)}

    def _earned(self, *periods):
        """What each agent gets in some periods: {agent: amount}, clawbacks included."""
        sums = self.env['mlm.commission']._read_group(
            [('period_id', 'in', [period.id for period in periods])], ['beneficiary_id'], ['amount:sum'])
        return {agent: round(amount, 2) for agent, amount in sums}
