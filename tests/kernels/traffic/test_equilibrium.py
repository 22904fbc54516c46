"""The static equilibrium against published optima, closed forms, and an independent search for shortest paths."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from kernels.contract import LayerError
from kernels.traffic.demand import Demand, VehicleClass
from kernels.traffic.equilibrium import assign
from kernels.traffic.network import Network
from twin.formats.tntp import read_network, read_trips

TNTP = "best known solution of Transportation Networks for Research (bstabler/TransportationNetworks)"


def published(folder, name):
    """Flows of the published solution, by (from, to)."""
    flows = {}
    for line in (folder / f"{name}_flow.tntp").read_text().splitlines()[1:]:
        words = line.split()
        if len(words) >= 3:
            flows[int(words[0]), int(words[1])] = float(words[2])
    return flows


def problem(reference_data, name):
    folder = reference_data / "tntp"
    return read_network(folder / f"{name}_net.tntp"), read_trips(folder / f"{name}_trips.tntp")


def gap_by_scipy(found):
    """Relative gap by the shortest paths of SciPy, all classes; nodes that may not be passed are split in two."""
    network, rows = found.network, found.rows
    excess = total = 0.0
    for kind, flow in enumerate(found.class_flow):
        fixed = found.fixed_cost[kind]
        used = np.isfinite(fixed)
        cost = found.time + np.where(used, fixed, 0.0)
        out = np.where(network.passable, 0, network.nodes) + np.arange(network.nodes)
        tail, head, cost_used = out[network.tail[used]], network.head[used], np.maximum(cost[used], 1e-300)
        order = np.lexsort((-cost_used, head, tail))  # of parallel links the cheapest is written last
        best = {}
        for link in order:
            best[tail[link], head[link]] = cost_used[link]
        pairs = np.array(list(best))
        graph = csr_matrix((list(best.values()), (pairs[:, 0], pairs[:, 1])), shape=(2 * network.nodes,) * 2)
        mine = rows.kind == kind
        origins, place = np.unique(rows.origin[mine], return_inverse=True)
        reached = dijkstra(graph, indices=out[origins])
        least = reached[place, rows.destination[mine]]
        spent = float((flow[used] * cost[used]).sum())
        total += spent
        excess += spent - float((rows.trips[mine] * least).sum())
    return excess / total


def test_sioux_falls_reaches_the_published_optimum(reference_data, measured):
    network, demand = problem(reference_data, "SiouxFalls")
    found = assign(network, demand, gap=1e-13)
    case = "Sioux Falls, static equilibrium"
    measured(case=f"{case}: relative gap", source=TNTP, ours=found.gap, bar=1e-10)
    measured(case=f"{case}: objective, relative", source=TNTP, bar=1e-9,
             ours=abs(found.objective / 4_231_335.28710744 - 1), published="4,231,335.28710744")  # fmt: skip
    measured(case=f"{case}: total time, relative", source=TNTP, ours=abs(found.total_time / 7_480_225.34492 - 1),
             bar=1e-9, published="7,480,225.34492")  # fmt: skip
    flows = published(reference_data / "tntp", "SiouxFalls")
    expected = np.array([flows[pair] for pair in zip(network.node_id[network.tail], network.node_id[network.head],
                                                     strict=True)])  # fmt: skip
    measured(case=f"{case}: worst link flow, relative", source=TNTP, bar=1e-5,
             ours=np.abs(found.flow / expected - 1).max())  # fmt: skip


def test_anaheim_reaches_the_published_optimum_and_passes_no_centroid(reference_data, measured):
    network, demand = problem(reference_data, "Anaheim")
    found = assign(network, demand, gap=1e-12)
    measured(case="Anaheim, static equilibrium: objective, relative", source=TNTP, bar=1e-9,
             ours=abs(found.objective / 1_286_032.17109603 - 1), published="1,286,032.17109603")  # fmt: skip
    paths = found.paths
    inner = np.ones(paths.link.size, bool)
    inner[paths.begin[:-1]] = False
    assert network.node_id[network.tail[paths.link[inner]]].min() >= 39


def test_braess_road_makes_everybody_slower(reference_data):
    # Braess (1968): 92 with the road in the middle, 83 without
    network, demand = problem(reference_data, "Braess")
    found = assign(network, demand, gap=1e-13)
    np.testing.assert_allclose(found.flow, [4, 2, 2, 2, 4], atol=1e-6)
    np.testing.assert_allclose(found.shortest, 92, atol=1e-6)
    without = assign(network, demand, gap=1e-13, closed=np.array([0, 0, 0, 1, 0], bool))
    np.testing.assert_allclose(without.shortest, 83, atol=1e-6)
    np.testing.assert_allclose(without.flow, [3, 3, 3, 0, 3], atol=1e-6)


@pytest.mark.parametrize("name", ["SiouxFalls", "Anaheim", "Braess"])
@pytest.mark.parametrize("gap", [1e-2, 1e-5])
def test_the_gap_is_that_of_scipys_shortest_paths(reference_data, name, gap):
    network, demand = problem(reference_data, name)
    found = assign(network, demand, gap=gap)
    assert found.gap == pytest.approx(gap_by_scipy(found), rel=1e-6, abs=1e-12)
    assert found.gap <= gap


def two_roads(**other):
    """From 1 to 2 by two roads that the caller shapes."""
    return Network.of([1, 1], [2, 2], **({"capacity": 10.0, "delay_power": 1.0, "delay_factor": 1.0} | other))


def test_two_roads_share_by_the_closed_form():
    # 10 (1 + x / 10) = 15 (1 + (12 - x) / 10): x = 9.2
    found = assign(two_roads(free_flow_time=[10.0, 15.0]), Demand([1], [2], [12.0]), gap=1e-13)
    np.testing.assert_allclose(found.flow, [9.2, 2.8], rtol=1e-9)
    assert found.total_time == pytest.approx(12 * 19.2)


def test_a_link_of_constant_cost_takes_what_the_other_sheds():
    # 10 (1 + x / 10) = 16: x = 6
    network = two_roads(free_flow_time=[10.0, 16.0], delay_factor=[1.0, 0.0], capacity=[10.0, 0.0])
    found = assign(network, Demand([1], [2], [20.0]), gap=1e-13)
    np.testing.assert_allclose(found.flow, [6, 14], rtol=1e-9)


def test_a_power_of_zero_is_a_constant():
    network = two_roads(free_flow_time=[10.0, 8.0], delay_power=[1.0, 0.0])
    found = assign(network, Demand([1], [2], [20.0]), gap=1e-13)  # 10 (1 + x / 10) = 16
    np.testing.assert_allclose(found.flow, [6, 14], rtol=1e-9)


def test_links_without_time_may_form_a_ring():
    network = Network.of([1, 2, 3, 3], [2, 3, 1, 4], free_flow_time=0.0, capacity=1.0, node_id=[1, 2, 3, 4])
    found = assign(network, Demand([1], [4], [5.0]))
    np.testing.assert_allclose(found.flow, [5, 5, 0, 5])
    assert (found.gap, found.total_time, found.converged) == (0, 0, True)


def test_tolls_and_distance_count_as_time():
    network = two_roads(free_flow_time=[10.0, 10.0], toll=[3.0, 0.0], length=[0.0, 4.0])
    # 10 + x + 2 * 3 = 10 + (12 - x) + 0.5 * 4: x = 4
    fixed = network.fixed_cost(toll_weight=2.0, distance_weight=0.5)
    found = assign(network, Demand([1], [2], [12.0], classes=(VehicleClass(fixed_cost=fixed),)), gap=1e-13)
    np.testing.assert_allclose(found.flow, [4, 8], rtol=1e-9)
    assert found.gap == pytest.approx(gap_by_scipy(found), abs=1e-12)
    # integrals of 10 + x to 4 and to 8: 40 + 8 and 80 + 32; fixed costs 4 times 6 and 8 times 2
    assert found.objective == pytest.approx(40 + 8 + 24 + 80 + 32 + 16)


def test_a_very_steep_delay_still_settles():
    network = two_roads(free_flow_time=[10.0, 11.0], delay_power=12.0, capacity=[1.0, 1.5])
    found = assign(network, Demand([1], [2], [9.0]), gap=1e-12)
    assert found.converged
    np.testing.assert_allclose(*found.time, rtol=1e-9)


def test_trucks_take_more_room_and_keep_off_barred_streets():
    # 2 trucks of 3 cars on the second road only: 10 (1 + x / 10) = 10 (1 + (6 + 14 - x) / 10): x = 10
    network = two_roads(free_flow_time=[10.0, 10.0])
    classes = (VehicleClass(), VehicleClass("truck", 3.0, barred=np.array([True, False])))
    demand = Demand([1, 1], [2, 2], [14.0, 2.0], kind=np.array([0, 1]), classes=classes)
    found = assign(network, demand, gap=1e-13)
    np.testing.assert_allclose(found.class_flow, [[10, 4], [0, 6]], rtol=1e-9)
    assert found.gap == pytest.approx(gap_by_scipy(found), abs=1e-12)


def test_flow_is_conserved_at_every_node(reference_data):
    network, demand = problem(reference_data, "Anaheim")
    found = assign(network, demand, gap=1e-4)
    net = np.bincount(network.tail, found.flow, network.nodes) - np.bincount(network.head, found.flow, network.nodes)
    rows = found.rows
    wanted = np.bincount(rows.origin, rows.trips, network.nodes) - np.bincount(
        rows.destination, rows.trips, network.nodes
    )
    np.testing.assert_allclose(net, wanted, atol=1e-6)
    assert rows.trips.sum() == pytest.approx(104_694.40)  # SOURCES.md of the test data


def test_the_paths_through_a_link_carry_its_flow(reference_data):
    network, demand = problem(reference_data, "SiouxFalls")
    found = assign(network, demand, gap=1e-6)
    for link in (0, 17, 75):
        assert found.paths.flow[found.paths_through(link)].sum() == pytest.approx(found.flow[link], rel=1e-12)


def test_any_number_of_threads_finds_the_same_bits(reference_data, monkeypatch):
    monkeypatch.setattr("kernels.traffic.search._SMALL", 0)
    network, demand = problem(reference_data, "Anaheim")
    one, three = (assign(network, demand, gap=1e-6, threads=threads, hierarchy=False) for threads in (1, 3))
    np.testing.assert_array_equal(one.flow, three.flow)
    assert one.gaps == three.gaps


def test_trips_without_a_path_are_told_and_the_others_served():
    network = Network.of([1, 2, 3], [2, 1, 4], free_flow_time=10.0, capacity=10.0)
    found = assign(network, Demand([1, 1, 2, 2], [2, 4, 3, 2], [5.0, 7.0, 2.0, 1.0]))
    told = {(row["origin"], row["destination"]): row["trips"] for row in found.unserved}
    assert told == {(1, 4): 7.0, (2, 3): 2.0}
    np.testing.assert_allclose(found.flow, [5, 0, 0])
    assert found.rows.inside == 1.0
    assert found.rows.trips.sum() + found.rows.inside + found.unserved["trips"].sum() == 15.0


def test_demand_that_nothing_serves_leaves_an_empty_network():
    network = Network.of([1, 2], [2, 1], free_flow_time=10.0, capacity=10.0, node_id=[1, 2, 3])
    found = assign(network, Demand([1], [3], [5.0]))
    assert found.unserved["trips"].tolist() == [5.0]
    assert (found.gap, found.flow.sum()) == (0, 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"capacity": [10.0, -1.0]}, r"capacity of link 1-2 \(row 2\) is -1, expected more than zero"),
        ({"capacity": [0.0, 1.0]}, r"capacity of link 1-2 \(row 1\) is 0"),
        ({"free_flow_time": [np.nan, 1.0]}, "free_flow_time of link 1-2 .* finite"),
        ({"delay_power": 0.5}, "delay_power .* 0 or at least 1"),
        ({"node_id": [1, 3]}, "a link ends at node 2, which is not among the 2 nodes"),
        ({"node_id": [1, 2, 2]}, "node 2 stands 2 times"),
    ],
)
def test_a_network_that_cannot_be_is_refused_by_name(change, words):
    with pytest.raises(LayerError, match=words):
        two_roads(**({"free_flow_time": 10.0} | change))


@pytest.mark.parametrize(
    ("demand", "words"),
    [
        (Demand([1], [9], [1.0]), "ends at node 9"),
        (Demand([8], [2], [1.0]), "begins at node 8"),
        (Demand([1], [2], [-1.0]), "trips from 1 to 2 are -1"),
        (Demand([1], [2], [1.0], kind=np.array([1])), "names class 1"),
        (Demand([1], [2], [1.0], classes=(VehicleClass(fixed_cost=np.array([-1.0, 0.0])),)), "on link 1-2 is -1"),
    ],
)
def test_a_demand_that_cannot_be_is_refused_by_name(demand, words):
    with pytest.raises(LayerError, match=words):
        assign(two_roads(free_flow_time=10.0), demand)
