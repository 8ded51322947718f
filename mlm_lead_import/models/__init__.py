# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

# in the order in which they build on each other
from . import mlm_lead_source
from . import mlm_lead_source_check
from . import mlm_lead_poller
from . import mlm_lead_setting
from . import mlm_lead_mapping
from . import mlm_lead_campaign
from . import mlm_lead_form
from . import mlm_lead_column
from . import mlm_lead_event
from . import mlm_lead_matcher
from . import mlm_lead_answers
from . import mlm_lead_builder
from . import mlm_lead_consent
from . import mlm_lead_rule
from . import mlm_lead_rule_member
from . import mlm_lead_assignment
from . import mlm_lead_distributor
from . import mlm_lead_report
from . import crm_lead
from . import privacy_lookup_wizard
from . import res_partner_privacy
from . import res_config_settings
