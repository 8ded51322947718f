# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models

from .. import engine, simulating
from ..engine.scenario_file import Scenario
from ..plan_file_ranks import rank_numbers

# The example's network: a chain of four, and a branch. Rates where a plan takes them from the agreements.
CHAIN = ('Dan', 'Cleo', 'Ben', 'Anna')
RATES = {'Anna': '30', 'Ben': '20', 'Cleo': '12', 'Dan': '5', 'Eva': '5'}
SPONSORS = {'Anna': '', 'Ben': 'Anna', 'Cleo': 'Ben', 'Eva': 'Ben', 'Dan': 'Cleo'}
SEATS = {'Eva': 1}
SALE = {'net': '100', 'margin': '40', 'points': '100', 'quantity': '1', 'total': '100'}
# Ways of paying where only some agents have a rank at all.
LEADERS = {'generation', 'infinity', 'breakaway', 'pool', 'rank_advance'}


class MlmPlan(models.Model):
    """A plan explains itself: what a sale of 100 would pay with the numbers now in its rules."""
    _inherit = 'mlm.plan'

    example = fields.Html(string='Example', compute='_compute_example', sanitize=False)

    # === COMPUTE METHODS === #

    @api.depends('name', 'company_id', 'rounding_mode', 'rounding_unit', 'rule_ids.name', 'rule_ids.kind',
                 'rule_ids.base', 'rule_ids.params', 'rule_ids.product_ids', 'rule_ids.categ_ids', 'rule_ids.overlap',
                 'rule_ids.sequence', 'rule_ids.except_product_ids', 'rule_ids.except_categ_ids',
                 'rule_ids.replaces_ids', 'rank_source', 'rank_ids.rank_id', 'rank_ids.conditions', 'rank_ids.maintenance',
                 'rank_ids.is_kept_otherwise')
    @api.depends_context('lang')
    def _compute_example(self):
        for plan in self:
            plan.example = self.env['ir.qweb']._render('mlm_commission.simulation', plan._example_values()) \
                if plan.rule_ids else False

    # === BUSINESS METHODS === #

    def _example_values(self):
        """Have the engine pay the example.

        :return: values of the template `simulation`: the periods, or what is wrong with the plan in words
        """
        self.ensure_one()
        values = {'periods': [], 'problems': [], 'problems_title': '', 'many_rules': len(self.rule_ids) > 1}
        try:
            name = self.name or self.env._('Plan')
            engine.Plan.parse({**self._to_dict(), 'name': name})
            # The example shows what ranks earn; it gives them to its agents as if everyone was active.
            data = {**self._rules_to_dict(), 'name': name}
            scenario = Scenario({'plan': data, **self._example_scenario(data)})
            values['periods'] = simulating.views(self.env, scenario, scenario.run())
        except engine.PlanErrors as errors:
            values['problems'] = [self._translate_problem(problem) for problem in errors.problems]
            values['problems_title'] = self.env._('This plan cannot be used yet:')
        except engine.EngineError as error:
            values['problems'] = [self.env['mlm.plan.rule']._translate(error.message) % error.values]
            values['problems_title'] = self.env._('There is no example for this plan:')
        return values

    @api.model
    def _example_scenario(self, data):
        """Choose ranks and sales with which the rules of a plan have something to show.

        :param dict data: the plan as the engine reads it
        :return: agents and sales as in a scenario file
        """
        kinds = {rule['kind'] for rule in data['rules']}
        ranks = sorted(number for number in rank_numbers(data) if number)
        ladder = [-1, *ranks] if ranks and kinds & LEADERS else ranks or [-1]
        rank = {name: ladder[round(place * (len(ladder) - 1) / 3)] for place, name in enumerate(CHAIN)}
        rank['Eva'] = rank['Dan']
        uses_rates = any(rule['kind'] == 'differential' and (rule['params'] or {}).get('source', 'agreement')
                         == 'agreement' for rule in data['rules'])
        placed = kinds & {'binary', 'matrix'}
        agents = [{
            'name': name, 'sponsor': sponsor, 'rank': rank[name], 'shares': 1,
            **({'rate': RATES[name]} if uses_rates else {}),
            **({'highest': rank[name]} if 'rank_advance' not in kinds or name != 'Dan' else {}),
            **({'placement': sponsor, 'seat': SEATS.get(name, 0)} if placed else {}),
        } for name, sponsor in SPONSORS.items()]
        return {'agents': agents, 'sales': self._example_sales(data, kinds)}

    @api.model
    def _example_sales(self, data, kinds):
        """One sale of 100 at the bottom of the chain for each kind of product that the rules tell apart."""
        scopes = []
        for rule in data['rules']:
            only = {name: codes[0] for name, codes in rule['scope'].get('only', {}).items()
                    if isinstance(codes, list) and codes}
            if only not in scopes:
                scopes.append(only)
        needs = {'fast_start': 'seller_days', 'binary': 'day'}
        without = {name for rule in data['rules'] for name in rule['scope'].get('except', ())}
        names = {name for only in scopes for name in only} | without | {needs[kind] for kind in kinds & needs.keys()}
        sales = [{**SALE, 'id': number, 'seller': 'Dan', 'attributes': {name: only.get(name, 0) for name in names}}
                 for number, only in enumerate(scopes, 1)]
        if 'binary' in kinds:
            sales.append({**SALE, 'id': 100, 'seller': 'Eva', 'attributes': dict.fromkeys(names, 0)})
        return sales + [
            {'id': 200 + place, 'seller': name, 'points': points, 'attributes': dict.fromkeys(names, 0)}
            for place, (name, points) in enumerate(self._example_points(data).items())]

    @api.model
    def _example_points(self, data):
        """What each agent of the chain sold earlier in the month, so that groups reach different rates.

        :return: {name: points}
        """
        for rule in data['rules']:
            rates = (rule['params'] or {}).get('rates') or []
            if rule['kind'] in ('group_differential', 'breakaway'):
                steps = [float(row['points']) for row in rates]
                wanted = [steps[round(place * (len(steps) - 1) / 3)] for place in range(4)]
                below = [float(SALE['points']), *wanted[:-1]]
                return {name: str(points - before) for name, points, before in zip(CHAIN, wanted, below)
                        if points > before}
            needed = max((float(row.get('min_points') or 0) for row in rates if isinstance(row, dict)), default=0)
            if needed:
                return dict.fromkeys(CHAIN, str(needed))
        return {}
