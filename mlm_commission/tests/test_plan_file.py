# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import base64
import json
from pathlib import Path

import jsonschema

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, HttpCase, new_test_user, tagged

from .. import engine, plan_file
from ..docs import plan_file as document
from .common import CommissionCommon

DOCUMENT = Path(__file__).parents[1] / 'docs' / 'plan-file.md'


@tagged('post_install', '-at_install')
class TestPlanFile(CommissionCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        parts = cls.env['product.category'].create({'name': 'Parts'})
        cls.screws = cls.env['product.category'].create({'name': 'Screws', 'parent_id': parts.id})
        cls.product_a.default_code = 'WASHER-1'
        cls.env['mlm.rank'].search([]).active = False
        cls.env.flush_all()
        cls.env['mlm.rank'].create({'name': 'Senior', 'level': 3})
        cls.rich = cls._plan(
            'Rich', 'level', {'own_rate': '2.5', 'rates': [{'rate': '7.5', 'min_rank': 3}, '2']}, trigger='paid')
        cls.rich.write({
            'rounding_mode': 'half_even', 'rounding_unit': 5, 'excluded_categ_ids': cls.screws.ids,
            'rule_ids': [
                Command.create({'name': 'Washers', 'kind': 'level', 'params': {'rates': ['3']},
                                'product_ids': cls.product_a.ids}),
                Command.create({'name': 'Parts', 'kind': 'infinity', 'categ_ids': parts.ids, 'overlap': 'add',
                                'params': {'layers': [{'rank': 3, 'rate': '1'}]}}),
            ]})

    def _import(self, data):
        content = data if isinstance(data, bytes) else json.dumps(data).encode()
        return self.env['mlm.plan'].with_company(self.company)._read_file(content)

    def test_there_and_back(self):
        text = self.rich._to_file_text()
        copy = self.env['mlm.plan'].with_company(self.company)._create_from_file(text.encode())
        self.assertNotEqual(copy, self.rich)
        self.assertEqual(copy.state, 'draft')
        self.assertEqual(copy._parse().digest(), self.rich._parse().digest())
        self.assertEqual(copy._to_file_text(), json.dumps(
            {**json.loads(text), 'plan': {**json.loads(text)['plan'], 'rules': copy._to_file()['plan']['rules']}},
            indent=2, ensure_ascii=False) + '\n')
        self.assertEqual((copy.trigger, copy.excluded_categ_ids), ('paid', self.screws))
        copy.action_activate()

    def test_a_file_speaks_in_names(self):
        data = self.rich._to_file()
        self.assertEqual([rule['scope'].get('only') for rule in data['plan']['rules']],
                         [None, {'product': ['WASHER-1']}, {'category': ['Parts']}])
        self.assertEqual(data['excluded'], {'category': ['Parts / Screws']})
        self.assertEqual(data['ranks'], [{'level': 3, 'name': 'Senior'}])
        jsonschema.validate(data, plan_file.file_schema())

    def test_liability_there_and_back(self):
        """Every kind of terms; those that are known are used, others of the same name are made beside them."""
        liabilities = self.env['mlm.liability']
        for values, written in (
                ({'kind': 'full', 'months': 6}, {'kind': 'full', 'months': 6}),
                ({'kind': 'time', 'months': 60, 'reserve_rate': 12.5}, {'kind': 'time', 'months': 60, 'reserve': '12.5'}),
                ({'kind': 'steps', 'step_ids': [Command.create({'months': 24, 'percent': 33.33}),
                                                Command.create({'months': 12, 'percent': 100})]},
                 {'kind': 'steps', 'steps': [{'months': 12, 'percent': '100'}, {'months': 24, 'percent': '33.33'}]}),
                ({'kind': 'payments', 'payments': 3, 'gradual': True}, {'kind': 'payments', 'payments': 3, 'gradual': True}),
                ({'kind': 'none', 'last_day': '2026-12-31'}, {'kind': 'none', 'last_day': '2026-12-31'})):
            with self.subTest(values['kind']):
                terms = liabilities.create({'name': 'Terms', **values})
                self.rich.liability_id = terms
                data = json.loads(self.rich._to_file_text())
                self.assertEqual(data['liability'], {'name': 'Terms', **written})
                jsonschema.validate(data, plan_file.file_schema())
                copy = self.env['mlm.plan'].with_company(self.company)._create_from_file(data)
                self.assertEqual(copy.liability_id, terms)
                data['liability']['name'] = 'Elsewhere'
                copy = self.env['mlm.plan'].with_company(self.company)._create_from_file(data)
                self.assertNotEqual(copy.liability_id, terms)
                self.assertEqual(copy.liability_id._to_engine(), terms._to_engine())
                self.assertEqual(copy.liability_id.reserve_rate, terms.reserve_rate)

    def test_wrong_liability_is_told(self):
        for liability, words in (
                (7, 'liability · An object'),
                ({}, 'liability.name'),
                ({'name': 'x', 'kind': 'half'}, 'half is not one of: full, time'),
                ({'name': 'x', 'kind': 'time'}, 'liability.kind · These terms of liability are not complete'),
                ({'name': 'x', 'kind': 'full', 'months': -1}, 'liability.months'),
                ({'name': 'x', 'kind': 'full', 'months': True}, 'liability.months'),
                ({'name': 'x', 'kind': 'full', 'reserve': '101'}, 'liability.reserve · A percentage'),
                ({'name': 'x', 'kind': 'full', 'reserve': 'NaN'}, 'liability.reserve · A percentage'),
                ({'name': 'x', 'kind': 'full', 'last_day': 'soon'}, 'liability.last_day · A date'),
                ({'name': 'x', 'kind': 'steps', 'steps': [{'months': 12}]}, 'liability.steps[0] · A step'),
                ({'name': 'x', 'kind': 'steps', 'steps': [{'months': 12, 'percent': 1.234}]}, 'liability.steps[0].percent'),
                ({'name': 'x', 'kind': 'full', 'moths': 3}, 'liability.moths'),
        ):
            with self.subTest(words):
                _plan, problems, _reader = self._import({**self.rich._to_file(), 'liability': liability})
                self.assertTrue(any(words in problem for problem in problems), problems)
        self.assertFalse(self.env['mlm.liability'].search([('name', '=', 'x')]))

    def test_missing_ranks_come_along_and_known_ones_stay(self):
        data = {**self.rich._to_file(), 'ranks': [{'level': 2, 'name': 'Junior'}, {'level': 3, 'name': 'Other'}]}
        self.env['mlm.plan'].with_company(self.company)._create_from_file(data)
        ranks = self.env['mlm.rank'].search([('level', 'in', (2, 3)), ('company_id', 'in', (False, self.company.id))])
        self.assertEqual(ranks.mapped('name'), ['Junior', 'Senior'])

    def test_every_problem_at_once_with_rule_and_field(self):
        data = self.rich._to_file()
        rules = data['plan']['rules']
        rules[0]['params']['rates'][0]['rate'] = '700'
        rules[1]['scope']['only'] = {'product': ['NO-SUCH']}
        rules[2]['scope'] = {'except': {'category': [1]}, 'only': {'country': [1]}}
        data['excluded'] = {'category': ['Nowhere'], 'colour': ['red']}
        data['trigger'] = 'never'
        data['ranks'] = [{'level': 0, 'name': 'Zero'}]
        _plan, problems, _reader = self._import(data)
        text = '\n'.join(problems)
        for words in ('Rich: level · Rates by level, row 1, Rate',
                      'Washers · scope.only.product[0] · There is no product "NO-SUCH"',
                      'excluded.category[0] · There is no product category "Nowhere"', 'excluded.colour',
                      'trigger · never is not one of', 'ranks[0]'):
            self.assertIn(words, text)
        with self.assertRaisesRegex(ValidationError, 'NO-SUCH'):
            self.env['mlm.plan']._create_from_file(data)

    def test_what_a_plan_in_odoo_cannot_hold_is_refused_not_lost(self):
        data = self.rich._to_file()['plan']
        del data['rules'][1:]
        data.update(point_value='2')
        data['rules'][0].update(scope={'except': {'country': [1]}, 'only': {'weekday': [1]}})
        _plan, problems, _reader = self._import(data)
        text = '\n'.join(problems)
        for words in ('point_value', 'scope.except.country', 'scope.only.weekday'):
            self.assertIn(words, text)

    def _ladder_file(self):
        """A plan whose ranks are earned, as it stands in a file."""
        return {
            'format': 1, 'trigger': 'invoiced',
            'plan': {
                'schema': 1, 'name': 'Ladder', 'currency_digits': 2, 'rounding': {'mode': 'half_up', 'unit': 1},
                'rules': [{'kind': 'differential', 'name': 'Career', 'base': 'net', 'params': {
                    'source': 'rank', 'rates': [{'rank': 0, 'rate': '5'}, {'rank': 1, 'rate': '10'}]}},
                    {'kind': 'level', 'name': 'Levels', 'params': {'rates': [{'rate': '1', 'min_rank': 1}, '1']}}],
                'ranks': {
                    'ranks': [{'name': 'Star', 'personal_points': '100'},
                              {'name': 'Sun', 'group_points': '500.5', 'ranked_legs': 1, 'leg_rank': 0}],
                    'maintenance': [{'name': 'Star', 'personal_points': '100'}, {'name': 'Sun', 'group_points': '400'}],
                    'compression': 'standard'},
                'activity': {'pay_points': '10', 'rank_value': '20.5'},
            },
            'ranks': [{'level': 1, 'name': 'Star'}, {'level': 2, 'name': 'Sun', 'shares': 4}],
        }

    def test_a_ladder_there_and_back(self):
        """Ranks by name, wherever they stand in the other database: Senior, here on level 3, is in nobody's way."""
        self.env['mlm.rank'].create({'name': 'Novice', 'level': 1})
        data = self._ladder_file()
        jsonschema.validate(data, plan_file.file_schema())
        plan = self.env['mlm.plan'].with_company(self.company)._create_from_file(data)
        self.assertEqual([(row.rank_id.name, row.level, row.shares) for row in plan.rank_ids.sorted('level')],
                         [('Star', 2, 0), ('Sun', 4, 4)])
        star, sun = plan.rank_ids.sorted('level')
        self.assertEqual((star.is_kept_otherwise, sun.is_kept_otherwise), (False, True))
        self.assertEqual((sun.conditions['leg_rank'], sun.maintenance['group_points']), (2, '400'))
        self.assertEqual(plan.rule_ids[0].params['rates'], [{'rank': 2, 'rate': '5'}, {'rank': 4, 'rate': '10'}])
        self.assertEqual((plan.rank_source, plan.rank_compression), ('qualified', 'standard'))
        self.assertEqual((plan.activity_pay_points, plan.activity_rank_value), (10, 20.5))
        self.assertEqual(plan._parse().digest(), engine.Plan.parse(data['plan']).digest())
        again = plan._to_file()
        self.assertEqual(again['ranks'], [{'level': 2, 'name': 'Star'}, {'level': 4, 'name': 'Sun', 'shares': 4}])
        twin = self.env['mlm.plan'].with_company(self.company)._create_from_file(again)
        self.assertEqual(twin._parse().digest(), plan._parse().digest())
        self.assertEqual(twin.rank_ids.rank_id, plan.rank_ids.rank_id, 'no rank twice')
        twin.action_activate()

    def test_a_ladder_in_words_before_it_is_kept(self):
        wizard = self.env['mlm.plan.import'].with_company(self.company).create({
            'file': base64.b64encode(json.dumps(self._ladder_file()).encode()), 'company_id': self.company.id})
        self.assertTrue(wizard.is_valid, wizard.preview)
        for words in ('Needs 100 personal points, being active.', 'a leg with a Star', 'keeps it with 400 group points'):
            self.assertIn(words, wizard.preview)

    def test_problems_of_a_ladder(self):
        self.env['mlm.rank'].create([
            {'name': name, 'level': level, 'company_id': self.company.id} for name, level in (('Sun', 10), ('Star', 20))])
        _plan, problems, _reader = self._import(self._ladder_file())
        self.assertIn('Sun stands below Star', '\n'.join(problems))
        data = self._ladder_file()
        data['plan']['rules'][0]['params']['rates'].append({'rank': 2, 'rate': '20'})
        data['plan']['ranks']['ranks'][0]['personal_points'] = '-1'
        data['ranks'][0]['shares'] = 'many'
        _plan, problems, _reader = self._import(data)
        text = '\n'.join(problems)
        self.assertIn('ranks[0].shares', text)
        self.assertIn('-1 is below', text)
        data['plan']['ranks']['ranks'][0]['personal_points'] = '1'
        _plan, problems, _reader = self._import(data)
        self.assertIn('Career · params · There is no rank with the number 2; the ladder has 2.', problems)

    def test_a_name_that_two_products_have(self):
        self.env['product.product'].create([{'name': 'Twin'}, {'name': 'Twin'}])
        data = self.rich._to_file()
        data['plan']['rules'][1]['scope']['only'] = {'product': ['Twin']}
        _plan, problems, _reader = self._import(data)
        self.assertEqual(problems, ['Washers · scope.only.product[0] · 2 records have the name "Twin": give each its own.'])

    def test_a_rule_that_pays_for_recruiting_is_refused(self):
        data = self.rich._to_file()
        data['plan']['rules'] = [{'kind': 'level', 'name': 'Recruits', 'params': {'rates': ['5']},
                                  'scope': {'only': {'enrolment': [1]}}}]
        _plan, problems, _reader = self._import(data)
        self.assertTrue(
            any('Recruits' in problem and 'needs a sale' in problem for problem in problems), problems)

    def test_files_that_are_none(self):
        for content, words in (
            (b'{', 'no valid JSON'), (b'\xff\xfe', 'UTF-8'), (b'[]', 'JSON object'), (b'{}', 'must be an object'),
            (b'{"plan": {"name": "x", "rules": 7}}', 'at least one rule'),
            (b'{"plan": {"name": "x", "rules": [{"kind": "magic"}]}}', 'magic'),
            (b'{"plan": {"name": "x", "rules": [7]}, "excluded": 7, "ranks": 7}', 'object'),
        ):
            _plan, problems, _reader = self._import(content)
            self.assertIn(words, '\n'.join(problems), content)

    def test_wizard_says_what_it_would_do(self):
        manager = new_test_user(self.env, 'gal_manager', groups='mlm_network.group_manager', company_id=self.company.id,
                                company_ids=self.company.ids)
        form = Form(self.env['mlm.plan.import'].with_user(manager).with_company(self.company))
        form.file = base64.b64encode(self.rich._to_file_text().encode())
        self.assertTrue(form.is_valid)
        self.assertIn('7.5 / 2 %', form.preview)
        self.assertIn('Only for Parts', form.preview)
        before = self.env['mlm.plan'].search_count([])
        wizard = form.save()
        wizard.file_name = 'rich.json'
        action = wizard.action_import()
        self.assertEqual(self.env['mlm.plan'].search_count([]), before + 1)
        plan = self.env['mlm.plan'].browse(action['res_id'])
        self.assertEqual((plan.name, plan.company_id), ('Rich', self.company))
        self.assertIn('rich.json', plan.message_ids[0].body)
        form = Form(self.env['mlm.plan.import'].with_user(manager))
        form.file = base64.b64encode(json.dumps({'plan': {'name': 'x', 'rules': [
            {'kind': 'level', 'name': 'L', 'params': {'rates': ['150']}}]}}).encode())
        self.assertFalse(form.is_valid)
        self.assertIn('L · Rates by level, row 1', form.preview)

    def test_the_documentation_is_current(self):
        """Where it is not, ``mlm_commission/docs/write.py`` writes it anew."""
        text = DOCUMENT.read_text(encoding='utf-8')
        self.assertEqual(text.partition(document.MARK)[2], document.generated())
        for example in text.partition(document.MARK)[0].split('```json')[1:]:
            data = json.loads(example.partition('```')[0])
            jsonschema.validate(data, plan_file.file_schema())
            data['plan']['rules'] = [{**rule, 'scope': {}} for rule in data['plan']['rules']]
            _plan, problems, _reader = self._import({**data, 'excluded': {}})
            self.assertFalse(problems)

    def test_who_may(self):
        officer = new_test_user(self.env, 'gal_officer', groups='mlm_network.group_officer')
        with self.assertRaises(AccessError):
            self.env['mlm.plan.import'].with_user(officer).create({})
        with self.assertRaises(AccessError):
            self.env['mlm.plan'].with_user(officer).with_company(self.company)._create_from_file(self.rich._to_file())
        url = f'/mlm_commission/plan/{self.rich.id}.json'
        reader = new_test_user(self.env, 'gal_reader', password='gal_reader', groups='mlm_network.group_officer',
                               company_id=self.company.id, company_ids=self.company.ids)
        new_test_user(self.env, 'gal_plain', password='gal_plain', groups='base.group_user',
                      company_id=self.company.id, company_ids=self.company.ids)
        new_test_user(self.env, 'gal_portal', password='gal_portal', groups='base.group_portal')
        self.authenticate(reader.login, reader.login)
        response = self.url_open(url)
        self.assertEqual(response.json(), self.rich._to_file())
        self.assertIn('rich-v1.json', response.headers['Content-Disposition'])
        self.assertEqual(self.url_open('/mlm_commission/plan/999999.json').status_code, 404)
        for login in ('gal_plain', 'gal_portal'):
            self.authenticate(login, login)
            self.assertEqual(self.url_open(url).status_code, 403, login)
        self.authenticate(None, None)
        self.assertNotIn('"format"', self.url_open(url).text)
        stranger = new_test_user(self.env, 'gal_other', password='gal_other', groups='mlm_network.group_manager',
                                 company_id=self.env['res.company'].create({'name': 'Other'}).id)
        self.authenticate(stranger.login, stranger.login)
        self.assertEqual(self.url_open(url).status_code, 403)
