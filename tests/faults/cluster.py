# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""A PostgreSQL cluster that may be killed: nobody else's, with fsync on."""
import contextlib
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time

import psycopg2

DATABASE = 'mlm_faults'


def _programs():
    found = sorted(glob.glob('/usr/lib/postgresql/*/bin/initdb'), key=lambda path: int(path.split('/')[4]))
    return os.path.dirname(found[-1] if found else os.path.realpath(shutil.which('initdb')))


class Cluster:
    """Made in a folder of its own and thrown away with it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='mlm-faults-', dir='/var/tmp')
        self.data, self.programs = os.path.join(self.folder, 'data'), _programs()
        # PostgreSQL refuses to run as root.
        self.user = 'postgres' if os.getuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self._run('initdb', '-D', self.data, '-U', 'odoo', '-A', 'trust', '-E', 'UTF8', '--locale=C')
        with open(os.path.join(self.data, 'postgresql.conf'), 'a') as settings:
            settings.write(
                f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\nfsync = on\n"
                'synchronous_commit = on\nshared_buffers = 128MB\nmax_connections = 100\n')
        self.start()

    def _run(self, program, *arguments, check=True):
        command = [os.path.join(self.programs, program), *arguments]
        if self.user:
            command = ['runuser', '-u', self.user, '--', *command]
        return subprocess.run(command, check=check, cwd='/', stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

    def start(self):
        # What a killed postmaster left behind takes a moment to go away.
        for _attempt in range(100):
            if not self._run('pg_ctl', '-D', self.data, '-w', '-l', os.path.join(self.folder, 'log'), 'start', check=False):
                return
            time.sleep(.2)
        raise RuntimeError(f'the cluster in {self.folder} does not start; see its log')

    def kill(self):
        """End the postmaster as a power cut would, and start it again."""
        with open(os.path.join(self.data, 'postmaster.pid')) as file:
            os.kill(int(file.readline()), signal.SIGKILL)
        self.start()

    def remove(self):
        self._run('pg_ctl', '-D', self.data, '-m', 'immediate', '-w', 'stop', check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self):
        """The variables under which programs find the cluster."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith('PG')}
        return {**kept, 'PGHOST': self.folder, 'PGPORT': '5432', 'PGUSER': 'odoo'}

    @contextlib.contextmanager
    def cursor(self, database=DATABASE):
        """A cursor in autocommit; waits for a cluster that is just coming back."""
        for attempt in range(600):
            try:
                connection = psycopg2.connect(host=self.folder, port=5432, user='odoo', dbname=database)
                break
            except psycopg2.OperationalError:
                if attempt == 599:
                    raise
                time.sleep(.1)
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cr:
            yield cr
