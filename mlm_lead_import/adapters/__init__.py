# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Who sends leads: one file per vendor, found by looking into this folder.

A new vendor is a new file with a subclass of :class:`~.base.Adapter`; nothing else changes.
"""
import importlib
import pkgutil

from .base import Adapter


def load_adapters():
    """Import every file of this folder.

    :return: ``{code: adapter class}`` sorted by the adapters' sequence
    :rtype: dict
    """
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f'{__name__}.{module.name}')
    found, waiting = {}, list(Adapter.__subclasses__())
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        if cls.code:
            if cls.code in found:
                raise ValueError(f'two adapters have the code {cls.code!r}: {found[cls.code]} and {cls}')
            found[cls.code] = cls
    return dict(sorted(found.items(), key=lambda item: (item[1].sequence, item[0])))


ADAPTERS = load_adapters()
