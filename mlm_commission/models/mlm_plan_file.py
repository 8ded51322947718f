# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import json

from odoo import Command, api, models
from odoo.exceptions import ValidationError

from .. import engine, plan_file, plan_file_liability, plan_file_scope
from ..plan_file_ranks import rank_numbers


class MlmPlan(models.Model):
    """Plans as files: to review, to keep in git, to move from a test to the live system."""
    _inherit = 'mlm.plan'

    # === ACTION METHODS === #

    def action_export(self):
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'url': f'/mlm_commission/plan/{self.id}.json', 'target': 'download'}

    # === BUSINESS METHODS === #

    @api.private
    def _to_file(self):
        """The plan as a file holds it, see :mod:`plan_file`; the same plan gives the same text.

        :rtype: dict
        """
        self.ensure_one()
        data = self._to_dict()
        for rule, row in zip(self.rule_ids, data['rules']):
            for (key, name), field in plan_file.SCOPE_FIELDS.items():
                if rule[field]:
                    row['scope'][key][name] = sorted(map(plan_file.record_name, rule[field]))
            plan_file_scope.to_file(rule, row['scope'].get('only', {}))
        excluded = {
            name: sorted(map(plan_file.record_name, records))
            for name, records in (('product', self.excluded_product_ids), ('category', self.excluded_categ_ids))
            if records}
        shares = {row.level: {'shares': row.shares} for row in self.rank_ids if row.shares}
        levels = set(self._ladder().mapped('level')) or rank_numbers(data) | shares.keys()
        ranks = self.env['mlm.rank'].with_context(lang='en_US')._of_company(self.company_id).filtered(
            lambda rank: rank.level in levels) | self._ladder().rank_id.with_context(lang='en_US')
        return {
            'format': plan_file.FORMAT,
            'trigger': self.trigger,
            'plan': data,
            **({'excluded': excluded} if excluded else {}),
            **({'liability': plan_file_liability.to_file(self.liability_id)} if self.liability_id else {}),
            **({'ranks': [{'level': rank.level, 'name': rank.name, **shares.get(rank.level, {})}
                          for rank in ranks.sorted('level')]} if ranks else {}),
        }

    @api.private
    def _to_file_text(self):
        """Return the file's text: indented, for people and for a readable difference in git."""
        return json.dumps(self._to_file(), indent=2, ensure_ascii=False) + '\n'

    @api.model
    @api.private
    def _read_file(self, data):
        """Read a plan file without keeping anything.

        :param data: bytes of a file, or a dict in its shape
        :return: (a new, unsaved plan, list of sentences naming rule and field; empty if the plan can be made, reader)
        """
        try:
            reader = plan_file.PlanFileReader(
                self.env, plan_file.read_json(data) if isinstance(data, bytes) else data)
        except engine.PlanErrors as errors:
            return self.browse(), [self.new()._translate_problem(problem) for problem in errors.problems], None
        plan = self.with_context(lang='en_US').new(self._readable(reader))
        plan._set_replaced(reader)
        if reader.liability.values:
            plan.liability_id = self.env['mlm.liability'].new(reader.liability.values)
        return plan, [plan._translate_problem(problem) for problem in reader.problems], reader

    @api.model
    def _readable(self, reader):
        """Values for a plan that can be shown: with the rules the engine can at least name."""
        if reader.plan:
            return reader.values()
        plan = reader.data.get('plan')
        rows = plan.get('rules') if isinstance(plan, dict) else None
        return {'name': str(plan.get('name') or '') if isinstance(plan, dict) else '', 'rule_ids': [Command.create({
            'name': str(row.get('name') or engine.rules.get(row['kind']).label), 'kind': row['kind'],
            'params': row['params'] if isinstance(row.get('params'), dict) else {},
        }) for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict) and isinstance(row.get('kind'), str)
            and engine.rules.get(row['kind'])]}

    @api.model
    @api.private
    def _create_from_file(self, data, **values):
        """Make a draft plan of a file, and the ranks that it brings along and that are missing.

        :param data: bytes of a file, or a dict in its shape
        :param values: what the plan gets beside what the file says
        :return: `mlm.plan` record
        :raise ValidationError: with every problem of the file
        """
        _plan, problems, reader = self._read_file(data)
        if problems:
            raise ValidationError('\n'.join(
                [self.env._('The plan cannot be imported:'), *('• %s' % problem for problem in problems)]))
        ranks = self.env['mlm.rank'].with_context(lang='en_US')
        known = ranks.search([('company_id', 'in', (False, self.env.company.id))]).mapped('level')
        ranks.create([
            {'level': level, 'name': name, 'company_id': self.env.company.id}
            for level, name in sorted(reader.ranks.items()) if level not in known])
        plan = self.with_context(lang='en_US').create({
            **reader.values(), 'liability_id': reader.liability.record().id,
            'rank_ids': reader.rank_rows(ranks._of_company(self.env.company)), **values})
        plan._set_replaced(reader)
        return plan.with_env(self.env)

    def _set_replaced(self, reader):
        """Tell the rules, which now are records, in whose place they pay."""
        for number, places in reader.replaced().items():
            self.rule_ids[number].replaces_ids = self.rule_ids.browse().union(*(self.rule_ids[place] for place in places))
