# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from . import account_move_reversal
from . import base_partner_merge
from . import mlm_book_extract
from . import mlm_plan_compare
from . import mlm_plan_gallery
from . import mlm_plan_import
from . import mlm_reserve_release
from . import mlm_simulation
from . import mlm_statement_match
