"""Quickest ways between places, on streets drawn by hand."""

import sys
from pathlib import Path

import numpy as np
import pytest

from twin.city import CityError
from twin.street_ways import StreetWays

sys.path.insert(0, str(Path(__file__).parents[1]))
from street_toy import ONE_WAY, SOUTH, WEST, at, toy

SPEED = 30.0 / 3.6


def test_ways_are_as_long_as_drawn():
    # along the main street, up the side street, and beside the very same street
    places = [at(100, 5), at(1000, -5), at(600, 400), at(300, 0)]
    ways = StreetWays(toy(), places, "car")
    metres = [[0, 900, 900, 200], [900, 0, 800, 700], [900, 800, 0, 700], [200, 700, 700, 0]]
    np.testing.assert_allclose(ways.seconds, np.array(metres) / SPEED, atol=0.02)
    line = ways.line([0, 1, 2])
    assert line.length == pytest.approx(900 + 800)
    np.testing.assert_allclose(line.coords[0], (WEST + 100, SOUTH))
    np.testing.assert_allclose(line.coords[-1], (WEST + 600, SOUTH + 400))


def test_a_one_way_street_is_not_driven_back_but_walked():
    places = [at(100, 0), at(500, 0)]
    assert np.isinf(StreetWays(toy(**ONE_WAY), places, "car").seconds[1, 0])
    walked = StreetWays(toy(**ONE_WAY), places, "walk").seconds
    assert walked[1, 0] == pytest.approx(walked[0, 1])


def test_the_quicker_of_two_streets_between_the_same_crossings_is_taken():
    slow = toy(speed={"a-b": 10.0})
    rows = (("a", "b", "residential"), ("b", "a", "residential"))
    both = toy(rows, {"a": (0, 0), "b": (600, 0)}, speed={"a-b": 10.0, "b-a": 60.0})
    assert StreetWays(slow, [at(0, 0), at(600, 0)], "car").seconds[0, 1] == pytest.approx(216.0)
    ways = StreetWays(both, [at(0, 0), at(600, 0)], "car")
    assert ways.seconds[0, 1] == pytest.approx(36.0, abs=0.01)


def test_a_place_beside_no_street_has_no_way():
    seconds = StreetWays(toy(), [at(0, 0), at(0, 500)], "car").seconds
    assert seconds[0, 0] == 0.0
    assert np.isnan(seconds[1]).all()
    assert np.isnan(seconds[0, 1])


def test_pace_is_a_part_of_the_limit():
    places = [at(0, 0), at(1200, 0)]
    slow, quick = (StreetWays(toy(), places, "truck", pace=pace).seconds[0, 1] for pace in (0.5, 1.0))
    assert slow == pytest.approx(2 * quick)


def test_a_street_without_a_speed_is_named():
    with pytest.raises(CityError, match="b-c"):
        StreetWays(toy(speed={"b-c": float("nan")}), [at(0, 0)], "car")
