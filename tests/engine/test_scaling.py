# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""No rule is quadratic in the size or the depth of a network: work and memory are counted, not timed.

Work is counted as the calls that Python makes (a loop over agents shows) and as the elements that
NumPy puts in order, adds up or looks up through the functions that do so in the engine (an array of
full size inside a loop shows). Both may grow with the size, times a logarithm, and no faster.
"""

import sys
import tracemalloc

import numpy as np
import pytest
from engine import Network, Plan, Sales, Terms, prepare
from test_all_rules import RULES

NAMES = ('where', 'searchsorted', 'argsort', 'flatnonzero', 'cumsum', 'concatenate', 'unique',
         'lexsort', 'stack', 'clip', 'zeros_like')


def network(shape, size):
    """A tree of one shape for sponsors and seats: a line, or as bushy as two seats allow."""
    place = np.arange(size)
    above = place - 1 if shape == 'line' else (place - 1) // 2
    ids = place + 1
    return Network.build(ids, np.where(place, above + 1, 0), np.ones(size, bool),
                         np.where(place, above + 1, 0),
                         np.where(place % 2 == 0, 1, 0) if shape == 'bush' else np.zeros(size, int))


def settled(kind, shape, size):
    """Sell once at every seat; in the next run twenty of these sales come back.

    A return has to be looked up at every seat above it, so the number of returns stays the same.
    """
    rules = [{'kind': one, 'name': one, 'params': RULES[one]}
             for one in (kind, *RULES[kind].get('reads', ()))]
    net = network(shape, size)
    place = np.arange(size)
    terms = Terms(((place * 7 % 5 * 10_000).astype(np.int32),), (place % 4).astype(np.int16),
                  np.full(size, -1, np.int16), np.full(size, 500), np.full(size, 2))
    run = prepare(Plan.parse({'name': kind, 'rules': rules}), net, terms)
    days = {'seller_days': place % 60, 'day': np.zeros(size, int)}
    sales = Sales.build(net, place + 1, net.ids, np.full(size, 10_000), points=np.full(size, 10_000),
                        quantity=np.full(size, 1_000), attributes=days)
    first = run.stream(sales)
    list(first)
    back = sales.take(place % (size // 20) == 0)
    changes = Sales.build(net, back.ids + size, net.ids[back.seller], -back.net, points=-back.points,
                          quantity=-back.quantity, origin=back.ids, attributes=back.attributes)
    second = run.stream(sales.take(slice(0, 0)), state=first.state)
    second.collect(changes)
    return list(second)


def work(kind, shape, size, monkeypatch):
    """(calls, elements, peak of memory) of `settled`."""
    elements, calls = [0], [0]

    def counted(function):
        def wrapper(*args, **kwargs):
            elements[0] += max((np.size(one) for one in args if isinstance(one, np.ndarray)),
                               default=1)
            return function(*args, **kwargs)
        return wrapper

    def watch(_frame, event, _arg):
        calls[0] += event in ('call', 'c_call')

    with monkeypatch.context() as patch:
        for name in NAMES:
            patch.setattr(np, name, counted(getattr(np, name)))
        tracemalloc.start()
        sys.setprofile(watch)
        try:
            settled(kind, shape, size)
        finally:
            sys.setprofile(None)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    return calls[0], elements[0], peak


@pytest.mark.parametrize('shape', ['line', 'bush'])
@pytest.mark.parametrize('kind', sorted(RULES))
def test_work_grows_with_the_size(kind, shape, monkeypatch):
    small, large = (work(kind, shape, size, monkeypatch) for size in (500, 2_000))
    for before, after, what in zip(small, large, ('calls', 'elements', 'memory')):
        assert after <= before * 4 * 1.6 + 20_000, f'{what}: {before} -> {after}, four times the size'
