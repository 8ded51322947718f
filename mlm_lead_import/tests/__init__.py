# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from . import (
    test_access,
    test_access_table,
    test_adapters,
    test_becoming,
    test_files,
    test_forgetting,
    test_fuzz,
    test_handing_out,
    test_inbox,
    test_next_vendor,
    test_polling,
    test_process,
    test_report,
    test_tours,
    test_translations,
    test_webhook,
)
