"""How soon help is there, on a short cut drawn by hand."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import traffic_toy as toy

from scenarios.emergency_access import BOLLARD, emergency_access
from scenarios.traffic_totals import TrafficTotals
from twin.city import AMENITY_COLUMNS, empty_table
from twin.street_works import Clock, StreetClosure, StreetWorks


def times(city, layers, **run):
    found = emergency_access(city, TrafficTotals.of(toy.run(layers, {}, **run), layers))
    return dict(zip(city.buildings.index[found.homes], found.seconds, strict=True)), found


def test_an_engine_takes_the_shorter_of_two_ways():
    city, layers = toy.make_city(), toy.network()
    seconds, found = times(city, layers)
    # the station stands at a; 12.5 m/s on the main street, 8 in the lane: house on-main at 150 of 200 m, in-lane after
    # ab, be and half of ef (by c and f: 32 + 12.5 + 12.5 s, longer)
    assert seconds["on-main"] == pytest.approx(150 / 12.5)
    assert seconds["in-lane"] == pytest.approx(200 / 12.5 + 100 / 8 + 100 / 8)
    assert (found.posts, found.by_gates) == (1, False)
    assert found.people.sum() == pytest.approx(60.0)


def test_help_loses_half_of_what_traffic_loses():
    city, layers = toy.make_city(), toy.network()
    before, _ = times(city, layers)
    after, _ = times(city, layers, times={"ab>": 16.0 + 40.0})
    # 40 s more for traffic on the whole street, 20 s for blue lights
    assert after["in-lane"] - before["in-lane"] == pytest.approx(20.0)


def test_a_bollard_costs_seconds_and_a_wall_the_way_round():
    city, layers = toy.make_city(), toy.network()
    before, _ = times(city, layers)
    closed, _ = times(city, toy.network(closed=[("be>", "car+van+truck", 0.0, 3600.0)]))
    # 100 m at 20 km/h and the bollard instead of 12.5 s, against the way round by c and f
    round_about = 400 / 12.5 + 100 / 8 + 100 / 8
    over_the_bollard = 16.0 + BOLLARD + 100 / (20 / 3.6) + 100 / 8
    assert over_the_bollard > round_about
    assert closed["in-lane"] == pytest.approx(round_about)
    walled = toy.make_city()
    kinds = walled.links["kind"].where(walled.links.index != "be", "steps")
    walled = walled.with_(links=walled.links.assign(kind=kinds))
    assert times(walled, layers)[0]["in-lane"] == pytest.approx(closed["in-lane"])
    assert closed["in-lane"] > before["in-lane"]


def test_a_closure_may_shut_out_help_too():
    city, layers = toy.make_city(), toy.network()
    totals = TrafficTotals.of(toy.run(layers, {}), layers, toy.START)

    def seconds(**closure):
        works = StreetWorks(closures=(StreetClosure("x", ("be",), ("car", "truck", "van"), **closure),))
        found = emergency_access(city, totals, works)
        return dict(zip(city.buildings.index[found.homes], found.seconds, strict=True))["in-lane"]

    by_the_lane, round_about = 16 + 100 / 8 + 100 / 8, 400 / 12.5 + 100 / 8 + 100 / 8
    assert seconds() == pytest.approx(by_the_lane)  # the layers of this test do not know the closure
    assert seconds(emergency=False) == pytest.approx(round_about)
    assert seconds(emergency=False, direction="against") == pytest.approx(by_the_lane)
    night = Clock(hours=((0.0, 3 * 3600.0),))  # the run is from 7 to 8 h
    assert seconds(emergency=False, clock=night) == pytest.approx(by_the_lane)


def test_where_all_is_closed_to_motors_help_still_comes_slowly():
    city = toy.make_city()
    everywhere = toy.network(barred=[name for name in toy.LINKS if name[:2] in ("be", "ef", "fc")])
    seconds, _ = times(city, everywhere)
    # a bollard at each street, the second counted by the half of it that is driven, all at 20 km/h
    walked = BOLLARD + 100 / (20 / 3.6) + (BOLLARD + 200 / (20 / 3.6)) / 2
    assert seconds["in-lane"] == pytest.approx(16 + walked)
    assert np.isfinite(list(seconds.values())).all()


def test_without_a_post_help_comes_in_by_the_edge():
    city = toy.make_city(amenities=empty_table(AMENITY_COLUMNS))
    seconds, found = times(city, toy.network())
    # a, c and f lie on the bounds: in-lane is nearest to f, 100 m of the lane away
    assert (found.by_gates, found.posts) == (True, 3)
    assert seconds["in-lane"] == pytest.approx(100 / 8)


def test_nobody_known_to_live_there_is_no_answer():
    city, layers = toy.make_city(), toy.network()
    empty = city.with_(sectors=city.sectors.iloc[:0])
    assert emergency_access(empty, TrafficTotals.of(toy.run(layers, {}), layers)) is None
