# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from . import mlm_network_version
from . import mlm_history_mixin
from . import mlm_sponsorship
from . import mlm_placement
from . import mlm_genealogy_mixin
from . import mlm_place_mixin
from . import mlm_seat_mixin
from . import res_company
from . import res_partner
from . import res_partner_placement
from . import res_partner_change
from . import res_partner_downline
from . import mlm_place_change
from . import mlm_agent_entry
from . import mlm_agent_task
from . import mlm_application
from . import mlm_application_entry
from . import res_config_settings
from . import ir_http
from . import mlm_referral_mixin
from . import res_partner_link
from . import crm_lead
from . import crm_lead_link
from . import sale_order
from . import mlm_performance
from . import res_partner_performance
