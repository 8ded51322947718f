# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Rows between PostgreSQL and NumPy through COPY BINARY: millions a second, where the ORM does thousands.

The format is in PostgreSQL's documentation of COPY: a header of 19 bytes, then per row the number of fields and each
field's length and big-endian value, then a trailer of two bytes.
"""
import io
from contextlib import contextmanager

import numpy as np
import psycopg2.extensions

from odoo.tools import SQL

HEADER = b'PGCOPY\n\xff\r\n\0' + b'\0' * 8
TRAILER = b'\xff\xff'


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


def write(cr, table, columns, chunks):
    """Append rows to a table.

    :param cr: database cursor
    :param str table: table name
    :param columns: [(name, bytes: 2, 4 or 8)]
    :param chunks: iterable of {name: integer array}, all of one length within a chunk
    :return: the number of rows
    """
    source = _Source(_row_type(columns), [name for name, _size in columns], chunks)
    names = SQL(', ').join(SQL.identifier(name) for name, _size in columns)
    statement = SQL('COPY %s (%s) FROM STDIN (FORMAT binary)', SQL.identifier(table), names)
    with _no_wait_callback():
        cr.copy_expert(statement.code, source, size=1 << 20)
    return source.count


class _Source(io.RawIOBase):
    """A file that psycopg2 reads; holds one chunk at a time, so memory is bounded."""

    def __init__(self, row_type, names, chunks):
        self.row_type, self.names, self.count = row_type, names, 0
        self.blocks = self._blocks(chunks)
        self.pending = memoryview(b'')

    def _blocks(self, chunks):
        yield HEADER
        for chunk in chunks:
            rows = np.zeros(len(chunk[self.names[0]]), self.row_type)
            rows['fields'] = len(self.names)
            for name in self.names:
                rows[f'length of {name}'] = self.row_type[name].itemsize
                rows[name] = chunk[name]
            self.count += len(rows)
            yield rows.tobytes()
        yield TRAILER

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
