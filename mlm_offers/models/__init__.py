# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from . import res_company
from . import res_config_settings
from . import res_partner
from . import crm_lead
from . import ir_actions_report
from . import ir_http
from . import mlm_sign_account
from . import mlm_sign_setting
from . import mlm_contract_template
from . import mlm_contract
from . import mlm_contract_signing
from . import mlm_contract_provider
from . import mlm_contract_effect
from . import mlm_contract_party
from . import mlm_contract_party_code
from . import sale_order_template
from . import mlm_offer_step
from . import mlm_offer_reminder
from . import mlm_offer_view
from . import mlm_agent_message
from . import sale_order
from . import sale_order_follow_up
from . import sms_sms
