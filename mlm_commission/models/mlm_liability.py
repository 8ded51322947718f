# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from .. import engine

TERMS = {'kind', 'months', 'step_ids', 'payments', 'gradual', 'last_day', 'reserve_rate'}


class MlmLiability(models.Model):
    """How much of a commission is taken back when a sale is credited: whole, by time, by steps, by payments.

    Frozen with the sale, so terms that were sold under stay as they are.
    """
    _name = 'mlm.liability'
    _description = 'Cancellation Liability'
    _order = 'sequence, id'

    name = fields.Char(string='Name', required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [('full', 'All of it'), ('time', 'What is not earned yet, by months'), ('steps', 'Less in steps'),
         ('payments', 'Until payments came in'), ('none', 'Nothing')],
        string='Taken Back', required=True, default='full',
        help='What of a commission is taken back when the sale is credited. Invoices that are reset, cancelled or not '
             'paid are no sale at all and always take back everything.')
    months = fields.Integer(
        string='Months of Liability',
        help='By months, a commission is earned in equal parts over these months. Otherwise nothing is taken back once '
             'they are over; 0: there is no end.')
    step_ids = fields.One2many('mlm.liability.step', 'liability_id', string='Steps', copy=True)
    payments = fields.Integer(
        string='Payments', help='From this number of payments on nothing is taken back. Payments of the invoice count, and '
                                'of the other invoices of its order.')
    gradual = fields.Boolean(
        string='Each Payment Earns Its Part', help='Otherwise everything is taken back until the last of the payments.')
    last_day = fields.Date(string='Last Day', help='Nothing is taken back of what ends after this day.')
    reserve_rate = fields.Float(
        string='Reserve (%)', digits=(5, 2),
        help='What is held back of commissions under these terms until the liability ends, unless the agreement says '
             'something else.')

    explanation = fields.Char(string='In Words', compute='_compute_explanation')

    _reserve_range = models.Constraint(
        'CHECK (reserve_rate >= 0 AND reserve_rate <= 100)', 'A reserve is from 0 to 100 percent.')

    # === COMPUTE METHODS === #

    @api.depends('kind', 'months', 'step_ids.months', 'step_ids.percent', 'payments', 'gradual', 'last_day', 'reserve_rate')
    @api.depends_context('lang')
    def _compute_explanation(self):
        for liability in self:
            sentences = [liability._what_is_taken()]
            if liability.last_day and liability.kind != 'none':
                sentences.append(self.env._('After %s nothing is taken back.', format_date(self.env, liability.last_day)))
            if liability.reserve_rate and liability.kind not in ('none', 'payments'):
                sentences.append(self.env._(
                    '%s %% of each commission is held back until the liability for its contract ends.',
                    f'{liability.reserve_rate:.2f}'.rstrip('0').rstrip('.')))
            liability.explanation = ' '.join(sentences)

    def _what_is_taken(self):
        self.ensure_one()
        if self.kind == 'time':
            return self.env._('A commission is earned in equal parts over %s months; if the sale is credited before, what is '
                              'not earned yet is taken back.', self.months)
        if self.kind == 'steps':
            steps = ', '.join(
                self.env._('before %(months)s months %(percent)s %%', months=step.months,
                           percent=f'{step.percent:.2f}'.rstrip('0').rstrip('.'))
                for step in self.step_ids.sorted('months'))
            return self.env._('If the sale is credited, part of a commission is taken back: %s.', steps)
        if self.kind == 'payments':
            return self.env._('Each of %s payments earns its part of a commission; if the sale is credited before, the rest is '
                              'taken back.', self.payments) if self.gradual else self.env._(
                'If the sale is credited before %s payments came in, all of a commission is taken back.', self.payments)
        if self.kind == 'none':
            return self.env._('Nothing is taken back.')
        return self.env._('If the sale is credited within %s months, all of a commission is taken back.', self.months) \
            if self.months else self.env._('Whenever the sale is credited, all of a commission is taken back.')

    # === CONSTRAINT METHODS === #

    @api.constrains('kind', 'months', 'step_ids', 'payments')
    def _check_complete(self):
        for liability in self:
            try:
                liability._to_engine()
            except engine.EngineError as error:
                raise ValidationError(self.env._(
                    'The terms "%s" are not complete: they need months of liability, steps of different months from 1 on '
                    'and 0 to 100 percent, or a number of payments.', liability.name)) from error

    # === CRUD METHODS === #

    def write(self, vals):
        if vals.keys() & TERMS:
            self._check_not_used()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_not_used(self):
        self._check_not_used()

    # === BUSINESS METHODS === #

    @api.private
    def _check_not_used(self):
        """Refuse to change terms under which something was sold.

        :raise UserError: naming the terms and the way out
        """
        for liability in self:
            # Whether something was sold does not depend on who looks.
            if self.env['mlm.volume'].sudo().search_count([('liability_id', '=', liability.id)], limit=1) or any(
                plan.has_paid for plan in self.env['mlm.plan'].sudo().with_context(active_test=False).search(
                    [('liability_id', '=', liability.id)])
            ):
                raise UserError(self.env._(
                    'Something was sold under the terms "%s", so they stay as they are. Make a copy with other terms and '
                    'use that one from now on.', liability.name))

    @api.private
    def _to_engine(self):
        """The terms as the engine reads them.

        :return: :class:`engine.Liability`
        """
        self.ensure_one()
        used = {'full': ('months',), 'time': ('months',), 'payments': ('payments', 'gradual')}.get(self.kind, ())
        return engine.Liability(
            self.kind, last_day=self.last_day or None,
            steps=tuple(sorted((step.months, round(step.percent * 100)) for step in self.step_ids))
            if self.kind == 'steps' else (),
            **{name: self[name] for name in used})
