# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import base64
import copy
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from ..docs import plan_file as document
from .common import CommissionCommon

ADDON = Path(__file__).parents[1]
# Rates 20 / 12 / 10: C sells for 100.
SCENARIO = {
    'title': 'Three rates',
    'agents': [{'name': 'A', 'rate': '20'}, {'name': 'B', 'sponsor': 'A', 'rate': '12'},
               {'name': 'C', 'sponsor': 'B', 'rate': '10'}],
    'plan': {'name': 'Rates', 'rules': [{'kind': 'differential', 'name': 'Differential'}]},
    'sales': [{'id': 1, 'seller': 'C', 'net': '100'}],
    'expected': {'agents': {'C': '10', 'B': '2', 'A': '8'}},
}


@tagged('post_install', '-at_install')
class TestSimulation(CommissionCommon):

    def _simulate(self, data, **values):
        content = data if isinstance(data, bytes) else json.dumps(data).encode()
        return self.env['mlm.simulation'].create({'file': base64.b64encode(content), **values})

    def test_who_gets_what_and_why(self):
        officer = new_test_user(self.env, 'sim_officer', groups='mlm_network.group_officer')
        form = Form(self.env['mlm.simulation'].with_user(officer))
        form.file = base64.b64encode(json.dumps(SCENARIO).encode())
        self.assertTrue(form.is_valid)
        for text in ('Three rates', '<svg', '8.00', 'Agent A has 20 %; 12 % were already reached',
                     'as the file expects'):
            self.assertIn(text, form.result)

    def test_another_outcome_than_expected(self):
        data = copy.deepcopy(SCENARIO)
        data['expected']['agents']['A'] = '9'
        result = self._simulate(data).result
        self.assertIn('expected.agents.A', result)
        self.assertNotIn('as the file expects', result)

    def test_by_a_plan_of_the_company(self):
        levels = self._plan('Levels', 'level', {'rates': ['7']})
        wizard = self._simulate(SCENARIO, plan_id=levels.id)
        self.assertIn('7.00', wizard.result)
        self.assertNotIn('8.00', wizard.result)

    def test_periods_are_told_apart(self):
        data = {key: value for key, value in SCENARIO.items() if key not in ('sales', 'expected')}
        data['periods'] = [{'sales': SCENARIO['sales']}, {'sales': [{'id': 2, 'seller': 'A', 'net': '50'}]}]
        result = self._simulate(data).result
        self.assertIn('Period 2', result)
        self.assertIn('20 % of 50.00 is 10.00', result)

    def test_problems_by_field(self):
        data = copy.deepcopy(SCENARIO)
        data['agents'][1]['sponsor'] = 'Nobody'
        data['sales'][0]['net'] = 'much'
        data['plan']['rules'][0]['params'] = {'colour': 'red'}
        wizard = self._simulate(data)
        self.assertFalse(wizard.is_valid)
        for text in ('agents[1].sponsor', 'sales[0].net', 'params.colour'):
            self.assertIn(text, wizard.result)
        for content in (b'{', b'[]', b'{}', b'\xff', b'{"agents": 7, "plan": 7}',
                        b'{"agents": [7], "plan": {}, "sales": [7]}'):
            wizard = self._simulate(content)
            self.assertFalse(wizard.is_valid, content)
            self.assertIn('alert', wizard.result)

    def test_files_of_another_shape(self):
        for name, value in (('expected', 7), ('expected', {'agents': 7}), ('periods', [7]),
                            ('sales', [{**SCENARIO['sales'][0], 'attributes': 'x'}]),
                            ('sales', [{**SCENARIO['sales'][0], 'attributes': {'product': [1]}}])):
            wizard = self._simulate({**SCENARIO, name: value})
            wizard.result  # noqa: B018
            self.assertIn('alert', wizard.result, (name, value))
            self.assertFalse(wizard.is_valid, (name, value))

    def test_a_loop_is_named(self):
        data = copy.deepcopy(SCENARIO)
        data['agents'][0]['sponsor'] = 'C'
        wizard = self._simulate(data)
        self.assertFalse(wizard.is_valid)
        self.assertIn('alert', wizard.result)

    def test_nothing_is_kept(self):
        before = (self.env['mlm.plan'].search_count([]), self.env['res.partner'].search_count([]))
        self._simulate(SCENARIO).result  # noqa: B018
        self.assertEqual((self.env['mlm.plan'].search_count([]), self.env['res.partner'].search_count([])), before)

    def test_who_may(self):
        for groups in ('base.group_user', 'base.group_portal'):
            user = new_test_user(self.env, f'sim_{groups[-6:]}', groups=groups)
            with self.assertRaises(AccessError):
                self.env['mlm.simulation'].with_user(user).create({})
        stranger = new_test_user(self.env, 'sim_other', groups='mlm_network.group_officer',
                                 company_id=self.env['res.company'].create({'name': 'Other'}).id)
        wizard = self.env['mlm.simulation'].with_user(stranger).create(
            {'file': base64.b64encode(json.dumps(SCENARIO).encode()), 'plan_id': self.plan.id})
        with self.assertRaises(AccessError):
            wizard.result  # noqa: B018

    def test_without_a_database(self):
        """What ``setup/simulate`` runs, in a process that knows nothing of Odoo."""
        path = Path(self.enterContext(tempfile.TemporaryDirectory())) / 'scenario.json'
        path.write_text(json.dumps(SCENARIO), encoding='utf-8')
        done = subprocess.run([sys.executable, '-m', 'engine.scenario', str(path), '--json'],
                              env={'PYTHONPATH': str(ADDON), 'PYTHONDONTWRITEBYTECODE': '1'}, capture_output=True,
                              text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)['periods'][0]['agents'], {'A': '8', 'B': '2', 'C': '10'})

    def test_the_documentation_is_current(self):
        text = document.SCENARIOS.read_text(encoding='utf-8')
        self.assertEqual(text.partition(document.MARK)[2], document.generated_scenario())
        [example] = text.partition(document.MARK)[0].split('```json')[1:]
        wizard = self._simulate(example.partition('```')[0].encode())
        self.assertTrue(wizard.is_valid)
        self.assertIn('as the file expects', wizard.result)
