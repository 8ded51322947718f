# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare

RATE_DIGITS = 4


class MlmApplication(models.Model):
    """The rate that a new agent is promised: at most what the sponsor's own agreement has to give."""
    _inherit = 'mlm.application'

    plan_id = fields.Many2one(
        'mlm.plan', string='Plan', compute='_compute_plan_id', store=True, readonly=False, index='btree_not_null',
        ondelete='restrict', domain=[('previous_id', '=', False)],
        help='The plan that the new agent\'s agreement follows; the sponsor\'s, where nothing else is chosen.')
    rate = fields.Float(string='Own Rate (%)', digits=(7, RATE_DIGITS), help='The rate on the new agent\'s own sales.')
    rate_max = fields.Float(
        string='At Most (%)', digits=(7, RATE_DIGITS), compute='_compute_rate_max', compute_sudo=True,
        help='The own rate of the sponsor: whoever stands above is paid the difference, and cannot give more.')
    has_rate_max = fields.Boolean(compute='_compute_rate_max', compute_sudo=True)

    _rate_range = models.Constraint('CHECK (rate >= 0 AND rate <= 100)', 'A rate is from 0 to 100 percent.')

    # === COMPUTE METHODS === #

    @api.depends('sponsor_id', 'company_id')
    def _compute_plan_id(self):
        for application in self:
            agreement = application.sponsor_id._mlm_agreement_today(application.company_id)
            application.plan_id = application.plan_id or agreement.plan_id

    @api.depends('sponsor_id', 'company_id', 'plan_id')
    def _compute_rate_max(self):
        for application in self:
            agreement = application._get_sponsors_agreement()
            application.rate_max, application.has_rate_max = agreement.rate, bool(agreement)

    # === CONSTRAINT METHODS === #

    @api.constrains('rate', 'sponsor_id', 'plan_id')
    def _check_rate_max(self):
        for application in self:
            # sudo: whether a promise can be kept does not depend on who makes it; the rate was the user's to see before
            known = application.sudo()
            agreement = known._get_sponsors_agreement()
            if application.rate and agreement and known._is_too_much(application.rate, agreement.rate):
                raise ValidationError(self.env._(
                    '%(sponsor)s cannot give %(rate)s %%: the own agreement allows at most %(max)s %%. Enter a lower rate for '
                    '%(name)s, or raise that of the sponsor first.', sponsor=known.sponsor_id.display_name,
                    rate='%g' % application.rate, max='%g' % agreement.rate, name=application.name))

    @api.constrains('plan_id', 'company_id')
    def _check_plan_company(self):
        for application in self.sudo():  # only compares companies
            if application.plan_id and application.plan_id.company_id != application.company_id:
                raise ValidationError(self.env._(
                    'The plan "%(plan)s" belongs to another company than the application of %(name)s. Choose another plan.',
                    plan=application.plan_id.display_name, name=application.name))

    # === HOOKS OF THE NETWORK === #

    @api.model
    @api.private
    def _prepare_terms(self, values, sponsor):
        terms = super()._prepare_terms(values, sponsor)
        agreement = sponsor._mlm_agreement_today(self.env.company)
        text = (values.get('rate') or '').strip().replace(',', '.').rstrip('%').strip()
        if not agreement or not text:
            return terms
        try:
            rate = float(text)
        except ValueError:
            rate = None
        # Neither less than nothing nor what is no number at all, as "nan".
        if rate is None or not 0 <= rate <= 100:
            raise UserError(self.env._('The rate must be a number from 0 to %(max)s.', max='%g' % agreement.rate))
        if self._is_too_much(rate, agreement.rate):
            raise UserError(self.env._(
                'Your own agreement allows you to give at most %(max)s %%. Enter a lower rate.', max='%g' % agreement.rate))
        return {**terms, 'plan_id': agreement.plan_id.id, 'rate': rate}

    @api.model
    @api.private
    def _prepare_recruit_page(self, sponsor):
        return {**super()._prepare_recruit_page(sponsor), 'rate_max': sponsor._mlm_agreement_today(self.env.company).rate}

    def _get_details(self):
        details = super()._get_details()
        return [*details, (self.env._('Own Rate (%)'), '%g' % self.rate)] if self.rate else details

    def _get_terms(self):
        return {**super()._get_terms(), 'plan': self.plan_id, 'rate': self.rate}

    def _approve(self):
        # The sponsor's agreement may have changed since.
        self._check_rate_max()
        super()._approve()

    def _begin(self):
        """Put the promised terms into effect, where no contract has to be signed for it."""
        super()._begin()
        if not self.plan_id or self._needs_signature():
            return
        agreement = self.env['mlm.agreement'].create({
            # Nobody has agreed to that yet.
            'self_billing': False, 'agent_id': self.partner_id.id, 'plan_id': self.plan_id.id, 'rate': self.rate})
        agreement.action_activate()
        agreement.message_post(body=self.env._(
            'From the application of %(date)s. Mark self-billing once the agent has agreed to it.',
            date=fields.Date.to_date(self.create_date)))

    # === TOOLING === #

    def _get_sponsors_agreement(self):
        return self.sponsor_id._mlm_agreement_today(self.company_id, self.plan_id)

    def _is_too_much(self, rate, most):
        return float_compare(rate, most, precision_digits=RATE_DIGITS) > 0
