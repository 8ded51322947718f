# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    _inherit = 'res.company'

    mlm_journal_id = fields.Many2one(
        'account.journal', string='Commission Journal', check_company=True, ondelete='restrict',
        domain=[('type', '=', 'purchase'), ('is_self_billing', '=', True)],
        help='The self-billing journal of the agents\' bills. Empty: one is made with the first bill.',
    )
    mlm_product_id = fields.Many2one(
        'product.product', string='Commission Product', check_company=True, ondelete='restrict',
        domain=[('type', '=', 'service')],
        help='Gives the bills\' lines their expense account and vendor taxes.',
    )

    mlm_small_business_position_id = fields.Many2one(
        'account.fiscal.position', string='Position of Small Businesses', check_company=True, ondelete='restrict',
        help='For agents whose tax status is "small business": no VAT on their bills.')
    mlm_reverse_charge_position_id = fields.Many2one(
        'account.fiscal.position', string='Position of Reverse Charge', check_company=True, ondelete='restrict',
        help='For agents abroad, where the company owes the VAT.')
    mlm_send_statements = fields.Boolean(
        string='Send Statements', help='Send every agent the statement by e-mail once a period is closed.')
    mlm_book_in_portal = fields.Boolean(
        string='Book Extract in the Portal', default=True,
        help='Agents take their own book extract in the portal, for any days, whenever they like.')
    mlm_responsible_id = fields.Many2one(
        'res.users', string='Responsible for Statements', ondelete='set null',
        help='Is reminded before statements are due. Empty: whoever made the period.')
    mlm_due_days = fields.Integer(string='Remind Before', default=10, help='Days before statements are due.')
    mlm_minimum_payout = fields.Monetary(
        string='Minimum Payout', default=0.0,
        help='A balance below this is carried forward to the next statement. An agreement may say otherwise.')
    mlm_negative_balance = fields.Selection(
        [('carry', 'Carried forward'), ('bill', 'Billed to the agent')], string='Negative Balance', default='carry',
        required=True, help='What becomes of a statement\'s balance below zero. An agreement may say otherwise.')
    mlm_background_from = fields.Integer(
        string='In the Background From', default=5000,
        help='Periods with at least so many sales are calculated and closed in the background. 0: none are.')
    mlm_slice_size = fields.Integer(
        string='Sales per Slice', default=3_000_000,
        help='Larger periods are calculated in slices of so many sales, each a transaction of its own. Fewer where a host '
             'limits the time of a job. 0: always in one transaction.')

    mlm_estimate_hours = fields.Integer(
        string='Estimate Every', default=24,
        help='So many hours after the last calculation a period that still runs is calculated again, if anything is new, so '
             'that agents see what they earn so far. 0: never by itself.')
    mlm_estimate_limit = fields.Integer(
        string='Estimate Up To', default=200000,
        help='Periods with at least so many sales are not calculated by themselves. 0: all are.')

    mlm_adjustment_limit = fields.Monetary(
        string='Limit of Adjustments', default=0.0,
        help='Above this a second person, a manager, approves adjustments. Zero: always.')

    _mlm_minimum_payout_not_negative = models.Constraint(
        'CHECK (mlm_minimum_payout >= 0)', 'The minimum payout cannot be below zero.')

    _mlm_estimate_not_negative = models.Constraint(
        'CHECK (mlm_estimate_hours >= 0 AND mlm_estimate_limit >= 0)', 'Hours and sales of estimates cannot be below zero.')

    @api.private
    def _mlm_self_billing_journal(self):
        """The journal of the agents' bills, made where the company has none.

        :raise UserError: if the company has no chart of accounts yet
        """
        self.ensure_one()
        if not self.mlm_journal_id:
            # Whoever bills may do without the right to configure accounting.
            journals = self.env['account.journal'].sudo().with_company(self)
            domain = [*journals._check_company_domain(self), ('type', '=', 'purchase')]
            journal = journals.search([*domain, ('is_self_billing', '=', True)], limit=1)
            if not journal:
                purchases = journals.search(domain, limit=1)
                if not purchases:
                    raise UserError(self.env._(
                        'Company %s has no purchase journal. Install its chart of accounts first.', self.name))
                journal = journals.create({
                    'name': self.env._('Agent Commissions'),
                    'code': 'AGENT',
                    'type': 'purchase',
                    'company_id': self.id,
                    'is_self_billing': True,
                    'default_account_id': purchases.default_account_id.id,
                })
            self.sudo().mlm_journal_id = journal
        return self.mlm_journal_id

    @api.private
    def _mlm_commission_product(self):
        """The product on the lines of the agents' bills."""
        self.ensure_one()
        return self.mlm_product_id or self.env.ref('mlm_commission.product_commission')
