# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What goes in: any order, and errors that name the record and the field."""

import numpy as np
import pytest
from engine import EngineError, Network, Sales, Terms
from hypothesis import given
from hypothesis import strategies as st


def small():
    return Network.build([7, 3, 5], [3, 0, 3], [True, False, True])


def test_any_order():
    network = small()
    assert network.ids.tolist() == [3, 5, 7]
    assert network.sponsor.tolist() == [-1, 0, 0]
    assert network.active.tolist() == [False, True, True]
    assert network.depth.tolist() == [0, 1, 1]
    assert len(Network.build([], [], [])) == 0


def test_read_only_without_touching_the_caller():
    ids = np.array([1, 2])
    network = Network(ids, np.array([-1, 0], np.int32), np.array([True, True]))
    with pytest.raises(ValueError):
        network.ids[0] = 9
    ids[0] = 1


@pytest.mark.parametrize('arguments, record, field', [
    (([1, 2, 1], [0, 0, 0], [True] * 3), 1, 'ids'),
    (([1, 2], [0, 9], [True] * 2), 2, 'sponsor'),
    (([0, 2], [0, 0], [True] * 2), 0, 'ids'),
    (([1, 2], [0], [True] * 2), None, 'sponsor'),
    (([1, 2], [0, 1], [1, 0]), None, 'active'),
    (([1.5, 2.0], [0, 1], [True] * 2), None, 'ids'),
    (([[1]], [0], [True]), None, 'ids'),
])
def test_network_errors(arguments, record, field):
    with pytest.raises(EngineError) as error:
        Network.build(*arguments)
    assert (error.value.record, error.value.field) == (record, field)


@pytest.mark.parametrize('change, record, field', [
    ({'ids': [1, 1]}, 1, 'ids'), ({'sellers': [3, 4]}, 4, 'seller'),
    ({'net': [1]}, None, 'net'), ({'net': [0.5, 1.0]}, None, 'net'),
    ({'points': [1, 2, 3]}, None, 'points'), ({'attributes': {'a': [1]}}, None, 'attributes.a'),
    ({'ids': [-1, 1]}, -1, 'ids'), ({'column': [0, 2**40]}, None, 'column'),
])
def test_sales_errors(change, record, field):
    good = {'ids': [1, 2], 'sellers': [3, 5], 'net': [10, 20]}
    with pytest.raises(EngineError) as error:
        Sales.build(small(), **{**good, **change})
    assert (error.value.record, error.value.field) == (record, field)


def test_terms_errors():
    for rates, field in (((), 'rates'), (([-2],), 'rates'), (([1], [1, 2]), 'rates[1]')):
        with pytest.raises(EngineError) as error:
            Terms(rates)
        assert error.value.field == field


def test_find():
    sales = Sales.build(small(), [9, 4], [7, 3], [90, 40], attributes={'kind': [1, 2]})
    assert sales.find(9).net.tolist() == [90]
    assert sales.find(4).attributes['kind'].tolist() == [2]
    with pytest.raises(EngineError) as error:
        sales.find(5)
    assert error.value.record == 5


@given(st.sets(st.integers(1, 60), min_size=1), st.lists(st.integers(-5, 70), min_size=9))
def test_positions_of_dense_ids(ids, wanted):
    """Dense ids are looked up in a table, others searched for: the same positions."""
    ids = sorted(ids)
    for factor in (1, 1000):
        network = Network(np.array(ids) * factor, np.full(len(ids), -1, np.int32),
                          np.ones(len(ids), bool))
        position, found = network.find(np.array(wanted) * factor)
        assert found.tolist() == [one in ids for one in wanted]
        assert position[found].tolist() == [ids.index(one) for one in wanted if one in ids]
