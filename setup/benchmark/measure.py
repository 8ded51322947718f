# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Time by phase, statements, and peak memory of this process and of its database backend."""
import contextlib
import os
import time

import psycopg2


class Phases:
    """Seconds by phase; a phase lasts until the next one begins.

    :param int backend: process id of the database backend; processor time is that of both processes
    """

    def __init__(self, backend):
        self.seconds, self._name, self._since = {}, None, None
        self._backend, self._processor = backend, -self._ticks(backend)

    @staticmethod
    def _ticks(backend):
        """Processor seconds of this process and of its backend (not of the workers it starts to sort in parallel)."""
        with open(f'/proc/{backend}/stat') as stat:
            values = stat.read().rsplit(')', 1)[1].split()
        return (int(values[11]) + int(values[12])) / os.sysconf('SC_CLK_TCK') + time.process_time()

    def begin(self, name):
        now = time.perf_counter()
        if self._name:
            self.seconds[self._name] = self.seconds.get(self._name, 0) + now - self._since
        self._name, self._since = name, now

    def end(self):
        self.begin(None)
        return {**self.seconds, 'total': sum(self.seconds.values())}

    def processor(self):
        """Processor seconds since the beginning."""
        return self._processor + self._ticks(self._backend)


def reset_peak():
    """Begin measuring this process's peak memory anew."""
    with contextlib.suppress(OSError), open('/proc/self/clear_refs', 'w') as refs:
        refs.write('5')


def peak(pid='self'):
    """Peak memory of a process in MB, without what a backend shares with all others, or None where it cannot be read."""
    with contextlib.suppress(OSError), open(f'/proc/{pid}/status') as status:
        values = dict(line.split(':', 1) for line in status)
        kilobytes = {name: int(values[name].split()[0]) for name in ('VmHWM', 'RssShmem')}
        return (kilobytes['VmHWM'] - kilobytes['RssShmem']) // 1024
    return None


def connect(database):
    return psycopg2.connect(dbname=database)


def machine():
    """What a reader has to know about where this was measured: {name: text}."""
    with open('/proc/cpuinfo') as info:
        models = [line.split(':', 1)[1].strip() for line in info if line.startswith('model name')]
    with open('/proc/meminfo') as info:
        memory = int(info.readline().split()[1]) // 1024 ** 2
    with contextlib.closing(connect('postgres')) as connection, connection.cursor() as cr:
        settings = {}
        for name in ('server_version', 'shared_buffers', 'fsync', 'synchronous_commit', 'max_wal_size'):
            cr.execute(f'SHOW {name}')
            [settings[name]] = cr.fetchone()
    return {
        'processors': f'{os.cpu_count()} x {models[0] if models else os.uname().machine}',
        'memory': f'{memory} GB',
        'load before': '%.1f' % os.getloadavg()[0],
        'PostgreSQL': settings.pop('server_version'),
        **settings,
    }
