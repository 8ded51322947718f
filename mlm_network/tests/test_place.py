# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.tests import tagged

from .common import NetworkCommon


@tagged('post_install', '-at_install')
class TestPlace(NetworkCommon):

    # --- codes ---

    def test_code_is_drawn(self):
        self.assertRegex(self.anna.mlm_agent_code, r'^A\d{5}$')
        self.assertTrue(self.cleo.mlm_agent_code, 'a candidate has a code')
        self.assertFalse(self.kim.mlm_agent_code, 'a customer has none')
        self.kim.mlm_agent_state = 'candidate'
        code = self.kim.mlm_agent_code
        self.assertTrue(code)
        self.kim.mlm_agent_state = 'active'
        self.assertEqual(self.kim.mlm_agent_code, code)
        self.assertEqual(len(set(self.everybody.mapped('mlm_agent_code'))), 7)

    def test_code_drawn_passes_those_given_by_hand(self):
        sequence = self.env.ref('mlm_network.sequence_agent_code')
        following = sequence.get_next_char(sequence.number_next_actual)
        self.assertEqual(self.agent('Early', mlm_agent_code=following.lower()).mlm_agent_code, following)
        late = self.agent('Late')
        self.assertTrue(late.mlm_agent_code)
        self.assertNotEqual(late.mlm_agent_code, following)

    def test_code_from_other_kinds_of_sequence(self):
        self.env.ref('mlm_network.sequence_agent_code').write({'implementation': 'no_gap', 'prefix': 'ng-%(year)s-'})
        self.assertRegex(self.agent('Gapless').mlm_agent_code, r'^NG-\d{4}-\d{5}$')

    def test_code_is_cleaned(self):
        self.anna.mlm_agent_code = '  anna-1 '
        self.assertEqual(self.anna.mlm_agent_code, 'ANNA-1')
        for code in ('a b', 'ä', 'a/b', '-a'):
            with self.subTest(code=code), self.refused('cannot stand in a link'):
                self.anna.mlm_agent_code = code

    def test_code_cleared_is_drawn_anew(self):
        self.anna.mlm_agent_code = False
        self.assertTrue(self.anna.mlm_agent_code)

    def test_duplicate_code(self):
        self.anna.mlm_agent_code = 'ANNA'
        message = 'ANNA belongs to Anna already'
        with self.refused(message):
            self.bert.mlm_agent_code = 'anna'
        with self.refused(message):
            self.agent('Anna 2', mlm_agent_code='Anna ')
        with self.refused('TWIN belongs to'):
            self.Partner.create([{'name': 'Twin', 'mlm_agent_state': 'active', 'mlm_agent_code': 'twin'} for _i in range(2)])
        with self.refused('TWIN belongs to'):
            (self.bert + self.carl).mlm_agent_code = 'TWIN'
        self.anna.active = False
        with self.refused(message):
            self.bert.mlm_agent_code = 'ANNA'
        self.anna.mlm_agent_code = 'ANNA'

    def test_copy_is_nobody(self):
        copy = self.bert.copy()
        self.assertRecordValues(copy, [{'mlm_sponsor_id': False, 'mlm_agent_state': 'none', 'mlm_agent_code': False}])
        self.assertFalse(copy.mlm_sponsorship_ids)

    # --- sponsors ---

    def test_sponsor_must_be_an_agent(self):
        for sponsor in (self.kim, self.cleo, self.customer('Stranger')):
            message = '%s, who is not an active agent. Make %s an active' % (sponsor.name, sponsor.name)
            with self.subTest(sponsor=sponsor.name):
                with self.refused('Otto cannot stand under ' + message):
                    self.otto.mlm_sponsor_id = sponsor
                with self.refused('New cannot stand under ' + message):
                    self.agent('New', sponsor)
                with self.refused('New cannot stand under ' + message):
                    self.customer('New', sponsor)

    def test_terminated_sponsor(self):
        self.carl.mlm_agent_state = 'terminated'
        self.assertEqual(self.dora.mlm_sponsor_id, self.carl, 'who stands there stays')
        self.dora.write({'mlm_sponsor_id': self.carl.id, 'mlm_agent_state': 'suspended'})
        with self.refused('Otto cannot come to stand under Carl, who is terminated'):
            self.otto.mlm_sponsor_id = self.carl
        with self.refused('New cannot come to stand under Carl, who is terminated'):
            self.customer('New', self.carl)
        with self.refused('New'):
            self.Partner.create([
                {'name': 'Fine', 'mlm_sponsor_id': self.bert.id}, {'name': 'New', 'mlm_sponsor_id': self.carl.id}])

    def test_customer_of_terminated_agent_becomes_none(self):
        self.kim.mlm_sponsor_id = self.carl
        self.carl.mlm_agent_state = 'terminated'
        with self.refused('Kim cannot come to stand under Carl'):
            self.kim.mlm_agent_state = 'active'
        self.kim.write({'mlm_agent_state': 'active', 'mlm_sponsor_id': self.bert.id})

    def test_suspended_sponsor(self):
        self.carl.mlm_agent_state = 'suspended'
        self.otto.mlm_sponsor_id = self.carl

    def test_contact_person(self):
        company = self.agent('Firm', is_company=True)
        person = self.Partner.create({'name': 'Clerk', 'parent_id': company.id})
        for vals in ({'mlm_sponsor_id': self.anna.id}, {'mlm_agent_state': 'active'}):
            with self.subTest(vals=vals), self.refused('Clerk is a contact of Firm .* Set sponsor .* there'):
                person.write(vals)
        with self.refused('Kim is a contact of Firm'):
            self.kim.parent_id = company
        with self.refused('Temp is a contact of Firm'):
            self.customer('Temp', self.anna, parent_id=company.id)
        self.assertFalse(person.mlm_sponsor_id, 'the place is not copied to contacts')

    def test_companies(self):
        one, two = self.env['res.company'].create([{'name': 'One'}, {'name': 'Two'}])
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': one.id})
        self.otto.company_id = one
        self.customer('Branch customer', self.otto, company_id=branch.id)
        self.customer('Shared customer', self.otto)
        with self.refused('New belongs to Two, but the sponsor Otto to One'):
            self.customer('New', self.otto, company_id=two.id)
        with self.refused('customer belongs to Branch, but the sponsor Otto to Two'):
            self.otto.company_id = two

    def test_stay_sponsor_while_somebody_is_below(self):
        for state in ('none', 'candidate'):
            with self.subTest(state=state), self.refused('Dora stands under Carl, who must therefore stay'):
                self.carl.mlm_agent_state = state
        self.kim.mlm_sponsor_id = self.otto
        with self.refused('Kim stands under Otto'):
            (self.otto + self.dora).mlm_agent_state = 'none'
        self.carl.mlm_agent_state = 'terminated'
        self.dora.mlm_sponsor_id = self.otto
        self.carl.mlm_agent_state = 'none'
        self.assertEqual(self.carl.mlm_sponsor_id, self.bert, 'a customer again, in the same place')

    # --- loops ---

    def test_loops(self):
        with self.refused('Anna cannot be the own sponsor'):
            self.anna.mlm_sponsor_id = self.anna
        with self.refused('Anna cannot stand under Bert: .* Bert stands below Anna. Move Bert'):
            self.anna.mlm_sponsor_id = self.bert
        with self.refused('Anna cannot stand under Dora'):
            self.anna.mlm_sponsor_id = self.dora
        with self.refused('Anna cannot stand under Dora'):
            (self.otto + self.anna).mlm_sponsor_id = self.dora
        with self.refused('Anna cannot stand under Dora'):
            self.dora.mlm_sponsored_ids = [(4, self.anna.id)]
        with self.refused('Anna cannot stand under New'):
            self.agent('New', self.dora, mlm_sponsored_ids=[(4, self.anna.id)])

    def test_loop_made_by_two_records_of_one_batch(self):
        # neither is below the other before
        with self.refused('Otto'):
            (self.anna + self.otto).mlm_sponsor_id = self.otto

    def test_swap_in_two_steps(self):
        self.bert.mlm_sponsor_id = False
        self.anna.mlm_sponsor_id = self.bert
        self.assertEqual(self.anna.mlm_upline_ids, self.bert)

    def test_5000_levels(self):
        chain = self.Partner.create([{'name': 'Level %d' % i, 'mlm_agent_state': 'active'} for i in range(5000)])
        # A chain is made link by link; 5,000 writes would take the time of the suite.
        self.env.cr.execute('''
            UPDATE res_partner p SET mlm_sponsor_id = p.id - 1 WHERE p.id = ANY(%(ids)s) AND p.id - 1 = ANY(%(ids)s);
            UPDATE mlm_sponsorship s SET sponsor_id = p.mlm_sponsor_id
              FROM res_partner p WHERE p.id = s.partner_id AND p.id = ANY(%(ids)s)
        ''', {'ids': chain.ids})
        self.env.invalidate_all()
        top, bottom = chain[0], chain[-1]
        self.assertEqual(bottom.mlm_depth, 5000)
        self.assertEqual(len(bottom.mlm_upline_ids), 4999)
        self.assertEqual(top.mlm_downline_count, 4999)
        self.assertEqual(self.Partner.search_count([('mlm_upline_ids', 'in', top.ids)]), 4999)
        with self.refused('Level 0 cannot stand under Level 4999'):
            top.mlm_sponsor_id = bottom
        top.mlm_sponsor_id = self.dora
        self.assertEqual(bottom.mlm_depth, 5004)
        self.assertEqual(len(self.tree('2020-01-01', bottom.ids)), 5004)
        with self.refused('Anna cannot stand under Level 4999'):
            self.anna.mlm_sponsor_id = bottom

    # --- deletion ---

    def test_unlink(self):
        leaf = self.agent('Leaf', self.dora)
        rows = leaf.mlm_sponsorship_ids
        self.assertTrue(rows)
        leaf.unlink()
        self.assertFalse(rows.exists())
        with self.refused('Carl cannot be deleted: Dora stands, or stood, below. Archive Carl'):
            self.carl.unlink()

    def test_unlink_past_sponsor(self):
        gone = self.since('2025-01-01', 'Gone')
        below = self.since('2025-02-01', 'Below', gone)
        self.place(below, '2025-03-01', mlm_sponsor_id=self.anna.id)
        with self.refused('Gone cannot be deleted: Below stands'):
            gone.unlink()
        (gone + below).unlink()

    # --- batches ---

    def test_batch_queries(self):
        """Creating, moving and turning agents takes a fixed number of statements per 1,000."""
        def count(action):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            result = action()
            self.env.flush_all()
            return result, self.env.cr.sql_log_count - before

        Partner = self.Partner.with_context(tracking_disable=True)
        costs = {}
        for size in (1000, 2000):
            agents, create = count(lambda: Partner.create([
                {'name': 'Batch %d' % i, 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.dora.id} for i in range(size)]))
            plain = count(lambda: Partner.create([{'name': 'Plain %d' % i} for i in range(size)]))[1]
            _result, move = count(lambda: agents.write({'mlm_sponsor_id': self.otto.id}))
            _result, turn = count(lambda: agents.write({'mlm_agent_state': 'suspended'}))
            costs[size] = create - plain, move, turn
        for name, small, large in zip(('create', 'move', 'turn'), costs[1000], costs[2000], strict=True):
            with self.subTest(name):
                self.assertLess(large - small, 40, costs)
                self.assertLess(small, 80, costs)
