# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""From an order to its posted invoice: what the addons add to Odoo's own queries and time."""
import statistics
import time

from . import odoo

ORDERS = 30
LINES = 5


def measure(database):
    """:return: {'queries': by order, 'seconds': median of an order}"""
    with odoo.environment(database) as env:
        if not env.company.chart_template:
            env['account.chart.template'].try_loading('generic_coa', env.company, install_demo=False)
        customer, products = _prepare(env)
        _order(env, customer, products)  # warm
        queries, times = [], []
        for _number in range(ORDERS):
            env.flush_all()
            env.invalidate_all()
            before, start = env.cr.sql_log_count, time.perf_counter()
            _order(env, customer, products)
            env.flush_all()
            queries.append(env.cr.sql_log_count - before)
            times.append(time.perf_counter() - start)
        return {'queries': statistics.median(queries), 'seconds': statistics.median(times)}


def _prepare(env):
    values = {'name': 'Customer'}
    if 'mlm.plan' in env:
        # Everything at work: an upline of agents, a plan that pays it.
        agent = env['res.partner'].browse()
        for number in range(10):
            agent = env['res.partner'].create({
                'name': f'Agent {number}', 'mlm_agent_state': 'active', 'mlm_sponsor_id': agent.id})
        values['mlm_sponsor_id'] = agent.id
        plan = env['mlm.plan'].create({
            'name': 'Orders', 'date_from': '2020-01-01', 'rule_ids': [(0, 0, {
                'name': 'Levels', 'kind': 'level', 'params': {'rates': [{'rate': '5'}, {'rate': '3'}]}})]})
        plan.action_activate()
    products = env['product.product'].create([
        {'name': f'Goods {number}', 'type': 'service', 'invoice_policy': 'order', 'taxes_id': False, 'list_price': 10 + number}
        for number in range(LINES)])
    return env['res.partner'].create(values), products


def _order(env, customer, products):
    order = env['sale.order'].create({
        'partner_id': customer.id, 'order_line': [(0, 0, {'product_id': product.id}) for product in products]})
    order.action_confirm()
    order._create_invoices().action_post()
