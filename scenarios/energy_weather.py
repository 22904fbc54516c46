"""What drives a district's energy: the hours of a weather, the clock on the wall, and prices."""

from datetime import datetime
from typing import Any

import numpy as np
import xarray as xr

from kernels.heat.sky import diffuse_fraction
from kernels.quantities import attrs
from scenarios.problem import ScenarioError
from scenarios.tariffs import Tariffs, local_middles, tariff_courses
from scenarios.weather import Weather, weather_at
from scenarios.weather_courses import PLACE, times_of
from twin.city import City
from twin.place import place_of
from twin.sunlight import LOW_SUN, beyond_the_air

HOUR = 3600.0
"""[s]"""
LONGEST_GAP = 3
"""A gap of so many hours is filled straight from its two sides, and counted; a longer one is refused. [h]"""
_GLOBAL, _DIFFUSE, _DIRECT, _SKY = (
    "global_horizontal_irradiance",
    "diffuse_horizontal_irradiance",
    "direct_normal_irradiance",
    "downwelling_longwave_irradiance",
)


def energy_forcing(
    weather: Weather, start: datetime, duration_s: float, city: City, tariffs: Tariffs | None = None
) -> tuple[xr.Dataset, dict[str, Any]]:
    """The hours that drive the kernel of energy.

    Parameters
    ----------
    weather : HeatDay, TypicalYear, SyntheticYear, MeasuredWeather or SteadyWeather
    start : datetime
        Of the period, UTC.
    duration_s : float
        An hour that is begun is whole.
    city : City
        Whose middle is the place of the sun.
    tariffs : Tariffs, optional
        Prices of the table where not given.

    Returns
    -------
    forcing : xarray.Dataset
        Along ``time`` = 0, 3600, ... [s since the start]; an entry holds for the hour that begins with it. Air, wind
        and light are those of the middle of the hour, with the sun where it stands then, its azimuth from grid north.
        ``downwelling_longwave_irradiance`` is there only where the weather has it.
    told : dict
        What was filled or modelled: counts, or words.

    Raises
    ------
    ScenarioError
        As `scenarios.weather.weather_at` and `scenarios.tariffs.tariff_courses`; or a gap longer than `LONGEST_GAP`.
    """
    hours = int(np.ceil(duration_s / HOUR * (1 - 1e-12)))
    middle = (np.arange(hours) + 0.5) * HOUR
    found = weather_at(weather, start, middle.tolist(), place_of(city))
    told: dict[str, Any] = {}
    elevation = np.radians(found["solar_elevation_angle"].values)
    outside = beyond_the_air(times_of(start, middle.tolist()))
    columns = {name: _filled(name, found[name].values, start, told) for name in ("air_temperature", "wind_speed")}
    if _SKY in found and np.isfinite(found[_SKY].values).any():
        columns[_SKY] = _filled(_SKY, found[_SKY].values, start, told)
    columns |= _light(found, elevation, outside, start, told)
    columns |= {name: found[name].values for name in ("solar_elevation_angle", "solar_azimuth_angle")}
    clock = local_middles(start, hours)
    columns["week_hour"] = np.array([one.weekday() * 24 + one.hour for one in clock])
    columns["local_month"] = np.array([one.month - 1 for one in clock])
    prices = tariff_courses(tariffs, start, hours)
    columns |= {"buy_price": prices.buy, "sell_price": prices.sell, "fuel_price": prices.fuel}
    dataset = xr.Dataset(
        {name: ("time", values, attrs(name)) for name, values in columns.items()},
        coords={"time": ("time", np.arange(hours) * HOUR, {"units": "s", "long_name": "Start of the hour"})},
    )
    return dataset, told


def _light(
    found: xr.Dataset, elevation: np.ndarray, outside: np.ndarray, start: datetime, told: dict[str, Any]
) -> dict[str, np.ndarray]:
    """Global, diffuse and direct light without gaps; the clearness of the sky is what is filled, not watts. [W m⁻²]"""
    sine = np.sin(np.maximum(elevation, 0.0))
    up = sine > 0
    top = np.where(up, outside * sine, 1.0)
    clear = np.where(up, found[_GLOBAL].values / top, 0.0)
    whole = np.where(up, _filled(_GLOBAL, clear, start, told) * top, 0.0)
    if _DIFFUSE in found:
        known = np.nan_to_num(found[_GLOBAL].values) > 0
        share = np.where(known, found[_DIFFUSE].values / np.where(known, found[_GLOBAL].values, 1.0), 1.0)
        share = np.where(np.isfinite(found[_GLOBAL].values), share, np.nan)
        part = np.clip(_filled(_DIFFUSE, share, start, told), 0.0, 1.0)
    else:
        part = diffuse_fraction(whole, elevation, "erbs", outside)
        told[_DIFFUSE] = "modelled: Erbs"
    # the beam of a sun this low is too uncertain to be divided by its sine: all light comes from the sky
    part = np.where(elevation > LOW_SUN, part, 1.0)
    direct = np.minimum(np.where(up, (1 - part) * whole / np.maximum(sine, 1e-6), 0.0), outside)
    return {_GLOBAL: whole, _DIFFUSE: whole - direct * sine, _DIRECT: direct}


def _filled(name: str, values: np.ndarray, start: datetime, told: dict[str, Any]) -> np.ndarray:
    """A course whose short gaps are straight lines; what was filled is counted."""
    values = np.asarray(values, np.float64)
    lacking = ~np.isfinite(values)
    if not lacking.any():
        return values
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lacking, [False]])))
    begins, ends = edges[::2], edges[1::2]
    longest = int(np.argmax(ends - begins))
    if ends[longest] - begins[longest] > LONGEST_GAP or lacking.all():
        hour = times_of(start, [float(begins[longest]) * HOUR])[0]
        raise ScenarioError(
            f"{name} is missing for {ends[longest] - begins[longest]} hours from {str(hour)[:16]} (UTC); gaps of up to "
            f"{LONGEST_GAP} hours are filled, fill this one from a neighbour or take another period",
            PLACE,
        )
    told[f"hours filled: {name}"] = int(lacking.sum())
    at = np.arange(values.size)
    return np.interp(at, at[~lacking], values[~lacking])
