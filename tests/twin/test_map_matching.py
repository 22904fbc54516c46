"""Lines of buses onto links: drawn ways, lines that stray, and the shapes of the STIB on the City's network."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely

from kernels.traffic.queues_inputs import mode_bits
from twin.bus_lines import DWELL, departures, dwell_on, headways, services
from twin.city import BUS_LINE_COLUMNS, City, CityError, as_table
from twin.folder import load, save
from twin.formats.street_files import read_streets
from twin.formats.transit_shapes import read_bus_lines
from twin.map_matching import matched
from twin.street_works import LaneChange, StreetClosure, StreetWorks
from twin.traffic_layers import told, traffic_layers

sys.path.insert(0, str(Path(__file__).parents[1]))
from street_toy import SOUTH, WEST, at, toy

SQUARE = {"a": (0, 0), "b": (400, 0), "c": (400, 400), "d": (0, 400)}
SIDES = (("a", "b", "residential"), ("b", "c", "residential"), ("c", "d", "residential"), ("a", "d", "residential"))
ONE_LINK = (np.array([shapely.LineString([at(0, 0), at(400, 0)])]), np.array([0]), np.array([1]), np.array([True]))
EIGHT = datetime(2026, 3, 3, 7, tzinfo=UTC)


def bus_city(*corners, stops=""):
    """The square with one line of buses."""
    line = shapely.LineString([(WEST + x, SOUTH + y) for x, y in corners])
    lines = as_table(["l1"], [line], BUS_LINE_COLUMNS, line=["29"], stops=[stops])
    return City("square", (WEST, SOUTH, WEST + 400, SOUTH + 400), bus_lines=lines)


def network(city, works=None, duration_s=3600.0):
    return traffic_layers(city, works, start=EIGHT, duration_s=duration_s, graph=toy(SIDES, SQUARE))


def way_of(net, run=0):
    """Links of a run by their ids."""
    return net["link"].values[net["service_leg_link"].values[net["service_leg_run"].values == run]].tolist()


def test_a_line_beside_its_streets_follows_them_in_its_direction():
    net = network(bus_city((20, 6), (395, 8), (394, 250), (402, 390), (100, 405)))
    assert way_of(net) == ["a-b>", "b-c>", "c-d>"]
    back = network(bus_city((100, 405), (402, 390), (394, 250), (395, 8), (20, 6)))
    assert way_of(back) == ["c-d<", "b-c<", "a-b<"]


def test_a_line_that_cuts_a_corner_still_turns_it():
    assert way_of(network(bus_city((50, 0), (380, 4), (396, 20), (400, 350)))) == ["a-b>", "b-c>"]


def test_a_street_closed_to_buses_is_driven_round_or_left_out():
    line = bus_city((20, 0), (400, 0), (400, 400))
    works = StreetWorks(closures=(StreetClosure("c", ("b-c",), ("bus", "car")),))
    assert way_of(network(line, works)) == ["a-b>"]


def test_a_line_runs_on_the_lane_that_buses_have():
    line = bus_city((20, 0), (400, 0), (400, 380))
    works = StreetWorks(lanes=(LaneChange("l", ("b-c",), -1, "bus", "along"),))
    wide = toy(SIDES, SQUARE, lanes_forward={"b-c": 2.0})
    net = traffic_layers(line, works, start=EIGHT, duration_s=3600.0, graph=wide)
    assert way_of(net) == ["a-b>", "b-c>>"]


def test_a_line_that_only_crosses_the_network_has_no_bus():
    net = network(bus_city((200, -500), (200, 30), (210, -500)))
    assert net.sizes["service"] == net.sizes["service_leg"] == 0
    assert told(net)["km of bus lines that follow links"] == 0
    assert not matched(shapely.LineString([at(5000, 0), at(6000, 0)]), *ONE_LINK)


def test_a_bus_stops_on_the_link_where_its_stop_is():
    net = network(bus_city((0, 0), (400, 0), (400, 400), stops="100.0 300.0 500.0"))
    first = net["service_leg_run"].values == 0
    assert way_of(net) == ["a-b>", "b-c>"]
    assert net["service_leg_dwell"].values[first].tolist() == [2 * DWELL, DWELL]
    assert told(net)["stops on them"] == 3
    (way,) = matched(ONE_LINK[0][0], *ONE_LINK)
    assert dwell_on(way, np.array([0.0, 400.0])).tolist() == [2 * DWELL]


def test_buses_set_out_every_headway_of_the_hour():
    clock, headway = headways()[1]
    assert clock.days == (0, 1, 2, 3, 4)
    assert clock.hours == ((7 * 3600.0, 19 * 3600.0),)
    # from 08:00 to 09:00 on a Tuesday; the window began an hour before
    found = departures(EIGHT, 3600.0, 0.0)
    np.testing.assert_allclose(np.diff(found), headway)
    np.testing.assert_allclose(found + 3600.0, headway * np.arange(6, 6 + found.size))
    assert found[0] >= 0.0
    assert found[-1] < 3600.0
    assert departures(datetime(2026, 3, 3, 1, tzinfo=UTC), 3600.0, 0.0).size == 0  # no bus at two in the night
    sunday = departures(datetime(2026, 3, 8, 9, tzinfo=UTC), 7200.0, 0.5)
    np.testing.assert_allclose(np.diff(sunday), 1200.0)


def test_services_keep_their_line_and_lines_set_out_apart():
    city = bus_city((0, 0), (400, 0))
    two = as_table(
        ["l1", "l2"], [city.bus_lines.geometry.iloc[0]] * 2, BUS_LINE_COLUMNS, line=["29", "T44"], stops=["", ""]
    )
    found = services(two, np.array([shapely.LineString([at(0, 0), at(400, 0)])]), np.array([0]), np.array([1]),
                     np.array([True]), start=EIGHT, duration_s=3600.0)  # fmt: skip
    assert set(found.line) == {"29", "T44"}
    assert not set(found.departure[found.line == "29"]) & set(found.departure[found.line == "T44"])
    assert found.leg_run.tolist() == list(range(found.departure.size))


def test_a_city_keeps_its_lines(tmp_path):
    city = bus_city((0, 0), (400, 0), stops="10.0 20.0")
    save(city, tmp_path / "city")
    found = load(tmp_path / "city")
    assert found.digest == city.digest != city.with_(bus_lines=None).digest
    assert found.bus_lines.loc["l1", ["line", "stops"]].tolist() == ["29", "10.0 20.0"]


def test_what_is_no_zip_of_shapefiles_is_refused(tmp_path):
    file = tmp_path / "lines.zip"
    file.write_bytes(b"nothing")
    with pytest.raises(CityError, match=r"lines\.zip: is no zip of shapefiles"):
        read_bus_lines(file)


@pytest.mark.data
def test_the_buses_of_the_stib_follow_the_streets_of_the_city(reference_data, measured):
    parts = read_streets(reference_data / "traffic" / "brussels_city_links.csv")
    bounds = tuple(parts["links"].total_bounds)
    tally = {}
    lines = read_bus_lines(reference_data / "transit" / "stib_network_2109_shapefiles.zip", bounds=bounds, tally=tally)
    assert tally["read"] == 174  # SOURCES.md
    assert lines["stops"].str.split().str.len().min() > 2
    places = [np.array(words.split(), float) for words in lines["stops"]]
    assert all((np.diff(one) >= 0).all() for one in places)
    # a stop of one line is its end: the shape ends there
    ends = np.array([shape.length - one[-1] for shape, one in zip(lines.geometry, places, strict=True)])
    assert np.median(ends) < 50
    net = traffic_layers(City("b", bounds, bus_lines=lines, **parts), start=EIGHT, duration_s=3600)
    run, link = net["service_leg_run"].values, net["service_leg_link"].values
    follows = (run[1:] != run[:-1]) | (
        net["link_end_node"].values[link[:-1]] == net["link_start_node"].values[link[1:]]
    )
    assert follows.all()
    assert ((net["allowed_modes"].values[link] & mode_bits("bus")) != 0).all()
    near = shapely.union_all(shapely.buffer(parts["links"].geometry.to_numpy(), 20.0))
    shapely.prepare(near)
    within = sum(shapely.intersection(one, near).length for one in lines.geometry) / 1000.0
    measured(case="STIB bus lines of 2021 on the City's network: km followed over km within 20 m of a street", unit="1",
             source="shapes of the STIB-MIVB, September 2021; network of January 2026", at_least=True, bar=0.9,
             ours=told(net)["km of bus lines that follow links"] / within)  # fmt: skip
