# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What a run has claimed, read slice by slice as often as it is asked for; one slice is in memory at a time."""
from itertools import chain

import numpy as np

from odoo.tools import SQL

from . import loading
from .tools.bulk import bulk


class Sold:
    """Iterates over slices of sales, see :func:`loading.read_sales`, ascending by id.

    :param run: `mlm.run` record
    :param size: sales of a slice, None for all in one
    """

    def __init__(self, run, size=None):
        # Of slices that were read: the last one, and what adjusts sales and how many facts there are by number.
        self.run, self._read, self._adjusting, self._lengths = run, None, {}, {}
        [[self.claimed]] = run.env.execute_query(SQL('SELECT count(*) FROM mlm_claim WHERE run_id = %s', run.id))
        self.limits = self._limits(size) if size and size < self.claimed else [None]

    def _limits(self, size):
        """(above, up to) of the ids of each slice; the same whenever it is asked, for a run's claims stay."""
        last = [volume_id for [volume_id] in self.run.env.execute_query(SQL(
            """
            SELECT volume_id FROM (SELECT volume_id, row_number() OVER (ORDER BY volume_id) AS number
                                     FROM mlm_claim WHERE run_id = %s) AS c
             WHERE number %% %s = 0 OR number = %s ORDER BY volume_id
            """, self.run.id, size, self.claimed))]
        return list(zip([0, *last[:-1]], last))

    def __len__(self):
        return len(self.limits)

    def __iter__(self):
        return map(self._slice, range(len(self)))

    @property
    def changed(self):
        """What adjusts sales, of all slices together."""
        self._read_all()
        parts = [self._adjusting[number] for number in range(len(self))]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    @property
    def count(self):
        """How many sales and adjustments the plan pays for."""
        self._read_all()
        return sum(self._lengths.values())

    def days_and_categories(self):
        """The days and categories that occur: two arrays."""
        # A pair as one number: sorting numbers is what NumPy is quick at.
        pairs = np.unique(np.concatenate([
            np.unique((part['day'].astype(np.int64) << 32) + part['category']) for part in chain(self, [self.changed])]))
        return pairs >> 32, pairs & 0xFFFFFFFF

    def _read_all(self):
        for number in range(len(self)):
            if number not in self._lengths:
                self._slice(number)

    def _slice(self, number):
        """What was sold, of a slice."""
        if self._read is None or self._read[0] != number:
            limits = self.limits[number]
            within = SQL('volume_id > %s AND volume_id <= %s', *limits) if limits else SQL('TRUE')
            with bulk(self.run.env.cr, self.claimed):
                rows = loading.read_sales(self.run.plan_id, SQL(
                    'v.id IN (SELECT volume_id FROM mlm_claim WHERE run_id = %s AND %s) AND %s',
                    self.run.id, within, loading.not_excluded(self.run.plan_id)))
            adjusts = rows['origin'] > 0
            self._lengths[number] = len(rows['id'])
            self._adjusting[number] = {name: values[adjusts] for name, values in rows.items()}
            self._read = (number, {name: values[~adjusts] for name, values in rows.items()})
        return self._read[1]
