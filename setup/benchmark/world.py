# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""A company's month, written by SQL: a random network, an agreement for every agent, sales by random sellers.

Everything follows from the row's number, so two runs of the same size settle the same month.
"""
import contextlib
import datetime

from . import odoo
from .measure import connect

TRUST = 2 ** 31
RATES = (8, 5, 4, 3, 2.5, 2, 1.5, 1, 1, 1)
MONTH = datetime.date(2024, 3, 1)
LAST_DAY = datetime.date(2024, 3, 31)
# 35 of 100 agents are active; the others keep their place and are passed over.
ACTIVE = 35
FRONTLINE = 10_000


def build(database, agents, sales, levels):
    """Fill a database that has the addon.

    :return: {'company', 'plan', 'period', 'first': id of the first agent}
    """
    with odoo.environment(database) as env:
        company = env.company
        if not company.chart_template:
            env['account.chart.template'].try_loading('generic_coa', company, install_demo=False)
        rates = [RATES[level] if level < len(RATES) else 0.5 for level in range(levels)]
        plan = env['mlm.plan'].create({
            'name': 'Benchmark', 'date_from': '2024-01-01', 'rule_ids': [(0, 0, {
                'name': 'Levels', 'kind': 'level',
                'params': {'rates': [{'rate': str(rate)} for rate in rates], 'compression': 'standard'}})]})
        plan.action_activate()
        period = env['mlm.period'].create({'date_from': MONTH, 'date_to': LAST_DAY})
        category = env['product.category'].create({'name': 'Benchmark'})
        products = env['product.product'].create([
            {'name': f'Product {number}', 'categ_id': category.id} for number in range(50)])
        ids = {'company': company.id, 'currency': company.currency_id.id, 'plan': plan.id, 'period': period.id,
               'product': products[0].id, 'category': category.id}
        env.cr.commit()
    with contextlib.closing(connect(database)) as connection, connection, connection.cursor() as cr:
        # The rows are made to fit; foreign keys are checked row by row otherwise, for minutes.
        cr.execute("SET session_replication_role = replica; SET work_mem = '256MB'; SET maintenance_work_mem = '1GB'")
        cr.execute('SELECT COALESCE(max(id), 0) FROM res_partner')
        ids['first'] = cr.fetchone()[0] + 1
        _network(cr, ids, agents)
        _agreements(cr, ids, agents)
        _sales(cr, ids, agents, sales)
    with contextlib.closing(connect(database)) as connection:
        connection.autocommit = True
        with connection.cursor() as cr:
            cr.execute('VACUUM ANALYZE')
            cr.execute('CHECKPOINT')
    return ids


def _random(seed, number='i'):
    """SQL of a number in [0, 1) that belongs to row i."""
    return f'((hashint8extended({number}, {seed}) & {TRUST - 1}) / {TRUST}.0)'


@contextlib.contextmanager
def without_indexes(cr, table):
    """Drop a table's indexes and exclusion constraints, all but its key, and build them again in the end."""
    cr.execute("""
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
         WHERE conrelid = %s::regclass AND contype IN ('x', 'u')""", [table])
    constraints = cr.fetchall()
    for name, _definition in constraints:
        cr.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    cr.execute("""
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
         WHERE indrelid = %s::regclass AND NOT indisprimary""", [table])
    indexes = cr.fetchall()
    for name, _definition in indexes:
        cr.execute(f'DROP INDEX {name}')
    yield
    for _name, definition in indexes:
        cr.execute(definition)
    for name, definition in constraints:
        cr.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def _insert(cr, table, values, rows, source):
    """INSERT ... SELECT; columns that must not be NULL and are not given get a value that says nothing."""
    cr.execute("""
        SELECT column_name, data_type FROM information_schema.columns
         WHERE table_name = %s AND is_nullable = 'NO' AND column_default IS NULL""", [table])
    neutral = {'boolean': 'FALSE', 'integer': '0', 'numeric': '0', 'jsonb': "'{}'"}
    values = {**{name: neutral.get(kind, "'no'") for name, kind in cr.fetchall()}, **values}
    with without_indexes(cr, table):
        cr.execute('INSERT INTO {} ({}) SELECT {} FROM {}'.format(
            table, ', '.join(values), ', '.join(values.values()), source.format(rows=rows)))
    if 'id' in values:
        cr.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")


def _network(cr, ids, agents):
    """A random recursive tree: each agent was recruited by one of those before; agent 2 has a wide frontline."""
    first = ids['first']
    # At full size 10,000 agents are moved under one, which stands directly below the top.
    wide = f'i > 2 AND i % {max(agents // FRONTLINE, 10)} = 0'
    sponsor = f'CASE WHEN i = 1 THEN NULL WHEN {wide} THEN {first + 1} ELSE {first} + floor({_random(1)} * (i - 1))::int END'
    state = f"CASE WHEN i < 3 OR {_random(2)} * 100 < {ACTIVE} THEN 'active' ELSE 'suspended' END"
    cr.execute(f'CREATE TEMP TABLE world AS SELECT i, {first} - 1 + i AS id, {sponsor} AS sponsor, {state} AS state '
               f'FROM generate_series(1::int8, {agents}) AS i')
    _insert(cr, 'res_partner', {
        'id': 'id', 'name': "'Agent ' || i", 'complete_name': "'Agent ' || i", 'commercial_partner_id': 'id',
        'active': 'TRUE', 'type': "'contact'", 'lang': "'en_US'", 'email': "'agent' || i || '@example.com'",
        'street': "'Street ' || i", 'city': "'City ' || i % 1000", 'mlm_sponsor_id': 'sponsor',
        'mlm_agent_state': 'state', 'mlm_agent_code': "'B' || i", 'create_date': 'now()', 'write_date': 'now()',
        'comment': "repeat('About this agent. ', 12)",
    }, agents, 'world')
    _insert(cr, 'mlm_sponsorship', {
        'partner_id': 'id', 'sponsor_id': 'sponsor', 'agent_state': 'state', 'date_from': "DATE '2023-01-01'",
    }, agents, 'world')


def _agreements(cr, ids, agents):
    _insert(cr, 'mlm_agreement', {
        'name': "'B' || i", 'agent_id': 'id', 'plan_id': str(ids['plan']), 'company_id': str(ids['company']), 'rate': '0',
        'date_from': "DATE '2023-01-01'", 'state': "'active'", 'self_billing': 'TRUE',
    }, agents, 'world')


def _sales(cr, ids, agents, sales):
    seller = f'{ids["first"]} + floor({_random(3)} * {agents})::int'
    net = f'round(({_random(4)} * 290 + 10)::numeric, 2)'
    _insert(cr, 'mlm_volume', {
        'company_id': str(ids['company']), 'currency_id': str(ids['currency']), 'trigger': "'invoiced'", 'event': "'posted'",
        'date': f"DATE '{MONTH}' + floor({_random(5)} * 31)::int", 'source': "'INV/2024/' || lpad(i::text, 8, '0')",
        'line_ref': 'i', 'agent_id': seller, 'partner_id': seller, 'product_id': f'{ids["product"]} + i % 50',
        'categ_id': str(ids['category']), 'quantity': '1', 'net': net, 'margin': f'{net} / 2', 'points': f'floor({net})',
    }, sales, 'generate_series(1::int8, {rows}) AS i')
