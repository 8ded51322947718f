# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Puts the engine on the path, without Odoo, and makes generated tests reproducible."""

import os
import sys
from pathlib import Path

from hypothesis import Phase, settings

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parents[1] / 'mlm_commission'):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

# The same examples on every run. HYPOTHESIS_PROFILE=explore searches on, =quick leaves failing
# examples as they were found.
settings.register_profile('steady', derandomize=True, deadline=None, database=None,
                          max_examples=100)
settings.register_profile('explore', deadline=None, database=None, max_examples=3000)
settings.register_profile('quick', settings.get_profile('steady'), phases=[Phase.generate])
settings.load_profile(os.environ.get('HYPOTHESIS_PROFILE', 'steady'))
