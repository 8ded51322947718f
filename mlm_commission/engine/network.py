# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The network: who stands under whom, by sponsor and by placement."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .arrays import check_ids, frozen, locate
from .errors import EngineError
from .i18n import _
from .tree import depths


@dataclass(frozen=True, eq=False)
class Network:
    """Who stands under whom, and who is active.

    :param ids: int64 (n), agents' ids, ascending, unique, positive
    :param sponsor: int32 (n), index of the sponsor, -1 for none
    :param active: bool (n)
    :param placement: int32 (n), index of the agent above in the placement tree, -1 for none; left
        out: there is no placement tree
    :param slot: int32 (n), seat under that agent: 0 is left, 1 the next to the right, and so on
    """

    ids: np.ndarray
    sponsor: np.ndarray
    active: np.ndarray
    placement: np.ndarray = None
    slot: np.ndarray = None

    def __post_init__(self):
        ids = frozen(self.ids, np.int64, 'ids')
        size = len(ids)
        if (ids[1:] < ids[:-1]).any():
            raise EngineError(_('The ids of the agents are not in ascending order.'), field='ids')
        check_ids(ids, 'ids')
        sponsor = frozen(self.sponsor, np.int32, 'sponsor', size)
        bad = np.flatnonzero((sponsor < -1) | (sponsor >= size))
        if len(bad):
            raise EngineError(_('Agent %(agent)s has no valid sponsor.'),
                              {'agent': int(ids[bad[0]])}, record=int(ids[bad[0]]), field='sponsor')
        object.__setattr__(self, 'ids', ids)
        object.__setattr__(self, 'sponsor', sponsor)
        object.__setattr__(self, 'active', frozen(self.active, bool, 'active', size))
        self.depth  # noqa: B018  finds loops
        if self.placement is not None:
            self._check_placement(size)

    def _check_placement(self, size):
        placement = frozen(self.placement, np.int32, 'placement', size)
        slot = frozen(np.zeros(size, np.int32) if self.slot is None else self.slot, np.int32,
                      'slot', size)
        bad = np.flatnonzero((placement < -1) | (placement >= size) | (slot < 0))
        if len(bad):
            raise EngineError(_('Agent %(agent)s has no valid place.'),
                              {'agent': int(self.ids[bad[0]])}, record=int(self.ids[bad[0]]),
                              field='placement')
        placed = np.flatnonzero(placement >= 0)
        seat = placement[placed].astype(np.int64) * 2**31 + slot[placed]
        order = np.argsort(seat, kind='stable')
        twice = np.flatnonzero(np.diff(seat[order]) == 0)
        if len(twice):
            record = int(self.ids[placed[order[twice[0] + 1]]])
            raise EngineError(_('The seat of agent %(agent)s is taken.'), {'agent': record},
                              record=record, field='slot')
        object.__setattr__(self, 'placement', placement)
        object.__setattr__(self, 'slot', slot)
        depths(placement, self.ids, 'placement')

    @classmethod
    def build(cls, ids, sponsor_ids, active, placement_ids=None, slots=None):
        """Make a network from rows in any order.

        :param ids: int64 (n), agents' ids
        :param sponsor_ids: int64 (n), sponsors' ids, 0 for none
        :param active: bool (n)
        :param placement_ids: int64 (n), ids of the agents above in the placement tree, 0 for none
        :param slots: int32 (n), seats, see the class
        :raise EngineError: unknown sponsor, duplicate agent, loop; names the ids
        """
        ids = frozen(ids, np.int64, 'ids')
        order = np.argsort(ids, kind='stable')
        sponsor_ids = frozen(sponsor_ids, np.int64, 'sponsor', len(ids))[order]
        active = frozen(active, bool, 'active', len(ids))[order]
        ids = ids[order]
        check_ids(ids, 'ids')
        sponsor = cls._pointers(ids, sponsor_ids, 'sponsor')
        if placement_ids is None:
            return cls(ids, sponsor, active)
        placement_ids = frozen(placement_ids, np.int64, 'placement', len(ids))[order]
        if slots is not None:
            slots = frozen(slots, np.int32, 'slot', len(ids))[order]
        return cls(ids, sponsor, active, cls._pointers(ids, placement_ids, 'placement'), slots)

    @staticmethod
    def _pointers(ids, above, name):
        """Turn the ids of the agents above into positions."""
        position, found = locate(ids, above)
        bad = np.flatnonzero(~found & (above != 0))
        if len(bad):
            raise EngineError(
                _('Agent %(agent)s stands under the unknown agent %(above)s.'),
                {'agent': int(ids[bad[0]]), 'above': int(above[bad[0]])},
                record=int(ids[bad[0]]), field=name)
        position[above == 0] = -1
        return position

    def __len__(self):
        return len(self.ids)

    @cached_property
    def depth(self):
        """int32 (n): how many agents stand above each agent."""
        return depths(self.sponsor, self.ids)

    @cached_property
    def placement_depth(self):
        """int32 (n): how many agents stand above each agent in the placement tree."""
        return depths(self.seats(), self.ids, 'placement')

    def seats(self):
        """Return the placement tree.

        :raise EngineError: when the network has none
        """
        if self.placement is None:
            raise EngineError(_('The plan needs a placement tree, and the network has none.'),
                              field='placement')
        return self.placement

    def check_width(self, width):
        """Refuse a placement tree with more seats under an agent than the plan allows.

        :raise EngineError: names the first agent in a seat that does not exist
        """
        bad = np.flatnonzero((self.seats() >= 0) & (self.slot >= width))
        if len(bad):
            record = int(self.ids[bad[0]])
            raise EngineError(_('Agent %(agent)s sits in seat %(slot)s; there are only %(width)s.'),
                              {'agent': record, 'slot': int(self.slot[bad[0]]) + 1,
                               'width': width}, record=record, field='slot')

    def find(self, ids):
        """Return (positions int32, whether found bool) of external ids."""
        return locate(self.ids, ids)

    def index(self, ids, field='agent'):
        """Return int32 positions of external ids.

        :raise EngineError: names the first unknown id
        """
        ids = frozen(ids, np.int64, field)
        position, found = locate(self.ids, ids)
        if not found.all():
            record = int(ids[np.flatnonzero(~found)[0]])
            raise EngineError(_('There is no agent %(agent)s in the network.'), {'agent': record},
                              record=record, field=field)
        return position
