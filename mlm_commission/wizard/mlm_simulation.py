# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import base64
import json

from odoo import api, fields, models

from .. import engine, plan_file, simulating
from ..engine.i18n import _
from ..engine.scenario_file import Scenario


class MlmSimulation(models.TransientModel):
    """Pays a scenario file, people and sales that exist nowhere else, by its own plan or by one of the company's."""
    _name = 'mlm.simulation'
    _description = 'Simulation'

    file = fields.Binary(string='Scenario File', help='A JSON file with agents, sales and a plan.')
    file_name = fields.Char(string='File Name')
    plan_id = fields.Many2one(
        'mlm.plan', string='Plan', help='Pays the people and sales of the file. Empty: the plan in the file does.')
    is_valid = fields.Boolean(compute='_compute_result')
    result = fields.Html(string='Who Gets What', compute='_compute_result', sanitize=False)

    # === COMPUTE METHODS === #

    @api.depends('file', 'plan_id')
    @api.depends_context('lang')
    def _compute_result(self):
        for wizard in self:
            wizard.is_valid, wizard.result = False, False
            if wizard.file:
                values = wizard._simulate()
                wizard.is_valid = not values['problems']
                wizard.result = self.env['ir.qweb']._render('mlm_commission.simulation_result', values)

    # === BUSINESS METHODS === #

    def _simulate(self):
        """Have the engine pay the file.

        :return: values of the template `simulation_result`
        """
        self.ensure_one()
        values = {'periods': [], 'problems': [], 'problems_title': '', 'many_rules': False, 'title': '', 'note': '',
                  'differences': None}
        translate = self.env['mlm.plan.rule']._translate
        try:
            data = self._read()
            scenario, outcomes, differences = self._pay(data)
            values.update(
                title=str(data.get('title') or ''), note=str(data.get('note') or ''),
                many_rules=len(scenario.plan.rules) > 1,
                periods=simulating.views(self.env, scenario, outcomes))
            if any(period['expected'] for period in scenario.periods) and not self.plan_id:
                values['differences'] = differences
        except engine.PlanErrors as errors:
            values['problems'] = [
                ' · '.join(filter(None, [problem.rule, problem.path, translate(problem.message) % problem.values]))
                for problem in errors.problems]
        except engine.EngineError as error:
            values['problems'] = [translate(error.message) % error.values]
        return values

    @api.model
    def _pay(self, data):
        """Pay a file of unknown origin.

        :return: (scenario, its outcomes, differences to what the file expects)
        :raise engine.EngineError: also where the file has another shape than a scenario
        """
        try:
            scenario = Scenario(data)
            outcomes = scenario.run()
            return scenario, outcomes, scenario.differences(outcomes)
        except engine.EngineError:
            raise
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise engine.EngineError(
                _('The file does not have the shape of a scenario file: %(reason)s'), {'reason': str(error)}) from error

    def _read(self):
        content = base64.b64decode(self.with_context(bin_size=False).file)
        plan_file.read_json(content)  # refuses what is no JSON object
        data = json.loads(content.decode('utf-8-sig'))
        if self.plan_id:
            data['plan'] = self.plan_id._to_dict()
        return data
