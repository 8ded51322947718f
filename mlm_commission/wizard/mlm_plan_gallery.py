# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import copy

from odoo import api, fields, models

from .. import gallery, simulating
from ..engine.scenario_file import Scenario


class MlmPlanGallery(models.TransientModel):
    """Shows the ready-made plans: what each is for, its rules in words, an example; makes a draft of one."""
    _name = 'mlm.plan.gallery'
    _description = 'Gallery of Plans'
    _order = 'sequence, id'

    key = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(readonly=True)
    name = fields.Char(string='Industry', compute='_compute_texts')
    icon = fields.Char(compute='_compute_texts')
    purpose = fields.Text(string='What It Is For', compute='_compute_texts')
    note = fields.Text(string='The Example in Words', compute='_compute_texts')
    words = fields.Html(string='The Rules in Words', compute='_compute_words', sanitize=False)
    picture = fields.Html(string='Picture', compute='_compute_example', sanitize=False)
    example = fields.Html(string='Worked Example', compute='_compute_example', sanitize=False)

    # === COMPUTE METHODS === #

    @api.depends('key')
    @api.depends_context('lang')
    def _compute_texts(self):
        for entry in self:
            content = entry._content()
            entry.name = entry._text(content['title'])
            entry.icon = content['icon']
            entry.purpose = entry._text(content['for'])
            entry.note = entry._text(content['example']['note'])

    @api.depends('key')
    @api.depends_context('lang')
    def _compute_words(self):
        for entry in self:
            content = entry._content()
            plan, problems, reader = self.env['mlm.plan']._read_file(entry._plan_file())
            plan = plan.with_context(lang=self.env.lang)
            ranks = reader.rank_words(plan, lambda name, entry=entry, content=content: entry._translated(content, name))
            for record in (plan, *plan.rule_ids, *plan.liability_id):
                record.name = entry._translated(content, record.name)
            entry.words = self.env['ir.qweb']._render('mlm_commission.plan_in_words', {
                'plan': plan, 'problems': problems, 'ranks': ranks})

    @api.depends('key')
    @api.depends_context('lang')
    def _compute_example(self):
        for entry in self:
            content = entry._content()
            data = gallery.scenario(content)
            for rule in data['plan']['rules']:
                rule['name'] = entry._translated(content, rule['name'])
            scenario = Scenario(data)
            # The engine counts the ranks of a ladder from 0; where ranks are agreed their number is their level.
            ladder = enumerate(data['plan'].get('ranks', {}).get('ranks', ()))
            names = {number: entry._translated(content, rank['name']) for number, rank in ladder} or {
                rank['level']: entry._translated(content, rank['name']) for rank in content['file'].get('ranks', ())}
            periods = simulating.views(self.env, scenario, scenario.run(), names)
            entry.picture = periods[0]['picture']
            entry.example = self.env['ir.qweb']._render('mlm_commission.simulation', {
                'periods': periods, 'problems': [], 'problems_title': '',
                'many_rules': len(scenario.plan.rules) > 1})

    # === ACTION METHODS === #

    @api.model
    def action_open(self):
        """Open the gallery; its cards live as long as somebody looks at them."""
        entries = self.create([
            {'key': key, 'sequence': content['sequence']} for key, content in gallery.plans().items()])
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Gallery of Plans'),
            'res_model': self._name,
            'view_mode': 'kanban,form',
            'domain': [('id', 'in', entries.ids)],
        }

    def action_use(self):
        """Make a draft plan, in all languages the gallery knows, and the ranks that are missing."""
        self.ensure_one()
        content = self._content()
        ranks, terms = self.env['mlm.rank'].search([]), self.env['mlm.liability'].search([])
        plan = self.env['mlm.plan']._create_from_file(self._plan_file())
        ranks = self.env['mlm.rank'].search([]) - ranks
        for lang, _name in self.env['res.lang'].get_installed():
            for record in (plan, *plan.rule_ids, *ranks, *(plan.liability_id - terms)):
                english = record.with_context(lang='en_US').name
                translated = content['translations'].get(english, {}).get(lang[:2])
                if translated:
                    record.with_context(lang=lang).name = translated
        plan.message_post(body=self.env._('Made from the gallery: %s.', self.name))
        return plan._get_records_action(name=plan.name)

    # === BUSINESS METHODS === #

    def _content(self):
        """The file's content, to be changed at will."""
        return copy.deepcopy(gallery.plans()[self.key])

    def _plan_file(self):
        """The plan file, for the currency of the company."""
        file = self._content()['file']
        file['plan']['currency_digits'] = self.env.company.currency_id.decimal_places
        return file

    def _text(self, text):
        return gallery.in_language(text, self.env.lang)

    def _translated(self, content, english):
        """The name of a plan, a rule or a rank in the user's language."""
        return content['translations'].get(english, {}).get((self.env.lang or 'en')[:2], english)
