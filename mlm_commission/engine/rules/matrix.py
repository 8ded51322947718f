# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Forced matrix: levels counted along the placement tree."""

from ..i18n import _
from ..params import Param
from ..rule import register
from ..upline import COMPRESSION, MIN_POINTS, MIN_RANK, UplineRule


@register
class Matrix(UplineRule):
    """Pay the agent on level k above the seller in the matrix ``base x rate[k]``, k = 1 ... depth.

    The matrix is the placement tree, at most ``width`` seats under each agent; its width is
    structure and cannot be changed once people stand in it. See `placement.spill` for who gets
    which seat. A full matrix has width^k seats on level k.

    Source of the formula: forced-matrix plans in common use, paid as unilevel on matrix depth.
    """

    kind = 'matrix'
    label = _('Matrix')
    help = _('A rate for each level above the seller in the placement tree.')
    params = (
        Param('width', 'integer', _('Width'), _('Seats under each agent.'), default=3, min=2,
              max=50),
        Param('rates', 'table', _('Rates by level'),
              _('One row for each level of the matrix.'), min=1, max=100, columns=(
                  Param('rate', 'percent', _('Rate')), MIN_RANK, MIN_POINTS)),
        COMPRESSION,
    )
    climbs = 'placement'

    def ceiling(self):
        return sum(row['rate'] for row in self.values['rates'])

    @classmethod
    def say(cls, values, digits):
        lines = super().say(values, digits)
        lines.insert(0, (_('The matrix has %(width)s seats under each agent and %(depth)s levels.'),
                         {'width': values['width'], 'depth': len(values['rates'])}))
        return lines

    def tree(self, run):
        seats = run.network.seats()
        run.network.check_width(self.values['width'])
        return seats
