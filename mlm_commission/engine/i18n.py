# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Marker for text that a person reads.

The engine translates nothing itself: it hands out English templates together with their values.
Odoo's term extractor finds every literal wrapped in ``_``, and the Odoo side translates it.
"""


def _(text):
    """Return the text unchanged.

    :param str text: English template, placeholders as ``%(name)s``
    :rtype: str
    """
    return text
