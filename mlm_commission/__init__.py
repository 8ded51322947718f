# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from . import controllers, models, wizard
from .hooks import uninstall_hook
