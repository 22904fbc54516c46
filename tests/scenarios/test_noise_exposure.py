"""Noise at the facades of houses drawn by hand, against closed forms."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import traffic_toy as toy

from kernels.traffic.noise_spread import BEHIND_BUILDINGS, ORDERS, REFLECTED, line_gain
from scenarios.noise_exposure import REACH, NoiseExposure, streets_of_links
from scenarios.situation import Situation
from scenarios.traffic_totals import TrafficTotals, period_of

LOUD = 10.0**7.5
"""75 dB(A) a metre. [pW m⁻¹]"""


def powers(**streets):
    found = np.zeros(len(toy.LINKS))
    for street, power in streets.items():
        for way in "><":
            found[toy.LINKS.index(street + way)] = power / 2
    return found


def levels(city, **streets):
    on = NoiseExposure(Situation(city), toy.network())
    return dict(zip(city.buildings.index[on.homes], on.levels(powers(**streets)), strict=True))


def test_a_house_ten_metres_from_a_long_street_hears_a_line_under_its_angle_of_view():
    found = levels(toy.make_city(), ab=LOUD, bc=LOUD)
    # 9.9 m to the axis; pieces of 10 m within 100 m are heard; nothing stands across the street
    expected = 75 + 10 * np.log10(line_gain(9.9, -REACH, REACH))
    assert found["on-main"] == pytest.approx(expected, abs=0.05)
    # and that is not far below the endless line, L' - 10 lg(2 d)
    assert found["on-main"] == pytest.approx(75 - 10 * np.log10(2 * np.hypot(9.9, 3.95)), abs=0.4)


def test_twice_the_traffic_is_three_decibels_more_and_none_is_silence():
    one, two = (levels(toy.make_city(), ab=power, bc=power) for power in (LOUD, 2 * LOUD))
    assert two["on-main"] - one["on-main"] == pytest.approx(10 * np.log10(2.0))
    assert levels(toy.make_city())["on-main"] == -np.inf


def test_the_house_across_the_street_sends_noise_back():
    alone = toy.make_city({name: toy.HOUSES[name] for name in ("on-main", "in-lane")})
    with_it, without = levels(toy.make_city(), ef=LOUD)["in-lane"], levels(alone, ef=LOUD)["in-lane"]
    added = 10 ** (with_it / 10 - 7.5) - 10 ** (without / 10 - 7.5)
    # 20 m of street mirrored to and fro between walls 20 m apart, seen from somewhere along the facade
    most, least = (
        sum(REFLECTED ** (1 + n) * line_gain(29.9 + 20.0 * n, first, first + 20.0) for n in range(ORDERS))
        for first in (-10.0, 0.0)
    )
    assert least * 0.99 <= added <= most * 1.01


def test_who_lives_behind_another_house_hears_ten_decibels_less_of_what_it_hides():
    front, behind = (100, 110, 200, 112), (145, 120, 155, 130)
    seen = levels(toy.make_city({"behind": behind}), ab=LOUD, bc=LOUD)["behind"]
    hidden = levels(toy.make_city({"front": front, "behind": behind}), ab=LOUD, bc=LOUD)["behind"]
    # the front house hides all but what is seen past its ends, beyond 100 m
    assert hidden == pytest.approx(seen - BEHIND_BUILDINGS, abs=0.3)


def test_directions_of_a_street_and_residents_are_known():
    city = toy.make_city()
    np.testing.assert_array_equal(streets_of_links(city, toy.network()), np.repeat(np.arange(5), 2))
    on = NoiseExposure(Situation(city), toy.network())
    heard = on.levels(powers(ab=LOUD, bc=LOUD))
    # in-lane is 110 m from the main street: beyond what is heard
    assert [on.people_above(heard, bound) for bound in (55.0, 0.0)] == pytest.approx([20.0, 40.0])
    nobody = NoiseExposure(Situation(city.with_(sectors=city.sectors.iloc[:0])), toy.network())
    assert np.isnan(nobody.people_above(nobody.levels(powers(ab=LOUD)), 55.0))


def test_a_tunnel_is_silent():
    city = toy.make_city()
    kinds = city.links["kind"].where(city.links.index != "ab", "secondary_tunnel")
    found = levels(city.with_(links=city.links.assign(kind=kinds)), ab=LOUD)
    assert found["on-main"] == -np.inf


def test_a_whole_day_gives_lden_and_a_morning_its_mean():
    city, layers = toy.make_city(), toy.network()
    on = NoiseExposure(Situation(city), layers)
    noise = {"ab>": 75.0, "bc>": 75.0}
    midnight = datetime(2024, 3, 11, 23, tzinfo=UTC)
    day = TrafficTotals.of(toy.run(layers, {}, noise=noise, hours=24), layers, midnight)
    assert {name: round(seconds) for name, seconds in day.heard.items()} == {
        "day": 12 * 3600, "evening": 4 * 3600, "night": 8 * 3600,
    }  # fmt: skip
    assert day.covers_a_day
    morning = TrafficTotals.of(toy.run(layers, {}, noise=noise, hours=2), layers, toy.START)
    assert not morning.covers_a_day
    # an even level all day: + 6.40 dB by the Directive's formula
    even = 10 * np.log10((12 + 4 * 10**0.5 + 8 * 10) / 24)
    np.testing.assert_allclose(on.of_run(day) - on.of_run(morning), even, atol=1e-6)


@pytest.mark.parametrize(("hour", "period"), [(7, "day"), (18.9, "day"), (19, "evening"), (22.9, "evening"),
                                              (23, "night"), (6.9, "night")])  # fmt: skip
def test_periods_are_those_of_the_clock_in_brussels(hour, period):
    midnight = datetime(2024, 7, 1, 22, tzinfo=UTC)  # summer time
    assert period_of(midnight, hour * 3600.0) == period
    assert period_of(None, 0.0) == "day"
