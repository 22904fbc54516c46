"""Weather with faults: each is mended and counted, or named with its hour (property 15 of the heat)."""

import numpy as np
import pytest
import xarray as xr

from kernels.contract import LayerError
from kernels.heat.forcing import NEEDED, checked
from kernels.heat.forcing_models import complete
from kernels.heat.utci import saturation_vapour_pressure
from kernels.quantities import attrs

HOURS = np.arange(1, 25)
START = np.datetime64("2019-07-25T00:00")
UCCLE = {"start": START, "latitude": 50.798, "longitude": 4.359, "altitude": 100.0}


def _dataset(values, hours=HOURS):
    columns = {
        name: ("time", np.broadcast_to(np.asarray(value, dtype=float), hours.shape).copy(), attrs(name))
        for name, value in values.items()
    }
    return xr.Dataset(columns, coords={"time": hours * 3600.0})


@pytest.fixture
def raw():
    """The least that a station gives: 30 °C, half humid, a light wind and a clear day's global irradiance."""
    sun = np.maximum(0, np.sin((HOURS - 4) / 16 * np.pi)) * 850
    sun[(HOURS < 4) | (HOURS > 20)] = 0
    station = {"air_temperature": 303.15, "relative_humidity": 0.5, "wind_speed": 2.0}
    return _dataset(station | {"global_horizontal_irradiance": sun})


@pytest.fixture
def whole(raw):
    return complete(raw, **UCCLE)[0]


def _with(forcing, name, hour, value):
    changed = forcing.copy(deep=True)
    changed[name].loc[{"time": hour * 3600.0}] = value
    return changed


def test_what_was_not_measured_is_modelled_and_said(raw):
    forcing, corrections = complete(raw, **UCCLE)
    assert set(NEEDED) <= set(forcing)
    assert all(np.isfinite(forcing[name]).all() for name in NEEDED)
    assert corrections["diffuse_horizontal_irradiance"] == "modelled: Erbs"
    assert "Prata" in corrections["downwelling_longwave_irradiance"]
    assert "given (global)" in corrections["direct_normal_irradiance"]
    assert "standard atmosphere" in corrections["air_pressure"]
    np.testing.assert_allclose(forcing["air_pressure"], 100_129, atol=5)  # ISO 2533 at 100 m
    sine = np.sin(np.radians(np.maximum(forcing["solar_elevation_angle"], 0)))
    parts = forcing["diffuse_horizontal_irradiance"] + forcing["direct_normal_irradiance"] * sine
    np.testing.assert_allclose(parts, forcing["global_horizontal_irradiance"], atol=1e-9)


def test_whole_weather_passes_untouched(whole):
    forcing, corrections = checked(whole)
    assert corrections == {}
    for name in NEEDED:
        np.testing.assert_array_equal(forcing[name], whole[name])
        assert forcing[name].attrs["units"] == attrs(name)["units"]


def test_two_parts_of_the_light_give_the_third(whole):
    light = ("global_horizontal_irradiance", "diffuse_horizontal_irradiance", "direct_normal_irradiance")
    up = (whole["solar_elevation_angle"] > 3).values
    for name in light:
        back, corrections = complete(whole.drop_vars(name), **UCCLE)
        np.testing.assert_allclose(back[name].values[up], whole[name].values[up], rtol=1e-9, atol=1e-9)
        assert "from what was given" in corrections[name]


def test_a_dew_point_does_for_the_humidity(raw):
    dew = raw.drop_vars("relative_humidity").assign(
        dew_point_temperature=("time", np.full(24, 291.15), attrs("dew_point_temperature"))
    )
    forcing, corrections = complete(dew, **UCCLE)
    expected = saturation_vapour_pressure(291.15) / saturation_vapour_pressure(303.15)
    np.testing.assert_allclose(forcing["relative_humidity"], expected)
    assert corrections["relative_humidity"] == "from the dew point"


@pytest.mark.parametrize("name", NEEDED)
def test_a_gap_is_named_with_its_hour(whole, name):
    with pytest.raises(LayerError, match=rf"'{name}' is missing .* at 1 of 24 times, first at hour 13"):
        checked(_with(whole, name, 13, np.nan))


@pytest.mark.parametrize("name", ["air_temperature", "relative_humidity", "wind_speed", "global_horizontal_irradiance"])
def test_a_gap_in_raw_weather_is_named_too(raw, name):
    with pytest.raises(LayerError, match=f"'{name}' is missing.*hour 7"):
        complete(_with(raw, name, 7, np.nan), **UCCLE)


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("air_temperature", 30.0, "Celsius"),
        ("relative_humidity", 50.0, "percent"),
        ("relative_humidity", -0.1, "percent"),
        ("wind_speed", -1.0, "km/h"),
        ("downwelling_longwave_irradiance", -80.0, "net flux"),
        ("global_horizontal_irradiance", 2.5e6, "sum over the hour"),
    ],
)
def test_a_value_no_weather_has_is_refused_with_the_likely_cause(whole, name, value, remedy):
    with pytest.raises(LayerError, match=f"'{name}' is not in .* hour 5 .*{remedy}"):
        checked(_with(whole, name, 5, value))


def test_humidity_a_little_above_saturation_is_held_and_counted(whole):
    forcing, corrections = checked(_with(_with(whole, "relative_humidity", 3, 1.02), "relative_humidity", 4, 1.05))
    assert corrections == {"relative humidity above 1 set to 1": 2}
    assert forcing["relative_humidity"].max() == 1.0


def test_light_below_zero_is_held_and_counted(whole):
    forcing, corrections = checked(_with(whole, "global_horizontal_irradiance", 2, -3.0))
    assert corrections == {"negative irradiance set to 0": 1}
    assert forcing["global_horizontal_irradiance"].min() == 0.0


def test_direct_light_with_the_sun_down_is_removed_and_counted(whole):
    forcing, corrections = checked(_with(whole, "direct_normal_irradiance", 1, 120.0))
    assert corrections == {"direct irradiance with the sun down removed": 1}
    assert forcing["direct_normal_irradiance"].sel(time=3600.0) == 0.0


def test_diffuse_light_is_at_most_the_global(whole):
    noon = float(whole["global_horizontal_irradiance"].sel(time=12 * 3600.0))
    forcing, corrections = checked(_with(whole, "diffuse_horizontal_irradiance", 12, noon + 40))
    assert corrections == {"diffuse irradiance above the global set to it": 1}
    assert float(forcing["diffuse_horizontal_irradiance"].sel(time=12 * 3600.0)) == noon
    assert float(forcing["direct_normal_irradiance"].sel(time=12 * 3600.0)) == 0.0


def test_a_night_is_a_forcing_and_says_so(raw):
    night = raw.isel(time=slice(0, 3)).assign(global_horizontal_irradiance=raw["global_horizontal_irradiance"][:3] * 0)
    forcing, corrections = complete(night, **UCCLE)
    assert corrections["sun"].startswith("none")
    assert "no sun tells of clouds" in corrections["downwelling_longwave_irradiance"]
    assert (forcing["direct_normal_irradiance"] == 0).all()


def test_a_day_without_any_light_is_told_apart_from_a_night(whole):
    dark = whole.copy(deep=True)
    for name in ("global_horizontal_irradiance", "diffuse_horizontal_irradiance", "direct_normal_irradiance"):
        dark[name][:] = 0.0
    assert "all irradiance is 0" in checked(dark)[1]["sun"]


def test_a_sun_half_an_hour_late_is_noticed(whole):
    late = whole.copy(deep=True)
    shifted = complete(whole[["air_temperature", "relative_humidity", "wind_speed", "global_horizontal_irradiance"]],
                       **(UCCLE | {"start": START + np.timedelta64(90, "m")}))[0]  # fmt: skip
    for name in ("solar_elevation_angle", "solar_azimuth_angle"):
        late[name] = shifted[name]
    key = "global irradiance apart from its direct and diffuse parts"
    assert "Do the sun's angles stand" in checked(late)[1][key]


def test_what_cannot_be_modelled_is_asked_for(raw):
    with pytest.raises(LayerError, match="start, latitude and longitude"):
        complete(raw)
    with pytest.raises(LayerError, match="wind_speed"):
        complete(raw.drop_vars("wind_speed"), **UCCLE)
    with pytest.raises(LayerError, match=r"dew_point_temperature.*relative_humidity would do"):
        complete(raw.drop_vars("relative_humidity"), **UCCLE)
    with pytest.raises(LayerError, match="global irradiance alone"):
        complete(raw.drop_vars("global_horizontal_irradiance"), **UCCLE)
    with pytest.raises(LayerError, match=r"forcing_models\.complete models"):
        checked(raw)


def test_times_units_and_dims_that_do_not_fit_are_named(whole):
    with pytest.raises(LayerError, match="increase"):
        checked(whole.isel(time=[1, 0]))
    with pytest.raises(LayerError, match="seconds since its start"):
        checked(whole.assign_coords(time=START + HOURS.astype("timedelta64[h]")))
    wrong = whole.copy(deep=True)
    wrong["wind_speed"].attrs["units"] = "km h-1"
    with pytest.raises(LayerError, match="'wind_speed' in 'm s-1', got 'km h-1'"):
        checked(wrong)
    with pytest.raises(LayerError, match=r"along \('time',\)"):
        checked(whole.assign(wind_speed=whole["wind_speed"].expand_dims(y=2)))
