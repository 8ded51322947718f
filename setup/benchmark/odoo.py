# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Odoo in this process: an environment on a database."""
import contextlib
import os
import subprocess
import sys

from .measure import connect


@contextlib.contextmanager
def environment(database):
    """An environment of the superuser; nothing is committed unless the caller does."""
    import odoo
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    odoo.tools.config.parse_config(['-c', os.environ['ODOO_RC'], '-d', database, '--no-http'])
    try:
        with Registry(database).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            yield env(context={'allowed_company_ids': env.ref('base.main_company').ids})
            cr.rollback()
    finally:
        odoo.sql_db.close_db(database)  # whoever drops it afterwards is not in its own way


def install(database, modules):
    """Create a database if need be and install modules into it."""
    subprocess.run(
        [sys.executable, '-c', 'from odoo.cli import main; main()', '-d', database, '-i', modules,
         '--stop-after-init', '--no-http'],
        check=True, stdout=sys.stderr, stderr=subprocess.STDOUT)


def _execute(statement, *values):
    with contextlib.closing(connect('postgres')) as connection:
        connection.autocommit = True
        with connection.cursor() as cr:
            cr.execute(statement, values)
            return cr.fetchone() if cr.description else None


def drop(*databases):
    for database in databases:
        _execute(f'DROP DATABASE IF EXISTS {database}')


def copy(database, template):
    # From PostgreSQL 15 on a copy is written to the log by default, which is slow for large ones.
    [version] = _execute("SELECT current_setting('server_version_num')::int")
    _execute(f'CREATE DATABASE {database} TEMPLATE {template}' + (' STRATEGY FILE_COPY' if version >= 150000 else ''))


def exists(database):
    return bool(_execute('SELECT 1 FROM pg_database WHERE datname = %s', database))


def comment(database, text=None):
    """Read, or write, the comment on a database."""
    if text:
        _execute(f'COMMENT ON DATABASE {database} IS %s', text)
    found = _execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", database)
    return found and found[0]
