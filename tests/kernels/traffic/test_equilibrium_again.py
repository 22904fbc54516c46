"""An equilibrium found again after an edit is the one that a fresh search finds, and it is found sooner."""

import time

import numpy as np
import pytest
from brussels_city import car_network, made_up_demand

from kernels.contract import LayerError
from kernels.traffic.demand import Demand
from kernels.traffic.equilibrium import assign
from kernels.traffic.network import Network
from kernels.traffic.path_store import PathStore, twins
from twin.formats.tntp import read_network, read_trips


@pytest.fixture(scope="module")
def anaheim(reference_data):
    folder = reference_data / "tntp"
    network, demand = read_network(folder / "Anaheim_net.tntp"), read_trips(folder / "Anaheim_trips.tntp")
    return network, demand, assign(network, demand, gap=1e-13, threads=1)


def quickest(work, times=3):
    """The result, and the least of some durations. [s]"""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        found = work()
        spent.append(time.perf_counter() - began)
    return found, min(spent)


def busiest(found, count=1):
    """A mask of the fullest links between streets (no connector of a centroid)."""
    network = found.network
    street = network.passable[network.tail] & network.passable[network.head]
    closed = np.zeros(network.links, bool)
    closed[np.argsort(np.where(street, -found.flow, 0.0))[:count]] = True
    return closed


@pytest.mark.parametrize(("edit", "factor"), [("a street closed", 1.0), ("demand x 0.75", 0.75), ("demand x 2", 2.0)])
def test_warm_finds_what_cold_finds(anaheim, edit, factor, measured):
    network, demand, base = anaheim
    closed = busiest(base) if "closed" in edit else None
    asked = demand.scaled(factor)
    kept = base.kept()
    warm = assign(network, asked, gap=1e-14, closed=closed, begin=kept, threads=1)
    cold = assign(network, asked, gap=1e-14, closed=closed, threads=1)
    assert (warm.converged, cold.converged) == (True, True)
    source = "cold start of the same search"
    measured(case=f"Anaheim, {edit}, warm against cold: objective, relative", source=source, bar=1e-9,
             ours=abs(warm.objective / cold.objective - 1))  # fmt: skip
    measured(case=f"Anaheim, {edit}, warm against cold: worst flow over the largest", source=source, bar=1e-6,
             ours=np.abs(warm.flow - cold.flow).max() / cold.flow.max())  # fmt: skip
    if closed is not None:
        assert warm.flow[closed].max() == 0
    _, quick = quickest(lambda: assign(network, asked, gap=1e-6, closed=closed, begin=kept, threads=1), times=7)
    _, slow = quickest(lambda: assign(network, asked, gap=1e-6, closed=closed, threads=1), times=7)
    measured(
        case=f"Anaheim, {edit}, time of warm over time of cold, gap 1e-6", source=source, ours=quick / slow, bar=None
    )


def test_beginning_from_the_result_itself_needs_no_step(anaheim):
    network, demand, base = anaheim
    again = assign(network, demand, gap=1.01e-13, begin=base.kept())
    assert again.iterations == 0
    np.testing.assert_allclose(again.flow, base.flow, rtol=1e-12)


def test_a_saved_state_is_read_as_it_was(anaheim, tmp_path):
    network, demand, base = anaheim
    file = tmp_path / "state.npz"
    base.kept().save(file)
    again = assign(network, demand, gap=1.01e-13, begin=PathStore.load(file))
    assert again.iterations == 0


def test_paths_survive_a_new_link_and_a_new_order(anaheim):
    network, demand, base = anaheim
    order = np.random.default_rng(1).permutation(network.links)
    order = order[order != busiest(base).argmax()]
    names = network.node_id
    other = Network.of(
        np.append(names[network.tail[order]], 200), np.append(names[network.head[order]], 300),
        free_flow_time=np.append(network.free_flow_time[order], 0.5), capacity=np.append(network.capacity[order], 2e3),
        delay_power=4.0, node_id=names, not_passable=names[~network.passable],
    )  # fmt: skip
    warm = assign(other, demand, gap=1e-13, begin=base.kept())
    cold = assign(other, demand, gap=1e-13)
    assert warm.objective == pytest.approx(cold.objective, rel=1e-9)
    assert warm.gaps[0] < 0.1


def test_a_file_that_is_no_state_is_refused(tmp_path):
    file = tmp_path / "state.npz"
    file.write_text("no")
    with pytest.raises(LayerError, match=r"state\.npz: not a state of an assignment"):
        PathStore.load(file)
    np.savez(file, flow=np.zeros(3))
    with pytest.raises(LayerError, match=r"holds \['flow'\]"):
        PathStore.load(file)


def test_a_closure_that_cuts_a_zone_off_is_told():
    network = Network.of([1, 1, 2], [2, 2, 3], free_flow_time=[1.0, 2.0, 1.0], capacity=5.0)
    demand = Demand([1, 1], [2, 3], [4.0, 3.0])
    base = assign(network, demand, gap=1e-9)
    cut = assign(network, demand, gap=1e-9, closed=np.array([False, False, True]), begin=base.kept())
    assert cut.unserved.tolist() == [(1, 3, 0, 3.0)]
    assert cut.flow.sum() == pytest.approx(4.0)


def test_a_wrong_mask_of_closures_is_refused():
    network = Network.of([1, 1], [2, 2], free_flow_time=[1.0, 2.0], capacity=5.0)
    with pytest.raises(LayerError, match="closed must hold True or False for each of 2 links"):
        assign(network, Demand([1], [2], [4.0]), closed=np.array([1]))


def test_parallel_links_are_told_apart():
    assert twins(np.array([0, 1, 0, 0]), np.array([1, 0, 1, 2])).tolist() == [0, 0, 1, 0]


def test_a_closure_in_the_city_of_brussels_is_settled_again_in_half_a_second(reference_data, measured):
    network, nodes = car_network(reference_data / "traffic")
    demand = made_up_demand(network, nodes)
    base = assign(network, demand, gap=1e-6)
    closed, kept = busiest(base), base.kept()
    warm, spent = quickest(lambda: assign(network, demand, gap=1e-5, closed=closed, begin=kept))
    cold = assign(network, demand, gap=1e-5, closed=closed)
    assert (warm.converged, warm.flow[closed].max()) == (True, 0)
    assert warm.objective == pytest.approx(cold.objective, rel=2e-5)  # both within their gap of the least
    where = "City of Brussels, 2,299 nodes, 14,280 pairs of zones, busiest street closed"
    measured(case=f"{where}: settled again to a gap of 1e-5", source="specification: below 0.5 s", ours=spent,
             bar=None, unit="s")  # fmt: skip
