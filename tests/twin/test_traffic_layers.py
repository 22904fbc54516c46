"""The network of traffic: a street drawn by hand, the demo district, and the real networks of Brussels."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from kernels.quantities import QUANTITIES
from kernels.traffic.queues_inputs import mode_bits
from twin.city import City, CityError, Terrain
from twin.demo.build import demo_city
from twin.formats.street_files import read_street_file, read_streets
from twin.rasterise import Grid
from twin.street_access import ALL, BIKE, BUS, CAR, MOTOR, WALK
from twin.street_classes import SOURCES, class_of, street_classes
from twin.street_graph import StreetGraph, graph_of, make_turns
from twin.traffic_layers import reachable, told, traffic_layers
from twin.traffic_signals import NEAR

sys.path.insert(0, str(Path(__file__).parents[1]))
from street_toy import PLACES, SOUTH, WEST, toy

START = datetime(2026, 3, 3, 7, tzinfo=UTC)
BOUNDS = (WEST - 10, SOUTH - 10, WEST + 1210, SOUTH + 410)


def network(graph=None, works=None, terrain=None, grid=None, start=START, duration_s=7200.0):
    """The network of a drawing."""
    city = City("drawing", BOUNDS, terrain=terrain)
    return traffic_layers(city, works, start=start, duration_s=duration_s, graph=graph or toy(), grid=grid)


def of(net, name):
    """Values of a variable by the id of their link."""
    return dict(zip(net["link"].values.tolist(), net[name].values.tolist(), strict=True))


def test_each_direction_that_vehicles_may_take_is_a_link():
    net = network(toy(backward={"a-b": WALK}, forward={"b-d": WALK | BIKE}, lanes_forward={"b-d": 0.0}))
    assert net["link"].values.tolist() == ["a-b>", "b-c>", "b-c<", "b-d>", "b-d<"]
    assert net["street"].values.tolist() == ["a-b", "b-c", "b-c", "b-d", "b-d"]
    assert net["node"].values.tolist() == list(PLACES)
    assert net["link_start_node"].values.tolist() == [0, 1, 2, 1, 3]
    assert net["link_end_node"].values.tolist() == [1, 2, 1, 3, 1]
    assert of(net, "street_length")["b-d<"] == 400
    assert of(net, "free_speed")["b-d<"] == pytest.approx(30 / 3.6)
    assert of(net, "allowed_modes")["b-d>"] == mode_bits("bike+foot")
    assert of(net, "allowed_modes")["b-d<"] == mode_bits("all")
    # the table: a lane of a residential street, and a cycle track where only bicycles go
    assert of(net, "street_capacity") == {"a-b>": 750, "b-c>": 750, "b-c<": 750, "b-d>": 400, "b-d<": 750}


def test_capacity_grows_with_the_lanes_and_the_class():
    rows = [("a", "b", "primary"), ("b", "c", "tertiary_link"), ("b", "d", "somewhere")]
    net = network(toy(rows, lanes_forward={"a-b": 2.0}))
    assert of(net, "street_capacity")["a-b>"] == 3600
    assert of(net, "street_capacity")["b-c<"] == 1300
    keys = list(street_classes())
    assert [keys[code] for code in of(net, "street_class").values()] == [
        "primary", "primary", "tertiary", "tertiary", "service", "service",
    ]  # fmt: skip
    assert net["street_class"].attrs["flag_meanings"].split() == keys
    assert net["street_class"].attrs["flag_values"] == list(range(len(keys)))


def test_every_capacity_has_a_source_and_every_kind_of_street_a_class():
    for one in street_classes().values():
        assert one.source.startswith((*SOURCES, "assumed")), one.key
        assert all(one.words[language] for language in ("fr", "nl", "en")), one.key
    kinds = np.array([kind for one in street_classes().values() for kind in one.kinds])
    assert len(set(kinds)) == len(kinds)
    codes = {one.key: one.code for one in street_classes().values()}
    assert class_of(np.array(["trunk", "unclassified", "steps"])).tolist() == [
        codes["primary"], codes["residential"], codes["pedestrian"],
    ]  # fmt: skip


def test_nobody_drives_on_from_a_bollard():
    graph = toy()
    nodes = graph.nodes.assign(barred=[0, MOTOR, 0, 0])
    net = network(StreetGraph(nodes, graph.links, graph.turns))
    allowed = of(net, "allowed_modes")
    assert allowed["a-b>"] == mode_bits("all")  # up to it
    assert allowed["b-c>"] == allowed["b-d>"] == allowed["a-b<"] == mode_bits("bike+foot")


def test_streets_rise_by_their_ends_and_fall_on_the_way_back():
    x = WEST + 10.0 * np.arange(130)
    slope = np.tile((0.05 * (x + 5.0 - WEST)).astype(np.float32), (50, 1))  # 5 % up to the east
    net = network(terrain=Terrain(slope, WEST, SOUTH, 10.0))
    found = of(net, "street_gradient")
    assert found["b-c>"] == pytest.approx(0.05, abs=1e-6)
    assert found["b-c<"] == pytest.approx(-0.05, abs=1e-6)
    assert found["b-d>"] == pytest.approx(0.0, abs=1e-6)
    assert "streets taken as flat" not in told(net)
    assert told(network())["streets taken as flat"] == 3


def test_a_forbidden_turn_joins_the_links_that_make_it():
    graph = toy()
    turns = make_turns([("a-b", "b", "b-d", False, ALL & ~WALK & ~BUS), ("b-c", "b", "a-b", True, CAR)])
    net = network(StreetGraph(graph.nodes, graph.links, turns))
    ids = net["link"].values
    found = {
        (str(ids[one]), str(ids[other])): bits
        for one, other, bits in zip(*(net[f"turn_{n}"].values for n in ("from_link", "to_link", "modes")), strict=True)
    }
    # who comes from c by car may only go on to a, so not to d
    assert found == {("a-b>", "b-d>"): mode_bits("car+van+truck+bike"), ("b-c<", "b-d>"): mode_bits("car")}


def test_cells_hold_all_of_a_street_and_a_tunnel_warms_none():
    grid = Grid.over(BOUNDS, 10.0)
    net = network(toy(below={"b-d": True}), grid=grid)
    link, length = net["crossing_link"].values, net["crossing_length"].values
    assert np.bincount(link, length, minlength=6) == pytest.approx([600, 600, 600, 600, 0, 0])
    cells = net["crossing_row"].values * grid.columns + net["crossing_column"].values
    assert len(set(zip(link.tolist(), cells.tolist(), strict=True))) == link.size
    here = (link == 0) & (net["crossing_column"].values == 1)  # a lies on the west edge of the second cell
    assert length[here] == pytest.approx([10.0])
    assert net["crossing_row"].values[here] == [1]


def test_a_slanting_street_is_cut_at_both_kinds_of_edges():
    places = {"a": (0.0, 0.0), "b": (30.0, 40.0)}
    net = network(toy([("a", "b", "residential")], places), grid=Grid.over((WEST, SOUTH, WEST + 30, SOUTH + 40), 10.0))
    first = net["crossing_link"].values == 0
    # 30 east over 40 north: edges are crossed at 10, 20 north-south and 10, 20, 30 west-east, six pieces of 50 m
    assert first.sum() == 6
    assert net["crossing_length"].values[first].sum() == pytest.approx(50.0)
    corner = first & (net["crossing_row"].values == 0) & (net["crossing_column"].values == 0)
    assert net["crossing_length"].values[corner] == pytest.approx([12.5])


def test_nodes_that_cars_cannot_reach_and_leave_are_told():
    net = network(toy(backward={"b-c": WALK}))
    assert dict(zip(net["node"].values.tolist(), reachable(net).tolist(), strict=True)) == {
        "a": True, "b": True, "c": False, "d": True,
    }  # fmt: skip
    assert told(net)["nodes off the part where cars go round"] == 1


def test_all_words_of_the_network_are_quantities():
    net = network(grid=Grid.over(BOUNDS, 10.0))
    for name in net:
        assert name in QUANTITIES, name
        assert net[name].attrs["units"] == QUANTITIES[str(name)].units


def test_a_city_without_streets_is_refused():
    with pytest.raises(CityError, match="has no streets"):
        traffic_layers(City("empty", BOUNDS), start=START, duration_s=3600)


def test_a_city_knows_what_its_map_says_of_access(tmp_path):
    def way(number, nodes, corners, **tags):
        line = {"type": "LineString", "coordinates": [[WEST + x, SOUTH + y] for x, y in corners]}
        return {"type": "Feature", "properties": {"osm_id": number, "nodes": nodes, **tags}, "geometry": line}

    features = [
        way(1, [1, 2], [(0, 0), (100, 0)], highway="residential", oneway="-1", cycleway="opposite", lanes="2"),
        way(2, [2, 3], [(100, 0), (200, 0)], highway="service", access="private"),
        way(3, [2, 4], [(100, 0), (100, 90)], highway="tertiary", lanes="3", bus="no"),
    ]
    features.append({"type": "Feature", "properties": {"osm_id": "n4", "barrier": "bollard"},
                     "geometry": {"type": "Point", "coordinates": [WEST + 100, SOUTH + 90]}})  # fmt: skip
    file = tmp_path / "streets.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    city = City("map", BOUNDS, **read_streets(file))
    net = traffic_layers(city, start=START, duration_s=3600)
    # drawn from west to east, open from east to west: the City turns the line, so traffic runs along it
    assert of(net, "allowed_modes")["w1_0>"] == mode_bits("all")
    assert of(net, "allowed_modes")["w1_0<"] == mode_bits("bike+foot")
    assert of(net, "street_lanes")["w1_0>"] == 2
    assert "w2_0>" not in of(net, "allowed_modes")
    assert of(net, "street_lanes")["w3_0>"] == 1.5
    assert of(net, "allowed_modes")["w3_0>"] == mode_bits("car+van+truck+bike+foot")
    assert of(net, "allowed_modes")["w3_0<"] == mode_bits("bike+foot")  # from the bollard
    direct = read_street_file(file)
    for name in ("lanes_forward", "lanes_backward", "forward", "backward"):
        kept = graph_of(city).links[name]
        turned = name.replace("forward", "x").replace("backward", "forward").replace("x", "backward")
        assert kept["w1_0"] == direct.links.loc["w1_0", turned]
        assert kept["w3_0"] == direct.links.loc["w3_0", name]


def test_the_demo_district_is_a_network():
    city = demo_city()
    net = traffic_layers(city, start=START, duration_s=7200, grid=Grid.over(city.bounds, 10.0))
    two_way = int((~city.links["oneway"]).sum())
    assert net.sizes["link"] == len(city.links) + two_way == 358
    length = net["street_length"].values
    above = ~city.links["kind"].str.endswith("_tunnel").to_numpy()
    directions = np.where(city.links["oneway"], 1, 2)
    assert net["crossing_length"].values.sum() == pytest.approx((city.links.length * directions)[above].sum(), rel=1e-9)
    assert length.sum() == pytest.approx((city.links.length * directions).sum())
    assert reachable(net).mean() > 0.85  # the edge cuts one-way streets
    # where two streets of the second class or above cross, all who come from further than a crossing is wide may stop
    large = np.isin(net["street_class"].values, [1, 2])
    head = net["link_end_node"].values
    arms = np.bincount(head[large], minlength=net.sizes["node"])
    stops = (arms[head] >= 4) & (length > NEAR)
    assert stops.sum() > 20
    assert (net["signal_cycle"].values[stops] > 0).all()
    assert told(net)["assumed signals"] > 0
    assert net["link_area"].values.max() + 1 == told(net)["neighbourhoods"] == 28
    main = np.isin(net["street_class"].values, [0, 1, 2, 3])
    np.testing.assert_array_equal(net["link_area"].values == -1, main)


@pytest.mark.data
def test_the_city_network_has_nearly_all_nodes_within_reach(reference_data):
    city = City("Brussels", BOUNDS, **read_streets(reference_data / "traffic" / "brussels_city_links.csv"))
    net = traffic_layers(city, start=START, duration_s=7200)
    assert 2290 <= net.sizes["node"] <= 2299  # some only join streets with access=no
    assert net.sizes["link"] == 4492 - 29  # SOURCES.md: rows; 29 of them have access=no
    # 2,229 with busways and what is closed, see test_street_csv
    assert 2200 <= reachable(net).sum() <= 2229
    assert told(net)["assumed lanes"] > 2000


@pytest.mark.data
@pytest.mark.slow
def test_the_whole_region_becomes_a_network(reference_data):
    city = City("Region", BOUNDS, **read_streets(reference_data / "roads" / "osm_brussels_2013-01-01.osm.pbf"))
    net = traffic_layers(city, start=START, duration_s=7200)
    assert net.sizes["link"] > 30_000
    assert net.sizes["turn"] >= 4
    car = reachable(net)
    drives = (net["allowed_modes"].values & mode_bits("car")) != 0
    touched = np.zeros(net.sizes["node"], bool)
    touched[net["link_start_node"].values[drives]] = True
    assert car.sum() > 0.95 * touched.sum()
