# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What a calculation is at: told to whoever listens, and to nobody by default.

The background job listens to tell people, the benchmark to time the steps, the fault tests to interrupt at each of
them. A listener may raise, which undoes the calculation.
"""
from contextlib import contextmanager
from contextvars import ContextVar

# Every step in the order of a run, and its rough share of the time. A test reaches each of them.
CALCULATION = {
    'take': 0, 'discard': 2, 'claim': 8, 'load': 12, 'freeze': 3, 'compute': 35, 'index': 24, 'check': 10, 'attach': 4,
    'record': 2,
}
CLOSING = {'take': 0, 'late': 10, 'statements': 80, 'record': 10}

_listeners = ContextVar('mlm_commission.progress', default=())


@contextmanager
def listen(listener):
    """Have a function told about every step within the context.

    :param listener: called with (step, done, total): a key of ``CALCULATION`` or ``CLOSING`` and how much of the step
        is done, of how much; 0 of 0 where that is not known
    """
    token = _listeners.set((*_listeners.get(), listener))
    try:
        yield
    finally:
        _listeners.reset(token)


def reach(step, done=0, total=0):
    """Tell that a step begins, or how far it is."""
    for listener in _listeners.get():
        listener(step, done, total)


def counted(step, parts, slice_number, slices, total):
    """Hand on parts of work and tell after each how far the step is.

    :param parts: iterable of the parts of a slice
    :param slice_number: of how many slices this is which, from 0
    :param slices: how many slices there are
    :param total: how many parts there are in the slice
    :return: iterator over the parts
    """
    first = slice_number * total
    reach(step, first, slices * total)
    for done, part in enumerate(parts, 1):
        yield part
        reach(step, first + min(done, total), slices * total)
