# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from lxml import etree

from odoo.tests import BaseCase, tagged

from .. import picture

SVG = '{http://www.w3.org/2000/svg}'


@tagged('post_install', '-at_install')
class TestPicture(BaseCase):

    def _boxes(self, nodes):
        """{name: (x, y)} of the boxes drawn."""
        root = etree.fromstring(picture.draw(nodes))
        return {group.find(f'{SVG}text').text: tuple(int(group.find(f'{SVG}rect').get(name)) for name in 'xy')
                for group in root.iter(f'{SVG}g')}

    def test_sponsors_stand_above_and_nobody_on_another(self):
        boxes = self._boxes([picture.Node('Eva', 'Ben'), picture.Node('Anna'), picture.Node('Ben', 'Anna'),
                             picture.Node('Cleo', 'Ben'), picture.Node('Dora', 'Anna')])
        for name, above in (('Ben', 'Anna'), ('Dora', 'Anna'), ('Cleo', 'Ben'), ('Eva', 'Ben')):
            self.assertEqual(boxes[name][1] - boxes[above][1], picture.HEIGHT + picture.RISE)
        for level in ({'Ben', 'Dora'}, {'Eva', 'Cleo'}):
            left, right = sorted(boxes[name][0] for name in level)
            self.assertGreaterEqual(right - left, picture.WIDTH + picture.GAP)
        self.assertEqual(boxes['Ben'][0] * 2, boxes['Eva'][0] + boxes['Cleo'][0])

    def test_names_are_text_never_markup(self):
        drawn = picture.draw([picture.Node('<script>', terms='"&"', amount='1')], 'A & B')
        self.assertNotIn('<script>', drawn)
        etree.fromstring(drawn)

    def test_nothing_to_draw(self):
        self.assertFalse(picture.draw([]))
        self.assertFalse(picture.draw([picture.Node(str(number)) for number in range(picture.MOST + 1)]))

    def test_an_unknown_sponsor_leaves_the_agent_at_the_top(self):
        self.assertEqual(self._boxes([picture.Node('A', 'Nobody')])['A'][1], picture.EDGE)

    def test_a_deep_chain_needs_no_recursion(self):
        names = [str(number) for number in range(picture.MOST)]
        boxes = self._boxes([picture.Node(name, above) for name, above in zip(names, ['', *names])])
        self.assertEqual(len(boxes), picture.MOST)
