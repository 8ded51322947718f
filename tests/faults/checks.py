# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The company that is settled under fire, and what must hold of it at any time.

What everybody earns is worked out a second time, sale by sale and agent by agent, from what a run says it had read.
"""
import base64
import hashlib
from datetime import date, timedelta

from odoo import Command, fields

RATES = (10, 6, 4, 2)
AGENTS = 120
FIRST_MONTH = date(1990, 1, 1)


def build(env):
    """A network, an agreement for everybody, a plan of four levels.

    :return: {'plan'}
    """
    company = env.ref('base.main_company')
    if not company.chart_template:
        env['account.chart.template'].try_loading('generic_coa', company, install_demo=False)
    company.mlm_background_from = 0
    agents = env['res.partner'].browse()
    chain = env['res.partner'].with_context(mlm_date=FIRST_MONTH.isoformat(), tracking_disable=True)
    for number in range(AGENTS):
        agents += chain.create({
            'name': f'Agent {number}', 'mlm_agent_state': 'active',
            'mlm_sponsor_id': agents[(number - 1) // 2 if number % 3 else number - 1].id if number else False})
    (agents[7] + agents[20] + agents[33]).with_context(mlm_date='1990-01-02').write({'mlm_agent_state': 'suspended'})
    plan = env['mlm.plan'].create({
        'name': 'Under fire', 'date_from': FIRST_MONTH, 'rule_ids': [Command.create({
            'name': 'Levels', 'kind': 'level', 'params': {
                'rates': [{'rate': str(rate)} for rate in RATES], 'compression': 'standard'}})]})
    env['mlm.agreement'].create([{
        'agent_id': agent.id, 'plan_id': plan.id, 'rate': 0, 'date_from': FIRST_MONTH, 'state': 'active'}
        for agent in agents])
    plan.action_activate()
    return {'plan': plan.id}


def next_period(env):
    last = env['mlm.period'].search([], order='date_to desc', limit=1)
    first = last.date_to + timedelta(days=1) if last else FIRST_MONTH
    period = env['mlm.period'].create({'date_from': first, 'date_to': fields.Date.end_of(first, 'month')})
    return {'period': period.id, 'month': first.isoformat()}


def trade(env, month, chance):
    """Post an invoice, mostly of the month, sometimes late; or credit one, or move an agent."""
    first = date.fromisoformat(month)
    agents = env['res.partner'].search([('mlm_agent_state', '!=', 'none')], order='id')
    what = chance.random()
    if what < .1:
        invoices = env['account.move'].search([
            ('move_type', '=', 'out_invoice'), ('state', '=', 'posted'), ('reversal_move_ids', '=', False)], limit=20)
        if invoices:
            credit = chance.choice(invoices)._reverse_moves([{'invoice_date': first, 'date': first}])
            credit.action_post()
    elif what < .2:
        agent, sponsor = chance.choice(agents[60:]), chance.choice(agents[:30])
        if sponsor.mlm_agent_state == 'active':
            agent.with_context(mlm_date=first.isoformat()).mlm_sponsor_id = sponsor
    else:
        day = first + timedelta(days=chance.randrange(28))
        if chance.random() < .3:
            day = max(day - timedelta(days=60), FIRST_MONTH)
        seller = chance.choice(agents)
        env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': seller.id, 'invoice_date': day, 'mlm_agent_id': seller.id,
            'invoice_line_ids': [Command.create({
                'name': 'Goods', 'quantity': 1, 'price_unit': chance.randrange(1, 90_000) / 100, 'tax_ids': [Command.clear()],
            }) for _line in range(3)]}).action_post()


def violations(env, final=False):
    """Everything that is not as it must be, in sentences; an empty list if all is well.

    :param final: whether a period was closed after everything was posted, so that nothing may be left unsettled
    """
    env.invalidate_all()
    found = []
    for sentence, query in QUERIES.items():
        rows = env.execute_query(_sql(query))
        if rows:
            found.append(f'{sentence}: {len(rows)}, first {rows[0]}')
    for run in env['mlm.run'].search([]):
        found += _differences(env, run)
    if final:
        [[lost]] = env.execute_query(_sql("""
            SELECT count(*) FROM mlm_volume v WHERE NOT EXISTS (SELECT FROM mlm_claim c WHERE c.volume_id = v.id)
               AND v.date <= (SELECT max(date_to) FROM mlm_period WHERE state = 'closed')"""))
        if lost:
            found.append(f'sales that no period settled: {lost}')
    return found


def _sql(query):
    from odoo.tools import SQL
    return SQL(query)


QUERIES = {
    'claimed twice': 'SELECT volume_id FROM mlm_claim GROUP BY volume_id, plan_id HAVING count(*) > 1',
    'paid by two runs': 'SELECT volume_id FROM mlm_commission_row WHERE volume_id > 0 GROUP BY volume_id, rule_id '
                        'HAVING count(DISTINCT run_id) > 1',
    'paid without a claim': 'SELECT c.id FROM mlm_commission_row c LEFT JOIN mlm_claim k USING (volume_id, run_id) '
                            'WHERE k.run_id IS NULL AND c.volume_id > 0',
    'rows without a run': 'SELECT c.id FROM mlm_commission_row c LEFT JOIN mlm_run r ON r.id = c.run_id WHERE r.id IS NULL',
    'claims without a run': 'SELECT k.run_id FROM mlm_claim k LEFT JOIN mlm_run r ON r.id = k.run_id WHERE r.id IS NULL',
    'two runs of a plan in a period': 'SELECT period_id FROM mlm_run GROUP BY period_id, plan_id HAVING count(*) > 1',
    'totals of a run differ from its rows': """
        SELECT r.id FROM mlm_run r LEFT JOIN mlm_commission_row c ON c.run_id = r.id GROUP BY r.id
        HAVING r.commission_count <> count(c.id) OR round(r.total * 100) <> COALESCE(sum(c.amount), 0)""",
    'an open period with a run, or none in a calculated one': """
        SELECT p.id FROM mlm_period p
         WHERE (p.state <> 'open') <> EXISTS (SELECT FROM mlm_run r WHERE r.period_id = p.id)""",
    'statements where none may be': """
        SELECT s.id FROM mlm_statement s JOIN mlm_period p ON p.id = s.period_id WHERE p.state <> 'closed'""",
    'a statement differs from its commissions': """
        SELECT COALESCE(s.period_id, c.period_id), COALESCE(s.agent_id, c.agent_id) FROM (
            SELECT period_id, agent_id, round((earned + clawed_back) * 100) AS amount FROM mlm_statement) s
          FULL JOIN (
            SELECT r.period_id, c.beneficiary_id AS agent_id, sum(c.amount) AS amount
              FROM mlm_commission_row c JOIN mlm_run r ON r.id = c.run_id JOIN mlm_period p ON p.id = r.period_id
             WHERE p.state = 'closed' AND c.beneficiary_id > 0 GROUP BY 1, 2) c
            ON c.period_id = s.period_id AND c.agent_id = s.agent_id
         WHERE COALESCE(s.amount, 0) <> COALESCE(c.amount, 0)""",
    'a statement differs from its lines': """
        SELECT s.id FROM mlm_statement s LEFT JOIN mlm_statement_line l ON l.statement_id = s.id
         GROUP BY s.id HAVING s.earned + s.clawed_back <> COALESCE(sum(l.amount), 0)""",
    'brought forward is not what was carried forward': """
        SELECT id FROM (
            SELECT id, opening, lag(closing, 1, 0) OVER (PARTITION BY agent_id ORDER BY date_to) AS before
              FROM mlm_statement) s WHERE opening <> before""",
    'an agent is its own upline': """
        WITH RECURSIVE up(start, id) AS (
            SELECT id, mlm_sponsor_id FROM res_partner WHERE mlm_sponsor_id IS NOT NULL
            UNION SELECT up.start, p.mlm_sponsor_id FROM up JOIN res_partner p ON p.id = up.id)
        SELECT start FROM up WHERE start = id""",
}


def _differences(env, run):
    """Compare a run's rows with what they must be, and its digests with what is stored."""
    from odoo.addons.mlm_commission import engine
    snapshot = base64.b64decode(run.with_context(bin_size=False).snapshot)
    _plan, network, terms = engine.unpack(snapshot)
    found = []
    if engine.snapshot.digest(snapshot) != run.input_digest:
        found.append(f'run {run.id}: the digest of what was read is another')
    rows = env.execute_query(_sql(f"""
        SELECT c.volume_id, c.level, c.beneficiary_id, c.rate, c.base, c.amount, c.reason, v.origin_id IS NOT NULL
          FROM mlm_commission_row c JOIN mlm_volume v ON v.id = c.volume_id WHERE c.run_id = {run.id} ORDER BY c.id"""))
    sales = env.execute_query(_sql(f"""
        SELECT v.id, v.agent_id, round(v.net * 100)::int8 FROM mlm_claim k JOIN mlm_volume v ON v.id = k.volume_id
         WHERE k.run_id = {run.id} AND v.origin_id IS NULL ORDER BY v.id"""))
    paid = {row[:3] + row[5:6] for row in rows if not row[7]}
    expected = _expected(network, terms, sales)
    if paid != expected:
        found.append(f'run {run.id}: {len(expected - paid)} commissions missing or wrong, {len(paid - expected)} too many, '
                     f'first {min(expected ^ paid)}')
    claimed = [id_ for [id_] in env.execute_query(_sql(
        f'SELECT volume_id FROM mlm_claim WHERE run_id = {run.id} ORDER BY volume_id'))]
    sold = {sale[0] for sale in sales}
    # Calculated by a job in slices, or by somebody at once.
    if not any(run.output_digest in _digests(engine, rows, list(filter(None, (
            sold.intersection(claimed[start:start + size]) for start in range(0, len(claimed), size)))))
               for size in {env.company.mlm_slice_size or 1, len(claimed) or 1}):
        found.append(f'run {run.id}: the digest of the stored rows is another')
    return found


def _digests(engine, rows, slices):
    """The digests that stored rows may have: what was sold, slice by slice, what was taken back, then the rules of the
    period, which pay nothing here. What was taken back is a part of its own also if it comes to nothing.
    """
    paid, taken = ([row for row in rows if row[7] is kind] for kind in (False, True))
    sold = [[row for row in paid if row[0] in ids] for ids in slices]
    return {
        hashlib.sha256(''.join(_entries(engine, part).digest() for part in parts).encode()).hexdigest()
        for parts in ([[*sold, taken, []]] if taken else [[*sold, []], [*sold, taken, []]])}


def _entries(engine, rows):
    columns = list(zip(*rows)) or [()] * 7
    volume, level, beneficiary, rate, base, amount, reason = columns[:7]
    return engine.Entries(volume, [0] * len(rows), level, beneficiary, rate, base, amount, reason)


def _expected(network, terms, sales):
    """{(sale, level, beneficiary, amount)}: one sale at a time, from the definition of levels with compression."""
    ids = network.ids.tolist()
    place = {id_: position for position, id_ in enumerate(ids)}
    sponsor, active = network.sponsor.tolist(), network.active.tolist()
    agreed = [any(column[position] >= 0 for column in terms.rates) for position in range(len(ids))]
    expected = set()
    for sale, seller, base in sales:
        level, position = 0, sponsor[place[seller]]
        while position >= 0 and level < len(RATES):
            if active[position] and agreed[position]:
                amount = (2 * abs(base) * RATES[level] + 100) // 200 * (1 if base > 0 else -1)
                level += 1
                if amount:
                    expected.add((sale, level, ids[position], amount))
            position = sponsor[position]
    return expected
