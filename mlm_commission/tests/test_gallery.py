# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import jsonschema

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .. import engine, gallery, plan_file
from ..engine.scenario_file import Scenario
from .scenario_records import ScenarioRecords

INDUSTRIES = ['cosmetics', 'cleaning', 'white-goods', 'medical', 'insurance', 'claims']


@tagged('post_install', '-at_install')
class TestGallery(ScenarioRecords):

    def _gallery(self, user=None):
        model = self.env['mlm.plan.gallery'].with_user(user or self.env.user).with_company(self.company)
        return model.search(model.action_open()['domain'])

    def test_one_for_each_industry(self):
        self.assertEqual(list(gallery.plans()), INDUSTRIES)
        self.assertEqual(self._gallery().mapped('key'), INDUSTRIES)

    def test_files_are_valid(self):
        for key, content in gallery.plans().items():
            jsonschema.validate(content['file'], plan_file.file_schema())
            engine.Plan.parse(content['file']['plan'])
            texts = [content['title'], content['for'], content['example']['note']]
            self.assertTrue(all(text.keys() == {'en', 'de', 'pl'} and all(text.values()) for text in texts), key)
            plan = content['file']['plan']
            names = {plan['name'], *(rule['name'] for rule in plan['rules']),
                     *(rank['name'] for rank in content['file'].get('ranks', ())),
                     *filter(None, [content['file'].get('liability', {}).get('name')])}
            self.assertEqual(names, content['translations'].keys(), key)

    def test_examples_come_out_on_the_engine(self):
        for key, content in gallery.plans().items():
            scenario = Scenario(gallery.scenario(content))
            self.assertEqual(scenario.differences(scenario.run()), [], key)
            self.assertEqual(content['example']['expected'].keys(), {'agents', 'total'}, key)

    def _through_records(self, key):
        entry = self._gallery().filtered(lambda entry: entry.key == key)
        action = entry.action_use()
        plan = self.env['mlm.plan'].browse(action['res_id'])
        self.assertEqual(plan.state, 'draft')
        self.assertEqual(
            set(self.env['mlm.rank'].search([('company_id', '=', self.company.id)]).mapped('name')),
            {rank['name'] for rank in entry._content()['file'].get('ranks', ())})
        data = gallery.scenario(entry._content())
        self.check(data, self.run_scenario(data, plan))

    def test_cosmetics_through_records(self):
        self._through_records('cosmetics')

    def test_cleaning_through_records(self):
        self._through_records('cleaning')

    def test_white_goods_through_records(self):
        self._through_records('white-goods')

    def test_medical_through_records(self):
        self._through_records('medical')

    def test_insurance_through_records(self):
        self._through_records('insurance')
        entry = self._gallery().filtered(lambda entry: entry.key == 'insurance')
        self.assertIn('equal parts over 60 months', entry.words)
        terms = self.env['mlm.plan'].browse(entry.action_use()['res_id']).liability_id
        self.assertRecordValues(terms, [{'kind': 'time', 'months': 60, 'reserve_rate': 10}])

    def test_claims_through_records(self):
        self._through_records('claims')

    def test_card_shows_picture_words_and_figures(self):
        claims = self._gallery().filtered(lambda entry: entry.key == 'claims')
        self.assertEqual(claims.name, 'Compensation claims')
        for text in ('<svg', 'Anna', '184.00', '12 %'):
            self.assertIn(text, claims.picture)
        self.assertIn('Sponsor bonus', claims.words)
        self.assertIn('570.40', claims.example)

    def test_in_german(self):
        self.env['res.lang']._activate_lang('de_DE')
        claims = self._gallery().with_context(lang='de_DE').filtered(lambda entry: entry.key == 'claims')
        self.assertEqual(claims.name, 'Schadenersatz')
        self.assertIn('Sponsorbonus', claims.words)
        self.assertIn('Sponsorbonus', claims.example)
        plan = self.env['mlm.plan'].browse(claims.action_use()['res_id'])
        self.assertEqual(plan.with_context(lang='de_DE').name, 'Schadenersatz: eigene Sätze')
        self.assertEqual(plan.with_context(lang='en_US').rule_ids.mapped('name'), ['Differential', 'Sponsor bonus'])
        plan.with_context(lang='de_DE')._parse()

    def test_used_twice_makes_two_plans_and_the_ranks_once(self):
        entry = self._gallery().filtered(lambda entry: entry.key == 'insurance')
        first, second = entry.action_use()['res_id'], entry.action_use()['res_id']
        self.assertNotEqual(first, second)
        self.assertEqual(self.env['mlm.rank'].search_count([('company_id', '=', self.company.id)]), 4)

    def test_currency_without_cents(self):
        yen = self.env['res.currency'].with_context(active_test=False).search([('name', '=', 'JPY')])
        company = self.env['res.company'].create({'name': 'Tokyo', 'currency_id': yen.id})
        self.env.user.company_ids += company
        plan = self.env['mlm.plan'].browse(self._gallery()[0].with_company(company).action_use()['res_id'])
        self.assertEqual(plan.company_id, company)
        self.assertEqual(plan._parse().settings.currency_digits, 0)

    def test_managers_only(self):
        for groups, name in (('mlm_network.group_officer', 'officer'), ('base.group_user', 'plain'),
                             ('base.group_portal', 'portal')):
            with self.assertRaises(AccessError):
                self._gallery(new_test_user(self.env, f'gallery_{name}', groups=groups))
        manager = new_test_user(self.env, 'gallery_manager', groups='mlm_network.group_manager',
                                company_id=self.company.id, company_ids=self.company.ids)
        self.assertTrue(self._gallery(manager)[0].action_use()['res_id'])
