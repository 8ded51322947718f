# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What one period hands to the next: explicit, immutable, in and out."""

from dataclasses import dataclass, field

import numpy as np

from .arrays import check_ids, frozen
from .errors import EngineError
from .i18n import _


@dataclass(frozen=True, eq=False)
class State:
    """What rules carry forward: numbers by agent, and tables of any length.

    :param ids: int64 (n), agents' ids, ascending
    :param values: dict rule name -> dict name -> int64 (n), or dict column -> int64 (k) for a table
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
            rule: {name: self._read(part, f'{rule}.{name}', len(ids))
                   for name, part in sorted(parts.items())}
            for rule, parts in sorted(self.values.items())})

    @staticmethod
    def _read(part, name, size):
        if not isinstance(part, dict):
            return frozen(part, np.int64, name, size)
        rows = len(next(iter(part.values()), ()))
        return {column: frozen(values, np.int64, f'{name}.{column}', rows)
                for column, values in sorted(part.items())}

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

    def table(self, rule, name, columns):
        """Return one table, dict column -> int64 (k); without rows if nothing was handed over.

        :param columns: names of the columns
        """
        known = self.values.get(rule, {}).get(name, {})
        empty = np.empty(0, dtype=np.int64)
        return {column: known.get(column, empty) for column in columns}

    def to_dict(self):
        """Return the state as plain data; agents without anything are left out."""
        return {rule: {name: self._plain(part) for name, part in parts.items()}
                for rule, parts in self.values.items()}

    def _plain(self, part):
        if isinstance(part, dict):
            return {column: values.tolist() for column, values in part.items()}
        return {str(agent): value for agent, value in zip(self.ids.tolist(), part.tolist())
                if value}

    @classmethod
    def from_dict(cls, data):
        """Read what `to_dict` wrote."""
        def table(part):
            return any(isinstance(values, list) for values in part.values())

        ids = sorted({int(agent) for parts in data.values() for part in parts.values()
                      if not table(part) for agent in part})
        return cls(np.array(ids, dtype=np.int64), {
            rule: {name: {column: np.array(values, np.int64) for column, values in part.items()}
                   if table(part) else np.array([part.get(str(agent), 0) for agent in ids],
                                                dtype=np.int64)
                   for name, part in parts.items()} for rule, parts in data.items()})
