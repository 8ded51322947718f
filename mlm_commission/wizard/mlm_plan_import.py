# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import base64

from odoo import api, fields, models


class MlmPlanImport(models.TransientModel):
    """Reads a plan file, says in words what it does or what is wrong with it, and makes a draft plan of it."""
    _name = 'mlm.plan.import'
    _description = 'Import a Plan'

    file = fields.Binary(string='Plan File', help='A JSON file, as the export of a plan makes it.')
    file_name = fields.Char(string='File Name')
    company_id = fields.Many2one(
        'res.company', string='Company', required=True, default=lambda self: self.env.company)
    is_valid = fields.Boolean(compute='_compute_preview')
    preview = fields.Html(string='What It Does', compute='_compute_preview', sanitize=False)

    # === COMPUTE METHODS === #

    @api.depends('file', 'company_id')
    @api.depends_context('lang')
    def _compute_preview(self):
        for wizard in self:
            if not wizard.file:
                wizard.is_valid, wizard.preview = False, False
                continue
            plan, problems, reader = self._plans(wizard.company_id)._read_file(wizard._content())
            wizard.is_valid = not problems
            wizard.preview = self.env['ir.qweb']._render('mlm_commission.plan_in_words', {
                'plan': plan.with_context(lang=self.env.lang),
                'problems': problems,
                'ranks': reader.rank_words(plan) if reader else [],
            })

    # === ACTION METHODS === #

    def action_import(self):
        self.ensure_one()
        plan = self._plans(self.company_id)._create_from_file(self._content())
        plan.message_post(body=self.env._('Imported from the file %s.', self.file_name or self.env._('without a name')))
        return plan._get_records_action(name=self.env._('Imported Plan'))

    # === BUSINESS METHODS === #

    def _content(self):
        return base64.b64decode(self.with_context(bin_size=False).file or b'')

    def _plans(self, company):
        return self.env['mlm.plan'].with_company(company)
