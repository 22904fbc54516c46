"""People on foot: gravity and shared ways by hand, crowds by Weidmann and Fruin, and a square that empties."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from kernels.access.reach import Graph
from kernels.contract import LayerError
from kernels.traffic.counts import adjusted, geh
from kernels.traffic.pedestrian_flows import crowd, walked
from kernels.traffic.pedestrians import GREATEST_FLOW, foot_streets, level_of_service, specific_flow
from kernels.traffic.queues import Queues
from kernels.traffic.queues_inputs import MODE_NAMES, Streets, Trips

WEIDMANN = "Weidmann (1993), doi:10.3929/ethz-a-000687810"


def both_ways(*rows):
    """Arcs of (from, to, seconds), each way; arc 2 k goes along row k."""
    ends = [one for a, b, cost in rows for one in ((a, b, cost), (b, a, cost))]
    tail, head, cost = zip(*ends, strict=True)
    return Graph.of(tail, head, cost, 1 + max(*tail, *head))


def test_people_go_where_weights_and_times_draw_them():
    # from 1, one shop 100 s to the left and one of twice the weight 300 s to the right, decay 200 s
    graph = both_ways((1, 0, 100.0), (1, 2, 300.0))
    found = walked(graph, [1], [60.0], [[1.0, 0.0, 2.0]], decay=200.0)
    left, right = np.exp(-0.5), 2 * np.exp(-1.5)
    np.testing.assert_allclose(found.flow[0, [0, 2]], 60 * np.array([left, right]) / (left + right), rtol=1e-12)
    assert found.flow[0, [1, 3]].tolist() == [0, 0]


def test_classes_do_not_compete():
    # ten go shopping and three to school, whatever the weights; nobody finds a clinic
    graph = both_ways((1, 0, 100.0), (1, 2, 300.0))
    found = walked(graph, [1], [[10.0, 3.0, 5.0]], [[900.0, 0, 0], [0, 0, 1.0], [0, 0, 0]])
    assert found.flow[:, 0].tolist() == [10, 0, 0]
    assert found.flow[:, 2].tolist() == [0, 3, 0]
    assert found.unserved.tolist() == [[0, 0, 5]]


def test_equal_ways_are_shared_evenly_and_a_detour_by_dial():
    # a square: two ways of 200 s; then one of them takes 20 s longer, whose weight is exp(-0.05 * 20)
    even = both_ways((0, 1, 100.0), (1, 3, 100.0), (0, 2, 100.0), (2, 3, 100.0))
    shop = [[0.0, 0.0, 0.0, 1.0]]
    assert walked(even, [0], [10.0], shop).flow[0, [0, 2, 4, 6]].tolist() == [5, 5, 5, 5]
    longer = both_ways((0, 1, 100.0), (1, 3, 100.0), (0, 2, 100.0), (2, 3, 120.0))
    part = np.exp(-1.0) / (1 + np.exp(-1.0))
    np.testing.assert_allclose(walked(longer, [0], [10.0], shop).flow[0, [0, 4]], [10 * (1 - part), 10 * part])
    assert walked(longer, [0], [10.0], shop, sharpness=np.inf).flow[0, [0, 4]].tolist() == [10, 0]


def town(seed=3, side=14):
    rng = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    pairs = np.r_[np.c_[number[:, :-1].ravel(), number[:, 1:].ravel()], np.c_[number[:-1].ravel(), number[1:].ravel()]]
    pairs = pairs[rng.random(len(pairs)) > 0.15]
    graph = both_ways(*[(a, b, s) for (a, b), s in zip(pairs.tolist(), rng.uniform(20, 80, len(pairs)), strict=True)])
    return graph, rng


def test_everyone_who_sets_out_arrives_or_is_counted():
    graph, rng = town()
    nodes = graph.nodes
    source = rng.integers(0, nodes, 150)
    produced = rng.uniform(0, 50, 150)
    weights = rng.uniform(0, 1, (3, nodes)) * (rng.random((3, nodes)) > 0.9)
    found = walked(graph, source, produced, weights, limit=200.0)
    tails = np.repeat(np.arange(nodes), np.diff(graph.first))
    flow = found.flow[:, graph.order].sum(axis=0)
    out = np.bincount(tails, flow, minlength=nodes) - np.bincount(graph.head, flow, minlength=nodes)
    sent = np.bincount(source, (found.sent - found.inside).sum(axis=1), minlength=nodes)
    arrived = sent - out  # what stays at each node
    assert arrived.min() > -1e-9
    # each source sends as many for each of the three classes
    np.testing.assert_allclose(found.sent + found.unserved, np.repeat(produced[:, None], 3, axis=1), rtol=1e-12)
    np.testing.assert_allclose(arrived.sum() + (found.inside + found.unserved).sum(), 3 * produced.sum(), rtol=1e-12)
    assert (arrived[weights.sum(axis=0) == 0] < 1e-9).all()


def test_no_result_depends_on_the_number_of_threads():
    graph, rng = town()
    source, produced = rng.integers(0, graph.nodes, 300), rng.uniform(0, 50, 300)
    weights = rng.uniform(0, 1, (2, graph.nodes))
    np.testing.assert_array_equal(
        walked(graph, source, produced, weights, threads=1).flow,
        walked(graph, source, produced, weights, threads=3).flow,
    )


def test_who_has_nowhere_to_go_is_told():
    # 2 and 3 hang together with nobody, and have no shop
    graph = both_ways((0, 1, 50.0), (2, 3, 50.0))
    found = walked(graph, [0, 2], [10.0, 7.0], [[0.0, 1.0, 0.0, 0.0]])
    assert found.unserved[:, 0].tolist() == [0, 7]
    assert found.flow[0].tolist() == [10, 0, 0, 0]


def test_what_cannot_be_is_refused():
    graph = both_ways((0, 1, 50.0))
    with pytest.raises(LayerError, match="source 1 is at node 5, expected 0 to 1"):
        walked(graph, [0, 5], [1.0, 1.0], [[1.0, 1.0]])
    with pytest.raises(LayerError, match="people of source 0 for class 0 is -1"):
        walked(graph, [0], [-1.0], [[1.0, 1.0]])
    with pytest.raises(LayerError, match="attraction of class 0 at node 1 is -1"):
        walked(graph, [0], [1.0], [[5.0, -1.0], [0.0, 2.0]])
    with pytest.raises(LayerError, match="people have the shape"):
        walked(graph, [0], [[1.0, 1.0]], [[1.0, 1.0]])
    with pytest.raises(LayerError, match="3 nodes, expected 2"):
        walked(graph, [0], [1.0], [[1.0, 1.0, 1.0]])
    with pytest.raises(LayerError, match="arc 0 takes 0 s"):
        walked(both_ways((0, 1, 0.0)), [0], [1.0], [[1.0, 1.0]])
    with pytest.raises(LayerError, match="decay is 0"):
        walked(graph, [0], [1.0], [[1.0, 1.0]], decay=0.0)
    with pytest.raises(LayerError, match="width of street 1 is 0"):
        crowd(np.array([1.0, 1.0]), np.array([1.0, 0.0]))


def test_counters_find_the_parts_they_were_made_of():
    # the truth is 1.6 times the walks of one class and 0.7 of the other; six streets are counted, two only looked at
    graph, rng = town()
    source, produced = rng.integers(0, graph.nodes, 150), rng.uniform(20, 90, 150)
    weights = rng.uniform(0, 1, (2, graph.nodes)) * (rng.random((2, graph.nodes)) > [[0.8], [0.95]])
    flow = walked(graph, source, produced, weights).flow
    truth = 1.6 * flow[0] + 0.7 * flow[1]
    seen = np.argsort(-truth)[:80:10]
    found = adjusted(csr_matrix(flow[:, seen[:6]].T), np.ones(2), truth[seen[:6]], trust=1e-3)
    np.testing.assert_allclose(found.factor, [1.6, 0.7], rtol=1e-3)
    assert (
        geh(found.factor @ flow[:, seen[6:]], truth[seen[6:]]).max()
        < 0.5
        < geh(flow.sum(axis=0)[seen], truth[seen]).max()
    )


def test_a_crowd_is_as_dense_as_weidmann_has_it():
    found = crowd(np.array([0.0, 3600.0, 3600.0 * 4]), np.array([2.0, 1.0, 3.0]))
    np.testing.assert_allclose(specific_flow(found.density[:2]), [0.0, 1.0], atol=1e-9)
    assert found.speed[0] == pytest.approx(1.34)
    assert np.isnan(found.density[2])
    assert found.saturation[2] == pytest.approx(4 / 3 / GREATEST_FLOW)


def test_levels_of_service_are_fruin_s():
    # square metres per person of Fruin (1971) as the literature rounds them: 3.24, 2.32, 1.39, 0.93, 0.46
    space = np.array([4.0, 3.3, 3.2, 2.4, 2.2, 1.45, 1.3, 0.95, 0.9, 0.5, 0.4])
    assert "".join(level_of_service(1 / space)) == "AABBCCDDEEF"
    assert level_of_service(np.nan) == "F"


@pytest.mark.parametrize("widths", [(3.0,), (2.0, 4.0)])
def test_a_crowd_leaves_a_square_as_fast_as_weidmann_lets_it_pass(measured, widths):
    # all set out at once; each gate is as long as a step, so that the last is out after N / (1.225 w)
    each, n = 4000, 4000 * len(widths)
    wide = np.array(widths)
    capacity, jam = foot_streets(wide)
    gates = len(widths)
    streets = Streets(
        np.zeros(gates, int), np.arange(1, gates + 1), np.full(gates, 1.0), np.full(gates, 1.34), capacity, jam
    )
    crowd_of = Trips(
        np.zeros(n, int), np.tile(np.arange(1, gates + 1), each), np.zeros(n), np.full(n, MODE_NAMES.index("foot"))
    )
    queues = Queues(streets, crowd_of)
    queues.run(20_000.0)
    assert queues.census().left == n
    left = queues.left_at()
    for gate, width in enumerate(widths):
        last = left[gate::gates].max()
        formula = each / (GREATEST_FLOW * width)
        measured(case=f"{each} people leave a square by a gate of {width:g} m", source=WEIDMANN + ": N / (1.225 w)",
                 ours=abs(last - formula) / formula, bar=0.005, unit="1", published=f"{formula:.0f} s")  # fmt: skip
