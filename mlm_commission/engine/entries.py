# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What comes out of a run: who gets how much for which sale under which rule, and why."""

import hashlib
from dataclasses import dataclass, fields

import numpy as np

from .reasons import Reason

DTYPES = {
    'sale': np.int64, 'rule': np.int16, 'level': np.int32, 'beneficiary': np.int64,
    'rate': np.int32, 'base': np.int64, 'amount': np.int64, 'reason': np.int16,
}


@dataclass(frozen=True, eq=False)
class Entries:
    """Commissions in the order (sale, rule, level, beneficiary).

    :param sale: int64 (k), external id of the sale; 0 for a row that concerns the whole period
    :param rule: int16 (k), position of the rule in the plan
    :param level: int32 (k), 0 is the seller; what a level is, the rule says
    :param beneficiary: int64 (k), external id of the agent; 0 is the company
    :param rate: int32 (k), ppm
    :param base: int64 (k), minor units
    :param amount: int64 (k), minor units
    :param reason: int16 (k), `Reason`
    """

    sale: np.ndarray
    rule: np.ndarray
    level: np.ndarray
    beneficiary: np.ndarray
    rate: np.ndarray
    base: np.ndarray
    amount: np.ndarray
    reason: np.ndarray

    def __post_init__(self):
        for name, dtype in DTYPES.items():
            array = np.ascontiguousarray(getattr(self, name), dtype=dtype).view()
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __len__(self):
        return len(self.sale)

    @classmethod
    def empty(cls):
        """Return no entries."""
        return cls(*(np.empty(0, dtype=dtype) for dtype in DTYPES.values()))

    @classmethod
    def concat(cls, parts):
        """Put entries together and restore the order.

        :param parts: iterable of entries
        """
        parts = [part for part in parts if len(part)]
        if not parts:
            return cls.empty()
        if len(parts) == 1:
            return parts[0]
        return cls(*(np.concatenate([getattr(part, name) for part in parts])
                     for name in DTYPES)).sorted()

    def sorted(self):
        """Return the entries in the order (sale, rule, level, beneficiary, reason)."""
        keys = (self.sale, self.rule, self.level, self.beneficiary, self.reason)
        if self._in_order(keys):
            return self
        return self.take(np.lexsort(keys[::-1]))

    @staticmethod
    def _in_order(keys):
        """Tell whether rows are sorted already; cheaper than sorting a million of them again."""
        undecided = np.ones(max(len(keys[0]) - 1, 0), dtype=bool)
        for key in keys:
            if (undecided & (key[1:] < key[:-1])).any():
                return False
            undecided &= key[1:] == key[:-1]
            if not undecided.any():
                return True
        return True

    def take(self, index):
        """Return some of the entries (slice, positions or mask), in the order given."""
        return Entries(*(getattr(self, name)[index] for name in DTYPES))

    def total(self):
        """Return the sum of all amounts as a Python integer, minor units."""
        # Halves of 32 bits, so that the sum cannot overflow.
        return (int((self.amount >> 32).sum()) << 32) + int((self.amount & 0xFFFFFFFF).sum())

    def by_beneficiary(self):
        """Return (ids int64, sums int64): what each beneficiary gets, ascending by id."""
        ids, place = np.unique(self.beneficiary, return_inverse=True)
        sums = np.zeros(len(ids), dtype=np.int64)
        np.add.at(sums, place, self.amount)
        return ids, sums

    def digest(self):
        """Return the SHA-256 of all rows as hexadecimal digits, the same on every machine."""
        hasher = hashlib.sha256(f'entries/1 {len(self)}\n'.encode())
        for name, dtype in DTYPES.items():
            little = np.dtype(dtype).newbyteorder('<')
            hasher.update(getattr(self, name).astype(little, copy=False).tobytes())
        return hasher.hexdigest()

    def rows(self):
        """Return the entries as a list of dicts of plain values, for people and for JSON."""
        columns = {item.name: getattr(self, item.name).tolist() for item in fields(self)}
        columns['reason'] = [Reason(code).name.lower() for code in columns['reason']]
        return [dict(zip(columns, row)) for row in zip(*columns.values())]
