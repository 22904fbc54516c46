"""Edits of streets: what they put into the situation, what they refuse, and that they leave no trace when undone."""

import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

sys.path.insert(0, str(Path(__file__).parent))
from block_toy import at, block_city, box

from scenarios.edits import (
    CloseStreet,
    RemoveSpeedLimit,
    RemoveStreetClosure,
    RemoveTravelDemand,
    SpeedLimit,
    TravelDemand,
    apply_edits,
)
from scenarios.problem import EditError
from scenarios.situation import Situation
from twin.street_works import ALWAYS, Clock, DemandChange, StreetClosure

H = 3600.0


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


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (CloseStreet(id="c", streets=["r1_0"]), RemoveStreetClosure(id="c")),
        (SpeedLimit(id="s", streets=["r1_0"], speed_km_h=20), RemoveSpeedLimit(id="s")),
        (TravelDemand(id="d", factor=0.5), RemoveTravelDemand(id="d")),
    ],
    ids=lambda one: one.edit,
)
def test_an_edit_and_its_inverse_give_the_original_digest(here, first, then):
    after = first.apply(here)
    assert first.inverse(here) == then
    assert after.digest != here.digest
    assert then.apply(after).digest == here.digest
    assert then.inverse(after).apply(here).digest == after.digest


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
        (TravelDemand(id="d", factor=1.2, sectors=["west"]), "sectors[0]", "none of the city's sectors"),
    ],
)  # fmt: skip
def test_an_edit_of_streets_outside_its_limits_is_refused_with_place_and_reason(here, edit, place, words):
    fits = CloseStreet(id="there", streets=["r1_0"])
    with pytest.raises(EditError) as caught:
        apply_edits(here, [fits, edit])
    assert caught.value.place == f"edits[1].{place}"
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
        ({"line": [[0, 0], [1, 1]]}, "one of the three"),
        ({"kinds": ["primary"]}, "leave them out"),
    ],
)
def test_a_closure_that_cannot_be_says_why(values, words):
    with pytest.raises(ValidationError, match=words):
        CloseStreet.model_validate({"id": "c", "streets": ["r1_0"]} | values)


def test_a_night_goes_over_midnight_and_hours_that_touch_are_one(here):
    night = CloseStreet(id="c", streets=["r1_0"], hours=["22:00-06:00"]).apply(here).street_works.closures[0]
    assert night.clock == Clock(((22 * H, 6 * H),))
    joined = CloseStreet(id="c", streets=["r1_0"], hours=["12:00-24:00", "00:00-12:00"]).apply(here)
    assert joined.street_works.closures[0].clock == ALWAYS


def test_a_city_without_streets_says_how_to_get_some(here):
    bare = Situation(here.base.with_(links=here.base.links.iloc[:0]))
    with pytest.raises(EditError, match="import them with --streets"):
        CloseStreet(id="c", streets=["r1_0"]).apply(bare)
