# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import float_compare, format_amount


class SaleOrderTemplate(models.Model):
    _inherit = 'sale.order.template'

    mlm_is_offer = fields.Boolean(
        string='Network Offer',
        help='Quotations made of this template are offers of the network: they carry the agent, '
             'are followed up and are '
        'printed with the offer layout.',
    )
    mlm_agent_use = fields.Boolean(
        string='Agents May Use It', help='Agents make offers of this template in the portal.'
    )
    mlm_min_level = fields.Integer(
        string='Minimum Rank Level',
        help='Only agents whose rank has this level or a higher one may use the template. 0 is everybody.',
    )
    mlm_max_discount = fields.Float(
        string='Discount for Agents (%)', help='The highest discount that an agent may give, in percent. 0 is none.'
    )
    mlm_audience = fields.Selection(
        [('any', 'Everybody'), ('person', 'Private Persons'), ('company', 'Companies')],
        string='Audience',
        required=True,
        default='any',
    )
    mlm_industry_id = fields.Many2one(
        'res.partner.industry', string='Industry', help='Offered first to customers of this industry.'
    )
    mlm_summary = fields.Char(string='Summary', translate=True, help='One line that helps agents choose.')
    mlm_intro = fields.Html(
        string='Opening Text', translate=True, help='Stands above the products, on the page and in the PDF.'
    )
    mlm_closing = fields.Html(
        string='Closing Text', translate=True, help='Stands below the products, on the page and in the PDF.'
    )
    mlm_document_ids = fields.Many2many(
        'ir.attachment',
        string='Documents',
        help='Files that the customer can download from the offer, such as a brochure.',
    )
    mlm_step_ids = fields.One2many('mlm.offer.step', 'template_id', string='Follow-up', copy=True)
    mlm_contract_template_id = fields.Many2one(
        'mlm.contract.template',
        string='Contract',
        domain=[('kind', '=', 'customer')],
        index='btree_not_null',
        help='If set, the customer signs this contract, and its signature confirms the order.',
    )

    mlm_term_months = fields.Integer(
        string='Term (months)', help='How long what is sold runs. 0: without an end, or once.'
    )
    mlm_renew_days = fields.Integer(
        string='Renew (days before)', default=30, help='How many days before the end of the term a renewal is offered.'
    )
    mlm_renew_template_id = fields.Many2one(
        'sale.order.template',
        string='Renewed by',
        domain=[('mlm_is_offer', '=', True)],
        index='btree_not_null',
        ondelete='set null',
        help='The offer template of renewals. Empty: this one.',
    )
    mlm_renew_send = fields.Boolean(
        string='Send by Itself', help='As a renewal, an offer of this template goes to the customer without a look before.'
    )
    mlm_cover = fields.Boolean(string='Cover Page', default=True, help='The PDF begins with a page of its own.')
    mlm_cover_image = fields.Image(string='Picture of the Cover', max_width=1600, max_height=1600)

    _mlm_max_discount_range = models.Constraint(
        'CHECK (mlm_max_discount >= 0 AND mlm_max_discount <= 100)', 'The discount for agents is from 0 to 100 percent.'
    )
    _mlm_min_level_positive = models.Constraint(
        'CHECK (mlm_min_level >= 0)', 'The minimum rank level cannot be negative.'
    )
    _mlm_term_positive = models.Constraint(
        'CHECK (mlm_term_months >= 0 AND mlm_renew_days >= 0)', 'Terms and days cannot be negative.'
    )

    @api.constrains('mlm_agent_use', 'mlm_is_offer')
    def _check_mlm_agent_use(self):
        for template in self:
            if template.mlm_agent_use and not template.mlm_is_offer:
                raise ValidationError(
                    self.env._(
                        'Agents can use "%(template)s" only if it is a network offer. '
                        'Tick Network Offer, or untick Agents May Use It.',
                        template=template.name,
                    )
                )

    @api.private
    def _mlm_filter_for_agent(self, agent, partner=None):
        """Keep the templates that an agent may use now.

        :param agent: the agent, a `res.partner` record
        :param partner: the customer, to judge the audience; left out, every audience passes
        :rtype: sale.order.template
        """
        if agent.mlm_agent_state != 'active':
            return self.browse()
        level = agent._mlm_get_offer_level()
        kinds = {'any', partner and (partner.is_company and 'company' or 'person')}
        return self.filtered(
            lambda template: (
                template.active
                and template.mlm_is_offer
                and template.mlm_agent_use
                and template.mlm_min_level <= level
                and (not partner or template.mlm_audience in kinds)
                and (not template.company_id or not agent.company_id or template.company_id == agent.company_id)
            )
        )

    @api.private
    def _mlm_check_terms(self, agent, partner, discount):
        """Refuse what the company does not let an agent offer.

        :raise UserError: naming the template, the agent and what is allowed
        """
        self.ensure_one()
        if not self._mlm_filter_for_agent(agent, partner):
            raise UserError(
                self.env._(
                    '%(agent)s may not offer "%(template)s" to %(customer)s. Choose one of the offers in the list.',
                    agent=agent.name,
                    template=self.name,
                    customer=partner.name,
                )
            )
        if not 0 <= discount or float_compare(discount, self.mlm_max_discount, precision_digits=2) > 0:
            raise UserError(
                self.env._(
                    'A discount of %(discount)s %% is not allowed on "%(template)s": enter 0 to %(highest)s %%.',
                    discount=f'{discount:g}',
                    template=self.name,
                    highest=f'{self.mlm_max_discount:g}',
                )
            )

    @api.private
    def _mlm_create_offer(self, partner, lead=None, agent=None, discount=0.0, **values):
        """Make an offer of this template. Prices come from the price list of the customer, never from the caller.

        :param partner: the customer
        :param lead: the lead or opportunity the offer belongs to, if any
        :param agent: who brings the sale; left out, the order finds it
        :param float discount: percent, on every product
        :param values: further values of the order
        :rtype: sale.order
        """
        self.ensure_one()
        template = self.with_context(lang=partner.lang or self.env.lang)
        lines = [line._prepare_order_line_values() for line in template.sale_order_template_line_ids]
        for line in lines:
            if discount and line['product_id']:
                line['discount'] = discount
        company = self.company_id or (lead and lead.company_id) or self.env.company
        if lead:
            partner._mlm_take_consents(lead)
        return (
            self.env['sale.order']
            .with_company(company)
            .create(
                {
                    'partner_id': partner.id,
                    'company_id': company.id,
                    'sale_order_template_id': self.id,
                    'mlm_discount': discount,
                    'order_line': [Command.create(line) for line in lines],
                    **({'opportunity_id': lead.id} if lead else {}),
                    **({'mlm_agent_id': agent.id} if agent else {}),
                    **values,
                }
            )
        )

    @api.private
    def _mlm_get_price_hint(self):
        """What the products of the template cost before options and discounts, formatted, for the agent to choose."""
        self.ensure_one()
        company = self.company_id or self.env.company
        total = sum(
            line.product_id.lst_price * line.product_uom_qty
            for line in self.sale_order_template_line_ids
            if line.product_id
        )
        return format_amount(self.env, total, company.currency_id)
