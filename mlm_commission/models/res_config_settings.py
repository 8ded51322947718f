# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    mlm_journal_id = fields.Many2one(related='company_id.mlm_journal_id', readonly=False)
    mlm_product_id = fields.Many2one(related='company_id.mlm_product_id', readonly=False)
    mlm_small_business_position_id = fields.Many2one(related='company_id.mlm_small_business_position_id', readonly=False)
    mlm_reverse_charge_position_id = fields.Many2one(related='company_id.mlm_reverse_charge_position_id', readonly=False)
    mlm_send_statements = fields.Boolean(related='company_id.mlm_send_statements', readonly=False)
    mlm_book_in_portal = fields.Boolean(related='company_id.mlm_book_in_portal', readonly=False)
    mlm_responsible_id = fields.Many2one(related='company_id.mlm_responsible_id', readonly=False)
    mlm_due_days = fields.Integer(related='company_id.mlm_due_days', readonly=False)
    mlm_currency_id = fields.Many2one(related='company_id.currency_id', string='Currency of Commissions')
    mlm_minimum_payout = fields.Monetary(
        related='company_id.mlm_minimum_payout', readonly=False, currency_field='mlm_currency_id')
    mlm_adjustment_limit = fields.Monetary(
        related='company_id.mlm_adjustment_limit', readonly=False, currency_field='mlm_currency_id')
    mlm_negative_balance = fields.Selection(related='company_id.mlm_negative_balance', readonly=False)
    mlm_background_from = fields.Integer(related='company_id.mlm_background_from', readonly=False)
    mlm_estimate_hours = fields.Integer(related='company_id.mlm_estimate_hours', readonly=False)
    mlm_estimate_limit = fields.Integer(related='company_id.mlm_estimate_limit', readonly=False)
    mlm_slice_size = fields.Integer(related='company_id.mlm_slice_size', readonly=False)
