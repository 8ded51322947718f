# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The ladder of a plan file: ranks by name, the engine's numbers of ranks as levels of the company's own ranks.

Inside a file a ladder counts its ranks from 0, as the engine does, and names each; in Odoo a rank is meant by its level.
"""
from .engine.i18n import _
from .plan_file_ranks import rank_numbers, renumbered

# Parts of the engine's ladder that are lists of conditions.
PARTS = ('ranks', 'maintenance')


class LadderReader:
    """Finds a place for each rank of a file's ladder among the ranks that a company has.

    A rank is found by its name. One that is missing is put where the file has it, or on the next free level above the
    one before it.

    :param data: plan as `engine.Plan.to_dict` writes it
    :param dict levels: {name: level} of the ranks as the file says, see the key `ranks`
    :param ranks: `mlm.rank` records of the company
    :param problem: called with (rule, path, message, **values)
    :ivar levels: the level of each rank of the ladder
    :ivar missing: {level: name} of those that the company lacks
    """

    def __init__(self, data, levels, ranks, problem):
        ladder = data.get('ranks') or {'ranks': []}
        self.ladder, self.levels, self.missing = ladder, [], {}
        by_name = {rank.name: rank.level for rank in ranks}
        taken = {rank.level for rank in ranks}
        for number, row in enumerate(ladder['ranks']):
            before = self.levels[-1] if self.levels else 0
            level = by_name.get(row['name'])
            if level is None:
                level = max(levels.get(row['name'], number + 1), before + 1)
                while level in taken:
                    level += 1
                self.missing[level] = row['name']
                taken.add(level)
            if level <= before:
                problem('', f'ranks.ranks[{number}].name', _(
                    'The rank %(name)s stands below %(before)s here. Bring the ranks into the order of the file first.'),
                    name=row['name'], before=ladder['ranks'][number - 1]['name'])
            self.levels.append(level)
        for rule in data['rules'] if self.levels else ():
            for unknown in sorted(rank_numbers({'rules': [rule]}) - set(range(len(self.levels)))):
                problem(rule['name'], 'params', _('There is no rank with the number %(rank)s; the ladder has %(count)s.'),
                        rank=unknown, count=len(self.levels))

    def level(self, number):
        """The level of a rank by its number in the file; where there is no ladder they are the same."""
        return self.levels[number] if 0 <= number < len(self.levels) else number

    def params(self, params):
        """The parameters of a rule with levels in place of numbers."""
        return renumbered(params, self.level) if self.levels else params

    def values(self):
        """The plan's own settings of ranks."""
        return {'rank_source': 'qualified', 'rank_compression': self.ladder['compression']} if self.levels else {}

    def rows(self):
        """Yield (level, values of `mlm.plan.rank`)."""
        kept = self.ladder.get('maintenance') or self.ladder['ranks']
        for number, level in enumerate(self.levels):
            reach, keep = (self._conditions(rows[number]) for rows in (self.ladder['ranks'], kept))
            yield level, {
                'conditions': reach, 'is_kept_otherwise': reach != keep, 'maintenance': keep if reach != keep else False}

    def _conditions(self, row):
        conditions = {name: value for name, value in row.items() if name != 'name'}
        if conditions.get('ranked_legs'):
            conditions['leg_rank'] = self.level(conditions['leg_rank'])
        return conditions
