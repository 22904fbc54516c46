"""Shortest paths down a hierarchy against the independent Dijkstra of SciPy, and assignments by it against trees."""

import numpy as np
import pytest
from brussels_city import car_network, made_up_demand
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from kernels.crew import Crew
from kernels.traffic.demand import Demand, VehicleClass
from kernels.traffic.equilibrium import assign
from kernels.traffic.hierarchy import Hierarchy
from kernels.traffic.hierarchy_lanes import LANES
from kernels.traffic.hierarchy_order import skeleton
from kernels.traffic.hierarchy_paths import search
from kernels.traffic.hierarchy_sweep import Room, enter, sweep
from kernels.traffic.hierarchy_trees import grow_side_by_side
from kernels.traffic.network import Network
from kernels.traffic.paths import Paths, Pool
from kernels.traffic.queues_inputs import Streets
from kernels.traffic.queues_rules import TurnBans
from kernels.traffic.queues_tables import NextLinks
from kernels.traffic.shortest_paths import grow_trees
from twin.formats.osm_streets import read_street_graph
from twin.formats.tntp import read_network, read_trips

SCIPY = "Dijkstra's search of SciPy"


def streets(seed, nodes=60, links=180):
    """Links at random: loops, parallels, one-ways, closed ones, islands; some nodes where paths only begin and end."""
    draw = np.random.default_rng(seed)
    ends = draw.integers(0, nodes, (links, 2))
    ends[:20] = ends[20:40]  # parallels
    ends = ends[np.argsort(ends[:, 0], kind="stable")]
    cost = draw.uniform(0.1, 5.0, links)
    cost[draw.random(links) < 0.1] = np.inf
    passable = draw.random(nodes) > 0.2
    start = np.concatenate(([0], np.cumsum(np.bincount(ends[:, 0], minlength=nodes)))).astype(np.int32)
    return start, ends[:, 0].astype(np.int32), ends[:, 1].astype(np.int32), cost, passable


def least_by_scipy(tail, head, cost, passable, source):
    """Least costs from one node; nodes that are not passable keep only their ends, the source all its links."""
    used = np.isfinite(cost) & (passable[tail] | (tail == source)) & (tail != head)
    pair = tail[used].astype(np.int64) * passable.size + head[used]
    order = np.lexsort((cost[used], pair))
    pair, place = np.unique(pair[order], return_index=True)  # of parallels the cheapest
    best = np.maximum(cost[used][order][place], 1e-300)  # SciPy takes a zero for no link
    graph = csr_matrix((best, (pair // passable.size, pair % passable.size)), shape=(passable.size,) * 2)
    return dijkstra(graph, indices=source)


def swept(hierarchy, cost, sources):
    """Costs of passable nodes, by lanes; the room, with all entries."""
    room, weights = Room.of(hierarchy), hierarchy.weights(cost)
    sweep(np.asarray(sources, np.int32), hierarchy, weights, room)
    enter(hierarchy, weights, room)
    return room.distance.reshape(-1, LANES)[hierarchy.row_of].T, room, weights


def laid_out(hierarchy, cost, sources, passable):
    """Least costs and shortest paths from eight sources to all other nodes."""
    nodes = passable.size
    target = np.array([[node for node in range(nodes) if node != one] for one in sources], np.int32).ravel()
    row_start = np.arange(len(sources) + 1, dtype=np.int64) * (nodes - 1)
    shortest = np.empty(target.size)
    pool = Pool(Paths.none(target.size), np.zeros(target.size, np.int32), np.zeros((1, cost.size)))
    rows, ends, links, _ = search(
        0, len(sources), np.asarray(sources, np.int32), row_start, target, hierarchy, hierarchy.weights(cost),
        np.zeros(cost.size), (pool.first, pool.after, pool.begin, pool.places, pool.flow), Room.of(hierarchy), shortest,
        np.zeros(2),
    )  # fmt: skip
    paths = dict(zip(rows.tolist(), np.split(links, ends[:-1]), strict=True)) if rows.size else {}
    return target, shortest, paths


@pytest.mark.parametrize("seed", range(25))
def test_costs_to_all_nodes_are_those_of_an_independent_search(seed):
    start, tail, head, cost, passable = streets(seed)
    hierarchy = Hierarchy.of(start, head, passable)
    sources = np.random.default_rng(seed).choice(passable.size, LANES, replace=False)
    found, _, _ = swept(hierarchy, cost, sources)
    for lane, source in enumerate(sources):
        expected = least_by_scipy(tail, head, cost, passable, source)
        np.testing.assert_allclose(found[lane, passable], expected[passable], rtol=1e-14)


@pytest.mark.parametrize("seed", range(25))
def test_paths_are_real_links_from_end_to_end_and_cost_what_was_said(seed):
    start, tail, head, cost, passable = streets(seed)
    sources = np.random.default_rng(seed).choice(passable.size, LANES, replace=False)
    target, shortest, paths = laid_out(Hierarchy.of(start, head, passable), cost, sources, passable)
    for row, to in enumerate(target):
        source = sources[row // (passable.size - 1)]
        least = least_by_scipy(tail, head, cost, passable, source)[to]
        assert shortest[row] == pytest.approx(least, rel=1e-14)
        assert (row in paths) == np.isfinite(least)
        if row in paths:
            links = paths[row]
            assert tail[links[0]] == source
            assert head[links[-1]] == to
            assert (head[links[:-1]] == tail[links[1:]]).all()
            assert passable[head[links[:-1]]].all()
            assert sum(cost[links].tolist()) == shortest[row]


@pytest.mark.parametrize("seed", range(10))
def test_links_of_no_cost_make_no_ring_in_a_path(seed):
    start, tail, head, cost, passable = streets(seed)
    cost[np.random.default_rng(seed).random(cost.size) < 0.6] = 0.0
    sources = np.random.default_rng(seed).choice(passable.size, LANES, replace=False)
    target, shortest, paths = laid_out(Hierarchy.of(start, head, passable), cost, sources, passable)
    for row, links in paths.items():
        source = sources[row // (passable.size - 1)]
        on_the_way = [source, *head[links].tolist()]
        assert len(set(on_the_way)) == len(on_the_way)
        expected = least_by_scipy(tail, head, cost, passable, source)[target[row]]
        assert sum(cost[links].tolist()) == pytest.approx(expected, abs=1e-12)
        assert shortest[row] == pytest.approx(expected, abs=1e-12)


def both_trees(start, head, cost, passable, sources):
    """The trees down the hierarchy, and those of Dijkstra."""
    shape = (sources.size, passable.size)
    found, expected, hierarchy = (
        np.empty(shape, np.int32),
        np.empty(shape, np.int32),
        Hierarchy.of(start, head, passable),
    )
    grow_side_by_side(0, sources.size, sources, hierarchy, hierarchy.weights(cost), Room.of(hierarchy), found)
    grow_trees(
        0, sources.size, sources, np.zeros(sources.size, np.int32), np.zeros(sources.size + 1, np.int64),
        np.zeros(0, np.int32), start, head, cost[None], passable, expected, np.zeros(0),
    )  # fmt: skip
    return found, expected


@pytest.mark.parametrize("seed", range(15))
def test_whole_trees_are_those_of_dijkstra_link_by_link(seed):
    start, _, head, cost, passable = streets(seed)
    sources = np.random.default_rng(seed).choice(passable.size, 13, replace=False).astype(np.int32)
    found, expected = both_trees(start, head, cost, passable, sources)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("seed", range(15))
def test_whole_trees_with_links_of_no_cost_lead_back_to_the_source(seed):
    start, tail, head, cost, passable = streets(seed)
    cost[np.random.default_rng(seed).random(cost.size) < 0.6] = 0.0
    sources = np.random.default_rng(seed).choice(passable.size, 13, replace=False).astype(np.int32)
    found, expected = both_trees(start, head, cost, passable, sources)
    np.testing.assert_array_equal(found < 0, expected < 0)
    for tree, source in zip(found, sources.tolist(), strict=True):
        least = least_by_scipy(tail, head, cost, passable, source)
        for node in np.flatnonzero(tree >= 0).tolist():
            along, steps, to = 0.0, 0, node
            while to != source:
                along, steps, to = along + cost[tree[to]], steps + 1, int(tail[tree[to]])
                assert steps < passable.size
            assert along == pytest.approx(least[node], abs=1e-12)


def test_a_closure_leaves_the_order_and_changes_only_weights():
    start, tail, head, cost, passable = streets(3)
    hierarchy = Hierarchy.of(start, head, passable)
    source = int(np.flatnonzero(passable)[0])
    for closed in range(0, cost.size, 9):
        changed = cost.copy()
        changed[closed] = np.inf
        found, _, _ = swept(hierarchy, changed, [source])
        expected = least_by_scipy(tail, head, changed, passable, source)
        np.testing.assert_allclose(found[0, passable], expected[passable], rtol=1e-14)


def test_a_chain_of_streets_needs_no_shortcut_and_a_ring_needs_as_many_as_it_has_streets_less_three():
    # elimination of a tree fills nothing in; of a ring of n it triangulates a polygon: n - 3 diagonals
    n = 50
    _, _, chain = skeleton(n, np.arange(n - 1), np.arange(1, n))
    _, _, ring = skeleton(n, np.arange(n), np.roll(np.arange(n), -1))
    assert chain.size == n - 1
    assert ring.size == n + n - 3


def test_what_lies_above_a_node_hangs_together():
    # the mark of an elimination order: the nodes above one are joined to each other (Rose 1970, a chordal graph)
    start, _, head, _, passable = streets(8)
    hierarchy = Hierarchy.of(start, head, passable)
    pairs = set(zip(hierarchy.owner.tolist(), hierarchy.other.tolist(), strict=True))
    for node in range(hierarchy.ranks):
        above = hierarchy.other[hierarchy.first[node] : hierarchy.first[node + 1]].tolist()
        assert above == sorted(above)
        assert all((one, two) in pairs for place, one in enumerate(above) for two in above[place + 1 :])


def test_network_without_any_passable_node_still_has_its_straight_links():
    start, head = np.array([0, 1, 1], np.int32), np.array([1], np.int32)
    target, shortest, paths = laid_out(
        Hierarchy.of(start, head, np.zeros(2, bool)), np.array([2.5]), [0, 1], np.zeros(2, bool)
    )
    assert target.tolist() == [1, 0]
    assert shortest.tolist() == [2.5, np.inf]
    assert {row: links.tolist() for row, links in paths.items()} == {0: [0]}


@pytest.mark.data
def test_the_streets_of_brussels_for_cars_as_scipy_finds_them(reference_data, measured):
    graph = read_street_graph(reference_data / "roads" / "osm_brussels_2013-01-01.osm.pbf")
    arcs, nodes = graph.arcs("car"), len(graph.nodes)
    order = np.argsort(arcs.tail, kind="stable")
    tail, head = arcs.tail[order], arcs.head[order].astype(np.int32)
    cost = graph.links.length.to_numpy()[arcs.link[order]]
    cost[np.random.default_rng(0).random(cost.size) < 0.01] = np.inf  # closed
    start = np.concatenate(([0], np.cumsum(np.bincount(tail, minlength=nodes)))).astype(np.int32)
    sources = np.random.default_rng(1).choice(np.unique(tail), LANES, replace=False)
    found, _, _ = swept(Hierarchy.of(start, head, np.ones(nodes, bool)), cost, sources)
    expected = np.array([least_by_scipy(tail, head, cost, np.ones(nodes, bool), one) for one in sources])
    reached = np.isfinite(expected)
    assert (np.isfinite(found) == reached).all()
    assert reached.sum() > 100_000
    apart = np.abs(found[reached] - expected[reached]) / np.maximum(expected[reached], 1.0)
    measured(case="streets of Brussels for cars in 2013, from 8 nodes to all: largest difference, relative",
             source=SCIPY, ours=apart.max(), bar=1e-12)  # fmt: skip


@pytest.fixture(scope="module")
def city(reference_data):
    network, nodes = car_network(reference_data / "traffic")
    return network, made_up_demand(network, nodes, trips=20_000)


def test_an_assignment_by_hierarchy_is_that_by_trees(city, measured):
    network, demand = city
    by_trees = assign(network, demand, gap=1e-9, hierarchy=False)
    found = assign(network, demand, gap=1e-9, hierarchy=True)
    assert found.converged
    case, source = "assignment by hierarchy", "the same by Dijkstra's trees"
    measured(case=f"{case}: objective, relative", source=source, bar=1e-9,
             ours=abs(found.objective / by_trees.objective - 1))  # fmt: skip
    measured(case=f"{case}: largest difference of a link flow", source=source, unit="cars/h", bar=0.1,
             ours=np.abs(found.flow - by_trees.flow).max())  # fmt: skip


def test_an_assignment_by_hierarchy_is_the_same_bit_for_bit_on_any_number_of_threads(city):
    network, demand = city
    one, two = (assign(network, demand, gap=1e-4, threads=threads, hierarchy=True) for threads in (1, 2))
    assert (one.flow == two.flow).all()
    assert (one.shortest == two.shortest).all()
    assert one.gaps == two.gaps


def test_classes_tolls_and_closures_go_by_the_hierarchy_too(city):
    network, demand = city
    draw = np.random.default_rng(4)
    barred = draw.random(network.links) < 0.05
    size = np.asarray(demand.origin).size
    mixed = Demand(
        demand.origin, demand.destination, demand.trips, draw.integers(0, 2, size),
        (VehicleClass("car"), VehicleClass("truck", 2.0, draw.uniform(0.0, 20.0, network.links), barred)),
    )  # fmt: skip
    closed = draw.random(network.links) < 0.02
    by_trees = assign(network, mixed, gap=1e-6, closed=closed, hierarchy=False)
    found = assign(network, mixed, gap=1e-6, closed=closed, hierarchy=True)
    assert found.unserved.size == by_trees.unserved.size > 0
    assert (found.unserved == by_trees.unserved).all()
    assert found.class_flow[1, barred].max() == 0.0
    assert found.flow[closed].max() == 0.0
    assert found.objective == pytest.approx(by_trees.objective, rel=1e-6)


def test_trips_from_centroids_that_nobody_passes_go_by_the_hierarchy_too(reference_data):
    folder = reference_data / "tntp"
    network, demand = read_network(folder / "Anaheim_net.tntp"), read_trips(folder / "Anaheim_trips.tntp")
    found = assign(network, demand, gap=1e-12, hierarchy=True)
    # best known solution of Transportation Networks for Research (bstabler/TransportationNetworks)
    assert found.objective == pytest.approx(1_286_032.17109603, rel=1e-9)
    inner = np.ones(found.paths.link.size, bool)
    inner[found.paths.begin[:-1]] = False
    assert network.passable[network.tail[found.paths.link[inner]]].all()


def test_small_networks_keep_their_trees():
    network = Network.of([1, 2, 3], [2, 3, 1], free_flow_time=1.0, capacity=10.0)
    assign(network, Demand([1], [3], [1.0]))
    assert "hierarchy" not in network.__dict__


def test_ways_of_vehicles_are_the_same_by_hierarchy_turn_bans_and_closures_included(monkeypatch):
    side, draw = 14, np.random.default_rng(6)
    at = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate((np.c_[at[:, :-1].ravel(), at[:, 1:].ravel()], np.c_[at[:-1].ravel(), at[1:].ravel()]))
    tail, head = np.concatenate((pairs, pairs[:, ::-1])).T
    ones = np.ones(tail.size)
    streets = Streets(tail, head, 100.0 * ones, 10.0 * ones, ones, 0.2 * ones)
    one, other = np.nonzero(head[:, None] == tail)
    turn = draw.choice(one.size, 150, replace=False)
    bans = TurnBans(one[turn], other[turn], draw.integers(1, 4, 150)).checked(tail, head)
    costs = draw.uniform(5.0, 20.0, (2, tail.size))
    costs[draw.random(costs.shape) < 0.05] = np.inf
    tables = []
    monkeypatch.setattr(Hierarchy, "pays", lambda self, trees: True)
    for large in (np.inf, 0):
        monkeypatch.setattr("kernels.traffic.queues_tables._LARGE", large)
        ways = NextLinks(streets, bans, np.array([0, 1]), np.arange(0, side * side, 5), 1, Crew(2))
        ways.grow(0, costs)
        tables.append(ways.table)
    np.testing.assert_array_equal(*tables)
