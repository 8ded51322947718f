# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Unilevel: a rate for each level above the seller."""

from ..i18n import _
from ..params import Param
from ..rule import register
from ..upline import COMPRESSION, MIN_POINTS, MIN_RANK, OWN_RATE, UplineRule


@register
class Level(UplineRule):
    """Pay the agent on level k above the seller ``base x rate[k]``, k = 1 ... K.

    Levels are counted along the sponsors, see `UplineRule` for the compression. A level may ask for
    a rank or for personal points. The entry's level is the paid level, 0 for the seller's own rate.
    Above the last level, and where the upline ends, the company keeps the rest.

    Source of the formula: the unilevel plan in common use; compression as in the published plans
    that take inactive people out of the count but never out of the tree.
    """

    kind = 'level'
    label = _('Levels')
    help = _('A rate for each level above the seller.')
    params = (
        OWN_RATE,
        Param('rates', 'table', _('Rates by level'),
              _('The first row is the sponsor of the seller, the second the sponsor above, and so '
                'on.'), min=1, max=1000, columns=(
                    Param('rate', 'percent', _('Rate')), MIN_RANK, MIN_POINTS)),
        COMPRESSION,
        Param('split', 'choice', _('Rounding of the parts'), default='each', choices=(
            ('each', _('Each part by itself')),
            ('whole', _('Parts add up to the rounded whole')))),
    )

    def ceiling(self):
        return self.values['own_rate'] + sum(row['rate'] for row in self.values['rates'])

    def price(self, row, base, carried, position, sales):
        if self.values['split'] == 'each':
            return super().price(row, base, carried, position, sales)
        share = self.settings.rounding.share
        after = carried + row['rate']  # the rates paid so far; their total is what is rounded
        return base, share(base, after) - share(base, carried), after
