# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Rows between PostgreSQL and NumPy through COPY BINARY: millions a second, where the ORM does thousands.

The format is in PostgreSQL's documentation of COPY: a header of 19 bytes, then per row the number of fields and each
field's length and big-endian value, then a trailer of two bytes.
"""
import io
import re
from contextlib import contextmanager

import numpy as np
import psycopg2.extensions

from odoo.tools import SQL, split_every

HEADER = b'PGCOPY\n\xff\r\n\0' + b'\0' * 8
TRAILER = b'\xff\xff'
# How COPY writes in text what would end a column or a row.
ESCAPED = re.compile(r'\\(.)')
ESCAPES = {'t': '\t', 'n': '\n', 'r': '\r', 'b': '\b', 'f': '\f', 'v': '\v'}


@contextmanager
def _no_wait_callback():
    # psycopg2 cannot COPY while gevent's callback is set; Odoo's own import does the same.
    callback = psycopg2.extensions.get_wait_callback()
    psycopg2.extensions.set_wait_callback(None)
    try:
        yield
    finally:
        psycopg2.extensions.set_wait_callback(callback)


def _row_type(columns):
    """The bytes of one row: its field count, then length and value of each field."""
    layout = [('fields', '>i2')]
    for name, size in columns:
        layout += [(f'length of {name}', '>i4'), (name, f'>i{size}')]
    return np.dtype(layout)


def read(env, query, columns):
    """Read the rows of a query.

    :param env: environment; what the query needs flushed is flushed
    :param SQL query: a SELECT whose columns are integers of just these sizes, none of them NULL
    :param columns: [(name, bytes: 2, 4 or 8)] in the order of the query
    :return: {name: array of native integers}, one value a row, in the order of the query
    """
    buffer = io.BytesIO()
    env.flush_query(query)
    cr = env.cr
    select = cr.mogrify(query.code, query.params).decode()
    with _no_wait_callback():
        cr.copy_expert(f'COPY ({select}) TO STDOUT (FORMAT binary)', buffer)
    row_type = _row_type(columns)
    count, rest = divmod(buffer.tell() - len(HEADER) - len(TRAILER), row_type.itemsize)
    rows = np.frombuffer(buffer.getbuffer(), row_type, count=count, offset=len(HEADER))
    if rest or (count and (rows['fields'] != len(columns)).any()):
        raise ValueError(f'a column of this query is NULL or of another size than {columns}: {select}')
    return {name: rows[name].astype(f'i{size}') for name, size in columns}


def read_texts(env, query, take):
    """Hand on the rows of a query one by one, as they come from the database; none is kept.

    :param env: environment; what the query needs flushed is flushed
    :param SQL query: a SELECT without NULL
    :param take: called with the columns of each row, as str
    """
    env.flush_query(query)
    select = env.cr.mogrify(query.code, query.params).decode()
    sink = _Sink(take)
    with _no_wait_callback():
        env.cr.copy_expert(f'COPY ({select}) TO STDOUT', sink, size=1 << 20)


def write_texts(cr, table, rows):
    """Append rows to a table whose columns need no escaping: numbers, digests.

    :param str table: table name
    :param rows: iterable of tuples of str, in the order of the table's columns
    """
    blocks = (''.join(map('{}\n'.format, map('\t'.join, part))).encode() for part in split_every(10_000, rows))
    with _no_wait_callback():
        cr.copy_expert(SQL('COPY %s FROM STDIN', SQL.identifier(table)).code, _Blocks(blocks), size=1 << 20)


def write(cr, table, columns, chunks):
    """Append rows to a table.

    :param cr: database cursor
    :param str table: table name
    :param columns: [(name, bytes: 2, 4 or 8)]
    :param chunks: iterable of {name: integer array}, all of one length within a chunk
    :return: the number of rows
    """
    source = _Rows(_row_type(columns), [name for name, _size in columns], chunks)
    names = SQL(', ').join(SQL.identifier(name) for name, _size in columns)
    statement = SQL('COPY %s (%s) FROM STDIN (FORMAT binary)', SQL.identifier(table), names)
    with _no_wait_callback():
        cr.copy_expert(statement.code, source, size=1 << 20)
    return source.count


class _Sink(io.TextIOBase):
    """A file that psycopg2 writes to, in pieces of any size; rows end with a line feed, which COPY escapes elsewhere."""

    def __init__(self, take):
        self.take, self.rest = take, ''

    def write(self, data):
        *lines, self.rest = (self.rest + (data if isinstance(data, str) else data.decode())).split('\n')
        for line in lines:
            self.take(*(_unescape(value) for value in line.split('\t')))
        return len(data)


def _unescape(value):
    return value if '\\' not in value else ESCAPED.sub(lambda found: ESCAPES.get(found[1], found[1]), value)


class _Blocks(io.RawIOBase):
    """A file that psycopg2 reads; holds one block at a time, so memory is bounded."""

    def __init__(self, blocks):
        self.blocks, self.pending = iter(blocks), memoryview(b'')

    def readable(self):
        return True

    def read(self, size=-1):
        while not self.pending:
            block = next(self.blocks, None)
            if block is None:
                return b''
            self.pending = memoryview(block)
        size = len(self.pending) if size < 0 else size
        data, self.pending = self.pending[:size], self.pending[size:]
        return bytes(data)


class _Rows(_Blocks):
    """Chunks of arrays as the binary rows of COPY; counts them."""

    def __init__(self, row_type, names, chunks):
        self.row_type, self.names, self.count = row_type, names, 0
        super().__init__(self._encode(chunks))

    def _encode(self, chunks):
        yield HEADER
        row = np.zeros((), self.row_type)
        row['fields'] = len(self.names)
        for name in self.names:
            row[f'length of {name}'] = self.row_type[name].itemsize
        for chunk in chunks:
            rows = np.full(len(chunk[self.names[0]]), row)
            for name in self.names:
                rows[name] = chunk[name]
            self.count += len(rows)
            yield rows.tobytes()
        yield TRAILER
