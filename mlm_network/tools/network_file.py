# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""A file that tells of a whole network: its rows in any order, sponsors by code. Read and checked as a whole before
anything of it is stored; plain Python.
"""

from collections import defaultdict, namedtuple

from ..const import SPONSOR_STATES

# code, sponsor: of the contact and of who stands above, None if empty; date: from which day on, None for today; state:
# one of AGENT_STATES, None if the file does not say it in words we know.
Row = namedtuple('Row', 'code sponsor date state')
# row: index in the file; kind: which rule is broken; values: what a message needs.
Problem = namedtuple('Problem', 'row kind values')


class NetworkFile:
    """What a file says about places.

    A contact may come several times, from different days on: that is its history.

    :param list rows: ``Row`` of each row of the file
    :param dict known: ``{code: sponsor's code or None}`` of the contacts that are there already: those whom the file
        names and everybody above them
    :param date today: what an empty date stands for
    :param bool dryrun: whether the file is only tried, batch by batch, so that nobody of another batch is there
    """

    def __init__(self, rows, known, today, dryrun=False):
        self.rows = rows
        self.known = known
        self.today = today
        self.dryrun = dryrun
        self.table = None  # the cells in the file's order, where the whole file goes in by batches
        self.rows_of = defaultdict(list)
        for index, row in enumerate(rows):
            if row.code:
                self.rows_of[row.code].append(index)
        for indexes in self.rows_of.values():
            indexes.sort(key=self._date)
        self.order = self._sort()

    def __contains__(self, code):
        return code in self.rows_of

    def problems(self):
        """What is wrong, in the order of the rows.

        :rtype: list[Problem]
        """
        found = [*self._doubled(), *self._loops()]
        wrong = {problem.row for problem in found}
        for index, row in enumerate(self.rows):
            if row.date and row.date > self.today:
                found.append(Problem(index, 'future', {'date': row.date}))
            elif row.sponsor and index not in wrong:
                found += self._sponsor_problems(index, row)
        return sorted(found, key=lambda problem: problem.row)

    def _date(self, index):
        return self.rows[index].date or self.today

    def _sort(self):
        """Indexes of the rows, oldest places first, and of one day sponsors before those whom they sponsor."""
        levels = {}
        for start in range(len(self.rows)):
            path = []
            index = start
            while index is not None and index not in levels:
                levels[index] = 0  # ends on a loop, too, which is told by problems()
                path.append(index)
                index = self._row_before(index)
            level = -1 if index is None else levels[index]
            for below in reversed(path):
                level += 1
                levels[below] = level
        return sorted(range(len(self.rows)), key=lambda index: (self._date(index), levels[index], index))

    def _row_before(self, index):
        """The row of the same day that must be stored before this one, None if there is none."""
        first = self.rows_of.get(self.rows[index].sponsor, (None,))[0]
        return first if first is not None and first != index and self._date(first) == self._date(index) else None

    def _doubled(self):
        for code, indexes in self.rows_of.items():
            first = {}
            for index in sorted(indexes):
                date = self._date(index)
                if date in first:
                    yield Problem(index, 'double', {'code': code, 'row': first[date] + 1})
                first.setdefault(date, index)

    def _loops(self):
        """Contacts who would stand above themselves, once everything is stored."""
        above = {**self.known, **{code: self.rows[indexes[-1]].sponsor for code, indexes in self.rows_of.items()}}
        done = set()
        for start in self.rows_of:
            path = {}
            code = start
            while code and code not in done and code not in path:
                path[code] = len(path)
                code = above.get(code)
            if code in path:
                circle = list(path)[path[code]:]
                for member in circle:
                    if member in self.rows_of:
                        yield Problem(self.rows_of[member][-1], 'own' if len(circle) == 1 else 'loop', {
                            'code': member, 'sponsor': above[member]})
            done.update(path)

    def _sponsor_problems(self, index, row):
        indexes = self.rows_of.get(row.sponsor)
        values = {'sponsor': row.sponsor}
        if not indexes and row.sponsor not in self.known:
            yield Problem(index, 'unknown', values)
        elif indexes and row.sponsor not in self.known:
            states = {self.rows[other].state for other in indexes}
            if self._date(indexes[0]) > self._date(index):
                yield Problem(index, 'early', {
                    **values, 'date': self._date(index), 'since': self._date(indexes[0]), 'row': indexes[0] + 1})
            elif None not in states and states.isdisjoint(SPONSOR_STATES):
                yield Problem(index, 'no_sponsor', {**values, 'row': indexes[0] + 1})
