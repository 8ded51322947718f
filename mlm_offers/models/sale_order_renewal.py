# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """What was sold for a term is offered again before the term ends."""

    _inherit = 'sale.order'

    mlm_ends_on = fields.Date(
        string='Runs Until',
        compute='_compute_mlm_ends_on',
        store=True,
        readonly=False,
        copy=False,
        help='The last day of what was sold, by the term of the offer template.',
    )
    mlm_renew = fields.Boolean(
        string='Renew', default=True, copy=False, tracking=True, help='Make a new offer before the term ends.'
    )
    mlm_renew_on = fields.Date(
        string='Renewal Due', compute='_compute_mlm_renew_on', store=True, index='btree_not_null', copy=False
    )
    mlm_renewal_of_id = fields.Many2one(
        'sale.order',
        string='Renewal of',
        readonly=True,
        copy=False,
        index='btree_not_null',
        check_company=True,
        ondelete='set null',
    )
    mlm_renewal_ids = fields.One2many('sale.order', 'mlm_renewal_of_id', string='Renewals', readonly=True)

    _mlm_renewal_uniq = models.UniqueIndex(
        "(mlm_renewal_of_id) WHERE mlm_renewal_of_id IS NOT NULL AND state != 'cancel'",
        'There is a renewal of this order already.',
    )

    # === COMPUTE METHODS === #

    @api.depends('state', 'sale_order_template_id')
    def _compute_mlm_ends_on(self):
        for order in self:
            months = order.sale_order_template_id.mlm_term_months
            if order.state == 'sale' and months and not order.mlm_ends_on:
                start = fields.Datetime.context_timestamp(order, order.date_order).date()
                order.mlm_ends_on = start + relativedelta(months=months, days=-1)
            else:
                order.mlm_ends_on = order.mlm_ends_on

    @api.depends('state', 'mlm_ends_on', 'mlm_renew', 'mlm_renewal_ids', 'sale_order_template_id.mlm_renew_days')
    def _compute_mlm_renew_on(self):
        for order in self:
            due = order.state == 'sale' and order.mlm_ends_on and order.mlm_renew and not order.mlm_renewal_ids
            order.mlm_renew_on = due and order.mlm_ends_on - timedelta(days=order.sale_order_template_id.mlm_renew_days)

    # === ACTION METHODS === #

    def action_mlm_renew(self):
        """Make the renewal now, and open it."""
        self.ensure_one()
        return self._mlm_make_renewal()._get_records_action(name=self.env._('Renewal'))

    # === BUSINESS METHODS === #

    @api.model
    def _cron_mlm_renew(self, limit=50):
        """Make the renewals that are due. Each is committed on its own, and made once."""
        domain = [('mlm_renew_on', '<=', fields.Date.today())]
        orders = self.search(domain, order='mlm_renew_on, id', limit=limit)
        self.env['ir.cron']._commit_progress(remaining=self.search_count(domain))
        for order in orders:
            order = order.try_lock_for_update().filtered_domain(domain)
            if order:
                order._mlm_renew()
            if not self.env['ir.cron']._commit_progress(1):
                break

    @api.private
    def _mlm_renew(self):
        """Make a renewal that is due, send it where the template says so, and tell who looks after the customer."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                renewal = self.with_company(self.company_id)._mlm_make_renewal()
                sent = renewal.sale_order_template_id.mlm_renew_send and renewal._mlm_may_send()
                if sent:
                    renewal._mlm_send_offer()
        except UserError as error:
            self.mlm_renew = False  # a person decides now; the same would go wrong again tomorrow
            user = self.user_id or self.create_uid
            self.activity_schedule(
                'mail.mail_activity_data_warning',
                user_id=user.id,
                summary=self.env._('The renewal could not be made'),
                note=str(error),
            )
            return
        values = {'customer': self.partner_id.name, 'date': self.mlm_ends_on, 'offer': renewal.name}
        text = self.env._('What %(customer)s has runs until %(date)s. The offer %(offer)s renews it.', **values)
        hint = self.env._('It was sent.') if sent else self.env._('It is not sent yet.')
        renewal._mlm_tell_agent(
            self.env._('Renewal for %(customer)s: %(offer)s', customer=self.partner_id.name, offer=renewal.name),
            f'{text} {hint}',
        )

    @api.private
    def _mlm_make_renewal(self):
        """Offer again what was sold: the options as they were chosen, at the prices of today.

        :rtype: sale.order
        :raise UserError: if it is no sold offer, or its template is archived
        """
        self.ensure_one()
        template = self.sale_order_template_id.mlm_renew_template_id or self.sale_order_template_id
        if self.state != 'sale' or not template.mlm_is_offer:
            raise UserError(self.env._('%(offer)s is no network offer that was sold.', offer=self.name))
        if not template.active:
            raise UserError(
                self.env._(
                    '"%(template)s" is archived, so %(offer)s cannot be renewed by it. Choose another template for renewals.',
                    template=template.name,
                    offer=self.name,
                )
            )
        agent = self.mlm_agent_id if self.mlm_agent_id.mlm_agent_state == 'active' else None
        renewal = template.with_company(self.company_id)._mlm_create_offer(
            self.partner_id,
            agent=agent,
            mlm_renewal_of_id=self.id,
            user_id=self.user_id.id,
            team_id=self.team_id.id,
            company_id=self.company_id.id,
        )
        for line in renewal.order_line.filtered('product_id'):
            sold = self.order_line.filtered(
                lambda old, line=line: old.product_template_id == line.product_template_id and old.product_uom_qty
            )
            if sold and sold[0].product_id != line.product_id:
                line._mlm_choose_variant(sold[0].product_id)
            if sold or line._is_line_optional():
                line.product_uom_qty = sum(sold.mapped('product_uom_qty'))
        return renewal

    @api.private
    def _mlm_may_send(self):
        """Whether the offer may be sent by e-mail without anybody pressing a button.

        :rtype: bool
        """
        self.ensure_one()
        partner = self.partner_id
        return bool(
            partner.email_normalized and not partner.is_blacklisted and not self._mlm_get_unwilling('email', False)
        )
