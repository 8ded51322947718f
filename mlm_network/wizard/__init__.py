# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from . import base_import_import
from . import base_partner_merge
from . import mlm_placement_wizard
from . import mlm_exit_line
from . import mlm_exit_wizard
from . import privacy_lookup_wizard
