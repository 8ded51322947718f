# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged

from .test_ranks import MARCH, RanksCommon


@tagged('post_install', '-at_install')
class TestPortalNetwork(RanksCommon, HttpCase):
    """Ranks and volumes on the cards of an agent's downline. March as in the tests of ranks, and closed: Ben is Silver,
    Cleo and Dan Bronze. April is a draft: Dan sold 50 so far, nobody else anything.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.march = cls._month(cls, 3, **MARCH)
        cls.april = cls._month(cls, 4, close=False, dan=50)
        cls.user = new_test_user(
            cls.env, login='mlm_anna', name='Anna', groups='base.group_portal', partner_id=cls.anna.id, company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)])

    def _cards(self, agent, **wanted):
        agent = agent.with_user(self.user).sudo().with_context(active_test=False)
        return {card['name']: card for card in agent._mlm_downline_search(wanted)[1]}

    def test_cards(self):
        cards = self._cards(self.anna)
        self.assertEqual({name: card['rank'] for name, card in cards.items()}, {'Ben': 'Silver', 'C.': 'Bronze', 'D.': 'Bronze'})
        self.assertEqual(dict(cards['Ben']['figures']), {'Personal volume': '0', 'Group volume': '50'})
        self.assertEqual(dict(cards['D.']['figures']), {'Personal volume': '50', 'Group volume': '50'})

    def test_filters(self):
        for wanted, names in (
            ({'rank': str(self.silver.id)}, ['Ben']), ({'rank': str(self.bronze.id)}, ['C.', 'D.']),
            ({'rank': str(self.gold.id)}, []),
            ({'rank': 'none'}, []), ({'rank': '1 OR 1=1'}, ['Ben', 'C.', 'D.']), ({'sold': 'yes'}, ['D.']),
            ({'sold': 'no'}, ['Ben', 'C.']), ({'sold': 'yes', 'rank': str(self.silver.id)}, []),
        ):
            self.assertEqual(list(self._cards(self.anna, **wanted)), names, wanted)
        self._agent('Emil', self.dan)
        self.assertEqual(list(self._cards(self.anna, rank='none')), ['E.'])

    def test_money_where_there_are_no_points(self):
        with freeze_time('2024-05-05'):
            self.april.action_close()
        self.product_a.mlm_points = 0
        self._month(5, close=False, dan=30)  # 30 pieces at 1.00
        cards = self._cards(self.cleo)
        self.assertEqual(dict(cards['Dan']['figures']), {'Personal volume': '$\xa030.00', 'Group volume': '$\xa030.00'})

    def test_pages(self):
        self.authenticate('mlm_anna', 'mlm_anna')
        page = self.url_open('/my/network').text
        for text in ('Silver', 'Gold', 'Group volume', 'April 2024 so far', 'Ranks as paid in March 2024', 'an estimate'):
            self.assertIn(text, page)
        page = self.url_open('/my/network/list').text
        self.assertIn('Own sales', page)
        self.assertIn('April 2024 so far', page)
        html = self.make_jsonrpc_request('/my/network/below', {'code': self.ben.mlm_agent_code})['html']
        self.assertIn('Bronze', html)

    def test_without_an_agreement_there_are_no_figures(self):
        top = self._agent('Top')
        self.anna.with_context(mlm_date='2024-04-15').mlm_sponsor_id = top
        cards = self._cards(top)
        self.assertEqual((cards['Anna']['rank'], cards['Anna']['figures']), ('', []))
