# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from lxml import etree, html

from odoo.tests import BaseCase, freeze_time, tagged

from .. import chart
from .common import CommissionCommon
from .test_portal_business import BusinessCommon

SVG = '{http://www.w3.org/2000/svg}'


@tagged('post_install', '-at_install')
class TestChart(BaseCase):

    def _bars(self, *amounts, **values):
        """[(top, bottom)] of the bars drawn for some amounts, and where the line is."""
        root = etree.fromstring(chart.draw([chart.Bar(str(amount), amount, str(amount), **values) for amount in amounts]))
        bars = [(float(rect.get('y')), float(rect.get('y')) + float(rect.get('height'))) for rect in root.iter(f'{SVG}rect')]
        return bars, float(root.findall(f'{SVG}path')[-1].get('d')[1:].split('H')[0].split()[1])

    def test_bars_are_as_high_as_what_they_stand_for(self):
        bars, zero = self._bars(50, 100, 0)
        room = chart.HEIGHT - chart.TOP - chart.BOTTOM
        self.assertEqual([round(bottom - top) for top, bottom in bars], [room / 2, room, 0])
        self.assertTrue(all(abs(bottom - zero) < .2 for _top, bottom in bars))

    def test_what_is_below_zero_hangs_from_the_line(self):
        bars, zero = self._bars(100, -100)
        self.assertTrue(bars[0][1] <= zero + .2 and bars[1][0] >= zero - .2)
        self.assertAlmostEqual(bars[0][1] - bars[0][0], bars[1][1] - bars[1][0], delta=.2)
        bars, zero = self._bars(-10, -20)
        self.assertLess(bars[0][1], bars[1][1])

    def test_nothing_and_zero(self):
        self.assertFalse(chart.draw([]))
        self._bars(0, 0)

    def test_labels_are_text_never_markup(self):
        drawn = chart.draw([chart.Bar('<b>', 1, '"&"')], 'A & <B>')
        etree.fromstring(drawn)
        self.assertNotIn('<b>', drawn)


@tagged('post_install', '-at_install')
class TestPortalEarnings(BusinessCommon, CommissionCommon):
    """Ben: 180 in March of 1,000 by Dan and 500 of his own, 48 so far in April of 600 by Dan. 10 % is held back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product_a.mlm_liability_id = cls.env['mlm.liability'].create({
            'name': 'Three months', 'kind': 'full', 'months': 3, 'reserve_rate': 10})
        cls.sale = cls._invoice(cls.dan, 1000)
        cls._invoice(cls.ben, 500)
        cls.march = cls._period(3)
        cls.march.action_calculate()
        with freeze_time('2024-04-05'):
            cls.march.action_close()
        cls._invoice(cls.dan, 600, day='2024-04-10')
        cls.april = cls._period(4)
        for agent in (cls.ben, cls.dan):
            cls._portal_user(agent)
        cls.of_ben = cls.march.statement_ids.filtered(lambda statement: statement.agent_id == cls.ben)

    def _rows(self):
        root = html.fromstring(self.url_open('/my/statements').text)
        return [
            [' '.join(cell.text_content().replace('\xa0', ' ').split()) for cell in row]
            for row in root.find_class('o_mlm_earnings_chart')[0].findall('.//tbody/tr')]

    def test_chart_and_table(self):
        page = self._page(self.ben, '/my/statements')
        self.assertNotIn('Commission by period', page, 'one bar compares nothing')
        self.assertIn('Your reserve', page)
        self.april.action_calculate()
        self._page(self.ben, '/my/statements')
        # 180 less 18 held back were payable.
        self.assertEqual(self._rows(), [['Apr 24 Estimate', '$ 48.00', ''], ['Mar 24', '$ 180.00', '$ 162.00']])
        self.assertEqual(self.url_open('/my/statements').text.count('<rect'), 2)
        self._page(self.dan, '/my/statements')
        self.assertEqual(self._rows(), [['Apr 24 Estimate', '$ 30.00', ''], ['Mar 24', '$ 50.00', '$ 45.00']])

    def test_reserve_unfolds_to_the_contracts(self):
        self.authenticate('mlm_ben', 'mlm_ben')
        root = html.fromstring(self.url_open(self.of_ben.access_url).text)
        moves = [' '.join(move.text_content().replace('\ufeff', '').split()) for move in root.find_class('o_mlm_portal_move')]
        # 10 % of 80 for Dan's sale, of 100 for the own one; each from 10 March for three months.
        self.assertEqual([move[len(self.sale.name):] for move in moves], [
            ' held until 06/09/2024 $ -8.00', ' held until 06/09/2024 $ -10.00'])
        self.assertTrue(moves[0].startswith(self.sale.name))
        line = self.of_ben.line_ids.filtered(lambda line: line.kind == 'reserve_held')
        self.assertURLEqual(self.url_open(f'{self.of_ben.access_url}/lines/{line.id}').url, self.of_ben.access_url)
        self.assertEqual(sum(line._get_reserve_moves().mapped('amount')), -line.amount)

    def test_strangers(self):
        self.authenticate('mlm_dan', 'mlm_dan')
        self.assertURLEqual(self.url_open(self.of_ben.access_url).url, '/my')
        token = self.of_ben._portal_ensure_token()
        self.env.flush_all()
        self.authenticate(None, None)
        page = self.url_open(f'{self.of_ben.access_url}?access_token={token}').text
        self.assertIn('o_mlm_portal_move', page, 'whoever has the link of the statement sees all of the statement')
