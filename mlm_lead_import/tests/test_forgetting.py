# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..adapters.base import Inbound
from .common import LeadImportCommon
from .vendor import google_lead


@tagged('post_install', '-at_install')
class TestForgetting(LeadImportCommon):
    """Who is erased does not come back with the next poll."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.json = cls.source('json')

    def again(self, id_='x-1', source=None, payload=None):
        """:return: how many new events the same lead makes"""
        return self.Event._insert(self.cr, source or self.json, [Inbound(id_, payload or {'lead': {}})], 'poll')

    def traces(self, *words):
        """How often words are found in each table."""
        found = {}
        for table, columns in {
            'mlm_lead_event': 'payload, external_id, contact_name, email_normalized, phone_sanitized, error, click_id',
            'crm_lead': 'name, description, contact_name, email_from, phone, street, city, email_normalized, phone_sanitized',
            'mail_message': 'subject, body', 'mlm_lead_consent': 'wording, key',
            'mail_tracking_value': 'old_value_char, new_value_char', 'mlm_agent_task': 'note',
        }.items():
            self.env.flush_all()
            self.env.cr.execute(f'SELECT concat_ws(\' \', {columns}) FROM {table}')  # noqa: S608  names of this file
            texts = [row[0].lower() for row in self.env.cr.fetchall()]
            found.update({(table, word): sum(word.lower() in text for text in texts) for word in words})
        return found

    def look_up(self, name, email, phone=None):
        self.env.flush_all()
        wizard = self.env['privacy.lookup.wizard'].create({'name': name, 'email': email, 'mlm_phone': phone})
        wizard.action_lookup()
        return wizard.line_ids

    def test_privacy_lookup(self):
        before = self.traces('kowalski', '600100200', 'TeSt-opaque')
        event = self.become(self.google, {'lead': google_lead()}, 'TeSt-opaque-lead-id-0001')
        lead = event.lead_id
        self.assertNotEqual(self.traces('kowalski', '600100200', 'TeSt-opaque'), before)
        lines = self.look_up('Jan Kowalski', 'jan.kowalski@example.com')
        self.assertLessEqual({('mlm.lead.event', event.id), ('crm.lead', lead.id)},
            {(line.res_model, line.res_id) for line in lines})
        lines.action_unlink_all()
        self.env.invalidate_all()
        self.assertFalse(lead.exists())
        self.assertRecordValues(event, [{'state': 'erased', 'payload': False, 'external_id': False, 'contact_name': False,
            'stripped': True}])
        self.assertEqual(self.traces('kowalski', '600100200', 'TeSt-opaque'), before)
        self.assertEqual(self.again('TeSt-opaque-lead-id-0001', self.google, {'lead': google_lead()}), 0)
        self.work()
        self.assertFalse(self.Lead.search([('email_normalized', '=', 'jan.kowalski@example.com')]))

    def test_privacy_lookup_by_phone_alone(self):
        event = self.become_json(self.json, contact={'phone': '600100200'})
        self.assertFalse(self.look_up('Nobody', 'nobody@example.com'))
        lines = self.look_up('Nobody', 'nobody@example.com', '600 100 200')
        self.assertEqual({(line.res_model, line.res_id) for line in lines},
            {('mlm.lead.event', event.id), ('crm.lead', event.lead_id.id)})

    def test_privacy_lookup_by_name(self):
        event = self.become_json(self.json, contact={'full_name': 'Zbigniew Zzz'})
        self.assertIn(event.id, self.look_up('zbigniew zzz',
            'nobody@example.com').filtered(lambda lead: lead.res_model == 'mlm.lead.event').mapped('res_id'))

    def test_deleting_the_lead_there_erases_its_events(self):
        event = self.become_json(self.json, contact={'full_name': 'A', 'phone': '600100200'})
        self.look_up('Nobody', 'nobody@example.com', '+48600100200').filtered(
            lambda line: line.res_model == 'crm.lead').action_unlink()
        self.assertEqual(event.state, 'erased')

    def test_erase_person(self):
        words = ('erasable', 'erase@', '600100200', 'erasetown', 'erasecity', 'erase my', 'erase wording', 'erase a note',
                 'erase twice', 'erase the step')
        before = self.traces(*words)
        event = self.become_json(
            self.json, contact={'full_name': 'Jan Erasable', 'email': 'erase@example.com', 'phone': '600100200',
                'city': 'Erasetown'},
            answers=[{'key': 'q', 'values': ['erase my answer']}],
            consents=[{'key': 'phone', 'text': 'erase wording', 'accepted': True}])
        lead = event.lead_id
        again = self.become_json(self.json, 'x-2', contact={'email': 'erase@example.com'},
            answers=[{'key': 'q', 'values': ['erase twice']}])
        self.assertEqual(again.lead_id, lead)
        lead.message_post(body='erase a note')
        self.env['mlm.agent.task']._plan(self.agent('Planner'), lead, '2030-01-01', 'erase the step')
        self.env['ir.attachment'].create({'name': 'erase.pdf', 'res_model': 'crm.lead', 'res_id': lead.id, 'raw': b'x'})
        lead.city = 'Erasecity'
        found = self.traces(*words)
        self.assertEqual({word for table, word in found if found[table, word] > before[table, word]}, set(words))
        officer = self.user('lead_officer', 'mlm_network.group_officer,sales_team.group_sale_salesman_all_leads')
        with self.assertRaises(AccessError):
            lead.with_user(officer).action_mlm_erase()
        lead.with_user(self.user('lead_manager',
            'mlm_network.group_manager,sales_team.group_sale_salesman_all_leads')).action_mlm_erase()
        self.assertEqual(self.traces(*words), before)
        self.assertFalse(self.env['ir.attachment'].search([('res_model', '=', 'crm.lead'), ('res_id', '=', lead.id)]))
        self.assertEqual((event | again).mapped('state'), ['erased'] * 2)
        self.assertEqual((self.again('x-1'), self.again('x-2')), (0, 0))

    def test_objections_outlive_the_person(self):
        """Who objected is on the blacklist of that channel, with nothing but the address; nobody else is."""
        emails, phones = self.env['mail.blacklist'], self.env['phone.blacklist']
        before = emails.search_count([]), phones.search_count([])

        def erased(id_, *consents, by_look_up=False):
            lead = self.become_json(
                self.json, id_, contact={
                    'full_name': 'Object Or', 'email': f'{id_}@example.com', 'phone': '+4860010020' + id_[-1]},
                consents=[{'key': key, 'text': 'wording', 'accepted': accepted} for key, accepted in consents]).lead_id
            if by_look_up:
                self.look_up('Object Or', f'{id_}@example.com').filtered(
                    lambda line: line.res_model == 'crm.lead').action_unlink()
            else:
                lead._mlm_erase()
            return (emails.search_count([('email', '=', f'{id_}@example.com')]),
                    phones.search_count([('number', '=', '+4860010020' + id_[-1])]))

        self.assertEqual(erased('silent-1'), (0, 0))
        self.assertEqual(erased('agreed-2', ('email', True), ('phone', True)), (0, 0))
        self.assertEqual(erased('email-3', ('email', False), ('phone', True)), (1, 0))
        self.assertEqual(erased('phone-4', ('phone', False)), (0, 1))
        self.assertEqual(erased('lookup-5', ('email', False), ('phone', False), by_look_up=True), (1, 1))
        self.assertEqual((emails.search_count([]) - before[0], phones.search_count([]) - before[1]), (2, 2))

    def test_vendor_asks_to_forget(self):
        event = self.become_json(self.json, contact={'full_name': 'A', 'email': 'a@example.com'})
        lead = event.lead_id
        self.Event._insert(self.cr, self.json, [Inbound('x-1', {}, deleted=True)], 'push')
        self.env.invalidate_all()
        self.work()
        self.assertEqual((event.state, lead.email_from, lead.active), ('erased', False, False))

    def test_vendor_asks_to_forget_what_never_came(self):
        self.Event._insert(self.cr, self.json, [Inbound('late', {}, deleted=True)], 'push')
        self.assertEqual(self.again('late'), 0)

    def test_lead_deleted_by_hand_does_not_come_back(self):
        event = self.become_json(self.json, contact={'full_name': 'A'})
        event.lead_id.unlink()
        self.assertEqual(self.again(), 0)
        self.work()
        self.assertFalse(event.lead_id)

    def test_kept_for_its_time(self):
        self.json.retention_days = 30
        done = self.become_json(self.json, 'a', contact={'full_name': 'A', 'email': 'a@example.com'})
        failed = self.put_json(self.json, 'b')
        failed.state = 'failed'
        waiting = self.put_json(self.json, 'c')
        fresh = self.become_json(self.json, 'd', contact={'full_name': 'D'})
        waiting.state = 'pending'
        self.env.flush_all()
        self.env.cr.execute('UPDATE mlm_lead_event SET create_date = %s WHERE id = ANY(%s)', [
            fields.Datetime.now() - timedelta(days=31), (done | failed | waiting).ids])
        self.env.invalidate_all()
        with patch.object(type(self.env['ir.cron']), '_commit_progress', lambda *args, **kwargs: float('inf')):
            self.Event._cron_strip()
        self.assertEqual([bool(event.payload) for event in (done, failed, waiting, fresh)], [False, True, True, True])
        self.assertRecordValues(done, [{
            'stripped': True, 'external_id': False, 'email_normalized': False, 'state': 'done', 'lead_id': done.lead_id.id}])
        self.assertEqual(self.again('a'), 0)

    def test_agent_who_was_told(self):
        """An agent is forgotten: who got which lead stays, the address by which the agent was told does not."""
        agent = self.agent('Berta')
        self.rule(agent)
        lead = self.become_json(self.json, contact={'full_name': 'A'}).lead_id
        assignment = lead.mlm_assignment_ids
        self.assertIn(agent.email, assignment.notice)
        agent._mlm_anonymize()
        self.assertFalse(assignment.notice)
        self.assertEqual((lead.mlm_agent_id, assignment.agent_id), (agent, agent))
