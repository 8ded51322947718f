# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The open peer, OCA/commission, if somebody has its addons for this Odoo: settling one invoice of each agent."""
import os
import time

from . import odoo

DATABASE = 'mlm_bench_peer'
SIZES = (100, 1_000)


def measure(folder):
    """:return: {number of agents: {'seconds', 'queries'}}, or None if the peer was not given"""
    if not folder:
        return None
    configuration = os.path.join(os.path.dirname(os.environ['ODOO_RC']), 'odoo-peer.conf')
    with open(os.environ['ODOO_RC']) as given, open(configuration, 'w') as own:
        for line in given:
            own.write(line.rstrip('\n') + (f',{os.path.abspath(folder)}' if line.startswith('addons_path') else '') + '\n')
    os.environ['ODOO_RC'] = configuration
    odoo.drop(DATABASE)
    try:
        odoo.install(DATABASE, 'account_commission_oca')
        with odoo.environment(DATABASE) as env:
            if not env.company.chart_template:
                env['account.chart.template'].try_loading('generic_coa', env.company, install_demo=False)
            return {size: _settle(env, size) for size in SIZES}
    finally:
        odoo.drop(DATABASE)


def _settle(env, size):
    commission = env['commission'].create({'name': 'Five percent', 'fix_qty': 5, 'amount_base_type': 'gross_amount',
                                           'invoice_state': 'open'})
    agents = env['res.partner'].create([
        {'name': f'Agent {size} {number}', 'agent': True, 'commission_id': commission.id, 'settlement': 'monthly'}
        for number in range(size)])
    env['account.move'].create([{
        'move_type': 'out_invoice', 'partner_id': agent.id, 'invoice_date': '2024-03-10',
        'invoice_line_ids': [(0, 0, {'name': 'Goods', 'price_unit': 100, 'tax_ids': [(5, 0, 0)], 'agent_ids': [
            (0, 0, {'agent_id': agent.id, 'commission_id': commission.id})]})],
    } for agent in agents]).action_post()
    env.flush_all()
    env.invalidate_all()
    wizard = env['commission.make.settle'].create(
        {'date_to': '2024-04-01', 'settlement_type': 'sale_invoice', 'agent_ids': [(6, 0, agents.ids)]})
    before, start = env.cr.sql_log_count, time.perf_counter()
    wizard.action_settle()
    env.flush_all()
    return {'seconds': time.perf_counter() - start, 'queries': env.cr.sql_log_count - before}
