# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models
from odoo.exceptions import UserError


class MlmApplication(models.Model):
    """Where the company has a cooperation agreement to sign, a new agent begins with the signature."""

    _inherit = 'mlm.application'

    contract_id = fields.Many2one(
        'mlm.contract', string='Contract', readonly=True, copy=False, index='btree_not_null', ondelete='set null'
    )

    def _needs_signature(self):
        return bool(self.company_id.mlm_agreement_template_id) or super()._needs_signature()

    def _begin(self):
        """Send the cooperation agreement; whatever hinders that is left to a person, the approval stands."""
        super()._begin()
        template = self.company_id.mlm_agreement_template_id
        if not template:
            return
        terms = self._get_terms()
        plan = terms.get('plan')
        try:
            with self.env.cr.savepoint():
                contract = self.env['mlm.contract'].create(
                    {
                        'template_id': template.id,
                        'partner_id': self.partner_id.id,
                        'company_id': self.company_id.id,
                        **({'plan_ref': f'{plan._name},{plan.id}'} if plan else {}),
                        **({'own_rate': terms['rate']} if terms.get('rate') else {}),
                    }
                )
                contract.action_send()
                self.sudo().contract_id = contract  # no field that the user may write by hand
        except UserError as problem:
            self.activity_schedule(
                'mail.mail_activity_data_warning',
                user_id=self.env.uid,
                note=str(problem),
                summary=self.env._('The cooperation agreement of %(name)s could not be sent', name=self.name),
            )
