# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import re

from odoo.tests import HttpCase, new_test_user, tagged

from .common import NetworkCommon


@tagged('post_install', '-at_install')
class TestPortal(NetworkCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bert.write({'email': 'bert@secret.example.com', 'street': 'Secret street 1', 'phone': '+49 30 1234567'})
        cls.carl.write({'email': 'carl@secret.example.com', 'street': 'Secret street 2', 'phone': '+49 30 7654321'})
        cls.user = new_test_user(cls.env, 'mlm_portal_bert', 'base.group_portal', partner_id=cls.bert.id)
        cls.stranger = new_test_user(cls.env, 'mlm_portal_stranger', 'base.group_portal', name='Stranger')

    def page(self, login, url='/my/network'):
        self.authenticate(login, login)
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        return re.sub(r'\s+', ' ', re.sub(r'<(script|style).*?</\1>|<[^>]*>', ' ', response.text, flags=re.DOTALL))

    def counter(self, login):
        self.authenticate(login, login)
        return self.make_jsonrpc_request('/my/counters', {'counters': ['mlm_network_count']})['mlm_network_count']

    def test_agent(self):
        page = self.page('mlm_portal_bert')
        for text in ('My Network', self.bert.mlm_agent_code, 'Sponsor Anna', 'Carl', 'Cleo', 'Candidate'):
            self.assertIn(text, page)
        for text in ('Dora', 'Kim', 'Otto', 'secret.example.com', 'Secret street', '7654321', 'page 2'):
            self.assertNotIn(text, page)
        self.assertEqual(self.counter('mlm_portal_bert'), 1)

    def test_other_people_cannot_be_asked_for(self):
        for url in ('/my/network?agent=%d' % self.anna.id, '/my/network?partner_id=%d' % self.anna.id,
                    '/my/network?at=%s' % self.anna.mlm_agent_code, '/my/network?at=%s' % self.otto.mlm_agent_code):
            self.assertNotIn('Kim', self.page('mlm_portal_bert', url))
        self.assertEqual(self.url_open('/my/network/%d' % self.anna.id).status_code, 404)

    def test_contact_of_an_agent(self):
        self.bert.is_company = True
        clerk = self.Partner.create({'name': 'Clerk', 'parent_id': self.bert.id})
        new_test_user(self.env, 'mlm_portal_clerk', 'base.group_portal', partner_id=clerk.id)
        self.assertIn('Carl', self.page('mlm_portal_clerk'))

    def test_stranger(self):
        page = self.page('mlm_portal_stranger')
        self.assertIn('You are not an agent of the network yet', page)
        self.assertNotIn('Your frontline', page)
        self.assertEqual(self.counter('mlm_portal_stranger'), 0)

    def post(self, url, **data):
        self.assertEqual(self.url_open(url, data={'csrf_token': self.csrf_token(), **data}).status_code, 200)
        self.env.invalidate_all()

    def csrf_token(self):
        return re.search(r'csrf_token: "([^"]+)"', self.url_open('/my/home').text).group(1)

    def test_sponsors_seat_their_own_recruits_and_nobody_else(self):
        self.env.company.mlm_placement_strategy = 'manual'
        self.anna.mlm_placed = True
        self.bert.write({'mlm_placement_id': self.anna.id, 'mlm_placement_slot': 1})
        page = self.page('mlm_portal_bert')
        for text in ('Left under Anna', 'Waiting for a seat', 'Carl', 'Find a seat'):
            self.assertIn(text, page)
        self.post('/my/network/place', recruit=str(self.dora.id), leg='1')
        self.assertFalse(self.dora.mlm_placed, 'a recruit of somebody else')
        self.post('/my/network/place', recruit=str(self.carl.id), leg='2')
        self.assertEqual((self.carl.mlm_placement_id, self.carl.mlm_placement_slot), (self.bert, 2))
        self.assertNotIn('Waiting for a seat', self.page('mlm_portal_bert'))
        self.post('/my/network/place', recruit=str(self.carl.id), leg='1')
        self.assertEqual(self.carl.mlm_placement_slot, 2, 'who has a seat is moved by officers alone')
        self.env.company.mlm_placement_strategy = 'outer'
        self.post('/my/network/leg', leg='right')
        self.assertEqual(self.bert.mlm_placement_leg, 'right')
        self.authenticate('mlm_portal_stranger', 'mlm_portal_stranger')
        late = self.agent('Late', self.bert, 'candidate')
        self.post('/my/network/place', recruit=str(late.id), leg='1')
        self.assertFalse(late.mlm_placed)

    def test_public(self):
        self.authenticate(None, None)
        self.assertIn('/web/login', self.url_open('/my/network', allow_redirects=False).headers['Location'])

    def test_phone(self):
        """On a narrow screen everything is there, and nothing of the page has to be scrolled sideways.

        Odoo's own header is left out: how wide it is follows from the fonts of the machine.
        """
        self.browser_js(
            '/my/network',
            "setTimeout(() => { const main = document.querySelector('main'); "
            "const width = Math.max(main.scrollWidth, main.getBoundingClientRect().right); "
            "console.log(width <= 375 && main.querySelectorAll('.o_mlm_card').length === 2 ? 'test successful' "
            ": `error: ${width} wide, on a screen of ${window.innerWidth}`); }, 300)",
            ready="!!document.querySelector('.o_mlm_portal_network')", login='mlm_portal_bert')

    browser_size = '375x667'
    touch_enabled = True
