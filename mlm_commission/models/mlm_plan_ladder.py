# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..plan_file_ranks import THRESHOLDS, rank_numbers, renumbered

# Where the engine finds a wrong condition, e.g. ranks.maintenance[2].group_points
RANK_PATH = re.compile(r'ranks\.(?P<part>ranks|maintenance)\[(?P<row>\d+)\]\.(?P<name>\w+)')
ACTIVITY_PATH = re.compile(r'activity\.(?P<name>\w+)')


class MlmPlan(models.Model):
    """Who has which rank under a plan, and who is active.

    The ladder belongs to the plan and not to the company: a rank is the same for all time (`mlm.rank`), but what it
    takes to reach it changes from version to version, and what a closed period was settled by must stay as it was.
    """
    _inherit = 'mlm.plan'

    rank_source = fields.Selection(
        [('agreed', 'As agreed with each agent'), ('qualified', 'By what was sold in the period')],
        string='Ranks', required=True, default='agreed', tracking=True,
        help='Where ranks are earned, the rank in an agreement is the lowest its agent is paid as.')
    rank_ids = fields.One2many('mlm.plan.rank', 'plan_id', string='Ladder', copy=True)
    rank_compression = fields.Selection(
        [('none', 'Keep their place'), ('standard', 'Are looked through when legs are formed')],
        string='Inactive Agents', required=True, default='none',
        help='For ranks. How inactive agents are treated in paying is a setting of each rule.')
    activity_pay_points = fields.Float(
        string='Points for Pay', digits=(16, 2),
        help='Personal points of the period from which on an active agent is active for pay; 0: none are needed.')
    activity_pay_value = fields.Monetary(
        string='Sales for Pay',
        help='Personal sales of the period from which on an active agent is active for pay; 0: none are needed.')
    activity_rank_points = fields.Float(
        string='Points for Ranks', digits=(16, 2),
        help='Personal points of the period from which on an active agent is active for ranks; 0: none are needed.')
    activity_rank_value = fields.Monetary(
        string='Sales for Ranks',
        help='Personal sales of the period from which on an active agent is active for ranks; 0: none are needed.')

    _thresholds_positive = models.Constraint(
        'CHECK (LEAST(activity_pay_points, activity_pay_value, activity_rank_points, activity_rank_value) >= 0)',
        'What makes an agent active cannot be negative.')

    # === BUSINESS METHODS === #

    @api.private
    def _ladder(self):
        """The ranks that agents qualify for, from the lowest: `mlm.plan.rank` records; none if ranks are agreed."""
        self.ensure_one()
        return self.rank_ids.sorted('level') if self.rank_source == 'qualified' else self.rank_ids.browse()

    @api.private
    def _with_ladder(self, data):
        """Complete a plan for the engine by its ranks and by what makes an agent active.

        In Odoo a rank is meant by its level; the engine counts the ranks of a ladder from 0.

        :param dict data: the plan as the engine reads it, ranks by level
        """
        ladder = self._ladder()
        thresholds = {name: self._decimal(self[field]) for name, field in THRESHOLDS.items() if self[field]}
        if thresholds:
            data = {**data, 'activity': thresholds}
        if self.rank_source != 'qualified':
            return data
        levels = ladder.mapped('level')

        def number(level):
            """The ladder's lowest rank that is at least as high; where there is none, one that nobody reaches."""
            return level if level < 0 else sum(known < level for known in levels)

        return {
            **data,
            'rules': [{**rule, 'params': renumbered(rule['params'], number)} for rule in data['rules']],
            'ranks': {
                'ranks': [row._to_dict(number) for row in ladder],
                'compression': self.rank_compression,
                **({'maintenance': [row._to_dict(number, keeping=True) for row in ladder]}
                   if any(ladder.mapped('is_kept_otherwise')) else {}),
            },
        }

    @staticmethod
    def _decimal(value):
        return ('%.3f' % value).rstrip('0').rstrip('.')

    @api.private
    def _last_standing_run(self, domain=()):
        """The last run, of any version, that found ranks or volumes.

        :param domain: which runs are meant
        :return: `mlm.run` record, maybe empty
        """
        self.ensure_one()
        # Periods are settled in order, so the last run is of the last period.
        return self.env['mlm.run'].search(
            [('plan_id.root_id', '=', self.root_id.id), ('standing_count', '>', 0), *domain], order='id desc', limit=1)

    def _check_ladder(self):
        """Refuse rules that refer to a rank which the plan does not have.

        :raise ValidationError: naming plan, rule and rank
        """
        for plan in self.filtered(lambda plan: plan.rank_source == 'qualified'):
            known = set(plan.rank_ids.mapped('level'))
            names = {rank.level: rank.name for rank in self.env['mlm.rank']._of_company(plan.company_id)}
            for rule in plan.rule_ids:
                missing = sorted(rank_numbers({'rules': [rule._to_dict()]}) - known - {0})
                if missing:
                    raise ValidationError(self.env._(
                        'Rule "%(rule)s" of plan "%(plan)s" refers to the rank %(rank)s, for which the plan has no '
                        'conditions. Add it under Ranks, or choose another rank in the rule.',
                        rule=rule.name, plan=plan.name, rank=names.get(missing[0], missing[0])))

    def _describe_rank_problem(self, problem):
        """Say in the user's language which rank and which condition is wrong; None if it is about something else."""
        translate = self.env['mlm.plan.rule']._translate
        found = RANK_PATH.fullmatch(problem.path)
        ladder = self._ladder()
        if found and int(found['row']) < len(ladder):
            row = ladder[int(found['row'])]
            return ' · '.join(filter(None, [
                row.name or self.env._('Rank %s', int(found['row']) + 1),
                self.env._('for keeping it') if found['part'] == 'maintenance' else None,
                row._label(found['name']), translate(problem.message) % problem.values]))
        if problem.path == 'ranks.ranks':
            return self.env._('The ladder has no rank. Add the first one under Ranks.')
        found = ACTIVITY_PATH.fullmatch(problem.path)
        if found and found['name'] in THRESHOLDS:
            label = self._fields[THRESHOLDS[found['name']]]._description_string(self.env)
            return ' · '.join([label, translate(problem.message) % problem.values])
        return None
