# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from . import plan_file
from . import book
from . import chain
from . import export
from . import portal
from . import portal_invoice
from . import portal_reserve
from . import portal_business
from . import portal_earnings
