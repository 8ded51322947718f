# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Who signs. Each file of this folder may define one provider; adding a provider adds a file."""

import pkgutil
from importlib import import_module

from .base import SignProvider


def find_providers():
    """Import every file here and collect the providers by name.

    :rtype: dict[str, type[SignProvider]]
    """
    found = {}
    for module in pkgutil.iter_modules(__path__):
        for value in vars(import_module(f'{__name__}.{module.name}')).values():
            if isinstance(value, type) and issubclass(value, SignProvider) and value.name:
                found[value.name] = value
    return dict(sorted(found.items()))


PROVIDERS = find_providers()
