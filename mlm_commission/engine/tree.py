# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Walks in a forest of n nodes, vectorised and independent of its depth.

A forest is an int32 array `parent` (n): the index of each node's parent, or -1 for a root. Ids and
positions say nothing about the depth. Nothing here is quadratic: every function takes
O(n log depth) whether the forest is a star or one chain.
"""

import numpy as np

from .errors import EngineError
from .i18n import _


def _closed(parent):
    """Return the parents as int32 (n + 1) with node n as the common root above all roots."""
    size = len(parent)
    jump = np.empty(size + 1, dtype=np.int32)
    jump[:size] = parent
    jump[jump < 0] = size
    jump[size] = size
    return jump


def depths(parent, ids=None, field='sponsor'):
    """Count the nodes above every node by pointer doubling.

    :param parent: int32 array (n)
    :param ids: int64 array (n), used to name the members of a loop in the error
    :param str field: field at fault in the error
    :return: int32 array (n), 0 for a root
    :raise EngineError: when nodes form a loop; ``values['ids']`` lists its members
    """
    size = len(parent)
    jump = _closed(parent)
    steps = np.ones(size + 1, dtype=np.int32)
    steps[size] = 0
    open_nodes = np.flatnonzero(jump[:size] != size)
    for _round in range(max(size, 2).bit_length() + 1):
        if not len(open_nodes):
            return steps[:size] - 1
        ahead = jump[open_nodes]
        # Both gathers come before both writes: a node still open reads its target's old state.
        more, further = steps[ahead], jump[ahead]
        steps[open_nodes] += more
        jump[open_nodes] = further
        open_nodes = open_nodes[further != size]
    raise _loop_error(parent, int(open_nodes[0]), ids, field)


def _loop_error(parent, node, ids, field):
    for _step in range(len(parent)):
        node = int(parent[node])
    members, start = [node], int(parent[node])
    while start != node:
        members.append(start)
        start = int(parent[start])
    names = sorted(members if ids is None else (int(ids[member]) for member in members))
    shown = ', '.join(str(name) for name in names[:20]) + (', ...' if len(names) > 20 else '')
    return EngineError(_('These agents stand above each other in a circle: %(shown)s.'),
                       {'shown': shown, 'ids': names}, record=names[0], field=field)


def nearest(parent, wanted):
    """Find the nearest node strictly above that is wanted.

    :param parent: int32 array (n)
    :param wanted: bool array (n)
    :return: int32 array (n), -1 where there is none
    """
    size = len(parent)
    jump = _closed(parent)
    halt = np.append(np.asarray(wanted, dtype=bool), True)
    open_nodes = np.flatnonzero(~halt[jump])
    while len(open_nodes):
        # Everything between a node and its pointer is unwanted, so pointers may be chained.
        further = jump[jump[open_nodes]]
        jump[open_nodes] = further
        open_nodes = open_nodes[~halt[further]]
    result = jump[:size]
    result[result == size] = -1
    return result


def nearest_above(parent, key, own=None, strict=True):
    """Find the nearest node strictly above with a greater key (or, not strict, an equal one too).

    Binary lifting: for every power of two the highest key among that many nodes above is kept, and
    each node descends through the powers. Keys are arbitrary, so it does not matter how many
    different ones there are.

    :param parent: int32 array (n)
    :param key: int32 array (n), below 2**31 - 1
    :param own: int32 array (n), what each node compares with; left out: its own key
    :param bool strict: whether an equal key is not enough
    :return: int32 array (n), -1 where there is none
    """
    size = len(parent)
    first = _closed(parent)
    full = np.append(np.asarray(key, dtype=np.int32), np.int32(2**31 - 1))
    jumps, tops = [first], [full[first]]
    while (jumps[-1] != size).any():
        jump, top = jumps[-1], tops[-1]
        tops.append(np.maximum(top, top[jump]))
        jumps.append(jump[jump])
    place = np.arange(size, dtype=np.int32)
    own = full[:size] if own is None else np.asarray(own, dtype=np.int32)
    while jumps:
        jump, top = jumps.pop(), tops.pop()
        seen = top[place]
        place = np.where(seen <= own if strict else seen < own, jump[place], place)
    result = first[place]
    result[result == size] = -1
    return result


def path_totals(parent, values):
    """Add up every node's value and those of all nodes above it, by pointer doubling.

    :param parent: int32 array (n)
    :param values: int64 array (n)
    :return: int64 array (n)
    """
    size = len(parent)
    jump, total = _closed(parent), np.append(np.asarray(values, dtype=np.int64), 0)
    while (jump != size).any():
        total, jump = total + total[jump], jump[jump]
    return total[:size]


def subtotals(parent, depth, values):
    """Add up every node's value and those of all nodes below it.

    :param parent: int32 array (n)
    :param depth: int32 array (n), see `depths`
    :param values: int64 array (n)
    :return: int64 array (n)
    :raise EngineError: when a total does not fit into 64 bits
    """
    size = len(parent)
    values = np.asarray(values, dtype=np.int64)
    # Numbered by depth, parents lie before their children and near each other in memory.
    order = np.argsort(depth, kind='stable')
    place = np.empty(size + 1, dtype=np.int64)
    place[order] = np.arange(size)
    place[size] = -1
    above, total = place[parent[order]], values[order]
    levels = np.append(np.flatnonzero(np.diff(depth[order], prepend=-1)), size)
    high = max(int(values.max()), -int(values.min())) if size else 0
    if len(levels) <= WIDE and high * size < 2**63:
        _add_by_level(above, total, levels)
    else:
        total = _add_one_by_one(above.tolist(), total.tolist())
    result = np.empty(size, dtype=np.int64)
    result[order] = total
    return result


# Up to so many levels a tree is added up level by level, beyond it node by node.
WIDE = 2_000


def _add_by_level(above, total, levels):
    for start, end in zip(levels[-2:0:-1].tolist(), levels[:0:-1].tolist()):
        below = slice(start, end)
        inside = above[below] >= 0
        np.add.at(total, above[below][inside], total[below][inside])


def _add_one_by_one(above, total):
    for node in range(len(above) - 1, 0, -1):
        if above[node] >= 0:
            total[above[node]] += total[node]
    if total and (max(total) >= 2**63 or min(total) < -2**63):
        raise EngineError(_('A group volume is too large.'), field='volume')
    return total


def climb(pointer, node):
    """Yield the nodes above one node, following any pointer array.

    :param pointer: int array (n), -1 at the end
    :param int node: where to start; not yielded itself
    """
    node = int(pointer[node])
    while node >= 0:
        yield node
        node = int(pointer[node])
