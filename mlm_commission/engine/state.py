# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What one period hands to the next: explicit, immutable, in and out."""

from dataclasses import dataclass, field

import numpy as np

from .arrays import check_ids, frozen
from .errors import EngineError
from .i18n import _


@dataclass(frozen=True, eq=False)
class State:
    """Numbers that rules carry forward, by agent.

    :param ids: int64 (n), agents' ids, ascending
    :param values: dict rule name -> dict name -> int64 (n)
    """

    ids: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    values: dict = field(default_factory=dict)

    def __post_init__(self):
        ids = frozen(self.ids, np.int64, 'ids')
        if (ids[1:] < ids[:-1]).any():
            raise EngineError(_('The ids of the agents are not in ascending order.'), field='ids')
        check_ids(ids, 'ids')
        object.__setattr__(self, 'ids', ids)
        object.__setattr__(self, 'values', {
            rule: {name: frozen(array, np.int64, f'{rule}.{name}', len(ids))
                   for name, array in sorted(arrays.items())}
            for rule, arrays in sorted(self.values.items())})

    def of(self, rule, name, network):
        """Return one number for all agents of a network, int64 (n), 0 for who is new.

        :raise EngineError: when an agent with something to carry is not in the network
        """
        result = np.zeros(len(network), dtype=np.int64)
        array = self.values.get(rule, {}).get(name)
        if array is not None:
            used = np.flatnonzero(array)
            result[network.index(self.ids[used], 'state')] = array[used]
        return result

    def to_dict(self):
        """Return the state as plain data; agents without anything are left out."""
        return {rule: {name: {str(agent): value for agent, value in zip(
            self.ids.tolist(), array.tolist()) if value} for name, array in arrays.items()}
            for rule, arrays in self.values.items()}

    @classmethod
    def from_dict(cls, data):
        """Read what `to_dict` wrote."""
        ids = sorted({int(agent) for arrays in data.values() for cells in arrays.values()
                      for agent in cells})
        return cls(np.array(ids, dtype=np.int64), {
            rule: {name: np.array([cells.get(str(agent), 0) for agent in ids], dtype=np.int64)
                   for name, cells in arrays.items()} for rule, arrays in data.items()})
