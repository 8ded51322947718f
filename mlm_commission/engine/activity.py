# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Who counts as active in a period: for being paid, and apart from it for ranks."""

from dataclasses import astuple, dataclass, replace

from .i18n import _
from .params import Param, parse_all

ACTIVITY = (
    Param('pay_points', 'points', _('Personal points to be active for pay'),
          _('Of the period; 0: none are needed.'), default='0'),
    Param('pay_value', 'amount', _('Personal sales to be active for pay'),
          _('Of the period; 0: none are needed.'), default='0'),
    Param('rank_points', 'points', _('Personal points to be active for ranks'),
          _('Of the period; 0: none are needed.'), default='0'),
    Param('rank_value', 'amount', _('Personal sales to be active for ranks'),
          _('Of the period; 0: none are needed.'), default='0'),
)


@dataclass(frozen=True)
class Activity:
    """What an agent must have sold in person to be active, beside being active by state.

    Whoever falls short of one of the thresholds is inactive in this period for all that looks at
    activity: compression, payments, legs.

    :param int pay_points: hundredths
    :param int pay_value: minor units
    :param int rank_points: hundredths
    :param int rank_value: minor units
    """

    pay_points: int = 0
    pay_value: int = 0
    rank_points: int = 0
    rank_value: int = 0

    @classmethod
    def parse(cls, data, digits, problem):
        """Read the part ``activity`` of a plan.

        :param problem: called with (path, template, values) for every error
        """
        if not isinstance(data, dict):
            problem('', _('An object is needed here.'), {})
            return cls()
        return cls(**parse_all(ACTIVITY, data, digits, problem))

    def __bool__(self):
        return any(astuple(self))

    def to_dict(self, digits):
        """Return the thresholds as they are written in a plan file."""
        return {param.name: param.dump(getattr(self, param.name), digits) for param in ACTIVITY}

    def for_pay(self, network, terms):
        """Return the network with those active who are paid this period.

        :param Network network: who is active by state
        :param Terms terms: what they sold in person
        """
        return _narrowed(network, terms, self.pay_points, self.pay_value)

    def for_ranks(self, network, terms):
        """Return the network with those active who count as active for ranks."""
        return _narrowed(network, terms, self.rank_points, self.rank_value)


def _narrowed(network, terms, points, value):
    if not points and not value:
        return network
    # A threshold of 0 is none: a month with more refunds than sales does not fall short of it.
    active = network.active.copy()
    for have, need in ((terms.points, points), (terms.value, value)):
        if need:
            active &= have >= need
    return replace(network, active=active)
