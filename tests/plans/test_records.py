# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Every scenario file a second time: through agreements, a plan's records, orders, invoices and calculated periods."""
from pathlib import Path

from odoo.tests import tagged

from odoo.addons.mlm_commission.tests.scenario_records import ScenarioRecords, obstacle, read

FOLDER = Path(__file__).parents[1] / 'scenarios'
# What records cannot hold; each of them is paid by the engine's own tests.
LEFT_OUT = {
    path.stem for path in sorted(FOLDER.glob('*.json')) if obstacle(read(path))
}


@tagged('post_install', '-at_install')
class TestScenarios(ScenarioRecords):
    """One test for each file, made below."""

    def _check_file(self, path):
        data = read(path)
        refused = (data.get('expected') or {}).get('refused')
        if refused:
            _plan, problems, _reader = self.env['mlm.plan']._read_file({'plan': data['plan']})
            self.assertTrue(any(refused.removeprefix('plan.') in problem for problem in problems), problems)
            return
        self.check(data, self.run_scenario(data))


def _make(path):
    def test(self):
        self._check_file(path)
    return test


for _path in sorted(FOLDER.glob('*.json')):
    if _path.stem not in LEFT_OUT:
        setattr(TestScenarios, 'test_' + _path.stem.replace('-', '_'), _make(_path))


@tagged('post_install', '-at_install')
class TestWhatIsLeftOut(ScenarioRecords):

    def test_a_wrong_figure_is_noticed(self):
        data = read(FOLDER / 'w08-three-rates.json')
        outcome = self.run_scenario(data)
        self.check(data, outcome)
        data['expected']['agents']['A'] = '8.01'
        with self.assertRaises(AssertionError):
            self.check(data, outcome)

    def test_nothing_is_left_out(self):
        """If a file must be left out, this says which and what records lack for it."""
        self.assertFalse({path.stem: obstacle(read(path)) for path in FOLDER.glob('*.json') if path.stem in LEFT_OUT})
