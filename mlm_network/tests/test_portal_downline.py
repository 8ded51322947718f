# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import re

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import SQL

from .common import NetworkCommon


class DownlineCommon(NetworkCommon):
    """Below Bert: Carl Weber, below him Dora Maria Klein, below her Emil Vogt; and Cleo, a candidate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.emil = cls.agent('Emil Vogt', cls.dora, 'suspended')
        cls.carl.name, cls.dora.name = 'Carl Weber', 'Dora Maria Klein'
        cls.user = new_test_user(cls.env, 'mlm_downline_bert', 'base.group_portal', partner_id=cls.bert.id)

    def names(self, cards):
        return [card['name'] for card in cards]

    def found(self, agent, **wanted):
        return self.names(agent._mlm_downline_search(wanted)[1])


@tagged('post_install', '-at_install')
class TestDownline(DownlineCommon):

    def test_names_beyond_the_frontline_are_short(self):
        cards, more = self.bert._mlm_downline_frontline()
        self.assertEqual((self.names(cards), more), (['Carl Weber', 'Cleo'], False))
        path = self.bert._mlm_downline_path(self.carl.mlm_agent_code)
        [dora], _more = self.bert._mlm_downline_frontline(path)
        self.assertEqual((dora['name'], dora['level'], dora['sponsor'], dora['frontline']), ('Dora K.', 2, 'Carl Weber', '1'))
        path = self.bert._mlm_downline_path(self.dora.mlm_agent_code)
        self.assertEqual(self.names(path), ['Carl Weber', 'Dora K.'])
        [emil], _more = self.bert._mlm_downline_frontline(path)
        self.assertEqual((emil['name'], emil['level'], emil['sponsor']), ('Emil V.', 3, 'Dora K.'))
        # Whoever stands above Dora knows her by name.
        self.assertEqual(self.found(self.carl), ['Dora Maria Klein', 'Emil V.'])

    def test_names_for_a_reader(self):
        """Outside of lists, too: the own name and the frontline's in full, others short; staff read names as they are."""
        self.bert.name = 'Bert Lang'
        agents = self.bert + self.carl + self.dora
        self.assertEqual(agents._mlm_names_for(self.bert), {
            self.bert.id: 'Bert Lang', self.carl.id: 'Carl Weber', self.dora.id: 'Dora K.'})
        self.assertEqual(agents._mlm_names_for(self.carl), {
            self.bert.id: 'Bert L.', self.carl.id: 'Carl Weber', self.dora.id: 'Dora Maria Klein'})
        self.assertEqual(agents._mlm_names_for(agents.browse()), {agent.id: agent.name for agent in agents})

    def test_short_names(self):
        for name, short in (
            ('Kim', 'K.'), (' Kim  Berg ', 'Kim B.'), ('Anna Maria von Berg', 'Anna B.'), ('ółka', 'ó.'), ('x.y@z.example', 'x.'),
            ('Berg & Sohn GmbH', 'Berg G.'), ('A B', 'A B.'),
        ):
            self.dora.name = name
            self.assertEqual(self.found(self.bert, level='2'), [short], name)

    def test_search_tells_no_more_than_is_shown(self):
        for text, names in (
            ('dora k', ['Dora K.']), ('Klein', []), ('Maria', []), ('Dora Kl', []), ('Weber', ['Carl Weber']),
            ('weber ', ['Carl Weber']), ('Vogt', []), ('%', []), ('_', []), ('\\', []), ("'", []), ('Anna', []), ('Otto', []),
            ('\x00Weber\n', ['Carl Weber']),
        ):
            self.assertEqual(self.found(self.bert, text=text), names, text)
        self.assertEqual(self.found(self.bert, text=self.dora.mlm_agent_code.lower()), ['Dora K.'])
        for other in (self.anna, self.bert, self.otto):
            self.assertEqual(self.found(self.bert, text=other.mlm_agent_code), [])

    def test_order_tells_no_more_than_is_shown(self):
        """Two whose shown names are equal stand in the order of their entry, not of what is hidden."""
        late = self.agent('Dora Kaiser', self.carl)
        self.assertEqual([card['code'] for card in self.bert._mlm_downline_search({'level': '2'})[1]],
                         [self.dora.mlm_agent_code, late.mlm_agent_code])

    def test_filters(self):
        self.assertEqual(self.found(self.bert), ['Carl Weber', 'Cleo', 'Dora K.', 'Emil V.'])
        everybody = ['Carl Weber', 'Cleo', 'Dora K.', 'Emil V.']
        for wanted, names in (
            ({'level': '1'}, ['Carl Weber', 'Cleo']), ({'level': '3'}, ['Emil V.']), ({'level': '4'}, []),
            ({'level': '0'}, everybody), ({'level': 'x'}, everybody), ({'level': '9' * 40}, everybody),
            ({'state': 'candidate'}, ['Cleo']), ({'state': 'inactive'}, ['Emil V.']), ({'state': 'none'}, everybody),
            ({'state': 'active', 'level': '2'}, ['Dora K.']),
        ):
            self.assertEqual(self.found(self.bert, **wanted), names, wanted)

    def test_new_are_those_who_became_agents_lately(self):
        old = self.since('2020-02-03', 'Olaf Alt', self.since('2019-01-01', 'Top Alt'))
        top = old.mlm_sponsor_id
        fresh = self.agent('Fred Neu', top)
        # A customer for years, an agent since today; and one who was suspended lately, but is no newcomer.
        turned = self.since('2020-02-03', 'Tom Kunde', top, state='none')
        turned.mlm_agent_state = 'active'
        old.mlm_agent_state = 'suspended'
        self.env.flush_all()
        self.assertEqual(self.found(top, new='1'), ['Fred Neu', 'Tom Kunde'])
        self.assertEqual(self.names(top._mlm_downline_news()), ['Tom Kunde', 'Fred Neu'])
        self.assertEqual(top._mlm_downline_counts(), {'total': 3, 'frontline': 3, 'inactive': 1, 'new': 2})
        joined = {card['name']: card['joined'] for card in top._mlm_downline_search({})[1]}
        self.assertEqual(joined, {
            'Fred Neu': fields.Date.today(), 'Tom Kunde': fields.Date.today(), 'Olaf Alt': fields.Date.to_date('2020-02-03')})
        self.assertEqual(fresh.mlm_sponsor_id, top)

    def test_counts_and_archived(self):
        self.dora.active = False
        self.assertEqual(self.bert._mlm_downline_counts(), {'total': 4, 'frontline': 2, 'inactive': 1, 'new': 4})
        self.assertEqual(self.anna._mlm_downline_counts()['total'], 5, 'customers are no agents')
        self.assertEqual(self.otto._mlm_downline_counts(), {'total': 0, 'frontline': 0, 'inactive': 0, 'new': 0})
        self.assertIn('Dora K.', self.found(self.bert))

    def test_paths(self):
        for code in (self.bert.mlm_agent_code, self.anna.mlm_agent_code, self.otto.mlm_agent_code, 'nobody', '', None, '%'):
            self.assertIsNone(self.bert._mlm_downline_path(code), code)
        self.assertEqual(self.names(self.bert._mlm_downline_path(' %s ' % self.carl.mlm_agent_code.lower())), ['Carl Weber'])

    def test_loop_in_the_data_ends(self):
        self.env.flush_all()
        self.env.cr.execute(SQL('UPDATE res_partner SET mlm_sponsor_id = %s WHERE id = %s', self.emil.id, self.bert.id))
        self.env.invalidate_all()
        self.assertEqual(self.found(self.bert), ['Carl Weber', 'Cleo', 'Dora K.', 'Emil V.'])
        self.assertEqual(self.bert._mlm_downline_counts()['total'], 4)

    def test_queries_do_not_grow(self):
        """A page takes the same few statements, however many stand below."""
        def count(read):
            self.env.invalidate_all()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            read()
            return self.env.cr.sql_log_count - before
        reads = (self.bert._mlm_downline_frontline, self.bert._mlm_downline_counts,
                 lambda: self.bert._mlm_downline_search({'text': 'a', 'new': '1'}))
        few = [[count(read) for read in reads] for _warmup in range(2)][1]
        self.Partner.create([{'name': 'Agent %d' % i, 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.carl.id}
                             for i in range(120)])
        self.Partner.create([{'name': 'Front %d' % i, 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.bert.id}
                             for i in range(60)])
        self.assertEqual([count(read) for read in reads], few)
        self.assertLessEqual(sum(few), 9)
        cards, more = self.bert._mlm_downline_frontline()
        self.assertEqual((len(cards), more), (50, True))
        cards, more = self.bert._mlm_downline_frontline(offset=50)
        self.assertEqual((len(cards), more), (12, False))

    def test_frontline_is_counted_to_a_limit(self):
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "INSERT INTO res_partner (name, mlm_sponsor_id, mlm_agent_state, mlm_agent_code, active, type, autopost_bills) "
            "SELECT 'Many ' || i, %s, 'active', 'MANY' || i, TRUE, 'contact', 'ask' FROM generate_series(1, 1001) AS i",
            self.dora.id))
        path = self.bert._mlm_downline_path(self.carl.mlm_agent_code)
        self.assertEqual(self.bert._mlm_downline_frontline(path)[0][0]['frontline'], '1000+')


@tagged('post_install', '-at_install')
class TestPortalDownline(DownlineCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for partner in cls.carl + cls.dora + cls.emil:
            partner.write({'email': '%s@secret.example.com' % partner.id, 'phone': '+49 30 7654321', 'street': 'Secret street'})
        new_test_user(cls.env, 'mlm_downline_stranger', 'base.group_portal', name='Stranger')
        new_test_user(cls.env, 'mlm_downline_otto', 'base.group_portal', partner_id=cls.otto.id)

    def below(self, login='mlm_downline_bert', **params):
        self.authenticate(login, login)
        return self.make_jsonrpc_request('/my/network/below', params)

    def get(self, url, login='mlm_downline_bert'):
        self.authenticate(login, login)
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        return re.sub(r'\s+', ' ', re.sub(r'<(script|style).*?</\1>|<[^>]*>', ' ', response.text, flags=re.DOTALL))

    def test_unfolding(self):
        answer = self.below(code=self.carl.mlm_agent_code)
        self.assertIn('Dora K.', answer['html'])
        self.assertEqual(answer['next'], 0)
        for secret in ('Klein', 'secret', '7654321', 'Secret street', 'data-id'):
            self.assertNotIn(secret, answer['html'])
        self.assertIn('Carl Weber', self.below(code='')['html'])
        self.assertNotIn('Emil', answer['html'])

    def test_only_the_own_downline_unfolds(self):
        for code in (self.anna.mlm_agent_code, self.bert.mlm_agent_code, self.otto.mlm_agent_code, 'X', str(self.carl.id)):
            self.assertIs(self.below(code=code), False, code)
        self.assertIs(self.below('mlm_downline_otto', code=self.carl.mlm_agent_code), False)
        self.assertIs(self.below('mlm_downline_stranger'), False)
        self.assertIs(self.below(code=self.carl.mlm_agent_code, offset='0 OR 1'), False)
        self.assertEqual(self.below(code=self.carl.mlm_agent_code, offset=-5)['next'], 0)
        self.assertIs(self.below(code=self.carl.mlm_agent_code, offset=10 ** 30), False)
        self.assertIs(self.below(code='\x00'), False)

    def test_public(self):
        self.authenticate(None, None)
        with self.assertRaisesRegex(Exception, 'SessionExpired'):
            self.make_jsonrpc_request('/my/network/below', {'code': self.carl.mlm_agent_code})
        self.assertIn('/web/login', self.url_open('/my/network/list', allow_redirects=False).headers['Location'])

    def test_list(self):
        page = self.get('/my/network/list')
        for text in ('4 agents', 'Carl Weber', 'Dora K.', 'level 2 under Carl Weber', 'level 3 under Dora K.', 'Suspended'):
            self.assertIn(text, page)
        for secret in ('Klein', 'Vogt', 'secret', 'Secret street', 'Anna', 'Otto', 'Kim'):
            self.assertNotIn(secret, page)
        self.assertRegex(self.get('/my/network/list?state=inactive'), r'1 agent\s*\.')
        self.assertIn('0 agents', self.get('/my/network/list?text=Klein'))
        self.assertIn('4 agents', self.get('/my/network/list?level=x&state=nonsense&domain=[]'))

    def test_list_is_for_agents(self):
        self.assertIn('You are not an agent of the network yet', self.get('/my/network/list', 'mlm_downline_stranger'))

    def test_list_pages(self):
        self.Partner.create([
            {'name': 'Recruit %03d' % i, 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.bert.id} for i in range(120)])
        first, third, last = (self.get('/my/network/list%s?level=1' % page) for page in ('', '/page/3', '/page/' + '9' * 30))
        names = [set(re.findall(r'Recruit \d+', page)) for page in (first, third, last)]
        self.assertEqual(len(names[0]), 48)
        self.assertIn('Recruit 119', third)
        self.assertFalse(names[0] & names[1])
        self.assertEqual(names[2], names[0], 'a page that is not there shows the first one')

    def test_tree_begins_at_somebody_below(self):
        page = self.get('/my/network?at=%s' % self.dora.mlm_agent_code)
        for text in ('Below Dora K.', 'You', 'Carl Weber', 'Emil V.'):
            self.assertIn(text, page)
        self.assertNotIn('Cleo', page)

    def test_tour(self):
        self.many()
        self.start_tour('/my/network', 'mlm_network_portal', login='mlm_downline_bert')

    def many(self):
        self.Partner.create([
            {'name': 'Many %03d' % i, 'mlm_agent_state': 'active', 'mlm_sponsor_id': self.emil.id} for i in range(60)])


@tagged('post_install', '-at_install')
class TestPortalDownlinePhone(DownlineCommon, HttpCase):
    browser_size = '375x667'
    touch_enabled = True

    def test_tour(self):
        TestPortalDownline.many(self)
        self.start_tour('/my/network', 'mlm_network_portal', login='mlm_downline_bert')

    def test_list_is_as_wide_as_the_screen(self):
        self.browser_js(
            '/my/network/list',
            "setTimeout(() => { const main = document.querySelector('main'); "
            "const width = Math.max(main.scrollWidth, main.getBoundingClientRect().right); "
            "console.log(width <= 375 && main.querySelectorAll('.list-group-item').length === 4 ? 'test successful' "
            ": `error: ${width} wide, on a screen of ${window.innerWidth}`); }, 300)",
            ready="!!document.querySelector('.o_mlm_portal_network_list')", login='mlm_downline_bert')
