"""Sunlight between the hours of a file: closed, ending at the horizon, and no more of it than was measured."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from twin.formats import epw
from twin.place import Place
from twin.sunlight import beyond_the_air, carried, clear_sky, sun_of
from twin.weather import sun_offset

UCCLE = Place(50.8, 4.35, 104.0)


def day(step: str, start: str = "2019-07-25") -> np.ndarray:
    return np.arange(
        np.datetime64(start), np.datetime64(start) + np.timedelta64(1, "D"), np.timedelta64(step[:-1], step[-1])
    )


def test_a_clear_sky_closes_and_ends_at_the_horizon():
    light = clear_sky(day("5m"), UCCLE, 4.4)
    sine = np.maximum(np.sin(np.radians(light.elevation)), 0)
    assert_allclose(light.direct_normal * sine + light.diffuse_horizontal, light.global_horizontal, atol=1e-9)
    assert (light.global_horizontal[light.elevation <= 0] == 0).all()
    assert (light.diffuse_horizontal >= 0).all()


def test_clean_air_at_a_clear_summer_noon_has_the_light_that_haurwitz_measured():
    # B. Haurwitz (1945), doi:10.1175/1520-0469(1945)002<0154:IIRTCA>2.0.CO;2: 1098 cos z exp(-0.057 / cos z) W/m2, in
    # the country air of Blue Hill, which a Linke turbidity of 3 stands for; over a town in summer there is less
    noon = np.array(["2019-07-25T11:50"], "datetime64[m]")
    clean, town = (clear_sky(noon, UCCLE, turbidity) for turbidity in (3.0, 4.4))
    up = np.sin(np.radians(clean.elevation[0]))
    assert clean.global_horizontal[0] == pytest.approx(1098 * up * np.exp(-0.057 / up), rel=0.05)
    assert town.global_horizontal[0] < clean.global_horizontal[0]
    assert town.diffuse_horizontal[0] > clean.diffuse_horizontal[0]


def test_a_constant_clearness_comes_back_at_every_step():
    # hours made with a clearness of 0.6 and 30 % diffuse: at any time the light is that again
    hours = day("60m")
    stood, _ = sun_of(hours, UCCLE)
    made = 0.6 * beyond_the_air(hours) * np.maximum(np.sin(stood), 0)
    light = carried(day("7m"), hours, made, 0.3 * made, UCCLE)
    sine = np.maximum(np.sin(np.radians(light.elevation)), 0)
    assert_allclose(light.global_horizontal, 0.6 * beyond_the_air(day("7m")) * sine, rtol=1e-9, atol=1e-9)
    assert_allclose(light.diffuse_horizontal, 0.3 * light.global_horizontal, rtol=1e-9, atol=1e-9)
    up = sine > 0
    assert_allclose(light.direct_normal[up], 0.7 * 0.6 * beyond_the_air(day("7m"))[up], rtol=1e-9)


def test_the_hours_themselves_are_left_as_they_were():
    hours = day("60m")
    stood, _ = sun_of(hours, UCCLE)
    rng = np.random.default_rng(4)
    made = rng.uniform(0.2, 0.7, hours.size) * beyond_the_air(hours) * np.maximum(np.sin(stood), 0)
    light = carried(hours, hours, made, 0.4 * made, UCCLE)
    high = stood > np.radians(3)
    assert_allclose(light.global_horizontal[high], made[high], rtol=1e-9)


def test_a_polar_night_has_no_light():
    north = Place(80.0, 4.35, 0.0)
    hours = day("60m", "2019-12-21")
    light = carried(hours, hours, np.zeros(24), np.zeros(24), north)
    assert_array_equal(light.global_horizontal, 0.0)


def test_a_gap_in_the_file_stays_a_gap():
    hours = day("60m")
    stood, _ = sun_of(hours, UCCLE)
    made = 500.0 * np.maximum(np.sin(stood), 0)
    made[12] = np.nan
    light = carried(hours, hours, made, 0.5 * made, UCCLE)
    assert np.isnan(light.global_horizontal[12])
    assert np.isfinite(light.global_horizontal[[5, 9, 16]]).all()


@pytest.mark.data
def test_every_month_of_the_uccle_year_keeps_its_energy(reference_data, measured):
    # independent: the sums of the file itself. In December the file's sun stands another half hour later than in all
    # other months (its closure is best at +60 min), so light that it has at a sun below the horizon cannot be carried.
    weather = epw.read(reference_data / "weather" / "BEL_VLG_Uccle.064470_TMYx.2007-2021.epw.gz")
    here = Place(weather.attrs["latitude"], weather.attrs["longitude"], weather.attrs["altitude"])
    start = weather["time"].values
    stood = start + np.timedelta64(30 + int(weather.attrs["sun_offset_min"]), "m")
    whole, sky = (weather[f"{name}_horizontal_irradiance"].values for name in ("global", "diffuse"))
    times = np.arange(start[0], start[-1], np.timedelta64(15, "m"))
    light = carried(times, stood, whole, sky, here)
    of_file, of_run = (one.astype("datetime64[M]").astype(int) % 12 for one in (start, times))
    lost = [1 - light.global_horizontal[of_run == m].sum() / 4 / whole[of_file == m].sum() for m in range(12)]
    measured(
        case="Uccle weather year carried from hours to quarters: energy of a month, January to November",
        source="sums of the EPW itself",
        ours=100 * max(map(abs, lost[:11])),
        bar=1.0,
        unit="%",
    )
    assert lost[11] < 0.08
    assert light.direct_normal.max() < 1000


@pytest.mark.data
def test_the_december_of_the_uccle_year_has_another_sun_than_its_other_months(reference_data):
    weather = epw.read(reference_data / "weather" / "BEL_VLG_Uccle.064470_TMYx.2007-2021.epw.gz")
    month = weather["time"].dt.month
    offsets = [sun_offset(weather.isel(time=month == number).assign_attrs(weather.attrs))[0] for number in (7, 12)]
    assert offsets == [30.0, 60.0]
