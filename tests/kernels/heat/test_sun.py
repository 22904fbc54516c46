"""The sun against the worked example of its algorithm and, over a year in Brussels, an independent almanac."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import AltAz, EarthLocation, get_sun
from astropy.time import Time
from astropy.utils import iers
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.heat.sun import sun_position

UCCLE = {"latitude": 50.7983, "longitude": 4.3592, "altitude": 100.0}


def _almanac(times, latitude, longitude, altitude):
    """Azimuth and elevation [rad] without air, by astropy's precession, nutation and bundled Earth rotation."""
    place = EarthLocation.from_geodetic(longitude * u.deg, latitude * u.deg, altitude * u.m)
    with iers.conf.set_temp("auto_download", False):
        moments = Time(times)
        seen = get_sun(moments).transform_to(AltAz(obstime=moments, location=place))
    return seen.alt.rad, seen.az.rad


def _apart(first, second):
    """Angle between two directions given as (elevation, azimuth). [rad]"""
    one, two = (np.stack([np.cos(el) * np.sin(az), np.cos(el) * np.cos(az), np.sin(el)]) for el, az in (first, second))
    return 2 * np.arcsin(np.linalg.norm(one - two, axis=0) / 2)


def test_the_worked_example_of_the_algorithm_comes_out(measured):
    """Reda and Andreas (2004), table A5.1: 17 October 2003, 12:30:30 at UTC-7, 820 hPa, 11 °C."""
    time = np.array(["2003-10-17T19:30:30"], dtype="datetime64[s]")
    place = {"latitude": 39.742476, "longitude": -105.1786, "altitude": 1830.14}
    elevation, azimuth = np.degrees(sun_position(time, **place, air=(82_000.0, 284.15)))
    source = "Reda and Andreas 2004, doi:10.1016/j.solener.2003.12.003"
    error = max(abs(90 - elevation[0] - 50.11162), abs(azimuth[0] - 194.34024))
    measured(case="Sun, worked example, zenith and azimuth", source=source, ours=error, bar=1e-4, unit="°")
    true, _ = np.degrees(sun_position(time, **place))
    assert true[0] == pytest.approx(39.872046, abs=1e-4)  # the same table, before refraction


def test_over_a_year_in_brussels_the_sun_stands_where_an_almanac_has_it(measured):
    times = np.arange("2019-01-01T00:30", "2020-01-01T00:30", 60, dtype="datetime64[m]").astype("datetime64[ms]")
    ours, theirs = sun_position(times, **UCCLE), _almanac(times, **UCCLE)
    up = np.degrees(np.abs(ours[0] - theirs[0])).max()
    around = np.degrees(np.abs((ours[1] - theirs[1] + np.pi) % (2 * np.pi) - np.pi)).max()
    source = "astropy 8, Uccle 2019, hourly"
    measured(case="Sun over a year, elevation", source=source, ours=up, bar=0.01, unit="°")
    measured(case="Sun over a year, azimuth", source=source, ours=around, bar=0.01, unit="°")


@settings(max_examples=25, deadline=None)
@given(
    minute=st.integers(0, 20 * 525_960),
    latitude=st.floats(-66, 66),
    longitude=st.floats(-180, 180),
)
def test_anywhere_and_any_time_of_two_decades_the_direction_is_the_almanacs(minute, latitude, longitude):
    times = np.array([np.datetime64("2003-01-01T00:00", "ms") + np.timedelta64(minute, "m")])
    place = {"latitude": latitude, "longitude": longitude, "altitude": 0.0}
    assert np.degrees(_apart(sun_position(times, **place), _almanac(times, **place)))[0] < 0.01


def test_the_sun_is_told_from_the_grids_own_north():
    """In Brussels Lambert 72 grid north stands about 0.0° to 0.1° off; the sun turns back by what the grid turned."""
    times = np.array(["2019-07-25T10:00", "2019-07-25T22:00"], dtype="datetime64[m]")
    true, grid = (sun_position(times, **UCCLE, grid_convergence=turn) for turn in (0.0, 5.0))
    np.testing.assert_array_equal(true[0], grid[0])
    np.testing.assert_allclose(np.degrees(true[1] - grid[1]), 5.0, atol=1e-9)
    due_north = sun_position(times, **UCCLE, grid_convergence=np.degrees(true[1][1]) + 1e-9)[1][1]
    assert 0 <= due_north < 2 * np.pi


def test_a_place_or_time_that_is_none_is_named():
    with pytest.raises(ValueError, match="is the CRS projected"):
        sun_position(np.array(["2019-07-25T10:00"], dtype="datetime64[m]"), 170_000.0, 149_000.0)
    with pytest.raises(ValueError, match="NaT at entry 1"):
        sun_position(np.array(["2019-07-25T10:00", "NaT"], dtype="datetime64[m]"), 50.8, 4.36)
