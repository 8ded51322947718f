# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from . import base_partner_merge, mlm_lead_file, mlm_lead_file_column
