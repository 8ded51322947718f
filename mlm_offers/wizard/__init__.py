# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from . import mlm_offer_wizard
from . import mlm_offer_lost
from . import sms_composer
from . import mail_compose_message
from . import mlm_contract_withdraw
