"""Times along streets by slope, and homes and places put on them, against distances worked out by hand."""

import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from kernels.access.pace import WALK_UP_STAIRS, cycling_speed, walking_speed
from kernels.access.reach import nearest
from twin.city import CityError, Terrain
from twin.street_reach import StreetTimes

sys.path.insert(0, str(Path(__file__).parents[1]))
from street_toy import FLAT, ONE_WAY, SOUTH, WEST, at, toy


def slope(rise: float) -> Terrain:
    """Ground that climbs to the east."""
    x = np.arange(160) * 10.0 - 95.0
    return Terrain(np.tile(20.0 + rise * x, (80, 1)), WEST - 100.0, SOUTH - 100.0, 10.0)


def from_home(streets: StreetTimes, home, *places):
    homes = streets.spots(np.array([home], dtype=object))
    spots = streets.spots(np.array(places, dtype=object))
    seeds = streets.seeds(spots)
    seconds, place = streets.from_homes(homes, nearest(streets.towards, [seeds]), [spots], [seeds])
    return float(seconds[0, 0]), int(place[0, 0])


def test_flat_streets_take_tobler_s_pace():
    streets = StreetTimes.of(toy())
    np.testing.assert_allclose(streets.forward, np.array([600, 600, 400]) / FLAT)
    assert streets.counts == {"links assumed flat": 3}


def test_a_slope_is_slower_up_than_down():
    streets = StreetTimes.of(toy(), "walk", slope(0.06))
    np.testing.assert_allclose(streets.forward[:2], 600 / walking_speed(0.06))
    np.testing.assert_allclose(streets.backward[:2], 600 / walking_speed(-0.06))
    np.testing.assert_allclose(streets.forward[2], 400 / FLAT)  # across the slope
    ridden = StreetTimes.of(toy(), "bike", slope(0.06))
    np.testing.assert_allclose(ridden.forward[0], 600 / cycling_speed(0.06))
    assert ridden.backward[0] < ridden.forward[0]


def test_a_hill_between_equal_ends_counts_and_a_bridge_passes_over_the_valley():
    x = np.abs(np.arange(160) * 10.0 - 95.0 - 300.0)
    valley = Terrain(np.tile(0.1 * x, (80, 1)), WEST - 100.0, SOUTH - 100.0, 10.0)
    deep = StreetTimes.of(toy(), "walk", valley).forward[0]
    half = 300 / walking_speed(0.1) + 300 / walking_speed(-0.1)
    assert deep == pytest.approx(half, rel=0.01)
    assert StreetTimes.of(toy(bridge={"a-b": True}), "walk", valley).forward[0] == pytest.approx(600 / FLAT)


def test_ground_that_is_not_known_is_flat_and_counted():
    ground = slope(0.06)
    ground.elevation[:, 70:] = np.nan
    streets = StreetTimes.of(toy(), "walk", ground)
    assert streets.counts["links assumed flat"] == 3  # parts of a-b too
    assert np.isfinite(streets.forward).all()


def test_beyond_the_edge_of_the_ground_streets_are_flat_and_counted():
    ground = slope(0.06)
    west = Terrain(ground.elevation[:, :40], ground.west, ground.south, 10.0)  # as far as x = 300
    streets = StreetTimes.of(toy(), "walk", west)
    assert streets.counts["links assumed flat"] == 3
    assert streets.forward[1] == pytest.approx(600 / FLAT)
    assert streets.forward[0] == pytest.approx(300 / walking_speed(0.06) + 300 / FLAT, rel=0.01)


def test_stairs_take_their_own_pace():
    rows = (("a", "b", "residential"), ("b", "d", "steps"))
    assert StreetTimes.of(toy(rows)).forward[1] == pytest.approx(400 / WALK_UP_STAIRS)


def test_home_and_place_stand_between_crossings():
    streets = StreetTimes.of(toy())
    # home 100 m east of a and 20 m off; place 150 m up the side street: 500 + 150 m, and 20 m to the street
    seconds, place = from_home(streets, at(100, 20), at(600, 150))
    assert seconds == pytest.approx((20 + 500 + 150) / FLAT)
    assert place == 0


def test_on_one_street_nobody_walks_round_its_ends():
    streets = StreetTimes.of(toy())
    seconds, place = from_home(streets, at(100, 5), at(580, -5), at(180, 5))
    assert seconds == pytest.approx((5 + 80 + 5) / FLAT)
    assert place == 1


def test_a_rider_goes_round_a_one_way_street_that_a_walker_walks_up():
    places = {"a": (0, 0), "b": (600, 0), "c": (1200, 0), "d": (600, 400), "e": (0, 400)}
    rows = (("a", "b", "residential"), ("b", "c", "residential"), ("b", "d", "residential"),
            ("d", "e", "residential"), ("e", "a", "residential"))  # fmt: skip
    graph = toy(rows, places, **ONE_WAY)
    home, place = at(500, 0), at(200, 0)
    assert from_home(StreetTimes.of(graph), home, place)[0] == pytest.approx(300 / FLAT)
    pace = float(cycling_speed(0.0))
    round_the_block = 100 + 400 + 600 + 400 + 200
    assert from_home(StreetTimes.of(graph, "bike"), home, place)[0] == pytest.approx(round_the_block / pace)
    assert from_home(StreetTimes.of(graph, "bike"), place, home)[0] == pytest.approx(300 / pace)


def test_a_park_is_entered_at_its_edge():
    streets = StreetTimes.of(toy())
    park = shapely.box(WEST + 800, SOUTH + 5, WEST + 1000, SOUTH + 200)
    # 15 m around it touch the main street from 785 on, or a little later as the corner is round
    seconds, _ = from_home(streets, at(700, 0), park)
    assert seconds == pytest.approx(85 / FLAT, abs=5 / FLAT)
    assert from_home(streets, at(900, 0), park)[0] == 0.0
    seconds, _ = from_home(streets, at(1200, 0), park)
    assert seconds == pytest.approx(185 / FLAT, abs=5 / FLAT)
    far_park = shapely.box(WEST + 800, SOUTH + 50, WEST + 1000, SOUTH + 200)
    assert from_home(streets, at(800, 0), far_park)[0] == pytest.approx(
        50 / FLAT
    )  # no street beside it: from the nearest


def test_what_is_far_from_any_street_is_lost_and_counted():
    streets = StreetTimes.of(toy())
    spots = streets.spots(np.array([at(300, 0), at(300, 900), shapely.Point()], dtype=object))
    assert spots.thing.tolist() == [0]
    assert spots.lost == 2
    assert streets.spots(np.zeros(0, object)).things == 0


def test_nothing_is_put_on_an_island():
    places = {f"n{i}": (100 * i, 0) for i in range(25)} | {"x": (100, 60), "y": (200, 60)}
    rows = (*((f"n{i}", f"n{i + 1}", "residential") for i in range(24)), ("x", "y", "footway"))
    streets = StreetTimes.of(toy(rows, places))
    assert streets.spots(np.array([at(150, 60)], dtype=object)).link.tolist() == [1]


def test_other_modes_are_refused():
    with pytest.raises(CityError, match="walk or bike, got 'car'"):
        StreetTimes.of(toy(), "car")
    rows = (("a", "b", "motorway"),)
    with pytest.raises(CityError, match="no street lets the mode walk in"):
        StreetTimes.of(toy(rows, forward={"a-b": 4}, backward={"a-b": 0}), "walk")
