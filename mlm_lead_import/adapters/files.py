# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Files alone: a list that somebody sends, or exports of a vendor without an adapter such as TikTok."""
from .base import Adapter, _


class Files(Adapter):
    code = 'file'
    label = _('Files')
    sequence = 60
