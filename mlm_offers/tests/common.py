# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import base64
import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from odoo import fields
from odoo.fields import Command

from odoo.addons.mlm_network.tests.common import NetworkCommon

# one black dot
PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=='


class OffersCommon(NetworkCommon):
    """The network of the base module, two products at 100.00 and 40.00 without tax, and an offer template."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=cls.env.context | {'lang': 'en_US'})
        cls.anna.write({'email': 'anna@agents.example.com', 'phone': '+48 600 100 201'})
        cls.kim.write(
            {'email': 'kim@customers.example.com', 'phone': '+48 600 100 200', 'country_id': cls.env.ref('base.pl').id}
        )
        cls.otto.email = 'otto@agents.example.com'
        cls.karl = cls.customer('Karl', cls.otto, email='karl@customers.example.com')
        cls.product = cls.env['product.product'].create(
            {
                'name': 'Case File',
                'type': 'service',
                'list_price': 100.0,
                'taxes_id': [Command.clear()],
                'invoice_policy': 'order',
            }
        )
        cls.option = cls.env['product.product'].create(
            {
                'name': 'Second Opinion',
                'type': 'service',
                'list_price': 40.0,
                'taxes_id': [Command.clear()],
                'invoice_policy': 'order',
            }
        )
        cls.template = cls.make_template('Test Package')
        cls.clerk = cls.new_user('off_clerk', 'base.group_user,sales_team.group_sale_salesman_all_leads')

    @classmethod
    def new_user(cls, login, groups, **values):
        groups = [cls.env.ref(group).id for group in groups.split(',')]
        return (
            cls.env['res.users']
            .with_context(no_reset_password=True)
            .create(
                {
                    'name': login,
                    'login': login,
                    'password': login,
                    'email': f'{login}@example.com',
                    'group_ids': [Command.set(groups)],
                }
                | values
            )
        )

    @classmethod
    def make_template(cls, name, **values):
        return cls.env['sale.order.template'].create(
            {
                'name': name,
                'mlm_is_offer': True,
                'mlm_agent_use': True,
                'number_of_days': 30,
                'mlm_max_discount': 10,
                'require_signature': True,
                'require_payment': False,
                'sale_order_template_line_ids': [
                    Command.create({'product_id': cls.product.id, 'product_uom_qty': 1}),
                    Command.create(
                        {'name': 'Options', 'display_type': 'line_section', 'is_optional': True, 'product_uom_qty': 0}
                    ),
                    Command.create({'product_id': cls.option.id, 'product_uom_qty': 0}),
                ],
            }
            | values
        )

    @classmethod
    def make_contract_template(cls, **values):
        return cls.env['mlm.contract.template'].create(
            {
                'name': 'Mandate',
                'body': '<p>Between us and <t t-out="object.partner_id.name"/> about <t t-out="object.order_id.name"/>.</p>',
            }
            | values
        )

    @classmethod
    def make_offer(cls, partner=None, template=None, sent=True, **values):
        order = (template or cls.template)._mlm_create_offer(partner or cls.kim, user_id=cls.clerk.id, **values)
        if sent:
            order.action_quotation_sent()
        return order

    def run_cron(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(f'mlm_offers.{name}').method_direct_trigger()
        self.env.invalidate_all()

    def mails_to(self, email):
        return (
            self.env['mail.mail']
            .sudo()
            .search([])
            .filtered(lambda mail: email in (mail.email_to or '') or email in mail.recipient_ids.mapped('email'))
        )

    def sign_all(self, contract):
        contract = contract.sudo()
        while contract.state == 'sent':
            party = contract._get_next_party()
            party._sign(party.partner_id.name, PNG, '203.0.113.7', 'Test Browser')

    def age(self, order, days):
        """Let an offer have been sent some days ago."""
        order.mlm_sent_on = fields.Datetime.subtract(fields.Datetime.now(), days=days, minutes=1)


class Vendor:
    """A real HTTP server on loopback that plays somebody else's interface.

    ``handle(method, path, headers, body)`` answers (status, headers, bytes); status None hangs up without an answer.
    """

    def __init__(self):
        self.requests = deque()
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.0'

            def answer(self):
                body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
                vendor.requests.append((self.command, self.path, dict(self.headers), body))
                status, headers, content = vendor.handle(self.command, self.path, self.headers, body)
                if status is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header('Content-Length', str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def handle(self, method, path, headers, body):
        raise NotImplementedError

    @staticmethod
    def json(value, status=200, **headers):
        return status, {'Content-Type': 'application/json'} | headers, json.dumps(value).encode()

    def paths(self, method=None):
        return [path for verb, path, _headers, _body in self.requests if method in (None, verb)]


def decode(field):
    return base64.b64decode(field)
