# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import datetime, timedelta
from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import LeadImportCommon


@tagged('post_install', '-at_install')
class TestHandingOut(LeadImportCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.json = cls.source('json')
        cls.anna, cls.bert, cls.carl = (cls.agent(name) for name in ('Anna', 'Bert', 'Carl'))

    number = 0

    def ask(self, **lead):
        """:return: the lead of a stranger"""
        type(self).number += 1
        contact = {'full_name': f'Stranger {self.number}', **lead.pop('contact', {})}
        return self.become_json(self.json, f'ask-{self.number}', contact=contact, **lead).lead_id

    def pass_time(self, hours):
        later = fields.Datetime.now() + timedelta(hours=hours)
        with patch.object(type(self.env['ir.cron']), '_commit_progress', lambda *args, **kwargs: float('inf')), \
                patch.object(fields.Datetime, 'now', lambda: later):
            self.env['mlm.lead.distributor']._cron_deadline()

    # --- who gets it ---

    def test_code_of_the_link_comes_first(self):
        self.rule(self.anna)
        code = self.bert.mlm_agent_code.lower()
        for lead in (self.ask(contact={'agent_code': code}), self.ask(utm={'agent': code})):
            self.assertEqual((lead.mlm_agent_id, lead.mlm_assignment_ids.reason, lead.mlm_deadline), (self.bert, 'code', False))

    def test_unknown_code_goes_on_and_is_noted(self):
        self.rule(self.anna)
        lead = self.ask(contact={'agent_code': 'NOBODY-7'})
        self.assertEqual(lead.mlm_agent_id, self.anna)
        self.assertIn('NOBODY-7', lead.description)

    def test_agents_who_are_not_active_get_none(self):
        self.rule(self.anna, self.bert)
        self.anna.mlm_agent_state = 'suspended'
        self.assertEqual(self.ask().mlm_agent_id, self.bert)
        self.assertEqual(self.ask(contact={'agent_code': self.anna.mlm_agent_code}).mlm_agent_id, self.bert)

    def test_pool(self):
        lead = self.ask()
        self.assertRecordValues(lead, [{'mlm_agent_id': False, 'user_id': False, 'mlm_deadline': False}])
        self.assertFalse(lead.mlm_assignment_ids)

    def test_rules_in_order(self):
        self.rule(self.anna, sequence=1, zip_areas='00-0, 51100..51399', name='area')
        self.rule(self.bert, sequence=2, lang_ids=self.env.ref('base.lang_en').ids, name='language')
        self.rule(self.carl, sequence=3, interests='accident, insurance', name='interest')
        for contact, agent in (
            ({'zip': '00-001'}, self.anna), ({'zip': '00 099'}, self.anna), ({'zip': '51100'}, self.anna),
            ({'zip': '51399'}, self.anna),
            ({'zip': '51400'}, None), ({'zip': '51099'}, None), ({'zip': '01-001'}, None), ({}, None),
            ({'zip': '99999', 'lang': 'en_US'}, self.bert), ({'interest': 'Car ACCIDENT'}, self.carl),
            ({'interest': 'loan'}, None),
        ):
            self.assertEqual(self.ask(contact=contact).mlm_agent_id, agent or self.anna.browse(), contact)

    def test_rules_of_sources_and_countries(self):
        self.rule(self.anna, source_ids=self.google.ids, sequence=1)
        self.rule(self.bert, country_ids=self.germany.ids, sequence=2)
        self.assertFalse(self.ask().mlm_agent_id)
        self.assertEqual(self.ask(contact={'country': 'DE'}).mlm_agent_id, self.bert)

    def test_rank(self):
        """Ranks are told by whatever addon gives them; this one only asks."""
        levels = {self.anna: 1, self.bert: 3, self.carl: 5}
        self.rule(self.anna, self.bert, self.carl, sequence=1, rank_min=3, rank_max=4, interests='accident')
        self.rule(self.anna, self.carl, sequence=2, rank_min=2, interests='loan')
        self.rule(self.anna, self.carl, sequence=3, rank_max=4, interests='loan, house')
        with patch.object(type(self.anna), '_mlm_rank_level', lambda agent: levels.get(agent, 0)):
            for interest, agents in (('accident', [self.bert] * 3), ('loan', [self.carl] * 2), ('house', [self.anna] * 2)):
                for agent in agents:
                    self.assertEqual(self.ask(contact={'interest': interest}).mlm_agent_id, agent, interest)

    def test_rank_where_nothing_gives_ranks(self):
        """Everybody is without a rank then: a rule that asks for one has nobody, one that does not is as before."""
        self.rule(self.anna, sequence=1, rank_min=1)
        self.rule(self.bert, sequence=2, rank_max=4)
        self.assertEqual(self.ask().mlm_agent_id, self.bert)
        self.assertEqual(self.env['mlm.lead.rule'].search([], limit=1).has_ranks, 'mlm.rank' in self.env)

    def test_bad_ranks(self):
        for ranks in ({'rank_min': -1}, {'rank_max': -1}, {'rank_min': 3, 'rank_max': 2}):
            with self.assertRaises(CheckViolation), mute_logger('odoo.sql_db'), self.cr.savepoint():
                self.rule(self.anna, **ranks)

    def test_bad_areas(self):
        for area in ('51..', '..51', '51..511', '52..51'):
            with self.assertRaisesRegex(ValidationError, 'no area'), self.cr.savepoint():
                self.rule(self.anna, zip_areas=area)

    def test_round_robin(self):
        self.rule(self.anna, self.bert, self.carl)
        turns = [self.ask().mlm_agent_id for _lead in range(6)]
        self.assertEqual(turns, [self.anna, self.bert, self.carl] * 2)

    def test_weights(self):
        rule = self.rule(self.anna, self.bert)
        rule.member_ids[0].weight = 3
        turns = [self.ask().mlm_agent_id for _lead in range(8)]
        self.assertEqual((turns.count(self.anna), turns.count(self.bert)), (6, 2))

    def test_capacity(self):
        rule = self.rule(self.anna, self.bert)
        rule.member_ids.capacity = 1
        self.assertEqual([self.ask().mlm_agent_id for _lead in range(3)], [self.anna, self.bert, self.anna.browse()])
        with freeze_time(datetime.now() + timedelta(days=1)):
            self.assertEqual(self.ask().mlm_agent_id, self.anna)

    def test_capacity_counts_the_company_day(self):
        """22:30 UTC is tomorrow in Warsaw."""
        self.env.company.partner_id.tz = 'Europe/Warsaw'
        with freeze_time('2026-07-01 22:30:00'):
            self.assertEqual(self.env['mlm.lead.distributor']._day_start(), datetime(2026, 7, 1, 22, 0))
        with freeze_time('2026-07-01 21:30:00'):
            self.assertEqual(self.env['mlm.lead.distributor']._day_start(), datetime(2026, 6, 30, 22, 0))

    def test_paused(self):
        rule = self.rule(self.anna, self.bert)
        rule.member_ids[0].paused = True
        self.assertEqual([self.ask().mlm_agent_id for _lead in range(2)], [self.bert] * 2)

    def test_by_results(self):
        rule = self.rule(self.anna, self.bert, by_results=True)
        for agent, result in ((self.anna, 'expired'), (self.anna, 'expired'), (self.bert, 'contacted'), (self.bert, 'contacted')):
            self.env['mlm.lead.assignment'].create({'lead_id': self.ask().id, 'agent_id': agent.id, 'reason': 'manual',
                'result': result})
        # anna (0 + 1) / (2 + 2) = 1/4, bert (2 + 1) / (2 + 2) = 3/4: three times as many
        rates = self.env['mlm.lead.distributor']._rates(self.anna | self.bert)
        self.assertEqual((rates[self.anna], rates[self.bert]), (0.25, 0.75))
        self.env['mlm.lead.assignment'].search([('rule_id', '=', rule.id)]).unlink()
        turns = [self.ask().mlm_agent_id for _lead in range(8)]
        self.assertEqual((turns.count(self.anna), turns.count(self.bert)), (2, 6))

    # --- how the agent is told ---

    def test_mail(self):
        self.rule(self.anna)
        lead = self.ask(contact={'phone': '600100200', 'city': 'Poznań'})
        mail = self.env['mail.mail'].search([('recipient_ids', '=', self.anna.id)], order='id desc', limit=1)
        self.assertIn(lead.contact_name, mail.subject)
        self.assertIn(f'/my/leads/{lead.id}', mail.body_html)
        self.assertIn('Poznań', mail.body_html)
        self.assertNotIn('600100200', mail.body_html, 'addresses and numbers stand behind the login')
        self.assertIn('anna@agents.example.com', lead.mlm_assignment_ids.notice)

    def test_sms(self):
        self.json.notify_sms = True
        self.anna.phone = '+48 600 100 299'
        self.rule(self.anna)
        lead = self.ask()
        sms = self.env['sms.sms'].search([('partner_id', '=', self.anna.id)])
        self.assertEqual(sms.number, '+48600100299')
        self.assertIn('/my/leads', sms.body)
        self.assertIn('SMS', lead.mlm_assignment_ids.notice)

    def test_activity_for_who_works_inside(self):
        user = self.user('lead_anna', 'sales_team.group_sale_salesman', partner_id=self.anna.id)
        self.rule(self.anna)
        lead = self.ask()
        self.assertEqual((lead.user_id, lead.activity_ids.user_id), (user, user))
        self.assertEqual(lead.activity_ids.date_deadline, lead.mlm_deadline.date())

    def test_activity_for_who_has_a_portal_login(self):
        """The team sees in the pipeline who has to call until when; it is done when the agent has called, gone when moved."""
        user = self.user('lead_anna', 'base.group_portal', partner_id=self.anna.id)
        self.user('lead_carl', 'base.group_portal', partner_id=self.carl.id)
        self.rule(self.anna, self.bert, self.carl)
        lead = self.ask()
        self.assertRecordValues(lead.activity_ids, [{'user_id': user.id, 'date_deadline': lead.mlm_deadline.date()}])
        self.assertFalse(lead.user_id, 'who owns it in the CRM is another matter')
        mails = self.env['mail.mail'].search([('recipient_ids', '=', self.anna.id)])
        self.assertEqual(len(mails), 1, 'one mail, not a second one about the activity')
        lead._mlm_touch()
        self.assertFalse(lead.activity_ids)
        self.assertFalse(self.ask().activity_ids, 'Bert has no login')
        lead = self.ask()
        self.assertEqual(lead.activity_ids.user_id.partner_id, self.carl)
        lead.mlm_agent_id = self.bert
        self.assertFalse(lead.activity_ids)

    # --- in time, or not ---

    def test_not_in_time(self):
        self.rule(self.anna, self.bert)
        lead = self.ask()
        self.pass_time(23)
        self.assertEqual(lead.mlm_agent_id, self.anna)
        self.pass_time(25)
        self.assertEqual(lead.mlm_agent_id, self.bert)
        self.assertGreater(lead.mlm_deadline, fields.Datetime.now() + timedelta(hours=23))
        self.assertEqual([(a.agent_id, a.result) for a in lead.mlm_assignment_ids.sorted('id')],
            [(self.anna, 'expired'), (self.bert, 'open')])
        self.pass_time(60)
        self.assertFalse(lead.mlm_agent_id, 'everybody had it: back to the pool')
        self.pass_time(600)
        self.assertEqual(len(lead.mlm_assignment_ids), 2)

    def test_back_to_the_pool(self):
        self.json.on_deadline = 'pool'
        self.rule(self.anna, self.bert)
        lead = self.ask()
        self.pass_time(25)
        self.assertRecordValues(lead, [{'mlm_agent_id': False, 'mlm_deadline': False}])

    def test_in_time(self):
        self.rule(self.anna, self.bert)
        stage = self.env['crm.stage'].search([], limit=2)[1]
        manager = self.user('lead_boss', 'sales_team.group_sale_manager')
        lead = self.ask()
        touched = {
            'button': lambda lead: lead.action_mlm_contacted(), 'stage': lambda lead: lead.write({'stage_id': stage.id}),
            'message': lambda lead: lead.message_post(body='I called', message_type='comment'),
        }
        for name, touch in touched.items():
            with self.subTest(name):
                lead = self.ask()
                agent = lead.mlm_agent_id
                touch(lead.with_user(manager))
                self.assertTrue(lead.mlm_contacted_at)
                self.pass_time(100)
                self.assertEqual((lead.mlm_agent_id, lead.mlm_assignment_ids.result), (agent, 'contacted'))

    def test_own_link_is_not_taken_away(self):
        self.rule(self.anna)
        lead = self.ask(contact={'agent_code': self.bert.mlm_agent_code})
        self.pass_time(1000)
        self.assertEqual(lead.mlm_agent_id, self.bert)

    def test_won_and_lost_are_left_alone(self):
        self.rule(self.anna, self.bert)
        won, lost = self.ask(), self.ask()
        agents = won.mlm_agent_id, lost.mlm_agent_id
        won.with_context(mlm_distributing=True).action_set_won()
        lost.action_set_lost()
        self.pass_time(1000)
        self.assertEqual((won.mlm_agent_id, lost.mlm_agent_id), agents)

    def test_by_hand(self):
        self.rule(self.anna)
        lead = self.ask()
        lead.mlm_agent_id = self.carl
        self.assertEqual([(a.agent_id, a.reason, a.result) for a in lead.mlm_assignment_ids.sorted('id')], [
            (self.anna, 'rule', 'moved'), (self.carl, 'manual', 'open')])

    def test_agents_who_turn_out_to_be_one(self):
        """Both stand in one rule, one in another: one place in each, and the leads go to who stays."""
        both, one = self.rule(self.anna, self.bert, self.carl), self.rule(self.bert)
        both.member_ids.filtered(lambda member: member.agent_id == self.anna).weight = 3
        lead = self.ask(contact={'agent_code': self.bert.mlm_agent_code})
        self.assertEqual(lead.mlm_agent_id, self.bert)
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((self.anna + self.bert).ids, self.anna)
        self.env.invalidate_all()
        self.assertEqual([(member.agent_id, member.weight) for member in both.member_ids], [(self.anna, 3), (self.carl, 1)])
        self.assertEqual(one.member_ids.agent_id, self.anna)
        self.assertEqual((lead.mlm_agent_id, lead.mlm_assignment_ids.agent_id), (self.anna, self.anna))
