# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from . import test_access_table
from . import test_offer
from . import test_follow_up
from . import test_renewal
from . import test_contract
from . import test_application
from . import test_autenti
from . import test_privacy
from . import test_provider
from . import test_sms
from . import test_consent
from . import test_portal
from . import test_pdf
from . import test_tours
from . import test_translations
