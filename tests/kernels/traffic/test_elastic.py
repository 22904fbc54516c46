"""Fewer drive where driving takes longer: trips and flows settle where the curve of demand meets that of cost."""

import numpy as np
import pytest
from scipy.optimize import brentq

from kernels.contract import LayerError
from kernels.traffic.demand import Demand
from kernels.traffic.elastic import Response, settled
from kernels.traffic.equilibrium import assign
from kernels.traffic.network import Network


def street(power=1.0, capacity=1000.0):
    """One street of 100 s, whose time doubles at capacity."""
    return Network.of([1], [2], free_flow_time=[100.0], capacity=[capacity], delay_factor=1.0, delay_power=power)


def cost_of(value):
    """The cost before, the same for every row."""
    return lambda found: np.full(found.rows.trips.size, value)


def test_with_elasticity_minus_one_the_flow_is_the_root_of_a_quadratic(measured):
    """Closed form: v c(v) = v0 c0 with c = 100 (1 + v/1000) gives v² + 1000 v - 10 v0 c0 = 0."""
    before, cost_before = 800.0, 150.0
    found = settled(street(), Demand([1], [2], [before]), Response(elasticity=-1.0), cost_of(cost_before), miss=1e-10)
    root = -500.0 + np.sqrt(500.0**2 + 10.0 * before * cost_before)
    assert found.converged
    measured(
        case="Elastic demand on one street: flow where demand meets cost", source="root of a quadratic",
        ours=abs(found.found.flow[0] / root - 1), bar=1e-8, unit="1",
    )  # fmt: skip


@pytest.mark.parametrize("elasticity", [-0.3, -0.5, -2.0])
@pytest.mark.parametrize("before", [200.0, 3000.0])
def test_the_flow_lies_where_the_curve_of_demand_meets_that_of_cost(elasticity, before):
    """Expected: Brent's root of the two curves, found by SciPy; also where the street would be three times full."""
    response, cost_before = Response(elasticity=elasticity), 110.0
    found = settled(street(4.0), Demand([1], [2], [before]), response, cost_of(cost_before), miss=1e-9)
    root = brentq(lambda v: before * (100.0 * (1 + (v / 1000) ** 4) / cost_before) ** elasticity - v, 1.0, 1e4)
    assert found.found.flow[0] == pytest.approx(root, rel=1e-7)
    assert found.rounds < 20


def test_with_a_logit_the_flow_lies_where_the_choice_meets_the_cost():
    """Expected: Brent's root, found by SciPy, of v = N / (1 + exp(b (c - c0)) (1 - s)/s)."""
    response = Response("logit", sensitivity=0.02, share=0.4)
    found = settled(street(4.0), Demand([1], [2], [1200.0]), response, cost_of(150.0), miss=1e-9)
    whole = 1200.0 / 0.4

    def off(v):
        return whole / (1 + np.exp(0.02 * (100.0 * (1 + (v / 1000) ** 4) - 150.0)) * 0.6 / 0.4) - v

    assert found.found.flow[0] == pytest.approx(brentq(off, 1.0, 1.5e3), rel=1e-7)


def braess():
    """Four nodes, five streets; rows that share streets answer each other."""
    return Network.of(
        [1, 1, 2, 3, 2], [2, 3, 4, 4, 3], free_flow_time=[10.0, 50.0, 50.0, 10.0, 10.0], capacity=1000.0,
        delay_factor=[1.0, 0.2, 0.2, 1.0, 0.5], delay_power=4.0,
    )  # fmt: skip


def test_nothing_changes_where_nothing_costs_more():
    """Expected: the trips before, as their cost is that of before."""
    demand = Demand([1, 2, 1], [4, 4, 3], [900.0, 300.0, 200.0])
    before = assign(braess(), demand, gap=1e-10)
    found = settled(braess(), demand, Response(), before, gap=1e-10)
    assert found.rounds == 0
    np.testing.assert_array_equal(found.found.rows.trips, before.rows.trips)


def test_a_closed_street_takes_trips_off_the_rows_that_used_it_and_all_rows_agree_with_their_cost():
    """Expected: the formula of the demand at the costs found; those who pay more are fewer."""
    network, demand = braess(), Demand([1, 2, 1], [4, 4, 3], [900.0, 300.0, 200.0])
    before = assign(network, demand, gap=1e-10)
    closed = np.array([False, False, True, False, False])
    found = settled(network, demand, Response(elasticity=-0.8), before, closed=closed, miss=1e-7, gap=1e-10)
    rows = found.found.rows
    np.testing.assert_array_equal(found.before, before.rows.trips)
    np.testing.assert_allclose(
        rows.trips, before.rows.trips * (found.found.shortest / before.shortest) ** -0.8, rtol=1e-5
    )
    assert (rows.trips < before.rows.trips).any()


def test_a_row_that_was_not_there_before_keeps_its_trips():
    before = assign(braess(), Demand([1], [4], [900.0]))
    found = settled(braess(), Demand([1, 2], [4, 4], [900.0, 300.0]), Response(), before)
    assert found.found.rows.trips[1] == 300.0


def test_what_cannot_answer_is_refused():
    with pytest.raises(LayerError, match="power or logit"):
        Response("linear")
    with pytest.raises(LayerError, match="zero or less"):
        Response(elasticity=0.5)
    with pytest.raises(LayerError, match="one for each of 1 rows"):
        settled(street(), Demand([1], [2], [1.0]), Response(), lambda found: np.ones(2))
    with pytest.raises(LayerError, match="cost nothing before"):
        settled(street(), Demand([1], [2], [1.0]), Response(), cost_of(0.0))
    with pytest.raises(LayerError, match="other nodes"):
        settled(street(), Demand([1], [2], [1.0]), Response(), assign(braess(), Demand([1], [4], [1.0])))
