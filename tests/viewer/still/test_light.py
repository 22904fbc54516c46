"""The sun stands where astronomy has it, and lamps stand for the whole sky."""

import numpy as np
import pandas as pd
import pvlib
import pytest

from viewer.still.light import LATITUDE, LONGITUDE, lamps, linear, srgb, steps, sun_towards


@pytest.mark.parametrize("hour", [8.0, 10.5, 13.7, 17.0, 19.0])
def test_the_sun_stands_where_the_solar_position_algorithm_has_it(hour: float) -> None:
    # NREL SPA by way of pvlib, doi:10.1016/j.solener.2003.12.003
    when = pd.DatetimeIndex([pd.Timestamp("2021-06-15", tz="UTC") + pd.Timedelta(hours=hour - 2)])
    place = pvlib.solarposition.get_solarposition(when, LATITUDE, LONGITUDE).iloc[0]
    up, around = np.radians(place["elevation"]), np.radians(place["azimuth"])
    expected = [np.cos(up) * np.sin(around), np.cos(up) * np.cos(around), np.sin(up)]
    assert np.degrees(np.arccos(np.clip(sun_towards(hour) @ expected, -1, 1))) < 0.05


def test_the_sun_never_sinks_below_the_houses() -> None:
    assert sun_towards(1.0)[2] == pytest.approx(np.sin(np.radians(12)))


def test_the_lamps_of_the_sky_light_ground_and_walls_as_an_even_sky_does() -> None:
    # an even sky gives level ground pi and a wall pi/2, Siegel and Howell, Thermal Radiation, view factors
    sky = [lamp for part in lamps(sun_towards(17), 4, 50, 2) for lamp in part if lamp.sky]
    directions = np.array([lamp.towards for lamp in sky])
    weights = 2 * np.array([lamp.sky for lamp in sky]) / 4
    assert (weights * directions[:, 2]).sum() == pytest.approx(1.0, abs=0.01)
    for bearing in np.radians([0, 77, 200]):
        wall = np.array([np.sin(bearing), np.cos(bearing), 0.0])
        assert (weights * np.maximum(directions @ wall, 0)).sum() == pytest.approx(0.5, abs=0.02)


def test_each_pass_has_the_whole_sun_and_the_whole_sky() -> None:
    sun = sun_towards(10)
    for part in lamps(sun, 4, 7, 3):
        assert sum(lamp.sun for lamp in part) == pytest.approx(1)
        assert sum(lamp.sky for lamp in part) == pytest.approx(1)
        assert all(lamp.towards @ sun > np.cos(np.radians(1.4)) for lamp in part if lamp.sun)


def test_passes_move_the_picture_by_less_than_half_a_pixel_each_way() -> None:
    moved = np.array(list(steps(4)))
    assert np.abs(moved).max() <= 0.5
    assert len({tuple(one) for one in moved.round(6)}) == 4


def test_colour_and_light_are_each_others_inverse_and_hit_the_standard() -> None:
    # IEC 61966-2-1: sRGB 188 of 255 is half of the light
    assert linear(np.array([188 / 255]))[0] == pytest.approx(0.5, abs=0.005)
    color = np.linspace(0, 1, 256, dtype=np.float32)
    np.testing.assert_allclose(srgb(linear(color)), color, atol=1e-5)
