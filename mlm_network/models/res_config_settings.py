# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    mlm_placement_strategy = fields.Selection(
        related='company_id.mlm_placement_strategy', readonly=False, required=True)
    mlm_placement_width = fields.Integer(related='company_id.mlm_placement_width', readonly=False)
    mlm_placement_hold_days = fields.Integer(related='company_id.mlm_placement_hold_days', readonly=False)
    mlm_intake_user_id = fields.Many2one(related='company_id.mlm_intake_user_id', readonly=False)
    mlm_agent_entries = fields.Integer(related='company_id.mlm_agent_entries', readonly=False, required=True)
    mlm_link_entries = fields.Integer(related='company_id.mlm_link_entries', readonly=False, required=True)
    mlm_privacy_url = fields.Char(related='company_id.mlm_privacy_url', readonly=False)
    mlm_application_terms = fields.Html(related='company_id.mlm_application_terms', readonly=False)
    mlm_buyback_percent = fields.Float(related='company_id.mlm_buyback_percent', readonly=False, required=True)
    mlm_buyback_months = fields.Integer(related='company_id.mlm_buyback_months', readonly=False, required=True)
    mlm_change_approval = fields.Boolean(related='company_id.mlm_change_approval', readonly=False)
