# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, models
from odoo.exceptions import UserError


class ResCurrency(models.Model):
    """A currency that agents were paid in stays."""
    _inherit = 'res.currency'

    @api.ondelete(at_uninstall=False)
    def _unlink_if_not_paid_out(self):
        # Whoever deletes currencies need not be allowed to read statements; whether there is one is no secret.
        statement = self.env['mlm.statement'].sudo().search([('payout_currency_id', 'in', self.ids)], limit=1)
        if statement:
            raise UserError(self.env._(
                'Agents were paid in %(currency)s, for example by statement %(statement)s. Archive the currency instead.',
                currency=statement.payout_currency_id.name, statement=statement.name))
