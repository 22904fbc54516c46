"""Turns that cost time or are forbidden, against closed forms and a search from link to link."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from kernels.contract import LayerError
from kernels.traffic.demand import Demand
from kernels.traffic.equilibrium import assign
from kernels.traffic.network import Network
from kernels.traffic.turns import with_turns


def crossing():
    """1 to 2, then on to 3 at once or round by 4; links 0: 1-2, 1: 2-3, 2: 2-4, 3: 4-3, 4: 3-1."""
    return Network.of([1, 2, 2, 4, 3], [2, 3, 4, 3, 1], free_flow_time=[1, 1, 2, 3, 1], capacity=9.0, delay_factor=0)


def test_a_forbidden_turn_sends_everybody_round():
    turned = with_turns(crossing(), [0], [1], [np.inf])
    found = assign(turned.network, Demand([1], [3], [6.0]))
    np.testing.assert_allclose(found.flow[: turned.links], [6, 0, 6, 6, 0])
    np.testing.assert_allclose(found.shortest, [6.0])


def test_whoever_begins_at_the_crossing_turns_freely():
    turned = with_turns(crossing(), [0], [1], [np.inf])
    found = assign(turned.network, Demand([2, 1], [3, 2], [5.0, 2.0]))
    np.testing.assert_allclose(found.flow[: turned.links], [2, 5, 0, 0, 0])


def test_a_turn_that_costs_less_than_the_way_round_is_made():
    for penalty, least, straight in ((3.5, 5.5, 6.0), (4.5, 6.0, 0.0)):
        turned = with_turns(crossing(), [0], [1], [penalty])
        found = assign(turned.network, Demand([1], [3], [6.0]))
        np.testing.assert_allclose(found.shortest, [least])
        assert found.flow[1] == straight


def test_turns_that_forbid_all_leave_trips_unserved():
    turned = with_turns(crossing(), [0, 0], [1, 2], [np.inf, np.inf])
    found = assign(turned.network, Demand([1], [3], [6.0]))
    assert found.unserved["trips"].tolist() == [6.0]


def test_flows_of_turns_add_up_to_those_of_links():
    network = Network.of([1, 2, 2, 4, 3], [2, 3, 4, 3, 1], free_flow_time=[1, 1, 0.5, 0.3, 1], capacity=2.0)
    turned = with_turns(network, [0], [1], [0.2])
    found = assign(turned.network, Demand([1, 2], [3, 3], [6.0, 3.0]), gap=1e-12)
    first, second, flow = turned.turn_flows(found)
    after = {(int(a), int(b)): f for a, b, f in zip(first, second, flow, strict=True)}
    assert set(after) == {(0, 1), (0, 2), (2, 3)}
    assert after[0, 1] + after[0, 2] == pytest.approx(6.0)
    assert after[2, 3] == pytest.approx(found.flow[3])
    assert min(after.values()) > 0.1


def test_costs_are_those_of_a_search_from_link_to_link():
    # independent: Dijkstra of SciPy on the graph whose nodes are links and whose arcs are turns
    draw = np.random.default_rng(2)
    side = 7
    number = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate([
        np.column_stack((number[:, :-1].ravel(), number[:, 1:].ravel())),
        np.column_stack((number[:-1].ravel(), number[1:].ravel())),
    ])  # fmt: skip
    ends = np.concatenate((pairs, pairs[:, ::-1]))
    time = draw.uniform(1.0, 2.0, len(ends))
    network = Network.of(ends[:, 0], ends[:, 1], free_flow_time=time, capacity=1.0, delay_factor=0.0)
    first, second = np.nonzero(network.head[:, None] == network.tail)
    penalty = np.zeros(first.size)
    some = draw.random(first.size) < 0.4
    penalty[some] = draw.choice([0.5, 1.0, 3.0, np.inf], some.sum())
    penalty[network.tail[first] == network.head[second]] = np.inf  # no turning back
    turned = with_turns(network, first[penalty > 0], second[penalty > 0], penalty[penalty > 0])
    origin = np.repeat(np.arange(side * side), side * side)
    destination = np.tile(np.arange(side * side), side * side)
    found = assign(turned.network, Demand(origin, destination, np.ones(origin.size)))
    free = np.isfinite(penalty)
    arcs = csr_matrix((time[second[free]] + penalty[free], (first[free], second[free])), shape=(len(ends),) * 2)
    between = time[:, None] + dijkstra(arcs)
    for row in range(0, found.rows.trips.size, 37):
        start, end = found.rows.origin[row], found.rows.destination[row]
        least = between[np.ix_(network.tail == start, network.head == end)].min()
        assert found.shortest[row] == pytest.approx(least, rel=1e-12)


def test_links_that_see_the_same_penalties_share_a_copy():
    # four streets meet in node 0; coming from 1 one may not go to 2
    network = Network.of([1, 2, 3, 4, 0, 0, 0, 0], [0, 0, 0, 0, 1, 2, 3, 4], free_flow_time=1.0, capacity=1.0)
    turned = with_turns(network, [0], [5], [np.inf])
    assert turned.network.nodes == 5 + 2 + 2  # of links in and out: those of the ban, and all others
    assert turned.network.links == 8 + 3 + 2 + 2  # three turns, and two ways from and to the node for each side


def test_closures_are_spread_over_the_turns():
    turned = with_turns(crossing(), [0], [1], [1.0])
    closed = turned.spread(np.array([False, True, False, False, False]), False)
    found = assign(turned.network, Demand([1], [3], [6.0]), closed=closed)
    np.testing.assert_allclose(found.flow[: turned.links], [6, 0, 6, 6, 0])


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (([0], [3], [1.0]), "turn 1-2 to 4-3 is no turn"),
        (([0], [9], [1.0]), "names link 9, expected 0 to 4"),
        (([0], [1], [-1.0]), "turn 1-2 to 2-3 has a penalty"),
        (([0, 0], [1, 1], [1.0, 2.0]), "turn 1-2 to 2-3 is named twice"),
    ],
)
def test_a_turn_that_cannot_be_is_refused(turn, words):
    with pytest.raises(LayerError, match=words):
        with_turns(crossing(), *turn)
