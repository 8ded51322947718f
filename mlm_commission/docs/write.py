# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""``setup/odoo shell -d DATABASE < mlm_commission/docs/write.py``"""
from odoo.addons.mlm_commission.docs import plan_file

plan_file.write()
