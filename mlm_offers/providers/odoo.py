# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from .base import SignProvider


class OdooSignProvider(SignProvider):
    """Signed with a drawn or typed signature on a page of this Odoo; an evidence page says who, when, from where and what.
    A code sent by SMS may confirm it."""

    name = 'odoo'
    label = 'Odoo'
    embedded = True
    levels = frozenset({'basic', 'sms'})
