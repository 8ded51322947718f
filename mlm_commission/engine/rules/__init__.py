# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The ways of paying, one file each; every file in this folder is found by itself."""

import importlib
import pkgutil

from ..rule import REGISTRY

for _module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    importlib.import_module(f'{__name__}.{_module}')


def kinds():
    """Return the names of all ways of paying, sorted."""
    return sorted(REGISTRY)


def get(kind):
    """Return the class of a way of paying, or None."""
    return REGISTRY.get(kind)
