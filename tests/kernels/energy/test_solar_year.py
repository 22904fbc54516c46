"""A year on many patches: against the same planes hour by hour, pvlib's plant, and shadows drawn by hand."""

import numpy as np
import pandas as pd
import pvlib
import pytest

from kernels.contract import LayerError
from kernels.energy import photovoltaics as pv
from kernels.energy.plane_of_array import on_planes, outward, skylight
from kernels.energy.solar_year import Patches, solar_year
from kernels.heat.sky import extraterrestrial
from kernels.heat.sun import sun_position
from twin.formats import epw

TILT = np.radians([0.0, 35.0, 90.0, 90.0, 60.0])
FACING = np.radians([180.0, 180.0, 90.0, 270.0, 20.0])


def clear_days(days=12):
    """Hours of days spread over a year under the sky of Haurwitz, in Brussels; a third of the light is diffuse."""
    starts = np.datetime64("2019-01-05T00:30") + np.arange(days) * np.timedelta64(30 * 24, "h")
    times = (starts[:, None] + np.arange(24) * np.timedelta64(1, "h")).ravel()
    elevation, azimuth = sun_position(times, 50.85, 4.35)
    whole = pvlib.clearsky.haurwitz(pd.Series(90 - np.degrees(elevation)))["ghi"].to_numpy()
    diffuse = whole / 3
    direct = np.where(np.sin(elevation) > 0.02, (whole - diffuse) / np.maximum(np.sin(elevation), 0.02), 0.0)
    return skylight(whole, diffuse, direct, elevation, azimuth)


def open_field(tilt=TILT, facing=FACING, group=None, horizon=None, area=None):
    count = len(tilt)
    return Patches.of(
        outward(tilt, facing), np.ones(count) if area is None else area,
        np.zeros((count, 36), np.uint8) if horizon is None else horizon,
        np.arange(count) if group is None else group, count if group is None else int(np.max(group)) + 1,
    )  # fmt: skip


def test_in_an_open_field_patches_get_what_planes_get():
    light = clear_days()
    found = solar_year(open_field(), light)
    planes = on_planes(light, TILT, FACING)
    np.testing.assert_allclose(found.solar, planes.whole, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(found.irradiation, planes.whole.sum(axis=1) * 3600, rtol=1e-12)


def test_a_horizon_to_the_zenith_leaves_the_light_of_the_ground_alone():
    light = clear_days()
    found = solar_year(open_field(horizon=np.full((5, 36), 255, np.uint8)), light)
    np.testing.assert_allclose(found.solar, np.outer(0.5 * (1 - np.cos(TILT)), light.ground), atol=1e-9)


def test_the_beam_comes_when_the_sun_stands_above_the_horizon_and_not_before():
    """An even horizon of 30 degrees: the beam is all or nothing by the height of the sun alone."""
    light = clear_days()
    steps = round(30 / 90 * 255)
    shaded = solar_year(open_field([0.0], [0.0], horizon=np.full((1, 36), steps, np.uint8)), light).solar[0]
    sky = light.even * np.cos(steps / 255 * np.pi / 2) ** 2
    over = np.degrees(np.arcsin(light.up)) > steps * 90 / 255
    expected = sky + np.where(over, np.maximum(light.up, 0) * (light.beam + light.glow), 0.0)
    np.testing.assert_allclose(shaded, expected, atol=1e-9)


def test_a_wall_to_the_east_takes_the_morning():
    horizon = np.zeros((1, 36), np.uint8)
    horizon[0, 4:15] = 200  # 70 degrees high from north-east to south-east
    light = clear_days()
    shaded, free = (solar_year(open_field([0.0], [0.0], horizon=one), light).solar[0] for one in (horizon, None))
    beam = (light.beam + light.glow) * np.maximum(light.up, 0)
    morning, evening = (light.up > 0.05) & (light.east > 0.7), (light.up > 0.05) & (light.east < -0.7)
    lost = (free - shaded) / light.even.clip(1e-9)
    assert evening.sum() > 10
    assert np.ptp(lost[evening]) < 1e-9  # the wall's part of the sky and no more
    np.testing.assert_allclose((free - shaded)[morning], beam[morning] + lost[evening][0] * light.even[morning])


def test_groups_add_up_to_the_sums_of_their_patches():
    light = clear_days()
    area = np.array([2.0, 3.0, 5.0, 7.0, 11.0])
    found = solar_year(open_field(group=[0, 0, 2, 2, 2], area=area), light, 290.0, 2.0, 150.0 * area)
    whole = found.solar.sum(axis=1) * 3600
    by_patch = np.bincount([0, 0, 2, 2, 2], found.irradiation * area)
    np.testing.assert_allclose(whole, by_patch, rtol=1e-12)
    np.testing.assert_allclose(found.direct.sum() * 3600, found.yield_.sum(), rtol=1e-12)
    np.testing.assert_allclose(found.peak, [750.0, 0.0, 3450.0])
    short = solar_year(open_field(group=[0, 0, 2, 2, 2], area=area), light, 290.0, 2.0, 150.0 * area, hourly=False)
    np.testing.assert_allclose(short.solar[:, 0], found.solar.mean(axis=1), rtol=1e-12)


def test_one_thread_or_two_give_the_same_bits():
    rng = np.random.default_rng(4)
    count = 400
    many = open_field(
        rng.uniform(0, np.pi / 2, count), rng.uniform(0, 6.28, count), np.sort(rng.integers(0, 40, count)),
        rng.integers(0, 90, (count, 36)).astype(np.uint8), rng.uniform(1, 60, count),
    )  # fmt: skip
    one, two = (solar_year(many, clear_days(40), 285.0, 3.0, 200.0, threads=n) for n in (1, 2))
    for name in ("irradiation", "solar", "direct", "yield_"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


@pytest.mark.data
def test_a_year_of_a_plant_is_that_of_pvlib(reference_data, measured):
    """Uccle, 35 degrees to the south, 10 kW: Perez, Martin and Ruiz's glass, Faiman's cells, PVWatts."""
    weather = epw.read(reference_data / "weather" / "BEL_VLG_Uccle.064470_TMYx.2007-2021.epw.gz")
    times = weather["time"].values + np.timedelta64(int(30 + weather.attrs["sun_offset_min"]), "m")
    place = [weather.attrs[name] for name in ("latitude", "longitude", "altitude")]
    names = ("global_horizontal", "diffuse_horizontal", "direct_normal")
    ghi, dhi, dni = (weather[f"{name}_irradiance"].values for name in names)
    air, wind = weather["air_temperature"].values, weather["wind_speed"].values
    seen = sun_position(times, *place, air=(pvlib.atmosphere.alt2pres(place[2]), 285.15))
    light = skylight(ghi, dhi, dni, *seen, extraterrestrial(times))
    plant = open_field(np.radians([35.0]), np.radians([180.0]))
    found = solar_year(plant, light, air, wind, 10_000.0, -0.0035, pv.losses())
    ac = pv.alternating_current(found.direct[0], 10_000.0 / 1.1)

    when = pd.DatetimeIndex(times, tz="UTC")
    sun = pvlib.solarposition.get_solarposition(when, *place)
    angle = pvlib.irradiance.aoi(35, 180, sun["apparent_zenith"], sun["azimuth"]).to_numpy()
    poa = pvlib.irradiance.get_total_irradiance(
        35, 180, sun["apparent_zenith"], sun["azimuth"], dni, ghi, dhi, albedo=0.2, model="perez",
        dni_extra=pvlib.irradiance.get_extra_radiation(when.day_of_year.to_numpy()),
        airmass=pvlib.atmosphere.get_relative_airmass(sun["apparent_zenith"]),
    ).fillna(0.0)  # fmt: skip
    glass = pvlib.iam.martin_ruiz_diffuse(35, a_r=0.16)
    used = (
        poa["poa_direct"] * pvlib.iam.martin_ruiz(angle, 0.16) + poa["poa_sky_diffuse"] * glass["sky"]
        + poa["poa_ground_diffuse"] * glass["ground"]
    ).to_numpy()  # fmt: skip
    cells = pvlib.temperature.faiman(poa["poa_global"].to_numpy(), air - 273.15, wind)
    dc = pvlib.pvsystem.pvwatts_dc(used, cells, 10_000.0, -0.0035) * (1 - pvlib.pvsystem.pvwatts_losses() / 100)
    theirs = pvlib.inverter.pvwatts(dc, 10_000.0 / 1.1 / 0.96)
    error = 100 * abs(ac.sum() / theirs.sum() - 1)
    source = f"pvlib {pvlib.__version__}, PVWatts chain"
    measured(case="AC of a plant over the year of Uccle", source=source, ours=error, bar=0.5, unit="%")


def test_what_does_not_fit_is_named():
    light = clear_days(1)
    with pytest.raises(LayerError, match="ascend"):
        open_field(TILT[:2], FACING[:2], group=[1, 0])
    with pytest.raises(LayerError, match="unit vector"):
        Patches.of([[0.0, 0.0, 2.0]], [1.0], np.zeros((1, 36), np.uint8), [0], 1)
    with pytest.raises(LayerError, match="wind_speed has a gap"):
        solar_year(open_field(), light, 285.0, np.full(24, np.nan))
    with pytest.raises(LayerError, match=r"24 times, got \(3,\)"):
        solar_year(open_field(), light, np.ones(3))
    with pytest.raises(LayerError, match="lost"):
        solar_year(open_field(), light, lost=1.0)
