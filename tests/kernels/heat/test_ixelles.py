"""Four stations in Ixelles in August 2023, with their faults, beside a run: a sanity comparison of air temperature.

Nobody measured sun, wind above the roofs or long-wave there, and our tile of buildings ends north of them. So the run
takes the best sheltered station as its air, a clear sky as its sun, and a street and a lawn of usual size as its
ground; what is compared are differences between places and hours, not degrees of one place.
"""

import gzip
import io

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from kernels.contract import collect, run
from kernels.heat.forcing_models import complete
from kernels.heat.kernel import Heat
from kernels.heat.sky import clear_sky_global
from kernels.heat.sun import sun_position
from kernels.quantities import attrs

STATIONS = {3: "Usquare", 5: "cemetery", 6: "avenue Depage", 8: "ULB"}
HEATED = (3, 6, 8)
LATITUDE, LONGITUDE = 50.817, 4.385
FIRST, LAST = "2023-08-18", "2023-08-23"
SOURCE = "SPICECO (ULB, VUB), August 2023"
FAULTY_BELOW, FAULTY_ABOVE = 0.5, 45.0
"""Nobody measured frost or 45 °C in Ixelles in August 2023. [°C]"""
WIND = 2.0
"""Assumed at 10 m: the stations' own cups, between façades, show 0 to 0.5. [m s⁻¹]"""


@pytest.fixture(scope="module")
def raw(reference_data):
    """Temperatures of each station [°C], -9999 gone, faults still there."""
    found = {}
    for number in STATIONS:
        path = reference_data / "sensors" / f"ixelles_spiceco_S{number}_2023-08.csv.gz"
        text = io.BytesIO(gzip.decompress(path.read_bytes()))
        table = pd.read_csv(text, parse_dates=["timestamp"], na_values=[-9999]).set_index("timestamp")
        found[number] = table[["temperature", "relative_humidity"]]
    return found


@pytest.fixture(scope="module")
def hourly(raw):
    """Means of each hour without the readings that cannot be air. [°C]"""
    kept = {}
    for number, table in raw.items():
        warm = table["temperature"]
        kept[number] = warm[(warm > FAULTY_BELOW) & (warm <= FAULTY_ABOVE)].resample("1h").mean()
    return pd.DataFrame(kept)


def grids():
    """A street of 14 m between houses of 16 m, and a lawn with trees, 2 m cells; where to stand in each."""
    side = 130
    height, crown = np.zeros((side, side)), np.zeros((side, side))
    for south in range(4, 124, 40):
        height[south : south + 33, 4:24] = height[south : south + 33, 31:51] = 16.0
    crown[20:110:18, 80:120:12] = 8.0
    built, lawn = height > 0, np.zeros((side, side), bool)
    lawn[:, 62:] = True

    def of(roof, street, grass):
        return np.where(built, roof, np.where(lawn, grass, street))

    index = np.where(built, np.cumsum(np.ones(side, int))[None] // 27, -1).astype(np.int32)
    fields = {
        "ground_elevation": np.zeros((side, side)), "building_index": index, "building_height": height,
        "canopy_top": crown, "canopy_bottom": crown / 4, "canopy_transmissivity": np.where(crown > 0, 0.03, 1.0),
        "albedo": of(0.18, 0.12, 0.2), "emissivity": of(0.9, 0.95, 0.95),
        "thermal_conductivity": of(0.84, 0.75, 0.92), "volumetric_heat_capacity": of(1.77e6, 1.94e6, 2.26e6),
        "surface_wetness": of(0.0, 0.0, 0.5),
    }  # fmt: skip
    axis = (np.arange(side) + 0.5) * 2.0
    layers = xr.Dataset({n: (("y", "x"), v, attrs(n)) for n, v in fields.items()}, coords={"x": axis, "y": axis})
    return layers, {"street": (60, 27), "lawn": (65, 92)}


@pytest.fixture(scope="module")
def modelled(raw, hourly):
    """Air and radiant temperature of street and lawn over six clear hot days. [°C]"""
    days = slice(FIRST, LAST)
    air = hourly[5].loc[days].interpolate()
    wet = raw[5]["relative_humidity"].resample("1h").mean().loc[days].interpolate().clip(10, 100)
    times = air.index.to_numpy()
    high, azimuth = sun_position(times, LATITUDE, LONGITUDE)
    course = {
        "air_temperature": air.to_numpy() + 273.15, "relative_humidity": wet.to_numpy() / 100,
        "wind_speed": np.full(air.size, WIND), "wind_from_direction": np.full(air.size, 135.0),
        "global_horizontal_irradiance": clear_sky_global(high),
        "solar_elevation_angle": np.degrees(high), "solar_azimuth_angle": np.degrees(azimuth),
    }  # fmt: skip
    seconds = (times - times[0]) / np.timedelta64(1, "s")
    entries = {name: ("time", values, attrs(name)) for name, values in course.items()}
    forcing, _ = complete(xr.Dataset(entries, coords={"time": ("time", seconds, {"units": "s"})}), start=times[0])
    layers, places = grids()
    frames, _ = collect(run(Heat(threads=2), layers, forcing, seconds[1:]))
    found = {
        (name, place): frames[name].values[:, row, column] - 273.15
        for name in ("air_temperature", "mean_radiant_temperature")
        for place, (row, column) in places.items()
    }
    return pd.DataFrame(found, index=air.index[1:])


def test_faults_of_the_stations_are_those_their_description_names(raw):
    """Expected: the description of the data; S3 has zeros, S6 and S8 are heated by the sun beyond what air reaches."""
    zeros = {number: int((table["temperature"] <= FAULTY_BELOW).sum()) for number, table in raw.items()}
    heated = {number: int((table["temperature"] > FAULTY_ABOVE).sum()) for number, table in raw.items()}
    assert zeros == {3: 2, 5: 0, 6: 0, 8: 0}
    assert heated == {3: 0, 5: 0, 6: 112, 8: 4}
    assert raw[6]["temperature"].max() == 53.2


def test_three_shelters_are_heated_by_the_sun_and_one_is_not(hourly, measured):
    """Against the cemetery, whose days stay within what Uccle had that month; no bar, for it judges no model."""
    noon = hourly.between_time("10:00", "14:00")
    for number in HEATED:
        excess = float((noon[number] - noon[5]).mean())
        assert excess > 2.0
        measured(case=f"{STATIONS[number]} above the cemetery, 10 to 14 h UTC", source=SOURCE, ours=excess, bar=None,
                 unit="K")  # fmt: skip


def test_what_heated_shelters_read_too_much_follows_our_radiant_temperature(hourly, modelled, measured):
    """A shelter in the sun is a globe thermometer of sorts: its excess rises with radiant minus air temperature.

    Each stands in its own shade for some hours (Usquare until noon), which a lawn in the open does not, so the three
    are judged together and each is shown.
    """
    load = modelled[("mean_radiant_temperature", "lawn")] - modelled[("air_temperature", "lawn")]
    excess = hourly[list(HEATED)].sub(hourly[5], axis=0).reindex(load.index)
    for number in HEATED:
        measured(case=f"Excess of {STATIONS[number]} and radiant load of a lawn, correlation", source=SOURCE,
                 ours=excess[number].corr(load), bar=None)  # fmt: skip
    measured(case="Mean excess of the three and radiant load of a lawn, correlation", source=SOURCE,
             ours=excess.mean(axis=1).corr(load), bar=0.5, at_least=True)  # fmt: skip


def test_nights_differ_between_places_by_as_much_as_they_do_in_ixelles(hourly, modelled, measured):
    """At night no sun heats a shelter, so differences are of air: a kelvin or two, and so must ours be."""
    dark = hourly.loc[FIRST:LAST].between_time("00:00", "03:00")
    seen = float((dark.max(axis=1) - dark.min(axis=1)).mean())
    night = modelled["air_temperature"].between_time("00:00", "03:00")
    ours = float((night["street"] - night["lawn"]).mean())
    assert ours > -0.2
    measured(case="Spread of air over four stations at night", source=SOURCE, ours=seen, bar=None, unit="K")
    measured(case="Street above lawn at night, less the spread of the stations", source=SOURCE,
             ours=abs(ours - seen), bar=2.0, unit="K")  # fmt: skip


def test_the_air_of_a_street_stays_near_that_of_the_weather(hourly, modelled, measured):
    """A perturbation of the weather's air, by day at most a few kelvin (Oke 1987: 1 to 3 in the street by day)."""
    gap = modelled[("air_temperature", "street")] - hourly[5].reindex(modelled.index)
    measured(case="Air of a street off the station's, largest hour", source="Oke 1987", ours=float(gap.abs().max()),
             bar=5.0, unit="K")  # fmt: skip
