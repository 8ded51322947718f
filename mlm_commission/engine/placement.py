# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Seats in a placement tree: who stands where when an upline is full."""

from collections import deque

import numpy as np


def spill(placement, slot, width, under, newcomers):
    """Seat newcomers level by level, left to right, under one agent.

    Each takes the first free seat in breadth-first order, so the result does not depend on anything
    but the tree and the order of the newcomers.

    :param placement: int32 array (n), index of the agent above, -1 for none; not changed
    :param slot: int32 array (n), seat under that agent; not changed
    :param int width: seats under each agent
    :param int under: index of the agent under whom the newcomers are seated
    :param newcomers: indices of agents without a place, in the order in which they are seated
    :return: (placement, slot), new arrays
    """
    placement, slot = np.array(placement, np.int32), np.array(slot, np.int32)
    below = {}
    for who in np.flatnonzero(placement >= 0).tolist():
        below.setdefault(int(placement[who]), {})[int(slot[who])] = who
    queue, waiting = deque([int(under)]), deque(int(one) for one in newcomers)
    while waiting:
        above = queue.popleft()
        seats = below.setdefault(above, {})
        for seat in range(width):
            if seat not in seats and waiting:
                who = waiting.popleft()
                seats[seat] = who
                placement[who], slot[who] = above, seat
        queue.extend(seats[seat] for seat in sorted(seats))
    return placement, slot


def balance(placement, slot, volume, under):
    """Return the seat at the outer edge of the weaker of two legs, for one newcomer.

    :param volume: int64 array (n), total volume of everybody's own seat and below
    :param int under: index of the agent under whom the newcomer is seated
    :return: (index of the agent above, seat 0 or 1)
    """
    below = {}
    for who in np.flatnonzero(placement >= 0).tolist():
        below.setdefault(int(placement[who]), {})[int(slot[who])] = who
    legs = [int(volume[below[under][seat]]) if seat in below.get(under, {}) else -1
            for seat in (0, 1)]
    seat, above = (0 if legs[0] <= legs[1] else 1), int(under)
    while seat in below.get(above, {}):
        above = below[above][seat]
    return above, seat
