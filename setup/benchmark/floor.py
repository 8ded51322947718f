# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The floor: the same steps on the same data, written for this one plan in SQL and NumPy, without Odoo.

Nothing is configurable, nothing is explained to anybody, rows are as narrow as they can be: what PostgreSQL needs to
hold every commission and every chained statement under a key, and to prove the sums.
"""
import contextlib
import hashlib
import io

import numpy as np

from .measure import Phases, connect, peak, reset_peak

SCHEMA = """
    DROP SCHEMA IF EXISTS floor CASCADE;
    CREATE SCHEMA floor;
    CREATE TABLE floor.run (id int PRIMARY KEY, state text, rows int8, total int8, digest text);
    INSERT INTO floor.run VALUES (1, 'open');
    CREATE TABLE floor.claim (
        sale int4 NOT NULL, plan int4 NOT NULL, run int4 NOT NULL, agent int4 NOT NULL, base int8 NOT NULL,
        PRIMARY KEY (sale, plan));
    CREATE TABLE floor.place (run int4 NOT NULL, agent int4 NOT NULL, sponsor int4 NOT NULL, active int2 NOT NULL);
    CREATE TABLE floor.commission (
        run int4 NOT NULL, sale int4 NOT NULL, level int2 NOT NULL, rate int4 NOT NULL, agent int4 NOT NULL,
        amount int8 NOT NULL) PARTITION BY LIST (run);
    CREATE TABLE floor.line (
        run int4 NOT NULL, agent int4 NOT NULL, rule int4 NOT NULL, count int8 NOT NULL, amount int8 NOT NULL,
        PRIMARY KEY (run, agent, rule));
    CREATE TABLE floor.statement (
        run int4 NOT NULL, agent int4 NOT NULL REFERENCES res_partner (id), amount int8 NOT NULL, digest bytea NOT NULL,
        PRIMARY KEY (run, agent))"""
ROWS = [('sale', 4), ('level', 2), ('rate', 4), ('agent', 4), ('amount', 8)]
SLICE = 100_000


def measure(database, ids, rates):
    """Settle the month.

    :param rates: int array (levels), ppm
    :return: {'seconds': {phase: seconds}, 'rows', 'total', 'client': MB, 'backend': MB}
    """
    with contextlib.closing(connect(database)) as connection, connection.cursor() as cr:
        cr.execute(SCHEMA)
        connection.commit()
        connection.set_session('REPEATABLE READ')
        reset_peak()
        phases = Phases(connection.info.backend_pid)
        result = _settle(cr, ids, rates, phases)
        phases.begin('commit')
        connection.commit()
        seconds = phases.end()
        result.update(seconds=seconds, processor=phases.processor(), client=peak(), backend=peak(connection.info.backend_pid))
        cr.execute('DROP SCHEMA floor CASCADE')
        connection.commit()
    return result


def _settle(cr, ids, rates, phases):
    cr.execute("SET LOCAL work_mem = '256MB'; SET LOCAL maintenance_work_mem = '1GB'; SET LOCAL jit = off")
    phases.begin('claim')
    cr.execute("UPDATE floor.run SET state = 'settled' WHERE id = 1 AND state = 'open'")
    cr.execute("""
        INSERT INTO floor.claim
        SELECT v.id, 1, 1, v.agent_id, round(v.net * 100)::int8 FROM mlm_volume v
         WHERE v.company_id = %s AND v.trigger = 'invoiced' AND v.date <= '2024-03-31'
           AND NOT EXISTS (SELECT FROM floor.claim c WHERE c.sale = v.id AND c.plan = 1) ORDER BY v.id""", [ids['company']])
    phases.begin('load')
    cr.execute("""
        INSERT INTO floor.place
        SELECT DISTINCT ON (s.partner_id) 1, s.partner_id, COALESCE(s.sponsor_id, 0),
               (s.agent_state = 'active' AND a.id IS NOT NULL)::int
          FROM mlm_sponsorship s
          LEFT JOIN mlm_agreement a ON a.agent_id = s.partner_id AND a.plan_id = %s AND a.state = 'active'
           AND a.date_from <= '2024-03-31' AND (a.date_to IS NULL OR a.date_to >= '2024-03-31')
         WHERE s.agent_state <> 'none' AND (s.date_to IS NULL OR s.date_to > '2024-03-31')
         ORDER BY s.partner_id, s.date_from""", [ids['plan']])
    place = _read(cr, 'SELECT agent, sponsor, active FROM floor.place WHERE run = 1 ORDER BY agent',
                  [('agent', 4), ('sponsor', 4), ('active', 2)])
    sales = _read(cr, 'SELECT sale, agent, base FROM floor.claim WHERE run = 1 ORDER BY sale',
                  [('sale', 4), ('agent', 4), ('base', 8)])
    inputs = hashlib.sha256()
    for values in (*place.values(), *sales.values()):
        inputs.update(values)
    phases.begin('compute, write')
    sponsor = np.searchsorted(place['agent'], place['sponsor']).astype(np.int32)
    sponsor[place['sponsor'] == 0] = -1
    above = _nearest_active(sponsor, place['active'] > 0)
    source = _Rows(place['agent'], above, sales, rates)
    cr.execute('CREATE TABLE floor.commission_1 (LIKE floor.commission); '
               'ALTER TABLE floor.commission_1 ALTER run SET DEFAULT 1')
    cr.copy_expert('COPY floor.commission_1 (sale, level, rate, agent, amount) FROM STDIN (FORMAT binary)', source, 1 << 20)
    phases.begin('index')
    cr.execute('ALTER TABLE floor.commission_1 ADD PRIMARY KEY (sale, level)')
    cr.execute('CREATE INDEX ON floor.commission_1 (agent, sale)')
    phases.begin('check')
    cr.execute("""
        SELECT count(*) FROM floor.commission_1 c JOIN floor.claim s ON s.sale = c.sale AND s.plan = 1
         WHERE c.amount <> (2 * s.base * c.rate + 1000000) / 2000000""")
    assert cr.fetchone() == (0,), 'a row is not its base times its rate'
    phases.begin('attach')
    cr.execute('ALTER TABLE floor.commission_1 ADD CHECK (run = 1); '
               'ALTER TABLE floor.commission ATTACH PARTITION floor.commission_1 FOR VALUES IN (1)')
    phases.begin('statements')
    _write_statements(cr)
    cr.execute('SELECT (SELECT count(*) FROM floor.commission_1), (SELECT sum(amount) FROM floor.commission_1), '
               'sum(l.count), sum(s.amount) FROM floor.statement s JOIN floor.line l USING (run, agent)')
    rows, total, of_statements, stated = map(int, cr.fetchone())
    assert rows == of_statements == source.count and total == stated == source.total, 'sums differ'
    cr.execute('UPDATE floor.run SET rows = %s, total = %s, digest = %s',
               [rows, total, inputs.hexdigest() + source.digest.hexdigest()])
    return {'rows': rows, 'total': total}


def _write_statements(cr):
    """A line for each agent and rule, a statement for each agent with the digest of its lines and of the one before."""
    cr.execute('INSERT INTO floor.line SELECT run, agent, 1, count(*), sum(amount) FROM floor.commission '
               'WHERE run = 1 GROUP BY 1, 2 ORDER BY 2')
    lines, digest, written = io.BytesIO(), b'', io.BytesIO()
    cr.copy_expert('COPY (SELECT agent, amount, count FROM floor.line WHERE run = 1 ORDER BY agent) TO STDOUT', lines)
    for line in lines.getvalue().splitlines():
        digest = hashlib.sha256(digest + line).digest()
        agent, amount, _count = line.split(b'\t')
        written.write(b'1\t%b\t%b\t\\\\x%b\n' % (agent, amount, digest.hex().encode()))
    written.seek(0)
    cr.copy_expert('COPY floor.statement FROM STDIN', written)


def _layout(columns):
    layout = [('fields', '>i2')]
    for name, size in columns:
        layout += [('size of ' + name, '>i4'), (name, f'>i{size}')]
    return np.dtype(layout)


def _read(cr, query, columns):
    buffer = io.BytesIO()
    cr.copy_expert(f'COPY ({query}) TO STDOUT (FORMAT binary)', buffer)
    rows = np.frombuffer(buffer.getbuffer()[19:-2], _layout(columns))
    return {name: rows[name].astype(f'i{size}') for name, size in columns}


def _nearest_active(sponsor, active):
    """int32 (n + 1): the nearest active agent above each, the last one for nobody."""
    nobody = len(sponsor)
    above = np.append(np.where(sponsor < 0, nobody, sponsor), nobody).astype(np.int32)
    stops = np.append(active, True)
    while not stops[above].all():
        above = np.where(stops[above], above, above[above])
    return above


class _Rows(io.RawIOBase):
    """What COPY reads: pays a slice of sales whenever it runs dry."""

    def __init__(self, ids, above, sales, rates):
        self.ids, self.above, self.sales, self.rates = ids, above, sales, rates
        self.seller = np.searchsorted(ids, sales['agent']).astype(np.int32)
        self.count, self.total, self.digest = 0, 0, hashlib.sha256()
        self.blocks, self.rest = self._blocks(), memoryview(b'')

    def read(self, size):
        if not self.rest:
            self.rest = memoryview(next(self.blocks, b''))
        block, self.rest = self.rest[:size], self.rest[size:]
        return bytes(block)

    def _blocks(self):
        yield b'PGCOPY\n\xff\r\n\0' + bytes(8)
        for start in range(0, len(self.seller), SLICE):
            part = slice(start, start + SLICE)
            who, levels = self.seller[part], []
            for _rate in self.rates:
                who = self.above[who]
                levels.append(who)
            who = np.column_stack(levels)
            sale, level = np.nonzero(who < len(self.ids))
            rate = self.rates[level]
            amount = (2 * self.sales['base'][part][sale] * rate + 1_000_000) // 2_000_000
            rows = np.empty(len(sale), _layout(ROWS))
            rows['fields'] = len(ROWS)
            for name, size in ROWS:
                rows['size of ' + name] = size
            rows['sale'], rows['level'], rows['rate'] = self.sales['sale'][part][sale], level + 1, rate
            rows['agent'], rows['amount'] = self.ids[who[sale, level]], amount
            block = rows.tobytes()
            self.digest.update(block)
            self.count += len(rows)
            self.total += int(amount.sum())
            yield block
        yield b'\xff\xff'
