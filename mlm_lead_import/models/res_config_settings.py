# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    mlm_lead_experimental = fields.Boolean(
        string='Experimental Lead Sources', config_parameter='mlm_lead_import.experimental',
        help='Vendors whose interface is known from secondary sources only, such as LinkedIn.')
