# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from . import test_agreement
from . import test_concurrency
from . import test_ledger
from . import test_merge
from . import test_period
from . import test_plan
from . import test_plan_example
from . import test_plan_file
from . import test_portal
from . import test_preview
from . import test_report
from . import test_security
from . import test_settlement
from . import test_statement
from . import test_tours
from . import test_views
from . import test_volume
