# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import json
import unittest

from odoo.modules.module import get_manifest
from odoo.tests import HttpCase, tagged

from ..models.ir_http import REFERRAL_COOKIE
from .common import NetworkCommon


@tagged('post_install', '-at_install')
class TestJoinWebsite(NetworkCommon, HttpCase):
    """Beside Odoo's website and shop, where they are installed: they ask for consent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if 'website' not in cls.env or not get_manifest('website'):
            raise unittest.SkipTest('website is not installed')
        cls.website = cls.env['website'].get_current_website()
        cls.website.cookies_bar = True
        cls.code = cls.bert.mlm_agent_code

    def visit(self, url, **consent):
        self.authenticate(None, None)
        # quoted, since newer releases of werkzeug read no bare JSON from a cookie
        said = json.dumps({'required': True, **consent}).replace('"', r'\042')
        cookies = {'website_cookies_bar': f'"{said}"'} if consent else None
        return self.url_open(url, cookies=cookies).cookies.get(REFERRAL_COOKIE)

    def test_cookie_only_with_consent(self):
        url = f'/join/{self.code}'
        self.assertIsNone(self.visit(url), 'nobody asked yet')
        self.assertIsNone(self.visit(url, optional=False))
        self.assertEqual(self.visit(url, optional=True), self.code)
        self.website.cookies_bar = False
        self.assertIsNone(self.visit(url, optional=True), 'where nobody is asked, nobody agreed')

    def test_a_cart_is_credited(self):
        if 'product.public.category' not in self.env:
            self.skipTest('website_sale is not installed')
        product = self.env['product.product'].create({
            'name': 'Shop Thing', 'list_price': 10, 'website_published': True, 'sale_ok': True})
        self.assertIn(f'/shop?ref={self.code}', self.url_open(f'/join/{self.code}').text)
        code = self.visit(f'/shop?ref={self.code}', optional=True)
        self.make_jsonrpc_request('/shop/cart/add', {
            'product_template_id': product.product_tmpl_id.id, 'product_id': product.id, 'quantity': 1},
            cookies={REFERRAL_COOKIE: code})
        order = self.env['sale.order'].search([('order_line.product_id', '=', product.id)])
        self.assertRecordValues(order, [{'mlm_referral_code': self.code, 'mlm_agent_id': self.bert.id}])
        guest = self.customer('Guest')
        order.partner_id = guest
        self.assertEqual(order.mlm_agent_id, self.bert, 'the visitor entered the address')
        order.action_confirm()
        self.assertEqual(guest.mlm_sponsor_id, self.bert)
