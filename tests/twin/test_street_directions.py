"""What works do to the directions of streets, drawn by hand: closed, slower, narrower, turned, with bays."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from kernels.traffic.kerb_bays import blocking, capacity_part
from kernels.traffic.queues_inputs import mode_bits
from twin.city import City, CityError
from twin.street_access import WALK
from twin.street_directions import SEARCH, as_modes
from twin.street_works import Clock, KerbBays, LaneChange, OneWay, SpeedLimit, StreetClosure, StreetWorks
from twin.traffic_layers import told, traffic_layers

sys.path.insert(0, str(Path(__file__).parents[1]))
from street_toy import SOUTH, WEST, toy

HOUR = 3600.0
EIGHT = datetime(2026, 3, 3, 7, tzinfo=UTC)  # 08:00 in Brussels, a Tuesday
MORNING = Clock(((7 * HOUR, 11 * HOUR),))
EVERYONE = mode_bits("all")


def under(graph=None, *, start=EIGHT, duration_s=12 * HOUR, **works):
    """The network of the drawing under works."""
    city = City("drawing", (WEST, SOUTH, WEST + 1200, SOUTH + 400))
    return traffic_layers(city, StreetWorks(**works), start=start, duration_s=duration_s, graph=graph or toy())


def of(net, name):
    return dict(zip(net["link"].values.tolist(), net[name].values.tolist(), strict=True))


def rows(net, what, *names):
    """Rows of closures or changes, with the id of their link first."""
    columns = [net["link"].values[net[f"{what}_link"].values].tolist()]
    columns += [net[f"{what}_{name}"].values.tolist() for name in names]
    return list(zip(*columns, strict=True))


def test_the_bits_of_maps_become_the_bits_of_kernels():
    # street_access counts walk, bike, car, van, truck, bus; queues_inputs car, van, truck, bus, bike, foot
    assert as_modes(np.array([0, 1, 2, 4, 8, 16, 32, 63])).tolist() == [
        0, mode_bits("foot"), mode_bits("bike"), mode_bits("car"), mode_bits("van"), mode_bits("truck"),
        mode_bits("bus"), EVERYONE,
    ]  # fmt: skip


def test_a_street_closed_at_all_hours_keeps_its_links_and_lets_the_others_in():
    net = under(closures=(StreetClosure("c", ("a-b",), ("car", "truck", "van")),))
    assert of(net, "allowed_modes")["a-b>"] == of(net, "allowed_modes")["a-b<"] == mode_bits("bus+bike+foot")
    assert of(net, "allowed_modes")["b-c>"] == EVERYONE
    assert net.sizes["closure"] == 0
    one = under(closures=(StreetClosure("c", ("a-b",), ("car",), "against"),))
    assert of(one, "allowed_modes")["a-b>"] == EVERYONE
    assert of(one, "allowed_modes")["a-b<"] == EVERYONE & ~mode_bits("car")


def test_a_street_closed_from_seven_to_eleven_has_rows_of_these_hours():
    net = under(closures=(StreetClosure("c", ("b-d", "a-b"), ("car", "van"), clock=MORNING),))
    barred = mode_bits("car+van")
    assert rows(net, "closure", "modes", "begin", "until") == [
        (link, barred, -1 * HOUR, 3 * HOUR) for link in ("a-b>", "a-b<", "b-d>", "b-d<")
    ]
    assert of(net, "allowed_modes")["a-b>"] == EVERYONE
    later = under(start=datetime(2026, 3, 3, 11, tzinfo=UTC), duration_s=2 * HOUR,
                  closures=(StreetClosure("c", ("a-b",), ("car",), clock=MORNING),))  # fmt: skip
    assert later.sizes["closure"] == 0  # from noon on it does not matter


def test_a_speed_of_all_hours_is_the_speed_and_one_of_some_hours_is_a_change():
    always = under(speeds=(SpeedLimit("s", ("a-b",), 20.0),))
    assert of(always, "free_speed")["a-b<"] == pytest.approx(20 / 3.6)
    assert of(always, "free_speed")["b-c<"] == pytest.approx(30 / 3.6)
    assert always.sizes["street_change"] == 0
    school = under(speeds=(SpeedLimit("s", ("a-b",), 20.0, MORNING),))
    found = rows(school, "change", "begin", "until", "speed", "capacity")
    assert found == [(link, -HOUR, 3 * HOUR, pytest.approx(20 / 3.6), 1.0) for link in ("a-b>", "a-b<")]
    assert of(school, "free_speed")["a-b<"] == pytest.approx(30 / 3.6)


def test_where_speeds_contradict_the_later_holds_and_no_two_changes_overlap():
    noon = Clock(((9 * HOUR, 13 * HOUR),))
    net = under(speeds=(SpeedLimit("s1", ("a-b",), 20.0, MORNING), SpeedLimit("s2", ("a-b",), 10.0, noon)))
    assert rows(net, "change", "begin", "until", "speed")[:3] == [
        ("a-b>", -HOUR, HOUR, pytest.approx(20 / 3.6)),
        ("a-b>", HOUR, 3 * HOUR, pytest.approx(10 / 3.6)),
        ("a-b>", 3 * HOUR, 5 * HOUR, pytest.approx(10 / 3.6)),
    ]


def test_a_lane_given_to_bikes_leaves_the_others_to_cars():
    wide = toy(lanes_forward={"a-b": 3.0})
    net = under(wide, lanes=(LaneChange("l", ("a-b",), -1, "bike", "along"),))
    assert of(net, "street_lanes")["a-b>"] == 2
    assert of(net, "street_capacity")["a-b>"] == 2 * 750
    assert of(net, "cycle_lane") == {one: one == "a-b>" for one in net["link"].values}
    hours = under(wide, lanes=(LaneChange("l", ("a-b",), -1, "bike", "along", MORNING),))
    assert rows(hours, "change", "begin", "until", "capacity") == [("a-b>", -HOUR, 3 * HOUR, pytest.approx(2 / 3))]
    assert np.isnan(hours["change_speed"].values).all()


def test_who_takes_the_last_lane_closes_the_street_to_motors():
    bikes = under(lanes=(LaneChange("l", ("a-b",), -1, "bike"),))
    assert of(bikes, "allowed_modes")["a-b>"] == mode_bits("bike+foot")
    buses = under(lanes=(LaneChange("l", ("a-b",), -1, "bus"),))
    assert of(buses, "allowed_modes")["a-b>"] == mode_bits("bus+bike+foot")
    assert of(buses, "street_capacity")["a-b>"] == 750  # the lane is there, for buses
    hours = under(lanes=(LaneChange("l", ("a-b",), -1, "bus", "along", MORNING),))
    assert rows(hours, "closure", "modes", "begin", "until") == [
        ("a-b>", mode_bits("car+van+truck"), -HOUR, 3 * HOUR)
    ]  # fmt: skip


def test_a_lane_given_to_buses_is_a_link_of_its_own():
    wide = toy(lanes_forward={"a-b": 2.0})
    net = under(
        wide,
        lanes=(LaneChange("l", ("a-b",), -1, "bus", "along"),),
        closures=(StreetClosure("c", ("a-b",), ("bus", "car"), "along", MORNING),),
        speeds=(SpeedLimit("s", ("a-b",), 20.0, MORNING),),
    )
    assert net["link"].values.tolist()[-1] == "a-b>>"
    assert net["street"].values.tolist()[-1] == "a-b"
    for name in ("link_start_node", "link_end_node", "street_length", "free_speed"):
        assert of(net, name)["a-b>>"] == of(net, name)["a-b>"]
    assert of(net, "allowed_modes")["a-b>>"] == mode_bits("bus")
    assert of(net, "allowed_modes")["a-b>"] == EVERYONE & ~mode_bits("bus")
    assert of(net, "allowed_modes")["a-b<"] == EVERYONE
    assert (of(net, "street_lanes")["a-b>"], of(net, "street_lanes")["a-b>>"]) == (1, 1)
    assert (of(net, "street_capacity")["a-b>"], of(net, "street_capacity")["a-b>>"]) == (750, 750)
    # hours that close and slow the street do so to the lane of buses too
    assert ("a-b>>", mode_bits("bus"), -HOUR, 3 * HOUR) in rows(net, "closure", "modes", "begin", "until")
    assert ("a-b>>", pytest.approx(20 / 3.6), 1.0) in rows(net, "change", "speed", "capacity")
    hours = under(wide, lanes=(LaneChange("l", ("a-b",), -1, "bus", "along", MORNING),))
    assert "a-b>>" not in hours["link"].values
    assert told(hours)["lanes given to buses at some hours, where buses wait with the cars"] == 1


def test_a_lane_given_back_makes_room():
    net = under(lanes=(LaneChange("l1", ("a-b",), 1, direction="along"),))
    assert of(net, "street_capacity")["a-b>"] == 2 * 750
    assert of(net, "street_capacity")["a-b<"] == 750


def test_a_street_that_becomes_one_way_gives_all_lanes_to_it():
    net = under(one_ways=(OneWay("o", ("a-b",), "against"),))
    assert of(net, "allowed_modes")["a-b>"] == mode_bits("bike+foot")
    assert of(net, "allowed_modes")["a-b<"] == EVERYONE
    assert of(net, "street_lanes")["a-b<"] == 2
    assert of(net, "street_capacity")["a-b<"] == 2 * 750


def test_a_one_way_street_that_is_turned_or_opened_gets_the_link_it_lacked():
    one_way = toy(backward={"a-b": WALK}, lanes_backward={"a-b": 0.0}, lanes_forward={"a-b": 2.0})
    assert "a-b<" not in under(one_way)["link"].values
    turned = under(one_way, one_ways=(OneWay("o", ("a-b",), "against", spared=()),))
    assert of(turned, "allowed_modes")["a-b<"] == EVERYONE
    assert of(turned, "allowed_modes")["a-b>"] == 0  # the link stays, so that before and after can be compared
    assert of(turned, "street_lanes")["a-b<"] == 2
    both = under(one_way, one_ways=(OneWay("o", ("a-b",), "both"),))
    assert of(both, "street_lanes")["a-b<"] == of(both, "street_lanes")["a-b>"] == 1
    assert of(both, "allowed_modes")["a-b<"] == of(both, "allowed_modes")["a-b>"] == EVERYONE


def test_bays_take_room_by_their_manoeuvres_and_send_on_who_finds_none():
    bays = KerbBays("shop", ("b-d",), bays=6, dwell=900.0, arrivals=30.0)
    net = under(bays=(bays,))
    lost = blocking(6, 7.5)  # 30 an hour for a quarter of an hour
    # half of those served stop on each side, each goes in and out, over 400 m of which 76 m count
    part = capacity_part(1.0, 2 * 30 * (1 - lost) / 2 * 76 / 400)
    assert of(net, "street_capacity")["b-d>"] == pytest.approx(750 * part)
    assert of(net, "street_lanes")["b-d>"] == 1
    assert told(net)["shop: part of stops that find no bay"] == pytest.approx(lost, abs=1e-6)
    assert told(net)["shop: search for a bay, km per hour"] == pytest.approx(lost * 30 * SEARCH / 1000, abs=1e-6)
    hours = under(bays=(KerbBays("shop", ("b-d",), 6, 900.0, 30.0, MORNING),))
    assert rows(hours, "change", "begin", "until", "capacity") == [
        (link, -HOUR, 3 * HOUR, pytest.approx(part)) for link in ("b-d>", "b-d<")
    ]


def test_works_on_the_same_street_add_up():
    wide = toy(lanes_forward={"a-b": 2.0})
    net = under(
        wide,
        lanes=(LaneChange("l", ("a-b",), -1, "bike", "along"),),
        speeds=(SpeedLimit("s", ("a-b",), 20.0, MORNING),),
        bays=(KerbBays("p", ("a-b",), 0, 600.0, 10.0),),
    )
    assert of(net, "street_capacity")["a-b>"] == pytest.approx(750 * capacity_part(1.0, 0.0))  # all search on
    assert rows(net, "change", "speed", "capacity")[0] == ("a-b>", pytest.approx(20 / 3.6), 1.0)


def test_works_on_a_street_that_is_not_there_are_refused():
    with pytest.raises(CityError, match="c: there is no street 'z-z' in the city"):
        under(closures=(StreetClosure("c", ("a-b", "z-z"), ("car",)),))
