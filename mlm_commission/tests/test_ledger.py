# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import random

from odoo.tests import BaseCase, tagged

from ..ledger import Fact, Measures, Worth, balance, scaled, spread_credits

KEY, OTHER = ('agent', 'customer', 'product'), ('other agent', 'customer', 'product')
FULL = Measures(net=10000, margin=4000, points=500, quantity=1000)


@tagged('post_install', '-at_install')
class TestLedger(BaseCase):
    """The arithmetic of the ledger, without a database."""

    def setUp(self):
        super().setUp()
        self.facts = []

    def _becomes(self, worth):
        """Append what the worth asks for; return the new facts as (adjusted fact's number or None, measures)."""
        appended = balance(self.facts, worth)
        first = len(self.facts) + 1
        self.facts += [fact._replace(id=first + place) for place, fact in enumerate(appended)]
        return [(fact.origin, fact.measures) for fact in appended]

    def test_whole_line_taken_back_and_given_back(self):
        self.assertEqual(self._becomes(Worth(KEY, FULL, 10000)), [(None, FULL)])
        self.assertEqual(self._becomes(Worth(KEY, FULL, 10000)), [], 'nothing changed, nothing is appended')
        self.assertEqual(self._becomes(None), [(1, Measures(-10000, -4000, -500, -1000))])
        self.assertEqual(self._becomes(None), [])
        self.assertEqual(self._becomes(Worth(KEY, FULL, 10000)), [(1, FULL)], 'the same sale is given back')

    def test_parts_are_pro_rata_and_end_at_zero(self):
        self._becomes(Worth(KEY, FULL, 10000))
        # 6667 of 10000: margin 2666.8, points 333.35, quantity 666.7, each rounded by itself
        self.assertEqual(self._becomes(Worth(KEY, FULL, 6667)), [(1, Measures(-3333, -1333, -167, -333))])
        # 3334 of 10000: 1333.6, 166.7, 333.4
        self.assertEqual(self._becomes(Worth(KEY, FULL, 3334)), [(1, Measures(-3333, -1333, -166, -334))])
        self.assertEqual(self._becomes(Worth(KEY, FULL, 0)), [(1, Measures(-3334, -1334, -167, -333))])
        self.assertEqual(sum((fact.measures for fact in self.facts), Measures()), Measures())

    def test_payments_one_by_one_add_up_to_the_whole(self):
        self._becomes(Worth(KEY, FULL, 3333))
        self._becomes(Worth(KEY, FULL, 6666))
        self._becomes(Worth(KEY, FULL, 10000))
        self.assertEqual([fact.origin for fact in self.facts], [None] * 3, 'each payment is a fact of its own')
        self.assertEqual(sum((fact.measures for fact in self.facts), Measures()), FULL)
        # 5000 left: of the newest part (3334) all goes, of the one before (3333) 1666
        undone = self._becomes(Worth(KEY, FULL, 5000))
        self.assertEqual([(origin, measures.net) for origin, measures in undone], [(3, -3334), (2, -1666)])

    def test_another_agent_ends_the_fact(self):
        self._becomes(Worth(KEY, FULL, 10000))
        self.assertEqual(
            self._becomes(Worth(OTHER, FULL, 10000)), [(1, Measures() - FULL), (None, FULL)])
        self.assertEqual(self.facts[1].key, KEY)
        self.assertEqual(self.facts[2].key, OTHER)

    def test_another_price_is_another_sale_but_more_of_the_same_is_more(self):
        self._becomes(Worth(KEY, FULL, 10000))
        self._becomes(None)
        dearer = Measures(net=12000, margin=6000, points=500, quantity=1000)
        self.assertEqual(self._becomes(Worth(KEY, dearer, 12000)), [(None, dearer)])
        self._becomes(None)
        twice = Measures(net=20000, margin=8000, points=1000, quantity=2000)
        self.assertEqual(self._becomes(Worth(KEY, twice, 20000)), [(1, FULL), (None, FULL)])

    def test_more_of_the_same_in_another_currency(self):
        """1.01 at a rate of 1.7 is 0.59, 2.02 is 1.19: the second piece is worth what the first leaves of it."""
        one, two = Measures(net=59, quantity=1000, document=101), Measures(net=119, quantity=2000, document=202)
        self.assertEqual(self._becomes(Worth(KEY, one, 101)), [(None, one)])
        self.assertEqual(self._becomes(Worth(KEY, two, 202)), [(None, two - one)])
        self.assertEqual(self._becomes(Worth(KEY, two, 202)), [])
        self.assertEqual(self._becomes(Worth(KEY, two, 0)), [(2, one - two), (1, Measures() - one)])
        self.assertEqual(self._becomes(Worth(KEY, two, 202)), [(1, one), (2, two - one)])

    def test_a_price_that_differs_by_a_cent_is_another_price(self):
        """5.04 francs were 5.02 euros; at another rate they are 5.04: no rounding, so the old fact ends."""
        old, new = Measures(net=502, quantity=1000, document=504), Measures(net=504, quantity=1000, document=504)
        self._becomes(Worth(KEY, old, 504))
        self.assertEqual(self._becomes(Worth(KEY, new, 504)), [(1, Measures() - old), (None, new)])
        self.assertEqual(self._becomes(Worth(KEY, new, 252)), [(3, Measures(net=-252, quantity=-500, document=-252))])
        self.assertEqual(self._becomes(Worth(KEY, new, 504)), [(3, Measures(net=252, quantity=500, document=252))])

    def test_whatever_happens_the_facts_add_up_in_every_measure(self):
        """Lines edited, in part credited or paid, given to others, taken back, in any order.

        Small figures, where rounding is as large as what is edited. Of each base fact something between nothing and all
        is there, or whoever was paid for it could not be clawed back.
        """
        chance = random.Random(19)
        for _line in range(1500):
            self.facts = []
            full = Measures(*(chance.randint(-3, 3) if chance.random() < 0.3 else chance.randint(1, 400) for _ in range(6)))
            for _event in range(12):
                what = chance.random()
                if what < 0.3:
                    full = Measures(*(value + chance.choice((-2, -1, 0, 0, 1, 2)) for value in full))
                elif what < 0.4:
                    full = Measures(*(value * chance.randint(2, 3) for value in full))
                worth = None
                if full.driver is not None and chance.random() < 0.85:
                    whole = full[full.driver]
                    part = whole if chance.random() < 0.3 else chance.randint(min(0, whole), max(0, whole))
                    worth = Worth(chance.choice((KEY, KEY, KEY, OTHER)), full, part)
                self._becomes(worth)
                self._check_adds_up(worth)

    def _check_adds_up(self, worth):
        now = {}
        for fact in self.facts:
            base = fact.origin or fact.id
            now[base] = now.get(base, Measures()) + fact.measures
        sums = {}
        for base, measures in now.items():
            fact = self.facts[base - 1]
            sums[fact.key] = sums.get(fact.key, Measures()) + measures
            for value, size in zip(measures, fact.measures):
                self.assertTrue(min(0, size) <= value <= max(0, size), f'{value} of {size}')
        self.assertEqual({key: measures for key, measures in sums.items() if any(measures)},
                         {worth.key: scaled(worth.full, worth.full.driver, worth.part)} if worth and worth.part else {})
        self.assertEqual(balance(self.facts, worth), [])

    def test_discount_lines_and_free_lines(self):
        discount = Measures(net=-500, margin=-500, quantity=1000)
        self._becomes(Worth(KEY, discount, -500))
        self.assertEqual(self._becomes(Worth(KEY, discount, -200))[0], (1, Measures(300, 300, 0, -600)))
        self.facts = []
        free = Measures(points=300, quantity=1000)
        self.assertEqual(self._becomes(Worth(KEY, free, 300)), [(None, free)])
        self.assertEqual(self._becomes(None), [(1, Measures() - free)])
        self.assertEqual(balance([], Worth(KEY, Measures(), 0)), [], 'nothing at all is no fact')

    def test_facts_recorded_by_an_older_fact_are_not_shared(self):
        facts = [Fact(7, None, KEY, FULL), Fact(9, None, OTHER, FULL), Fact(11, 9, OTHER, Measures() - FULL)]
        self.assertEqual(balance(facts, Worth(KEY, FULL, 10000)), [])

    def test_credits_go_to_their_line_then_are_spread(self):
        self.assertEqual(spread_credits({1: 100, 2: 300}, [('c', 2, 120)]), ({1: 100, 2: 180}, {}))
        # 200 of 400 without a line: 50 of 100 and 150 of 300
        self.assertEqual(spread_credits({1: 100, 2: 300}, [('c', None, 200)]), ({1: 50, 2: 150}, {}))
        # more than line 1 is worth: the other 50 come off line 2
        self.assertEqual(spread_credits({1: 100, 2: 300}, [('c', 1, 150)]), ({1: 0, 2: 250}, {}))
        # more than the invoice: 25 find no line
        self.assertEqual(spread_credits({1: 100, 2: 300}, [('c', None, 425)]), ({1: 0, 2: 0}, {'c': 25}))
        # 1 cent over three equal lines goes to one of them; a discount line is not a sale to take it from
        left, over = spread_credits({1: 5, 2: 5, 3: 5, 4: -5}, [('c', None, 1)])
        self.assertEqual((sum(left.values()), left[4], over), (9, -5, {}))
