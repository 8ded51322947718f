# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CommissionCommon


@tagged('post_install', '-at_install')
class TestPortalRpc(CommissionCommon, HttpCase):
    """What an agent of the portal, and a stranger with a login, get out of Odoo past the pages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        home = {'company_id': cls.company.id, 'company_ids': [(6, 0, cls.company.ids)]}
        cls.anna.name, cls.dan.name = 'Anna Secretabove', 'Dan Secretbelow'
        cls.customer.write({'name': 'Secretcustomer', 'email': 'secret@customers.example.com'})
        for agent in (cls.anna, cls.dan):
            agent.write({'email': 'secret@agents.example.com', 'phone': '+49 40 5550100'})
        cls._invoice(cls.dan, 1000)
        march = cls._period(3)
        march.action_calculate()
        march.action_close()
        cls.statement = march.statement_ids.filtered(lambda statement: statement.agent_id == cls.ben)
        cls.others = march.statement_ids - cls.statement
        new_test_user(cls.env, login='rpc_agent', groups='base.group_portal', partner_id=cls.ben.id, **home)
        new_test_user(cls.env, login='rpc_stranger', groups='base.group_portal', **home)

    def _call(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f'/web/dataset/call_kw/{model}/{method}', {'model': model, 'method': method, 'args': args, 'kwargs': kwargs})

    def _denied(self, model, method, *args, **kwargs):
        with self.assertRaises(JsonRpcException) as caught, mute_logger('odoo.http'):
            self._call(model, method, *args, **kwargs)
        self.assertIn('AccessError', str(caught.exception))

    def test_the_seller_is_nobody_by_name(self):
        """Commissions are the agent's own; who sold stands on the pages, shortened beyond the frontline."""
        self.authenticate('rpc_agent', 'rpc_agent')
        found = self._call('mlm.commission', 'search_read', [])
        self.assertEqual(len(found), 1)
        self.assertEqual(found[0]['amount'], 80)  # 20 less Cleo's 12 percent
        self.assertNotIn('Secret', str({**found[0], 'explanation': ''}))
        self._denied('mlm.commission', 'read', [found[0]['id']], ['seller_id'])
        self._denied('mlm.commission', 'search', [('seller_id.name', 'like', 'Secret')])
        self._denied('mlm.commission', 'search', [('seller_id', '=', self.dan.id)])
        self._denied('mlm.commission', 'search', [], order='seller_id')
        self._denied('mlm.commission', 'formatted_read_group', [], ['seller_id'], ['amount:sum'])
        self._denied('mlm.commission', 'search_count', [('volume_id.partner_id.email', '!=', False)])

    def test_ranks_of_others(self):
        standings = self.env['mlm.standing'].with_user(self.ben.user_ids)
        self.assertFalse(standings.search([('agent_id', '!=', self.ben.id)]))

    def test_internal_notes_cannot_be_guessed(self):
        notes = {
            'res.partner': self.ben,
            'mlm.agreement': self.agreements[self.ben],
            'mlm.statement': self.statement,
        }
        for record in notes.values():
            record.message_post(body='He is under suspicion', subtype_xmlid='mail.mt_note')
        self.authenticate('rpc_agent', 'rpc_agent')
        for model, record in notes.items():
            with self.subTest(model):
                self.assertEqual(self._call(model, 'search_count', [('id', '=', record.id)]), 1)
                for name in ('message_ids', 'website_message_ids'):
                    self._denied(model, 'search_count', [(f'{name}.body', 'like', 'suspicion')])
                self.assertFalse(self._call('mail.message', 'search_count', [('body', 'like', 'suspicion')]))
        # What is said to the agent is on the page all the same.
        self.statement.message_post(body='It is paid tomorrow', message_type='comment', subtype_xmlid='mail.mt_comment')
        messages = self.make_jsonrpc_request('/mail/thread/messages', {
            'thread_model': 'mlm.statement', 'thread_id': self.statement.id, 'only_portal': True})
        self.assertIn('It is paid tomorrow', str(messages))
        self.assertNotIn('suspicion', str(messages))

    def test_guessed_ids(self):
        """Neither the agent nor the stranger gets at what is others', by any way that Odoo offers."""
        other, agreement = self.others[:1], self.agreements[self.dan]
        for login in ('rpc_agent', 'rpc_stranger'):
            self.authenticate(login, login)
            for record in (other, other.line_ids[:1], agreement, self.dan, self.anna, self.customer):
                for method, args in (('read', [['display_name']]), ('web_read', [{'display_name': {}}]),
                                     ('get_metadata', []), ('copy', [])):
                    if method == 'get_metadata' and not record._log_access:
                        continue  # nothing to tell
                    with self.subTest(login=login, record=record, method=method):
                        self._denied(record._name, method, record.ids, *args)
                with self.subTest(login=login, record=record):
                    self.assertFalse(self._call(record._name, 'search', [('id', '=', record.id)]))
                    self.assertFalse(self._call(record._name, 'name_search', '', [('id', '=', record.id)]))
                    self.assertNotIn('Secret', str(self._call(
                        record._name, 'formatted_read_group', [('id', '=', record.id)], ['id'], ['__count'])))
            for method in ('action_adjust', 'action_bill', 'action_queue_mail'):
                self._denied('mlm.statement', method, other.ids)
            for path in (f'/commission/statement/{other.id}/csv', f'/commission/statements/{other.period_id.id}/csv',
                         f'/commission/chain/{other.period_id.id}', f'/mlm_commission/plan/{self.plan.id}.json',
                         f'/report/html/mlm_commission.mlm_statement_report/{other.id}',
                         f'/report/html/mlm_network.mlm_performance_report/{self.dan.id}',
                         f'/my/statements/{other.id}/commissions.csv', f'/my/statements/{other.id}/invoice'):
                with self.subTest(login=login, path=path), mute_logger('odoo.http'):
                    answer = self.url_open(path, allow_redirects=False)
                    self.assertIn(answer.status_code, (303, 403, 404))
                    self.assertNotIn('Secret', answer.text)

    def test_attachments_and_pictures(self):
        attachment = self.env['ir.attachment'].create({
            'name': 'secret.txt', 'raw': b'Secret', 'res_model': 'mlm.statement', 'res_id': self.others[:1].id})
        for login in ('rpc_agent', 'rpc_stranger'):
            self.authenticate(login, login)
            self._denied('ir.attachment', 'read', attachment.ids, ['raw'])
            self.assertFalse(self._call('ir.attachment', 'search', [('id', '=', attachment.id)]))
            self.assertEqual(self.url_open(f'/web/content/{attachment.id}').status_code, 404)
            with mute_logger('odoo.http'):
                path = f'/web/content/mlm.agreement/{self.agreements[self.dan].id}/document'
                self.assertEqual(self.url_open(path).status_code, 404)
            picture = self.url_open(f'/web/image/res.partner/{self.dan.id}/image_128').content
            nobody = self.url_open('/web/image/res.partner/0/image_128').content
            self.assertEqual(picture, nobody, 'a placeholder')

    def test_followers_and_activities(self):
        self.statement.message_subscribe(self.anna.ids)
        self.statement.activity_schedule('mail.mail_activity_data_todo', note='Secret', user_id=self.env.uid)
        self.authenticate('rpc_agent', 'rpc_agent')
        for model in ('mail.followers', 'mail.activity', 'mail.tracking.value'):
            self._denied(model, 'search_count', [])
        for name in ('message_follower_ids', 'message_partner_ids', 'activity_ids'):
            self._denied('mlm.statement', 'read', self.statement.ids, [name])
        with self.assertRaises(AccessError):
            self.statement.with_user(self.ben.user_ids).activity_ids  # noqa: B018
