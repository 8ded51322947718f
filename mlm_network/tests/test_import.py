# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import io
import random
from datetime import date

import openpyxl

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import file_open

from ..tools.network_file import NetworkFile, Row
from .common import NetworkCommon

COLUMNS = ['mlm_agent_code', 'name', 'mlm_sponsor_code', 'mlm_agent_state', 'mlm_place_date']
LABELS = ['Agent Code', 'Name', 'Sponsor\'s Code', 'Agent State', 'Place Since']


class ImportCommon(NetworkCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(cls.env, 'import_officer', 'mlm_network.group_officer')
        cls.file = cls.env['res.partner'].with_user(cls.officer)

    def load(self, rows, columns=COLUMNS):
        return self.file.load(columns, [list(row) for row in rows])

    def loaded(self, rows, columns=COLUMNS):
        result = self.load(rows, columns)
        self.assertEqual(result['messages'], [])
        return self.Partner.browse(result['ids'])

    def refused_rows(self, rows, columns=COLUMNS):
        """``{index of the row: message}``; nothing was stored."""
        before = self.Partner.with_context(active_test=False).search_count([])
        result = self.load(rows, columns)
        self.assertFalse(result['ids'])
        self.assertEqual(self.Partner.with_context(active_test=False).search_count([]), before)
        return {message['record']: message['message'] for message in result['messages']}

    def by_code(self, code):
        return self.Partner.with_context(active_test=False).search([('mlm_agent_code', '=', code)])

    def places(self, *codes):
        return {code: self.by_code(code).mlm_sponsor_id.mlm_agent_code for code in codes}


@tagged('post_install', '-at_install')
class TestImport(ImportCommon):

    def test_any_order(self):
        """Who comes first in the file may stand lowest; the ids are in the order of the file."""
        partners = self.loaded([
            ('N3', 'Three', 'n2', 'Active', ''),
            ('N2', 'Two', ' N1 ', 'Active', ''),
            ('', 'Customer', 'N3', 'Not an Agent', ''),
            ('N1', 'One', '', 'Active', ''),
        ])
        self.assertEqual(partners.mapped('name'), ['Three', 'Two', 'Customer', 'One'])
        self.assertEqual(self.places('N1', 'N2', 'N3'), {'N1': False, 'N2': 'N1', 'N3': 'N2'})
        self.assertRecordValues(partners[2], [
            {'mlm_sponsor_id': partners[0].id, 'mlm_agent_state': 'none', 'mlm_agent_code': False}])

    def test_sponsor_column_of_names_takes_codes(self):
        self.bert.mlm_agent_code = 'BERT-1'
        partners = self.loaded(
            [('M2', 'Two', 'M1', 'Active'), ('M1', 'One', 'bert-1', 'Active'), ('M3', 'Three', 'Anna', 'Active')],
            ['mlm_agent_code', 'name', 'mlm_sponsor_id', 'mlm_agent_state'])
        self.assertEqual(partners.mlm_sponsor_id, partners[1] + self.bert + self.anna)

    def test_unknown_name_of_a_sponsor(self):
        """Whatever is no code may be a name, and then Odoo says that there is nobody of that name."""
        wrong = self.refused_rows(
            [('M2', 'Two', 'M1', 'Active'), ('M3', 'Three', 'Nobody At All', 'Active'), ('M1', 'One', 'Anna', 'Active')],
            ['mlm_agent_code', 'name', 'mlm_sponsor_id', 'mlm_agent_state'])
        self.assertEqual(set(wrong), {1})

    def test_dates_and_history(self):
        """A contact that comes several times has a history; a sponsor may have left since."""
        rows = [
            ('H3', 'Three', 'H2', 'Active', '2021-05-01'),
            ('H2', 'Two', 'H1', 'Terminated', '2023-01-01'),
            ('H3', 'Three', 'H1', 'Active', '2024-01-01'),
            ('H1', 'One', '', 'Active', '2020-01-01'),
            ('H2', 'Two', 'H1', 'Active', '2020-06-01'),
            ('H4', 'Four', 'H2', 'Active', '2020-06-01'),
        ]
        partners = self.loaded(rows)
        self.assertEqual(self.history(self.by_code('H3')), [
            ('Two', 'active', '2021-05-01', '2024-01-01'), ('One', 'active', '2024-01-01', None)])
        self.assertEqual(self.history(self.by_code('H2')), [
            ('One', 'active', '2020-06-01', '2023-01-01'), ('One', 'terminated', '2023-01-01', None)])
        self.assertEqual(str(self.by_code('H3').mlm_since), '2021-05-01')
        self.assertEqual(str(self.by_code('H3').mlm_place_date), '2024-01-01')
        tree = self.tree('2022-01-01')
        self.assertEqual({name: tree[name] for name in ('One', 'Two', 'Three')}, {'One': None, 'Two': 'One', 'Three': 'Two'})
        history = self.env['mlm.sponsorship'].search([('partner_id', 'in', partners.ids)])
        # again: nothing is doubled and nothing changes
        self.assertEqual(self.loaded(rows), partners)
        self.assertEqual(self.env['mlm.sponsorship'].search([('partner_id', 'in', partners.ids)]), history)

    def test_network_as_it_stands(self):
        """A file without history may put people under a sponsor who is terminated by now."""
        self.loaded([('T1', 'One', '', 'Terminated', '2020-01-01'), ('T2', 'Two', 'T1', 'Active', '2021-01-01')])
        self.assertEqual(self.places('T2'), {'T2': 'T1'})
        with self.refused('terminated'):
            self.agent('Three', self.by_code('T1'))

    def test_again_updates(self):
        columns = ['mlm_agent_code', 'name', 'mlm_sponsor_code', 'mlm_agent_state', 'phone']
        first = self.loaded([('U1', 'One', '', 'Active', '1'), ('U2', 'Two', 'U1', 'Active', '2')], columns)
        first[0].active = False
        again = self.loaded(
            [('U2', 'Two', '', 'Active', '22'), ('u1', 'Uno', '', 'Active', '1'), ('U3', 'Three', 'U1', 'Active', '')], columns)
        self.assertEqual(again[:2], first[1] + first[0])
        self.assertRecordValues(first, [
            {'name': 'Uno', 'phone': '1', 'mlm_sponsor_id': False, 'active': False},
            {'name': 'Two', 'phone': '22', 'mlm_sponsor_id': False, 'active': True}])
        self.assertEqual(again[2].mlm_sponsor_id, first[0])

    def test_what_does_not_differ_is_not_written(self):
        rows = [('W%d' % i, 'W %d' % i, 'W0' if i else '', 'Active', '2024-01-01') for i in range(50)]
        partners = self.loaded(rows)
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET write_date = '2020-01-01' WHERE id = ANY(%s)", [partners.ids])
        self.env.invalidate_all()
        self.loaded(rows)
        self.assertEqual({str(stamp.date()) for stamp in partners.mapped('write_date')}, {'2020-01-01'})

    def test_errors_by_row(self):
        """Everything wrong at once, each with its row, and nothing is stored."""
        wrong = self.refused_rows([
            ('E1', 'One', '', 'Active', '2024-01-01'),
            ('E2', 'Two', 'NOWHERE', 'Active', '2024-02-01'),
            ('E3', 'Three', 'E4', 'Active', '2024-02-01'),
            ('E4', 'Four', 'E3', 'Active', '2024-02-01'),
            ('E5', 'Five', 'E5', 'Active', '2024-02-01'),
            ('E6', 'Six', 'E1', 'Active', '2023-12-31'),
            ('e1', 'One again', '', 'Active', '2024-01-01'),
            ('E7', 'Seven', 'E1', 'Active', '2099-01-01'),
            ('E8', 'Eight', 'E9', 'Active', '2024-02-01'),
            ('E9', 'Nine', 'E1', 'Candidate', '2024-02-01'),
            ('', 'Ten', 'NOBODY', 'Active', '2024-02-01'),
        ])
        self.assertEqual(set(wrong), {1, 2, 3, 4, 5, 6, 7, 8, 10})
        for row, words in {
            1: 'E2: there is no sponsor with the code NOWHERE', 2: 'E3 would stand above itself: the sponsor E4',
            3: 'E4 would stand above itself: the sponsor E3', 4: 'E5 cannot be the own sponsor',
            5: 'only begins on 01/01/2024 \\(row 1\\)', 6: 'E1 comes twice .* first in row 1',
            7: 'E7: 01/01/2099 is still to come',
            8: 'E8 cannot stand under E9, .* row 10', 10: 'Row 11: there is no sponsor',
        }.items():
            self.assertRegex(wrong[row], words)

    def test_errors_against_who_is_there(self):
        """A loop through people who are not in the file; a sponsor who began later; a place that was never left."""
        for code, partner in {'ANNA': self.anna, 'BERT': self.bert, 'CARL': self.carl}.items():
            partner.mlm_agent_code = code
        wrong = self.refused_rows([('ANNA', 'Anna', 'L1', 'Active'), ('L1', 'Loop', 'CARL', 'Active')], COLUMNS[:4])
        self.assertEqual(set(wrong), {0, 1})
        back = self.since('2020-01-01', 'Back', mlm_agent_code='BACK')
        self.place(back, '2021-01-01', mlm_agent_state='terminated')
        self.place(back, '2022-01-01', mlm_agent_state='active')
        wrong = self.refused_rows([('L3', 'Fine', 'BACK', 'Active', ''), ('L2', 'Early', 'BACK', 'Active', '2021-06-01')])
        self.assertRegex(wrong[1], 'Back is an agent without interruption only since 01/01/2022, so Early')
        wrong = self.refused_rows([('CARL', 'Carl', 'BERT', 'Active', '2020-01-01')])
        self.assertRegex(wrong[0], 'has this sponsor and state only since')

    def test_other_errors_keep_their_row(self):
        """What only shows while storing: the row in the file, not in the order of storing."""
        self.bert.company_id = self.env.company
        other = self.env['res.company'].create({'name': 'Other'})
        self.officer.company_ids |= other
        self.bert.mlm_agent_code = 'BERT'
        wrong = self.refused_rows([
            ('O3', 'Three', 'O2', 'Active', ''), ('O2', 'Two', 'O1', 'Active', ''),
            ('O4', 'Four', 'BERT', 'Active', 'Other'), ('O1', 'One', '', 'Active', '')],
            ['mlm_agent_code', 'name', 'mlm_sponsor_code', 'mlm_agent_state', 'company_id'])
        self.assertRegex(wrong[2], 'Four belongs to Other, but the sponsor Bert')

    def test_only_officers(self):
        clerk = new_test_user(self.env, 'import_clerk', 'base.group_partner_manager,sales_team.group_sale_salesman')
        result = self.Partner.with_user(clerk).load(COLUMNS, [['C1', 'One', '', 'Active', '2024-01-01']])
        self.assertFalse(result['ids'])
        self.assertRegex(result['messages'][0]['message'], 'Only officers of the network')

    def test_context_of_a_request_is_no_file(self):
        with self.refused('terminated'):
            self.anna.mlm_agent_state = 'terminated'
            self.Partner.with_context(mlm_network_file={self.anna.mlm_agent_code: 1}).create(
                {'name': 'X', 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.anna.id})

    def test_fields(self):
        """The columns of a file are fields that RPC can write, and what is exported can be imported again."""
        self.anna.mlm_agent_code = 'ANNA'
        partner = self.file.create({
            'name': 'R', 'mlm_agent_state': 'active', 'mlm_sponsor_code': 'anna', 'mlm_place_date': self.anna.mlm_since})
        self.assertEqual((partner.mlm_sponsor_id, partner.mlm_sponsor_code), (self.anna, 'ANNA'))
        with self.refused('no sponsor with the code NIX'):
            partner.write({'mlm_sponsor_code': 'nix'})
        old = self.since('2024-01-01', 'Old')
        partner = self.since('2024-02-01', 'Moves', old)
        partner.with_user(self.officer).write({'mlm_sponsor_code': '', 'mlm_place_date': '2024-03-01'})
        self.assertEqual(self.history(partner), [
            ('Old', 'active', '2024-02-01', '2024-03-01'), (None, 'active', '2024-03-01', None)])
        rows = partner.export_data(COLUMNS)['datas']
        self.assertEqual(self.loaded([[str(cell or '') for cell in row] for row in rows]), partner)

    def test_code_of_a_sponsor_who_may_not_be_read(self):
        other = self.env['res.company'].create({'name': 'Elsewhere'})
        self.otto.company_id = self.env.company
        agent = self.agent('Agent of All', self.otto)
        stranger = new_test_user(
            self.env, 'import_stranger', 'mlm_network.group_officer', company_id=other.id, company_ids=[(6, 0, other.ids)])
        self.assertFalse(agent.with_user(stranger).mlm_sponsor_code)
        self.assertTrue(agent.with_user(self.officer).mlm_sponsor_code)
        portal = new_test_user(self.env, 'import_portal', 'base.group_portal')
        portal.partner_id.write({'mlm_agent_state': 'active', 'mlm_sponsor_id': self.otto.id})
        own = portal.partner_id.with_user(portal)
        self.assertNotIn('mlm_sponsor_code', own.fields_get())
        self.assertTrue(own.read(['mlm_place_date'])[0]['mlm_place_date'])

    def test_approval_holds_for_codes_too(self):
        self.env.company.mlm_change_approval = True
        self.anna.mlm_agent_code = 'ANNA'
        with self.refused('A second person', UserError):
            self.carl.with_user(self.officer).write({'mlm_sponsor_code': 'ANNA'})

    def test_queries_do_not_grow_with_the_rows(self):
        """A row costs its own storing, and no search of its own; a look-up for each would show at once."""
        self.anna.mlm_agent_code = 'ANNA'
        costs = []
        for size in (40, 80):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.loaded([('Q%d-%d' % (size, i), 'Q', 'ANNA', 'Active', '') for i in range(size)])
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLess(costs[1] - costs[0], 40)


@tagged('post_install', '-at_install')
class TestImportFile(ImportCommon):
    """Through Odoo's own import, in batches, as the web client calls it."""

    def run_file(self, content, columns=COLUMNS, limit=None, dryrun=False, name='network.csv', kind='text/csv'):
        wizard = self.env['base_import.import'].with_user(self.officer).create({
            'res_model': 'res.partner', 'file': content, 'file_name': name, 'file_type': kind})
        options = {
            'has_headers': True, 'quoting': '"', 'separator': ',', 'encoding': 'utf-8', 'date_format': '%d.%m.%Y', 'skip': 0,
            **({'limit': limit} if limit else {})}
        results = []
        while True:
            result = wizard.execute_import(columns, list(columns), dict(options), dryrun=dryrun)
            results.append(result)
            if result['messages'] or not result['nextrow']:
                return results
            options['skip'] = result['nextrow']

    def csv(self, rows):
        return '\n'.join(','.join(row) for row in [LABELS, *rows]).encode()

    def test_sponsors_in_a_later_batch(self):
        """Test and import by batches of three, whatever the order."""
        rows = [
            ('F%02d' % i, 'F %d' % i, 'F%02d' % (i - 1) if i else '', 'Active', '%02d.01.2024' % (i + 1)) for i in range(10)]
        random.Random(3).shuffle(rows)
        results = self.run_file(self.csv(rows), limit=3, dryrun=True)
        self.assertEqual([result['messages'] for result in results], [[]] * 4)
        self.assertFalse(self.by_code('F00'))
        results = self.run_file(self.csv(rows), limit=3)
        self.assertEqual([result['messages'] for result in results], [[]] * 4)
        self.assertEqual(self.places(*('F%02d' % i for i in range(10))), {
            'F%02d' % i: 'F%02d' % (i - 1) if i else False for i in range(10)})
        self.assertEqual(self.history(self.by_code('F04')), [('F 3', 'active', '2024-01-05', None)])

    def test_nothing_is_stored_if_a_later_batch_is_wrong(self):
        rows = [('G%d' % i, 'G %d' % i, '', 'Active', '01.01.2024') for i in range(9)]
        [result] = self.run_file(self.csv([*rows, ('G9', 'G 9', 'NIX', 'Active', '01.01.2024')]), limit=3)
        self.assertEqual([(m['record'], m['rows']['from']) for m in result['messages']], [(10, 9)])
        self.assertEqual(result['name'][9], 'G 9')
        self.assertFalse(self.by_code('G0'))

    def test_row_of_what_shows_while_storing(self):
        """Counted from one, and in the order of the file: K2 is stored last, being the lowest."""
        self.otto.write({'mlm_agent_code': 'OTTO', 'mlm_agent_state': 'terminated'})
        rows = [('K3', 'K 3', 'K1', 'Active', ''), ('K2', 'K 2', 'OTTO', 'Active', ''), ('K1', 'K 1', '', 'Active', '')]
        [result] = self.run_file(self.csv(rows))
        wrong = {message['record']: message for message in result['messages'] if 'K 2' in message['message']}
        self.assertIn(2, wrong)
        self.assertEqual(wrong[2]['rows'], {'from': 1, 'to': 1})
        self.assertRegex(wrong[2]['message'], 'Otto, who is terminated')
        self.assertFalse(self.by_code('K1'))

    def test_wrong_date(self):
        [result] = self.run_file(self.csv([('D1', 'D', '', 'Active', '2024-13-45')]))
        self.assertRegex(result['messages'][0]['message'], 'incorrect values')

    def test_template(self):
        """The template that is offered can be imported as it is."""
        self.assertIn('/mlm_network/static/xls/network_import_template.xlsx', [
            template['template'] for template in self.Partner.get_import_templates()])
        with file_open('mlm_network/static/xls/network_import_template.xlsx', 'rb') as file:
            content = file.read()
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        wizard = self.env['base_import.import'].with_user(self.officer).create({
            'res_model': 'res.partner', 'file': content, 'file_name': 'n.xlsx',
            'file_type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'})
        preview = wizard.parse_preview({'has_headers': True})
        self.assertEqual([preview['matches'][i] for i in range(5)], [[name] for name in COLUMNS])
        fields = ['/'.join(preview['matches'].get(i, [])) or False for i in range(sheet.max_column)]
        result = wizard.execute_import(fields, fields, {**preview['options'], 'has_headers': True})
        self.assertEqual(result['messages'], [])
        self.assertEqual(self.history(self.by_code('A101')), [
            ('Anna Example', 'active', '2024-02-01', '2025-03-01'), ('Anna Example', 'suspended', '2025-03-01', None)])


@tagged('post_install', '-at_install')
class TestNetworkFile(NetworkCommon):
    """The plain part: order and checks."""

    def test_order(self):
        """Whatever the rows' order, each sponsor's first row comes before those whom it sponsors, and days never go back."""
        rng = random.Random(7)
        for _round in range(50):
            size = rng.randint(1, 40)
            days = sorted(date(2024, 1, rng.randint(1, 5)) for _i in range(size))
            rows = [Row('C%d' % i, 'C%d' % rng.randrange(i) if i and rng.random() < .9 else None, days[i], 'active')
                    for i in range(size)]
            rng.shuffle(rows)
            file = NetworkFile(rows, {}, date(2024, 6, 1))
            self.assertEqual(file.problems(), [])
            self.assertEqual(sorted(file.order), list(range(size)))
            seen = []
            for row in (rows[index] for index in file.order):
                self.assertTrue(not row.sponsor or row.sponsor in seen)
                seen.append(row.code)
            dates = [rows[index].date for index in file.order]
            self.assertEqual(dates, sorted(dates))

    def test_long_chain(self):
        rows = [Row(str(i), str(i + 1), None, 'active') for i in range(20000)] + [Row('20000', None, None, 'active')]
        file = NetworkFile(rows, {}, date(2024, 1, 1))
        self.assertEqual(file.order, list(range(20000, -1, -1)))
        rows[-1] = Row('20000', '0', None, 'active')
        self.assertEqual(len(NetworkFile(rows, {}, date(2024, 1, 1)).problems()), 20001)

    def test_loop_is_told_once_a_row(self):
        """Who only stands below a loop is not told."""
        rows = [Row('A', 'B', None, 'active'), Row('B', 'A', None, 'active'), Row('C', 'A', None, 'active')]
        problems = NetworkFile(rows, {}, date(2024, 1, 1)).problems()
        self.assertEqual([problem[:2] for problem in problems], [(0, 'loop'), (1, 'loop')])
        rows = [Row('A', 'X', None, 'active')]
        self.assertEqual(
            [p[:2] for p in NetworkFile(rows, {'X': 'Y', 'Y': 'A', 'A': None}, date(2024, 1, 1)).problems()], [(0, 'loop')])
