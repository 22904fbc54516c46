"""Cut-through traffic on a net drawn by hand: a main road round two neighbourhoods, with a short cut through one."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.traffic.cut_through import LoadedWays, cut_through, flows_by_kind, select_link
from kernels.traffic.demand import Demand
from kernels.traffic.equilibrium import assign
from kernels.traffic.network import Network

# nodes 0, 1 on the main road, 2, 3 in neighbourhood 0, 4 in neighbourhood 1
# links: 0 main 0-1, 1 lane 0-2, 2 lane 2-3, 3 lane 3-1, 4 lane 1-4
LINK_AREA, NODE_AREA = [-1, 0, 0, 0, 1], [-1, -1, 0, 0, 1]
# three ways: 100 cars from main to main by the short cut, 50 who live at 2, 30 from 2 through to 4
WAYS = LoadedWays.of(
    begin=[0, 3, 4, 7], link=[1, 2, 3, 1, 2, 3, 4], flow=[100.0, 50.0, 30.0], start=[0, 0, 2], end=[1, 2, 4], links=5,
    kind=[0, 0, 1],
)  # fmt: skip


def test_only_who_neither_begins_nor_ends_there_cuts_through():
    found = cut_through(WAYS, LINK_AREA, NODE_AREA)
    np.testing.assert_array_equal(found.flow, [0, 150, 130, 130, 30])
    np.testing.assert_array_equal(found.through, [0, 100, 100, 100, 0])
    np.testing.assert_allclose(found.share, [np.nan, 2 / 3, 10 / 13, 10 / 13, 0.0])


def test_flows_by_class_add_up_to_all():
    by_kind = flows_by_kind(WAYS)
    np.testing.assert_array_equal(by_kind, [[0, 150, 100, 100, 0], [0, 0, 30, 30, 30]])
    assert flows_by_kind(WAYS, kinds=3).shape == (3, 5)
    with pytest.raises(LayerError, match="of class 1, expected 0 to 0"):
        flows_by_kind(WAYS, kinds=1)


def test_the_traffic_of_a_link_is_seen_on_all_its_ways():
    np.testing.assert_array_equal(select_link(WAYS, 4), [0, 0, 30, 30, 30])
    np.testing.assert_array_equal(select_link(WAYS, 0), np.zeros(5))
    with pytest.raises(LayerError, match="there is no link 5"):
        select_link(WAYS, 5)


def test_a_way_that_drives_a_link_twice_counts_twice_on_it():
    ring = LoadedWays.of([0, 3], [1, 2, 1], [7.0], [0], [1], links=5)
    np.testing.assert_array_equal(cut_through(ring, LINK_AREA, NODE_AREA).through, [0, 14, 7, 0, 0])
    np.testing.assert_array_equal(select_link(ring, 2), [0, 14, 7, 0, 0])


def test_the_paths_of_an_equilibrium_are_ways():
    # as in the closed form of two roads: 10 (1 + x / 10) = 15 (1 + (12 - x) / 10), x = 9.2
    network = Network.of([1, 1], [2, 2], free_flow_time=[10.0, 15.0], capacity=10.0, delay_power=1.0, delay_factor=1.0)
    found = assign(network, Demand([1], [2], [12.0]), gap=1e-13)
    row = found.paths.rows()
    ways = LoadedWays.of(found.paths.begin, found.paths.link, found.paths.flow, found.rows.origin[row],
                   found.rows.destination[row], network.links, found.rows.kind[row])  # fmt: skip
    np.testing.assert_allclose(flows_by_kind(ways)[0], [9.2, 2.8], rtol=1e-9)
    np.testing.assert_allclose(cut_through(ways, [-1, 0], [-1, -1]).share, [np.nan, 1.0])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"link": [1, 2, 9, 1, 2, 3, 4]}, "names link 9, but there are 5 links"),
        ({"flow": [1.0, -2.0, 0.0]}, "way 1 has the flow -2"),
        ({"begin": [0, 3, 4]}, "3 begins, 3 flows"),
        ({"begin": [0, 3, 2, 7]}, "must rise from 0 to 7"),
        ({"kind": [0, -1, 0]}, "of class -1"),
    ],
)
def test_ways_that_do_not_hang_together_are_refused(wrong, words):
    right = {"begin": [0, 3, 4, 7], "link": [1, 2, 3, 1, 2, 3, 4], "flow": [1.0, 2.0, 3.0], "start": [0, 0, 2],
             "end": [1, 2, 4], "links": 5}  # fmt: skip
    with pytest.raises(LayerError, match=words):
        LoadedWays.of(**right | wrong)


def test_areas_must_be_those_of_the_streets():
    with pytest.raises(LayerError, match=r"link_area has the shape \(2,\), expected \(5,\)"):
        cut_through(WAYS, [0, 0], NODE_AREA)
    with pytest.raises(LayerError, match="way 2 ends at node 4, but node_area knows 0 to 3"):
        cut_through(WAYS, LINK_AREA, NODE_AREA[:4])
