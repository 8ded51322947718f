# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from . import test_access
from . import test_access_table
from . import test_application
from . import test_concurrency
from . import test_documents
from . import test_exit
from . import test_figures
from . import test_hierarchy
from . import test_history
from . import test_import
from . import test_join
from . import test_join_website
from . import test_merge
from . import test_merge_around
from . import test_performance
from . import test_place
from . import test_place_change
from . import test_placement
from . import test_portal
from . import test_portal_customers
from . import test_portal_business
from . import test_portal_downline
from . import test_privacy
from . import test_tour
from . import test_translations
from . import test_tree
