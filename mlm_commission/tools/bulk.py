# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Statements over whole tables, planned for what they are."""
from contextlib import contextmanager

from odoo.tools import SQL

# From so many rows on it is cheaper to read a table once than to look rows up one by one.
MANY = 50_000
SETTINGS = {'enable_nestloop': 'off', 'work_mem': '256MB', 'maintenance_work_mem': '512MB', 'jit': 'off'}


@contextmanager
def bulk(cr, rows=MANY):
    """Have the statements within read whole tables: joined by hash, sorted in memory.

    The planner's own figures know nothing of rows that this transaction wrote. It takes a million of them for a few
    and looks each up in a loop, which takes minutes instead of seconds.

    :param cr: database cursor
    :param rows: about how many rows are worked on; below ``MANY`` the planner is right
    """
    if rows < MANY:
        yield
        return
    set_all = lambda values: cr.execute(SQL('; ').join(
        SQL('SET LOCAL %s = %s', SQL.identifier(name), SQL(value)) for name, value in values))
    set_all((name, f"'{value}'") for name, value in SETTINGS.items())
    yield
    # Not in a "finally": after an error the transaction takes no more commands, and its end resets them anyway.
    set_all((name, 'DEFAULT') for name in SETTINGS)
