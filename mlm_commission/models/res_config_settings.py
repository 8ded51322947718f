# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    mlm_journal_id = fields.Many2one(related='company_id.mlm_journal_id', readonly=False)
    mlm_product_id = fields.Many2one(related='company_id.mlm_product_id', readonly=False)
    mlm_currency_id = fields.Many2one(related='company_id.currency_id', string='Currency of Commissions')
    mlm_minimum_payout = fields.Monetary(
        related='company_id.mlm_minimum_payout', readonly=False, currency_field='mlm_currency_id')
    mlm_negative_balance = fields.Selection(related='company_id.mlm_negative_balance', readonly=False)
    mlm_background_from = fields.Integer(related='company_id.mlm_background_from', readonly=False)
