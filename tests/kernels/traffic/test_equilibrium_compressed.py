"""A compressed network has the same equilibrium as the whole one."""

import numpy as np
import pytest
from brussels_city import car_network, made_up_demand

from kernels.traffic.compression import compress
from kernels.traffic.demand import Demand, VehicleClass
from kernels.traffic.equilibrium import assign
from kernels.traffic.network import Network


def test_a_chain_takes_as_long_as_its_links():
    # 1 - 2 - 3 - 4 one way, 3 - 9 a dead end; times 1 + x / 4, 2 + 2 (x / 5)^1 and 3 are added by hand
    network = Network.of(
        [1, 2, 3, 3, 9], [2, 3, 4, 9, 3], free_flow_time=[1, 2, 3, 1, 1], capacity=[4, 5, 1, 1, 1],
        delay_factor=[1, 1, 0, 1, 1], delay_power=1.0, length=[10, 20, 30, 1, 1],
    )  # fmt: skip
    small = compress(network, [1, 4])
    assert (small.network.nodes, small.network.links) == (2, 1)
    assert small.chain.tolist() == [0, 0, 0, -1, -1]
    assert small.network.length.tolist() == [60]
    found = assign(small.network, Demand([1], [4], [3.0]))
    np.testing.assert_allclose(found.shortest, [1 + 3 / 4 + 2 + 2 * 3 / 5 + 3])
    np.testing.assert_allclose(small.spread(found.flow), [3, 3, 3, 0, 0])


def test_streets_in_both_directions_are_joined_in_both():
    network = Network.of([1, 2, 2, 3], [2, 1, 3, 2], free_flow_time=[1, 2, 3, 4], capacity=9.0)
    small = compress(network, [1, 3])
    assert small.network.links == 2
    there, back = small.network.free_flow_time[small.chain[[0, 1]]]
    assert (there, back) == (4, 6)


def test_corners_where_one_may_choose_stay():
    network = Network.of([1, 2, 2, 3, 4], [2, 3, 4, 5, 5], free_flow_time=1.0, capacity=9.0)
    small = compress(network, [1, 5])
    assert sorted(small.network.node_id.tolist()) == [1, 2, 5]
    assert small.network.links == 3


def test_links_of_other_powers_are_not_joined():
    network = Network.of([1, 2], [2, 3], free_flow_time=1.0, capacity=9.0, delay_power=[4.0, 2.0])
    assert compress(network, [1, 3]).network.links == 2


def test_a_kept_node_without_streets_is_still_told_as_unserved():
    network = Network.of([1, 2], [2, 3], free_flow_time=1.0, capacity=9.0, node_id=[1, 2, 3, 7])
    found = assign(compress(network, [1, 3, 7]).network, Demand([1, 1], [3, 7], [2.0, 1.0]))
    assert found.unserved["destination"].tolist() == [7]


@pytest.mark.parametrize("toll", [0.0, 0.01])
def test_the_city_of_brussels_flows_alike_when_compressed(reference_data, measured, toll):
    network, nodes = car_network(reference_data / "traffic")
    demand = made_up_demand(network, nodes, zones=40)
    small = compress(network, np.union1d(demand.origin, demand.destination))
    assert small.network.nodes < 0.85 * network.nodes

    def settled(streets):
        classes = (VehicleClass(fixed_cost=toll * streets.length),)
        return assign(streets, Demand(demand.origin, demand.destination, demand.trips, classes=classes), gap=1e-9)

    whole, less = settled(network), settled(small.network)
    case = "City of Brussels, compressed against whole"
    source = "the same search on the whole network, gap 1e-9"
    measured(case=f"{case}: objective, relative (toll {toll:g} per metre)", source=source, bar=2e-9,
             ours=abs(less.objective / whole.objective - 1))  # fmt: skip
    measured(case=f"{case}: worst flow over the largest (toll {toll:g} per metre)", source=source, bar=1e-5,
             ours=np.abs(small.spread(less.flow) - whole.flow).max() / whole.flow.max())  # fmt: skip
