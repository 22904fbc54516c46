"""TNTP files: what is in them is in the network, and what cannot be is named by its line."""

import gzip

import numpy as np
import pytest

from twin.city import CityError
from twin.formats.tntp import read_network, read_trips

NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 3
<ORIGINAL HEADER>~ anything
<END OF METADATA>

~ init_node term_node capacity length free_flow_time b power speed toll link_type ;
\t1\t3\t100\t5\t6\t0.15\t4\t0\t2\t1\t;
\t3\t4\t200.5\t7\t1e-2\t0.2\t1\t0\t0\t1;
\t4\t2\t300\t9\t8\t0.3\t4.5\t0\t1\t1 ;
"""
TRIPS = """<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 12.5
<END OF METADATA>

Origin \t1
    1 :    0.0;    2 :   12.0;
origin 2
    1 : 0.5
"""


def write(folder, text, name="small_net.tntp"):
    path = folder / name
    path.write_text(text)
    return path


def test_every_column_lands_where_it_belongs(tmp_path):
    network = read_network(write(tmp_path, NET))
    assert network.node_id.tolist() == [1, 2, 3, 4]
    assert network.node_id[network.tail].tolist() == [1, 3, 4]
    assert network.node_id[network.head].tolist() == [3, 4, 2]
    assert network.capacity.tolist() == [100, 200.5, 300]
    assert network.length.tolist() == [5, 7, 9]
    assert network.free_flow_time.tolist() == [6, 0.01, 8]
    assert network.delay_factor.tolist() == [0.15, 0.2, 0.3]
    assert network.delay_power.tolist() == [4, 1, 4.5]
    assert network.toll.tolist() == [2, 0, 1]
    assert network.passable.tolist() == [False, False, True, True]


def test_trips_without_the_empty_ones(tmp_path):
    demand = read_trips(write(tmp_path, TRIPS))
    assert demand.origin.tolist() == [1, 2]
    assert demand.destination.tolist() == [2, 1]
    assert demand.trips.tolist() == [12.0, 0.5]


def test_packed_files_are_read(tmp_path):
    path = tmp_path / "small_net.tntp.gz"
    path.write_bytes(gzip.compress(NET.encode()))
    assert read_network(path).links == 3


@pytest.mark.parametrize(
    ("name", "nodes", "links", "pairs", "trips"),  # SOURCES.md of the test data
    [("SiouxFalls", 24, 76, 528, 360_600.0), ("Anaheim", 416, 914, 1406, 104_694.40), ("Braess", 4, 5, 1, 6.0)],
)
def test_the_test_networks_are_whole(reference_data, name, nodes, links, pairs, trips):
    folder = reference_data / "tntp"
    network, demand = read_network(folder / f"{name}_net.tntp"), read_trips(folder / f"{name}_trips.tntp")
    assert (network.nodes, network.links) == (nodes, links)
    within = demand.origin == demand.destination
    assert np.count_nonzero(~within) == pairs
    assert demand.trips.sum() == pytest.approx(trips)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("100\t5\t6", "100\tfive\t6", r"small_net\.tntp, line 9: 'five', expected a number"),
        ("\t300\t9\t8\t0.3\t4.5\t0\t1\t1 ;", "\t300", "line 11: a link of 3 numbers, expected at least 7"),
        ("LINKS> 3", "LINKS> 4", "tells of 4 links but has 3"),
        ("\t4\t2\t300", "\t5\t2\t300", "line 11: node 5, but <NUMBER OF NODES> is 4"),
        ("\t4\t2\t300", "\t0\t2\t300", "line 11: nodes .* whole numbers from 1"),
        ("\t4\t2\t300", "\t4\t2\t-300", "capacity of link 4-2 .* is -300"),
        ("NODES> 4", "NODES> four", "line 2: 'four', expected a number"),
    ],
)
def test_a_network_that_cannot_be_is_refused_by_its_line(tmp_path, old, new, words):
    with pytest.raises(CityError, match=words):
        read_network(write(tmp_path, NET.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2 :   12.0", "3 :   12.0", "line 6: zone 3, expected 1 to 2"),
        ("2 :   12.0", "2 :   twelve", "line 6: 'twelve', expected a number"),
        ("2 :   12.0", "2 :   -12.0", "line 6: -12.0 trips from 1 to 2"),
        ("2 :   12.0", "two trips", r"line 6: .* expected 'Origin 1'"),
        ("origin 2", "origin", "line 7: '', expected a number"),
    ],
)
def test_trips_that_cannot_be_are_refused_by_their_line(tmp_path, old, new, words):
    with pytest.raises(CityError, match=words):
        read_trips(write(tmp_path, TRIPS.replace(old, new), "small_trips.tntp"))


def test_a_file_of_the_other_kind_is_refused(tmp_path):
    with pytest.raises(CityError, match="line 5: a link of 2 numbers"):
        read_network(write(tmp_path, TRIPS))
    with pytest.raises(CityError, match="expected 'Origin 1'"):
        read_trips(write(tmp_path, NET))
    with pytest.raises(CityError, match="has no link"):
        read_network(write(tmp_path, "<END OF METADATA>\n"))
    with pytest.raises(CityError, match="has no origin"):
        read_trips(write(tmp_path, "<END OF METADATA>\n"))
    with pytest.raises(CityError, match="missing"):
        read_network(tmp_path / "missing.tntp")
