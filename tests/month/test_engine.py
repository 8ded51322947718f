# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The month on the bare engine, through arrays written down here."""
from decimal import Decimal

import numpy as np

from odoo.addons.mlm_commission import engine

from . import expected

PLAN = {
    'schema': 1, 'name': 'Claims', 'currency_digits': 2, 'rounding': {'mode': 'half_up', 'unit': 1},
    'rules': [
        {'kind': 'differential', 'name': 'Differential', 'base': 'net', 'params': {'source': 'agreement'}},
        {'kind': 'level', 'name': 'Sponsor', 'base': 'net',
         'params': {'rates': [{'rate': '1'}], 'compression': 'standard'}},
    ],
}
AGENTS = sorted(expected.RATES)
ID = {agent: position for position, agent in enumerate(AGENTS, 1)}


def cents(text):
    return int(Decimal(text) * 100)


def test_every_sale_pays_what_was_worked_out_by_hand():
    network = engine.Network.build(
        np.array([ID[agent] for agent in AGENTS]),
        np.array([ID.get(expected.SPONSORS.get(agent), 0) for agent in AGENTS]),
        np.array([agent not in expected.INACTIVE for agent in AGENTS]))
    terms = engine.Terms(tuple(
        np.array([rates[agent] * 10_000 for agent in AGENTS], np.int32)
        for rates in (expected.RATES, expected.REPORT_RATES)))
    sold = [(order, product, seller, cents(net)) for order, (seller, lines) in expected.SALES.items()
            for product, net in lines if product != 'court' and order != 'late']
    sales = engine.Sales.build(
        network, np.arange(1, len(sold) + 1), np.array([ID[seller] for _o, _p, seller, _n in sold]),
        np.array([net for _o, _p, _s, net in sold]),
        column=np.array([int(product == 'report') for _o, product, _s, _n in sold], np.int32))
    entries = engine.prepare(engine.Plan.parse(PLAN), network, terms).pay(sales)
    paid = {}
    for row in entries.rows():
        order, product, _seller, _net = sold[row['sale'] - 1]
        paid.setdefault((row['rule'], order, product), {})[AGENTS[row['beneficiary'] - 1]] = row['amount']
    wanted = {
        (rule, *sale): {agent: cents(amount) for agent, amount in shares.items()}
        for rule, table in enumerate((expected.DIFFERENTIAL, expected.SPONSOR_BONUS))
        for sale, shares in table.items()
    }
    assert paid == wanted


def test_the_tables_written_by_hand_agree_with_each_other():
    for agent, (differential, bonus, payable) in expected.STATEMENTS.items():
        for table, total in ((expected.DIFFERENTIAL, differential), (expected.SPONSOR_BONUS, bonus)):
            assert sum(cents(shares.get(agent, '0')) for shares in table.values()) == cents(total), agent
        assert cents(differential) + cents(bonus) == cents(payable), agent
    sellers = {agent for table in (expected.DIFFERENTIAL, expected.SPONSOR_BONUS)
               for shares in table.values() for agent in shares}
    assert sellers == set(expected.STATEMENTS)
