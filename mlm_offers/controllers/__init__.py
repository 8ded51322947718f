# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from . import portal_order
from . import portal_offers
from . import portal_customers
from . import portal_consent
from . import portal_contract
from . import sign_callback
from . import sms_report
