"""Edits of streets: what they put into the situation, what they refuse, and that they leave no trace when undone."""

import sys
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

sys.path.insert(0, str(Path(__file__).parent))
from block_toy import at, block_city, box

from kernels.traffic.queues_inputs import MODE_NAMES
from scenarios.edits import (
    ON_STREETS,
    BikeLane,
    Bollard,
    Bridge,
    CloseStreet,
    CloseTunnel,
    KerbBays,
    LowTrafficNeighbourhood,
    OneWay,
    RemoveBikeLane,
    RemoveBridge,
    RemoveKerbBays,
    RemoveOneWay,
    RemoveSpeedLimit,
    RemoveStreetClosure,
    RemoveTravelDemand,
    SchoolStreet,
    SpeedLimit,
    TravelDemand,
    apply_edits,
)
from scenarios.edits.travel_modes import ALL, Mode
from scenarios.problem import EditError
from scenarios.situation import Situation
from twin.street_graph import graph_of
from twin.street_works import ALWAYS, Clock, DemandChange, LaneChange, StreetClosure
from twin.street_works import KerbBays as Bays
from twin.street_works import OneWay as Turned

H = 3600.0
MORNING = {"hours": ["07:00-11:00"], "days": ["mon", "tue"]}
INDEPENDENT = (
    CloseStreet(id="close", streets=["r1_0", "r1_1>"], **MORNING),
    Bollard(id="bollard", point=at(150, 203), lets_through=["bus"], hours=["11:00-18:00"]),
    SchoolStreet(id="bell", school="school"),
    CloseTunnel(id="below", name="tunnel drawn"),
    LowTrafficNeighbourhood(id="quiet", polygon=box(-20, -20, 320, 320), filters=["c1_0", "r2_0"], both_ways=["c1_1"]),
    OneWay(id="turn", streets=["c2_0", "c2_1<"]),
    SpeedLimit(id="slow", polygon=box(-10, -10, 310, 310), speed_km_h=30, kinds=["residential"]),
    SpeedLimit(id="main", line=[at(0, 0), at(300, 0)], speed_km_h=40, hours=["22:00-06:00"]),
    BikeLane(id="bikes", streets=["r0_0>", "r0_1>"]),
    KerbBays(id="shop", streets=["c0_1"], bays=6, dwell_min=15, arrivals_per_h=20, hours=["09:00-18:00"]),
    TravelDemand(id="less", factor=0.75, modes=["car"]),
    Bridge(id="span", line=[at(0, 301), at(150, 260), at(300, 299)], kind="tertiary"),
)
REMOVALS = {
    "street_closures": RemoveStreetClosure, "one_ways": RemoveOneWay, "speed_limits": RemoveSpeedLimit,
    "lane_changes": RemoveBikeLane, "kerb_bays": RemoveKerbBays, "demand_changes": RemoveTravelDemand,
    "links": RemoveBridge,
}  # fmt: skip


@pytest.fixture(scope="module")
def here() -> Situation:
    return Situation(block_city())


def test_a_street_closed_from_seven_to_eleven_keeps_general_traffic_out_by_the_clock(here):
    edit = CloseStreet(id="c", streets=["r1_0", "c1_2"], hours=["07:00-11:00"], days=["tue", "mon"])
    assert edit.apply(here).street_works.closures == (
        StreetClosure("c", ("c1_2", "r1_0"), ("car", "truck", "van"), "both", Clock(((7 * H, 11 * H),), (0, 1))),
    )
    assert CloseStreet(id="c", streets=["r1_0"]).apply(here).street_works.closures[0].clock.always


def test_a_direction_is_said_behind_the_id_or_for_all(here):
    mixed = CloseStreet(id="c", streets=["r1_0>", "r1_1<", "r1_2"], modes=["car"]).apply(here)
    found = {one.direction: one.streets for one in mixed.street_works.closures}
    assert found == {"along": ("r1_0",), "against": ("r1_1",), "both": ("r1_2",)}
    said = CloseStreet(id="c", streets=["r1_0"], modes=["car"], direction="against").apply(here)
    assert said.digest == CloseStreet(id="c", streets=["r1_0<"], modes=["car"]).apply(here).digest


def test_a_line_closes_the_streets_it_follows_in_the_direction_it_was_drawn(here):
    west_to_east, back = [at(0, 102), at(300, 98)], [at(300, 98), at(0, 102)]
    one = CloseStreet(id="c", line=west_to_east, modes=["car"], direction="along").apply(here)
    assert [(work.direction, work.streets) for work in one.street_works.closures] == [
        ("along", ("r1_0", "r1_1", "r1_2"))  # not the tunnel under it, not the streets that cross it
    ]
    other = CloseStreet(id="c", line=back, modes=["car"], direction="against").apply(here)
    assert one.digest == other.digest
    assert one.added_to("street_closures")[0].edit.streets == ["r1_0>", "r1_1>", "r1_2>"]


def test_a_speed_set_later_on_the_same_street_holds_whatever_the_ids(here):
    wide = SpeedLimit(id="z", polygon=box(-10, -10, 310, 310), speed_km_h=30)
    own = SpeedLimit(id="a", streets=["r1_0"], speed_km_h=20)
    apart = SpeedLimit(id="m", streets=["dive"], speed_km_h=70)
    after = apply_edits(here, [wide, own, apart])
    assert [one.speed for one in after.street_works.speeds if "r1_0" in one.streets] == [30, 20]
    assert after.digest == apply_edits(here, [apart, wide, own]).digest
    assert after.digest != apply_edits(here, [own, wide, apart]).digest


def test_kinds_leave_the_main_streets_as_fast_as_they_are(here):
    edit = SpeedLimit(id="s", polygon=box(-10, -10, 310, 310), speed_km_h=30, kinds=["residential"])
    (work,) = edit.apply(here).street_works.speeds
    assert len(work.streets) == 12
    assert set(here.city.links.loc[list(work.streets), "kind"]) == {"residential"}


def test_a_quarter_fewer_cars_is_a_factor(here):
    edit = TravelDemand(id="d", factor=0.75, modes=["van", "car"], sectors=["north"])
    assert edit.apply(here).street_works.demand == (DemandChange("d", 0.75, ("car", "van"), ("north",)),)
    assert TravelDemand(id="d", factor=0.75).apply(here).street_works.demand[0].modes == ()


def test_streets_without_works_leave_the_digest_as_it_was(here):
    assert not here.street_works
    assert here.digest == Situation(here.base).digest
    assert (
        CloseStreet(id="a", streets=["r1_0"]).apply(here).digest
        == CloseStreet(id="b", streets=["r1_0"]).apply(here).digest
    )  # what is done counts, not what it is called


@pytest.mark.parametrize("edit", INDEPENDENT, ids=lambda one: one.edit)
def test_an_edit_and_its_inverse_give_the_original_digest(here, edit):
    after = edit.apply(here)
    back = edit.inverse(here)
    assert isinstance(back, REMOVALS[after.added[0][0]])
    assert after.digest != here.digest
    assert back.apply(after).digest == here.digest
    assert back.inverse(after).apply(here).digest == after.digest


def test_every_kind_of_edit_of_streets_is_undone_in_a_test():
    assert {type(one) for one in INDEPENDENT} | set(REMOVALS.values()) == set(ON_STREETS)


@settings(max_examples=10, deadline=None)
@given(order=st.permutations(INDEPENDENT), undone=st.integers(0, len(INDEPENDENT)))
def test_independent_edits_commute_and_undo_from_any_depth(here, order, undone):
    steps = [here]
    for edit in order:
        steps.append(edit.apply(steps[-1]))
    assert steps[-1].digest == apply_edits(here, INDEPENDENT).digest
    back = steps[-1]
    for edit, before in list(zip(order, steps[:-1], strict=True))[::-1][:undone]:
        back = edit.inverse(before).apply(back)
    assert back.digest == steps[len(order) - undone].digest


def test_works_come_in_one_order_whatever_the_order_of_the_edits(here):
    works = apply_edits(here, INDEPENDENT[::-1]).street_works
    assert works == apply_edits(here, INDEPENDENT).street_works
    for group in (works.closures, works.lanes, works.one_ways, works.bays, works.demand):
        assert all(one.id <= other.id for one, other in pairwise(group))


def test_the_modes_of_edits_are_those_of_the_kernel():
    assert get_args(Mode) == ALL == MODE_NAMES


def test_a_bollard_stops_motors_in_the_street_beside_it_while_it_is_up(here):
    up = Bollard(id="b", point=at(150, 203), lets_through=["bus"], hours=["11:00-18:00"], emergency=False).apply(here)
    clock = Clock(((11 * H, 18 * H),))
    assert up.street_works.closures == (
        StreetClosure("b", ("r2_1",), ("car", "truck", "van"), "both", clock, emergency=False),
    )


def test_a_school_street_closes_the_nearest_street_at_the_bells_and_at_noon_on_wednesday(here):
    found = SchoolStreet(id="s", school="school").apply(here).street_works.closures
    assert {one.streets for one in found} == {("r2_1",)}  # 12 m from the school; the main street is 88 m away
    assert {one.clock for one in found} == {
        Clock(((8 * H, 8.5 * H), (15.5 * H, 16 * H)), (0, 1, 3, 4)),
        Clock(((8 * H, 8.5 * H), (12 * H, 12.5 * H)), (2,)),
    }  # fmt: skip
    assert {one.modes for one in found} == {("bus", "car", "truck", "van")}


def test_a_tunnel_closed_by_name_stops_all_modes_and_the_street_above_stays_open(here):
    for edit in (CloseTunnel(id="t", name="TUNNEL DRAWN"), CloseTunnel(id="t", streets=["dive"])):
        (work,) = edit.apply(here).street_works.closures
        assert (work.streets, work.modes, work.emergency) == (("dive",), tuple(sorted(ALL)), False)


def test_a_one_way_drawn_from_east_to_west_runs_against_streets_that_run_east(here):
    edit = OneWay(id="o", line=[at(300, 100), at(0, 100)])
    assert edit.apply(here).street_works.one_ways == (Turned("o", ("r1_0", "r1_1", "r1_2"), "against"),)
    opened = OneWay(id="o", streets=["r1_0"], direction="both", spared=[]).apply(here)
    assert opened.street_works.one_ways == (Turned("o", ("r1_0",), "both", ()),)


def test_a_lane_for_buses_in_one_direction_is_one_lane_fewer_there(here):
    edit = BikeLane(id="l", streets=["r0_0"], given_to="bus", direction="along", **MORNING)
    clock = Clock(((7 * H, 11 * H),), (0, 1))
    assert edit.apply(here).street_works.lanes == (LaneChange("l", ("r0_0",), -1, "bus", "along", clock),)


def test_bays_for_short_stops_say_seconds_and_vehicles_an_hour(here):
    edit = KerbBays(id="k", streets=["c0_1", "c0_0"], bays=6, dwell_min=15, arrivals_per_h=20)
    assert edit.apply(here).street_works.bays == (Bays("k", ("c0_0", "c0_1"), 6, 900.0, 20.0),)


def test_a_neighbourhood_closes_its_filters_and_opens_one_ways_both_ways(here):
    edit = LowTrafficNeighbourhood(
        id="q", polygon=box(-20, -20, 320, 320), filters=["r2_0", "c1_0"], both_ways=["c1_1"], hours=["07:00-19:00"]
    )
    works = edit.apply(here).street_works
    clock = Clock(((7 * H, 19 * H),))
    assert works.closures == (StreetClosure("q", ("c1_0", "r2_0"), ("car", "truck", "van"), "both", clock),)
    assert works.one_ways == (Turned("q", ("c1_1",), "both"),)


def test_two_directions_of_one_street_are_refused_in_either_order(here):
    quiet = LowTrafficNeighbourhood(id="q", polygon=box(0, 0, 90, 90), filters=["r0_0"], both_ways=["c0_0"])
    turn = OneWay(id="turn", streets=["c0_0"])
    for order in ([quiet, turn], [turn, quiet]):
        with pytest.raises(EditError, match="the direction of 'c0_0' was changed by"):
            apply_edits(here, order)


def test_a_bridge_is_a_street_between_the_crossings_where_it_lands(here):
    edit = Bridge(id="span", line=[at(2, 301), at(150, 260), at(300, 299)], kind="cycleway", width_m=4)
    after = edit.apply(here).city
    row = after.links.loc["span"]
    assert (row["start"], row["end"], row["kind"], row["width"]) == ("n03", "n33", "cycleway", 4.0)
    assert list(row.geometry.coords) == [tuple(at(0, 300)), tuple(at(150, 260)), tuple(at(300, 300))]
    assert row["assumed"] == "lanes speed"
    graph = graph_of(after)
    assert "span" in {graph.links.index[link] for link in graph.arcs("bike").link}
    assert "span" not in {graph.links.index[link] for link in graph.arcs("car").link}
    assert after.part_digest("nodes") == here.city.part_digest("nodes")


def test_what_is_done_to_a_bridge_goes_with_it(here):
    bridge = Bridge(id="span", line=[at(0, 300), at(300, 0)], kind="residential")
    close = CloseStreet(id="c", streets=["span", "r1_0"])
    after = apply_edits(here, [bridge, close, RemoveBridge(id="span")])
    assert after.digest == CloseStreet(id="c", streets=["r1_0"]).apply(here).digest
    alone = apply_edits(here, [bridge, CloseStreet(id="c", streets=["span"]), RemoveBridge(id="span")])
    assert alone.digest == here.digest


@pytest.mark.parametrize(
    ("edit", "place", "words"),
    [
        (CloseStreet(id="c", streets=["r9_0"]), "streets[0]", "none of the city's streets"),
        (CloseStreet(id="c", streets=["r1_0", "r1_0>"]), "streets[1]", "named twice"),
        (CloseStreet(id="c", line=[at(50, 50), at(50, 60)]), "line", "no street runs under it"),
        (CloseStreet(id="c", polygon=box(20, 20, 80, 80)), "polygon", "no street lies inside"),
        (SpeedLimit(id="s", polygon=box(2, 2, 280, 280), speed_km_h=30, kinds=["primary"]), "polygon", "of the kinds"),
        (CloseStreet(id="there", streets=["r2_0"]), "id", "already the id of one of the street closures"),
        (RemoveStreetClosure(id="none"), "id", "none of the city's street closures"),
        (Bollard(id="b", point=at(150, 150)), "point", "no street for motors is within 10 m"),
        (Bollard(id="b", point=at(150, 200), lets_through=["car", "van", "truck", "bus"]), "lets_through", "everybody"),
        (SchoolStreet(id="s", school="shop"), "school", "is a bakery"),
        (SchoolStreet(id="s", school="none"), "school", "none of the city's amenities"),
        (CloseTunnel(id="t", streets=["r1_0"]), "streets[0]", "close_street"),
        (CloseTunnel(id="t", name="Tunnel X"), "name", "there are Tunnel Drawn"),
        (OneWay(id="o", streets=["r1_0", "turned"]), "streets[1]", "none of the city's streets"),
        (OneWay(id="o", streets=["c2_0"]), "streets", "was changed by 'turn'"),
        (LowTrafficNeighbourhood(id="q", polygon=box(0, 0, 90, 90), filters=["r2_2"]), "filters[0]", "outside"),
        (LowTrafficNeighbourhood(id="q", polygon=box(0, 0, 90, 90), filters=["r0_0"], both_ways=["c2_0"]), "both_ways",
         "was changed by 'turn'"),
        (LowTrafficNeighbourhood(id="q", polygon=box(0, 0, 20, 20), filters=["r0_0"]), "polygon", "at least 1000"),
        (Bridge(id="r1_0", line=[at(0, 0), at(300, 300)], kind="footway"), "id", "already the id of one of the links"),
        (Bridge(id="x>", line=[at(0, 0), at(300, 300)], kind="footway"), "id", "another one"),
        (Bridge(id="x", line=[at(0, 0), at(150, 150)], kind="footway"), "line[1]", "the nearest crossing"),
        (Bridge(id="x", line=[at(0, 0), at(5, 5)], kind="footway"), "line", "lands twice"),
        (RemoveBridge(id="r1_0"), "id", "close_street"),
        (RemoveBridge(id="none"), "id", "none of the city's links"),
        (TravelDemand(id="d", factor=1.2, sectors=["west"]), "sectors[0]", "none of the city's sectors"),
    ],
)  # fmt: skip
def test_an_edit_of_streets_outside_its_limits_is_refused_with_place_and_reason(here, edit, place, words):
    fit = [CloseStreet(id="there", streets=["r1_0"]), OneWay(id="turn", streets=["c2_0"])]
    with pytest.raises(EditError) as caught:
        apply_edits(here, [*fit, edit])
    assert caught.value.place == f"edits[2].{place}"
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"hours": ["7-11"]}, "write them as 07:00-11:00"),
        ({"hours": ["07:00-24:30"]}, "goes past midnight"),
        ({"hours": ["07:00-07:00"]}, "ends where it begins"),
        ({"hours": ["07:00-11:00", "10:00-12:00"]}, "07:00-11:00 and 10:00-12:00 overlap"),
        ({"hours": []}, "at least 1"),
        ({"days": ["monday"]}, "'monday' is no day"),
        ({"days": ["mon", "mon"]}, "named twice"),
        ({"modes": ["tram"]}, "'car'"),
        ({"modes": ["car", "car"]}, "named twice"),
        ({"line": [[0, 0], [1, 1]]}, "streets, line or polygon; give one of them"),
        ({"kinds": ["primary"]}, "leave them out"),
    ],
)
def test_a_closure_that_cannot_be_says_why(values, words):
    with pytest.raises(ValidationError, match=words):
        CloseStreet.model_validate({"id": "c", "streets": ["r1_0"]} | values)


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (CloseTunnel, {}, "give one of the two"),
        (CloseTunnel, {"name": "x", "streets": ["dive"]}, "give one of the two"),
        (SchoolStreet, {"school": "school", "streets": ["r1_0"]}, "streets, line, polygon or school"),
        (BikeLane, {"streets": ["r1_0"], "given_to": "trams"}, "'bike' or 'bus'"),
        (Bollard, {"point": at(0, 0), "lets_through": ["bike"]}, "'bus'"),
        (SpeedLimit, {"streets": ["r1_0"], "speed_km_h": 4}, "greater than or equal to 5"),
        (TravelDemand, {"factor": -1}, "greater than or equal to 0"),
    ],
)
def test_an_edit_that_cannot_be_says_why(kind, values, words):
    with pytest.raises(ValidationError, match=words):
        kind.model_validate({"id": "x"} | values)


def test_a_night_goes_over_midnight_and_hours_that_touch_are_one(here):
    night = CloseStreet(id="c", streets=["r1_0"], hours=["22:00-06:00"]).apply(here).street_works.closures[0]
    assert night.clock == Clock(((22 * H, 6 * H),))
    joined = CloseStreet(id="c", streets=["r1_0"], hours=["12:00-24:00", "00:00-12:00"]).apply(here)
    assert joined.street_works.closures[0].clock == ALWAYS


def test_a_city_without_streets_says_how_to_get_some(here):
    bare = Situation(here.base.with_(links=here.base.links.iloc[:0]))
    with pytest.raises(EditError, match="import them with --streets"):
        CloseStreet(id="c", streets=["r1_0"]).apply(bare)
