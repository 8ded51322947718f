# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Scenario files: people, a plan and sales in one JSON file, and what is expected to come out."""

from dataclasses import dataclass, replace

import numpy as np

from .clawback import adjust
from .entries import Entries
from .errors import PlanErrors, Problem
from .i18n import _
from .model import Sales, Terms
from .money import muldiv
from .network import Network
from .params import decimal_text, parse_all
from .plan import Plan
from .ranks import Volumes, qualifier_of, volumes_of
from .scenario_schema import AGENT, REVERSAL, SALE, scenario_schema
from .settle import prepare
from .state import State


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one period of a scenario came to.

    :param Run run: prepared run
    :param Sales sales: the period's sales
    :param State before: what the period before handed over
    :param Entries entries: all commissions and reversals of the period
    :param State state: what is handed on
    :param tuple ranks: number of the rank each agent is paid as
    :param Sales changes: what came off earlier sales
    :param Entries taken: what was taken back for it
    """

    run: object
    sales: Sales
    before: State
    entries: Entries
    state: State
    ranks: tuple
    changes: Sales
    taken: Entries


class Scenario:
    """A scenario file that was read and found valid.

    :param dict data: see `scenario_schema`
    :raise PlanErrors: with every problem of the file, the plan's included
    """

    def __init__(self, data):
        self.problems = []
        self.data = data if isinstance(data, dict) else {}
        self._known(self.data, scenario_schema()['properties'], '')
        self.plan = self._plan()
        self.digits = self.plan.settings.currency_digits if self.plan else 2
        self.agents = self._table(AGENT, self.data.get('agents', []), 'agents')
        self.number = {row.get('name'): place for place, row in enumerate(self.agents, 1)}
        self.periods = self._periods()
        self._names()
        if self.problems:
            raise PlanErrors(self.problems)

    # === READING === #

    def _problem(self, path, message, values=None):
        self.problems.append(Problem('', path, message, values or {}))

    def _known(self, data, names, path):
        for name in data:
            if name not in names:
                self._problem(f'{path}{name}', _('%(name)s is not known here; known are: '
                                                 '%(choices)s.'),
                              {'name': str(name), 'choices': ', '.join(names)})

    def _plan(self):
        try:
            return Plan.parse(self.data.get('plan'))
        except PlanErrors as error:
            self.problems.extend(Problem(one.rule, f'plan.{one.path}'.rstrip('.'), one.message,
                                         one.values) for one in error.problems)
            return None

    def _table(self, params, rows, path, more=()):
        result = []
        for number, row in enumerate(rows if isinstance(rows, list) else [None]):
            place = f'{path}[{number}]'
            if not isinstance(row, dict):
                self._problem(place, _('An object is needed here.'))
                continue
            own = {name: value for name, value in row.items() if name not in more}
            parsed = parse_all(params, own, self.digits, lambda field, message, values, at=place:
                               self._problem(f'{at}.{field}', message, values))
            result.append({**parsed, **{name: row.get(name) for name in more}})
        return result

    def _periods(self):
        names = ('sales', 'reversals', 'expected')
        rows = self.data.get('periods')
        if rows is None:
            rows = [{name: self.data[name] for name in names if name in self.data}]
        if not isinstance(rows, list):
            self._problem('periods', _('A list of rows is needed here.'))
            return []
        return [self._period(row, names, f'periods[{number}].' if self.data.get('periods') else '')
                for number, row in enumerate(rows)]

    def _period(self, row, names, path):
        if not isinstance(row, dict):
            self._problem(path.rstrip('.'), _('An object is needed here.'))
            row = {}
        self._known(row, names, path)
        sales = self._table(SALE, row.get('sales', []), f'{path}sales', ('attributes',))
        for number, sale in enumerate(sales):
            self._codes(sale['attributes'], f'{path}sales[{number}].attributes')
        return {'sales': sales, 'expected': self._expected(row.get('expected', {}), path), 'path': path,
                'reversals': self._table(REVERSAL, row.get('reversals', []), f'{path}reversals')}

    def _codes(self, attributes, path):
        """Attributes are whole numbers by name."""
        if attributes is not None and not (isinstance(attributes, dict) and all(
                isinstance(code, int) and not isinstance(code, bool) for code in attributes.values())):
            self._problem(path, _('An object of whole numbers is needed here.'))

    def _expected(self, expected, path):
        """What is expected is an object, and so is what it says of agents and ranks."""
        if not isinstance(expected, dict):
            self._problem(f'{path}expected', _('An object is needed here.'))
            return {}
        for name in ('agents', 'ranks'):
            if not isinstance(expected.get(name, {}), dict):
                self._problem(f'{path}expected.{name}', _('An object is needed here.'))
                return {}
        return expected

    def _names(self):
        for number, row in enumerate(self.agents):
            if self.number.get(row.get('name')) != number + 1:
                self._problem(f'agents[{number}].name', _('Two agents have this name.'))
            for field in ('sponsor', 'placement'):
                if row.get(field) and row[field] not in self.number:
                    self._problem(f'agents[{number}].{field}',
                                  _('There is no agent with the name %(name)s.'),
                                  {'name': row[field]})
        sold = {sale.get('id') for period in self.periods for sale in period['sales']}
        for period in self.periods:
            for number, sale in enumerate(period['sales']):
                if 'seller' in sale and sale['seller'] not in self.number:
                    self._problem(f"{period['path']}sales[{number}].seller",
                                  _('There is no agent with the name %(name)s.'),
                                  {'name': sale['seller']})
            for number, row in enumerate(period['reversals']):
                if row.get('sale') not in sold:
                    self._problem(f"{period['path']}reversals[{number}].sale",
                                  _('There is no sale %(sale)s.'), {'sale': str(row.get('sale'))})

    # === PAYING === #

    def network(self):
        """Return the network; an agent's id is the position in the file, from 1."""
        ids = list(range(1, len(self.agents) + 1))
        above = [[self.number.get(row[field], 0) for row in self.agents]
                 for field in ('sponsor', 'placement')]
        placed = any(above[1])
        return Network.build(ids, above[0], np.array([row['active'] for row in self.agents], bool),
                             above[1] if placed else None,
                             [row['seat'] for row in self.agents] if placed else None)

    def terms(self, volumes, ranks, highest):
        """Return the terms of all agents for one period."""
        rates = [row['rate'] if row['agreement'] else -1 for row in self.agents]
        return Terms((np.array(rates, np.int32),), ranks, highest, volumes.points,
                     np.array([row['shares'] for row in self.agents], np.int64), volumes.value,
                     volumes.customers)

    def sales(self, network, rows):
        """Return the sales of one period."""
        names = sorted({name for row in rows for name in row['attributes'] or {}})
        return Sales.build(
            network, [row['id'] for row in rows], [self.number[row['seller']] for row in rows],
            origin=[row.get('origin', 0) for row in rows],
            **{param.name: [row[param.name] for row in rows] for param in SALE[2:]},
            attributes={name: [(row['attributes'] or {}).get(name, 0) for row in rows]
                        for name in names})

    def run(self):
        """Pay all periods.

        :return: list of `Outcome`
        :raise EngineError: when the file does not fit together
        """
        network, state, paid, outcomes, reversed_so_far = self.network(), State(), [], [], {}
        highest = np.array([row['highest'] for row in self.agents], np.int16)
        for period in self.periods:
            sales = self.sales(network, period['sales'])
            changes = self._changes(network, period['reversals'])
            terms = self._judged(network, self._volumes(network, sales, changes), highest)
            after = np.maximum(highest, terms.ranks)
            run = prepare(self.plan, network, terms)
            stream = run.stream(sales, state=state)
            # What is taken back may have been sold in this very period.
            known = Entries.concat([*paid, run.pay_slice(sales)])
            back = Entries.concat(list(self._reverse(period['reversals'], known, reversed_so_far)))
            if period['reversals']:
                stream.collect(changes, back)
            entries = list(stream)
            paid.extend(entries)
            outcomes.append(Outcome(run, sales, state, Entries.concat([*entries, back]),
                                    stream.state, tuple(terms.ranks.tolist()), changes, back))
            state, highest = stream.state, after
        return outcomes

    @staticmethod
    def _volumes(network, sales, changes):
        """Return what was sold in person, less what was taken back in the period."""
        sold, back = volumes_of(network, sales), volumes_of(network, changes)
        return Volumes(sold.points + back.points, sold.value + back.value, sold.customers)

    def _judged(self, network, volumes, highest):
        """Return the terms of one period, with the ranks that the plan finds or the file names."""
        terms = self.terms(volumes, np.array([row['rank'] for row in self.agents], np.int16), highest)
        if not self.plan.ladder:
            return terms
        return replace(terms, ranks=qualifier_of(self.plan, network, terms).judge(highest).paid)

    def _changes(self, network, rows):
        """Return the volumes that reversals take off, as sales; each value in proportion."""
        sold = {sale['id']: sale for period in self.periods for sale in period['sales']}
        changes = []
        for row in rows:
            sale = sold[row['sale']]
            values = np.array([sale[param.name] for param in SALE[2:]], np.int64)
            part = np.full(len(values), row['amount'], np.int64)
            whole = np.full(len(values), sale['net'] or 1, np.int64)
            taken = (-muldiv(values, part, whole)).tolist()
            changes.append({**sale, 'id': row['id'], 'origin': row['sale'],
                            **{param.name: value for param, value in zip(SALE[2:], taken)}})
        return self.sales(network, changes)

    def _reverse(self, rows, paid, reversed_so_far):
        bases = {sale['id']: sale['net'] for period in self.periods for sale in period['sales']}
        for row in rows:
            original = paid.take(paid.sale == row['sale'])
            base, before = bases.get(row['sale'], 0), reversed_so_far.get(row['sale'], 0)
            after = reversed_so_far[row['sale']] = before + row['amount']
            yield adjust(original, np.zeros(len(original), np.int32), [row['id']], [base], [before],
                         [after], mode=self.plan.rounding.mode)

    # === COMPARING === #

    def name(self, agent):
        """Return the name of an agent by id, an empty text for the company."""
        return self.agents[agent - 1]['name'] if agent else ''

    def amounts(self, entries):
        """Return the sum of each agent as text, by name."""
        return {self.name(agent): decimal_text(amount, self.digits) for agent, amount in zip(
            *(column.tolist() for column in entries.by_beneficiary())) if amount}

    def differences(self, outcomes):
        """Compare with what the file expects.

        :return: list of (path, expected, got), empty if all is as expected
        """
        result = []
        for period, outcome in zip(self.periods, outcomes):
            expected, path = period['expected'], f"{period['path']}expected"
            got = self.amounts(outcome.entries)
            if 'agents' in expected:
                wanted = {name: _plain(value) for name, value in expected['agents'].items()}
                result += [(f'{path}.agents.{name}', wanted.get(name, '0'), got.get(name, '0'))
                           for name in sorted(wanted.keys() | got.keys())
                           if wanted.get(name, '0') != got.get(name, '0')]
            total = decimal_text(outcome.entries.total(), self.digits)
            if 'total' in expected and _plain(expected['total']) != total:
                result.append((f'{path}.total', _plain(expected['total']), total))
            for name, rank in expected.get('ranks', {}).items():
                number = outcome.ranks[self.number[name] - 1]
                held = self.plan.ladder.rows[number]['name'] if number >= 0 else None
                if held != rank:
                    result.append((f'{path}.ranks.{name}', rank, held))
        return result


def _plain(value):
    """Write an amount of the file without needless zeros."""
    text = str(value)
    return text.rstrip('0').rstrip('.') if '.' in text else text


def refusal(data):
    """Return the field for which the plan of a scenario is expected to be refused, or None."""
    expected = data.get('expected') if isinstance(data, dict) else None
    return expected.get('refused') if isinstance(expected, dict) else None
