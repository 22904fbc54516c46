"""The light of a weather file on walls, with the sun at the time the file meant, not the time we would like."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from pvlib import irradiance, solarposition

from kernels.energy.plane_of_array import on_planes
from twin.city import CityError
from twin.formats import epw
from twin.skylight import skylight_of, sun_times

PLACE = {"latitude": 50.8, "longitude": 4.36, "altitude": 20.0}


def weather(offset: float, days: int = 3) -> xr.Dataset:
    """Clear June days whose light belongs to a sun ``offset`` minutes after the middle of each hour."""
    start = np.datetime64("2019-06-20T00:00") + np.arange(24 * days) * np.timedelta64(1, "h")
    when = pd.DatetimeIndex(start, tz="UTC") + pd.Timedelta(minutes=30 + offset)
    zenith = solarposition.get_solarposition(when, 50.8, 4.36)["zenith"].to_numpy()
    height = np.maximum(np.cos(np.radians(zenith)), 0.0)
    direct, diffuse = np.where(height > 0, 700.0, 0.0), 120.0 * height
    values = {"global_horizontal": direct * height + diffuse, "direct_normal": direct, "diffuse_horizontal": diffuse}
    return xr.Dataset(
        {f"{name}_irradiance": ("time", one) for name, one in values.items()},
        coords={"time": start},
        attrs={**PLACE, "place": "Essai", "sun_offset_min": offset},
    )


@pytest.mark.parametrize("offset", [-30.0, 0.0, 30.0])
def test_walls_get_the_beam_of_the_sun_that_the_file_meant(offset):
    """By the angle of incidence that pvlib has for the true moment; other moments give other walls their light."""
    year = weather(offset)
    when = pd.DatetimeIndex(year["time"].values, tz="UTC") + pd.Timedelta(minutes=30 + offset)
    sun = solarposition.get_solarposition(when, 50.8, 4.36, 20.0)
    for wall in (90.0, 270.0):
        cosine = irradiance.aoi_projection(90.0, wall, sun["apparent_zenith"], sun["azimuth"]).to_numpy()
        expected = year["direct_normal_irradiance"].values * np.maximum(cosine, 0.0)
        ours = on_planes(skylight_of(year), np.radians([90.0]), np.radians([wall])).direct[0]
        np.testing.assert_allclose(ours, expected, atol=0.05)
        misread = on_planes(skylight_of(year.assign_attrs(sun_offset_min=offset + 30)), [1.57], np.radians([wall]))
        assert abs(misread.direct[0].sum() / expected.sum() - 1) > 0.03


def test_hours_are_named_by_their_start_and_the_sun_by_what_the_file_says():
    assert sun_times(weather(0.0))[0] == np.datetime64("2019-06-20T00:30")
    assert sun_times(weather(30.0))[0] == np.datetime64("2019-06-20T01:00")


def test_on_a_turned_grid_the_sun_turns_back():
    true, turned = (skylight_of(weather(0.0), grid_convergence=angle) for angle in (0.0, 10.0))
    bearing = [np.degrees(np.arctan2(one.east, one.north)) for one in (true, turned)]
    np.testing.assert_allclose((bearing[0] - bearing[1]) % 360, 10.0, atol=1e-9)
    np.testing.assert_array_equal(true.up, turned.up)


def test_a_gap_is_named_and_not_filled():
    holed = weather(0.0)
    holed["direct_normal_irradiance"][5:7] = np.nan
    with pytest.raises(CityError, match=r"Essai: direct_normal_irradiance is missing in 2 hours"):
        skylight_of(holed)


@pytest.mark.data
def test_all_light_of_uccle_is_a_number_and_the_level_gets_its_global_sum(reference_data):
    """1,114 kWh/m² (SOURCES.md of the weather); the file itself closes within 5.3 W/m² an hour."""
    light = skylight_of(epw.read(reference_data / "weather" / "BEL_VLG_Uccle.064470_TMYx.2007-2021.epw.gz"))
    assert all(np.isfinite(getattr(light, one.name)).all() for one in fields(light))
    assert on_planes(light, [0.0], [0.0]).whole.sum() / 1000 == pytest.approx(1114, rel=0.01)
