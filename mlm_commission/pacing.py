# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""In how many transactions a period is calculated: in one, or in slices.

One is right for almost everybody. What is larger than memory or a host's limits of time allow goes in slices: the sales
are claimed, then paid, so many at a time, and each slice is committed together with a marker of what is done. A process
that dies leaves the marker, and whoever goes on takes it up there. A fence keeps one who was thought dead from writing:
every slice rewrites the period's revision, from the one that its process wrote before.
"""
from odoo.exceptions import UserError
from odoo.tools import SQL

from . import progress


class AtOnce:
    """Everything in the caller's transaction."""
    size = None

    def begin(self, period):
        """Nothing to note."""

    def done(self, run, **marker):
        """Nothing to note."""

    def end(self, period):
        """Nothing to note."""


class InSlices:
    """A transaction for every slice.

    :param int size: sales of a slice
    """

    def __init__(self, size):
        self.size, self.fence = size, None

    def begin(self, period):
        """Note that the period is being calculated, and commit."""
        period.in_slices = True
        self.fence = period.revision
        self._commit(period)

    def done(self, run, **marker):
        """Note what is done of a run, and commit it with the slice.

        :param marker: what whoever goes on needs to know, see `mlm.run.marker`
        """
        run.marker = {**(run.marker or {}), **marker}
        self._commit(run.period_id)
        progress.reach('slice')

    def end(self, period):
        """The last slice is committed by whoever called, along with the period."""
        self._pass(period)
        period.in_slices = False

    def _commit(self, period):
        self._pass(period)
        period.env.flush_all()
        # A slice is whole: its rows, and the marker that says so. The job undoes all of them if it is to stop.
        period.env.cr.commit()

    def _pass(self, period):
        """Go through the fence.

        :raise UserError: if another process calculates the period by now
        """
        cr = period.env.cr
        cr.execute(SQL(
            'UPDATE mlm_period SET revision = revision + 1 WHERE id = %s AND revision = %s RETURNING revision',
            period.id, self.fence))
        found = cr.fetchone()
        if not found:
            raise UserError(period.env._(
                'Period %s is being calculated by another process, which goes on with it.', period.name))
        [self.fence] = found
        period.invalidate_recordset(['revision'])
