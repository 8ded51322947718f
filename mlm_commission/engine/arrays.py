# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Reading arrays: the right shape and type, or an error that names the field."""

import numpy as np

from .errors import EngineError
from .i18n import _


def frozen(values, dtype, name, size=None):
    """Return values as a read-only one-dimensional array, without touching the caller's flags.

    :param values: array or sequence
    :param dtype: NumPy integer type or bool
    :param str name: field name for the error
    :param int size: expected length
    :raise EngineError: wrong shape, wrong kind of number, or out of the type's range
    """
    array = np.asarray(values)
    if array.ndim != 1 or (size is not None and len(array) != size):
        raise EngineError(_('%(field)s must be a list of %(size)s values.'),
                          {'field': name, 'size': 'n' if size is None else size}, field=name)
    dtype = np.dtype(dtype)
    if array.dtype != dtype:
        if len(array) and array.dtype.kind not in ('b' if dtype.kind == 'b' else 'iu'):
            raise EngineError(_('%(field)s must hold %(kind)s.'), {
                'field': name, 'kind': 'bool' if dtype.kind == 'b' else 'int'}, field=name)
        if len(array) and dtype.kind == 'i' and (int(array.max()) > np.iinfo(dtype).max
                                                 or int(array.min()) < np.iinfo(dtype).min):
            raise EngineError(_('%(field)s holds a number that is too large.'), {'field': name},
                              field=name)
        array = array.astype(dtype)
    array = np.ascontiguousarray(array).view()
    array.setflags(write=False)
    return array


def locate(ids, wanted):
    """Return the position of each wanted id in ascending ids, and whether it was found."""
    if len(ids) and len(wanted) > len(ids) // 8 and int(ids[-1]) - int(ids[0]) < 8 * len(ids):
        return _look_up(ids, wanted)
    position = np.searchsorted(ids, wanted)
    position[position == len(ids)] = 0
    found = ids[position] == wanted if len(ids) else np.zeros(len(wanted), dtype=bool)
    return position.astype(np.int32), found


def _look_up(ids, wanted):
    """`locate` by a table of every id there could be: for dense ids several times as fast."""
    first, last = ids[0], ids[-1]
    table = np.full(int(last - first) + 1, -1, np.int32)
    table[ids - first] = np.arange(len(ids), dtype=np.int32)
    position = table[np.clip(wanted, first, last) - first]
    found = (position >= 0) & (wanted >= first) & (wanted <= last)
    position[~found] = 0
    return position, found


def check_ids(ids, name):
    if len(ids) and int(ids[0]) < 1:
        raise EngineError(_('The id %(id)s is not positive.'), {'id': int(ids[0])},
                          record=int(ids[0]), field=name)
    twice = np.flatnonzero(ids[1:] == ids[:-1])
    if len(twice):
        record = int(ids[twice[0]])
        raise EngineError(_('The id %(id)s occurs more than once.'), {'id': record},
                          record=record, field=name)
