# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from . import mlm_network_version
from . import mlm_sponsorship
from . import mlm_genealogy_mixin
from . import mlm_place_mixin
from . import res_partner
from . import crm_lead
from . import sale_order
