# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The demo's main job: sign, invoice and collect last month's orders, settle the month, bill the statements.

Every step is what a person does on the screen, and doing it again changes nothing. Run by ``setup/demo`` inside
``odoo shell``; the tests import it.
"""
from datetime import timedelta

from odoo import fields

ORDERS = ('b1', 'b2', 'b3', 'c1', 'c2', 'c3', 'd1', 'e1', 'e2', 'f1', 'late')
PAID_LATE = 'late'
CREDITED = 'd1'
ASKED_BEFORE = 'c2'
CREDITED_AMOUNT = 1325.00  # of a fee of 5,300.00


def last_month(env):
    """First and last day of the month that the demo's orders were signed in."""
    first = env.ref('mlm_commission.demo_order_b1').date_order.date().replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def sell(env):
    """Confirm the orders, invoice them on the day they were signed, collect all but one five days later."""
    for code in ORDERS:
        order = env.ref(f'mlm_commission.demo_order_{code}')
        if order.state == 'draft':
            signed = order.date_order
            order.action_confirm()
            order.date_order = signed
        if not order.invoice_ids:
            invoice = order._create_invoices()
            invoice.invoice_date = order.date_order.date()
            invoice.action_post()
            if code != PAID_LATE:
                pay(invoice, invoice.invoice_date + timedelta(days=5))
    # One of them began as an inquiry, so that the campaign's results lead up to the commission.
    env.ref(f'mlm_commission.demo_order_{ASKED_BEFORE}').opportunity_id = env['crm.lead'].search(
        [('mlm_lead_source_id', '!=', False), ('email_normalized', '=', 'anna.nowak@example.com')], limit=1)


def pay(invoice, day):
    """Register the customer's payment."""
    invoice.env['account.payment.register'].with_context(
        active_model='account.move', active_ids=invoice.ids).create({'payment_date': day})._create_payments()


def period(env, first, last):
    """The period of these days, made if there is none."""
    periods = env['mlm.period']
    domain = [('company_id', '=', env.company.id), ('date_from', '=', first), ('date_to', '=', last)]
    return periods.search(domain) or periods.create({'date_from': first, 'date_to': last})


def settle(env):
    """Calculate, close and bill last month.

    :return: `mlm.period` record
    """
    month = period(env, *last_month(env))
    if month.state != 'closed':
        month.action_calculate()
        month.action_close()
        month.action_bill()
        month.statement_ids.bill_id.action_post()
    return month


def afterwards(env):
    """What comes in after the month was closed: the late payment and a credit note in part.

    :return: `mlm.period` record of this month, calculated as an estimate
    """
    late = env.ref(f'mlm_commission.demo_order_{PAID_LATE}').invoice_ids
    today = fields.Date.context_today(env['mlm.period'])
    if late.payment_state == 'not_paid':
        pay(late, today)
    invoice = env.ref(f'mlm_commission.demo_order_{CREDITED}').invoice_ids.filtered(
        lambda move: move.move_type == 'out_invoice')
    if not invoice.reversal_move_ids:
        credit(invoice, CREDITED_AMOUNT, today)
    first = last_month(env)[1] + timedelta(days=1)
    this_month = period(env, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    if this_month.state == 'open':
        this_month.action_calculate()
    return this_month


def credit(invoice, amount, day):
    """Credit part of an invoice's first line through Odoo's own wizard."""
    wizard = invoice.env['account.move.reversal'].with_context(
        active_model='account.move', active_ids=invoice.ids).create({'date': day, 'journal_id': invoice.journal_id.id})
    wizard.reverse_moves()
    credit_note = wizard.new_move_ids
    lines = credit_note.invoice_line_ids.filtered(lambda line: line.display_type == 'product')
    lines[1:].unlink()
    lines[:1].price_unit = amount
    credit_note.action_post()


def table(period):
    """The statements, or the estimate of a period that is not closed yet, as lines of text."""
    rows = [('Agent', 'Differential', 'Sponsor\'s bonus', 'Clawed back', 'Payable', 'Carried forward', 'Bill')]
    if period.statement_ids:
        for statement in period.statement_ids.sorted(lambda statement: statement.agent_id.mlm_agent_code):
            earned = [sum(line.amount for line in statement.line_ids if line.kind == 'commission' and line.rule_id == rule)
                      for rule in period.run_ids.plan_id.rule_ids]
            figures = (*earned, statement.clawed_back, statement.payable, statement.closing)
            rows.append((
                f'{statement.agent_id.mlm_agent_code} {statement.agent_id.name}',
                *(f'{amount:,.2f}' for amount in figures),
                statement.bill_id.name or '',
            ))
    else:
        sums = period.env['mlm.commission']._read_group(
            [('period_id', '=', period.id)], ['beneficiary_id', 'rule_id', 'is_clawback'], ['amount:sum'])
        for agent in sorted({agent for agent, *_rest in sums}, key=lambda agent: agent.mlm_agent_code):
            mine = [(rule, back, amount) for who, rule, back, amount in sums if who == agent]
            earned = [sum(amount for rule, back, amount in mine if rule == wanted and not back)
                      for wanted in period.run_ids.plan_id.rule_ids]
            back = sum(amount for _rule, back, amount in mine if back)
            rows.append((
                f'{agent.mlm_agent_code} {agent.name}', *(f'{amount:,.2f}' for amount in (*earned, back)),
                f'{max(sum(earned) + back, 0):,.2f}', f'{min(sum(earned) + back, 0):,.2f}', ''))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ['  '.join(
        cell.ljust(width) if column in (0, 6) else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths))) for row in rows]
    return [lines[0], '-' * len(lines[0]), *lines[1:]]
