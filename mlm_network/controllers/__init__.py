# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from . import portal
from . import portal_customers
from . import join
from . import portal_downline
from . import portal_business
from . import apply
from . import portal_performance
