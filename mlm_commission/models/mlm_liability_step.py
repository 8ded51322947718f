# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models


class MlmLiabilityStep(models.Model):
    """The part of a commission that is taken back before so many months were held."""
    _name = 'mlm.liability.step'
    _description = 'Step of a Cancellation Liability'
    _order = 'liability_id, months'

    liability_id = fields.Many2one(
        'mlm.liability', string='Liability', required=True, index=True, ondelete='cascade')
    months = fields.Integer(string='Before Month', required=True, default=12)
    percent = fields.Float(string='Taken Back (%)', digits=(5, 2), required=True, default=100)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps.liability_id._check_not_used()
        return steps

    def write(self, vals):
        self.liability_id._check_not_used()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_not_used(self):
        self.liability_id._check_not_used()
