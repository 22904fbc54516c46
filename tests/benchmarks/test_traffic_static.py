"""How fast the static equilibrium is found, beside aequilibrae from the registry, by its public calls alone; prints."""

import contextlib
import importlib
import io
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from kernels.traffic.demand import Demand
from kernels.traffic.equilibrium import assign
from kernels.traffic.hierarchy import Hierarchy
from kernels.traffic.hierarchy_lanes import LANES
from kernels.traffic.hierarchy_sweep import Room, sweep
from kernels.traffic.network import Network
from kernels.traffic.shortest_paths import grow_tree
from twin.formats.osm_streets import read_street_graph
from twin.formats.tntp import read_network, read_trips

sys.path.insert(0, str(Path(__file__).parents[1] / "kernels" / "traffic"))
from brussels_city import car_network, made_up_demand

pytestmark = [pytest.mark.bench, pytest.mark.filterwarnings("ignore")]


def quickest(work, times=5):
    """The result, and the least of some durations. [s]"""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        found = work()
        spent.append(time.perf_counter() - began)
    return found, min(spent)


def grid_city(side=45, zones=1000, reach=100, seed=3):
    """A grid of two-way streets, zones hung on random corners, trips from each to ``reach`` others at random."""
    draw = np.random.default_rng(seed)
    corner = zones + 1 + np.arange(side * side).reshape(side, side)
    pairs = np.concatenate([
        np.column_stack((corner[:, :-1].ravel(), corner[:, 1:].ravel())),
        np.column_stack((corner[:-1].ravel(), corner[1:].ravel())),
    ])  # fmt: skip
    streets = np.concatenate((pairs, pairs[:, ::-1]))
    hung = draw.choice(corner.ravel(), zones, replace=False)
    zone = np.arange(1, zones + 1)
    ends = np.concatenate((streets, np.column_stack((zone, hung)), np.column_stack((hung, zone))))
    street = np.arange(len(ends)) < len(streets)
    network = Network.of(
        ends[:, 0], ends[:, 1], free_flow_time=np.where(street, draw.uniform(0.5, 1.5, len(ends)), 0.1),
        capacity=np.where(street, 1500.0, 1e6), node_id=np.arange(1, zones + side * side + 1), not_passable=zone,
    )  # fmt: skip
    origin = np.repeat(zone, reach)
    destination = draw.integers(1, zones + 1, origin.size)
    apart = origin != destination
    return network, Demand(origin[apart], destination[apart], draw.uniform(0.2, 1.0, int(apart.sum())))


def peer_seconds(network, demand, zones, gap):
    """What the bi-conjugate Frank-Wolfe of aequilibrae takes: time [s], that of processors [s], iterations, its gap."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            paths = importlib.import_module("aequilibrae.paths")
            matrices = importlib.import_module("aequilibrae.matrix")
    except ImportError as error:
        pytest.skip(f"PEER ABSENT: aequilibrae ({error}); uv sync --group peers brings it")
    number = np.arange(1, network.links + 1)
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        graph = paths.Graph()
        graph.network = pd.DataFrame({
            "link_id": number, "id": number, "a_node": network.node_id[network.tail],
            "b_node": network.node_id[network.head], "direction": 1, "capacity": network.capacity,
            "free_flow_time": network.free_flow_time, "b": network.delay_factor, "power": network.delay_power,
        })  # fmt: skip
        graph.prepare_graph(np.arange(1, zones + 1))
        graph.set_graph("free_flow_time")
        graph.set_blocked_centroid_flows(bool(not network.passable.all()))
        trips = np.zeros((zones, zones))
        np.add.at(trips, (np.asarray(demand.origin) - 1, np.asarray(demand.destination) - 1), demand.trips)
        np.fill_diagonal(trips, 0.0)
        matrix = matrices.AequilibraeMatrix()
        matrix.create_empty(zones=zones, matrix_names=["trips"], memory_only=True)
        matrix.index[:] = np.arange(1, zones + 1)
        matrix.matrix["trips"][:] = trips
        matrix.computational_view(["trips"])
        run = paths.TrafficAssignment()
        run.set_classes([paths.TrafficClass("car", graph, matrix)])
        run.set_vdf("BPR")
        run.set_vdf_parameters({"alpha": "b", "beta": "power"})
        run.set_capacity_field("capacity")
        run.set_time_field("free_flow_time")
        run.set_algorithm("bfw")
        run.max_iter = 3000
        run.rgap_target = gap
        began, worked = time.perf_counter(), time.process_time()
        run.execute()
        spent, work = time.perf_counter() - began, time.process_time() - worked
    report = run.report()
    return spent, work, len(report), float(report["rgap"].iloc[-1])


def test_anaheim_to_a_gap_of_a_millionth(reference_data):
    folder = reference_data / "tntp"
    network, demand = read_network(folder / "Anaheim_net.tntp"), read_trips(folder / "Anaheim_trips.tntp")
    found, spent = quickest(lambda: assign(network, demand, gap=1e-6), times=15)
    print(f"\nAnaheim to a gap of 1e-6: {spent * 1e3:.1f} ms (aim 10 ms), {found.iterations} iterations")
    theirs, _, rounds, gap = peer_seconds(network, demand, 38, 1e-6)
    print(f"aequilibrae bfw: {theirs:.2f} s, {rounds} iterations to {gap:.1e}: ours {theirs / spent:.0f} times as fast")


def test_a_thousand_zones():
    network, demand = grid_city()
    found, spent = quickest(lambda: assign(network, demand, gap=1e-4, threads=2), times=3)
    _, by_trees = quickest(lambda: assign(network, demand, gap=1e-4, threads=2, hierarchy=False), times=2)
    worked = time.process_time()
    assign(network, demand, gap=1e-4, threads=2)
    work = time.process_time() - worked
    load = float((found.flow / network.capacity).max())
    print(
        f"\n1000 zones, {network.links} links, {found.rows.trips.size} pairs, fullest link at {load:.1f} of capacity, "
        f"to a gap of 1e-4: {spent:.2f} s ({by_trees:.2f} s by trees), {work:.2f} s of processors, "
        f"{found.iterations} iterations, {found.paths.flow.size} paths"
    )
    theirs, their_work, rounds, gap = peer_seconds(network, demand, 1000, 1e-4)
    print(
        f"aequilibrae bfw: {theirs:.1f} s, {their_work:.1f} s of processors, {rounds} iterations to {gap:.1e}: ours "
        f"{theirs / spent:.0f} times as fast, {their_work / work:.0f} times less work (aim 30)"
    )


def one_to_all(network, source, words):
    """Print how long Dijkstra, a sweep down the hierarchy and SciPy take from one node to all."""
    nodes, order = network.nodes, network.order
    head, cost = network.head[order], network.free_flow_time[order]
    room = (np.empty(nodes), np.empty(nodes, np.int32), np.empty(nodes), *(np.empty(nodes, np.int32) for _ in "ab"))
    passable = np.ones(nodes, bool)
    grow_tree(source, network.start, head, cost, passable, *room)
    _, tree = quickest(lambda: grow_tree(source, network.start, head, cost, passable, *room), times=30)
    graph = csr_matrix((cost, (network.tail[order], head)), shape=(nodes, nodes))
    reached, theirs = quickest(lambda: dijkstra(graph, indices=source), times=10)
    np.testing.assert_allclose(room[0], reached, rtol=1e-9)
    hierarchy, ordered = quickest(lambda: Hierarchy.of(network.start, head, passable), times=3)
    weights, weighed = quickest(lambda: hierarchy.weights(cost))
    mine = Room.of(hierarchy)
    near = np.argsort(reached, kind="stable")
    for how, others in (
        ("at random", np.random.default_rng(0).integers(0, nodes, LANES - 1)), ("side by side", near[1:LANES]),
    ):  # fmt: skip
        sources = np.concatenate(([source], others)).astype(np.int32)
        _, swept = quickest(lambda sources=sources: sweep(sources, hierarchy, weights, mine), times=30)
        np.testing.assert_allclose(mine.distance.reshape(-1, LANES)[hierarchy.row_of, 0], reached, rtol=1e-9)
        each = swept / LANES
        print(
            f"\n{words}, {nodes} nodes, one to all: sweep of eight sources {how} {each * 1e3:.3f} ms a source "
            f"(bar 0.25), Dijkstra {tree * 1e3:.2f} ms (bar 1.0), scipy {theirs * 1e3:.2f} ms: "
            f"{tree / each:.1f} and {theirs / each:.0f} times as fast; "
            f"order {ordered * 1e3:.0f} ms once, weights {weighed * 1e3:.0f} ms for new costs, "
            f"{hierarchy.arcs} arcs, {hierarchy.triangles} triangles"
        )


def test_one_to_all_of_thirteen_thousand_nodes():
    one_to_all(grid_city(side=114, zones=4, reach=1)[0], 0, "grid, every crossing of four streets")


def test_one_to_all_on_the_streets_of_brussels(reference_data):
    graph = read_street_graph(reference_data / "roads" / "osm_brussels_2013-01-01.osm.pbf")
    arcs = graph.arcs("car")
    # only what hangs together
    matrix = csr_matrix((np.ones(arcs.tail.size), (arcs.tail, arcs.head)), shape=(len(graph.nodes),) * 2)
    part = connected_components(matrix, connection="strong")[1]
    main = (part[arcs.tail] == np.bincount(part).argmax()) & (part[arcs.head] == np.bincount(part).argmax())
    length = graph.links.length.to_numpy()[arcs.link]
    main = np.flatnonzero(main)[np.lexsort((length[main], arcs.head[main], arcs.tail[main]))]
    _, first = np.unique(np.column_stack((arcs.tail, arcs.head))[main], axis=0, return_index=True)
    main = main[first]  # of parallels the shortest, as SciPy would add them up
    network = Network.of(
        arcs.tail[main], arcs.head[main], capacity=1.0, free_flow_time=length[main] / (30 / 3.6)
    )  # fmt: skip
    one_to_all(network, 0, "Brussels 2013 for cars")


@pytest.mark.parametrize("trips", [20_000, 30_000])
@pytest.mark.parametrize("gap", [1e-5, 1e-6])
def test_a_closure_in_the_city_of_brussels(reference_data, trips, gap):
    network, nodes = car_network(reference_data / "traffic")
    demand = made_up_demand(network, nodes, trips=trips)
    base = assign(network, demand, gap=gap)
    kept = base.kept()
    for rank in (0, 50):
        closed = np.zeros(network.links, bool)
        closed[np.argsort(-base.flow)[rank]] = True
        warm, spent = quickest(lambda closed=closed: assign(network, demand, gap=gap, closed=closed, begin=kept))
        cold, slow = quickest(lambda closed=closed: assign(network, demand, gap=gap, closed=closed), times=2)
        print(
            f"\nCity of Brussels, {trips} trips, {base.rows.trips.size} pairs, link of rank {rank} closed, gap {gap:g}"
            f": {spent:.3f} s warm (aim 0.5), {warm.iterations} iterations; cold {slow:.3f} s, {cold.iterations}"
        )
