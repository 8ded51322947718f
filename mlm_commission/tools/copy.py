# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Rows between PostgreSQL and NumPy through COPY BINARY: millions a second, where the ORM does thousands.

The format is in PostgreSQL's documentation of COPY: a header of 19 bytes, then per row the number of fields and each
field's length and big-endian value, then a trailer of two bytes.
"""
import io
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

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
    blocks = (('\n'.join(map('\t'.join, part)) + '\n').encode() for part in split_every(10_000, rows))
    with _no_wait_callback():
        cr.copy_expert(SQL('COPY %s FROM STDIN', SQL.identifier(table)).code, _Blocks(blocks), size=1 << 20)


def pieces(chunk, size=100_000):
    """Cut a chunk, so that :func:`write` makes one piece while PostgreSQL takes another.

    :param chunk: {name: array}, all of one length
    :return: iterator of the same with at most so many rows
    """
    for start in range(0, len(next(iter(chunk.values()))), size):
        yield {name: values[start:start + size] for name, values in chunk.items()}


def write(cr, table, columns, chunks, watch=iter):
    """Append rows to a table. Chunks are made in a thread while PostgreSQL takes the one before.

    :param cr: database cursor
    :param str table: table name
    :param columns: [(name, bytes: 2, 4 or 8)]
    :param chunks: iterable of {name: integer array}, all of one length within a chunk; it must not touch the cursor
    :param watch: is handed an iterator with an item a chunk, and hands its items on, in the caller's thread
    """
    names = SQL(', ').join(SQL.identifier(name) for name, _size in columns)
    statement = SQL('COPY %s (%s) FROM STDIN (FORMAT binary)', SQL.identifier(table), names)
    with closing(_ahead(_encode(columns, chunks))) as blocks, _no_wait_callback():
        cr.copy_expert(statement.code, _Blocks(_framed(watch(blocks))), size=1 << 20)


def _encode(columns, chunks):
    """Chunks of arrays as the binary rows of COPY."""
    row_type = _row_type(columns)
    row = np.zeros((), row_type)
    row['fields'] = len(columns)
    for name, size in columns:
        row[f'length of {name}'] = size
    row = np.frombuffer(row.tobytes(), np.uint8)
    for chunk in chunks:
        # Bytes are filled in several times as fast as fields.
        block = np.empty((len(chunk[columns[0][0]]), row_type.itemsize), np.uint8)
        block[:] = row
        block = block.reshape(-1)
        rows = block.view(row_type)
        for name, _size in columns:
            rows[name] = chunk[name]
        yield memoryview(block)


def _ahead(parts):
    """Make the next part in a thread while the caller deals with the one before."""
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(next, parts, None)
        while (part := pending.result()) is not None:
            pending = pool.submit(next, parts, None)
            yield part


def _framed(blocks):
    yield HEADER
    yield from blocks
    yield TRAILER


class _Sink(io.RawIOBase):
    """A file that psycopg2 writes to, a row at a time or more; rows end with a line feed, which COPY escapes elsewhere."""

    def __init__(self, take):
        self.take, self.rest = take, b''

    def writable(self):
        return True

    def write(self, data):
        *lines, self.rest = (self.rest + data).split(b'\n')
        for line in lines:
            values = line.decode().split('\t')
            self.take(*(map(_unescape, values) if b'\\' in line else values))
        return len(data)


def _unescape(value):
    return ESCAPED.sub(lambda found: ESCAPES.get(found[1], found[1]), value)


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
